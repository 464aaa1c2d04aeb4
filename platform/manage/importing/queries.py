"""What the pages of importing show."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select

from foundation.database import db
from foundation.jobs import Job, JobState
from foundation.paging import nearest_page
from manage.importing.access import LOOK, Reach
from schools.models import AuditEntry, Person

UNFINISHED = 20
"""So many files that were looked at and not imported are listed."""


@dataclass(frozen=True)
class PastImports:
    """One page of what was imported, the latest first."""

    entries: Sequence[AuditEntry]
    page: int
    pages: int


def unfinished(person: Person) -> Sequence[Job]:
    """The files that somebody has let look at and has not imported, the latest first."""
    jobs = db.session.scalars(
        select(Job)
        .where(Job.person_id == person.id, Job.kind == LOOK, Job.state != JobState.FAILED)
        .order_by(Job.id.desc())
        .limit(5 * UNFINISHED)
    )
    return [job for job in jobs if "applied_at" not in job.outcome][:UNFINISHED]


def past_imports(reaches: Sequence[Reach], page: int, size: int) -> PastImports:
    """What was imported for the campuses and groups that somebody looks after."""
    campuses = [campus_id for reach in reaches for campus_id in reach.arranged]
    groups = [reach.group_id for reach in reaches if reach.arranges_group]
    ours = select(AuditEntry).where(
        AuditEntry.action == "imported",
        or_(AuditEntry.campus_id.in_(campuses), AuditEntry.campus_id.is_(None) & AuditEntry.group_id.in_(groups)),
    )
    count = db.session.scalar(select(func.count()).select_from(ours.subquery())) or 0
    page, pages = nearest_page(page, count, size)
    entries = db.session.scalars(ours.order_by(AuditEntry.id.desc()).limit(size).offset((page - 1) * size)).all()
    return PastImports(entries, page, pages)
