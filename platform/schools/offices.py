"""Whom one asks about the teaching of a campus: its 教务 and 校区管理员."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from sqlalchemy import select

from foundation.database import db
from schools.models import Membership, Person, Role, RoleGrant

OF_A_CAMPUS = (Role.ACADEMIC_OFFICE, Role.CAMPUS_ADMIN)
OF_A_GROUP = (Role.ACADEMIC_OFFICE, Role.GROUP_ADMIN)


def offices_of(campus_ids: Collection[int], day: date) -> dict[int, list[Person]]:
    """Who arranges the teaching of each campus on a day; where a campus has nobody, those of the group that manages it."""
    own = (
        select(RoleGrant.campus_id, Person)
        .join(Person, Person.id == RoleGrant.person_id)
        .where(RoleGrant.campus_id.in_(campus_ids), RoleGrant.role.in_(OF_A_CAMPUS), RoleGrant.holding_on(day))
    )
    found = _by_campus(own)
    without = set(campus_ids) - set(found)
    if without:
        of_group = (
            select(Membership.campus_id, Person)
            .join(RoleGrant, RoleGrant.group_id == Membership.group_id)
            .join(Person, Person.id == RoleGrant.person_id)
            .where(
                Membership.campus_id.in_(without),
                Membership.group_manages,
                Membership.holding_on(day),
                RoleGrant.role.in_(OF_A_GROUP),
                RoleGrant.holding_on(day),
            )
        )
        found |= _by_campus(of_group)
    return found


def _by_campus(grants: Any) -> dict[int, list[Person]]:
    rows: Iterable[tuple[int, Person]] = db.session.execute(
        grants.where(
            RoleGrant.division_id.is_(None), RoleGrant.subject_id.is_(None), RoleGrant.grade.is_(None)
        ).order_by(RoleGrant.role == Role.CAMPUS_ADMIN, RoleGrant.id)
    ).tuples()
    found: dict[int, list[Person]] = {}
    for campus_id, person in rows:
        people = found.setdefault(campus_id, [])
        if person not in people:
            people.append(person)
    return found
