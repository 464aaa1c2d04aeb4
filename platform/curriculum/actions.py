"""What is done to the textbook tree."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from curriculum.models import LessonTopic, TextbookEdition, TextbookVolume, Unit
from foundation.database import commit, db
from schools.models import Person, Stage, Subject


@dataclass(frozen=True)
class TopicEntry:
    """课: its title and the suggested number of periods."""

    title: str
    periods: int = 1


@dataclass(frozen=True)
class UnitEntry:
    """单元 with its lessons in order."""

    title: str
    topics: Sequence[TopicEntry] = ()
    theme: str = ""


@dataclass(frozen=True)
class VolumeEntry:
    """册 of a grade and semester (1 上册, 2 下册, None 全一册) with its units in order."""

    name: str
    grade: int
    semester: int | None = None
    units: Sequence[UnitEntry] = field(default=())


def add_edition(
    by: Person | None, subject: Subject, *, stage: Stage, name: str, publisher: str = "", volumes: Sequence[VolumeEntry]
) -> TextbookEdition:
    """A new edition with everything in it, in the order given. `by` is None for a program."""
    edition = TextbookEdition(
        subject=subject,
        stage=stage,
        name=name,
        publisher=publisher,
        volumes=[_volume(rank, volume) for rank, volume in enumerate(volumes)],
    )
    db.session.add(edition)
    commit()
    return edition


def _volume(rank: int, entry: VolumeEntry) -> TextbookVolume:
    units = [_unit(place, unit) for place, unit in enumerate(entry.units)]
    return TextbookVolume(name=entry.name, grade=entry.grade, semester=entry.semester, rank=rank, units=units)


def _unit(rank: int, entry: UnitEntry) -> Unit:
    topics = [
        LessonTopic(title=topic.title, periods=topic.periods, rank=place) for place, topic in enumerate(entry.topics)
    ]
    return Unit(title=entry.title, theme=entry.theme, rank=rank, topics=topics)
