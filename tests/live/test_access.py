"""Who sees, enters and changes a session: list, page and room never disagree."""

from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from foundation.clock import travel_to
from foundation.database import db
from live import access
from live.models import (
    Answer,
    ClassroomRole,
    LiveClassroom,
    LiveGuest,
    LiveSession,
    RoomRole,
    SessionKind,
    SessionState,
)
from schools.access import standing_of, standings_of
from schools.models import Campus, Group, Person, Role, SchoolClass, Subject
from tests.factories import grant, make_person
from tests.lessons.worlds import DAY, NOON, make_world
from tests.live.lessons import make_lesson

pytestmark = pytest.mark.usefixtures("app")


def make_sessions(random: Random, staff: Sequence[Person], count: int = 12) -> list[LiveSession]:
    """Random sessions of a world, flushed and not committed."""
    groups, campuses = db.session.scalars(select(Group)).all(), db.session.scalars(select(Campus)).all()
    classes, subjects = db.session.scalars(select(SchoolClass)).all(), db.session.scalars(select(Subject)).all()
    made = []
    for number in range(count):
        session = LiveSession(
            code=f"live{number:06}",
            group_id=random.choice(groups).id,
            kind=random.choice(list(SessionKind)),
            state=random.choice(list(SessionState)),
            title=f"课{number}",
            subject_id=random.choice([None, *(each.id for each in subjects)]),
            lead_id=random.choice(staff).id,
            made_by_id=random.choice(staff).id,
            day=DAY,
            starts=540,
            ends=580,
            starts_at=NOON,
            ends_at=NOON,
        )
        for rank in range(random.choice([1, 1, 2])):
            school_class = random.choice([None, *classes])
            session.classrooms.append(
                LiveClassroom(
                    rank=rank,
                    role=ClassroomRole.LISTENING if rank else ClassroomRole.MAIN,
                    campus_id=school_class.campus_id if school_class else random.choice(campuses).id,
                    class_id=school_class.id if school_class else None,
                    helper_id=random.choice([None, None, random.choice(staff).id]),
                    answer=Answer.WAITING,
                    starts=540,
                    ends=580,
                )
            )
        if random.random() < 0.3:
            session.guests.append(LiveGuest(person_id=random.choice(staff).id))
        made.append(session)
    db.session.add_all(made)
    db.session.flush()
    return made


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_list_page_and_room_agree(seed: int) -> None:
    random = Random(seed)
    with travel_to(NOON):
        try:
            world = make_world(random, plans=0)
            codes = [each.code for each in make_sessions(random, world.people)]
            db.session.expire_all()
            options = (selectinload(LiveSession.classrooms), selectinload(LiveSession.guests))
            sessions = db.session.scalars(select(LiveSession).options(*options)).all()
            for standing in standings_of([person.id for person in world.people]).values():
                listed = {each.code for each in db.session.scalars(access.seen_sessions(standing))}
                entered = {each.code for each in db.session.scalars(access.entered_sessions(standing))}
                own = {each.code for each in db.session.scalars(access.own_sessions(standing))}
                roles = {each.code: access.role_in(each, standing) for each in sessions}
                assert listed == {each.code for each in sessions if access.may_see_session(standing, each)}
                assert entered == {code for code, role in roles.items() if role}
                assert entered <= listed
                assert {each.code for each in sessions if access.may_change_session(standing, each)} <= listed
                assert {code for code, role in roles.items() if role and role is not RoomRole.PATROL} <= own
                assert len(codes) == len(sessions)
        finally:
            db.session.rollback()


def test_roles_come_from_the_schedule() -> None:
    lead, helper, stranger = make_person(), make_person(), make_person()
    session = make_lesson(lead, helper.postings[0].campus, helper=helper, state=SessionState.SETTLED)
    main, other = session.classrooms
    head = make_person(helper.postings[0].campus, roles=[Role.HEAD])
    assert access.role_in(session, standing_of(lead)) is RoomRole.LEAD
    assert access.role_in(session, standing_of(helper)) is RoomRole.HELPER
    assert access.role_in(session, standing_of(head)) is RoomRole.PATROL
    assert access.role_in(session, standing_of(stranger)) is None
    assert access.role_in(session, access.ScreenVisitor(other.id)) is RoomRole.PUPIL
    assert access.role_in(session, access.PupilVisitor(1, main.class_id or 0)) is RoomRole.PUPIL
    assert access.role_in(session, access.ScreenVisitor(other.id + 1)) is None
    session.state = SessionState.CANCELLED
    assert access.role_in(session, standing_of(lead)) is None


def test_a_campus_is_answered_for_by_those_who_arrange_it() -> None:
    lead, helper = make_person(), make_person()
    session = make_lesson(lead, helper.postings[0].campus, helper=helper, state=SessionState.ASKED)
    other = session.classrooms[1]
    office = make_person(helper.postings[0].campus, roles=[Role.ACADEMIC_OFFICE])
    elsewhere = make_person(lead.postings[0].campus, roles=[Role.ACADEMIC_OFFICE])
    admin = make_person()
    grant(admin, Role.GROUP_ADMIN, group_id=other.campus.memberships[0].group_id)
    may = [access.may_answer_for(standing_of(each), other) for each in (office, admin, helper, lead, elsewhere)]
    assert may == [True, True, False, False, False]
    assert access.may_change_session(standing_of(elsewhere), session)
    assert not access.may_change_session(standing_of(office), session)
