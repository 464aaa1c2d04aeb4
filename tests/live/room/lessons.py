"""Random lessons: what screens might do in a room, most of it sensible."""

from dataclasses import dataclass, field
from random import Random
from typing import Any

from foundation.errors import Refusal
from foundation.realtime import Connection
from live.models import RoomRole
from live.room.events import Facts, Viewer, drafts
from live.room.rooms import Member, Proof, Room
from live.room.store import Kept

CLASSROOMS = (11, 12, 13)
PUPILS = {11: {1: "王小明", 2: "李小红"}, 12: {3: "张小刚"}, 13: {4: "赵小兰", 5: "孙小宝"}}
FILE = {"resource": "res1", "version": 2}
SHEET = {
    "title": "分数的初步认识",
    "minutes": 40,
    "steps": [
        {"id": "warm", "files": [{**FILE, "kind": "slides", "pages": 9}]},
        {"id": "learn", "files": []},
        {"id": "close", "files": [{"resource": "res2", "version": 1, "kind": "video", "pages": 0}]},
    ],
}
LEAD = Viewer(RoomRole.LEAD, 11, 100, name="王老师")
HELPER = Viewer(RoomRole.HELPER, 12, 101, name="李老师")
SCREENS = [Viewer(RoomRole.PUPIL, number, name=f"教室{number}") for number in CLASSROOMS]
AT_HOME = Viewer(RoomRole.PUPIL, 13, pupil=4, name="赵小兰")
OBSERVER = Viewer(RoomRole.OBSERVER, None, 102, name="周老师")
PATROL = Viewer(RoomRole.PATROL, None, 103, name="何校长")
EVERYBODY = [LEAD, HELPER, *SCREENS, AT_HOME, OBSERVER, PATROL]


def facts() -> Facts:
    """A lesson with three classrooms."""
    return Facts(1, "abcdefghij", 11, CLASSROOMS, PUPILS, SHEET, ends_ms=10_000_000)


def member(viewer: Viewer, screen: str, at: int, sid: str = "") -> Member:
    """A screen of theirs."""
    connection = Connection(sid or screen, screen, 0, 0, "", "zh_Hans")
    return Member(connection, screen, viewer, Proof("person", viewer.person or 0), heard=at)


@dataclass
class Lesson:
    """A room in which things happen at random; what was committed stands in `kept`."""

    random: Random
    room: Room = field(default_factory=lambda: Room(facts()))
    kept: list[Kept] = field(default_factory=list)
    at: int = 1_000_000
    members: dict[str, Member] = field(default_factory=dict)

    def go_on(self, times: int) -> None:
        """Let `times` things happen; all of it is told at the end."""
        for _ in range(times):
            self.at += self.random.choice((3, 400, 2_000, 7_000))
            if self.random.random() < 0.25:
                self._come_or_go()
            else:
                self._do()
            self._take(self.room.overdue(self.at))
        self.room.told = self.room.sent = len(self.room.log)

    def _come_or_go(self) -> None:
        number = self.random.randrange(len(EVERYBODY))
        viewer, screen = EVERYBODY[number], f"s{number}{self.random.choice('ab')}"
        there = self.members.pop(screen, None)
        if there is not None and self.random.random() < 0.3:
            self._take(self.room.leave_now(there, self.at))
        elif there is not None:
            self.room.depart(there, self.at)
        else:
            came = self.members[screen] = member(viewer, screen, self.at, f"{screen}{self.at}")
            self._take(self.room.arrive(came, self.at))

    def _do(self) -> None:
        for each in self.members.values():
            if self.random.random() < 0.8:
                self._take(self.room.here_again(each, self.at))
        viewer = self.random.choice([LEAD, LEAD, LEAD, *EVERYBODY])
        kind, data = self.wish(viewer)
        if kind == "end":
            self._take(self.room.all_leave(self.at))
        try:
            self._take(drafts(kind, data, viewer, self.room.state, self.room.facts, self.at))
        except Refusal:
            return

    def _take(self, found: list[Any]) -> None:
        for line in self.room.take(found, self.at):
            kept = (
                line.event._replace(data={**line.event.data, "name": ""})
                if line.event.kind == "hand_of"
                else line.event
            )
            self.kept.append(Kept(kept, line.audience, None))

    def wish(self, viewer: Viewer) -> tuple[str, Any]:
        """Something that a screen might ask for."""
        one = self.random.choice
        classroom = viewer.classroom or one(CLASSROOMS)
        check = self.room.state["check"]
        some_id = check["id"] if check else "q1"
        stroke = {
            "id": one("xyz"),
            "tool": "pen",
            "color": "#ff0000",
            "width": 3,
            "points": [1, 2.5, 3, 4],
            "on": "board",
        }
        wishes: dict[str, Any] = {
            "open": {},
            "begin": {},
            "end": {},
            "reopen": {},
            "step": {"step": one(["warm", "learn", "close"])},
            "page": one([{**FILE, "number": one([1, 2, 3])}, {"resource": None}]),
            "clip": one(
                [{"resource": "res2", "version": 1, "playing": one([True, False]), "at": 1.5}, {"resource": None}]
            ),
            "layout": {"layout": one(["teach", "interact", "discuss"])},
            "board": {"open": one([True, False])},
            "stroke": {"step": one(["", "warm"]), "stroke": stroke},
            "unstroke": {"step": "warm", "id": "x"},
            "wipe": {"step": "warm", "on": "board"},
            "timer": {"seconds": one([0, 60])},
            "ready": {"done": 3, "total": 9},
            "hand": one(
                [{"up": True}, {"up": False}, *({"up": up, "pupil": pupil} for up in (True, False) for pupil in (3, 4))]
            ),
            "air": {"classroom": one([None, *CLASSROOMS])},
            "mute": {"classroom": classroom, "muted": one([True, False])},
            "camera": {"classroom": classroom, "which": "pupils", "on": False},
            "check": {"id": f"q{self.at}", "kind": "choice", "question": "选一个", "options": ["甲", "乙"]},
            "count": {"id": some_id, "classroom": classroom, "counts": [3, 4]},
            "check_shown": {"id": some_id, "shown": True},
            "check_closed": {"id": some_id},
            "chat": {"id": f"m{self.at}", "text": "听得清楚", "to": one(["all", "lead"])},
            "chat_paused": {"paused": one([True, False, False])},
            "chat_removed": {"id": f"m{self.at - 400}"},
            "roll": {"pupil": one([1, 3]), "mark": one(["absent", "late", "present"])},
            "takeover": {"on": one([True, False])},
            "local_step": {"step": "learn"},
            "trouble": {"text": one(["没声音", ""])},
            "recording": {"state": "on", "why": ""},
        }
        kind = one([*wishes, "step", "step", "air", "hand", "chat"])
        if self.room.state["phase"] == "waiting" and self.random.random() < 0.5:
            kind = "open"
        elif kind == "end" and self.random.random() < 0.8:
            kind = "stroke"
        elif self.room.state["phase"] == "ended" and self.random.random() < 0.5:
            kind = "reopen"
        return kind, wishes[kind]
