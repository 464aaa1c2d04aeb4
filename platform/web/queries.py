"""What the frame and the page of the day show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Integer, Row, Select, bindparam, or_, select
from sqlalchemy.orm import joinedload, raiseload

from foundation.clock import today
from foundation.database import db
from lessons.access import readable_plans
from lessons.models import Plan, PlanWriter
from manage.navigation import holds_something_to_manage
from notices.queries import UNREAD, Unread, unread
from schools.access import Standing
from schools.models import Campus, Group, Membership, Person, Posting

AT_MOST = 6


@dataclass(frozen=True)
class Look:
    """How the pages of a group look: its name, its colour (#rrggbb, or empty), and the moment of its logo, if it has one."""

    group_id: int
    name: str
    accent: str
    logo_of: int | None


@dataclass(frozen=True)
class Places:
    """Names of the groups and then the campuses where somebody works, each once, and the look of the first group.

    With it what else the frame of every page must know: what they have not read, and whether they have something to manage.
    """

    names: Sequence[str]
    look: Look | None
    unread: Unread
    manages: bool


def places_of(person: Person) -> Places:
    """Where somebody works today; one question, asked at every page."""
    rows = db.session.connection().execute(_places(today()), {"person_id": person.id}).all()
    groups = [row for row in rows if row.id is not None]
    campuses = [row.short_name for row in rows if row.short_name is not None]
    names = [*dict.fromkeys(row.name for row in groups), *dict.fromkeys(campuses)]
    news = unread(rows[0].unread, rows[0].latest, rows[0].urgent_at)
    return Places(names, _look(groups[0]) if groups else None, news, rows[0].manages)


@lru_cache(maxsize=8)
def _places(day: date) -> Select[Any]:
    """Built once a day: building it takes longer than the database takes to answer."""
    person_id: BindParameter[int] = bindparam("person_id", type_=Integer)
    manages = holds_something_to_manage(person_id, day).label("manages")
    return (
        select(
            Group.id, Group.name, Group.accent, Group.logo_type, Group.changed_at, Campus.short_name, manages, UNREAD
        )
        .select_from(UNREAD)
        .outerjoin(Posting, (Posting.person_id == person_id) & Posting.holding_on(day))
        .outerjoin(Campus, Campus.id == Posting.campus_id)
        .outerjoin(Membership, (Membership.campus_id == Campus.id) & Membership.holding_on(day))
        .outerjoin(Group, Group.id == Membership.group_id)
        .order_by(Posting.from_day, Posting.id, Membership.id)
    )


def _look(row: Row[Any]) -> Look:
    return Look(row.id, row.name, row.accent, int(row.changed_at.timestamp()) if row.logo_type else None)


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
