"""The socket events of lesson plans: join, leave, update, awareness (docs/architecture.md, "The sync protocol")."""

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Flask, current_app
from flask_babel import get_locale, gettext
from socketio import AsyncServer
from socketio.exceptions import ConnectionRefusedError as Refused
from sqlalchemy import select

from foundation import allow
from foundation.broadcast import Broadcast
from foundation.database import db
from foundation.happenings import subscribe
from foundation.realtime import Connection, Speaker, Threads
from foundation.wire import Answer
from lessons.access import PlanRole
from lessons.actions import PlanRemoved, PlanRightsChanged
from lessons.coediting import DocumentChanged
from lessons.coediting.document import NotAnUpdate
from lessons.coediting.rights import rights_now
from lessons.coediting.rooms import DocumentFull, Member, ReadOnly, Rooms, TooLarge
from lessons.coediting.store import NotStored, PlanIsGone
from lessons.files import PlanFilesChanged
from lessons.models import Plan
from lessons.text.schema import SCHEMA_NUMBER
from schools import signing_in
from schools.actions import PersonRightsChanged, SignedOutEverywhere
from schools.models import Person

log = logging.getLogger(__name__)

NAMESPACE = "/plans"
AWARENESS_LIMIT = 16 * 1024
ROOMS = "plan_rooms"
"""Where the application keeps its open plans: `app.extensions[ROOMS]`."""

REFUSALS: dict[str, Callable[[], str]] = {
    "not_found": lambda: gettext("没有找到，或者您无权查看。"),
    "schema": lambda: gettext("本页已有新版本，请重新载入。"),
    "signed_out": lambda: gettext("登录已失效，请重新登录。您写的内容已保存在本机，可以导出。"),
    "read_only": lambda: gettext("您现在只能查看，不能修改这份教案。"),
    "not_joined": lambda: gettext("这份教案还没有打开，请稍候。"),
    "invalid": lambda: gettext("收到的内容无法识别，没有保存。"),
    "too_large": lambda: gettext("这一次改动太大，没有保存。请分几次粘贴。"),
    "full": lambda: gettext("这份教案已经太长，写不下了。请删去一些内容，或者另写一份。"),
    "not_stored": lambda: gettext("服务器暂时无法保存，会自动再试。您写的内容已保存在本机。"),
    "gone": lambda: gettext("这份教案已经关闭。您写的内容已保存在本机，可以导出。"),
}
FAREWELLS: dict[str, Callable[[], str]] = {
    "deleted": lambda: gettext("这份教案已被删除。您写的内容已保存在本机，可以导出。"),
    "not_found": lambda: gettext("您已无权查看这份教案。您写的内容已保存在本机，可以导出。"),
    "signed_out": REFUSALS["signed_out"],
}
CODES: dict[type[BaseException], str] = {
    ReadOnly: "read_only",
    TooLarge: "too_large",
    DocumentFull: "full",
    NotAnUpdate: "invalid",
    NotStored: "not_stored",
    PlanIsGone: "gone",
}


def register(server: AsyncServer, app: Flask) -> None:
    """Let `server` answer the events of the namespace `/plans`."""
    sockets = PlanSockets(server, app)
    app.extensions[ROOMS] = sockets.rooms
    for event in ("connect", "disconnect", "join", "leave", "update", "awareness"):
        server.on(event, getattr(sockets, event), namespace=NAMESPACE)
    server.express[NAMESPACE, "update"] = sockets.express_update
    server.closing.append(sockets.close)


@subscribe(DocumentChanged)
def _tell_readers(happening: DocumentChanged) -> None:
    rooms: Rooms | None = current_app.extensions.get(ROOMS)
    if rooms:
        rooms.take_in(happening.plan_id, happening.update)


@subscribe(PlanFilesChanged)
def _tell_of_files(happening: PlanFilesChanged) -> None:
    rooms: Rooms | None = current_app.extensions.get(ROOMS)
    if rooms:
        rooms.tell_of_files(happening.plan_id)


@subscribe(PlanRemoved)
@subscribe(PlanRightsChanged)
@subscribe(PersonRightsChanged)
@subscribe(SignedOutEverywhere)
def _look_at_rights_again(happening: object) -> None:
    rooms: Rooms | None = current_app.extensions.get(ROOMS)
    if rooms:
        rooms.look_again()


class PlanSockets:
    """The handlers. A refusal is an answer `{"error": code, "message": sentence}`; nothing is raised at the browser."""

    def __init__(self, server: AsyncServer, app: Flask) -> None:
        self._server = server
        self._speaker = Speaker(app)
        self._threads = Threads(app)
        self._connections: dict[str, Connection] = {}
        self._broadcast = Broadcast(server, NAMESPACE)
        self.rooms = Rooms(app, self._threads, self._broadcast, self._say_farewell)

    @allow.socket("People who are signed in; the session cookie says who.")
    async def connect(self, sid: str, environ: dict[str, Any], auth: Any = None) -> None:
        """Let a signed-in browser in; others get a `connect_error` with `data.error` "signed_out"."""
        known = await self._threads.run(_visitor, environ)
        if isinstance(known, str):
            raise Refused(known, {"error": "signed_out"})
        person_id, sign_in_id, name, language = known
        transport = self._server.manager.eio_sid_from_sid(sid, NAMESPACE)
        self._connections[sid] = Connection(sid, transport, person_id, sign_in_id, name, language)

    @allow.socket("Everybody who was let in.")
    async def disconnect(self, sid: str, reason: str = "") -> None:
        """Close every plan that the browser had open."""
        connection = self._connections.pop(sid, None)
        if connection is None:
            return
        for member in connection.memberships.values():
            if isinstance(member, Member):
                self.rooms.leave(member)
        self._broadcast.forget_all(connection)

    @allow.socket("Whoever may read the plan; `lessons.access` answers as editor, reader or not at all.")
    async def join(self, sid: str, *given: Any) -> dict[str, Any]:
        """Open a plan: what the browser lacks of it, what we have, and what it may do."""
        connection = self._connections.get(sid)
        if connection is None:  # went away while its message was waiting; nobody hears an answer
            return {}
        match given:
            case ({"plan": str(code), "schema": int(schema), "state_vector": bytes(state)},):
                pass
            case _:
                return self._refuse(connection, "invalid")
        if schema != SCHEMA_NUMBER:
            return {**self._refuse(connection, "schema"), "schema": SCHEMA_NUMBER}
        found = await self._threads.run(_role_in_plan, code, connection.person_id, connection.sign_in_id)
        if isinstance(found, str):
            return self._refuse(connection, found)
        plan_id, role = found
        try:
            member = await self.rooms.enter(connection, plan_id, code, role)
            if sid not in self._connections:  # went away while the plan was loading
                self.rooms.leave(member)
                return {}
            member.role = role
            document = member.room.document
            missing = document.missing_in(state)
        except NotAnUpdate:
            return self._refuse(connection, "invalid")
        except Exception:
            log.exception("a plan cannot be opened", extra={"plan": code})
            return self._refuse(connection, "not_stored")
        connection.memberships[code] = member
        asyncio.get_running_loop().call_soon(partial(self.rooms.greet, member))
        return {"update": missing, "state_vector": document.state(), "role": role, "seq": document.seq}

    @allow.socket("Everybody who was let in.")
    async def leave(self, sid: str, *given: Any) -> dict[str, Any]:
        """Close a plan."""
        connection = self._connections.get(sid)
        match given:
            case ({"plan": str(code)},) if connection:
                member = connection.memberships.pop(code, None)
                if isinstance(member, Member):
                    self.rooms.leave(member)
        return {}

    @allow.socket("Members who may edit the plan at this moment.")
    async def update(self, sid: str, *given: Any) -> dict[str, Any]:
        """Take in what somebody wrote; the answer comes when it is committed."""
        connection = self._connections.get(sid)
        if connection is None:
            return {}
        match given:
            case (str(code), bytes(update)):
                member = connection.memberships.get(code)
            case _:
                return self._refuse(connection, "invalid")
        if not isinstance(member, Member):
            return self._refuse(connection, "gone" if code in connection.memberships else "not_joined")
        try:
            return {"seq": await self.rooms.write(member, update)}
        except tuple(CODES) as refusal:
            return self._refuse(connection, CODES[type(refusal)])

    def express_update(self, sid: str, given: list[Any], answer: Answer) -> bool:
        """The same without a task, for what is neither odd nor to be waited for; see `foundation.wire`."""
        connection = self._connections.get(sid)
        match given:
            case [str(code), bytes(update)] if connection:
                member = connection.memberships.get(code)
            case _:
                return False
        if not isinstance(member, Member) or not member.room.ready.done():
            return False
        try:
            stored = self.rooms.take(member, update)
        except tuple(CODES) as refusal:
            answer(self._refuse(member.connection, CODES[type(refusal)]))
        else:
            stored.add_done_callback(partial(self._acknowledge, member.connection, answer))
        return True

    @allow.socket("Members of the plan; what they say of themselves is checked.")
    async def awareness(self, sid: str, *given: Any) -> None:
        """Pass on where somebody is."""
        connection = self._connections.get(sid)
        match given:
            case (str(code), bytes(message)) if connection and len(message) <= AWARENESS_LIMIT:
                member = connection.memberships.get(code)
                if isinstance(member, Member):
                    try:
                        self.rooms.say_awareness(member, message)
                    except NotAnUpdate:
                        log.info("an awareness message was not understood", extra={"sid": sid})

    def _acknowledge(self, connection: Connection, answer: Answer, stored: asyncio.Future[int]) -> None:
        refusal = stored.exception()
        answer(self._refuse(connection, CODES[type(refusal)]) if refusal else {"seq": stored.result()})

    async def close(self) -> None:
        """Store everything; the server is going to end."""
        await self.rooms.close()
        self._threads.close()

    async def _say_farewell(self, member: Member, reason: str) -> None:
        connection, code = member.connection, member.room.code
        connection.memberships[code] = reason
        sentence = self._speaker.say(connection.language, FAREWELLS[reason])
        self._broadcast.tell(connection, "gone", code, reason, sentence)

    def _refuse(self, connection: Connection, code: str) -> dict[str, Any]:
        sentence = self._speaker.say(connection.language, REFUSALS[code])
        return {"error": "too_large" if code == "full" else code, "message": sentence}


def _visitor(environ: dict[str, Any]) -> tuple[int, int, str, str] | str:
    """Person, sign-in, name and language behind a socket; for nobody the sentence that refuses. In a thread."""
    cookies = environ.get("HTTP_COOKIE", "")
    kept = [
        pair for pair in cookies.split(";") if not pair.strip().startswith(current_app.config["SESSION_COOKIE_NAME"])
    ]
    found = signing_in.who_is(cookies)
    person = db.session.get(Person, found[0]) if found else None
    # The language only: the session stays out of it, for exchanging its token needs an answer that carries a cookie.
    with current_app.request_context({**environ, "HTTP_COOKIE": ";".join(kept)}):
        language = (person.language if person else "") or str(get_locale())
        if found is None or person is None:
            return REFUSALS["signed_out"]()
    return person.id, found[1], person.name, language


def _role_in_plan(code: str, person_id: int, sign_in_id: int) -> tuple[int, PlanRole] | str:
    """The plan with that code and what the person may do in it, or why not. In a thread."""
    plan_id = db.session.scalar(select(Plan.id).where(Plan.code == code))
    if plan_id is None:
        return "not_found"
    rights = rights_now([(plan_id, person_id)], {sign_in_id})
    if not rights.signed_in:
        return "signed_out"
    role = rights.role(plan_id, person_id)
    return (plan_id, role) if role else "not_found"
