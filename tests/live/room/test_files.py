"""The pack and the files of a lesson: for whoever is in the room, kept by browsers, and never more than a file."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from foundation.clock import now, today
from foundation.database import db, writing
from library.models import Resource
from live.models import LiveSession, SessionState
from tests.factories import make_person, make_resource
from tests.live.lessons import make_lesson, run_sheet

PICTURE, FILM = b"\x89PNG" + bytes(range(200)), bytes(range(256)) * 8


@pytest.fixture
def lesson(app: Flask) -> LiveSession:
    """A lesson that begins now, with a picture and a film on its run-sheet."""
    app.config["WTF_CSRF_ENABLED"] = False
    lead, helper = make_person(), make_person()
    picture = make_resource(lead, name="四分之一.png", data=PICTURE)
    film = make_resource(lead, name="折纸.mp4", data=FILM)
    sheet = run_sheet()
    sheet["steps"][0]["files"] = [_on_the_sheet(picture, "image"), _on_the_sheet(film, "video")]
    lesson = make_lesson(lead, helper.postings[0].campus, helper=helper, state=SessionState.SETTLED, run_sheet=sheet)
    with writing():
        db.session.commit()
        lesson.code = "filesfiles"
        lesson.day, lesson.starts_at, lesson.ends_at = today(), now(), now() + timedelta(minutes=40)
        lesson.classrooms[1].entry_code = "135790"
        db.session.commit()
    return lesson


def _on_the_sheet(resource: Resource, kind: str) -> dict[str, Any]:
    return {"resource": resource.code, "version": 1, "name": resource.title, "kind": kind, "pages": 0}


def wall(app: Flask) -> FlaskClient:
    browser = app.test_client()
    assert browser.post("/live/enter", data={"digits": "135790"}).status_code == 303
    return browser


def fetched(browser: FlaskClient, address: str, **headers: str) -> Any:
    """What is found there, films by way of the store."""
    answer = browser.get(
        address, headers={name.replace("_", "-"): value for name, value in headers.items()}, buffered=True
    )
    return fetched(browser, answer.location, **headers) if answer.status_code == 302 else answer


def test_the_pack_is_for_those_in_the_room_and_each_of_it_can_be_fetched(
    app: Flask, lesson: LiveSession, signed_in: Any
) -> None:
    lead, helper = lesson.lead, lesson.classrooms[1].helper
    browsers = [wall(app), signed_in(lead), signed_in(helper)]
    for browser in browsers:
        files = browser.get("/live/filesfiles/pack").get_json()["files"]
        assert [(each["page"], each["bytes"]) for each in files] == [(1, None), (0, len(FILM))]
        answers = [fetched(browser, each["url"]) for each in files]
        assert [answer.data for answer in answers] == [PICTURE, FILM]
        assert {answer.headers["X-Content-Type-Options"] for answer in answers} == {"nosniff"}
    addresses = ["/live/filesfiles/pack", *(each["url"] for each in files)]
    for browser in (app.test_client(), signed_in(make_person())):
        assert [browser.get(address).status_code for address in addresses] == [404, 404, 404]


def test_a_file_that_is_not_on_the_run_sheet_is_none(app: Flask, lesson: LiveSession, signed_in: Any) -> None:
    private = make_resource(lesson.lead, name="成绩.png", data=PICTURE)
    code = private.code
    listed = wall(app).get("/live/filesfiles/pack").get_json()["files"][0]
    for path in (f"{code}/1/1", f"{listed['resource']}/2/1", f"{code}/1/0", "../1/1"):
        assert wall(app).get(f"/live/filesfiles/file/{path}").status_code == 404, path


def test_browsers_keep_pictures_for_good_and_ask_for_parts_of_films(app: Flask, lesson: LiveSession) -> None:
    browser = wall(app)
    picture, film = browser.get("/live/filesfiles/pack").get_json()["files"]
    first = fetched(browser, picture["url"])
    assert (first.mimetype, "immutable" in first.headers["Cache-Control"]) == ("image/png", True)
    assert "private" in first.headers["Cache-Control"]
    again = fetched(browser, picture["url"], If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    part = fetched(browser, film["url"], Range="bytes=100-199")
    assert (part.status_code, part.data, part.mimetype) == (206, FILM[100:200], "video/mp4")
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(FILM)}"
    assert part.headers["X-Content-Type-Options"] == "nosniff"
    beyond = fetched(browser, film["url"], Range="bytes=999999-")
    assert beyond.status_code == 416
