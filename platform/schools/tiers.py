"""可见范围: who is reached by what somebody shares. The same rules for plans, resources and collections.

See "Who may" in docs/architecture.md for the rules in words.
"""

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import QueryableAttribute

from foundation.database import db
from foundation.marks import Marks, Not, of_pairs
from foundation.rules import (
    ALWAYS,
    NEVER,
    Rule,
    all_of,
    among,
    any_of,
    because,
    depending_on,
    is_empty,
    is_filled,
    value_that,
)
from schools.access import Scope, Standing
from schools.models import END_OF_MEMBERSHIP, TAKES_ALONG, Membership, Role, Visibility

Row = TypeVar("Row")
Column = QueryableAttribute[Any]

READING_ROLES = frozenset(
    {
        Role.HEAD,
        Role.EXECUTIVE_HEAD,
        Role.ACADEMIC_OFFICE,
        Role.SUBJECT_LEAD,
        Role.GUEST_RESEARCHER,
        Role.GUEST_INSPECTOR,
    }
)


class Why(enum.Enum):
    """A reason to read or write something that is not a role; `lessons.reasons` and the like put it into words."""

    OWNER = "owner"
    WRITER = "writer"
    MEMBER = "member"
    LEAD = "lead"
    CAMPUS = "campus"
    GROUP = "group"
    PUBLIC = "public"


@dataclass(frozen=True, eq=False)
class Tiers(Generic[Row]):
    """The rules for one kind of shared thing.

    `model` has the columns `owner_id`, `group_id`, `campus_id`, `prep_group_id`, `visibility`, `removed_at`, `left_on` and
    `withdrawn_on`. `subject_id` and `grade` are those that roles are narrowed by; a thing without them is read by
    no role so narrowed.
    """

    model: Any
    subject_id: Column | None = None
    grade: Column | None = None

    @property
    def kept(self) -> Rule[Row]:
        """What is not in the recycle bin."""
        return is_empty(self.model.removed_at)

    @property
    def removed(self) -> Rule[Row]:
        """What is in the recycle bin."""
        return is_filled(self.model.removed_at)

    @property
    def not_personal(self) -> Rule[Row]:
        """What is shared with anybody."""
        return among(self.model.visibility, set(Visibility) - {Visibility.PERSONAL})

    def own(self, standing: Standing) -> Rule[Row]:
        """What belongs to the person."""
        owners = () if standing.person_id is None else {standing.person_id}
        return because(Why.OWNER, among(self.model.owner_id, owners))

    def led(self, standing: Standing) -> Rule[Row]:
        """What is shared in a prep group that the person leads."""
        leading = because(Why.LEAD, among(self.model.prep_group_id, standing.led_prep_group_ids))
        return all_of(leading, self.not_personal, self.of_a_member(standing.day))

    def shown(self, standing: Standing) -> Rule[Row]:
        """What is shared with the person: by its visibility, or because of a role that looks into everything shared."""
        day = standing.day
        posted = because(Why.CAMPUS, among(self.model.campus_id, standing.campus_ids))
        grouped = because(Why.GROUP, among(self.model.group_id, standing.staff_group_ids))
        preparing = because(Why.MEMBER, among(self.model.prep_group_id, standing.prep_group_ids))
        scopes = standing.scopes
        at_campus = {
            Visibility.PUBLIC: because(Why.PUBLIC, ALWAYS),
            Visibility.CAMPUS: posted,
            Visibility.GROUP: all_of(posted, self._of_one_that_left(day)),
        }
        in_group = any_of(
            depending_on(self.model.visibility, {Visibility.GROUP: grouped, Visibility.PREP_GROUP: preparing}),
            *(because(scope, self.within(scope)) for scope in scopes if scope.campus_id is None),
        )
        reached = any_of(
            depending_on(self.model.visibility, at_campus),
            *(because(scope, self.within(scope)) for scope in scopes if scope.campus_id is not None),
            all_of(in_group, any_of(self.of_a_member(day), self._left_behind(day))),
        )
        return all_of(self.not_personal, reached)

    def within(self, scope: Scope, roles: Iterable[Role] = READING_ROLES) -> Rule[Row]:
        """What a role reaches, if it is one of `roles`. A 教研组长 of no subject reaches nothing."""
        if scope.role not in roles or (scope.role is Role.SUBJECT_LEAD and scope.subject_id is None):
            return NEVER
        limits = (
            (self.model.group_id, scope.group_id),
            (self.model.campus_id, scope.campus_id),
            (self.model.prep_group_id, scope.prep_group_id),
            (self.subject_id, scope.subject_id),
            (self.model.campus_id, scope.campus_ids),
            (self.grade, scope.grades),
        )
        return all_of(
            *(
                NEVER if column is None else among(column, limit if isinstance(limit, frozenset) else {limit})
                for column, limit in limits
                if limit is not None
            )
        )

    def unless_looked_through(self, standing: Standing, rule: Rule[Row]) -> Rule[Row]:
        """What is personal stays closed to an administrator who sees as this person."""
        return all_of(self.not_personal, rule) if standing.looked_through else rule

    def of_a_member(self, day: date) -> Rule[Row]:
        """What belongs to a campus that has not left the group."""
        return Rule(
            value_that("left_on", lambda end: end is None or end > day),
            lambda: self._membership.not_in(_left_by(day)),
            marks=lambda once: Not(_of_memberships(once(_those_left, day))),
        )

    def _of_one_that_left(self, day: date) -> Rule[Row]:
        """The rest: its own campus still reads what it had shared with the group."""
        return Rule(
            value_that("left_on", lambda end: end is not None and end <= day),
            lambda: self._membership.in_(_left_by(day)),
            marks=lambda once: _of_memberships(once(_those_left, day)),
        )

    def _left_behind(self, day: date) -> Rule[Row]:
        """What a campus had shared and did not take along when it left."""
        stays: Rule[Row] = Rule[Any](
            value_that("withdrawn_on", lambda end: end is None or end > day),
            lambda: self._membership.not_in(_left_by(day).having(TAKES_ALONG)),
            marks=lambda once: Not(_of_memberships(each for each in once(_those_left, day) if each[2])),
        )
        return all_of(among(self.model.visibility, {Visibility.GROUP, Visibility.PREP_GROUP}), stays)

    @property
    def _membership(self) -> Any:
        return tuple_(self.model.group_id, self.model.campus_id)


@lru_cache(maxsize=8)
def _left_by(day: date) -> Select[tuple[int, int]]:
    """The groups and the campuses (their ids) that have left them. Asked once for a whole list."""
    return (
        select(Membership.group_id, Membership.campus_id)
        .group_by(Membership.group_id, Membership.campus_id)
        .having(day >= END_OF_MEMBERSHIP)
    )


@lru_cache(maxsize=8)
def _departures(day: date) -> Select[tuple[int, int, bool]]:
    return _left_by(day).add_columns(TAKES_ALONG)


def _those_left(day: date) -> frozenset[tuple[int, int, bool]]:
    """The memberships that are over, each with whether the campus took along what it had shared."""
    rows = db.session.connection().execute(_departures(day))
    return frozenset((group_id, campus_id, bool(took)) for group_id, campus_id, took in rows)


def _of_memberships(departures: Iterable[tuple[int, int, bool]]) -> Marks:
    return of_pairs("group_id", "campus_id", [(group_id, campus_id) for group_id, campus_id, _ in departures])
