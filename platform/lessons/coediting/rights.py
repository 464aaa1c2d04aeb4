"""What people may do in open plans, asked for all rooms in the same few queries. Needs an application context."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from foundation.database import db
from lessons.access import PlanRole, role_in_plan
from lessons.models import Plan
from schools.access import standings_of
from schools.signing_in import still_signed_in


@dataclass(frozen=True)
class Rights:
    """The answer: who may do what, which plans are in the recycle bin or gone, who is still signed in."""

    roles: dict[tuple[int, int], PlanRole | None]
    """By plan and person."""
    removed: set[int]
    signed_in: set[int]

    def role(self, plan_id: int, person_id: int) -> PlanRole | None:
        """What somebody may do in a plan; nobody may do anything in a removed one."""
        return None if plan_id in self.removed else self.roles.get((plan_id, person_id))


def rights_now(people: Iterable[tuple[int, int]], sign_in_ids: set[int]) -> Rights:
    """The rights of each (plan, person) of `people`, and those of `sign_in_ids` that have not ended."""
    people = list(people)
    plans = {
        plan.id: plan
        for plan in db.session.scalars(
            select(Plan).where(Plan.id.in_({plan_id for plan_id, _ in people})).options(selectinload(Plan.writers))
        )
    }
    standings = standings_of({person_id for _, person_id in people})
    roles: dict[tuple[int, int], PlanRole | None] = {}
    for plan_id, person_id in people:
        if plan_id in plans:
            roles[plan_id, person_id] = role_in_plan(standings[person_id], plans[plan_id])
    return Rights(
        roles=roles,
        removed={plan_id for plan_id, _ in people if plan_id not in plans or plans[plan_id].removed_at is not None},
        signed_in=still_signed_in(sign_in_ids),
    )
