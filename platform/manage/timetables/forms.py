"""What the browser may send about terms, days, bells, timetables and changes, cleaned and checked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from flask_babel import gettext

from foundation.errors import Invalid
from manage.sent import Sent
from schools.years import school_year_of
from timetable.models import ChangeKind, DayKind, Parity, PeriodKind

MOST_DAYS: Final = 92
"""A summer holiday, and a little more."""
MOST_PERIODS: Final = 20
MOST_WEEKS: Final = 30
_NEVER: Final = date(1970, 1, 1)
"""Stands for a day that was not filled in, which is refused before it is used."""
_TIME: Final = re.compile(r"([01]?\d|2[0-4])[:：]([0-5]\d)\Z")
_LESSON: Final = re.compile(r"(\d{1,9})@(\d{4}-\d\d-\d\d)\Z", re.ASCII)


@dataclass(frozen=True)
class TermForm:
    """学期: its first day, and the day after its last."""

    year: int
    semester: int
    from_day: date
    to_day: date

    @classmethod
    def read(cls, form: Mapping[str, str]) -> "TermForm":
        """The browser sends the last day itself. Raises Invalid."""
        sent = Sent(form)
        semester = sent.number("semester", range(1, 3), missing=gettext("请选择学期。")) or 0
        first = sent.day("from_day", missing=gettext("请填写开学的日子。")) or _NEVER
        last = sent.day("last_day", missing=gettext("请填写学期的最后一天。")) or _NEVER
        if not sent.faults and not 0 < (last - first).days < MOST_WEEKS * 7:
            sent.faults["last_day"] = gettext("学期应在开学之后结束，最长 %(weeks)d 周。", weeks=MOST_WEEKS)
        sent.check()
        return cls(school_year_of(first), semester, first, last + timedelta(days=1))


@dataclass(frozen=True)
class DaysForm:
    """Days that are not as usual, of the whole group or of a campus; `to_day` is the first that is not among them."""

    name: str
    kind: DayKind
    from_day: date
    to_day: date
    follows: int | None
    campus_id: int | None

    @classmethod
    def read(cls, form: Mapping[str, str]) -> "DaysForm":
        """Raises Invalid."""
        sent = Sent(form)
        name = sent.line("name", 40, missing=gettext("请填写名称，如“国庆节”“期中考试”。"))
        kind = sent.one_of("kind", DayKind)
        first = sent.day("from_day", missing=gettext("请填写日期。")) or _NEVER
        last = sent.day("last_day") or first
        follows = sent.number("follows", range(1, 8)) if kind is DayKind.MAKE_UP else None
        campus_id = sent.record("campus")
        if not sent.faults and not 0 <= (last - first).days < MOST_DAYS:
            sent.faults["last_day"] = gettext("最后一天应不早于第一天，一次最多 %(days)d 天。", days=MOST_DAYS)
        sent.check()
        return cls(name, kind, first, last + timedelta(days=1), follows, campus_id)


@dataclass(frozen=True)
class PeriodLine:
    """A line of a bell schedule."""

    label: str
    kind: PeriodKind
    starts: int
    ends: int


@dataclass(frozen=True)
class BellForm:
    """作息时间 with its periods in the order of the day."""

    name: str
    from_day: date
    to_day: date | None
    periods: tuple[PeriodLine, ...]

    @classmethod
    def read(cls, form: Mapping[str, str], start: date) -> "BellForm":
        """`start` stands for a first day that was not filled in. Raises Invalid."""
        sent = Sent(form)
        name = sent.line("name", 40, missing=gettext("请填写名称，如“夏季作息”。"))
        from_day, last = sent.day("from_day") or start, sent.day("last_day")
        if last and last < from_day:
            sent.faults["last_day"] = gettext("最后一天应不早于第一天。")
        lines = [line for number in range(MOST_PERIODS) if (line := _line(sent, form, number))]
        if not lines and not sent.faults:
            sent.faults["periods"] = gettext("请至少填写一节。")
        lines.sort(key=lambda line: line.starts)
        for before, after in pairwise(lines):
            if after.starts < before.ends:
                sent.faults["periods"] = gettext(
                    "“%(before)s”和“%(after)s”的时间重叠了。", before=before.label, after=after.label
                )
        sent.check()
        return cls(name, from_day, last + timedelta(days=1) if last else None, tuple(lines))


def _line(sent: Sent, form: Mapping[str, str], number: int) -> PeriodLine | None:
    """A line of the table, None where it was left empty or unticked."""
    label = sent.line(f"label-{number}", 20)
    starts, ends = (form.get(f"{name}-{number}", "").strip() for name in ("starts", "ends"))
    if not label and not starts and not ends:
        return None
    kind = sent.one_of(f"kind-{number}", PeriodKind)
    from_minute, to_minute = _minutes(starts), _minutes(ends)
    if not label or from_minute is None or to_minute is None or from_minute >= to_minute:
        sent.faults["periods"] = gettext(
            "第 %(number)d 行要填名称、开始和结束时间，如 8:00 和 8:40，结束晚于开始。", number=number + 1
        )
        return None
    return PeriodLine(label, kind, from_minute, to_minute)


def _minutes(text: str) -> int | None:
    found = _TIME.match(text)
    minutes = int(found[1]) * 60 + int(found[2]) if found else None
    return minutes if minutes is not None and minutes <= 24 * 60 else None


@dataclass(frozen=True)
class CellLesson:
    """A lesson for a cell of a class' week; `person` is who they are in words."""

    parity: Parity
    subject_id: int
    person: str
    room_id: int | None


@dataclass(frozen=True)
class CellForm:
    """What a cell of a class' week holds from a day on: nothing, one lesson, or one in odd and one in even weeks."""

    from_day: date
    lessons: tuple[CellLesson, ...]

    @classmethod
    def read(cls, form: Mapping[str, str]) -> "CellForm":
        """Raises Invalid."""
        sent = Sent(form)
        from_day = sent.day("from_day", missing=gettext("请填写从哪天起。")) or _NEVER
        lessons = []
        for number in ("1", "2"):
            subject_id = sent.record(f"subject-{number}")
            if subject_id is not None:
                parity = sent.one_of(f"parity-{number}", Parity)
                person = sent.line(f"person-{number}", 80)
                lessons.append(CellLesson(parity, subject_id, person, sent.record(f"room-{number}")))
        if len(lessons) == 2 and {each.parity for each in lessons} != {Parity.ODD, Parity.EVEN}:
            sent.faults["parity-2"] = gettext("同一节有两门课时，一门应是单周，另一门是双周。")
        sent.check()
        return cls(from_day, tuple(lessons))


@dataclass(frozen=True)
class ChangeForm:
    """What becomes of a lesson on a day. `swap`: the lesson (entry and day) that it changes places with."""

    kind: ChangeKind
    person: str
    room_id: int | None
    new_day: date | None
    new_period: int | None
    swap: tuple[int, date] | None
    reason: str

    @classmethod
    def read(cls, form: Mapping[str, str]) -> "ChangeForm":
        """`what` is one of cancelled, substitute, moved, swap. Raises Invalid."""
        sent = Sent(form)
        what = form.get("what", "")
        kinds = {**{kind.value: kind for kind in ChangeKind}, "swap": ChangeKind.MOVED}
        if what not in kinds:
            raise Invalid(what=gettext("请选择怎样调整。"))
        person, new_day, new_period, swap = "", None, None, None
        if what == "substitute":
            person = sent.line("person", 80, missing=gettext("请填写代课老师的姓名或工号。"))
        elif what == "moved":
            new_day = sent.day("new_day", missing=gettext("请填写调到哪一天。"))
            new_period = sent.number("new_period", range(1, 31), missing=gettext("请选择调到第几节。"))
        elif what == "swap":
            swap = _swapped(form.get("swap", ""))
            if swap is None:
                sent.faults["swap"] = gettext("请选择和哪一节对调。")
        room_id = sent.record("room") if what in ("substitute", "moved") else None
        reason = sent.line("reason", 100)
        sent.check()
        return cls(kinds[what], person, room_id, new_day, new_period, swap, reason)


def _swapped(text: str) -> tuple[int, date] | None:
    found = _LESSON.match(text)
    try:
        return (int(found[1]), date.fromisoformat(found[2])) if found else None
    except ValueError:
        return None
