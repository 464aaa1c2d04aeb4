"""What people do with lesson plans. Each function is one unit of work and commits it."""

import secrets
from dataclasses import dataclass

from foundation.database import commit, db
from lessons.models import Plan, PlanState, PlanUpdate, Visibility
from lessons.text.content import PlanContent
from lessons.text.document import build_plan
from schools.models import Person

_CODE_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"  # none that are mistaken for another on paper


@dataclass(frozen=True)
class PlanRemoved:
    """A plan went into the recycle bin or is gone for good."""

    plan_id: int


@dataclass(frozen=True)
class PlanRightsChanged:
    """Who may read or write a plan has changed."""

    plan_id: int


def create_plan(
    person: Person,
    *,
    group_id: int,
    campus_id: int,
    subject_id: int,
    prep_group_id: int | None = None,
    topic_id: int | None = None,
    visibility: Visibility = Visibility.PERSONAL,
    state: PlanState = PlanState.DRAFT,
    content: PlanContent | None = None,
) -> Plan:
    """Make a plan that `person` owns, with the first line of its log, in one transaction."""
    content = content or PlanContent()
    plan = Plan(
        code="".join(secrets.choice(_CODE_LETTERS) for _ in range(10)),
        owner_id=person.id,
        group_id=group_id,
        campus_id=campus_id,
        subject_id=subject_id,
        prep_group_id=prep_group_id,
        topic_id=topic_id,
        visibility=visibility,
        state=state,
        title=content.title,
    )
    db.session.add(plan)
    db.session.flush()
    db.session.add(PlanUpdate(plan_id=plan.id, data=build_plan(content).get_update(), person_id=person.id))
    commit()
    return plan
