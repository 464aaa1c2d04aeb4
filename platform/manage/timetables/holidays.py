"""Holidays and make-up days out of an .ics file, as the State Council's notice is passed around."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from flask_babel import gettext
from icalendar import Calendar, Component

from foundation.errors import Invalid
from manage.timetables.forms import MOST_DAYS, DaysForm
from timetable.models import DayKind

MOST_LETTERS: Final = 400_000
MOST_EVENTS: Final = 500
ONE_DAY: Final = timedelta(days=1)
_AT_WORK: Final = ("上班", "补班", "调休", "补课")


@dataclass(frozen=True)
class Holidays:
    """What a file says: days off and make-up days in their order, and the names of what was not understood."""

    days: Sequence[DaysForm]
    passed_over: Sequence[str]

    @property
    def off(self) -> int:
        """How many days are free."""
        return sum((each.to_day - each.from_day).days for each in self.days if each.kind is DayKind.HOLIDAY)

    @property
    def made_up(self) -> int:
        """How many days are worked in return."""
        return sum((each.to_day - each.from_day).days for each in self.days if each.kind is DayKind.MAKE_UP)


def read_holidays(text: str) -> Holidays:
    """Raises Invalid (field `file`) for what is no calendar and for one without days."""
    if len(text) > MOST_LETTERS:
        raise Invalid(file=gettext("文件太大，不像是节假日日历。"))
    try:
        calendar = Calendar.from_ical(text)
        events = calendar.walk("VEVENT")[:MOST_EVENTS]
    except (ValueError, IndexError, KeyError, TypeError) as problem:
        raise Invalid(file=gettext("这不是 .ics 日历文件，或者文件已损坏。")) from problem
    days, passed_over = [], []
    for event in events:
        name = " ".join(str(event.get("SUMMARY", "")).split())[:40]
        span = _span(event)
        if span is None or not name:
            passed_over.append(name or gettext("没有名称的一项"))
        else:
            kind = DayKind.MAKE_UP if any(word in name for word in _AT_WORK) else DayKind.HOLIDAY
            days.append(DaysForm(_short(name), kind, *span, follows=None, campus_id=None))
    if not days:
        raise Invalid(file=gettext("日历里没有整天的假期或调休。"))
    days.sort(key=lambda each: each.from_day)
    return Holidays(_guessed(days), passed_over)


def _span(event: Component) -> tuple[date, date] | None:
    """The whole days of an event; None for one by the clock, too long, or without an end that makes sense."""
    first, last = event.get("DTSTART"), event.get("DTEND")
    begins = getattr(first, "dt", None)
    ends = getattr(last, "dt", None) or (begins + ONE_DAY if isinstance(begins, date) else None)
    if not isinstance(begins, date) or isinstance(begins, datetime) or isinstance(ends, datetime):
        return None
    if not isinstance(ends, date) or not 0 < (ends - begins).days <= MOST_DAYS:
        return None
    return begins, ends


def _short(name: str) -> str:
    """上班(补国庆节假期) is 补国庆节假期."""
    inner = name.partition("(")[2] or name.partition("（")[2]
    return inner.rstrip(")）") if inner and name.startswith("上班") else name


def _guessed(days: Sequence[DaysForm]) -> list[DaysForm]:
    """Let make-up days follow the last working days that their holiday takes: schools may say otherwise."""
    guessed = list(days)
    for holiday in (each for each in days if each.kind is DayKind.HOLIDAY):
        returned = [
            number
            for number, each in enumerate(days)
            if each.kind is DayKind.MAKE_UP
            and holiday.name in each.name
            and abs((each.from_day - holiday.from_day).days) < MOST_DAYS
        ]
        span = range((holiday.to_day - holiday.from_day).days)
        taken = [day.isoweekday() for number in span if (day := holiday.from_day + number * ONE_DAY).weekday() < 5]
        for number, weekday in zip(returned, taken[-len(returned) :] if returned else [], strict=False):
            each = guessed[number]
            guessed[number] = DaysForm(each.name, each.kind, each.from_day, each.to_day, weekday, None)
    return guessed
