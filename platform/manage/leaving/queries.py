"""What the pages about leaving a group show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import joinedload

from foundation.database import db
from foundation.jobs import Job, JobState
from foundation.paging import nearest_page
from lessons.models import Plan
from manage.leaving.access import memberships_looked_after
from schools.access import Standing
from schools.models import Campus, Enrolment, Membership, Person, Posting, SchoolClass, Visibility

EXPORT = "campus_export"
SHOWN_AFTER = timedelta(days=365)
"""A membership that ended is still shown for so long: its data may be wanted again."""


@dataclass(frozen=True)
class MembershipPage:
    """One page of the memberships, by the name of the campus."""

    memberships: Sequence[Membership]
    page: int
    pages: int


@dataclass(frozen=True)
class WhatGoes:
    """How much a campus takes along, and how much of it the group keeps reading: `shared` of `plans`.

    `personal` are plans that nobody but their author reads; they are not handed to anybody.
    """

    staff: int
    classes: int
    pupils: int
    plans: int
    shared: int
    personal: int


def memberships_of(standing: Standing, page: int, page_size: int) -> MembershipPage:
    """The memberships that somebody looks after, with their groups and campuses; those that ended long ago are left out."""
    wanted = memberships_looked_after(standing).where(
        or_(Membership.to_day.is_(None), Membership.to_day > standing.day - SHOWN_AFTER)
    )
    count = db.session.scalar(select(func.count()).select_from(wanted.with_only_columns(Membership.id).subquery())) or 0
    page, pages = nearest_page(page, count, page_size)
    found = db.session.scalars(
        wanted.join(Campus)
        .options(joinedload(Membership.group), joinedload(Membership.campus))
        .order_by(Campus.name, Membership.id)
        .limit(page_size)
        .offset((page - 1) * page_size)
    ).all()
    return MembershipPage(found, page, pages)


def what_goes(standing: Standing, membership: Membership) -> WhatGoes:
    """How much the campus would take along today."""
    campus_id, day = membership.campus_id, standing.day
    staff = select(func.count(func.distinct(Posting.person_id))).where(
        Posting.campus_id == campus_id, Posting.holding_on(day)
    )
    classes = select(func.count()).select_from(SchoolClass).where(*present_classes(campus_id))
    pupils = (
        select(func.count())
        .select_from(Enrolment)
        .join(SchoolClass, SchoolClass.id == Enrolment.class_id)
        .where(*present_classes(campus_id), Enrolment.holding_on(day))
    )
    kept = select(func.count()).select_from(Plan).where(Plan.campus_id == campus_id, Plan.removed_at.is_(None))
    plans = kept.where(Plan.visibility != Visibility.PERSONAL)
    shared = plans.where(
        Plan.group_id == membership.group_id, Plan.visibility.in_((Visibility.GROUP, Visibility.PREP_GROUP))
    )
    personal = kept.where(Plan.visibility == Visibility.PERSONAL)
    counted = (part.scalar_subquery() for part in (staff, classes, pupils, plans, shared, personal))
    return WhatGoes(*db.session.execute(select(*counted)).one())


def present_classes(campus_id: int) -> tuple[ColumnElement[bool], ...]:
    """The condition for classes of a campus that have not finished."""
    return SchoolClass.campus_id == campus_id, SchoolClass.left_on.is_(None)


def last_export(person: Person, membership: Membership) -> Job | None:
    """The last package of the campus that `person` had made and that is still kept."""
    done = db.session.scalars(
        select(Job)
        .where(Job.person_id == person.id, Job.kind == EXPORT, Job.state == JobState.DONE)
        .order_by(Job.id.desc())
        .limit(50)
    )
    return next((job for job in done if job.asked.get("membership") == membership.id), None)
