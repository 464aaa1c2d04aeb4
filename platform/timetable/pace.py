"""教学进度: how far classes are in their textbooks, against the week in which their group means to be there.

The lessons of a volume stand in one order. A class has got as far as the last of them that it was taught. Nobody is ranked: what is
compared is a class with the line, and a class with a lesson that several are to have together.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from sqlalchemy import select

from curriculum.models import LessonTopic, Unit
from foundation.database import db
from schools.models import Person
from timetable.models import PaceLine, TaughtTopic, Term
from timetable.teaching_days import Span, week_of

CLOSE: Final = 1
"""So many lessons before or behind are still together."""


@dataclass(frozen=True)
class Standings:
    """How many lessons of the textbook lie between what classes had last and a topic: 0 when it is their next.

    Below 0 a class has been taught it already; a class of which nothing is known is not in `gaps`.
    """

    gaps: Mapping[int, int] = field(default_factory=dict)

    def apart(self, class_id: int) -> int:
        """How many lessons a class is too far behind (above 0) or ahead (below 0) for the topic; 0 when it is close, or not known."""
        gap = self.gaps.get(class_id, 0)
        return gap if abs(gap) > CLOSE else 0


def topics_in_order(volume_id: int) -> list[int]:
    """The lessons of a volume (their ids), first to last."""
    return list(
        db.session.scalars(
            select(LessonTopic.id)
            .join(Unit, Unit.id == LessonTopic.unit_id)
            .where(Unit.volume_id == volume_id)
            .order_by(Unit.rank, Unit.id, LessonTopic.rank, LessonTopic.id)
        )
    )


def standings(class_ids: Collection[int], topic_id: int | None) -> Standings:
    """How far classes are from a topic; nothing known without one."""
    volume_id = db.session.scalar(
        select(Unit.volume_id).join(LessonTopic, LessonTopic.unit_id == Unit.id).where(LessonTopic.id == topic_id)
    )
    if topic_id is None or volume_id is None or not class_ids:
        return Standings()
    order = topics_in_order(volume_id)
    reached = reached_by(class_ids, order)
    return Standings({class_id: order.index(topic_id) - count for class_id, count in reached.items()})


def behind(class_id: int, topic_id: int) -> int | None:
    """How many lessons a class still needs before a topic, below 0 when it has had it; None when nothing is known of it."""
    return standings({class_id}, topic_id).gaps.get(class_id)


def reached_by(class_ids: Collection[int], order: Sequence[int]) -> dict[int, int]:
    """How many lessons of a volume each class has behind it; those that were taught none are left out."""
    place = {topic_id: number for number, topic_id in enumerate(order, 1)}
    rows = db.session.execute(
        select(TaughtTopic.class_id, TaughtTopic.topic_id).where(
            TaughtTopic.class_id.in_(class_ids), TaughtTopic.topic_id.in_(order)
        )
    )
    reached: dict[int, int] = defaultdict(int)
    for class_id, topic_id in rows:
        reached[class_id] = max(reached[class_id], place[topic_id])
    return dict(reached)


def mark_taught(
    class_ids: Iterable[int], topic_id: int, day: date, *, by: Person | None = None, session_code: str = ""
) -> None:
    """Classes have had a topic. In the caller's unit of work; what was said before stays."""
    wanted = set(class_ids)
    had = set(
        db.session.scalars(
            select(TaughtTopic.class_id).where(TaughtTopic.topic_id == topic_id, TaughtTopic.class_id.in_(wanted))
        )
    )
    by_id = by.id if by else None
    db.session.add_all(
        TaughtTopic(class_id=class_id, topic_id=topic_id, day=day, by_id=by_id, session_code=session_code)
        for class_id in sorted(wanted - had)
    )


def line_of(term_id: int, order: Sequence[int]) -> dict[int, int]:
    """The teaching week that a term's line has for each lesson of a volume."""
    rows = db.session.execute(
        select(PaceLine.topic_id, PaceLine.week).where(PaceLine.term_id == term_id, PaceLine.topic_id.in_(order))
    )
    return dict(rows.tuples().all())


def planned_by(line: Mapping[int, int], week: int) -> int:
    """How many lessons the line has behind it at the end of a teaching week."""
    return sum(planned <= week for planned in line.values())


def weeks_of(term: Term) -> int:
    """How many teaching weeks a term has."""
    last = (term.to_day or term.from_day).toordinal() - 1
    week = week_of(date.fromordinal(last), [Span(term.from_day, term.to_day or date.max)])
    return week.number if week else 1


def spread(order: Sequence[int], first: int, last: int, weights: Mapping[int, int]) -> dict[int, int]:
    """Lessons put evenly into the weeks `first` to `last`, by how many 课时 each takes; each stands in the week in which it ends."""
    total = sum(weights.get(topic_id, 1) for topic_id in order) or 1
    weeks: dict[int, int] = {}
    done = 0
    for topic_id in order:
        done += weights.get(topic_id, 1)
        weeks[topic_id] = first + min(last - first, (done * (last - first + 1) - 1) // total)
    return weeks
