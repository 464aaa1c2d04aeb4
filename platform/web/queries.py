"""What the frame and the page of the day show."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import joinedload, raiseload

from foundation.clock import today
from foundation.database import db
from lessons.access import readable_plans
from lessons.models import Plan, PlanWriter
from schools.access import Standing
from schools.models import Campus, Group, Membership, Person, Posting

AT_MOST = 6


def places_of(person: Person) -> list[str]:
    """Names of the groups and then the campuses where somebody works today, each once."""
    day = today()
    rows = db.session.execute(
        select(Group.name, Campus.short_name)
        .select_from(Posting)
        .join(Campus, Campus.id == Posting.campus_id)
        .outerjoin(Membership, (Membership.campus_id == Campus.id) & Membership.holding_on(day))
        .outerjoin(Group, Group.id == Membership.group_id)
        .where(Posting.person_id == person.id, Posting.holding_on(day))
        .order_by(Posting.from_day, Posting.id, Membership.id)
    ).all()
    groups = dict.fromkeys(group for group, _ in rows if group)
    return [*groups, *dict.fromkeys(campus for _, campus in rows)]


def plans_i_write(standing: Standing) -> Sequence[Plan]:
    """The plans that somebody owns or was asked to write, the last changed first."""
    asked = select(PlanWriter.plan_id).where(PlanWriter.person_id == standing.person_id)
    return _newest(standing, or_(Plan.owner_id == standing.person_id, Plan.id.in_(asked)))


def plans_of_my_prep_groups(standing: Standing) -> Sequence[Plan]:
    """What colleagues of the person's prep groups have written, the last changed first."""
    return _newest(standing, Plan.prep_group_id.in_(standing.prep_group_ids) & (Plan.owner_id != standing.person_id))


def _newest(standing: Standing, condition: ColumnElement[bool]) -> Sequence[Plan]:
    return db.session.scalars(
        readable_plans(standing)
        .where(condition)
        .options(joinedload(Plan.owner), joinedload(Plan.campus), joinedload(Plan.subject), raiseload("*"))
        .order_by(Plan.changed_at.desc(), Plan.id.desc())
        .limit(AT_MOST)
    ).all()
