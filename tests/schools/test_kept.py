"""A form that was sent after the sign-in had ended: carried through signing in, and offered to be sent once more."""

import html
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select
from werkzeug.test import TestResponse

from foundation.database import db
from lessons.models import Plan
from schools.models import Person, SignIn
from tests.factories import PASSWORD, make_person, make_subject

Browser = Callable[[Person], FlaskClient]
OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def wang(app: Flask) -> Person:
    return make_person(name="王秀英", staff_number="1001", password=PASSWORD)


def where_of(person: Person) -> dict[str, str]:
    campus = person.postings[0].campus
    place = f"{campus.memberships[0].group_id}-{campus.id}"
    return {"place": place, "visibility": "personal", "subject": str(make_subject().id)}


def hidden(page: TestResponse) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text)
    return {name: html.unescape(value) for name, value in found}


def test_what_was_typed_is_offered_after_signing_in(app: Flask, wang: Person, signed_in: Browser) -> None:
    client = signed_in(wang)
    db.session.execute(delete(SignIn))
    asked = client.post("/plans/new", data={"title": "赵州桥“一问”", **where_of(wang)}, headers=OURS)
    assert (asked.status_code, "刚才填写的内容还在" in asked.text) == (401, True)
    carried = {"login": "1001", "kept": hidden(asked)["kept"]}
    wrong = client.post("/sign-in", data={**carried, "password": "不对"})
    assert hidden(wrong)["kept"] == carried["kept"]
    offered = client.post("/sign-in", data={**carried, "password": PASSWORD})
    assert 'action="/plans/new"' in offered.text
    assert hidden(offered)["title"] == "赵州桥“一问”"
    assert db.session.scalar(select(Plan.id)) is None
    client.post("/plans/new", data=hidden(offered))
    assert db.session.scalars(select(Plan.title)).all() == ["赵州桥“一问”"]


def test_a_form_that_lay_too_long_is_offered_at_once(app: Flask, wang: Person, signed_in: Browser) -> None:
    client = signed_in(wang)
    app.config["WTF_CSRF_ENABLED"] = True
    offered = client.post("/plans/new", data={"title": "放了很久\n的一页", "csrf_token": "old"}, headers=OURS)
    assert (offered.status_code, 'action="/plans/new"' in offered.text) == (400, True)
    assert "放了很久\n的一页</textarea>" in offered.text
    sent = {**hidden(offered), **where_of(wang), "title": "放了很久的一页"}
    assert sent["csrf_token"] != "old"
    assert client.post("/plans/new", data=sent).status_code == 303


@pytest.mark.parametrize("headers", [{}, {"Origin": "https://example.com"}, {"Sec-Fetch-Site": "cross-site"}])
def test_a_form_from_elsewhere_is_not_offered(
    app: Flask, wang: Person, signed_in: Browser, headers: dict[str, str]
) -> None:
    client = signed_in(wang)
    app.config["WTF_CSRF_ENABLED"] = True
    answer = client.post("/plans/new", data={"title": "别处来的"}, headers=headers)
    assert (answer.status_code, "别处来的" in answer.text) == (400, False)
    stranger = app.test_client().post("/plans/new", data={"title": "别处来的"}, headers=headers)
    assert "别处来的" not in html.unescape(stranger.text)


def test_older_browsers_say_where_a_form_comes_from(app: Flask, wang: Person) -> None:
    answer = app.test_client().post("/plans/new", data={"title": "旧浏览器"}, headers={"Origin": "http://localhost"})
    assert "旧浏览器" in hidden(answer)["kept"]


def test_passwords_and_what_is_too_large_are_not_carried(app: Flask, wang: Person) -> None:
    client = app.test_client()
    sent = {"present_password": PASSWORD, "new_password": "x", "new_password_again": "x"}
    for path, data in (("/account/password", sent), ("/plans/new", {"title": "长" * 80_000})):
        answer = client.post(path, data=data, headers=OURS)
        assert (answer.status_code, "kept" in hidden(answer)) == (401, False)


@pytest.mark.parametrize("kept", ["", "{", "[]", '["//example.com", [["a", "b"]]]', '["/plans/new", 7]'])
def test_a_carried_form_that_was_tampered_with_is_dropped(app: Flask, wang: Person, kept: str) -> None:
    answer = app.test_client().post("/sign-in", data={"login": "1001", "password": PASSWORD, "kept": kept})
    assert (answer.status_code, answer.location) == (303, "/")
