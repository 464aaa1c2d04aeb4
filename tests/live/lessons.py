"""Lessons that were held: a session with its classrooms and the list of what happened in its room."""

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from foundation.database import db, writing
from live.models import ClassroomRole, LiveClassroom, LiveSession, SessionEvent, SessionKind, SessionState
from schools.models import Campus, Person, SchoolClass
from tests.factories import make_class, make_person

DAY = date(2026, 11, 20)
BEGAN = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
STEPS = (("warm", "情境导入", 5), ("learn", "认识四分之一", 20), ("close", "课堂小结", 5))

_numbers = count(1)


def make_lesson(
    lead: Person | None = None,
    listening: Campus | None = None,
    *,
    state: SessionState = SessionState.ENDED,
    helper: Person | None = None,
    **more: Any,
) -> LiveSession:
    """A session of `lead` with a class of their campus, and one of the campus `listening`, if given."""
    lead = lead or make_person()
    campus = lead.postings[0].campus
    with writing():
        db.session.commit()
        session = LiveSession(
            code=f"live{next(_numbers):06}",
            group_id=campus.memberships[0].group_id,
            kind=SessionKind.DELIVERED,
            state=state,
            day=DAY,
            starts=540,
            ends=580,
            starts_at=BEGAN,
            ends_at=BEGAN + timedelta(minutes=40),
            lead=lead,
            **{"title": "分数的初步认识", "run_sheet": run_sheet(), **more},
        )
        session.classrooms.append(_classroom(make_class(campus), 0))
        if listening:
            session.classrooms.append(_classroom(make_class(listening), 1, helper))
        db.session.add(session)
        db.session.commit()
    return session


def run_sheet() -> dict[str, Any]:
    """Three steps without files."""
    return {
        "title": "分数的初步认识",
        "minutes": 40,
        "steps": [
            {
                "id": id,
                "title": title,
                "minutes": minutes,
                "teacher": "",
                "pupils": "",
                "intent": "",
                "notes": {},
                "files": [],
            }
            for id, title, minutes in STEPS
        ],
    }


def _classroom(school_class: SchoolClass, rank: int, helper: Person | None = None) -> LiveClassroom:
    role = ClassroomRole.LISTENING if rank else ClassroomRole.MAIN
    return LiveClassroom(
        rank=rank, role=role, campus=school_class.campus, school_class=school_class, helper=helper, starts=540, ends=580
    )


def happen(
    session: LiveSession,
    second: float,
    kind: str,
    data: dict[str, Any] | None = None,
    *,
    by: Person | None = None,
    classroom: LiveClassroom | None = None,
    audience: str = "all",
) -> None:
    """Something happens in the room, `second` seconds after the session's time."""
    with writing():
        db.session.commit()
        last = db.session.query(SessionEvent).filter_by(session_id=session.id).count()
        db.session.add(
            SessionEvent(
                session_id=session.id,
                seq=last + 1,
                at=BEGAN + timedelta(seconds=second),
                kind=kind,
                audience=audience,
                by_person_id=by.id if by else None,
                classroom_id=classroom.id if classroom else None,
                data=data or {},
            )
        )
        db.session.commit()


def hold(session: LiveSession) -> None:
    """The lesson is held: a minute of waiting, three steps, its classrooms there from beginning to end."""
    main, *others = session.classrooms
    lead = session.lead
    happen(session, -60, "open", by=lead)
    happen(session, -55, "enter", {"screen": "lead", "role": "lead", "name": lead.name}, by=lead, classroom=main)
    for each in others:
        happen(session, -30, "enter", {"screen": f"c{each.id}", "role": "pupil", "name": ""}, classroom=each)
    happen(session, 0, "step", {"step": "warm"}, by=lead, classroom=main)
    happen(session, 0, "begin", by=lead, classroom=main)
    happen(session, 360, "step", {"step": "learn"}, by=lead, classroom=main)
    happen(session, 1500, "step", {"step": "close"}, by=lead, classroom=main)
    happen(session, 2100, "end", by=lead, classroom=main)
