"""Who reads what is shared with a prep group, a campus, a group or everybody: the same for plans, resources and collections.

`of` is the model: one with columns `owner_id`, `group_id`, `campus_id`, `prep_group_id`, `visibility`, `removed_at`, and, if roles for a subject
or a grade reach it, `subject_id` and `grade`.
"""

from collections.abc import Iterable
from typing import Any, Final

from foundation.rules import NEVER, Rule, all_of, among, any_of, is_empty, is_filled
from schools.access import Scope, Standing
from schools.models import Role, Visibility

READING_ROLES: Final = frozenset(
    {
        Role.HEAD,
        Role.EXECUTIVE_HEAD,
        Role.ACADEMIC_OFFICE,
        Role.SUBJECT_LEAD,
        Role.GUEST_RESEARCHER,
        Role.GUEST_INSPECTOR,
    }
)
"""Roles whose holders read what is shared within their scope, with whomever."""


def kept(of: type[Any]) -> Rule[Any]:
    """It is not in the recycle bin."""
    return is_empty(of.removed_at)


def removed(of: type[Any]) -> Rule[Any]:
    """It is in the recycle bin."""
    return is_filled(of.removed_at)


def not_personal(of: type[Any]) -> Rule[Any]:
    """It is shared with somebody."""
    return among(of.visibility, set(Visibility) - {Visibility.PERSONAL})


def own(standing: Standing, of: type[Any]) -> Rule[Any]:
    """It is theirs."""
    return among(of.owner_id, () if standing.person_id is None else {standing.person_id})


def led(standing: Standing, of: type[Any]) -> Rule[Any]:
    """It is shared, and of a prep group that they lead."""
    return all_of(not_personal(of), among(of.prep_group_id, standing.led_prep_group_ids))


def shown(standing: Standing, of: type[Any]) -> Rule[Any]:
    """It is shared with them, by its visibility or by a role that they hold."""
    tiers: Iterable[Rule[Any]] = (
        among(of.visibility, {Visibility.PUBLIC}),
        all_of(among(of.visibility, {Visibility.GROUP}), among(of.group_id, standing.staff_group_ids)),
        all_of(among(of.visibility, {Visibility.CAMPUS}), among(of.campus_id, standing.campus_ids)),
        all_of(among(of.visibility, {Visibility.PREP_GROUP}), among(of.prep_group_id, standing.prep_group_ids)),
    )
    return all_of(not_personal(of), any_of(*tiers, *(_within(scope, of) for scope in standing.scopes)))


def unless_looked_through(standing: Standing, of: type[Any], rule: Rule[Any]) -> Rule[Any]:
    """What is personal stays closed to an administrator who sees as this person."""
    return all_of(not_personal(of), rule) if standing.looked_through else rule


def _within(scope: Scope, of: type[Any]) -> Rule[Any]:
    """What a role lets its holder read."""
    if scope.role not in READING_ROLES or (scope.role is Role.SUBJECT_LEAD and scope.subject_id is None):
        return NEVER
    limits = (
        ("group_id", scope.group_id),
        ("campus_id", scope.campus_id),
        ("prep_group_id", scope.prep_group_id),
        ("subject_id", scope.subject_id),
        ("campus_id", scope.campus_ids),
        ("grade", scope.grades),
    )
    return all_of(*(_limited(of, name, limit) for name, limit in limits if limit is not None))


def _limited(of: type[Any], name: str, limit: int | frozenset[int]) -> Rule[Any]:
    column = getattr(of, name, None)
    if column is None:
        return NEVER
    return among(column, limit if isinstance(limit, frozenset) else {limit})
