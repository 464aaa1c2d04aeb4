"""What pages show of the textbook tree."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from curriculum.models import LessonTopic, TextbookEdition, TextbookVolume, Unit
from foundation.database import db
from schools.models import Stage


def editions(subject_id: int | None = None, stage: Stage | None = None) -> Sequence[TextbookEdition]:
    """The editions of a subject and stage (all of them where not said), each with its volumes, in two queries."""
    wanted = select(TextbookEdition).options(joinedload(TextbookEdition.subject), selectinload(TextbookEdition.volumes))
    if subject_id is not None:
        wanted = wanted.where(TextbookEdition.subject_id == subject_id)
    if stage is not None:
        wanted = wanted.where(TextbookEdition.stage == stage)
    return db.session.scalars(wanted.order_by(TextbookEdition.subject_id, TextbookEdition.id)).all()


def tree_of_volume(volume_id: int) -> Sequence[Unit]:
    """The units of a volume, each with its topics, in two queries."""
    return db.session.scalars(
        select(Unit).options(selectinload(Unit.topics)).where(Unit.volume_id == volume_id).order_by(Unit.rank, Unit.id)
    ).all()


def place_of_topic(topic_id: int) -> LessonTopic | None:
    """A topic with its unit, volume, edition and subject, in one query: the breadcrumbs of a plan."""
    to_edition = joinedload(LessonTopic.unit).joinedload(Unit.volume).joinedload(TextbookVolume.edition)
    return db.session.scalar(
        select(LessonTopic).options(to_edition.joinedload(TextbookEdition.subject)).where(LessonTopic.id == topic_id)
    )
