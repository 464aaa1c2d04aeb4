"""Whatever a screen sends: what cannot be used ends in a sentence, and nothing of it comes into the log."""

import json
from collections.abc import Iterator
from random import Random
from typing import Any

from foundation.errors import Refusal
from live.room.events import KINDS, Draft, drafts
from live.room.state import Event, apply
from tests.live.room.lessons import EVERYBODY, Lesson

GARBAGE: list[Any] = [
    None,
    True,
    -1,
    2**63,
    float("nan"),
    float("inf"),
    "",
    "\0",
    "x" * 1_000_000,
    "没有这个\n",
    b"\xff",
    [],
    [0] * 1_000_000,
    [float("nan")] * 4,
    ["字" * 61],
    [[]],
    {},
    {"id": {}},
]
LARGEST = 100_000
"""Characters of one event, a stroke of many points."""


def test_every_field_of_every_kind_may_hold_anything() -> None:
    lesson = Lesson(Random(11))
    lesson.go_on(60)
    kinds = set()
    for phase in ("waiting", "open", "running", "ended"):
        lesson.room.state = {**lesson.room.state, "phase": phase, "ended": lesson.at}
        for viewer in EVERYBODY:
            for kind, data in _wishes(lesson, viewer).items():
                kinds.add(kind)
                for spoilt in _spoilt(data):
                    _is_refused_or_sound(lesson, kind, spoilt, viewer)
    assert kinds == set(KINDS)
    for kind in ("", "no such", "x" * 1_000_000, "enter", "leave", "media", "net", "hand_of"):
        assert _answer(lesson, kind, {}, EVERYBODY[0]) == "收到的内容无法识别，没有处理。"


def _wishes(lesson: Lesson, viewer: Any) -> dict[str, Any]:
    """One sensible wish of each kind."""
    found: dict[str, Any] = {}
    while len(found) < len(KINDS):
        kind, data = lesson.wish(viewer)
        found.setdefault(kind, data)
    return found


def _spoilt(data: dict[str, Any]) -> Iterator[Any]:
    yield from GARBAGE
    for name, value in data.items():
        yield {other: kept for other, kept in data.items() if other != name}
        yield from ({**data, name: garbage} for garbage in GARBAGE)
        if isinstance(value, dict):
            yield from ({**data, name: inner} for inner in _spoilt(value) if isinstance(inner, dict))


def _is_refused_or_sound(lesson: Lesson, kind: str, data: Any, viewer: Any) -> None:
    answer = _answer(lesson, kind, data, viewer)
    if isinstance(answer, str):
        assert answer.endswith("。")
        return
    for draft in answer:
        written = json.dumps(draft.data, allow_nan=False)
        assert len(written) < LARGEST
        assert "\\u0000" not in written
        apply(lesson.room.state, Event(1, lesson.at, draft.kind, draft.by, draft.classroom, draft.data))


def _answer(lesson: Lesson, kind: str, data: Any, viewer: Any) -> list[Draft] | str:
    try:
        return drafts(kind, data, viewer, lesson.room.state, lesson.room.facts, lesson.at)
    except Refusal as refusal:
        return refusal.message
