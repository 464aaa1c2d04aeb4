"""What happens in a room: which kinds there are, what each carries, who may do it and who sees it (docs/live.md, "Events")."""

import math
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from flask_babel import gettext

from foundation.errors import Conflict, Invalid, NotAllowed
from live.models import MediaKind, RoomRole
from live.room import run_sheet
from live.room.state import Event, State

REOPEN_MS: Final = 10 * 60 * 1000
"""How long after its end a lesson may go on after all."""

POINTS: Final = 2_000
STROKES: Final = 3_000
"""Points of one stroke, and strokes of one step, at most."""

ALL: Final = "all"


@dataclass(frozen=True)
class Viewer:
    """Who looks at a room, or does something in it. `person` is None for the screen of a classroom and for pupils."""

    role: RoomRole
    classroom: int | None = None
    person: int | None = None
    pupil: int | None = None
    name: str = field(default="", compare=False)

    @property
    def endpoint(self) -> str:
        """What sound and pictures call this end; a helper's phone and a pupil at home are not the classroom itself."""
        if self.pupil is not None:
            return f"u{self.pupil}"
        if self.classroom is not None and self.role in (RoomRole.LEAD, RoomRole.PUPIL):
            return f"c{self.classroom}"
        return f"p{self.person}"

    @property
    def is_screen(self) -> bool:
        """Whether it is the screen of a classroom, let in by its code."""
        return self.role is RoomRole.PUPIL and self.pupil is None


@dataclass(frozen=True)
class Facts:
    """What is known of a session from its schedule. `pupils` are the names of those in each classroom, by number."""

    session_id: int
    code: str
    main: int | None
    classrooms: Collection[int]
    pupils: Mapping[int, Mapping[int, str]]
    run_sheet: dict[str, Any]
    ends_ms: int
    lead: int | None = None
    media: MediaKind = MediaKind.NONE
    link: str = ""
    steps: frozenset[str] = field(init=False)
    files: frozenset[tuple[str, int]] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "steps", frozenset(step["id"] for step in self.run_sheet.get("steps", [])))
        object.__setattr__(self, "files", frozenset(run_sheet.files_on(self.run_sheet)))


@dataclass(frozen=True)
class Draft:
    """An event before it has its number."""

    kind: str
    data: dict[str, Any]
    audience: str = ALL
    by: int | None = None
    classroom: int | None = None


def visible(audience: str, viewer: Viewer) -> bool:
    """Whether a viewer may see what is for `audience`; the lead sees everything.

    `helper:<n>`: the helper of a classroom. `room:<n>`: whoever is in it. `near:<n>`: the same and all adults. `person:<n>`: one person.
    """
    if audience == ALL or viewer.role is RoomRole.LEAD:
        return True
    whose, _, number = audience.partition(":")
    if whose == "person":
        return number == str(viewer.person)
    here = number == str(viewer.classroom)
    if whose == "helper":
        return here and viewer.role is RoomRole.HELPER
    if whose == "near":
        return here or viewer.role is not RoomRole.PUPIL
    return here and whose == "room"


def shown(event: Event, viewer: Viewer) -> Event:
    """An event as a viewer may see it: pupils at home hear of each other by number only."""
    if event.kind != "hand_of" or viewer.pupil is None:
        return event
    return event._replace(data={**event.data, "name": ""})


def drafts(
    kind: str, data: object, viewer: Viewer, state: State, facts: Facts, at: int, screen: str = ""
) -> list[Draft]:
    """What becomes of a wish of `screen`: one event, or the few that belong together.

    Raises Invalid for what cannot be understood, NotAllowed and Conflict with a sentence.
    """
    what = KINDS.get(kind)
    if what is None or not isinstance(data, dict):
        raise _unreadable()
    clean = what.read(Reader(data, facts))
    if not what.may(viewer, clean, state):
        raise NotAllowed(gettext("您在这个课堂里不能这样做。"))
    _refuse_out_of_time(kind, state, at)
    if what.refuse is not None:
        what.refuse(viewer, clean, state)
    if kind == "recording":
        clean = _recorded_by(screen, clean, state)
    return _expanded(kind, clean, viewer, state, facts)


def _refuse_out_of_time(kind: str, state: State, at: int) -> None:
    phase = state["phase"]
    if kind == "reopen":
        if phase != "ended":
            raise Conflict(gettext("这节课还没有结束。"))
        if at - state["ended"] > REOPEN_MS:
            raise Conflict(gettext("这节课结束已经超过 10 分钟，不能再接着上了。"))
    elif phase == "ended" and kind not in AFTER_THE_END:
        raise Conflict(gettext("这节课已经结束。"))
    elif phase == "waiting" and kind not in BEFORE_THE_BEGINNING:
        raise Conflict(gettext("还没有开课，请先开课。"))
    elif kind == "open" and phase != "waiting":
        raise Conflict(gettext("已经开课了。"))


BEFORE_THE_BEGINNING: Final = frozenset(
    {"open", "ready", "trouble", "roll", "chat", "chat_paused", "chat_removed", "mute", "camera", "layout", "recording"}
)
AFTER_THE_END: Final = frozenset({"roll", "recording", "chat_removed"})


def _expanded(kind: str, data: dict[str, Any], viewer: Viewer, state: State, facts: Facts) -> list[Draft]:
    def draft(kind: str, data: dict[str, Any], audience: str = ALL) -> Draft:
        return Draft(kind, data, audience, viewer.person, viewer.classroom)

    here = viewer.classroom
    if "pupil" in data and data["pupil"] not in facts.pupils.get(here or 0, {}):
        raise Invalid(gettext("这位学生不在这个班里。"))
    match kind:
        case "step":
            page = run_sheet.first_page(facts.run_sheet, data["step"], state["page"])
            begin = [draft("begin", {})] if state["phase"] == "open" else []
            return [*begin, draft("step", {**data, "page": page})]
        case "begin" if state["phase"] == "running":
            raise Conflict(gettext("已经开始上课了。"))
        case "hand" if "pupil" in data:
            return _hand_of_pupil(data, state, draft, facts.pupils.get(here or 0, {}), here)
        case "chat":
            name = viewer.name if viewer.person is not None else ""
            to = "all" if viewer.role is RoomRole.LEAD else data["to"]
            return [draft("chat", {**data, "to": to, "name": name}, _audience_of_chat(to, viewer))]
        case "roll":
            return [draft("roll", data, f"helper:{here}")]
        case "local_step":
            return [draft("local_step", data, f"near:{here}")]
        case _:
            return [draft(kind, data)]


def _hand_of_pupil(
    data: dict[str, Any], state: State, draft: Callable[..., Draft], names: Mapping[int, str], here: int | None
) -> list[Draft]:
    """The pupil's name goes to the lead and the pupil's own classroom; all others see that the classroom has a hand up."""
    pupil = data["pupil"]
    others = [each for each in state["hands"].get(str(here), []) if each["pupil"] != pupil]
    raised = state["classrooms"].get(str(here), {}).get("hand") is not None
    change = not raised if data["up"] else raised and not others
    named = draft("hand_of", {"up": data["up"], "pupil": pupil, "name": names.get(pupil, "")}, f"room:{here}")
    return [named, *([draft("hand", {"up": data["up"]})] if change else [])]


def _recorded_by(screen: str, data: dict[str, Any], state: State) -> dict[str, Any]:
    """One screen records at a time: while it is there, no other begins, and no other says that it has stopped."""
    recording = state["recording"]
    holder = recording["screen"]
    if recording["state"] == "on" and holder != screen and holder in state["people"]:
        raise Conflict(gettext("另一台电脑正在录这节课，那边停了，这里才能录。"))
    return {**data, "screen": screen}


def _audience_of_chat(to: str, viewer: Viewer) -> str:
    if to == "all":
        return ALL
    return f"helper:{viewer.classroom}" if viewer.role is RoomRole.HELPER else f"person:{viewer.person}"


# ---- reading what a screen has sent ----


def _unreadable() -> Invalid:
    return Invalid(gettext("收到的内容无法识别，没有处理。"))


_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,40}")
_NUMBERS: Final = 2**53
_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}|[a-z]{1,20}")


class Reader:
    """Takes out of what was sent what a kind needs, and nothing else. Raises Invalid."""

    def __init__(self, data: dict[Any, Any], facts: Facts) -> None:
        self._data = data
        self.facts = facts

    def __contains__(self, name: str) -> bool:
        return self._data.get(name) is not None

    def flag(self, name: str) -> bool:
        """Yes or no."""
        value = self._data.get(name)
        if not isinstance(value, bool):
            raise _unreadable()
        return value

    def whole(self, name: str, least: int, most: int) -> int:
        """A whole number within bounds."""
        value = self._data.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise _unreadable()
        return value

    def real(self, name: str, least: float, most: float) -> float:
        """A number within bounds."""
        return _number(self._data.get(name), least, most)

    def one_of(self, name: str, *choices: str) -> str:
        """One of a few words."""
        value = self._data.get(name)
        if not isinstance(value, str) or value not in choices:
            raise _unreadable()
        return value

    def id(self, name: str) -> str:
        """A short name that a screen has thought of."""
        value = self._data.get(name)
        if not isinstance(value, str) or not _ID.fullmatch(value):
            raise _unreadable()
        return value

    def text(self, name: str, most: int, *, empty: bool = False) -> str:
        """Words that people have written. Too many are refused with a sentence."""
        value = _word(self._data.get(name)).strip()
        if len(value) > most:
            raise Invalid(gettext("写得太长了，最多 %(most)s 个字。", most=most))
        if not value and not empty:
            raise Invalid(gettext("还没有写内容。"))
        return value

    def step(self) -> str:
        """A step of the run-sheet."""
        step = self._data.get("step")
        if not isinstance(step, str) or step not in self.facts.steps:
            raise Invalid(gettext("运行单里没有这个环节。"))
        return step

    def step_or_none(self) -> str:
        """The same, or empty: before the first step, or where there is no plan."""
        return "" if self._data.get("step") == "" else self.step()

    def classroom(self) -> int:
        """A classroom of the session."""
        number = self.whole("classroom", 1, _NUMBERS)
        if number not in self.facts.classrooms:
            raise Invalid(gettext("这个教室不在这堂课里。"))
        return number

    def file(self) -> dict[str, Any]:
        """A file of the run-sheet."""
        resource, version = self._data.get("resource"), self._data.get("version")
        if not isinstance(resource, str) or type(version) is not int or (resource, version) not in self.facts.files:
            raise Invalid(gettext("运行单里没有这个文件。"))
        return {"resource": resource, "version": version}

    def pupil(self) -> int:
        """The number of a pupil."""
        return self.whole("pupil", 1, _NUMBERS)

    def list(self, name: str, most: int) -> "list[Any]":
        """A list that is not too long."""
        value = self._data.get(name)
        if not isinstance(value, list) or len(value) > most:
            raise _unreadable()
        return value

    def inner(self, name: str) -> "Reader":
        """What is inside."""
        value = self._data.get(name)
        if not isinstance(value, dict):
            raise _unreadable()
        return Reader(value, self.facts)

    def colour(self) -> str:
        """A colour."""
        value = self._data.get("color")
        if not isinstance(value, str) or not _COLOUR.fullmatch(value):
            raise _unreadable()
        return value


def _word(value: object) -> str:
    """Text that every database can keep: PostgreSQL refuses U+0000."""
    if not isinstance(value, str) or "\0" in value:
        raise _unreadable()
    return value


def _number(value: object, least: float, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _unreadable()
    if not least <= value <= most:
        raise _unreadable()
    return value


def _read_nothing(given: Reader) -> dict[str, Any]:
    return {}


def _read_page(given: Reader) -> dict[str, Any]:
    if "resource" not in given:
        return {"resource": None}
    return {**given.file(), "number": given.whole("number", 1, 5_000)}


def _read_clip(given: Reader) -> dict[str, Any]:
    if "resource" not in given:
        return {"resource": None}
    return {**given.file(), "playing": given.flag("playing"), "at": given.real("at", 0, 86_400)}


TOOLS: Final = ("pen", "marker", "line", "rect", "ellipse", "text")


def _read_stroke(given: Reader) -> dict[str, Any]:
    drawn = given.inner("stroke")
    points = [_number(each, -100, 1_100) for each in drawn.list("points", 2 * POINTS)]
    tool = drawn.one_of("tool", *TOOLS)
    if len(points) % 2 or not points:
        raise _unreadable()
    stroke: dict[str, Any] = {
        "id": drawn.id("id"),
        "tool": tool,
        "color": drawn.colour(),
        "width": drawn.real("width", 0.1, 100),
        "points": points,
        "on": _read_on(drawn),
    }
    if tool == "text":
        stroke["text"] = drawn.text("text", 200)
    return {"step": given.step_or_none(), "stroke": stroke}


def _read_on(given: Reader) -> str:
    """The board, or a page of a file of the run-sheet."""
    on = given.text("on", 60)
    resource, _, number = on.removeprefix("page:").rpartition(":")
    known = number.isdecimal() and any(resource == each for each, _ in given.facts.files)
    if on != "board" and not (on.startswith("page:") and known):
        raise _unreadable()
    return on


def _read_check(given: Reader) -> dict[str, Any]:
    options = given.list("options", 8)
    if not options or not all(len(_word(each)) <= 60 for each in options):
        raise Invalid(gettext("小测要有 1 到 8 个选项，每个不超过 60 个字。"))
    return {
        "id": given.id("id"),
        "kind": given.one_of("kind", "choice", "truefalse", "count"),
        "question": given.text("question", 200, empty=True),
        "options": options,
    }


def _read_count(given: Reader) -> dict[str, Any]:
    counts = given.list("counts", 8)
    if not all(isinstance(each, int) and not isinstance(each, bool) and 0 <= each <= 2_000 for each in counts):
        raise _unreadable()
    return {"id": given.id("id"), "classroom": given.classroom(), "counts": counts}


def _read_hand(given: Reader) -> dict[str, Any]:
    return {"up": given.flag("up"), **({"pupil": given.pupil()} if "pupil" in given else {})}


def _read_air(given: Reader) -> dict[str, Any]:
    return {"classroom": given.classroom() if "classroom" in given else None}


def _read_camera(given: Reader) -> dict[str, Any]:
    which = given.one_of("which", "teacher", "pupils")
    return {"classroom": given.classroom(), "which": which, "on": given.flag("on")}


def _read_chat(given: Reader) -> dict[str, Any]:
    return {"id": given.id("id"), "text": given.text("text", 500), "to": given.one_of("to", "all", "lead")}


def _read_roll(given: Reader) -> dict[str, Any]:
    return {"pupil": given.pupil(), "mark": given.one_of("mark", "present", "absent", "leave", "late")}


def _read_recording(given: Reader) -> dict[str, Any]:
    return {"state": given.one_of("state", "on", "off", "failed"), "why": given.text("why", 100, empty=True)}


def _read_ready(given: Reader) -> dict[str, Any]:
    return {"done": given.whole("done", 0, 100_000), "total": given.whole("total", 0, 100_000)}


# ---- who may ----

May = Callable[[Viewer, dict[str, Any], State], bool]


def _lead(viewer: Viewer, data: dict[str, Any], state: State) -> bool:
    return viewer.role is RoomRole.LEAD


def _lead_or_director(viewer: Viewer, data: dict[str, Any], state: State) -> bool:
    return viewer.role in (RoomRole.LEAD, RoomRole.DIRECTOR)


def _helper(viewer: Viewer, data: dict[str, Any], state: State) -> bool:
    return viewer.role is RoomRole.HELPER


def _classroom_itself(viewer: Viewer) -> bool:
    return viewer.classroom is not None and (viewer.role is RoomRole.HELPER or viewer.is_screen)


def _on_air(viewer: Viewer, data: dict[str, Any], state: State) -> bool:
    """The lead, and a classroom that is on air."""
    room = state["classrooms"].get(str(viewer.classroom), {})
    return viewer.role is RoomRole.LEAD or (_classroom_itself(viewer) and bool(room.get("air")))


def _raises_hand(viewer: Viewer, data: dict[str, Any], state: State) -> bool:
    """A classroom for itself and its pupils, a pupil at home for nobody else."""
    return _classroom_itself(viewer) or (viewer.pupil is not None and data.get("pupil") == viewer.pupil)


def _of_its_own(viewer: Viewer, data: dict[str, Any], state: State) -> bool:
    """The lead and the director for every classroom, a classroom for itself."""
    return _lead_or_director(viewer, data, state) or (
        _classroom_itself(viewer) and data["classroom"] == viewer.classroom
    )


def _counts(viewer: Viewer, data: dict[str, Any], state: State) -> bool:
    teaches = viewer.role is RoomRole.LEAD or _classroom_itself(viewer)
    return teaches and data["classroom"] == viewer.classroom


def _gets_ready(viewer: Viewer, data: dict[str, Any], state: State) -> bool:
    return viewer.classroom is not None and (viewer.is_screen or viewer.role is RoomRole.LEAD)


def _chats(viewer: Viewer, data: dict[str, Any], state: State) -> bool:
    """Who looks in only to see says nothing; whoever is a pupil says nothing that others do not see."""
    return viewer.role is not RoomRole.PATROL and (data["to"] == "all" or viewer.role is not RoomRole.PUPIL)


def _calls_roll(viewer: Viewer, data: dict[str, Any], state: State) -> bool:
    return viewer.classroom is not None and viewer.role in (RoomRole.HELPER, RoomRole.LEAD)


# ---- what stands in the way ----


def _refuse_paused(viewer: Viewer, data: dict[str, Any], state: State) -> None:
    if state["chat"]["paused"] and viewer.role is not RoomRole.LEAD and data["to"] == "all":
        raise Conflict(gettext("老师暂停了聊天。"))


def _refuse_too_many_strokes(viewer: Viewer, data: dict[str, Any], state: State) -> None:
    if len(state["strokes"].get(data["step"], [])) >= STROKES:
        raise Conflict(gettext("这个环节的板书和批注太多了，请先擦去一些。"))


def _refuse_closed_check(viewer: Viewer, data: dict[str, Any], state: State) -> None:
    check = state["check"]
    if check is None or check["id"] != data["id"]:
        raise Conflict(gettext("这次小测已经收了。"))
    if len(data["counts"]) != len(check["options"]):
        raise _unreadable()


def _refuse_without_takeover(viewer: Viewer, data: dict[str, Any], state: State) -> None:
    if state["classrooms"].get(str(viewer.classroom), {}).get("takeover") is None:
        raise Conflict(gettext("请先在本地接管，再换环节。"))


@dataclass(frozen=True)
class Kind:
    """How one kind of wish is read, who may have it, and what else refuses it."""

    may: May
    read: Callable[[Reader], dict[str, Any]] = _read_nothing
    refuse: Callable[[Viewer, dict[str, Any], State], None] | None = None


KINDS: Final[dict[str, Kind]] = {
    "open": Kind(_lead),
    "begin": Kind(_lead),
    "end": Kind(_lead),
    "reopen": Kind(_lead),
    "step": Kind(_lead, lambda given: {"step": given.step()}),
    "page": Kind(_lead, _read_page),
    "clip": Kind(_lead, _read_clip),
    "layout": Kind(_lead_or_director, lambda given: {"layout": given.one_of("layout", "teach", "interact", "discuss")}),
    "board": Kind(_lead, lambda given: {"open": given.flag("open")}),
    "stroke": Kind(_on_air, _read_stroke, _refuse_too_many_strokes),
    "unstroke": Kind(_on_air, lambda given: {"step": given.step_or_none(), "id": given.id("id")}),
    "wipe": Kind(_on_air, lambda given: {"step": given.step_or_none(), "on": _read_on(given)}),
    "timer": Kind(_lead, lambda given: {"seconds": given.whole("seconds", 0, 7_200)}),
    "ready": Kind(_gets_ready, _read_ready),
    "hand": Kind(_raises_hand, _read_hand),
    "air": Kind(_lead, _read_air),
    "mute": Kind(_of_its_own, lambda given: {"classroom": given.classroom(), "muted": given.flag("muted")}),
    "camera": Kind(_of_its_own, _read_camera),
    "check": Kind(_lead, _read_check),
    "count": Kind(_counts, _read_count, _refuse_closed_check),
    "check_shown": Kind(_lead, lambda given: {"id": given.id("id"), "shown": given.flag("shown")}),
    "check_closed": Kind(_lead, lambda given: {"id": given.id("id")}),
    "chat": Kind(_chats, _read_chat, _refuse_paused),
    "chat_paused": Kind(_lead, lambda given: {"paused": given.flag("paused")}),
    "chat_removed": Kind(_lead, lambda given: {"id": given.id("id")}),
    "roll": Kind(_calls_roll, _read_roll),
    "takeover": Kind(_helper, lambda given: {"on": given.flag("on")}),
    "local_step": Kind(_helper, lambda given: {"step": given.step()}, _refuse_without_takeover),
    "trouble": Kind(_helper, lambda given: {"text": given.text("text", 60, empty=True)}),
    "recording": Kind(_lead, _read_recording),
}
