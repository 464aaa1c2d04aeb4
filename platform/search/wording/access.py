"""Who may say which words mean the same: 教研组长 for their subject, those who arrange a whole group for every subject."""

from dataclasses import dataclass

from flask_babel import gettext
from sqlalchemy import select

from foundation.database import db
from foundation.errors import NotAllowed, NotFound
from schools.access import Standing, groups_of_role, standing_of
from schools.models import Group, Membership, Person, Role
from search.models import Synonym


@dataclass(frozen=True)
class Reach:
    """A group in which somebody changes synonyms: for `subject_ids`, or for all subjects."""

    group: Group
    subject_ids: frozenset[int] | None

    def holds(self, subject_id: int | None) -> bool:
        """Whether they change those of a subject; of none: those for all subjects."""
        return self.subject_ids is None or subject_id in self.subject_ids


def may_change_any(standing: Standing) -> bool:
    """Whether there is anything for them on the pages of synonyms."""
    return not standing.looked_through and bool(_led_subjects(standing) or _arranged(standing))


def reaches_of(standing: Standing) -> list[Reach]:
    """Where somebody changes synonyms. Raises NotFound when nowhere."""
    arranged = _arranged(standing)
    led: dict[int, set[int]] = {}
    if not standing.looked_through:
        for subject_id, group_ids in _led_groups(standing):
            for group_id in group_ids:
                led.setdefault(group_id, set()).add(subject_id)
    groups = db.session.scalars(
        select(Group).where(Group.id.in_((arranged | led.keys()) & standing.group_ids)).order_by(Group.name, Group.id)
    )
    found = [Reach(group, None if group.id in arranged else frozenset(led[group.id])) for group in groups]
    if not found or standing.looked_through:
        raise NotFound
    return found


def reach_in(standing: Standing, group_id: int | None) -> Reach:
    """What they reach in a group, the first of theirs when none is named. Raises NotFound."""
    for reach in reaches_of(standing):
        if group_id in (None, reach.group.id):
            return reach
    raise NotFound


def must_change(by: Person, group_id: int, subject_id: int | None) -> None:
    """Raises NotFound, NotAllowed unless they may."""
    if not reach_in(standing_of(by), group_id).holds(subject_id):
        raise NotAllowed(gettext("您只能更改自己所教研的学科的同义词。"))


def synonym_of(standing: Standing, synonym_id: int) -> Synonym:
    """A synonym of one of their groups that they may change. Raises NotFound."""
    synonym = db.session.get(Synonym, synonym_id)
    if synonym is None or not reach_in(standing, synonym.group_id).holds(synonym.subject_id):
        raise NotFound
    return synonym


def _arranged(standing: Standing) -> frozenset[int]:
    return groups_of_role(standing, Role.GROUP_ADMIN, Role.ACADEMIC_OFFICE)


def _led_subjects(standing: Standing) -> frozenset[int]:
    return frozenset(
        scope.subject_id
        for scope in standing.scopes
        if scope.role is Role.SUBJECT_LEAD and scope.subject_id is not None
    )


def _led_groups(standing: Standing) -> list[tuple[int, frozenset[int]]]:
    """The subjects somebody leads, each with the groups that hears of it: the one named, or all of the campus named."""
    found = []
    for scope in standing.scopes:
        if scope.role is not Role.SUBJECT_LEAD or scope.subject_id is None:
            continue
        if scope.group_id is not None:
            found.append((scope.subject_id, frozenset({scope.group_id})))
        else:
            groups = select(Membership.group_id).where(
                Membership.campus_id == scope.campus_id, Membership.holding_on(standing.day)
            )
            found.append((scope.subject_id, frozenset(db.session.scalars(groups))))
    return found
