"""The language and the colours of every page."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from foundation.database import db
from schools.models import Person

Browser = Callable[[Person], FlaskClient]


@pytest.mark.parametrize(
    ("asked", "html"),
    [
        ("", "zh-CN"),
        ("zh-TW,zh;q=0.9", "zh-CN"),
        ("en-GB,en;q=0.9,zh;q=0.5", "en"),
        ("zh-CN,en;q=0.9", "zh-CN"),
        ("fr,de", "zh-CN"),
        ("fr,en;q=0.3", "en"),
    ],
)
def test_the_browser_is_asked_when_nobody_has_chosen(client: FlaskClient, asked: str, html: str) -> None:
    assert f'<html lang="{html}"' in client.get("/help", headers={"Accept-Language": asked}).text


def test_a_choice_sticks_in_the_browser(client: FlaskClient) -> None:
    answer = client.post("/language", data={"language": "en", "next": "/help"})
    assert answer.headers["Location"] == "/help"
    page = client.get("/help", headers={"Accept-Language": "zh-CN"}).text
    assert '<html lang="en"' in page
    assert "Skip to the content" in page


def test_a_choice_follows_the_person_to_another_browser(person: Person, signed_in: Browser) -> None:
    signed_in(person).post("/language", data={"language": "en"})
    assert '<html lang="en"' in signed_in(person).get("/", headers={"Accept-Language": "zh-CN"}).text
    db.session.refresh(person)
    assert person.language == "en"


def test_the_persons_choice_counts_more_than_the_browsers(person: Person, signed_in: Browser) -> None:
    browser = signed_in(person)
    browser.set_cookie("language", "en")
    person.language = "zh_Hans"
    assert '<html lang="zh-CN"' in browser.get("/").text


def test_colours_stick_and_can_follow_the_system_again(person: Person, signed_in: Browser) -> None:
    browser = signed_in(person)
    assert "data-bs-theme" not in browser.get("/").text
    browser.post("/theme", data={"theme": "dark"})
    assert 'data-bs-theme="dark"' in browser.get("/").text
    assert 'data-bs-theme="dark"' in signed_in(person).get("/").text
    browser.post("/theme", data={"theme": ""})
    assert "data-bs-theme" not in browser.get("/").text


def test_colours_stick_without_signing_in(client: FlaskClient) -> None:
    client.post("/theme", data={"theme": "dark"})
    assert 'data-bs-theme="dark"' in client.get("/help").text


@pytest.mark.parametrize("address", ["/language", "/theme"])
def test_an_unknown_choice_is_refused(client: FlaskClient, address: str) -> None:
    assert client.post(address, data={"language": "tlh", "theme": "pink"}).status_code == 422


@pytest.mark.parametrize("away", ["https://example.org/", "//example.org", "/\\example.org", "javascript:alert(1)"])
def test_a_choice_sends_nobody_to_another_site(client: FlaskClient, away: str) -> None:
    assert client.post("/language", data={"language": "en", "next": away}).headers["Location"] == "/"
