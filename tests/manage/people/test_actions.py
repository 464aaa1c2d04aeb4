"""What administrators may do to people, and that it begins and ends with the days."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from foundation.clock import today, travel_to
from foundation.database import db
from foundation.errors import Conflict, Invalid, NotAllowed
from lessons.access import may_read_plan
from manage.people import actions
from manage.people.forms import HandOverForm, PersonForm, PostingForm, RoleForm, TitleForm
from schools.access import standing_of
from schools.actions import end_grant, end_posting
from schools.models import Campus, Group, Membership, Person, PostingKind, Role, Title, Visibility
from tests.factories import (
    grant,
    make_assignment,
    make_campus,
    make_class,
    make_group,
    make_person,
    make_plan,
    make_posting,
    make_prep_group,
)

pytestmark = pytest.mark.usefixtures("in_a_page")

TODAY = today()
TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def in_a_page(app: Flask) -> object:
    with app.test_request_context():
        yield


@pytest.fixture
def group(app: Flask) -> Group:
    return make_group()


@pytest.fixture
def campus(group: Group) -> Campus:
    return make_campus(group)


@pytest.fixture
def other(group: Group) -> Campus:
    return make_campus(group)


@pytest.fixture
def admin(campus: Campus) -> Person:
    return make_person(campus, roles=[Role.CAMPUS_ADMIN])


@pytest.fixture
def group_admin(group: Group, campus: Campus) -> Person:
    person = make_person(campus)
    grant(person, Role.GROUP_ADMIN, group_id=group.id)
    return person


def _posting(campus: Campus, kind: PostingKind = PostingKind.ROTATION, **days: object) -> PostingForm:
    return PostingForm(campus.id, kind, 100, **{"from_day": TODAY, "to_day": None, **days})  # type: ignore[arg-type]


def _role(role: Role, **scope: object) -> RoleForm:
    nothing = ("group_id", "campus_id", "prep_group_id", "division_id", "subject_id", "grade")
    return RoleForm(role, **{**dict.fromkeys(nothing), "from_day": TODAY, "to_day": None, **scope})  # type: ignore[arg-type]


# Time travel: no job has to run for a right to begin or to end.


def test_reading_begins_and_ends_with_the_days_of_a_posting(group: Group, other: Campus) -> None:
    plan = make_plan(make_person(other), visibility=Visibility.CAMPUS)
    teacher = make_person(make_campus(group))
    ends = TODAY + timedelta(days=10)
    actions.add_posting(
        make_person(other, roles=[Role.CAMPUS_ADMIN]), teacher, _posting(other, from_day=TOMORROW, to_day=ends)
    )
    may = {}
    for day in (TODAY, TOMORROW, ends - timedelta(days=1), ends):
        with travel_to(datetime(day.year, day.month, day.day, 1, tzinfo=UTC)):
            may[day] = may_read_plan(standing_of(teacher), plan)
    assert may == {TODAY: False, TOMORROW: True, ends - timedelta(days=1): True, ends: False}


def test_a_day_begins_at_midnight_of_the_schools(campus: Campus, admin: Person) -> None:
    teacher = make_person(campus)
    end_posting(admin, teacher.postings[0], TOMORROW)
    midnight = datetime(TOMORROW.year, TOMORROW.month, TOMORROW.day, tzinfo=UTC) - timedelta(hours=8)
    with travel_to(midnight - timedelta(seconds=1)):
        assert standing_of(teacher).campus_ids == {campus.id}
    with travel_to(midnight):
        assert standing_of(teacher).campus_ids == frozenset()


def test_a_role_given_for_a_time_is_held_for_that_time(campus: Campus, admin: Person) -> None:
    teacher = make_person(campus)
    actions.give_role(admin, teacher, _role(Role.HEAD, campus_id=campus.id, from_day=TOMORROW))
    assert standing_of(teacher).scopes == frozenset()
    assert standing_of(teacher, TOMORROW).holds(Role.HEAD, campus_id=campus.id)


def test_somebody_leaving_next_week_signs_in_until_then(campus: Campus, admin: Person) -> None:
    teacher, day = make_person(campus, roles=[Role.HEAD]), TODAY + timedelta(days=7)
    actions.let_leave(admin, teacher, day)
    assert teacher.left_at is not None
    assert teacher.left_at > datetime.now(UTC)
    assert standing_of(teacher, day - timedelta(days=1)).campus_ids == {campus.id}
    assert standing_of(teacher, day).campus_ids == standing_of(teacher, day).scopes == frozenset()


# Who may what


def test_a_campus_administrator_touches_nobody_of_another_campus(admin: Person, other: Campus) -> None:
    person = make_person(other, "原名", roles=[Role.HEAD])
    asked = (
        lambda: actions.correct_person(admin, person, PersonForm("改名", "X1")),
        lambda: actions.change_posting(admin, person.postings[0], _posting(other)),
        lambda: actions.add_posting(admin, person, _posting(other)),
        lambda: actions.add_posting(admin, person, _posting(admin.postings[0].campus, PostingKind.HOME)),
        lambda: actions.give_title(admin, person, TitleForm("名师", TODAY, None)),
        lambda: actions.give_role(admin, person, _role(Role.HEAD, campus_id=other.id)),
        lambda: actions.let_leave(admin, person, TODAY),
        lambda: actions.add_person(admin, PersonForm("某人", ""), _posting(other, PostingKind.HOME)),
        lambda: end_posting(admin, person.postings[0]),
        lambda: end_grant(admin, person.grants[0]),
    )
    for ask in asked:
        with pytest.raises(NotAllowed):
            ask()
    assert person.name == "原名"
    assert standing_of(person).holds(Role.HEAD, campus_id=other.id)


def test_somebody_visiting_stays_the_person_of_their_own_campus(admin: Person, other: Campus) -> None:
    visitor = make_person(other)
    actions.add_posting(admin, visitor, _posting(admin.postings[0].campus, PostingKind.TRAVELLING))
    for change in (
        lambda: actions.let_leave(admin, visitor, TODAY),
        lambda: actions.correct_person(admin, visitor, PersonForm("改名", "")),
        lambda: actions.change_posting(
            admin, visitor.postings[1], _posting(admin.postings[0].campus, PostingKind.HOME)
        ),
    ):
        with pytest.raises(NotAllowed):
            change()
    actions.let_leave(make_person(other, roles=[Role.CAMPUS_ADMIN]), visitor, TODAY)
    assert standing_of(visitor).campus_ids == frozenset()


def test_nobody_takes_over_who_has_gone_from_another_campus(admin: Person, other: Campus) -> None:
    gone = make_person(other, posted=False)
    make_posting(gone, other, to_day=TODAY)
    with pytest.raises(NotAllowed):
        actions.add_posting(admin, gone, _posting(admin.postings[0].campus))


def test_a_campus_may_keep_its_people_from_the_group(group: Group, other: Campus, group_admin: Person) -> None:
    person = make_person(other, "原名")
    actions.correct_person(group_admin, person, PersonForm("由集团更正", "G1"))
    membership = db.session.scalars(select(Membership).where(Membership.campus_id == other.id)).one()
    membership.group_manages = False
    db.session.commit()
    for change in (
        lambda: actions.correct_person(group_admin, person, PersonForm("再改", "")),
        lambda: actions.let_leave(group_admin, person, TODAY),
        lambda: actions.give_role(group_admin, person, _role(Role.HEAD, campus_id=other.id)),
        lambda: end_posting(group_admin, person.postings[0]),
    ):
        with pytest.raises(NotAllowed):
            change()
    actions.give_role(group_admin, person, _role(Role.HEAD, group_id=group.id))
    assert person.name == "由集团更正"


@pytest.mark.parametrize("role", [Role.GROUP_ADMIN, Role.HEAD, Role.GUEST_INSPECTOR, Role.SUBJECT_LEAD])
def test_nobody_gives_a_role_wider_than_what_they_administer(admin: Person, group: Group, role: Role) -> None:
    with pytest.raises(NotAllowed):
        actions.give_role(admin, admin, _role(role, group_id=group.id))
    prep_group = make_prep_group(group)
    with pytest.raises(NotAllowed):
        actions.give_role(admin, admin, _role(Role.PREP_LEAD, prep_group_id=prep_group.id))


def test_a_campus_names_the_lead_of_a_prep_group_of_its_own(admin: Person, group: Group, campus: Campus) -> None:
    own, shared = (
        make_prep_group(group, campuses=[campus]),
        make_prep_group(group, campuses=[campus, make_campus(group)]),
    )
    actions.give_role(admin, admin, _role(Role.PREP_LEAD, prep_group_id=own.id))
    assert standing_of(admin).led_prep_group_ids == {own.id}
    with pytest.raises(NotAllowed):
        actions.give_role(admin, admin, _role(Role.PREP_LEAD, prep_group_id=shared.id))


def test_heads_and_the_academic_office_change_no_rights(campus: Campus) -> None:
    office = make_person(campus, roles=[Role.ACADEMIC_OFFICE, Role.HEAD])
    with pytest.raises(NotAllowed):
        actions.give_role(office, office, _role(Role.CAMPUS_ADMIN, campus_id=campus.id))
    with pytest.raises(NotAllowed):
        actions.add_person(office, PersonForm("某人", ""), _posting(campus, PostingKind.HOME))


def test_a_campus_administrator_does_not_reach_the_group_through_its_administrator(
    admin: Person, group_admin: Person
) -> None:
    with pytest.raises(NotAllowed):
        actions.correct_person(admin, group_admin, PersonForm("改名", ""))
    with pytest.raises(NotAllowed):
        actions.let_leave(admin, group_admin, TODAY)


def test_the_last_administrator_of_a_group_neither_ends_nor_leaves(
    group: Group, campus: Campus, group_admin: Person
) -> None:
    deputy = make_person(campus)
    held = grant(deputy, Role.GROUP_ADMIN, group_id=group.id, to_day=TOMORROW)  # only for today
    for ending in (
        lambda: end_grant(group_admin, group_admin.grants[0]),
        lambda: actions.let_leave(group_admin, group_admin, TODAY),
    ):
        with pytest.raises(Conflict):
            ending()
    held.to_day = None
    db.session.commit()
    end_grant(group_admin, group_admin.grants[0])
    assert standing_of(group_admin).scopes == frozenset()


# What is refused with a sentence


def test_two_postings_at_one_campus_do_not_overlap(campus: Campus, admin: Person) -> None:
    teacher = make_person(campus)
    with pytest.raises(Invalid) as refused:
        actions.add_posting(admin, teacher, _posting(campus))
    assert set(refused.value.fields) == {"from_day"}
    end_posting(admin, teacher.postings[0], TOMORROW)
    actions.add_posting(admin, teacher, _posting(campus, from_day=TOMORROW))
    assert standing_of(teacher, TOMORROW).campus_ids == {campus.id}


def test_the_same_role_is_not_given_twice(campus: Campus, admin: Person) -> None:
    teacher = make_person(campus)
    actions.give_role(admin, teacher, _role(Role.HEAD, campus_id=campus.id))
    with pytest.raises(Invalid):
        actions.give_role(admin, teacher, _role(Role.HEAD, campus_id=campus.id))


def test_a_division_of_another_group_narrows_nothing(campus: Campus, admin: Person) -> None:
    from schools.models import Division

    division = Division(group_id=make_group().id, name="别处级部", grades=[3])
    db.session.add(division)
    db.session.commit()
    with pytest.raises(Invalid):
        actions.give_role(admin, admin, _role(Role.ACADEMIC_OFFICE, campus_id=campus.id, division_id=division.id))


def test_who_has_left_is_given_nothing_before_coming_back(campus: Campus, admin: Person) -> None:
    teacher = make_person(campus)
    actions.let_leave(admin, teacher, TODAY)
    with pytest.raises(Invalid):
        actions.give_role(admin, teacher, _role(Role.HEAD, campus_id=campus.id))
    with pytest.raises(Invalid):
        actions.add_posting(admin, teacher, _posting(campus))
    actions.bring_back(admin, teacher, _posting(campus, PostingKind.HOME))
    actions.give_role(admin, teacher, _role(Role.HEAD, campus_id=campus.id))
    assert standing_of(teacher).holds(Role.HEAD, campus_id=campus.id)


def test_honours_stay_with_who_has_left(campus: Campus, admin: Person) -> None:
    teacher = make_person(campus)
    actions.give_title(admin, teacher, TitleForm("特级教师", TODAY, None))
    actions.let_leave(admin, teacher, TODAY)
    assert db.session.scalars(select(Title.name).where(Title.person_id == teacher.id)).all() == ["特级教师"]


# Handing over


def test_work_goes_over_only_to_whom_works_there(campus: Campus, other: Campus, admin: Person) -> None:
    leaver, stranger = make_person(campus), make_person(other)
    assignment = make_assignment(leaver, make_class(campus), make_prep_group(campus.memberships[0].group).subject)
    form = HandOverForm("", TODAY, frozenset(), frozenset(), frozenset({assignment.id}))
    with pytest.raises(Invalid) as refused:
        actions.hand_over(admin, leaver, stranger, form)
    assert set(refused.value.fields) == {"successor"}
    with pytest.raises(NotAllowed):
        actions.hand_over(make_person(other, roles=[Role.CAMPUS_ADMIN]), leaver, make_person(campus), form)
    assert assignment.to_day is None


def test_only_work_of_the_leaver_goes_over(campus: Campus, admin: Person) -> None:
    leaver, successor, third = make_person(campus), make_person(campus), make_person(campus)
    assignment = make_assignment(third, make_class(campus), make_prep_group(campus.memberships[0].group).subject)
    form = HandOverForm("", TODAY, frozenset(), frozenset(), frozenset({assignment.id}))
    assert actions.hand_over(admin, leaver, successor, form) == 0
    assert assignment.to_day is None
