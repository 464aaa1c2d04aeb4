"""The doors of a room: six digits, and pages by role that say no more than the role may know."""

import json
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from foundation.clock import now, today, travel_to
from foundation.database import db, writing
from live.models import DeviceCheck, LiveSession, SessionState
from live.room import entry, queries
from live.room.entry import FAILURES_OF_ADDRESS
from schools.models import Person, Room
from tests.factories import make_person
from tests.lessons.coediting.served import cookie_of
from tests.live.lessons import make_lesson, run_sheet


@pytest.fixture
def helper(app: Flask) -> Person:
    return make_person(name="李助教")


@pytest.fixture
def session(helper: Person) -> LiveSession:
    """A lesson in an hour, with a secret of the teachers and notes for each campus in its run-sheet."""
    sheet = run_sheet()
    lead = make_person(name="王主讲")
    session = make_lesson(lead, helper.postings[0].campus, helper=helper, state=SessionState.SETTLED)
    here, there = (each.campus.code for each in session.classrooms)
    sheet["steps"][0] |= {
        "teacher": "先别说答案",
        "pupils": "折一折",
        "notes": {here: "本部用长纸条", there: "分校用短纸条"},
    }
    with writing():
        db.session.commit()
        session.run_sheet = sheet
        session.day, session.starts_at = today(), now() + timedelta(minutes=60)
        session.ends_at = now() + timedelta(minutes=100)
        session.classrooms[1].entry_code = "246810"
        db.session.commit()
    return session


def enter(browser: FlaskClient, digits: str) -> Any:
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', browser.get("/live/enter").text)
    assert token
    return browser.post("/live/enter", data={"digits": digits, "csrf_token": token[1]})


def config(page: Any) -> dict[str, Any]:
    found = re.search(r'id="room-config">(.*?)</script>', page.text, re.DOTALL)
    assert found, page.text
    read: dict[str, Any] = json.loads(found[1])
    return read


def soon(session: LiveSession) -> datetime:
    return session.starts_at - timedelta(minutes=5)


def test_the_screen_of_a_classroom_comes_in_ten_minutes_before_the_lesson(app: Flask, session: LiveSession) -> None:
    browser = app.test_client()
    early = enter(browser, "246810")
    assert early.status_code == 422
    assert "还没到时间" in early.text
    assert browser.get("/live/screen").location == "/live/enter"
    with travel_to(soon(session)):
        assert enter(browser, "246 810").location == "/live/screen"
        told = config(browser.get("/live/screen"))
    assert (told["me"]["role"], told["me"]["person"], told["pupils"]) == ("pupil", None, [])
    step = told["run_sheet"]["steps"][0]
    assert (step["pupils"], step["notes"], "teacher" in step) == ("折一折", {}, False)
    with travel_to(session.starts_at + timedelta(days=1)):
        assert browser.get("/live/screen").location == "/live/enter"


def test_digits_are_not_guessed(app: Flask, session: LiveSession) -> None:
    browser = app.test_client()
    assert "没有这个教室码" in enter(browser, "111111").text
    with travel_to(soon(session)):
        for number in range(FAILURES_OF_ADDRESS):
            enter(browser, f"{200_000 + number}")
        refused = enter(browser, "246810")
    assert refused.status_code == 429
    assert "教室码试得太多了" in refused.text


def test_who_comes_is_known_while_the_request_holds_the_right_to_write(
    app: Flask, session: LiveSession, helper: Person, signed_in: Any
) -> None:
    code, cookie = session.code, cookie_of(signed_in(helper))
    with app.test_request_context(method="POST", headers={"Cookie": cookie}), writing():
        db.session.execute(update(Person).where(Person.id == helper.id).values(name="李老师"))
        (proof,) = entry.proofs_here()
        assert queries.seen_by(code, [proof])[1].role == "helper"


def test_each_role_has_a_page_of_its_own_and_strangers_have_none(
    session: LiveSession, helper: Person, signed_in: Any
) -> None:
    code, lead = session.code, session.lead
    with travel_to(soon(session)):
        of_lead = config(signed_in(lead).get(f"/live/{code}/room"))
        of_helper = config(signed_in(helper).get(f"/live/{code}/room"))
        assert signed_in(make_person()).get(f"/live/{code}/room").status_code == 404
    assert (of_lead["me"]["role"], len(of_lead["run_sheet"]["steps"][0]["notes"])) == ("lead", 2)
    assert list(of_helper["run_sheet"]["steps"][0]["notes"].values()) == ["分校用短纸条"]
    assert of_helper["run_sheet"]["steps"][0]["teacher"] == "先别说答案"


def test_what_a_classroom_measures_while_it_waits_is_kept_for_its_room(app: Flask, session: LiveSession) -> None:
    room = Room(campus_id=session.classrooms[1].campus_id, name="录播教室")
    with writing():
        db.session.commit()
        db.session.add(room)
        session.classrooms[1].room = room
        db.session.commit()
    browser, stranger = app.test_client(), app.test_client()
    with travel_to(soon(session)):
        enter(browser, "246810")
        sent = {
            "measured": {"socket": True, "rtt": 20, "down": 9, "up": 9, "camera": "ok", "microphone": "ok"},
            "screen": True,
        }
        judged = browser.post(f"/live/{session.code}/check", json=sent).json
        assert judged is not None
        assert (judged["level"], judged["kept"]) == (4, True)
        assert browser.get("/live/check/echo").json
        assert stranger.get("/live/check/echo").status_code == 404
        assert stranger.post(f"/live/{session.code}/check", json=sent).status_code == 404
    assert [(check.room_id, check.by_id) for check in db.session.query(DeviceCheck)] == [(room.id, None)]
