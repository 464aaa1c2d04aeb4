"""What the benchmarks of rooms stand on: a site with a lesson and everybody's cookies, and screens that cost little themselves."""

import asyncio
import hashlib
import itertools
import secrets
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgpack
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "platform")]

from app import create_app
from foundation.clock import now, today
from foundation.config import Settings
from foundation.database import db, writing
from live.models import (
    ClassroomRole,
    ClassroomScreen,
    LiveClassroom,
    LiveGuest,
    LiveSession,
    RoomRole,
    SessionKind,
    SessionState,
)
from schools.models import Campus, Group, GroupKind, Membership, Person, Posting, SignIn
from schools.signing_in import TOKEN

FRAME_LIMIT = 16 * 1024 * 1024
STEPS = [f"step{number}" for number in range(6)]
RUN_SHEET = {
    "title": "分数的初步认识",
    "minutes": 40,
    "steps": [
        {"id": step, "title": step, "minutes": 7, "teacher": "", "pupils": "", "intent": "", "notes": {}, "files": []}
        for step in STEPS
    ],
}


@dataclass
class Lesson:
    """A lesson of the benchmark: its code and the cookies of its screens, the first that of the lead."""

    code: str
    session_id: int
    lead: str
    walls: list[tuple[int, str]]
    observers: list[str]


def make_lessons(data_dir: Path, lessons: int, classrooms: int, observers: int) -> list[Lesson]:
    """Lessons that begin now in a site that has its tables, each with people of its own."""
    app = create_app(Settings.from_environment({"DATA_DIR": str(data_dir)}))
    serializer: Any = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    made: list[Lesson] = []
    with app.app_context(), writing():
        day = today()
        group = Group(name="测速集团", kind=GroupKind.EDUCATION_GROUP)
        campus = Campus(name="测速校区", short_name="测速", code="bench")
        db.session.add_all([group, campus])
        db.session.flush()
        db.session.add(Membership(group=group, campus=campus, from_day=day - timedelta(days=9)))
        numbers = itertools.count()

        def person() -> tuple[Person, str]:
            someone = Person(name=f"测速{next(numbers)}", password_hash="")
            db.session.add(someone)
            db.session.add(Posting(person=someone, campus=campus, from_day=day - timedelta(days=9)))
            token = secrets.token_urlsafe(16)
            expires = now() + timedelta(days=1)
            db.session.add(SignIn(person=someone, token_hash=_hash(token), expires_at=expires, device=""))
            return someone, f"session={serializer.dumps({TOKEN: token, '_permanent': True})}"

        for number in range(lessons):
            lead, lead_cookie = person()
            session = LiveSession(
                code=f"bench{number:05}",
                group_id=group.id,
                kind=SessionKind.DELIVERED,
                state=SessionState.SETTLED,
                title="分数的初步认识",
                lead=lead,
                day=day,
                starts=600,
                ends=645,
                starts_at=now(),
                ends_at=now() + timedelta(minutes=45),
                run_sheet=RUN_SHEET,
            )
            for rank in range(classrooms + 1):
                role = ClassroomRole.LISTENING if rank else ClassroomRole.MAIN
                session.classrooms.append(LiveClassroom(rank=rank, role=role, campus=campus, starts=600, ends=645))
            watching = [person() for _ in range(observers)]
            session.guests = [LiveGuest(person=each, role=RoomRole.OBSERVER) for each, _ in watching]
            db.session.add(session)
            db.session.flush()
            walls = []
            for each in session.classrooms[1:]:
                token = secrets.token_urlsafe(16)
                expires = now() + timedelta(days=1)
                db.session.add(ClassroomScreen(classroom_id=each.id, token_hash=_hash(token), expires_at=expires))
                walls.append((each.id, f"classroom={token}"))
            made.append(Lesson(session.code, session.id, lead_cookie, walls, [cookie for _, cookie in watching]))
        db.session.commit()
        db.engine.dispose()
    return made


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class Line:
    """A Socket.IO connection over a websocket, as thin as can be: every event goes to `heard` at once."""

    def __init__(self, address: str, cookie: str, namespace: str = "/live") -> None:
        self.address, self.cookie, self.namespace = address, cookie, namespace
        self.heard: Callable[[list[Any]], None] = lambda _: None
        self.open = False
        self.ended = 0.0
        """When it was cut or found to have ended."""
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._socket: ClientConnection | None = None
        self._reading: asyncio.Task[None] | None = None

    async def connect(self) -> "Line":
        url = self.address.replace("http", "ws", 1) + "/socket.io/?EIO=4&transport=websocket"
        headers = {"Cookie": self.cookie} if self.cookie else {}
        socket = await connect(
            url, additional_headers=headers, compression=None, max_size=FRAME_LIMIT, open_timeout=60, ping_interval=None
        )
        await socket.recv()
        await socket.send(msgpack.packb({"type": 0, "nsp": self.namespace, "data": None}))
        answer = msgpack.unpackb(await _next(socket))
        if answer["type"] != 0:
            raise ConnectionError(answer)
        self._socket, self.open = socket, True
        self._reading = asyncio.create_task(self._read(socket))
        return self

    async def call(self, event: str, *given: Any) -> Any:
        """Ask, and wait for the answer. Raises ConnectionError when the line ends before."""
        number = next(self._numbers)
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        await self.send(event, *given, number=number)
        return await answer

    async def send(self, event: str, *given: Any, number: int | None = None) -> None:
        packet = {"type": 2, "nsp": self.namespace, "data": [event, *given]}
        if number is not None:
            packet["id"] = number
        if self._socket is None or not self.open:
            raise ConnectionError
        try:
            await self._socket.send(msgpack.packb(packet))
        except ConnectionClosed:
            self._lost()
            raise ConnectionError from None

    async def cut(self) -> None:
        """The line is cut."""
        self.ended = time.time()
        if self._socket is not None:
            self._socket.transport.abort()
        if self._reading is not None:
            await self._reading

    async def _read(self, socket: ClientConnection) -> None:
        try:
            async for frame in socket:
                if isinstance(frame, str):
                    if frame == "2":
                        await socket.send("3")
                    continue
                packet = msgpack.unpackb(frame)
                if packet["type"] == 3:
                    answer = self._waiting.pop(packet["id"], None)
                    if answer is not None and not answer.done():
                        answer.set_result(packet["data"][0])
                elif packet["type"] == 2:
                    data = packet["data"]
                    if data[0] == "beat":
                        await self.send("here", data[1])
                    else:
                        self.heard(data)
        except (ConnectionClosed, ConnectionError):
            pass
        finally:
            self._lost()

    def _lost(self) -> None:
        self.open = False
        self.ended = self.ended or time.time()
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(ConnectionError())
        self._waiting.clear()


async def _next(socket: ClientConnection) -> bytes:
    while True:
        frame = await socket.recv()
        if isinstance(frame, bytes):
            return frame


def process_figures(pid: int) -> tuple[float, float]:
    """Seconds of processor time and resident MiB of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return (int(fields[11]) + int(fields[12])) / 100, pages * 4096 / 2**20


def percentile(values: list[float], share: float) -> float:
    """The value below which `share` of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def clock() -> float:
    """Milliseconds of a clock that only goes forward."""
    return time.perf_counter() * 1000
