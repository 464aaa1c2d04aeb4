"""Who sees a session, who changes its schedule, who answers for a campus, and who is what in its room.

Written once, for one session and for lists alike; see "Who is what in a room" in docs/live.md for the rules in words. Whoever has a
part in a session, looks after one of its campuses or teaches one of its classes sees it; a draft is only its makers' own.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from sqlalchemy import ColumnElement, Select, exists, or_, select

from foundation.database import db
from foundation.errors import NotFound
from foundation.rules import NEVER, Rule, all_of, among, any_of
from live.models import LiveClassroom, LiveGuest, LiveSession, RoomRole, SessionState
from schools.access import Scope, Standing, arranged_campuses, standing_of
from schools.models import Person, PrepGroup, Role, SchoolClass, TeachingAssignment
from schools.tiers import READING_ROLES

HEADING: Final = frozenset({Role.HEAD, Role.EXECUTIVE_HEAD, Role.ACADEMIC_OFFICE, Role.CAMPUS_ADMIN, Role.GROUP_ADMIN})
"""Whoever holds one of these looks into the rooms of their campuses, and schedules there."""

SEEING: Final = HEADING | READING_ROLES
SCHEDULING: Final = HEADING | {Role.SUBJECT_LEAD}

NOT_A_DRAFT: Final[Rule[LiveSession]] = among(LiveSession.state, set(SessionState) - {SessionState.DRAFT})
OPEN_TO_ENTER: Final[Rule[LiveSession]] = among(
    LiveSession.state, set(SessionState) - {SessionState.DRAFT, SessionState.CANCELLED}
)


@dataclass(frozen=True)
class PupilVisitor:
    """A pupil who has signed in with the card of a class."""

    pupil_id: int
    class_id: int


@dataclass(frozen=True)
class ScreenVisitor:
    """The screen of a classroom, let in by its six digits."""

    classroom_id: int


Visitor = Standing | PupilVisitor | ScreenVisitor


# Who is what in a room


def role_in(session: LiveSession, visitor: Visitor) -> RoomRole | None:
    """What a visitor is in the room of a session; None for whoever is not let in."""
    if not OPEN_TO_ENTER.holds(session):
        return None
    if not isinstance(visitor, Standing):
        return RoomRole.PUPIL if classroom_of(session, visitor) is not None else None
    if visitor.person_id is None or visitor.looked_through:
        return None
    if session.lead_id == visitor.person_id:
        return RoomRole.LEAD
    if classroom_of(session, visitor) is not None:
        return RoomRole.HELPER
    guest = next((guest for guest in session.guests if guest.person_id == visitor.person_id), None)
    if guest is not None:
        return guest.role
    return RoomRole.PATROL if _heading(visitor).holds(session) else None


def classroom_of(session: LiveSession, visitor: Visitor) -> LiveClassroom | None:
    """The classroom in which a visitor sits or helps; that of the lead is the main one."""
    classrooms = session.classrooms
    if isinstance(visitor, ScreenVisitor):
        return next((each for each in classrooms if each.id == visitor.classroom_id), None)
    if isinstance(visitor, PupilVisitor):
        return next((each for each in classrooms if each.class_id == visitor.class_id), None)
    if visitor.person_id is None:
        return None
    if session.lead_id == visitor.person_id:
        return main_classroom(session)
    return next((each for each in classrooms if each.helper_id == visitor.person_id), None)


def main_classroom(session: LiveSession) -> LiveClassroom | None:
    """The classroom that the lesson is given in: the first."""
    return session.classrooms[0] if session.classrooms else None


def entered_sessions(standing: Standing) -> Select[tuple[LiveSession]]:
    """The sessions whose room they may enter."""
    return select(LiveSession).where(_entering(standing).sql())


def session_to_enter(visitor: Visitor, code: str) -> tuple[LiveSession, RoomRole]:
    """The session with `code` and what the visitor is in its room; raises NotFound for whoever is not let in."""
    session = _with(code)
    role = role_in(session, visitor)
    if role is None:
        raise NotFound
    return session, role


def part_given(session: LiveSession, person_id: int | None) -> tuple[RoomRole, LiveClassroom] | None:
    """What others have put somebody down for in a session: as its lead or as a helper, and at which end. None for who scheduled it."""
    if person_id is None or session.made_by_id == person_id:
        return None
    if session.lead_id == person_id:
        return RoomRole.LEAD, session.classrooms[0]
    helped = next((each for each in session.classrooms if each.helper_id == person_id), None)
    return (RoomRole.HELPER, helped) if helped is not None else None


# The schedule


def may_see_session(standing: Standing, session: LiveSession) -> bool:
    """Whether the session exists for them."""
    return _seeing(standing).holds(session)


def may_change_session(standing: Standing, session: LiveSession) -> bool:
    """Whether they may change, move and cancel it."""
    return _changing(standing).holds(session)


def may_schedule_session(standing: Standing, session: LiveSession) -> bool:
    """Whether they may make it; asked of one that is not kept yet."""
    return _scheduling(standing).holds(session)


def may_answer_for(standing: Standing, classroom: LiveClassroom) -> bool:
    """Whether they say yes or no for the campus of a classroom: those who arrange its teaching."""
    return not standing.looked_through and classroom.campus_id in campuses_answered_for(standing)


def seen_sessions(standing: Standing) -> Select[tuple[LiveSession]]:
    """The sessions that exist for them."""
    return select(LiveSession).where(_seeing(standing).sql())


def own_sessions(standing: Standing) -> Select[tuple[LiveSession]]:
    """Those in which they have a part: as lead, helper, guest or maker."""
    return select(LiveSession).where(_own(standing).sql())


def has_subjects(standing: Standing) -> bool:
    """Whether they belong to a prep group or head a subject."""
    return bool(standing.prep_group_ids or _headed_subjects(standing))


def of_my_subjects(standing: Standing) -> ColumnElement[bool]:
    """The sessions of the subjects of their prep groups, and of those that they head."""
    prepared = select(PrepGroup.subject_id).where(PrepGroup.id.in_(standing.prep_group_ids))
    return or_(LiveSession.subject_id.in_(prepared), LiveSession.subject_id.in_(_headed_subjects(standing)))


def _headed_subjects(standing: Standing) -> set[int]:
    return {scope.subject_id for scope in standing.scopes if scope.subject_id is not None}


def session_to_see(person: Person | Standing | None, code: str) -> LiveSession:
    """The session with `code`; raises NotFound when there is none or it does not exist for them."""
    return _for(person, code, may_see_session)


def session_to_change(person: Person | Standing | None, code: str) -> LiveSession:
    """The session with `code`; raises NotFound when there is none or they may not change it."""
    return _for(person, code, may_change_session)


def campuses_answered_for(standing: Standing) -> frozenset[int]:
    """The campuses (their ids) whose teaching they arrange."""
    if not any(scope.role in HEADING for scope in standing.scopes):
        return frozenset()
    return frozenset(db.session.scalars(arranged_campuses(standing)))


def _for(person: Person | Standing | None, code: str, may: Callable[[Standing, LiveSession], bool]) -> LiveSession:
    session = _with(code)
    if not may(standing_of(person), session):
        raise NotFound
    return session


def _with(code: str) -> LiveSession:
    session = db.session.scalar(select(LiveSession).where(LiveSession.code == code))
    if session is None:
        raise NotFound
    return session


# The rules. Cached because a room asks about the same people every few seconds, a list about the same person.


@lru_cache(maxsize=1024)
def _seeing(standing: Standing) -> Rule[LiveSession]:
    looking = any_of(
        _own(standing), _within(standing, SEEING), _of_arranged(standing), _preparing(standing), _teaching(standing)
    )
    return any_of(_making(standing), all_of(NOT_A_DRAFT, looking))


@lru_cache(maxsize=1024)
def _entering(standing: Standing) -> Rule[LiveSession]:
    if standing.looked_through:
        return NEVER
    return all_of(OPEN_TO_ENTER, any_of(_leading(standing), _helping(standing), _invited(standing), _heading(standing)))


@lru_cache(maxsize=1024)
def _changing(standing: Standing) -> Rule[LiveSession]:
    if standing.looked_through:
        return NEVER
    return any_of(_making(standing), all_of(NOT_A_DRAFT, _arranging(standing)))


@lru_cache(maxsize=1024)
def _scheduling(standing: Standing) -> Rule[LiveSession]:
    """The sessions that they may make: their own lessons, and those that they arrange."""
    return NEVER if standing.looked_through else any_of(_leading(standing), _arranging(standing))


def _arranging(standing: Standing) -> Rule[LiveSession]:
    """By its main classroom: what a campus arranges for others, not what is arranged for it."""
    return any_of(_within(standing, SCHEDULING, main=True), _of_arranged(standing, main=True), _preparing(standing))


def _own(standing: Standing) -> Rule[LiveSession]:
    return any_of(_making(standing), _helping(standing), _invited(standing))


def _making(standing: Standing) -> Rule[LiveSession]:
    """Its lead, and who has scheduled it."""
    return any_of(_leading(standing), among(LiveSession.made_by_id, _self(standing)))


def _leading(standing: Standing) -> Rule[LiveSession]:
    return among(LiveSession.lead_id, _self(standing))


def _self(standing: Standing) -> Collection[int]:
    return () if standing.person_id is None else {standing.person_id}


def _helping(standing: Standing) -> Rule[LiveSession]:
    person_id = standing.person_id
    if person_id is None:
        return NEVER
    return Rule(
        lambda session: any(each.helper_id == person_id for each in session.classrooms),
        lambda: LiveSession.id.in_(select(LiveClassroom.session_id).where(LiveClassroom.helper_id == person_id)),
    )


def _invited(standing: Standing) -> Rule[LiveSession]:
    person_id = standing.person_id
    if person_id is None:
        return NEVER
    return Rule(
        lambda session: any(guest.person_id == person_id for guest in session.guests),
        lambda: LiveSession.id.in_(select(LiveGuest.session_id).where(LiveGuest.person_id == person_id)),
    )


@lru_cache(maxsize=1024)
def _heading(standing: Standing) -> Rule[LiveSession]:
    """Those that a campus takes part in which they head."""
    return _within(standing, HEADING)


def _within(standing: Standing, roles: Collection[Role], *, main: bool = False) -> Rule[LiveSession]:
    """What one of `roles` reaches: by any classroom of the session, or by its `main` one only."""
    scopes = [each for each in standing.scopes if each.role in roles and each.prep_group_id is None]
    return any_of(*(_reached(scope, main=main) for scope in scopes))


def _reached(scope: Scope, *, main: bool) -> Rule[LiveSession]:
    if scope.role is Role.SUBJECT_LEAD and scope.subject_id is None:
        return NEVER
    parts: list[Rule[LiveSession]] = []
    if scope.group_id is not None:
        parts.append(among(LiveSession.group_id, {scope.group_id}))
    if scope.subject_id is not None:
        parts.append(among(LiveSession.subject_id, {scope.subject_id}))
    if (scope.campus_id, scope.campus_ids, scope.grades) != (None, None, None):
        parts.append(_with_a_classroom(scope, main=main))
    return all_of(*parts)


def _with_a_classroom(scope: Scope, *, main: bool) -> Rule[LiveSession]:
    """A classroom of the session lies where the role reaches, with a class of its grades."""

    def reaches(classroom: LiveClassroom) -> bool:
        grade = classroom.school_class.grade if classroom.school_class else None
        return (
            (scope.campus_id is None or classroom.campus_id == scope.campus_id)
            and (scope.campus_ids is None or classroom.campus_id in scope.campus_ids)
            and (scope.grades is None or grade in scope.grades)
        )

    def sql() -> ColumnElement[bool]:
        found = select(LiveClassroom.session_id)
        if main:
            found = found.where(LiveClassroom.rank == 0)
        if scope.campus_id is not None:
            found = found.where(LiveClassroom.campus_id == scope.campus_id)
        if scope.campus_ids is not None:
            found = found.where(LiveClassroom.campus_id.in_(scope.campus_ids))
        if scope.grades is not None:
            found = found.join(SchoolClass).where(SchoolClass.grade.in_(scope.grades))
        return LiveSession.id.in_(found)

    return Rule(lambda session: any(reaches(each) for each in _asked(session, main=main)), sql)


def _of_arranged(standing: Standing, *, main: bool = False) -> Rule[LiveSession]:
    """A campus takes part whose teaching they arrange, perhaps from another group that it belongs to."""
    if not any(scope.role in HEADING for scope in standing.scopes):
        return NEVER

    def holds(session: LiveSession) -> bool:
        arranged = campuses_answered_for(standing)
        return any(each.campus_id in arranged for each in _asked(session, main=main))

    def sql() -> ColumnElement[bool]:
        found = select(LiveClassroom.session_id).where(LiveClassroom.campus_id.in_(arranged_campuses(standing)))
        return LiveSession.id.in_(found.where(LiveClassroom.rank == 0) if main else found)

    return Rule(holds, sql)


def _preparing(standing: Standing) -> Rule[LiveSession]:
    """Those of the subject of a prep group that they lead, in its group."""
    led = standing.led_prep_group_ids
    if not led:
        return NEVER

    def holds(session: LiveSession) -> bool:
        mine = select(PrepGroup.id).where(
            PrepGroup.id.in_(led),
            PrepGroup.subject_id == session.subject_id,
            PrepGroup.group_id == session.group_id,
        )
        return db.session.scalar(mine.limit(1)) is not None

    def sql() -> ColumnElement[bool]:
        return exists().where(
            PrepGroup.id.in_(led),
            PrepGroup.subject_id == LiveSession.subject_id,
            PrepGroup.group_id == LiveSession.group_id,
        )

    return Rule(holds, sql)


def _teaching(standing: Standing) -> Rule[LiveSession]:
    """A class takes part that they teach or look after: its week is theirs, too."""
    person_id, day = standing.person_id, standing.day
    if person_id is None:
        return NEVER
    taught = select(TeachingAssignment.class_id).where(
        TeachingAssignment.person_id == person_id, TeachingAssignment.holding_on(day)
    )
    mine = select(SchoolClass.id).where(or_(SchoolClass.homeroom_teacher_id == person_id, SchoolClass.id.in_(taught)))

    def holds(session: LiveSession) -> bool:
        classes = {each.class_id for each in session.classrooms if each.class_id is not None}
        return bool(classes) and db.session.scalar(mine.where(SchoolClass.id.in_(classes)).limit(1)) is not None

    return Rule(
        holds,
        lambda: LiveSession.id.in_(select(LiveClassroom.session_id).where(LiveClassroom.class_id.in_(mine))),
    )


def _asked(session: LiveSession, *, main: bool) -> list[LiveClassroom]:
    return session.classrooms[:1] if main else session.classrooms
