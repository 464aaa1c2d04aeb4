"""Refusals and errors, in plain words and with a way on."""

import logging
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from foundation import allow
from foundation.errors import Conflict, Invalid, NotAllowed, SignedOut, TooMany
from schools.models import Person
from tests.factories import make_group, make_plan
from web.errors import refusal_as_dict

ENGLISH = {"Accept-Language": "en"}
JSON = {"Accept": "application/json"}

WAYS: dict[str, Callable[[], Exception]] = {
    "not-allowed": lambda: NotAllowed("只有备课组长可以定稿。"),
    "conflict": lambda: Conflict("有人刚刚改过。"),
    "invalid": lambda: Invalid(title="请写课题。"),
    "too-many": lambda: TooMany("请过 3 分钟再试。", 180),
    "signed-out": SignedOut,
    "failure": lambda: RuntimeError("a secret detail"),
}


@pytest.fixture
def refusing(app: Flask) -> FlaskClient:
    """A browser on a site with pages that refuse or fail: /refuse/<way>."""

    def refuse(way: str) -> str:
        raise WAYS[way]()

    app.add_url_rule("/refuse/<way>", "refuse", allow.anyone(refuse), methods=["GET", "POST"])
    return app.test_client()


@pytest.mark.parametrize(
    ("way", "status", "words"),
    [
        ("not-allowed", 403, "只有备课组长可以定稿。"),
        ("conflict", 409, "有人刚刚改过。"),
        ("invalid", 422, "请写课题。"),
        ("too-many", 429, "请过 3 分钟再试。"),
    ],
)
def test_a_refusal_says_why_and_offers_a_way_on(refusing: FlaskClient, way: str, status: int, words: str) -> None:
    page = refusing.get(f"/refuse/{way}")
    assert page.status_code == status
    assert words in page.text
    assert "回到首页" in page.text


def test_programs_are_refused_in_json(refusing: FlaskClient) -> None:
    answer = refusing.get("/refuse/invalid", headers=JSON)
    assert answer.status_code == 422
    assert answer.json == {"error": "invalid", "message": "请写课题。", "fields": {"title": "请写课题。"}}


def test_when_to_come_back_is_said_to_programs_too(refusing: FlaskClient) -> None:
    assert refusing.get("/refuse/too-many").headers["Retry-After"] == "180"
    assert refusing.get("/refuse/too-many", headers=JSON).json == {
        "error": "too_many",
        "message": "请过 3 分钟再试。",
        "seconds": 180,
    }


def test_sockets_hear_the_same(app: Flask) -> None:
    assert refusal_as_dict(NotAllowed("不行。")) == {"error": "not_allowed", "message": "不行。"}


def test_who_must_sign_in_first_comes_back_to_the_page(refusing: FlaskClient) -> None:
    answer = refusing.get("/refuse/signed-out?a=1")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/sign-in?next=/refuse/signed-out?a%3D1"


def test_a_form_sent_after_the_sign_in_ended_leads_to_signing_in(refusing: FlaskClient) -> None:
    page = refusing.post("/refuse/signed-out")
    assert page.status_code == 401
    assert "请先登录" in page.text
    assert 'href="/sign-in"' in page.text


@pytest.mark.parametrize(
    ("headers", "words"), [({}, "没有找到，或者您无权查看。"), (ENGLISH, "Not found, or not yours to see.")]
)
def test_a_missing_page_is_said_in_both_languages(client: FlaskClient, headers: dict[str, str], words: str) -> None:
    page = client.get("/nowhere", headers=headers)
    assert page.status_code == 404
    assert words in page.text


def test_the_forbidden_looks_like_the_missing(person: Person, signed_in: Callable[[Person], FlaskClient]) -> None:
    plan = make_plan(title="别人的教案")
    browser = signed_in(person)
    forbidden, missing = browser.get(f"/plans/{plan.code}"), browser.get("/plans/nosuchplan")
    assert (forbidden.status_code, missing.status_code) == (404, 404)
    assert _without_tokens(forbidden.text).replace(plan.code, "nosuchplan") == _without_tokens(missing.text)


def _without_tokens(page: str) -> str:
    """A page without its tokens against forged forms, which carry the second they were made in."""
    return re.sub(r'(?<=name="csrf-token" content=")[^"]+|(?<=name="csrf_token" value=")[^"]+', "", page)


def test_a_page_that_only_takes_forms_says_so(client: FlaskClient) -> None:
    page = client.get("/language")
    assert page.status_code == 405
    assert "请从页面上的按钮进入。" in page.text


def test_a_forged_or_stale_form_is_refused_in_words(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    page = app.test_client().post("/language", data={"language": "en"}, headers=ENGLISH)
    assert page.status_code == 400
    assert "reload the page and try again" in page.text


def test_a_file_that_is_too_large_is_refused_in_words(
    app: Flask, person: Person, signed_in: Callable[[Person], FlaskClient]
) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 1000
    page = signed_in(person).post("/plans/import", data={"place": "x" * 2000})
    assert page.status_code == 413
    assert "没有保存" in page.text


@pytest.mark.parametrize("headers", [{}, JSON])
def test_a_failure_gives_a_number_and_no_detail(
    refusing: FlaskClient, caplog: pytest.LogCaptureFixture, headers: dict[str, str]
) -> None:
    with caplog.at_level(logging.INFO):
        answer = refusing.get("/refuse/failure", headers=headers)
    assert answer.status_code == 500
    assert "已经保存的内容不受影响" in (answer.json or {}).get("message", answer.text)
    assert answer.headers["X-Request-ID"] in answer.text
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert "a secret detail" in caplog.text


def test_even_without_built_files_a_failure_is_said(
    refusing: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    make_group()
    monkeypatch.setitem(app.jinja_env.globals, "asset", lambda name: 1 / 0)
    with caplog.at_level(logging.CRITICAL):
        answer = refusing.get("/help")
    assert answer.status_code == 500
    assert answer.headers["X-Request-ID"] in answer.text
    assert "Something went wrong on our side" in answer.text
