"""What pages show of the textbook tree."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import case, func, select
from sqlalchemy.orm import contains_eager, joinedload, raiseload, selectinload

from curriculum.models import LessonTopic, TextbookEdition, TextbookVolume, Unit
from curriculum.outline import Difference, NewUnit
from foundation.database import db
from foundation.paging import nearest_page
from schools.models import Stage, Subject
from schools.queries import subjects

_STAGE_ORDER = case({stage: place for place, stage in enumerate(Stage)}, value=TextbookEdition.stage)


@dataclass(frozen=True)
class EditionPage:
    """One page of editions with their volumes; `lessons`: how many each volume has, by its id."""

    editions: Sequence[TextbookEdition]
    lessons: dict[int, int]
    count: int
    page: int
    pages: int


def edition_page(subject_id: int | None, page: int, page_size: int) -> EditionPage:
    """The editions, of one subject if given, by stage and subject."""
    found = select(TextbookEdition)
    if subject_id:
        found = found.where(TextbookEdition.subject_id == subject_id)
    count = db.session.scalar(select(func.count()).select_from(found.subquery())) or 0
    page, pages = nearest_page(page, count, page_size)
    editions = db.session.scalars(
        found.join(Subject, Subject.id == TextbookEdition.subject_id)
        .options(joinedload(TextbookEdition.subject), selectinload(TextbookEdition.volumes))
        .order_by(_STAGE_ORDER, Subject.rank, TextbookEdition.name, TextbookEdition.id)
        .limit(page_size)
        .offset((page - 1) * page_size)
    ).all()
    lessons = lessons_in([volume.id for edition in editions for volume in edition.volumes])
    return EditionPage(editions, lessons, count, page, pages)


def lessons_in(volume_ids: Collection[int]) -> dict[int, int]:
    """How many lessons each volume has."""
    counted = (
        select(Unit.volume_id, func.count())
        .join(LessonTopic, LessonTopic.unit_id == Unit.id)
        .where(Unit.volume_id.in_(volume_ids))
        .group_by(Unit.volume_id)
    )
    return dict.fromkeys(volume_ids, 0) | dict(db.session.execute(counted).tuples().all())


def units_of(volume: TextbookVolume) -> Sequence[Unit]:
    """The units of a volume with their topics, each in its order."""
    return db.session.scalars(
        select(Unit).options(selectinload(Unit.topics)).where(Unit.volume_id == volume.id).order_by(Unit.rank, Unit.id)
    ).all()


def topic_ids_below(
    *, edition_id: int | None = None, volume_id: int | None = None, unit_id: int | None = None
) -> Sequence[int]:
    """The topics (their ids) below an edition, a volume or a unit."""
    below = select(LessonTopic.id).join(Unit, Unit.id == LessonTopic.unit_id)
    if edition_id:
        below = below.join(TextbookVolume, TextbookVolume.id == Unit.volume_id).where(
            TextbookVolume.edition_id == edition_id
        )
    elif volume_id:
        below = below.where(Unit.volume_id == volume_id)
    else:
        below = below.where(Unit.id == unit_id)
    return db.session.scalars(below).all()


@dataclass(frozen=True)
class TreeChoices:
    """The textbook tree around a choice: all subjects, the volumes of the subject, the units and topics of the volume."""

    subjects: Sequence[Subject]
    volumes: Sequence[TextbookVolume]
    units: Sequence[Unit]

    def topics(self, unit_id: int | None = None) -> list[LessonTopic]:
        """The topics of the unit, or of all units."""
        return [topic for unit in self.units if unit_id in (None, unit.id) for topic in unit.topics]


def tree_choices(subject_id: int | None, volume_id: int | None) -> TreeChoices:
    """The textbook tree below what was chosen, each level in its order."""
    volumes: Sequence[TextbookVolume] = []
    units: Sequence[Unit] = []
    if subject_id is not None:
        volumes = db.session.scalars(
            select(TextbookVolume)
            .join(TextbookVolume.edition)
            .options(contains_eager(TextbookVolume.edition), raiseload("*"))
            .where(TextbookEdition.subject_id == subject_id)
            .order_by(TextbookEdition.stage, TextbookEdition.name, TextbookVolume.rank, TextbookVolume.id)
        ).all()
    if any(volume.id == volume_id for volume in volumes):
        units = db.session.scalars(
            select(Unit)
            .options(selectinload(Unit.topics), raiseload("*"))
            .where(Unit.volume_id == volume_id)
            .order_by(Unit.rank, Unit.id)
        ).all()
    return TreeChoices(subjects(), volumes, units)


def path_of(topic_id: int | None) -> tuple[str, ...]:
    """Where a lesson stands in the textbook, from the edition down to the unit; empty without one."""
    if topic_id is None:
        return ()
    found = db.session.execute(
        select(TextbookEdition.name, TextbookVolume.name, Unit.title)
        .join(TextbookVolume.edition)
        .join(TextbookVolume.units)
        .join(Unit.topics)
        .where(LessonTopic.id == topic_id)
    ).first()
    return tuple(found) if found else ()


def compared(volume: TextbookVolume, outline: Sequence[NewUnit]) -> list[Difference]:
    """What an outline would add to a volume: units and lessons that are there by their titles stay as they are."""
    present = {unit.title: {topic.title for topic in unit.topics} for unit in units_of(volume)}
    return [
        Difference(
            unit,
            new=unit.title not in present,
            new_topics=[topic for topic in unit.topics if topic.title not in present.get(unit.title, set())],
        )
        for unit in outline
    ]
