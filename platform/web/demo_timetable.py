"""The terms, bells and timetables of the demo group: every assignment of a class is placed in its week, nobody in two at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from foundation.codes import new_code
from foundation.database import db
from schools.models import Campus, Group, SchoolClass, Subject, TeachingAssignment
from timetable.models import (
    BellSchedule,
    CalendarDay,
    ChangeKind,
    DayKind,
    Parity,
    Period,
    PeriodKind,
    Term,
    TimetableChange,
    TimetableEntry,
)

Table = Mapping[str, Any]

WEEKDAYS = range(1, 6)
PERIODS = range(1, 7)


@dataclass(frozen=True)
class Place:
    """What the timetable is made for: the group, its campuses by code, and the school year by the year it begins in."""

    group: Group
    campuses: Mapping[str, Campus]
    year: int
    today: date


def make_timetable(tables: Table, place: Place) -> None:
    """Make everything, uncommitted."""
    terms = [_make_term(table, place) for table in tables["term"]]
    for table in tables["days"]:
        _make_days(table, place)
    for table in tables["bell"]:
        _make_bell(table, place, terms[0].from_day)
    _make_entries(tables["weekly"], terms)
    db.session.flush()
    _make_changes(place.today)


def _day(words: str, year: int) -> date:
    """`10-01`: the first of October of the school year."""
    month, day = map(int, words.split("-"))
    return date(year if month >= 8 else year + 1, month, day)


def _make_term(table: Table, place: Place) -> Term:
    term = Term(
        group_id=place.group.id,
        year=place.year,
        semester=table["semester"],
        from_day=_day(table["from"], place.year),
        to_day=_day(table["to"], place.year),
    )
    db.session.add(term)
    return term


def _make_days(table: Table, place: Place) -> None:
    day, end = _day(table["from"], place.year), _day(table["to"], place.year)
    while day < end:
        db.session.add(
            CalendarDay(
                group_id=place.group.id,
                day=day,
                kind=DayKind(table["kind"]),
                follows=table.get("follows"),
                name=table["name"],
            )
        )
        day += timedelta(days=1)


def _make_bell(table: Table, place: Place, from_day: date) -> None:
    campus = place.campuses.get(table.get("campus", ""))
    bell = BellSchedule(
        group_id=place.group.id, campus_id=campus.id if campus else None, name=table["name"], from_day=from_day
    )
    number = 0
    for label, kind, starts, ends in table["periods"]:
        number += kind != PeriodKind.BREAK
        bell.periods.append(
            Period(
                number=None if kind == PeriodKind.BREAK else number,
                label=label,
                kind=PeriodKind(kind),
                starts=_minutes(starts),
                ends=_minutes(ends),
            )
        )
    db.session.add(bell)


def _minutes(words: str) -> int:
    hours, _, minutes = words.partition(":")
    return int(hours) * 60 + int(minutes)


def _make_entries(weekly: Mapping[str, int], terms: Sequence[Term]) -> None:
    """Each lesson takes the first period that is free, on the day that has the fewest of its subject so far."""
    taken: set[tuple[str, int, int, int]] = set()
    rows = db.session.execute(
        select(TeachingAssignment, SchoolClass, Subject)
        .join(SchoolClass, SchoolClass.id == TeachingAssignment.class_id)
        .join(Subject, Subject.id == TeachingAssignment.subject_id)
        .order_by(TeachingAssignment.id)
    ).all()
    placed: set[tuple[int, int]] = set()
    for assignment, school_class, subject in sorted(rows, key=lambda row: -weekly[row.Subject.code]):
        if (school_class.id, subject.id) in placed:
            continue
        placed.add((school_class.id, subject.id))
        for weekday, period in _slots(taken, school_class, assignment.person_id, weekly[subject.code]):
            for term in terms:
                db.session.add(
                    TimetableEntry(
                        class_id=school_class.id,
                        weekday=weekday,
                        period=period,
                        parity=Parity.EVERY,
                        subject_id=subject.id,
                        person_id=assignment.person_id,
                        from_day=term.from_day,
                        to_day=term.to_day,
                    )
                )


def _slots(
    taken: set[tuple[str, int, int, int]], school_class: SchoolClass, person_id: int, wanted: int
) -> Iterable[tuple[int, int]]:
    """So many free periods of a class and a teacher, spread over the week."""
    on_day = dict.fromkeys(WEEKDAYS, 0)
    for _ in range(wanted):
        free = [
            (on_day[weekday], (weekday + school_class.id) % len(WEEKDAYS), period, weekday)
            for weekday in WEEKDAYS
            for period in PERIODS
            if ("class", school_class.id, weekday, period) not in taken
            and ("person", person_id, weekday, period) not in taken
        ]
        if not free:
            return
        _, _, period, weekday = min(free)
        on_day[weekday] += 1
        taken |= {("class", school_class.id, weekday, period), ("person", person_id, weekday, period)}
        yield weekday, period


def _make_changes(today: date) -> None:
    """A teacher who is away next week, and two lessons that have changed places."""
    monday = today - timedelta(days=today.weekday()) + timedelta(weeks=1)
    running = select(TimetableEntry).where(TimetableEntry.holding_on(monday)).order_by(TimetableEntry.id)
    entries = list(db.session.scalars(running))
    for entry in entries[:1]:
        _change(entry, monday, kind=ChangeKind.CANCELLED, reason="外出参加县教研活动")
    first = next((each for each in entries[1:] if each.weekday in (2, 3)), None)
    other = next(
        (each for each in entries if first and each.class_id == first.class_id and each.subject_id != first.subject_id),
        None,
    )
    if first and other:
        pair = new_code(10)
        for one, into in ((first, other), (other, first)):
            new_day = monday + timedelta(days=into.weekday - 1)
            _change(
                one,
                monday,
                kind=ChangeKind.MOVED,
                new_day=new_day,
                new_period=into.period,
                pair=pair,
                reason="迎接公开课",
            )


def _change(entry: TimetableEntry, monday: date, **what: Any) -> None:
    entry.sequence = 1
    db.session.add(TimetableChange(entry_id=entry.id, day=monday + timedelta(days=entry.weekday - 1), **what))
