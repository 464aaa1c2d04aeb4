"""Who administers, arranges, oversees, reads what was done and sees as whom: every way of asking agrees with the rules
worked out slowly, row by row, in random groups of schools on the days around which everything begins and ends."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from foundation.clock import travel_to
from foundation.database import db
from foundation.errors import NotFound
from lessons.access import may_edit_plan, may_read_plan, why_edits_plan, why_reads_plan
from lessons.reasons import reading_said, why_plan, writing_said
from manage.rights import access as rights_access
from manage.rights.access import Places
from manage.rights.forms import AuditFilter, Before
from manage.rights.queries import entries_of, page_of
from schools import access
from schools.access import Standing, standing_of
from schools.models import AuditEntry, Campus, Group, Membership, Person, Posting, Role, RoleGrant
from schools.reasons import Inquiry
from schools.viewing import may_view_as
from tests.databases import on_both_databases
from tests.lessons.worlds import DAY, NOON, World, make_world

HEADS = {Role.HEAD, Role.EXECUTIVE_HEAD}
AT_A_CAMPUS = {
    "administers": {Role.CAMPUS_ADMIN},
    "arranges": {Role.CAMPUS_ADMIN, Role.ACADEMIC_OFFICE},
    "oversees": {Role.CAMPUS_ADMIN, Role.ACADEMIC_OFFICE, *HEADS},
    "audits": {Role.CAMPUS_ADMIN, *HEADS},
}
IN_A_GROUP = {
    "administers": {Role.GROUP_ADMIN},
    "arranges": {Role.GROUP_ADMIN, Role.ACADEMIC_OFFICE},
    "oversees": {Role.GROUP_ADMIN, Role.ACADEMIC_OFFICE, *HEADS},
    "audits": {Role.GROUP_ADMIN, *HEADS},
}


class Slowly:
    """The rules as one would tell them, asked of every row that holds on a day."""

    def __init__(self, day: date) -> None:
        self.members, self.postings, self.grants = (
            self._holding(kind, day) for kind in (Membership, Posting, RoleGrant)
        )

    @staticmethod
    def _holding(kind: Any, day: date) -> list[Any]:
        return [row for row in db.session.scalars(select(kind)) if row.holds_on(day)]

    def whole(self, person: Person) -> list[RoleGrant]:
        """The roles that nothing narrows."""
        return [
            row
            for row in self.grants
            if row.person_id == person.id
            and (row.division_id, row.subject_id, row.grade, row.prep_group_id) == (None, None, None, None)
        ]

    def may(self, what: str, person: Person, campus_id: int) -> bool:
        """For a campus: by a role there, or by one in a group that manages its people."""
        return self.from_above(what, person, campus_id) or any(
            row.campus_id == campus_id and row.role in AT_A_CAMPUS[what] for row in self.whole(person)
        )

    def from_above(self, what: str, person: Person, campus_id: int) -> bool:
        """Only the latter."""
        managing = {row.group_id for row in self.members if row.campus_id == campus_id and row.group_manages}
        return any(row.group_id in managing and row.role in IN_A_GROUP[what] for row in self.whole(person))

    def may_in_group(self, what: str, person: Person, group_id: int | None) -> bool:
        """For a group as a whole."""
        return any(
            row.group_id is not None and row.group_id == group_id and row.role in IN_A_GROUP[what]
            for row in self.whole(person)
        )

    def may_read(self, person: Person, entry: AuditEntry) -> bool:
        """What concerns a campus is read there, anything else in its group; what is about a membership, in both."""
        if entry.campus_id is not None and self.may("audits", person, entry.campus_id):
            return True
        return (entry.campus_id is None or entry.object_kind == "membership") and self.may_in_group(
            "audits", person, entry.group_id
        )

    def may_view_as(self, viewer: Person, other: Person) -> bool:
        """Wholly looked after, and not an administrator of the same rank."""
        grants = [row for row in self.grants if row.person_id == other.id]
        campuses = {row.campus_id for row in self.postings if row.person_id == other.id}
        campuses |= {row.campus_id for row in grants if row.campus_id is not None}
        groups = {row.group_id for row in grants if row.group_id is not None}
        roles = {row.role for row in grants}
        looks_after = self.from_above if Role.CAMPUS_ADMIN in roles else self.may
        return (
            viewer is not other
            and bool(campuses or groups)
            and Role.GROUP_ADMIN not in roles
            and all(self.may_in_group("administers", viewer, group_id) for group_id in groups)
            and all(looks_after("administers", viewer, campus_id) for campus_id in campuses)
        )


def noon(day: date) -> datetime:
    return NOON + (day - DAY)


def give_wide_roles(
    random: Random, people: Sequence[Person], campuses: Sequence[Campus], groups: Sequence[Group]
) -> None:
    """Roles that nothing narrows: among all that a random world can hold they would be too rare."""
    for person in people:
        for _ in range(random.choice([0, 1, 1, 2])):
            grant = RoleGrant(person=person, from_day=DAY + timedelta(days=random.choice([-30, -1, 0, 1])))
            grant.to_day = random.choice([None, None, grant.from_day + timedelta(days=2)])
            if random.random() < 0.5:
                grant.role = random.choice([Role.GROUP_ADMIN, Role.GROUP_ADMIN, Role.ACADEMIC_OFFICE, Role.HEAD])
                grant.group_id = random.choice(groups).id
            else:
                grant.role = random.choice(
                    [Role.CAMPUS_ADMIN, Role.CAMPUS_ADMIN, Role.ACADEMIC_OFFICE, Role.EXECUTIVE_HEAD]
                )
                grant.campus_id = random.choice(campuses).id
            db.session.add(grant)
    db.session.flush()


def make_entries(random: Random, campuses: Sequence[Campus], groups: Sequence[Group]) -> list[AuditEntry]:
    entries = [
        AuditEntry(
            action=random.choice(["posting_made", "plan_shared"]),
            person_name=random.choice(["王秀英", "李丽"]),
            object_name=random.choice(["王秀英", "长方形的面积"]),
            object_kind=random.choice(["person", "membership"]),
            campus_id=random.choice([None, *(campus.id for campus in campuses)]),
            group_id=random.choice([None, *(group.id for group in groups)]),
            made_at=NOON - timedelta(hours=random.randrange(4)),
        )
        for _ in range(20)
    ]
    db.session.add_all(entries)
    db.session.flush()
    return sorted(entries, key=lambda entry: (entry.made_at, entry.id), reverse=True)


def places_of(standing: Standing) -> Places:
    try:
        return rights_access.audited_by(standing)
    except NotFound:
        return Places(frozenset(), frozenset())


def compare_campuses(slowly: Slowly, person: Person, standing: Standing, campuses: Sequence[Campus]) -> None:
    lists = {
        "administers": access.administered_campuses(standing),
        "arranges": access.arranged_campuses(standing),
        "oversees": access.overseen_campuses(standing),
        "audits": access.audited_campuses(standing),
    }
    reasons = {
        "administers": access.why_administers,
        "arranges": access.why_arranges,
        "oversees": access.why_oversees,
    }
    for what, listed in lists.items():
        ids = set(db.session.scalars(listed))
        for campus in campuses:
            may = slowly.may(what, person, campus.id)
            assert (campus.id in ids) == may, what
            if what in reasons:
                assert bool(reasons[what](standing, campus)) == may, what
    for campus in campuses:
        assert access.may_administer(standing, campus_id=campus.id) == slowly.may("administers", person, campus.id)
        assert access.may_arrange(standing, campus_id=campus.id) == slowly.may("arranges", person, campus.id)


def compare_groups(slowly: Slowly, person: Person, standing: Standing, groups: Sequence[Group]) -> None:
    for group in groups:
        for what, may in (("administers", access.may_administer), ("arranges", access.may_arrange)):
            assert may(standing, group_id=group.id) == slowly.may_in_group(what, person, group.id)


def compare_entries(slowly: Slowly, person: Person, standing: Standing, entries: Sequence[AuditEntry]) -> None:
    places = places_of(standing)
    readable = [entry for entry in entries if slowly.may_read(person, entry)]
    assert [entry for entry in entries if rights_access.may_read_entry(places, entry)] == readable
    assert list(entries_of(db.session(), places, AuditFilter(), None, 100)) == readable
    paged: list[AuditEntry] = []
    before: Before | None = None
    while True:
        page = page_of(places, AuditFilter(), Before.read(str(before)), 3)
        paged += page.entries
        before = page.older
        if before is None:
            break
    assert paged == readable
    for wanted in (AuditFilter(who="王秀英"), AuditFilter(action="plan_shared"), AuditFilter(last_day=DAY)):
        chosen = [
            entry
            for entry in readable
            if wanted.who in ("", entry.person_name, entry.object_name) and wanted.action in ("", entry.action)
        ]
        assert list(entries_of(db.session(), places, wanted, None, 100)) == chosen


def compare_reasons(world: World, person: Person, standing: Standing) -> None:
    """There are reasons, and words for every one of them, for those who may and for nobody else."""
    for plan in world.plans:
        reads, writes = may_read_plan(standing, plan), may_edit_plan(standing, plan)
        assert bool(why_reads_plan(standing, plan)) == reads
        assert bool(why_edits_plan(standing, plan)) == writes
        assert bool(reading_said(standing, plan)) == reads
        assert bool(writing_said(standing, plan)) == writes
        why = why_plan(Inquiry(person), plan)
        assert bool(why.reading.reasons) == reads
        for other_day in (why.reading.before, why.reading.after):
            if other_day:
                assert not reads
                assert may_read_plan(standing_of(person, on=other_day), plan)


@on_both_databases
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(random=st.randoms(use_true_random=False), days=st.integers(-2, 2))
def test_every_way_of_asking_agrees_with_the_rules(app: Flask, random: Random, days: int) -> None:
    day = DAY + timedelta(days=days)
    with travel_to(noon(day)), app.test_request_context():
        try:
            world = make_world(random, people=5, plans=6)
            campuses, groups = db.session.scalars(select(Campus)).all(), db.session.scalars(select(Group)).all()
            give_wide_roles(random, world.people, campuses, groups)
            entries = make_entries(random, campuses, groups)
            slowly = Slowly(day)
            for person in world.people:
                standing = standing_of(person)
                compare_campuses(slowly, person, standing, campuses)
                compare_groups(slowly, person, standing, groups)
                compare_entries(slowly, person, standing, entries)
                compare_reasons(world, person, standing)
                for other in world.people:
                    assert may_view_as(standing, standing_of(other)) == slowly.may_view_as(person, other)
        finally:
            db.session.rollback()


@pytest.mark.usefixtures("app")
def test_what_is_looked_through_shows_nothing_personal() -> None:
    with travel_to(NOON):
        world = make_world(Random(7))
        for person in world.people:
            own = standing_of(person)
            through = Standing(**{**own.__dict__, "looked_through": True})
            for plan in world.plans:
                expected = may_read_plan(own, plan) and plan.visibility != "personal"
                assert may_read_plan(through, plan) == expected
        db.session.rollback()
