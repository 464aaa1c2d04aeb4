"""What becomes of sessions when the lesson of the week in whose place they are held is changed.

A session is agreed upon between campuses and keeps its time; whoever has a part in it is told, and the page of the session says it.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

from flask_babel import gettext
from sqlalchemy import select

from foundation.database import db
from live.models import LiveClassroom, LiveSession, SessionState
from live.scheduling.telling import arrangers, when_of
from manage.timetables.informing import in_both_languages, in_words
from notices.actions import notify, urgent_now
from notices.kinds import Facts, sentence
from schools.models import Person
from timetable.following import follows
from timetable.models import ChangeKind, TimetableChange, TimetableEntry
from timetable.queries import calendars
from timetable.words import period_name, short_day

TO_COME: Final = (SessionState.ASKED, SessionState.SETTLED)
ONE_DAY: Final = timedelta(days=1)


@follows
def tell_sessions(by: Person, entry: TimetableEntry, day: date, change: TimetableChange | None) -> None:
    """Of a lesson that is changed or as before: tell those whose sessions are held in its place, and those to whose time it moves."""
    for classroom in _there(entry, day, entry.period):
        if classroom.session.subject_id == entry.subject_id:
            _tell(by, classroom, entry, "session_lesson_changed", _became(change))
    if change is None or change.new_day is None or change.new_period is None or change.pair:
        return  # of two that change places, the one that was there says enough
    for classroom in _there(entry, change.new_day, change.new_period):
        if classroom.session.subject_id != entry.subject_id:
            _tell(by, classroom, entry, "session_lesson_arrived", {})


def _there(entry: TimetableEntry, day: date, period: int) -> Sequence[LiveClassroom]:
    """The ends of sessions to come in which the class of a lesson sits at that period."""
    found = db.session.scalars(
        select(LiveClassroom)
        .join(LiveSession, LiveSession.id == LiveClassroom.session_id)
        .where(
            LiveClassroom.class_id == entry.class_id,
            LiveSession.day == day,
            LiveSession.state.in_(TO_COME),
        )
    ).all()
    if not found:
        return ()
    campus_id = entry.school_class.campus_id
    bell = calendars({campus_id}, day, day + ONE_DAY)[campus_id].day(day).bell
    clock = bell.by_number.get(period) if bell else None
    return [each for each in found if clock and clock.starts < each.ends and each.starts < clock.ends]


def _became(change: TimetableChange | None) -> dict[str, Any]:
    if change is None:
        return {"what": ""}
    substitute = db.session.get(Person, change.person_id) if change.person_id else None
    return {
        "what": change.kind.value,
        "substitute": substitute.name if substitute else "",
        "new_day": change.new_day.isoformat() if change.new_day else "",
        "new_period": change.new_period,
        "reason": change.reason,
    }


def _tell(by: Person, classroom: LiveClassroom, entry: TimetableEntry, kind: str, more: dict[str, Any]) -> None:
    """Also whoever changed the lesson: nobody said to them that it is more than a lesson."""
    session = classroom.session
    facts = {
        "title": session.title,
        "by": by.name,
        "class": entry.school_class.name,
        "campus": classroom.campus.short_name,
        "subject": in_both_languages(entry.subject),
        "day": session.day.isoformat(),
        "starts": session.starts,
        "ends": session.ends,
    }
    people = {session.lead_id, session.made_by_id, by.id, *(each.helper_id for each in session.classrooms)}
    notify(
        people | arrangers(session, {classroom.campus_id}),
        kind,
        facts | more,
        f"/live/{session.code}",
        about=f"session:{session.code}:{entry.id}",
        urgent=urgent_now(session.starts_at),
    )


def change_said(kind: ChangeKind, new_day: date | None, new_period: int | None, substitute: str) -> str:
    """What became of a lesson: 调到10月15日 周四第2节."""
    if kind is ChangeKind.SUBSTITUTE:
        return gettext("由%(name)s代课", name=substitute)
    if kind is ChangeKind.CANCELLED or new_day is None or new_period is None:
        return gettext("停上")
    return gettext("调到了%(when)s", when=f"{short_day(new_day)} {period_name(new_period)}")


@sentence("session_lesson_changed")
def _changed(facts: Facts) -> str:
    given = _given(facts)
    if not facts["what"]:
        return gettext("“%(title)s”（%(when)s）用的%(class)s%(subject)s课又照原课表上了。", **given)
    kind = ChangeKind(facts["what"])
    new_day = date.fromisoformat(facts["new_day"]) if facts["new_day"] else None
    what = change_said(kind, new_day, facts["new_period"], facts["substitute"])
    if kind is ChangeKind.SUBSTITUTE:
        return gettext(
            "“%(title)s”（%(when)s）用的%(class)s%(subject)s课改为%(what)s，请看要不要换主讲或助教。",
            what=what,
            **given,
        )
    return gettext(
        "“%(title)s”（%(when)s）用的%(class)s%(subject)s课%(what)s，它自己的时间没有变：请改期，或者撤回调整。",
        what=what,
        **given,
    )


@sentence("session_lesson_arrived")
def _arrived(facts: Facts) -> str:
    return gettext("%(class)s的%(subject)s课调到了“%(title)s”（%(when)s）的时间，请看哪一节要让开。", **_given(facts))


def _given(facts: Facts) -> dict[str, str]:
    return {
        "title": facts["title"],
        "when": when_of(facts),
        "class": f"{facts['campus']} {facts['class']}",
        "subject": in_words(facts["subject"]),
    }
