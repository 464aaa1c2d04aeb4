"""The socket events of live lessons (docs/live.md, "Socket namespace `/live`")."""

import hashlib
import logging
import math
import re
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from flask import Flask, current_app
from flask_babel import get_locale, gettext
from socketio import AsyncServer
from socketio.exceptions import ConnectionRefusedError as Refused

from foundation import allow
from foundation.broadcast import Broadcast
from foundation.database import db
from foundation.errors import Conflict, NotFound, Refusal
from foundation.happenings import subscribe
from foundation.realtime import Connection, Speaker, Threads
from foundation.wire import Answer
from live.happenings import SessionChanged
from live.room import entry
from live.room.doors import Doors
from live.room.events import drafts
from live.room.queries import Newcomer
from live.room.rooms import Member, Proof, Room, me
from live.room.serving import Rooms, now_ms
from live.room.store import NotStored, SessionIsGone
from schools.actions import PersonRightsChanged, SignedOutEverywhere
from schools.models import Person

log = logging.getLogger(__name__)

NAMESPACE: Final = "/live"
ROOMS: Final = "live_rooms"
"""Where the application keeps its open rooms: `app.extensions[ROOMS]`."""

WAVE_POINTS: Final = 400
WAVE_WORD: Final = 100
_KEY: Final = re.compile(r"[A-Za-z0-9_-]{1,24}")

REFUSALS: dict[str, Callable[[], str]] = {
    "not_found": lambda: gettext("没有找到这个课堂，或者您不在这堂课的安排里。"),
    "signed_out": lambda: gettext("请先登录，或者输入教室码进入课堂。"),
    "not_joined": lambda: gettext("还没有进入课堂，请稍候。"),
    "invalid": lambda: gettext("收到的内容无法识别，没有处理。"),
    "not_stored": lambda: gettext("服务器暂时无法保存，会自动再试。"),
    "gone": lambda: gettext("这个课堂已经关闭。"),
}
FAREWELLS: dict[str, Callable[[], str]] = {
    "not_found": lambda: gettext("课堂的安排有变动，您现在不在这堂课里了。"),
    "elsewhere": lambda: gettext("这个课堂已在另一个窗口打开，本窗口不再更新。"),
}


def register(server: AsyncServer, app: Flask) -> None:
    """Let `server` answer the events of the namespace `/live`."""
    sockets = LiveSockets(server, app)
    app.extensions[ROOMS] = sockets.rooms
    for event in ("connect", "disconnect", "join", "do", "wave", "net", "signal", "here"):
        server.on(event, getattr(sockets, event), namespace=NAMESPACE)
    server.express[NAMESPACE, "here"] = sockets.express_here
    server.opening.append(sockets.rooms.start)
    server.closing.append(sockets.close)


@subscribe(SessionChanged)
def _take_in_change(happening: SessionChanged) -> None:
    rooms: Rooms | None = current_app.extensions.get(ROOMS)
    if rooms:
        rooms.session_changed(happening.session_id)


@subscribe(PersonRightsChanged)
@subscribe(SignedOutEverywhere)
def _look_at_rights_again(happening: object) -> None:
    rooms: Rooms | None = current_app.extensions.get(ROOMS)
    if rooms:
        rooms.rights_changed()


class LiveSockets:
    """The handlers. A refusal is an answer `{"error": code, "message": sentence}`; nothing is raised at the browser."""

    def __init__(self, server: AsyncServer, app: Flask) -> None:
        self._server = server
        self._app = app
        self._speaker = Speaker(app)
        self._threads = Threads(app)
        self._broadcast = Broadcast(server, NAMESPACE)
        self._doors = Doors(self._threads)
        self._connections: dict[str, tuple[Connection, tuple[Proof, ...]]] = {}
        self.rooms = Rooms(app, self._threads, self._broadcast, self._say_farewell)

    @allow.socket("People and pupils who are signed in, and screens of classrooms; cookies say who.")
    async def connect(self, sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        """Let a browser in that shows who it is; others get a `connect_error` with `data.error` "signed_out"."""
        proofs, language = await self._threads.run(_shown_by, environ)
        if not proofs:
            raise Refused(self._speaker.say(language, REFUSALS["signed_out"]), {"error": "signed_out"})
        transport = self._server.manager.eio_sid_from_sid(sid, NAMESPACE)
        self._connections[sid] = Connection(sid, transport, 0, 0, "", language), proofs

    @allow.socket("Everybody who was let in.")
    async def disconnect(self, sid: str, reason: str = "") -> None:
        """The line has ended: whoever was in a room with it is away."""
        found = self._connections.pop(sid, None)
        if found is None:
            return
        connection, _ = found
        for there in connection.memberships.values():
            if there is not None:
                self.rooms.part(*there)
        self._broadcast.forget_all(connection)

    @allow.socket("Whoever the schedule lets into the room; `live.access` says as what.")
    async def join(self, sid: str, *given: Any) -> dict[str, Any]:
        """Enter a room: who one is in it, and the state, or what has happened since `seq`."""
        found = self._connections.get(sid)
        if found is None:  # went away while its message was waiting; nobody hears an answer
            return {}
        connection, proofs = found
        asked_at = now_ms()
        match given:
            case ({"session": str(code), "screen": str(screen), **more},) if code.isalnum() and 0 < len(screen) <= 64:
                pass
            case _:
                return self._refuse(connection, "invalid")
        newcomer = Newcomer(code, _in_turn(proofs, more.get("classroom")), connection.language)
        try:
            answer = await self._doors.place(newcomer)
            if isinstance(answer, Conflict):
                return {"error": answer.code, "message": answer.message}
            if isinstance(answer, Refusal):
                return self._refuse(connection, "not_found")
            place, proof = answer
            room, member = await self.rooms.enter(connection, place, proof, _private(screen, proof), asked_at)
        except NotFound:
            return self._refuse(connection, "not_found")
        except NotStored:
            return self._refuse(connection, "not_stored")
        if sid not in self._connections:  # went away while the room was opened
            self.rooms.part(room, member)
            return {}
        connection.memberships[code] = (room, member)
        seq = more.get("seq")
        missed = room.missed(member.viewer, seq) if isinstance(seq, int) and not isinstance(seq, bool) else None
        known = {"state": room.view(member.viewer)} if missed is None else {"events": missed}
        return {"now": now_ms(), "seq": room.told, "me": me(member.viewer), **known}

    @allow.socket("Members, each what `live.room.events` allows to their role at this moment.")
    async def do(self, sid: str, *given: Any) -> dict[str, Any]:
        """Let something happen; the answer comes when it is committed. The same key twice is done once."""
        found = self._connections.get(sid)
        if found is None:
            return {}
        connection, _ = found
        match given:
            case ({"session": str(code), "kind": str(kind), "data": data, "key": str(key)},) if _KEY.fullmatch(key):
                there = connection.memberships.get(code)
            case _:
                return self._refuse(connection, "invalid")
        if there is None:
            return self._refuse(connection, "gone" if code in connection.memberships else "not_joined")
        room, member = there
        member.heard = now_ms()
        try:
            seq = room.keys.get(key)
            if seq is None:
                self.rooms.budget(member)
                wanted = drafts(kind, data, member.viewer, room.state, room.facts, now_ms(), member.screen)
                stored = self.rooms.do(room, member, wanted, key)
                seq = room.keys[key]
                await stored
            elif seq > room.told:  # it is on its way to the disk already
                raise NotStored
        except Refusal as refusal:
            return self._say_refusal(connection, refusal, there, kind, data)
        except NotStored:
            return self._refuse(connection, "not_stored")
        except SessionIsGone:
            return self._refuse(connection, "gone")
        return {"seq": seq, "now": now_ms()}

    @allow.socket("Members who may draw: the lead, and a classroom that is on air.")
    async def wave(self, sid: str, *given: Any) -> None:
        """Pass on where somebody points or draws right now."""
        match given:
            case (str(code), {"kind": "pointer" | "stroke", **rest} as wave) if len(rest) <= 12:
                there = self._member(sid, code)
            case _:
                return
        if there is None or not _is_small(rest):
            return
        room, member = there
        on_air = room.state["classrooms"].get(str(member.viewer.classroom), {}).get("air")
        if member.viewer.role == "lead" or (on_air and (member.viewer.is_screen or member.viewer.role == "helper")):
            self.rooms.wave(room, member, wave)

    @allow.socket("Members, about their own line.")
    async def net(self, sid: str, *given: Any) -> dict[str, Any]:
        """Take what a screen has measured of its line."""
        match given:
            case ({"session": str(code), "level": int(level)},) if 0 <= level <= 4 and level is not True:
                there = self._member(sid, code)
                if there is not None:
                    there[1].heard = now_ms()
                    self.rooms.measured(*there, level)
        return {}

    @allow.socket("Members; `live.media` takes from each what its seat allows.")
    async def signal(self, sid: str, *given: Any) -> None:
        """A word of a screen about its sound and pictures."""
        match given:
            case (str(code), {**payload}):
                there = self._member(sid, code)
                if there is not None:
                    await self.rooms.media.signal(code, there[1].screen, payload)

    @allow.socket("Members.")
    async def here(self, sid: str, *given: Any) -> dict[str, Any]:
        """The answer of a screen to a beat."""
        match given:
            case (str(code),):
                there = self._member(sid, code)
                if there is not None:
                    self.rooms.hear(*there)
        return {}

    def express_here(self, sid: str, given: list[Any], answer: Answer) -> bool:
        """The same without a task; see `foundation.wire`."""
        there = self._member(sid, given[0]) if given and isinstance(given[0], str) else None
        if there is not None:
            self.rooms.hear(*there)
        return True

    async def close(self) -> None:
        """Write everything down; the server is going to end."""
        await self.rooms.close()
        self._threads.close()

    def _member(self, sid: str, code: str) -> tuple[Room, Member] | None:
        found = self._connections.get(sid)
        return found[0].memberships.get(code) if found else None

    def _say_farewell(self, member: Member, code: str, reason: str) -> None:
        connection = member.connection
        if connection.memberships.get(code) is not None:
            connection.memberships[code] = None
        self._broadcast.tell(
            connection, "gone", code, reason, self._speaker.say(connection.language, FAREWELLS[reason])
        )

    def _refuse(self, connection: Connection, code: str) -> dict[str, Any]:
        return {"error": code, "message": self._speaker.say(connection.language, REFUSALS[code])}

    def _say_refusal(
        self, connection: Connection, refusal: Refusal, there: tuple[Room, Member], kind: str, data: Any
    ) -> dict[str, Any]:
        """A refusal in the person's language: outside of requests its sentence was made in Chinese."""
        sentence = refusal.message
        if not connection.language.startswith("zh"):
            again = partial(_said_again, there, kind, data, sentence)
            sentence = self._speaker.say(connection.language, again)
        return {"error": refusal.code, "message": sentence}


def _said_again(there: tuple[Room, Member], kind: str, data: Any, sentence: str) -> str:
    room, member = there
    try:
        drafts(kind, data, member.viewer, room.state, room.facts, now_ms(), member.screen)
    except Refusal as refusal:
        return refusal.message
    return gettext(sentence)


def _in_turn(proofs: tuple[Proof, ...], classroom: object) -> tuple[Proof, ...]:
    """The proofs in the order in which they count: on the page of a classroom its screen's, elsewhere the person's."""
    if classroom is None:
        return tuple(proof for proof in proofs if proof.kind != "screen")
    return tuple(proof for proof in proofs if proof.kind == "screen")


def _private(screen: str, proof: Proof) -> str:
    """The name of a screen in the room: what others see of it lets nobody take its place."""
    return hashlib.sha256(f"{proof.kind}:{proof.number}:{screen}".encode()).hexdigest()[:16]


def _is_small(wave: dict[Any, Any]) -> bool:
    for name, value in wave.items():
        if not isinstance(name, str) or len(name) > WAVE_WORD:
            return False
        if isinstance(value, list):
            if len(value) > WAVE_POINTS or not all(_is_number(each) for each in value):
                return False
        elif not (value is None or _is_number(value) or (isinstance(value, str) and len(value) < WAVE_WORD)):
            return False
    return True


def _is_number(value: object) -> bool:
    """Yes and no are numbers, too."""
    return isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))


def _shown_by(environ: dict[str, Any]) -> tuple[tuple[Proof, ...], str]:
    """Who the browser behind a socket shows itself to be, and its language. In a thread."""
    cookies = environ.get("HTTP_COOKIE", "")
    proofs = entry.proofs_of(cookies)
    person = next((proof for proof in proofs if proof.kind == "person"), None)
    own = db.session.get(Person, person.number) if person else None
    kept = [
        pair for pair in cookies.split(";") if not pair.strip().startswith(current_app.config["SESSION_COOKIE_NAME"])
    ]
    # The language only: the session stays out of it, for exchanging its token needs an answer that carries a cookie.
    with current_app.request_context({**environ, "HTTP_COOKIE": ";".join(kept)}):
        language = (own.language if own else "") or str(get_locale())
    return proofs, language
