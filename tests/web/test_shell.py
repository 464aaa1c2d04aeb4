"""What is around every page: headers, built files, the frame."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from foundation.config import ROOT
from foundation.database import db
from library.storage.s3 import Bucket, S3FileStore
from schools.models import Person
from tests.factories import make_campus, make_group, make_person
from web.shell import Assets, NotBuilt

OPEN_PAGES = ("/", "/help", "/sign-in", "/nowhere", "/favicon.svg", "/healthz")
ICON = re.compile(r"\b(?:icon|picture)(?:\(|=)\s*[\"']([a-z0-9-]+)[\"']")


@pytest.mark.parametrize("address", OPEN_PAGES)
def test_every_answer_forbids_scripts_and_frames_from_elsewhere(client: FlaskClient, address: str) -> None:
    headers = client.get(address).headers
    policy = dict(rule.strip().partition(" ")[::2] for rule in headers["Content-Security-Policy"].split(";"))
    assert policy["script-src"] == "'self'"
    assert policy["style-src-elem"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["object-src"] == "'none'"
    assert policy["base-uri"] == "'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_files_of_a_bucket_may_come_from_there_and_nothing_else(app: Flask, client: FlaskClient) -> None:
    app.extensions["library.store"] = S3FileStore(
        Bucket("tongke", "https://s3.example.cn", "key", "secret", in_host=True)
    )
    policy = dict(
        rule.strip().partition(" ")[::2] for rule in client.get("/help").headers["Content-Security-Policy"].split(";")
    )
    for kind in ("img-src", "media-src", "connect-src"):
        assert policy[kind].split()[-1] == "https://tongke.s3.example.cn"
    assert policy["script-src"] == "'self'"


def test_a_strange_host_does_not_reach_the_policy(client: FlaskClient) -> None:
    policy = client.get("/help", headers={"Host": "x'; script-src *"}).headers["Content-Security-Policy"]
    assert "script-src *" not in policy


def test_no_page_has_a_script_or_a_style_of_its_own(
    client: FlaskClient, person: Person, signed_in: Callable[[Person], FlaskClient]
) -> None:
    for page in (client.get("/help"), client.get("/nowhere"), signed_in(person).get("/")):
        assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", page.text)
        assert "<style" not in page.text
        assert not re.search(r"\son\w+=", page.text)


def test_pages_are_not_kept_by_browsers_and_proxies(person: Person, signed_in: Callable[[Person], FlaskClient]) -> None:
    assert signed_in(person).get("/").headers["Cache-Control"] == "private, no-store"


def _style_sheet(client: FlaskClient) -> str:
    found = re.search(r'<link rel="stylesheet" href="([^"]+)"', client.get("/help").text)
    assert found
    return found[1]


def _closed(answer: TestResponse) -> TestResponse:
    """A file that was sent, read to its end."""
    assert answer.data
    answer.close()
    return answer


def test_built_files_are_kept_for_a_year(client: FlaskClient) -> None:
    answer = _closed(client.get(_style_sheet(client)))
    assert answer.status_code == 200
    assert answer.mimetype == "text/css"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(("accepted", "encoding"), [("gzip, br", "br"), ("gzip", "gzip"), ("identity", None)])
def test_built_files_are_sent_compressed_to_who_takes_it(
    client: FlaskClient, accepted: str, encoding: str | None
) -> None:
    answer = _closed(client.get(_style_sheet(client), headers={"Accept-Encoding": accepted}))
    assert answer.headers.get("Content-Encoding") == encoding
    assert answer.mimetype == "text/css"
    assert "Accept-Encoding" in answer.headers["Vary"]


def test_a_file_that_was_not_built_is_not_kept(client: FlaskClient) -> None:
    answer = client.get("/static/dist/assets/gone-12345678.js")
    assert answer.status_code == 404
    assert "immutable" not in answer.headers.get("Cache-Control", "")


def test_what_was_not_built_is_said_so(app: Flask, tmp_path: Path) -> None:
    with pytest.raises(NotBuilt, match="make build"):
        Assets(tmp_path).url("shared/page.ts")
    (tmp_path / "manifest.json").write_text("{}")
    with app.test_request_context(), pytest.raises(NotBuilt, match=r"lessons/new\.ts"):
        Assets(tmp_path).url("lessons/new.ts")


def test_every_icon_in_use_is_in_the_sprite(client: FlaskClient) -> None:
    found = re.search(r'href="([^"#]+)#language"', client.get("/help").text)
    assert found
    sprite = _closed(client.get(found[1])).text
    sources = [*(ROOT / "platform").rglob("*.html"), *(ROOT / "platform").rglob("*.py")]
    sources += (ROOT / "static/src").rglob("*.ts")
    used = {name for source in sources for name in ICON.findall(source.read_text(encoding="utf-8"))}
    assert used
    assert {name for name in used if f'id="{name}"' not in sprite} == set()


def test_the_frame_says_where_somebody_works(signed_in: Callable[[Person], FlaskClient]) -> None:
    group = make_group("罗溪片区")
    person = make_person(make_campus(group, "丹江路校区"), "王秀兰")
    page = signed_in(person).get("/").text
    assert "罗溪片区 · 丹江路校区" in page
    assert "王秀兰" in page


def test_nothing_in_the_frame_leads_nowhere(person: Person, signed_in: Callable[[Person], FlaskClient]) -> None:
    browser = signed_in(person)
    addresses = set(re.findall(r'href="(/[^"#]*)', browser.get("/").text))
    assert addresses
    answers = {address: browser.get(address) for address in addresses}
    for answer in answers.values():
        answer.close()
    assert {address: answer.status_code for address, answer in answers.items()} == dict.fromkeys(addresses, 200)


def test_an_empty_installation_begins_with_its_two_doors(client: FlaskClient) -> None:
    assert client.get("/").headers["Location"] == "/welcome"


def test_who_is_not_signed_in_is_led_to_the_sign_in_page(client: FlaskClient) -> None:
    make_group()
    assert client.get("/").headers["Location"] == "/sign-in"


def test_the_demo_can_be_made_once(client: FlaskClient) -> None:
    page = client.post("/welcome/demo")
    assert page.status_code == 200
    found = re.search(
        r'name="login" value="([^"]+)">\s*<input type="hidden" name="password" value="([^"]+)"', page.text
    )
    assert found
    assert client.post("/sign-in", data={"login": found[1], "password": found[2]}).headers["Location"] == "/"
    assert client.get("/").status_code == 200
    people = db.session.query(Person).count()
    assert client.post("/welcome/demo").status_code in (302, 303)
    assert db.session.query(Person).count() == people
