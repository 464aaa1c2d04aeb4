"""Everything about a person that decides rights on a day: postings, groups, prep groups and role grants.

Days are half-open: a posting counts on `from_day <= day < to_day`. Somebody takes part in a group while posted at a
campus that is a member of it, so a right ends with whichever ends first, the posting or the membership.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any, Final

from flask import has_request_context, request
from sqlalchemy import BindParameter, CompoundSelect, Integer, Row, Select, and_, bindparam, exists, or_, select, union

from foundation.clock import today
from foundation.database import db
from foundation.rules import Rule, among, any_of, because
from schools.models import (
    Campus,
    Division,
    DivisionCampus,
    Membership,
    Person,
    Posting,
    PrepGroup,
    PrepGroupCampus,
    PrepGroupPick,
    Role,
    RoleGrant,
    SchoolClass,
    SignIn,
    TeachingAssignment,
)

_HEADS: Final = (Role.HEAD, Role.EXECUTIVE_HEAD)
_ARRANGING_GROUPS: Final = (Role.GROUP_ADMIN, Role.ACADEMIC_OFFICE)
_ARRANGING_CAMPUSES: Final = (Role.CAMPUS_ADMIN, Role.ACADEMIC_OFFICE)

AUDITING_GROUPS: Final = (Role.GROUP_ADMIN, *_HEADS)
"""Whoever holds one of these for a whole group reads what was done there."""

VIEWING: Final = "tongke.viewing"
"""Where the request keeps the sign-in whose person sees as somebody else; put there by `schools.signing_in`."""


@dataclass(frozen=True)
class Scope:
    """A role that somebody holds, and what it reaches: a field that is None does not narrow it."""

    role: Role
    group_id: int | None = None
    campus_id: int | None = None
    campus_ids: frozenset[int] | None = None
    grades: frozenset[int] | None = None
    subject_id: int | None = None
    prep_group_id: int | None = None


@dataclass(frozen=True)
class Standing:
    """What somebody is on a day. `person_id` is None for those who are not signed in: they stand nowhere.

    `campus_ids`: posted there. `staff_group_ids`: groups those campuses belong to. `group_ids`: the same and the groups
    reached by a role only (guests). `prep_group_ids`: member by assignment, by hand or as its lead; `led_prep_group_ids`: as
    its lead. `scopes`: the roles held. `looked_through`: an administrator sees as them (`schools.viewing`), and has no business
    with what is personal.
    """

    person_id: int | None
    day: date
    campus_ids: frozenset[int] = frozenset()
    staff_group_ids: frozenset[int] = frozenset()
    group_ids: frozenset[int] = frozenset()
    prep_group_ids: frozenset[int] = frozenset()
    led_prep_group_ids: frozenset[int] = frozenset()
    scopes: frozenset[Scope] = frozenset()
    looked_through: bool = False

    def __hash__(self) -> int:
        """Of what tells nearly all apart: it is asked for every row of a list, to find the rules made for the person."""
        return hash((self.person_id, self.day))

    def holds(self, *roles: Role, group_id: int | None = None, campus_id: int | None = None) -> bool:
        """Whether one of `roles` is held for the whole of the group, or of the campus."""
        return any(Scope(role, group_id=group_id, campus_id=campus_id) in self.scopes for role in roles)


def standing_of(person: Person | Standing | None, on: date | None = None) -> Standing:
    """The standing of `person` on the day `on` (today). A standing is given back as it is, so that it need be asked once."""
    if isinstance(person, Standing):
        return person
    if person is None:
        return Standing(None, on or today())
    standing = standings_of([person.id], on)[person.id]
    viewing = viewing_now()
    return replace(standing, looked_through=True) if viewing and viewing.viewing_as_id == person.id else standing


def viewing_now() -> SignIn | None:
    """The sign-in of this browser while its person sees as somebody else."""
    viewing: SignIn | None = request.environ.get(VIEWING) if has_request_context() else None
    return viewing


def standings_of(person_ids: Iterable[int], on: date | None = None) -> dict[int, Standing]:
    """The standing of each of `person_ids`, in the same few queries however many they are."""
    day = on or today()
    wanted = sorted(set(person_ids))
    db.session.flush()  # what was changed and not written yet counts
    posted = _by_person(_postings(day), wanted)
    granted = _by_person(_grants(day), wanted)
    taking_part = _by_person(_prep_groups(day), wanted)
    divisions = _divisions(row.division_id for rows in granted.values() for row in rows)
    standings = {}
    for person_id in wanted:
        grants = granted[person_id]
        staff_groups = _filled(row.group_id for row in posted[person_id])
        standings[person_id] = Standing(
            person_id=person_id,
            day=day,
            campus_ids=_filled(row.campus_id for row in posted[person_id]),
            staff_group_ids=staff_groups,
            group_ids=staff_groups | _filled(grant.lies_in for grant in grants),
            prep_group_ids=_filled(row.prep_group_id for row in taking_part[person_id]),
            led_prep_group_ids=_filled(grant.prep_group_id for grant in grants if grant.role is Role.PREP_LEAD),
            scopes=frozenset(_scope(grant, divisions) for grant in grants),
        )
    return standings


def assigned_classes(day: date) -> Select[tuple[int, int, SchoolClass]]:
    """Who belongs to which prep group by teaching its subject on `day`, and the class that makes them a member."""
    return (
        select(TeachingAssignment.person_id, PrepGroup.id.label("prep_group_id"), SchoolClass)
        .join(SchoolClass, SchoolClass.id == TeachingAssignment.class_id)
        .join(
            PrepGroup,
            and_(
                PrepGroup.subject_id == TeachingAssignment.subject_id,
                PrepGroup.stage == SchoolClass.stage,
                or_(PrepGroup.grade.is_(None), PrepGroup.grade == SchoolClass.grade),
            ),
        )
        .where(
            TeachingAssignment.holding_on(day),
            exists().where(
                Posting.person_id == TeachingAssignment.person_id,
                Posting.campus_id == SchoolClass.campus_id,
                Posting.holding_on(day),
            ),
            exists().where(
                Membership.group_id == PrepGroup.group_id,
                Membership.campus_id == SchoolClass.campus_id,
                Membership.holding_on(day),
            ),
            or_(
                PrepGroup.whole_group,
                exists().where(
                    PrepGroupCampus.prep_group_id == PrepGroup.id, PrepGroupCampus.campus_id == SchoolClass.campus_id
                ),
            ),
        )
    )


def taking_part(
    day: date,
    person_ids: Collection[int] | BindParameter[int] | None = None,
    prep_group_id: BindParameter[int] | None = None,
) -> CompoundSelect[tuple[int, int]]:
    """Who belongs to which prep group on `day`: rows of `person_id`, `prep_group_id`, each once.

    Of `person_ids` only, and of that prep group only, if given.

    Three ways lead in: teaching its subject to one of its classes, being picked by hand while in its group, leading it.
    """
    assigned = assigned_classes(day).with_only_columns(
        TeachingAssignment.person_id, PrepGroup.id.label("prep_group_id")
    )
    picked = (
        select(PrepGroupPick.person_id, PrepGroupPick.prep_group_id)
        .join(PrepGroup, PrepGroup.id == PrepGroupPick.prep_group_id)
        .where(
            PrepGroupPick.holding_on(day),
            or_(
                exists().where(
                    Posting.person_id == PrepGroupPick.person_id,
                    Posting.holding_on(day),
                    Membership.campus_id == Posting.campus_id,
                    Membership.group_id == PrepGroup.group_id,
                    Membership.holding_on(day),
                ),
                exists().where(
                    RoleGrant.person_id == PrepGroupPick.person_id,
                    RoleGrant.group_id == PrepGroup.group_id,
                    RoleGrant.holding_on(day),
                ),
            ),
        )
    )
    leading = _leading(day)
    if person_ids is not None:
        # asked of each way, where an index finds them; of the union the database would first make that of everybody
        assigned = assigned.where(TeachingAssignment.person_id.in_(person_ids))
        picked = picked.where(PrepGroupPick.person_id.in_(person_ids))
        leading = leading.where(RoleGrant.person_id.in_(person_ids))
    if prep_group_id is not None:
        assigned = assigned.where(PrepGroup.id == prep_group_id)
        picked = picked.where(PrepGroupPick.prep_group_id == prep_group_id)
        leading = leading.where(RoleGrant.prep_group_id == prep_group_id)
    return union(assigned, picked, leading)


def may_administer(standing: Standing, *, group_id: int | None = None, campus_id: int | None = None) -> bool:
    """Whether they look after the group, or after the people, classes and pupils of the campus."""
    if group_id is not None:
        return standing.holds(Role.GROUP_ADMIN, group_id=group_id)
    return _reaches(standing, administered_campuses(standing), campus_id)


def may_arrange(standing: Standing, *, group_id: int | None = None, campus_id: int | None = None) -> bool:
    """Whether they arrange the teaching of the group or the campus: classes, assignments, prep groups, textbooks.

    Those who look after it do, and its 教务.
    """
    if group_id is not None:
        return standing.holds(Role.GROUP_ADMIN, Role.ACADEMIC_OFFICE, group_id=group_id)
    return _reaches(standing, arranged_campuses(standing), campus_id)


def why_administers(standing: Standing, campus: Campus) -> tuple[object, ...]:
    """For which roles (their `Scope`s) they look after the people, classes and pupils of the campus; none when they do not."""
    return _campus_rule(standing, (Role.GROUP_ADMIN,), (Role.CAMPUS_ADMIN,)).reasons(campus)


def why_arranges(standing: Standing, campus: Campus) -> tuple[object, ...]:
    """For which roles they arrange the teaching of the campus."""
    return _campus_rule(standing, _ARRANGING_GROUPS, _ARRANGING_CAMPUSES).reasons(campus)


def why_oversees(standing: Standing, campus: Campus) -> tuple[object, ...]:
    """For which roles they may look at the classes and pupils of the campus."""
    return _campus_rule(standing, (*_ARRANGING_GROUPS, *_HEADS), (*_ARRANGING_CAMPUSES, *_HEADS)).reasons(campus)


def administered_campuses(standing: Standing) -> Select[tuple[int]]:
    """The campuses (their ids) whose people, classes and pupils somebody looks after.

    校区管理员 those of their campus; 集团管理员 those of every present member that has not kept them to itself.
    """
    return _campuses_with(standing, group_roles=(Role.GROUP_ADMIN,), campus_roles=(Role.CAMPUS_ADMIN,))


def managed_campuses(standing: Standing) -> Select[tuple[int]]:
    """Those of `administered_campuses` that somebody looks after from above, as 集团管理员."""
    return _campuses_with(standing, group_roles=(Role.GROUP_ADMIN,), campus_roles=())


def arranged_campuses(standing: Standing) -> Select[tuple[int]]:
    """The campuses (their ids) whose teaching somebody arranges, see `may_arrange`."""
    return _campuses_with(standing, group_roles=_ARRANGING_GROUPS, campus_roles=_ARRANGING_CAMPUSES)


def overseen_campuses(standing: Standing) -> Select[tuple[int]]:
    """The campuses (their ids) whose classes and pupils somebody may look at: those who arrange them, and their heads."""
    return _campuses_with(
        standing, group_roles=(*_ARRANGING_GROUPS, *_HEADS), campus_roles=(*_ARRANGING_CAMPUSES, *_HEADS)
    )


def audited_campuses(standing: Standing) -> Select[tuple[int]]:
    """The campuses (their ids) of which somebody reads what was done there: those who administer them, and their heads."""
    return _campuses_with(standing, group_roles=AUDITING_GROUPS, campus_roles=(Role.CAMPUS_ADMIN, *_HEADS))


def groups_of_role(standing: Standing, *roles: Role) -> frozenset[int]:
    """The groups for the whole of which somebody holds one of `roles`."""
    return _filled(
        scope.group_id
        for scope in standing.scopes
        if scope == Scope(scope.role, scope.group_id) and scope.role in roles
    )


def campuses_of_role(standing: Standing, *roles: Role) -> frozenset[int]:
    """The campuses for the whole of which somebody holds one of `roles`."""
    return _filled(
        scope.campus_id
        for scope in standing.scopes
        if scope == Scope(scope.role, campus_id=scope.campus_id) and scope.role in roles
    )


@lru_cache(maxsize=1024)
def campuses_of_my_groups(standing: Standing) -> Select[tuple[int]]:
    """The present member campuses (their ids) of the groups that somebody belongs to: there are their colleagues."""
    colleagues = exists().where(
        Membership.campus_id == Campus.id,
        Membership.group_id.in_(standing.group_ids),
        Membership.holding_on(standing.day),
    )
    return select(Campus.id).where(or_(Campus.id.in_(standing.campus_ids), colleagues))


@lru_cache(maxsize=1024)
def _campuses_with(
    standing: Standing, *, group_roles: Collection[Role], campus_roles: Collection[Role]
) -> Select[tuple[int]]:
    return select(Campus.id).where(_campus_rule(standing, group_roles, campus_roles).sql())


def _campus_rule(standing: Standing, group_roles: Collection[Role], campus_roles: Collection[Role]) -> Rule[Campus]:
    """The campuses for the whole of which one of `campus_roles` is held, or which a group manages where one of `group_roles` is."""
    at_campuses = [
        because(scope, among(Campus.id, {scope.campus_id}))
        for scope in standing.scopes
        if scope.role in campus_roles and scope == Scope(scope.role, campus_id=scope.campus_id)
    ]
    from_groups = [
        because(scope, _managed_by(scope.group_id, standing.day))
        for scope in standing.scopes
        if scope.role in group_roles and scope == Scope(scope.role, scope.group_id)
    ]
    return any_of(*at_campuses, *from_groups)


def _managed_by(group_id: int | None, day: date) -> Rule[Campus]:
    """The campuses whose people and data the group manages: its present members that have not kept them to themselves."""
    return Rule(
        lambda campus: any(
            each.group_id == group_id and each.group_manages and each.holds_on(day) for each in campus.memberships
        ),
        lambda: exists().where(
            Membership.campus_id == Campus.id,
            Membership.group_id == group_id,
            Membership.group_manages,
            Membership.holding_on(day),
        ),
    )


def _reaches(standing: Standing, campuses: Select[tuple[int]], campus_id: int | None) -> bool:
    if campus_id is None:
        return False
    return db.session.scalar(campuses.where(Campus.id == campus_id)) is not None


def grants_behind(standing: Standing, scope: Scope) -> Sequence[RoleGrant]:
    """The roles given that make up `scope`, usually one; several when it was given again."""
    if standing.person_id is None:
        return []
    query = _grants(standing.day).with_only_columns(RoleGrant)
    grants = db.session.scalars(query, {"person_ids": [standing.person_id]}).all()
    divisions = _divisions(grant.division_id for grant in grants)
    return list(dict.fromkeys(grant for grant in grants if _scope(grant, divisions) == scope))


def prep_group_members(prep_group_id: int, on: date | None = None) -> frozenset[int]:
    """The people (their ids) who belong to a prep group on the day `on` (today), its leads among them."""
    return frozenset(db.session.scalars(_members(on or today()), {"prep_group_id": prep_group_id}))


def prep_group_leads(prep_group_id: int, on: date | None = None) -> frozenset[int]:
    """The people (their ids) who lead a prep group on the day `on` (today)."""
    leading = _leading(on or today()).where(RoleGrant.prep_group_id == prep_group_id)
    return frozenset(db.session.scalars(leading))


# Asked at every request: building them takes longer than the database takes to answer, so each is built once a day.

_PEOPLE: Final = bindparam("person_ids", expanding=True, type_=Integer)
_KEPT_DAYS: Final = 8


@lru_cache(_KEPT_DAYS)
def _members(day: date) -> Select[tuple[int]]:
    people = taking_part(day, prep_group_id=bindparam("prep_group_id", type_=Integer)).subquery()
    return select(people.c.person_id)


def _leading(day: date) -> Select[Any]:
    return select(RoleGrant.person_id, RoleGrant.prep_group_id).where(
        RoleGrant.role == Role.PREP_LEAD, RoleGrant.prep_group_id.is_not(None), RoleGrant.holding_on(day)
    )


@lru_cache(_KEPT_DAYS)
def _postings(day: date) -> Select[Any]:
    return (
        select(Posting.person_id, Posting.campus_id, Membership.group_id)
        .outerjoin(Membership, and_(Membership.campus_id == Posting.campus_id, Membership.holding_on(day)))
        .where(Posting.person_id.in_(_PEOPLE), Posting.holding_on(day))
    )


@lru_cache(_KEPT_DAYS)
def _grants(day: date) -> Select[Any]:
    """The grants of people with the group each lies in; a grant for a campus lies in every group of it."""
    group_id = db.func.coalesce(RoleGrant.group_id, PrepGroup.group_id, Membership.group_id)
    return (
        select(
            RoleGrant.person_id,
            RoleGrant.role,
            RoleGrant.group_id,
            RoleGrant.campus_id,
            RoleGrant.division_id,
            RoleGrant.grade,
            RoleGrant.subject_id,
            RoleGrant.prep_group_id,
            group_id.label("lies_in"),
        )
        .outerjoin(PrepGroup, PrepGroup.id == RoleGrant.prep_group_id)
        .outerjoin(Membership, and_(Membership.campus_id == RoleGrant.campus_id, Membership.holding_on(day)))
        .where(RoleGrant.person_id.in_(_PEOPLE), RoleGrant.holding_on(day))
    )


@lru_cache(_KEPT_DAYS)
def _prep_groups(day: date) -> Select[Any]:
    return select(taking_part(day, _PEOPLE).subquery())


def _by_person(query: Select[Any], person_ids: Sequence[int]) -> defaultdict[int, list[Row[Any]]]:
    rows: defaultdict[int, list[Row[Any]]] = defaultdict(list)
    for row in db.session.connection().execute(query, {"person_ids": person_ids}).all():
        rows[row.person_id].append(row)
    return rows


def _filled(ids: Iterable[int | None]) -> frozenset[int]:
    return frozenset(id for id in ids if id is not None)


def _divisions(division_ids: Iterable[int | None]) -> dict[int, tuple[frozenset[int], frozenset[int]]]:
    """The campuses and the grades of divisions."""
    wanted = _filled(division_ids)
    if not wanted:
        return {}
    rows = db.session.execute(
        select(Division.id, Division.grades, DivisionCampus.campus_id)
        .outerjoin(DivisionCampus, DivisionCampus.division_id == Division.id)
        .where(Division.id.in_(wanted))
    ).all()
    return {
        division_id: (
            _filled(row.campus_id for row in rows if row.id == division_id),
            frozenset(grade for row in rows if row.id == division_id for grade in row.grades),
        )
        for division_id in wanted
    }


def _scope(grant: Row[Any] | RoleGrant, divisions: dict[int, tuple[frozenset[int], frozenset[int]]]) -> Scope:
    campus_ids: Collection[int] | None = None
    grades: frozenset[int] | None = None
    if grant.division_id is not None:
        campus_ids, grades = divisions[grant.division_id]
    if grant.grade is not None:
        grades = frozenset({grant.grade}) if grades is None else grades & {grant.grade}
    return Scope(
        role=grant.role,
        group_id=grant.group_id,
        campus_id=grant.campus_id,
        campus_ids=None if campus_ids is None else frozenset(campus_ids),
        grades=grades,
        subject_id=grant.subject_id,
        prep_group_id=grant.prep_group_id,
    )
