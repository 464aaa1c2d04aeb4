"""网络和设备检测: what the server makes of measurements, who may keep and read them."""

from collections.abc import Callable
from dataclasses import asdict, replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from foundation.database import db
from live.models import DeviceCheck
from live.room.checking import Measured, findings, latest_checks, level_of, verdict
from schools.models import Campus, Person, Room
from tests.factories import make_campus, make_person

SignedIn = Callable[[Person], FlaskClient]

GOOD = Measured(
    socket=True,
    rtt=20,
    jitter=3,
    down=40,
    up=20,
    relay="ok",
    camera="ok",
    cameras=2,
    microphone="ok",
    speaker="heard",
    clock=12,
    browser="Chrome 120",
    chromium=120,
    width=1920,
    height=1080,
)


def make_room(campus: Campus, name: str = "录播教室") -> Room:
    """A room of `campus`."""
    room = Room(campus_id=campus.id, name=name)
    db.session.add(room)
    db.session.commit()
    return room


@pytest.mark.parametrize(
    ("changed", "level"),
    [
        ({}, 4),
        ({"up": 0.8}, 3),
        ({"camera": "missing"}, 3),
        ({"microphone": "refused"}, 2),
        ({"down": 0.5, "up": 0.2}, 2),
        ({"rtt": 2000.0}, 1),
        ({"rtt": None, "down": None, "up": None}, 1),
        ({"chromium": 70}, 1),
        ({"chromium": 0}, 4),
        ({"socket": False}, 0),
    ],
)
def test_the_level_says_how_a_lesson_can_be_held(changed: dict[str, object], level: int) -> None:
    assert level_of(replace(GOOD, **changed)) == level  # type: ignore[arg-type]


def test_the_verdict_says_what_the_line_carries_and_which_device_does_not_send(app: Flask) -> None:
    with app.test_request_context():
        assert verdict(GOOD) == "可以双向视频"
        assert verdict(replace(GOOD, microphone="refused")) == "可以双向视频，但麦克风用不了，别的教室听不到这里"
        assert verdict(replace(GOOD, microphone="silent")) == "可以双向视频，但麦克风没有声音，别的教室听不到这里"
        assert "听不到也看不到" in verdict(replace(GOOD, microphone="missing", camera="missing"))
        assert verdict(replace(GOOD, camera="busy", down=0.5, up=0.2)) == "可以语音加课件"
        assert verdict(replace(GOOD, microphone="refused", rtt=2000.0)) == "只能看课件和文字"


def test_what_is_bad_says_what_to_do(app: Flask) -> None:
    bad = Measured.read({"camera": "busy", "microphone": "insecure", "relay": "failed", "speaker": "unheard"})
    with app.test_request_context():
        found = findings(replace(bad, chromium=70, browser="Chrome 70", clock=300_000, rtt=3000, down=0.1, up=0.0))
        assert all(each.advice for each in found)
        assert {each.grade for each in findings(GOOD)} == {"good"}


def test_whatever_a_browser_sends_is_judged(app: Flask) -> None:
    sent = {
        "rtt": "x",
        "down": float("nan"),
        "up": True,
        "camera": [],
        "chromium": -3,
        "width": 1e300,
        "browser": "长" * 99,
    }
    with app.test_request_context():
        assert len(findings(Measured.read(sent))) == 10


def test_a_check_is_kept_for_a_room_of_ones_own_campus_only(person: Person, signed_in: SignedIn) -> None:
    mine, other = make_room(person.postings[0].campus), make_room(make_campus())
    client = signed_in(person)
    kept = client.post("/live/check", json={"measured": asdict(GOOD), "room": mine.id})
    assert (kept.json["level"], kept.json["kept"], len(kept.json["findings"])) == (4, True, 10)  # type: ignore[index]
    assert client.post("/live/check", json={"measured": asdict(GOOD), "room": other.id}).status_code == 404
    assert client.post("/live/check", json={"measured": asdict(GOOD)}).json["kept"] is False  # type: ignore[index]
    assert client.post("/live/check", json=["nothing"]).status_code == 422
    assert [check.room_id for check in db.session.query(DeviceCheck)] == [mine.id]


def test_the_newest_check_of_each_room_is_found(person: Person) -> None:
    campus = person.postings[0].campus
    first, second, third = (make_room(campus, name) for name in ("一", "二", "三"))
    for room, level in ((first, 1), (second, 4), (first, 3)):
        db.session.add(DeviceCheck(room_id=room.id, level=level, result={}))
    db.session.commit()
    newest = latest_checks([first.id, second.id, third.id])
    assert {room_id: check.level for room_id, check in newest.items()} == {first.id: 3, second.id: 4}


def test_the_checks_of_a_room_are_read_page_by_page_within_the_group(app: Flask, signed_in: SignedIn) -> None:
    campus = make_campus()
    room = make_room(campus)
    person, colleague = make_person(campus), make_person(make_campus(campus.memberships[0].group))
    for number in range(31):
        check = DeviceCheck(room_id=room.id, by_id=person.id, level=number % 5, result=asdict(GOOD))
        db.session.add(check)
    address = f"/live/check/rooms/{room.id}"
    assert "第 2 页，共 2 页" in signed_in(colleague).get(f"{address}?page=2").text
    assert signed_in(make_person()).get(address).status_code == 404


def test_what_is_measured_against_stays_small(person: Person, signed_in: SignedIn) -> None:
    client = signed_in(person)
    assert len(client.get("/live/check/download?bytes=256000").data) == 256_000
    assert client.get("/live/check/download?bytes=99000000").status_code == 422
    assert client.post("/live/check/upload", data=b"x" * 1000).json == {"bytes": 1000}
    assert client.post("/live/check/upload", data=b"x" * 2_000_000).status_code == 422
    assert "录播教室" not in client.get("/live/check").text
    make_room(person.postings[0].campus)
    page = client.get("/live/check")
    assert "录播教室" in page.text
    assert "camera=(self)" in page.headers["Permissions-Policy"]
