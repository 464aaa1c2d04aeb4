"""A lesson as its screens live it, through the socket that browsers use (docs/live.md)."""

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import socketio
from flask import Flask, session
from sqlalchemy import select, update

from foundation.clock import now, today
from foundation.database import announce, commit, db, writing
from live.happenings import SessionChanged
from live.models import LiveClassroom, LiveGuest, LiveSession, MediaKind, RoomRole, SessionEvent, SessionState
from schools import pupils
from schools.models import Enrolment, Person, Pupil
from tests.factories import LONG_AGO, make_person
from tests.lessons.coediting.served import cookie_of, serving, until
from tests.live.lessons import make_lesson


class Screen:
    """A screen of a lesson: what it has heard, folded by nobody."""

    def __init__(self, address: str, cookie: str, session: str, name: str, **more: Any) -> None:
        self.address, self.cookie, self.session, self.name, self.more = address, cookie, session, name, more
        self.events: list[list[Any]] = []
        self.gone: list[Any] = []
        self.waves: list[Any] = []
        self.signals: list[Any] = []
        self.keys = 0
        self.socket = socketio.AsyncClient(serializer="msgpack", reconnection=False)
        self.socket.on("events", lambda code, events: self.events.extend(events), namespace="/live")
        self.socket.on("gone", lambda *given: self.gone.append(given), namespace="/live")
        self.socket.on("wave", lambda *given: self.waves.append(given), namespace="/live")
        self.socket.on("signal", lambda code, signal: self.signals.append(signal), namespace="/live")
        self.socket.on("beat", self._answer, namespace="/live")

    async def _answer(self, code: str, at: int) -> None:
        await self.socket.emit("here", code, namespace="/live")

    async def join(self, **more: Any) -> Any:
        if not self.socket.connected:
            await self.socket.connect(
                self.address,
                headers={"Cookie": self.cookie},
                namespaces=["/live"],
                transports=["websocket"],
                wait_timeout=30,
            )
        asked = {"session": self.session, "screen": self.name, **self.more, **more}
        return await self.socket.call("join", asked, namespace="/live", timeout=30)

    async def do(self, kind: str, /, key: str = "", **data: Any) -> Any:
        self.keys += 1
        asked = {"session": self.session, "kind": kind, "data": data, "key": key or f"{self.name}{self.keys}"}
        return await self.socket.call("do", asked, namespace="/live", timeout=30)

    def kinds(self) -> list[str]:
        return [event[2] for event in self.events]

    async def hears(self, kind: str) -> Any:
        await until(lambda: kind in self.kinds())
        return next(event for event in self.events if event[2] == kind)


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    with serving(app) as address:
        yield address


class World:
    """A lesson that begins now, and everybody in it; their cookies, asked for before anything is served."""

    def __init__(self, app: Flask, signed_in: Any) -> None:
        self.lead, self.helper, self.observer, self.stranger = (make_person() for _ in range(4))
        begins = now() + timedelta(minutes=1)
        lesson = make_lesson(
            self.lead,
            self.helper.postings[0].campus,
            helper=self.helper,
            state=SessionState.SETTLED,
        )
        with writing():
            db.session.commit()
            lesson.day, lesson.starts_at = today(), begins
            lesson.ends_at = begins + timedelta(minutes=40)
            lesson.guests.append(LiveGuest(person=self.observer, role=RoomRole.OBSERVER))
            lesson.classrooms[1].entry_code = "123456"
            db.session.commit()
        self.code, self.id = lesson.code, lesson.id
        self.main, self.other = (each.id for each in lesson.classrooms)
        self.cookies: dict[int, str] = {}
        for person in (self.lead, self.helper, self.observer, self.stranger):
            with writing():
                self.cookies[person.id] = cookie_of(signed_in(person))
        browser = app.test_client()
        answer = browser.post("/live/enter", data={"digits": "123 456"})
        assert answer.status_code == 303, answer.text
        token = browser.get_cookie("classroom")
        assert token
        self.classroom_cookie = f"classroom={token.value}"
        self.pupils = [enrolled(lesson.classrooms[1].class_id or 0, name) for name in ("李小雨", "赵小兰")]
        self.pupil_cookies = [pupil_cookie(app, each, lesson.classrooms[1].class_id or 0) for each in self.pupils]
        self.people = {each: each.id for each in (self.lead, self.helper, self.observer, self.stranger)}
        db.session.rollback()

    def screen(self, address: str, person: Person, name: str = "") -> Screen:
        number = self.people[person]
        return Screen(address, self.cookies[number], self.code, name or f"tab{number}")

    def pupil(self, address: str, number: int) -> Screen:
        return Screen(address, self.pupil_cookies[number], self.code, f"home{number}")

    def classroom(self, address: str, name: str = "wall") -> Screen:
        return Screen(address, self.classroom_cookie, self.code, name, classroom=self.other)


def enrolled(class_id: int, name: str) -> int:
    with writing():
        pupil = Pupil(name=name, pin_hash="a card counts", enrolments=[Enrolment(class_id=class_id, from_day=LONG_AGO)])
        db.session.add(pupil)
        db.session.commit()
        return pupil.id


def pupil_cookie(app: Flask, pupil_id: int, class_id: int) -> str:
    with app.test_request_context(), writing():
        pupils.sign_in(pupil_id, class_id)
        carried = dict(session)
    browser = app.test_client()
    with browser.session_transaction() as kept:
        kept.update(carried)
    return cookie_of(browser)


@pytest.fixture
def world(app: Flask, signed_in: Any) -> World:
    app.config["WTF_CSRF_ENABLED"] = False
    return World(app, signed_in)


def log_of(session_id: int) -> list[tuple[int, str]]:
    db.session.rollback()
    found = select(SessionEvent.seq, SessionEvent.kind).where(SessionEvent.session_id == session_id)
    return [(seq, kind) for seq, kind in db.session.execute(found.order_by(SessionEvent.seq)).tuples()]


def test_a_lesson_runs_on_every_screen(world: World, address: str) -> None:
    async def story() -> None:
        lead, helper, wall = (
            world.screen(address, world.lead),
            world.screen(address, world.helper),
            world.classroom(address),
        )
        joined = await lead.join()
        assert (joined["me"]["role"], joined["me"]["classroom"], joined["state"]["phase"]) == (
            "lead",
            world.main,
            "waiting",
        )
        assert (await helper.join())["me"]["role"] == "helper"
        assert (await wall.join())["me"] | {"name": ""} == {
            "role": "pupil",
            "classroom": world.other,
            "person": None,
            "pupil": None,
            "name": "",
            "endpoint": f"c{world.other}",
        }
        refused = await lead.do("step", step="warm")
        assert refused == {"error": "conflict", "message": "还没有开课，请先开课。"}
        assert (await helper.do("open"))["error"] == "not_allowed"
        await lead.do("open")
        stepped = await lead.do("step", key="twice", step="warm")
        assert (await lead.do("step", key="twice", step="learn"))["seq"] == stepped["seq"]
        assert (await wall.hears("step"))[5] == {"step": "warm", "page": None}
        assert wall.kinds().index("begin") < wall.kinds().index("step")
        await lead.socket.emit("wave", (world.code, {"kind": "pointer", "x": 5, "y": 7}), namespace="/live")
        await until(lambda: bool(wall.waves))
        await helper.do("chat", id="m1", text="声音有点小", to="lead")
        assert (await lead.hears("chat"))[5]["text"] == "声音有点小"
        await lead.do("air", classroom=world.other)
        await wall.hears("air")
        assert "chat" not in wall.kinds()
        await lead.do("end")
        assert (await wall.do("hand", up=True))["error"] == "conflict"
        for screen in (lead, helper, wall):
            await screen.socket.disconnect()

    asyncio.run(story())
    seqs = [seq for seq, _ in log_of(world.id)]
    assert seqs == list(range(1, len(seqs) + 1))
    session = db.session.get_one(LiveSession, world.id)
    assert session.state is SessionState.ENDED
    assert session.began_at is not None
    assert session.ended_at is not None
    assert session.began_at <= session.ended_at


def test_a_lesson_that_was_ended_before_it_began_begins_when_it_is_opened_again(world: World, address: str) -> None:
    async def story() -> None:
        lead = world.screen(address, world.lead)
        await lead.join()
        for kind in ("open", "end", "reopen"):
            assert "seq" in await lead.do(kind)
        await lead.socket.disconnect()

    asyncio.run(story())
    db.session.rollback()
    session = db.session.get_one(LiveSession, world.id)
    assert (session.state, session.ended_at) == (SessionState.RUNNING, None)
    assert session.began_at is not None


def test_whoever_is_not_in_the_schedule_does_not_get_in(world: World, address: str) -> None:
    async def story() -> None:
        stranger = world.screen(address, world.stranger)
        assert (await stranger.join())["error"] == "not_found"
        assert (await stranger.do("open"))["error"] == "not_joined"
        as_wall = Screen(address, world.cookies[world.people[world.stranger]], world.code, "x", classroom=world.other)
        assert (await as_wall.join())["error"] == "not_found"
        nobody = Screen(address, "", world.code, "y")
        with pytest.raises(socketio.exceptions.ConnectionError):
            await nobody.join()
        await stranger.socket.disconnect()
        await as_wall.socket.disconnect()

    asyncio.run(story())


def test_a_cut_of_seconds_is_none_and_a_longer_one_is_an_absence(
    world: World, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("live.room.rooms.GRACE_MS", 700)

    async def story() -> None:
        lead, wall = world.screen(address, world.lead), world.classroom(address)
        await lead.join()
        await wall.join()
        await lead.do("open")
        await lead.do("step", step="warm")
        await wall.hears("step")
        await wall.socket.disconnect()
        await lead.do("timer", seconds=60)
        again = world.classroom(address)
        joined = await again.join(seq=wall.events[-1][0])
        assert [event[2] for event in joined["events"]] == ["timer"]
        assert "leave" not in lead.kinds()
        await again.socket.disconnect()
        left = await lead.hears("leave")
        assert left[4] == world.other
        assert left[5]["until"] <= left[1] - 700
        await lead.socket.disconnect()

    asyncio.run(story())
    assert [kind for _, kind in log_of(world.id)].count("enter") == 2


def test_who_is_struck_off_the_schedule_is_shown_out(world: World, app: Flask, address: str) -> None:
    async def story() -> None:
        lead, helper = world.screen(address, world.lead), world.screen(address, world.helper)
        await lead.join()
        await helper.join()
        await asyncio.to_thread(strike_off)
        await until(lambda: bool(helper.gone), 15)
        assert helper.gone[0][1:] == ("not_found", "课堂的安排有变动，您现在不在这堂课里了。")
        assert (await helper.do("trouble", text="没声音"))["error"] == "gone"
        assert (await lead.do("open"))["seq"] > 0
        await lead.socket.disconnect()

    def strike_off() -> None:
        with app.app_context(), writing():
            db.session.execute(update(LiveClassroom).where(LiveClassroom.id == world.other).values(helper_id=None))
            announce(SessionChanged(world.id))
            commit()

    asyncio.run(story())


def test_a_meeting_elsewhere_that_gets_another_link_is_told_to_the_screens(
    world: World, app: Flask, address: str
) -> None:
    async def story() -> None:
        wall, child = world.classroom(address), world.pupil(address, 0)
        await asyncio.to_thread(meet_at, "https://meet.example/one")
        await wall.join()
        await child.join()
        await until(lambda: meeting("one") in wall.signals)
        await asyncio.to_thread(meet_at, "https://meet.example/two")
        await until(lambda: meeting("two") in wall.signals)
        assert meeting("two") not in child.signals
        await wall.socket.disconnect()
        await child.socket.disconnect()

    def meeting(name: str) -> dict[str, str]:
        return {"kind": "meeting", "link": f"https://meet.example/{name}"}

    def meet_at(link: str) -> None:
        with app.app_context(), writing():
            outside = update(LiveSession).where(LiveSession.id == world.id).values(media=MediaKind.OUTSIDE, link=link)
            db.session.execute(outside)
            announce(SessionChanged(world.id))
            commit()

    asyncio.run(story())


def test_a_server_that_ends_at_once_has_kept_what_it_acknowledged(world: World, app: Flask) -> None:
    async def before(address: str) -> int:
        lead, wall = world.screen(address, world.lead), world.classroom(address)
        await lead.join()
        await wall.join()
        await lead.do("open")
        await lead.do("step", step="warm")
        seq: int = (await lead.do("board", open=True))["seq"]
        for screen in (lead, wall):
            await screen.socket.disconnect()
        return seq

    async def after(address: str, seq: int) -> None:
        wall = world.classroom(address)
        joined = await wall.join(seq=seq)
        assert joined["events"] == []
        assert joined["seq"] == seq
        fresh = await wall.join()
        assert fresh["state"]["board"] is True
        assert fresh["state"]["step"] == "warm"
        assert fresh["state"]["classrooms"][str(world.other)]["screens"] == 1
        await wall.socket.disconnect()

    with serving(app) as address:
        seq = asyncio.run(before(address))
    with serving(app) as address:
        asyncio.run(after(address, seq))


def test_a_screen_that_asks_for_too_much_is_told_so(world: World, address: str) -> None:
    async def story() -> None:
        lead = world.screen(address, world.lead)
        await lead.join()
        await lead.do("open")
        answers = await asyncio.gather(*(lead.do("board", open=True) for _ in range(120)))
        refused = [answer for answer in answers if "error" in answer]
        assert 10 < len(refused) < 60
        assert refused[0] == {"error": "too_many", "message": "点得太快了，请稍等几秒再试。"}
        await lead.socket.disconnect()

    asyncio.run(story())


def test_a_screen_that_points_without_end_is_passed_on_no_oftener_than_a_hand_points(
    world: World, address: str
) -> None:
    async def story() -> None:
        lead, wall = world.screen(address, world.lead), world.classroom(address)
        await lead.join()
        await lead.do("open")
        await wall.join()
        for _ in range(300):
            await lead.socket.emit("wave", (world.code, {"kind": "pointer", "x": 5, "y": 7}), namespace="/live")
        await lead.do("board", open=True)
        await wall.hears("board")
        assert 20 < len(wall.waves) < 200
        await lead.socket.disconnect()
        await wall.socket.disconnect()

    asyncio.run(story())


def test_a_pupil_at_home_comes_in_by_her_own_cookie_and_hears_no_other_pupils_name(world: World, address: str) -> None:
    li, zhao = world.pupils

    async def story() -> None:
        lead, wall = world.screen(address, world.lead), world.classroom(address)
        at_home, other = (world.pupil(address, number) for number in (0, 1))
        told = [await each.join() for each in (lead, wall, other, at_home)]
        assert told[-1]["me"] == {
            "role": "pupil",
            "classroom": world.other,
            "person": None,
            "pupil": li,
            "name": "李小雨",
            "endpoint": f"u{li}",
        }
        await lead.do("open")
        await lead.do("step", step="warm")
        await lead.do("check", id="q1", kind="choice", question="几分之几？", options=["1/2", "1/4"])
        await other.do("hand", up=True, pupil=zhao)
        assert (await wall.hears("hand_of"))[5]["name"] == "赵小兰"
        assert (await at_home.hears("hand_of"))[5] == {"up": True, "pupil": zhao, "name": ""}
        assert "seq" in await at_home.do("hand", up=True, pupil=li)
        for refused in (
            await at_home.do("hand", up=True, pupil=zhao),
            await at_home.do("hand", up=True),
            await at_home.do("chat", id="m1", text="老师，我……", to="lead"),
            await at_home.do("count", id="q1", classroom=world.other, counts=[1, 0]),
            await at_home.do("step", step="learn"),
        ):
            assert (refused["error"], refused["message"]) == ("not_allowed", "您在这个课堂里不能这样做。")
        assert "seq" in await at_home.do("chat", id="m2", text="听得清楚", to="all")
        assert (await wall.hears("chat"))[5]["name"] == ""
        heard = [told[-1], at_home.events, await at_home.join(), await at_home.join(seq=1)]
        assert "赵小兰" not in json.dumps(heard, ensure_ascii=False)
        for screen in (lead, wall, other, at_home):
            await screen.socket.disconnect()

    asyncio.run(story())


def test_a_tab_that_was_duplicated_takes_over_and_the_former_is_told_so(world: World, address: str) -> None:
    async def story() -> None:
        lead, first, second = world.screen(address, world.lead), world.classroom(address), world.classroom(address)
        for screen in (lead, first):
            await screen.join()
        await lead.do("open")
        await second.join()
        await until(lambda: bool(first.gone))
        assert first.gone == [(world.code, "elsewhere", "这个课堂已在另一个窗口打开，本窗口不再更新。")]
        assert (await first.do("hand", up=True))["error"] == "gone"
        await first.socket.disconnect()
        assert "seq" in await second.do("hand", up=True)
        assert second.gone == []
        assert [kind for kind in lead.kinds() if kind in ("enter", "leave")].count("leave") == 0
        for screen in (lead, second):
            await screen.socket.disconnect()

    asyncio.run(story())


def test_whatever_is_sent_over_the_line_the_line_goes_on(world: World, address: str) -> None:
    code, long = world.code, "x" * 200_000
    odd: list[Any] = [
        None,
        True,
        -1,
        2.5,
        float("nan"),
        "",
        "\0",
        long,
        b"\xff",
        [],
        [0] * 100_000,
        {},
        {"session": code},
    ]

    async def story() -> None:
        lead = world.screen(address, world.lead)
        await lead.join()
        await lead.do("open")
        asked: list[tuple[str, Any]] = [(event, each) for event in ("join", "do", "net") for each in odd]
        right: dict[str, dict[str, Any]] = {
            "join": {"session": code, "screen": "a"},
            "do": {"session": code, "kind": "board", "data": {"open": True}, "key": "k"},
        }
        for event, fields in right.items():
            asked += [
                (event, {**fields, name: each}) for name in fields for each in odd if each != "" or name != "data"
            ]
        for event, given in asked:
            answer = await lead.socket.call(event, given, namespace="/live", timeout=30)
            if event in right and "seq" not in answer:
                assert answer["message"].endswith("。"), (event, given)
        for each in odd:
            for event in ("wave", "signal", "here"):
                await lead.socket.emit(event, each, namespace="/live")
                await lead.socket.emit(event, (code, each), namespace="/live")
                await lead.socket.emit(event, (code, {"kind": "pointer", "x": each, "to": each}), namespace="/live")
        await lead.join()
        assert "seq" in await lead.do("board", open=False)
        await lead.socket.disconnect()

    asyncio.run(story())
