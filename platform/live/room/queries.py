"""What the rooms read: sessions with their people, and what somebody is in one. Needs an application context."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from flask_babel import force_locale, format_time, gettext
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from foundation.clock import now, to_milliseconds, today
from foundation.database import db
from foundation.errors import Conflict, NotFound, Refusal
from live import access
from live.models import ClassroomScreen, LiveClassroom, LiveSession, RoomRole, SessionState
from live.room.events import Facts, Viewer
from live.room.rooms import Proof
from live.scheduling.clocks import clock_of
from schools.access import standings_of
from schools.models import Campus, Enrolment, Person, Pupil, PupilSignIn, SchoolClass
from schools.signing_in import still_signed_in

EARLY: Final = timedelta(minutes=10)
"""So long before its start the room can be entered."""

LATE: Final = timedelta(hours=2)
"""So long after its planned end a lesson that has not ended can be."""

OPEN_AGAIN: Final = timedelta(minutes=10)
"""So long after its end the room stays, so that the lead may go on."""


@dataclass(frozen=True)
class Newcomer:
    """Somebody at the door of a room: the session's code, what they show, and their language."""

    code: str
    proofs: tuple[Proof, ...]
    language: str


@dataclass(frozen=True)
class Place:
    """Where a visitor belongs: the session and what they are in it."""

    session_id: int
    code: str
    viewer: Viewer


def facts_of(session_id: int) -> Facts | None:
    """What rooms need to know of a session; None when there is none."""
    session = db.session.scalar(
        select(LiveSession)
        .where(LiveSession.id == session_id)
        .options(selectinload(LiveSession.classrooms))
        .execution_options(populate_existing=True)
    )
    if session is None:
        return None
    main = access.main_classroom(session)
    return Facts(
        session_id=session.id,
        code=session.code,
        main=main.id if main else None,
        classrooms=tuple(each.id for each in session.classrooms),
        pupils={each.id: names for each, names in _pupils(session.classrooms, session.day)},
        run_sheet=session.run_sheet,
        ends_ms=to_milliseconds(session.ends_at),
        lead=session.lead_id,
        media=session.media,
        link=session.link,
    )


def _pupils(classrooms: Iterable[LiveClassroom], day: date) -> Iterable[tuple[LiveClassroom, Mapping[int, str]]]:
    of_class = names_in({each.class_id for each in classrooms if each.class_id is not None}, day)
    return [(each, of_class.get(each.class_id or 0, {})) for each in classrooms]


def names_in(class_ids: Collection[int], day: date) -> dict[int, dict[int, str]]:
    """The pupils of classes on a day: their names by number, by class."""
    found: dict[int, dict[int, str]] = {each: {} for each in class_ids}
    rows = db.session.execute(
        select(Enrolment.class_id, Pupil.id, Pupil.name)
        .join(Pupil, Pupil.id == Enrolment.pupil_id)
        .where(Enrolment.class_id.in_(class_ids), Enrolment.holding_on(day))
    )
    for class_id, pupil_id, name in rows.tuples():
        found[class_id][pupil_id] = name
    return found


def visitor_of(proof: Proof) -> tuple[access.Visitor, str] | None:
    """Who shows a proof, and their name; None when it does not count any more."""
    return visitors_of({proof}).get(proof)


def visitors_of(proofs: Collection[Proof]) -> dict[Proof, tuple[access.Visitor, str]]:
    """The same for many, in the same few queries."""
    people = {each.number for each in proofs if each.kind == "person"}
    signed_in = still_signed_in({each.sign_in for each in proofs if each.kind == "person"})
    standings = standings_of(people) if people else {}
    names = dict(db.session.execute(select(Person.id, Person.name).where(Person.id.in_(people))).tuples().all())
    found: dict[Proof, tuple[access.Visitor, str]] = {}
    for each in proofs:
        if each.kind == "person" and each.sign_in in signed_in:
            found[each] = standings[each.number], names.get(each.number, "")
    found.update(_pupils_signed_in({each.number: each for each in proofs if each.kind == "pupil"}))
    found.update(_screens_let_in({each.number: each for each in proofs if each.kind == "screen"}))
    return found


def _pupils_signed_in(proofs: Mapping[int, Proof]) -> dict[Proof, tuple[access.Visitor, str]]:
    if not proofs:
        return {}
    rows = db.session.execute(
        select(PupilSignIn.id, PupilSignIn.pupil_id, PupilSignIn.class_id, Pupil.name)
        .join(Pupil, Pupil.id == PupilSignIn.pupil_id)
        .where(PupilSignIn.id.in_(proofs), PupilSignIn.expires_at > now())
    ).tuples()
    return {proofs[number]: (access.PupilVisitor(pupil, class_id), name) for number, pupil, class_id, name in rows}


def _screens_let_in(proofs: Mapping[int, Proof]) -> dict[Proof, tuple[access.Visitor, str]]:
    if not proofs:
        return {}
    rows = db.session.execute(
        select(ClassroomScreen.id, LiveClassroom.id, Campus.short_name, SchoolClass.name)
        .join(LiveClassroom, LiveClassroom.id == ClassroomScreen.classroom_id)
        .join(Campus, Campus.id == LiveClassroom.campus_id)
        .join(SchoolClass, SchoolClass.id == LiveClassroom.class_id, isouter=True)
        .where(ClassroomScreen.id.in_(proofs), ClassroomScreen.expires_at > now())
    ).tuples()
    return {
        proofs[number]: (access.ScreenVisitor(classroom), " ".join(filter(None, (campus, name))))
        for number, classroom, campus, name in rows
    }


def sessions_with_people(session_ids: Collection[int]) -> dict[int, LiveSession]:
    """Sessions as `access` wants to look at them, read anew."""
    return {each.id: each for each in db.session.scalars(_with_people().where(LiveSession.id.in_(session_ids)))}


def _sessions_with_codes(codes: Collection[str]) -> dict[str, LiveSession]:
    return {each.code: each for each in db.session.scalars(_with_people().where(LiveSession.code.in_(codes)))}


def _with_people() -> Select[tuple[LiveSession]]:
    return (
        select(LiveSession)
        .options(
            selectinload(LiveSession.guests),
            selectinload(LiveSession.classrooms).selectinload(LiveClassroom.school_class),
        )
        .execution_options(populate_existing=True)
    )


def viewer_in(session: LiveSession, visitor: access.Visitor, name: str) -> Viewer | None:
    """What a visitor is in the room of a session, None for whoever is not let in."""
    role = access.role_in(session, visitor)
    if role is None:
        return None
    classroom = access.classroom_of(session, visitor)
    return Viewer(
        role=role,
        classroom=classroom.id if classroom and role in (RoomRole.LEAD, RoomRole.HELPER, RoomRole.PUPIL) else None,
        person=None if isinstance(visitor, access.PupilVisitor | access.ScreenVisitor) else visitor.person_id,
        pupil=visitor.pupil_id if isinstance(visitor, access.PupilVisitor) else None,
        name=name,
    )


def places_in(newcomers: Sequence[Newcomer]) -> list[tuple[Place, Proof] | Refusal]:
    """Where each belongs: the place that the first of their proofs gives, in the same few queries however many they are.

    NotFound for whoever is not let in, and Conflict with a sentence before the room is open and after it has closed.
    """
    sessions = _sessions_with_codes({each.code for each in newcomers})
    visitors = visitors_of({proof for each in newcomers if each.code in sessions for proof in each.proofs})
    return [_place_of(each, sessions.get(each.code), visitors) for each in newcomers]


def _place_of(
    newcomer: Newcomer, session: LiveSession | None, visitors: Mapping[Proof, tuple[access.Visitor, str]]
) -> tuple[Place, Proof] | Refusal:
    known = ((proof, visitors[proof]) for proof in newcomer.proofs if proof in visitors)
    seen = ((proof, viewer_in(session, *visitor)) for proof, visitor in known) if session else ()
    found = next(((proof, viewer) for proof, viewer in seen if viewer is not None), None)
    if session is None or found is None:
        return NotFound()
    try:
        with force_locale(newcomer.language):
            refuse_out_of_hours(session)
    except Conflict as refusal:
        return refusal
    return Place(session.id, session.code, found[1]), found[0]


def refuse_out_of_hours(session: LiveSession) -> None:
    """Raise Conflict with a sentence when the session's room cannot be entered now."""
    present = now()
    if session.state is SessionState.ENDED:
        if session.ended_at is not None and present > session.ended_at + OPEN_AGAIN:
            raise Conflict(gettext("这节课已经结束。"))
        return
    if session.state is SessionState.RUNNING:
        return
    opens = session.starts_at - EARLY
    if present < opens:
        local = opens.astimezone(ZoneInfo(session.classrooms[0].campus.zone))
        raise Conflict(
            gettext(
                "还没到时间：%(month)s月%(day)s日 %(time)s 起可以进入课堂。",
                month=local.month,
                day=local.day,
                time=format_time(local, "HH:mm", rebase=False),
            )
        )
    if present > session.ends_at + LATE:
        raise Conflict(gettext("这节课的时间已经过了。"))


def sessions_left_open() -> list[int]:
    """Sessions that are said to be running although their planned end is past."""
    return list(
        db.session.scalars(
            select(LiveSession.id).where(LiveSession.state == SessionState.RUNNING, LiveSession.ends_at < now())
        )
    )


# ---- what pages show ----


def seen_by(code: str, proofs: Iterable[Proof]) -> tuple[LiveSession, Viewer]:
    """The session with `code` and what the first of `proofs` that lets in is in its room. Raises NotFound."""
    session = db.session.scalar(_for_pages().where(LiveSession.code == code))
    if session is None:
        raise NotFound
    for proof in proofs:
        known = visitor_of(proof)
        viewer = viewer_in(session, *known) if known else None
        if viewer is not None:
            return session, viewer
    raise NotFound


def seen_by_screen(screen: ClassroomScreen) -> tuple[LiveSession, Viewer]:
    """The session of a classroom's screen, and what it is there. Raises NotFound when the classroom takes part no more."""
    session = db.session.scalar(_for_pages().join(LiveClassroom).where(LiveClassroom.id == screen.classroom_id))
    known = visitor_of(Proof("screen", screen.id))
    viewer = viewer_in(session, *known) if session and known else None
    if session is None or viewer is None:
        raise NotFound
    return session, viewer


def _for_pages() -> Select[tuple[LiveSession]]:
    rooms = selectinload(LiveSession.classrooms)
    return select(LiveSession).options(
        selectinload(LiveSession.guests),
        joinedload(LiveSession.lead),
        rooms.joinedload(LiveClassroom.school_class),
        rooms.joinedload(LiveClassroom.campus),
        rooms.joinedload(LiveClassroom.room),
        rooms.joinedload(LiveClassroom.helper),
    )


def classrooms_told(session: LiveSession) -> list[dict[str, Any]]:
    """The classrooms of a session, as every screen may know them."""
    counts = _pupils(session.classrooms, session.day)
    return [
        {
            "id": each.id,
            "role": str(each.role),
            "campus": {"code": each.campus.code, "name": each.campus.short_name},
            "class": each.school_class.name if each.school_class else "",
            "room": each.room.name if each.room else "",
            "pupils": len(names),
            "helper": each.helper.name if each.helper else "",
        }
        for each, names in counts
    ]


def pupils_told(session: LiveSession, viewer: Viewer) -> list[dict[str, Any]]:
    """The pupils of the viewer's own classroom: for its helper, and for the lead."""
    own = next((each for each in session.classrooms if each.id == viewer.classroom), None)
    if own is None or own.class_id is None or viewer.role not in (RoomRole.LEAD, RoomRole.HELPER):
        return []
    rows = db.session.execute(
        select(Pupil.id, Pupil.name, Enrolment.seat)
        .join(Enrolment, Enrolment.pupil_id == Pupil.id)
        .where(Enrolment.class_id == own.class_id, Enrolment.holding_on(session.day))
        .order_by(Enrolment.seat, Pupil.id)
    )
    return [{"id": number, "name": name, "seat": seat} for number, name, seat in rows.tuples()]


def campuses_of_notes(session: LiveSession, viewer: Viewer) -> frozenset[str] | None:
    """The campuses (their codes) whose notes a viewer is given; None for all of them."""
    if viewer.role is RoomRole.LEAD:
        return None
    if viewer.role is RoomRole.HELPER:
        return frozenset(each.campus.code for each in session.classrooms if each.id == viewer.classroom)
    if viewer.person is None:
        return frozenset()
    posted = standings_of([viewer.person])[viewer.person].campus_ids
    return frozenset(each.campus.code for each in session.classrooms if each.campus_id in posted)


@dataclass(frozen=True)
class LessonToday:
    """A session that a pupil's class takes part in today, from when until when by the clock of their campus."""

    session: LiveSession
    starts: int
    ends: int


def lessons_today(class_id: int) -> list[LessonToday]:
    """The sessions that a class takes part in today."""
    zone = select(Campus.zone).join(SchoolClass, SchoolClass.campus_id == Campus.id)
    here = db.session.scalars(zone.where(SchoolClass.id == class_id)).one()
    wanted = (
        select(LiveSession)
        .join(LiveClassroom)
        .where(
            LiveClassroom.class_id == class_id,
            LiveSession.day == today(),
            LiveSession.state.in_((SessionState.SETTLED, SessionState.RUNNING, SessionState.ASKED)),
        )
        .options(joinedload(LiveSession.lead))
        .order_by(LiveSession.starts_at)
    )
    return [
        LessonToday(each, clock_of(each.starts_at, here)[1], clock_of(each.ends_at, here)[1])
        for each in db.session.scalars(wanted).unique()
    ]
