"""What the pages of synonyms show."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from foundation.database import db
from foundation.paging import nearest_page
from schools.models import Person, Subject
from schools.queries import subjects
from search.models import Synonym
from search.wording.access import Reach
from search.wording.forms import SynonymFilter


@dataclass(frozen=True)
class SynonymLine:
    """A synonym with its subject, and who changed it last."""

    synonym: Synonym
    subject: Subject | None
    changed_by: str | None


@dataclass(frozen=True)
class SynonymPage:
    """One page of a list, and how many synonyms there are on all pages."""

    lines: Sequence[SynonymLine]
    count: int
    page: int
    pages: int


def synonyms_of(reach: Reach, wanted: SynonymFilter, page_size: int) -> SynonymPage:
    """The synonyms of a group that the filter wants, the last changed first."""
    chosen = select(Synonym.id).where(Synonym.group_id == reach.group.id)
    if wanted.subject is not None:
        chosen = chosen.where(Synonym.subject_id == wanted.subject)
    count = db.session.scalar(select(func.count()).select_from(chosen.subquery())) or 0
    page, pages = nearest_page(wanted.page, count, page_size)
    rows = db.session.execute(
        select(Synonym, Subject, Person.name)
        .outerjoin(Subject, Subject.id == Synonym.subject_id)
        .outerjoin(Person, Person.id == Synonym.changed_by_id)
        .where(Synonym.id.in_(chosen))
        .order_by(Synonym.changed_at.desc(), Synonym.id.desc())
        .limit(page_size)
        .offset((page - 1) * page_size)
    )
    return SynonymPage([SynonymLine(*row) for row in rows.tuples()], count, page, pages)


def subjects_within(reach: Reach) -> list[Subject]:
    """The subjects whose synonyms may be changed."""
    return [subject for subject in subjects() if reach.holds(subject.id)]
