"""Who may read and change a plan: the rules in sentences, and that list, page, socket and export never disagree."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from random import Random
from time import process_time
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select
from sqlalchemy.orm import selectinload

from foundation.clock import travel_to
from foundation.database import db
from lessons import access
from lessons.coediting.rights import rights_now
from lessons.models import Plan, PlanState
from schools.access import standing_of, standings_of
from schools.models import (
    Division,
    Membership,
    Person,
    Posting,
    PrepGroup,
    PrepGroupPick,
    Role,
    RoleGrant,
    SchoolClass,
    TeachingAssignment,
    Visibility,
)
from schools.tiers import READING_ROLES
from tests.databases import on_both_databases
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
    make_subject,
    make_topic,
)
from tests.lessons.worlds import DAY, NOON, make_world

pytestmark = pytest.mark.usefixtures("app")

OPEN = (Visibility.PREP_GROUP, Visibility.CAMPUS, Visibility.GROUP, Visibility.PUBLIC)


def reads(person: Person | None, plan: Plan) -> bool:
    return access.may_read_plan(standing_of(person), plan)


def edits(person: Person | None, plan: Plan) -> bool:
    return access.may_edit_plan(standing_of(person), plan)


# Visibility


def test_a_personal_plan_is_read_by_its_owner_alone() -> None:
    group = make_group()
    owner, head = make_person(make_campus(group)), make_person(make_campus(group))
    prep_group = make_prep_group(group, members=[owner, head])
    grant(head, Role.HEAD, group_id=group.id)
    grant(head, Role.PREP_LEAD, prep_group_id=prep_group.id)
    plan = make_plan(owner, prep_group=prep_group, visibility=Visibility.PERSONAL)
    assert (reads(owner, plan), edits(owner, plan)) == (True, True)
    assert (reads(head, plan), edits(head, plan), reads(None, plan)) == (False, False, False)


def test_a_named_writer_reads_and_writes_a_personal_plan() -> None:
    writer = make_person()
    plan = make_plan(writers=[writer])
    assert edits(writer, plan)
    assert not access.may_share_plan(standing_of(writer), plan)


def test_the_prep_group_reads_and_writes_what_is_shown_to_it() -> None:
    group = make_group()
    member, stranger = make_person(make_campus(group)), make_person(make_campus(group))
    plan = make_plan(prep_group=make_prep_group(group, members=[member]), visibility=Visibility.PREP_GROUP)
    assert edits(member, plan)
    assert not reads(stranger, plan)


def test_colleagues_of_the_campus_read_what_is_shown_to_the_campus() -> None:
    group = make_group()
    here, there = make_campus(group), make_campus(group)
    plan = make_plan(make_person(here), visibility=Visibility.CAMPUS)
    colleague = make_person(here)
    assert (reads(colleague, plan), edits(colleague, plan)) == (True, False)
    assert not reads(make_person(there), plan)


def test_teachers_of_all_campuses_read_what_is_shown_to_the_group() -> None:
    group = make_group()
    plan = make_plan(make_person(make_campus(group)), visibility=Visibility.GROUP)
    assert reads(make_person(make_campus(group)), plan)
    assert not reads(make_person(make_campus(make_group())), plan)
    assert not reads(None, plan)


def test_everyone_reads_a_public_plan() -> None:
    plan = make_plan(visibility=Visibility.PUBLIC)
    assert reads(None, plan)
    assert not edits(None, plan)


def test_an_archived_plan_is_no_longer_written_by_the_prep_group() -> None:
    group = make_group()
    member, lead = make_person(make_campus(group)), make_person(make_campus(group))
    prep_group = make_prep_group(group, members=[member])
    grant(lead, Role.PREP_LEAD, prep_group_id=prep_group.id)
    plan = make_plan(prep_group=prep_group, visibility=Visibility.PREP_GROUP, state=PlanState.ARCHIVED)
    assert (reads(member, plan), edits(member, plan)) == (True, False)
    assert edits(lead, plan)
    assert edits(plan.owner, plan)


def test_sharing_and_deleting_belong_to_the_owner_and_the_prep_lead() -> None:
    group = make_group()
    member, lead = make_person(make_campus(group)), make_person(make_campus(group))
    prep_group = make_prep_group(group, members=[member])
    grant(lead, Role.PREP_LEAD, prep_group_id=prep_group.id)
    plan = make_plan(prep_group=prep_group, visibility=Visibility.PREP_GROUP)
    for decides in (access.may_share_plan, access.may_delete_plan):
        assert decides(standing_of(plan.owner), plan)
        assert decides(standing_of(lead), plan)
        assert not decides(standing_of(member), plan)


def test_a_plan_in_the_recycle_bin_exists_for_its_owner_only() -> None:
    group = make_group()
    member = make_person(make_campus(group))
    plan = make_plan(prep_group=make_prep_group(group, members=[member]), visibility=Visibility.PUBLIC, removed_at=NOON)
    owner = standing_of(plan.owner)
    assert (reads(plan.owner, plan), edits(plan.owner, plan)) == (True, False)
    assert access.may_restore_plan(owner, plan)
    assert not any(reads(person, plan) for person in (member, None))
    assert plan not in db.session.scalars(access.readable_plans(owner)).all()
    assert db.session.scalars(access.removed_plans(owner)).all() == [plan]


# Roles


@pytest.mark.parametrize("role", [Role.HEAD, Role.EXECUTIVE_HEAD, Role.ACADEMIC_OFFICE])
def test_who_leads_a_campus_reads_its_plans_but_personal_ones(role: Role) -> None:
    group = make_group()
    here, there = make_campus(group), make_campus(group)
    leader = make_person(here, roles=[role])
    own, other = make_person(here), make_person(there)
    assert [reads(leader, make_plan(own, visibility=visibility)) for visibility in Visibility] == [False] + [True] * 4
    assert not reads(leader, make_plan(other, visibility=Visibility.CAMPUS))


@pytest.mark.parametrize("role", [Role.TEACHER, Role.GROUP_ADMIN, Role.CAMPUS_ADMIN])
def test_other_roles_open_no_plans(role: Role) -> None:
    group = make_group()
    person = make_person(make_campus(group))
    grant(person, role, group_id=group.id)
    assert not reads(person, make_plan(make_person(make_campus(group)), visibility=Visibility.CAMPUS))


def test_a_subject_lead_reads_the_plans_of_the_subject() -> None:
    group = make_group()
    lead, colleague = make_person(make_campus(group)), make_person(make_campus(group))
    maths, art = make_subject("数学"), make_subject("美术")
    grant(lead, Role.SUBJECT_LEAD, group_id=group.id, subject_id=maths.id)
    assert reads(lead, make_plan(colleague, subject=maths, visibility=Visibility.CAMPUS))
    assert not reads(lead, make_plan(colleague, subject=art, visibility=Visibility.CAMPUS))


def test_a_subject_lead_without_a_subject_reads_nothing_more() -> None:
    group = make_group()
    lead = make_person(make_campus(group))
    grant(lead, Role.SUBJECT_LEAD, group_id=group.id)
    assert not reads(lead, make_plan(make_person(make_campus(group)), visibility=Visibility.CAMPUS))


def test_a_guest_reads_while_the_grant_lasts() -> None:
    group = make_group()
    guest = make_person(posted=False)
    grant(guest, Role.GUEST_RESEARCHER, group_id=group.id, from_day=date(2026, 9, 1), to_day=date(2026, 12, 1))
    plan = make_plan(make_person(make_campus(group)), visibility=Visibility.CAMPUS)
    for day, may in (("08-31", False), ("09-01", True), ("11-30", True), ("12-01", False)):
        with travel_to(datetime.fromisoformat(f"2026-{day}T12:00:00+08:00")):
            assert reads(guest, plan) is may
            assert not edits(guest, plan)


def test_a_guest_for_one_subject_reads_no_other_though_shown_to_the_group() -> None:
    group = make_group()
    guest, maths = make_person(posted=False), make_subject()
    grant(guest, Role.GUEST_INSPECTOR, group_id=group.id, subject_id=maths.id)
    colleague = make_person(make_campus(group))
    assert reads(guest, make_plan(colleague, subject=maths, visibility=Visibility.GROUP))
    assert not reads(guest, make_plan(colleague, visibility=Visibility.GROUP))


def test_a_division_reaches_its_grades_at_its_campuses() -> None:
    group = make_group()
    here, there = make_campus(group), make_campus(group)
    division = Division(group_id=group.id, name="高段级部", grades=[4, 5, 6], campuses=[here])
    db.session.add(division)
    db.session.commit()
    leader = make_person(make_campus(group))
    grant(leader, Role.ACADEMIC_OFFICE, group_id=group.id, division_id=division.id)
    owner, other = make_person(here), make_person(there)
    fifth, third = make_topic(grade=5), make_topic(grade=3)
    assert reads(leader, make_plan(owner, topic=fifth, visibility=Visibility.CAMPUS))
    assert not reads(leader, make_plan(owner, topic=third, visibility=Visibility.CAMPUS))
    assert not reads(leader, make_plan(other, topic=fifth, visibility=Visibility.CAMPUS))
    assert not reads(leader, make_plan(owner, visibility=Visibility.CAMPUS))


def test_the_grade_of_a_plan_is_that_of_its_lesson_else_of_its_prep_group() -> None:
    group = make_group()
    prep_group = make_prep_group(group, grade=4)
    assert make_plan(topic=make_topic(grade=6), prep_group=prep_group).grade == 6
    assert make_plan(prep_group=prep_group).grade == 4
    assert make_plan().grade is None


# Days


def moment(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T00:00:01+08:00").astimezone(UTC)


def test_rights_begin_and_end_with_the_posting_at_midnight_in_china() -> None:
    group = make_group()
    here = make_campus(group)
    plan = make_plan(make_person(here), visibility=Visibility.CAMPUS)
    rotating = make_person(posted=False)
    make_posting(rotating, here, from_day=date(2026, 9, 1), to_day=date(2027, 7, 1))
    for day, may in (("2026-08-31", False), ("2026-09-01", True), ("2027-06-30", True), ("2027-07-01", False)):
        with travel_to(moment(day)):
            assert reads(rotating, plan) is may
    with travel_to(moment("2026-09-01") - timedelta(seconds=2)):
        assert not reads(rotating, plan)


def test_a_campus_that_leaves_takes_its_teachers_rights_and_keeps_its_own_plans() -> None:
    group = make_group()
    leaving, staying = make_campus(group), make_campus(group)
    leaver, stayer = make_person(leaving), make_person(staying)
    subject = make_subject()
    prep_group = make_prep_group(group, subject, members=[leaver, stayer])
    shown = make_plan(stayer, prep_group=prep_group, visibility=Visibility.GROUP)
    own = make_plan(leaver, prep_group=prep_group, visibility=Visibility.CAMPUS)
    assert edits(leaver, shown)
    leaving.memberships[0].to_day = DAY
    db.session.commit()
    with travel_to(NOON):
        assert not reads(leaver, shown)
        assert edits(leaver, own)
        assert reads(make_person(leaving), own)


def test_teaching_a_class_leads_into_the_prep_group_of_its_subject_and_grade() -> None:
    group = make_group()
    here, elsewhere = make_campus(group), make_campus()
    maths = make_subject()
    prep_group = make_prep_group(group, maths, grade=3)
    third, fourth = make_class(here, grade=3), make_class(here, grade=4)
    teacher, of_fourth, of_art = make_person(here), make_person(here), make_person(here)
    make_assignment(teacher, third, maths)
    make_assignment(of_fourth, fourth, maths)
    make_assignment(of_art, third, make_subject())
    outside = make_person(elsewhere)
    make_assignment(outside, make_class(elsewhere, grade=3), maths)
    not_posted_there = make_person(make_campus(group))
    make_assignment(not_posted_there, third, maths)
    found = standings_of(person.id for person in (teacher, of_fourth, of_art, outside, not_posted_there))
    assert [person_id for person_id, standing in found.items() if prep_group.id in standing.prep_group_ids] == [
        teacher.id
    ]


def test_a_prep_group_of_some_campuses_takes_teachers_of_these_only() -> None:
    group = make_group()
    here, there = make_campus(group), make_campus(group)
    maths = make_subject()
    prep_group = make_prep_group(group, maths, grade=3, campuses=[here])
    inside, outside = make_person(here), make_person(there)
    make_assignment(inside, make_class(here, grade=3), maths)
    make_assignment(outside, make_class(there, grade=3), maths)
    assert standing_of(inside).prep_group_ids == {prep_group.id}
    assert standing_of(outside).prep_group_ids == frozenset()


def test_who_was_picked_stays_while_in_the_group() -> None:
    group = make_group()
    person = make_person(make_campus(group))
    prep_group = make_prep_group(group, members=[person])
    assert standing_of(person).prep_group_ids == {prep_group.id}
    person.postings[0].to_day = DAY
    db.session.commit()
    assert standing_of(person, on=DAY).prep_group_ids == frozenset()


def test_a_guest_of_the_group_can_be_picked() -> None:
    group = make_group()
    guest = make_person(posted=False)
    grant(guest, Role.GUEST_RESEARCHER, group_id=group.id)
    prep_group = make_prep_group(group, members=[guest])
    assert standing_of(guest).prep_group_ids == {prep_group.id}


# In words


def test_the_sentence_says_who_sees_and_who_writes(app: Flask) -> None:
    group = make_group()
    people = [make_person(make_campus(group)) for _ in range(5)]
    prep_group = make_prep_group(group, members=people)
    mine = people[0]
    plan = make_plan(mine, prep_group=prep_group, visibility=Visibility.GROUP)
    said = {
        Visibility.GROUP: "可见：全集团教师；可改：备课组 5 人",
        Visibility.PUBLIC: "可见：所有人；可改：备课组 5 人",
        Visibility.PREP_GROUP: "可见：备课组 5 人和主管领导；可改：备课组 5 人",
        Visibility.CAMPUS: f"可见：{plan.campus.short_name}教师和主管领导；可改：备课组 5 人",
        Visibility.PERSONAL: "可见：仅作者；可改：仅作者",
    }
    with app.test_request_context():
        for visibility, sentence in said.items():
            plan.visibility = visibility
            assert access.rights_sentence(plan) == sentence


def test_the_sentence_is_said_in_english_too(app: Flask) -> None:
    plan = make_plan(visibility=Visibility.GROUP)
    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert access.rights_sentence(plan) == "Seen by: all teachers of the group. Written by: only its author"


def test_the_sentence_names_owner_and_writers_who_are_not_in_the_prep_group(app: Flask) -> None:
    group = make_group()
    member = make_person(make_campus(group))
    plan = make_plan(
        prep_group=make_prep_group(group, members=[member]),
        visibility=Visibility.GROUP,
        writers=[make_person(), make_person(), member],
    )
    with app.test_request_context():
        assert access.rights_sentence(plan) == "可见：全集团教师；可改：作者、备课组 1 人和受邀的 2 人"
        plan.state = PlanState.ARCHIVED
        assert access.rights_sentence(plan) == "可见：全集团教师；可改：作者和受邀的 3 人"
        plan.removed_at = NOON
        assert access.rights_sentence(plan) == "在回收站里，仅作者可见、可恢复"


# All ways agree


Rows = dict[type, list[Any]]
DATED = (Membership, Posting, RoleGrant, TeachingAssignment, PrepGroupPick)


def by_the_words_of_the_architecture(holding: Rows, person: Person, plan: Plan) -> tuple[bool, bool]:
    """Whether somebody reads and writes a plan, worked out from docs/architecture.md row by row of those that hold."""
    members = {(row.group_id, row.campus_id) for row in holding[Membership]}
    campuses = {row.campus_id for row in holding[Posting] if row.person_id == person.id}
    groups = {group for group, campus in members if campus in campuses}
    grants = [row for row in holding[RoleGrant] if row.person_id == person.id]

    def teaches_for(prep_group: PrepGroup) -> bool:
        for row in holding[TeachingAssignment]:
            taught = db.session.get_one(SchoolClass, row.class_id)
            if (
                row.person_id == person.id
                and row.subject_id == prep_group.subject_id
                and taught.stage == prep_group.stage
                and prep_group.grade in (None, taught.grade)
                and taught.campus_id in campuses
                and (prep_group.group_id, taught.campus_id) in members
                and (prep_group.whole_group or taught.campus_id in {campus.id for campus in prep_group.campuses})
            ):
                return True
        return False

    leads = prepares = False
    if plan.prep_group_id:
        prep_group = db.session.get_one(PrepGroup, plan.prep_group_id)
        belongs = prep_group.group_id in groups or prep_group.group_id in {row.group_id for row in grants}
        picked = any((row.person_id, row.prep_group_id) == (person.id, prep_group.id) for row in holding[PrepGroupPick])
        leads = any((row.role, row.prep_group_id) == (Role.PREP_LEAD, prep_group.id) for row in grants)
        prepares = leads or (picked and belongs) or teaches_for(prep_group)

    def reaches(row: RoleGrant) -> bool:
        division = db.session.get(Division, row.division_id) if row.division_id else None
        return (
            row.role in READING_ROLES
            and (row.role is not Role.SUBJECT_LEAD or row.subject_id is not None)
            and row.group_id in (None, plan.group_id)
            and row.campus_id in (None, plan.campus_id)
            and row.subject_id in (None, plan.subject_id)
            and row.grade in (None, plan.grade)
            and (
                division is None
                or (plan.grade in division.grades and plan.campus_id in {campus.id for campus in division.campuses})
            )
        )

    owns = plan.owner_id == person.id
    if plan.removed_at:
        return owns, False
    personal = plan.visibility is Visibility.PERSONAL
    left, stays = _left(plan)
    writes = (
        owns
        or person.id in {writer.person_id for writer in plan.writers}
        or (not personal and not left and (leads or (prepares and plan.state is not PlanState.ARCHIVED)))
    )
    if left and not (stays and plan.visibility in (Visibility.PREP_GROUP, Visibility.GROUP)):
        prepares, groups = False, set()
        grants = [row for row in grants if row.campus_id is not None]
    shown = {
        Visibility.PERSONAL: False,
        Visibility.PREP_GROUP: prepares,
        Visibility.CAMPUS: plan.campus_id in campuses,
        Visibility.GROUP: plan.group_id in groups or (left and plan.campus_id in campuses),
        Visibility.PUBLIC: True,
    }[plan.visibility]
    return writes or shown or (not personal and any(reaches(row) for row in grants)), writes


def _left(plan: Plan) -> tuple[bool, bool]:
    """Whether the plan's campus has left its group, and whether what it had shared stays there."""
    were = db.session.scalars(
        select(Membership).where(Membership.group_id == plan.group_id, Membership.campus_id == plan.campus_id)
    ).all()
    left = bool(were) and all(row.to_day is not None and row.to_day <= DAY for row in were)
    return left, all(row.keeps_shared for row in were)


def compare_answers(random: Random) -> None:
    """List, object, and socket answer as the architecture does, for every person and plan of a random world."""
    world = make_world(random)
    holding: Rows = {kind: [row for row in db.session.scalars(select(kind)) if row.holds_on(DAY)] for kind in DATED}
    rights = rights_now([(plan.id, person.id) for plan in world.plans for person in world.people], set())
    for person in [*world.people, None]:
        standing = standing_of(person)
        listed = set(db.session.scalars(access.readable_plans(standing)))
        editable = set(db.session.scalars(access.editable_plans(standing)))
        removed = set(db.session.scalars(access.removed_plans(standing)))
        for plan in world.plans:
            may = access.may_read_plan(standing, plan), access.may_edit_plan(standing, plan)
            if person:
                assert may == by_the_words_of_the_architecture(holding, person, plan)
                role = "editor" if may[1] else "reader" if may[0] and not plan.removed_at else None
                assert rights.role(plan.id, person.id) == role
            assert (plan in listed) == (may[0] and plan.removed_at is None)
            assert (plan in editable) == may[1]
            assert (plan in removed) == access.may_restore_plan(standing, plan)


@on_both_databases
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(random=st.randoms(use_true_random=False))
def test_list_object_and_socket_never_disagree(app: Flask, random: Random) -> None:
    with travel_to(NOON):
        try:
            compare_answers(random)
        finally:
            db.session.rollback()


def test_pages_and_exports_never_disagree_with_the_list(
    app: Flask, client: FlaskClient, signed_in: Callable[[Person], FlaskClient]
) -> None:
    with travel_to(NOON):
        world = make_world(Random(20261015), people=4, plans=9)
        db.session.commit()
        browsers = [(None, client), *((person, signed_in(person)) for person in world.people)]
        for person, browser in browsers:
            standing = standing_of(person)
            for plan in world.plans:
                may = 200 if access.may_read_plan(standing, plan) else 404
                writes = access.may_edit_plan(standing, plan)
                assert browser.get(f"/plans/{plan.code}").status_code == may
                assert browser.get(f"/plans/{plan.code}/markdown").status_code == may
                if person:
                    answer = browser.get(f"/plans/{plan.code}/write").status_code
                    assert answer == (200 if writes else 302 if may == 200 else 404)


# Quick


def count_queries() -> list[str]:
    seen: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
    return seen


def test_standings_take_the_same_few_queries_for_one_and_for_many() -> None:
    group = make_group()
    division = Division(group_id=group.id, name="级部", grades=[3])
    db.session.add(division)
    people = [make_person(make_campus(group)) for _ in range(12)]
    for person in people:
        grant(person, Role.ACADEMIC_OFFICE, group_id=group.id, division_id=division.id)
    make_prep_group(group, members=people)
    ids = [person.id for person in people]
    seen = count_queries()
    standings_of(ids[:1])
    for_one = len(seen)
    standings_of(ids)
    assert (for_one, len(seen)) == (4, 8)


def test_a_thousand_plans_are_checked_in_memory_at_once() -> None:
    group = make_group()
    person, subject = make_person(make_campus(group)), make_subject()
    prep_group = make_prep_group(group, subject, members=[person])
    grant(person, Role.SUBJECT_LEAD, group_id=group.id, subject_id=make_subject().id)
    owner = make_person(make_campus(group))
    db.session.add_all(
        Plan(
            code=f"many{number:06}",
            owner_id=owner.id,
            group_id=group.id,
            campus_id=owner.postings[0].campus_id,
            prep_group_id=prep_group.id if number % 2 else None,
            subject_id=subject.id,
            visibility=list(Visibility)[number % 4],
        )
        for number in range(1000)
    )
    db.session.commit()
    plans = db.session.scalars(select(Plan).options(selectinload(Plan.writers))).all()
    standing = standing_of(person)
    took = []
    for _ in range(5):
        begun = process_time()
        readable = [plan for plan in plans if access.may_read_plan(standing, plan)]
        took.append(process_time() - begun)
    assert len(readable) == 500
    assert min(took) < 0.02, "it takes under 10 ms on a quiet machine"
