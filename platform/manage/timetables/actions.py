"""What is done to terms, days, bells and timetables. Each function makes one change and commits it."""

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext
from sqlalchemy import delete, exists, select, update

from foundation.codes import new_code
from foundation.database import commit, db
from foundation.errors import Conflict, Invalid
from manage.finding import colleague_named
from manage.timetables.access import Reach
from manage.timetables.forms import BellForm, CellForm, CellLesson, ChangeForm, DaysForm, TermForm
from manage.timetables.informing import inform
from schools.access import campuses_of_my_groups
from schools.audit import record
from schools.models import Person, Room, SchoolClass, Subject
from timetable.following import lesson_changed
from timetable.models import (
    BellSchedule,
    CalendarDay,
    ChangeKind,
    Parity,
    Period,
    PeriodKind,
    Term,
    TimetableChange,
    TimetableEntry,
)
from timetable.queries import lasting
from timetable.teaching_days import Lesson
from timetable.words import term_name


def add_term(by: Person, reach: Reach, form: TermForm) -> Term:
    """Raises Invalid for a term that is there or overlaps another, NotFound unless the group is theirs."""
    reach.must_hold(None)
    term = Term(group_id=reach.group.id)
    _set_term(term, form)
    db.session.add(term)
    commit()
    return term


def change_term(by: Person, reach: Reach, term: Term, form: TermForm) -> None:
    """Lessons that lasted to the end of the term go on doing so. Raises Invalid, NotFound."""
    reach.must_hold(None)
    old_end = term.to_day
    _set_term(term, form)
    classes = select(SchoolClass.id).where(SchoolClass.campus_id.in_([campus.id for campus in reach.campuses]))
    db.session.execute(
        update(TimetableEntry)
        .where(TimetableEntry.to_day == old_end, TimetableEntry.class_id.in_(classes))
        .values(to_day=form.to_day)
    )
    commit()


def _set_term(term: Term, form: TermForm) -> None:
    others = select(Term).where(Term.group_id == term.group_id, Term.id != (term.id or 0))
    for other in db.session.scalars(others):
        if (other.year, other.semester) == (form.year, form.semester):
            raise Invalid(semester=gettext("已经有%(term)s。", term=term_name(other)))
        if other.from_day < form.to_day and (other.to_day is None or form.from_day < other.to_day):
            raise Invalid(from_day=gettext("和%(term)s的日期重叠了。", term=term_name(other)))
    term.year, term.semester = form.year, form.semester
    term.from_day, term.to_day = form.from_day, form.to_day


def delete_term(by: Person, reach: Reach, term: Term) -> None:
    """Raises Conflict while lessons stand in it, NotFound."""
    reach.must_hold(None)
    campuses = [campus.id for campus in reach.campuses]
    used = (
        select(TimetableEntry.id)
        .join(SchoolClass, SchoolClass.id == TimetableEntry.class_id)
        .where(SchoolClass.campus_id.in_(campuses), lasting(TimetableEntry, term.from_day, term.to_day or date.max))
    )
    if db.session.scalar(used.limit(1)):
        raise Conflict(gettext("这个学期里已经排了课，不能删除。"))
    db.session.delete(term)
    commit()


def set_days(by: Person, reach: Reach, forms: Iterable[DaysForm]) -> int:
    """Let days be holidays, make-up days or exam days; what was said of them before is replaced. Returns how many."""
    count = 0
    for form in forms:
        reach.must_hold(form.campus_id)
        _forget_days(reach, form.campus_id, form.from_day, form.to_day)
        for number in range((form.to_day - form.from_day).days):
            db.session.add(
                CalendarDay(
                    group_id=reach.group.id,
                    campus_id=form.campus_id,
                    day=form.from_day + timedelta(days=number),
                    kind=form.kind,
                    follows=form.follows,
                    name=form.name,
                )
            )
            count += 1
    commit()
    return count


def delete_days(by: Person, reach: Reach, campus_id: int | None, from_day: date, to_day: date) -> None:
    """The days are as usual again. Raises NotFound."""
    reach.must_hold(campus_id)
    _forget_days(reach, campus_id, from_day, to_day)
    commit()


def _forget_days(reach: Reach, campus_id: int | None, from_day: date, to_day: date) -> None:
    db.session.execute(
        delete(CalendarDay).where(
            CalendarDay.group_id == reach.group.id,
            CalendarDay.campus_id.is_(None) if campus_id is None else CalendarDay.campus_id == campus_id,
            CalendarDay.day >= from_day,
            CalendarDay.day < to_day,
        )
    )


def add_bell(by: Person, reach: Reach, campus_id: int | None, form: BellForm) -> BellSchedule:
    """A bell schedule of the group, or of a campus. Raises NotFound."""
    reach.must_hold(campus_id)
    bell = BellSchedule(group_id=reach.group.id, campus_id=campus_id)
    _set_bell(bell, form)
    db.session.add(bell)
    commit()
    return bell


def change_bell(by: Person, reach: Reach, bell: BellSchedule, form: BellForm) -> None:
    """Raises NotFound."""
    reach.must_hold(bell.campus_id)
    bell.periods.clear()
    db.session.flush()  # their numbers are free before others take them
    _set_bell(bell, form)
    commit()


def _set_bell(bell: BellSchedule, form: BellForm) -> None:
    bell.name, bell.from_day, bell.to_day = form.name, form.from_day, form.to_day
    number = 0
    for line in form.periods:
        counted = line.kind is not PeriodKind.BREAK
        number += counted
        bell.periods.append(
            Period(
                number=number if counted else None,
                label=line.label,
                kind=line.kind,
                starts=line.starts,
                ends=line.ends,
            )
        )


def delete_bell(by: Person, reach: Reach, bell: BellSchedule) -> None:
    """Raises NotFound."""
    reach.must_hold(bell.campus_id)
    db.session.delete(bell)
    commit()


def set_cell(
    by: Person, reach: Reach, school_class: SchoolClass, term: Term, place: tuple[int, int], form: CellForm
) -> list[TimetableEntry]:
    """What a class has at a weekday and period from a day of the term to its end; returns what is new.

    What was held before that day stays as it was. Raises Invalid, NotFound.
    """
    reach.must_hold(school_class.campus_id)
    weekday, period = place
    if term.to_day is None or not term.from_day <= form.from_day < term.to_day:
        raise Invalid(from_day=gettext("这一天不在%(term)s里。", term=term_name(term)))
    wanted = [_filled(reach, school_class, lesson) for lesson in form.lessons]
    present = db.session.scalars(
        select(TimetableEntry).where(
            TimetableEntry.class_id == school_class.id,
            TimetableEntry.weekday == weekday,
            TimetableEntry.period == period,
            lasting(TimetableEntry, form.from_day, term.to_day),
        )
    ).all()
    for entry in present:
        same = _said(entry)
        if same in wanted and entry.from_day <= form.from_day and entry.to_day == term.to_day:
            wanted.remove(same)
            entry.by_hand = True
        else:
            end_entry(entry, form.from_day)
    made = [
        TimetableEntry(
            class_id=school_class.id,
            weekday=weekday,
            period=period,
            parity=parity,
            subject_id=subject_id,
            person_id=person_id,
            room_id=room_id,
            by_hand=True,
            from_day=form.from_day,
            to_day=term.to_day,
        )
        for parity, subject_id, person_id, room_id in wanted
    ]
    db.session.add_all(made)
    commit()
    return made


Said = tuple[Parity, int, int | None, int | None]


def _said(entry: TimetableEntry) -> Said:
    return entry.parity, entry.subject_id, entry.person_id, entry.room_id


def _filled(reach: Reach, school_class: SchoolClass, lesson: CellLesson) -> Said:
    if db.session.get(Subject, lesson.subject_id) is None:
        raise Invalid(**{"subject-1": gettext("请选择学科。")})
    person_id = _colleague(reach, lesson.person, "person-1").id if lesson.person else None
    return lesson.parity, lesson.subject_id, person_id, _room(school_class.campus_id, lesson.room_id)


def _colleague(reach: Reach, words: str, field: str) -> Person:
    return colleague_named(words, campuses_of_my_groups(reach.standing), field)


def _room(campus_id: int, room_id: int | None) -> int | None:
    if room_id is None:
        return None
    if not db.session.scalar(select(exists().where(Room.id == room_id, Room.campus_id == campus_id))):
        raise Invalid(room=gettext("请从列表里选择教室。"))
    return room_id


def end_entry(entry: TimetableEntry, on: date) -> None:
    """Uncommitted: the lesson is held no more from a day on; what was changed of it from then on has nothing to change any more."""
    if entry.from_day >= on:
        db.session.delete(entry)
        return
    entry.to_day = on
    db.session.execute(delete(TimetableChange).where(TimetableChange.entry_id == entry.id, TimetableChange.day >= on))


def change_lesson(by: Person, reach: Reach, lesson: Lesson, other: Lesson | None, form: ChangeForm) -> None:
    """Cancel a lesson of a day, move it, let another teach it, or let it change places with `other`.

    What was said of that lesson before is replaced. Whom it concerns is told. Raises Invalid, NotFound.
    """
    reach.must_hold(lesson.entry.campus_id)
    person = substitute_of(reach, lesson, form)
    put_change(by, lesson, other, form, person)
    commit()


def put_change(by: Person, lesson: Lesson, other: Lesson | None, form: ChangeForm, person: Person | None) -> None:
    """Uncommitted: the same, whoever decided it; `person` teaches instead. Raises Invalid."""
    room_id = _room(lesson.entry.campus_id, form.room_id)
    before = _forget_changes([(each.entry.id, each.day) for each in (lesson, other) if each])
    if other is None:
        made = [_write(by, lesson, form, form.new_day, form.new_period, person, room_id)]
    else:
        pair = new_code(10)
        made = [
            _write(by, lesson, form, other.day, other.period, pair=pair),
            _write(by, other, form, lesson.day, lesson.period, pair=pair),
        ]
    db.session.flush()
    for change in made:
        _tell(by, "lesson_changed", change.entry, change.day, change, before)
    _tell_restored(by, before, but={(change.entry_id, change.day) for change in made})


def substitute_of(reach: Reach, lesson: Lesson, form: ChangeForm) -> Person | None:
    """Who shall teach instead, if anybody. Raises Invalid."""
    person = _colleague(reach, form.person, "person") if form.person else None
    if person is not None and person.id == lesson.entry.person_id:
        raise Invalid(person=gettext("%(name)s就是这节课的老师，请填写另一位老师。", name=person.name))
    return person


def _write(
    by: Person,
    lesson: Lesson,
    form: ChangeForm,
    new_day: date | None,
    new_period: int | None,
    person: Person | None = None,
    room_id: int | None = None,
    pair: str | None = None,
) -> TimetableChange:
    moved = form.kind is ChangeKind.MOVED
    made = TimetableChange(
        entry_id=lesson.entry.id,
        day=lesson.day,
        kind=form.kind,
        new_day=new_day if moved else None,
        new_period=new_period if moved else None,
        person_id=person.id if person else None,
        room_id=room_id,
        reason=form.reason,
        pair=pair,
        by_id=by.id,
    )
    db.session.add(made)
    return made


def withdraw_change(by: Person, reach: Reach, change: TimetableChange) -> None:
    """The lesson, and the one that it changed places with, is as in the timetable again; whom it concerns is told. Raises NotFound."""
    reach.must_hold(change.entry.school_class.campus_id)
    _tell_restored(by, _forget_changes([(change.entry_id, change.day)]))
    commit()


def _tell_restored(by: Person, before: Iterable[TimetableChange], but: Collection[tuple[int, date]] = ()) -> None:
    """Lessons that something was said of before, and nothing is now."""
    for change in before:
        if (change.entry_id, change.day) not in but:
            _tell(by, "lesson_restored", change.entry, change.day, None, before)


def _tell(
    by: Person,
    action: str,
    entry: TimetableEntry,
    day: date,
    change: TimetableChange | None,
    before: Iterable[TimetableChange],
) -> None:
    """Write it down, and tell whom it concerns: also those whom what was said `before` concerned."""
    school_class = entry.school_class
    name = f"{school_class.name} {entry.subject.name}"
    details: dict[str, Any] = {"entry": entry.id, "on": day.isoformat()}
    if change is not None:
        details |= {"what": change.kind.value, "why": change.reason}
        details |= {"substitute": change.person.name} if change.person else {}
        if change.new_day:
            details |= {"new_day": change.new_day.isoformat(), "new_period": change.new_period}
    record(by, action, "class", school_class, name=name, campus_id=school_class.campus_id, **details)
    inform(by, entry, day, change, [old.person_id for old in before if (old.entry_id, old.day) == (entry.id, day)])
    lesson_changed(by, entry, day, change)


def _forget_changes(lessons: Collection[tuple[int, date]]) -> list[TimetableChange]:
    """Take back what was said of lessons of days, and of those that they changed places with; returns what that was."""
    forgotten = []
    for entry_id, day in lessons:
        change = db.session.scalar(
            select(TimetableChange).where(TimetableChange.entry_id == entry_id, TimetableChange.day == day)
        )
        halves = [change] if change else []
        if change is not None and change.pair:
            halves = list(db.session.scalars(select(TimetableChange).where(TimetableChange.pair == change.pair)))
        for half in halves:
            half.entry.sequence += 1
            db.session.delete(half)
            forgotten.append(half)
        entry = db.session.get_one(TimetableEntry, entry_id)
        entry.sequence += 1
    db.session.flush()
    return forgotten
