"""Sessions as they stand in weeks and calendars: of their classes, people, rooms and campuses."""

from collections.abc import Collection, Iterator
from datetime import date

from flask_babel import gettext
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import joinedload, selectinload

from foundation.database import db
from live.access import seen_sessions
from live.models import LiveClassroom, LiveGuest, LiveSession, SessionState
from live.terms import KINDS
from schools.access import Standing
from timetable.appointments import Appointment, appointments
from timetable.teaching_days import Whose


@appointments
def sessions_in_weeks(
    whose: Whose, ids: Collection[int], from_day: date, to_day: date, viewer: Standing | None
) -> Iterator[tuple[int, Appointment]]:
    """Every session that is not a draft, by the clock of the campus that it is looked at from."""
    sessions = db.session.scalars(
        select(LiveSession)
        .options(
            joinedload(LiveSession.lead),
            selectinload(LiveSession.guests),
            selectinload(LiveSession.classrooms).joinedload(LiveClassroom.campus),
            selectinload(LiveSession.classrooms).joinedload(LiveClassroom.room),
            selectinload(LiveSession.classrooms).joinedload(LiveClassroom.school_class),
        )
        .where(
            LiveSession.state != SessionState.DRAFT,
            LiveSession.day >= from_day,
            LiveSession.day < to_day,
            _concerning(whose, ids),
        )
    ).all()
    opened = _opened(viewer, [session.id for session in sessions])
    for session in sessions:
        for id, classroom in _seen_from(session, whose, set(ids)):
            yield id, _appointment(session, classroom, opens=session.id in opened)


def _opened(viewer: Standing | None, session_ids: Collection[int]) -> set[int]:
    """Those whose page somebody may open."""
    if viewer is None or not session_ids:
        return set()
    seen = seen_sessions(viewer).with_only_columns(LiveSession.id).where(LiveSession.id.in_(session_ids))
    return set(db.session.scalars(seen))


def _concerning(whose: Whose, ids: Collection[int]) -> ColumnElement[bool]:
    column = {
        "class": LiveClassroom.class_id,
        "room": LiveClassroom.room_id,
        "campus": LiveClassroom.campus_id,
        "person": LiveClassroom.helper_id,
    }[whose]
    there = LiveSession.id.in_(select(LiveClassroom.session_id).where(column.in_(ids)))
    if whose != "person":
        return there
    invited = LiveSession.id.in_(select(LiveGuest.session_id).where(LiveGuest.person_id.in_(ids)))
    return or_(LiveSession.lead_id.in_(ids), there, invited)


def _seen_from(session: LiveSession, whose: Whose, ids: set[int]) -> Iterator[tuple[int, LiveClassroom]]:
    """Whose it is, each once, and from which classroom: a guest sits in the main one."""
    if whose == "person":
        main = session.classrooms[0]
        from_where = {guest.person_id: main for guest in session.guests}
        from_where |= {each.helper_id: each for each in reversed(session.classrooms) if each.helper_id is not None}
        from_where[session.lead_id] = main
    else:
        column = {"class": "class_id", "room": "room_id", "campus": "campus_id"}[whose]
        from_where = {getattr(each, column): each for each in reversed(session.classrooms)}
    yield from ((id, classroom) for id, classroom in from_where.items() if id in ids)


def _appointment(session: LiveSession, classroom: LiveClassroom, *, opens: bool) -> Appointment:
    place = [classroom.campus.short_name]
    if classroom.school_class:
        place.append(classroom.school_class.name)
    if classroom.room:
        place.append(classroom.room.name)
    return Appointment(
        uid=f"session-{session.code}",
        sequence=session.sequence,
        day=session.day,
        starts=classroom.starts,
        ends=classroom.ends,
        period=classroom.period,
        zone=classroom.campus.zone,
        title=f"{KINDS[session.kind]} {session.title}",
        people=gettext("%(name)s主讲", name=session.lead.name),
        place=" ".join(place),
        url=f"/live/{session.code}" if opens else "",
        settled=session.state is not SessionState.ASKED,
        cancelled=session.state is SessionState.CANCELLED,
        subject_id=session.subject_id,
    )
