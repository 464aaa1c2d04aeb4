"""What is done with 教学进度. Each function makes one change and commits it."""

from collections.abc import Collection, Mapping

from sqlalchemy import delete, select

from curriculum.models import LessonTopic, TextbookVolume
from curriculum.queries import units_of
from foundation.clock import today
from foundation.database import commit, db
from schools.models import Person, SchoolClass
from timetable.models import PaceLine, TaughtTopic, Term
from timetable.pace import mark_taught, spread, topics_in_order, weeks_of
from timetable.pace_access import must_mark, must_set_line


def spread_line(by: Person, term: Term, volume: TextbookVolume) -> None:
    """Put the lessons of a volume evenly into the weeks of a term, by their 课时. Raises NotAllowed."""
    must_set_line(by, term.group_id, volume.edition.subject_id)
    order = topics_in_order(volume.id)
    periods = dict(
        db.session.execute(select(LessonTopic.id, LessonTopic.periods).where(LessonTopic.id.in_(order))).tuples().all()
    )
    _keep(term, order, spread(order, 1, weeks_of(term), periods))


def set_line(by: Person, term: Term, volume: TextbookVolume, begins: Mapping[int, int]) -> None:
    """Let units begin in the weeks given for them, by unit; their lessons go evenly up to the next. Raises NotAllowed."""
    must_set_line(by, term.group_id, volume.edition.subject_id)
    units = [unit for unit in units_of(volume) if unit.topics and unit.id in begins]
    last = weeks_of(term)
    firsts = [min(max(begins[unit.id], 1), last) for unit in units]
    weeks: dict[int, int] = {}
    for number, unit in enumerate(units):
        until = max(firsts[number], firsts[number + 1] - 1) if number + 1 < len(units) else last
        periods = {topic.id: topic.periods for topic in unit.topics}
        weeks |= spread(list(periods), firsts[number], until, periods)
    _keep(term, topics_in_order(volume.id), weeks)


def _keep(term: Term, order: Collection[int], weeks: Mapping[int, int]) -> None:
    db.session.execute(delete(PaceLine).where(PaceLine.term_id == term.id, PaceLine.topic_id.in_(order)))
    db.session.add_all(PaceLine(term_id=term.id, topic_id=topic_id, week=week) for topic_id, week in weeks.items())
    commit()


def tick(by: Person, school_class: SchoolClass, volume: TextbookVolume, taught: Collection[int]) -> None:
    """Say which lessons of a volume a class has had; what was said by a session stays as it was. Raises NotAllowed."""
    must_mark(by, school_class, volume.edition.subject_id)
    order = set(topics_in_order(volume.id))
    db.session.execute(
        delete(TaughtTopic).where(
            TaughtTopic.class_id == school_class.id, TaughtTopic.topic_id.in_(order - set(taught))
        )
    )
    for topic_id in sorted(order & set(taught)):
        mark_taught({school_class.id}, topic_id, today(), by=by)
    commit()
