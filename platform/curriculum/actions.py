"""What is done to the textbook tree. Each function makes one change and commits it."""

from collections.abc import Collection, Sequence
from dataclasses import asdict

from flask_babel import gettext
from sqlalchemy import select

from curriculum.access import must_change
from curriculum.forms import EditionForm, Step, TreeForm, VolumeForm
from curriculum.hanging import hanging_on
from curriculum.models import LessonTopic, TextbookEdition, TextbookVolume, Unit
from curriculum.outline import NewUnit
from curriculum.queries import compared, topic_ids_below, units_of
from foundation.database import commit, db
from foundation.errors import Conflict, Invalid
from schools.models import Person, Stage, Subject
from schools.names import grade_name


def add_edition(by: Person, form: EditionForm) -> TextbookEdition:
    """Raises NotAllowed, and Invalid for an edition that is there already."""
    must_change(by)
    edition = TextbookEdition()
    _describe(edition, form)
    db.session.add(edition)
    commit()
    return edition


def change_edition(by: Person, edition: TextbookEdition, form: EditionForm) -> None:
    """Raises NotAllowed, and Invalid for an edition that is there already."""
    must_change(by)
    _describe(edition, form)
    commit()


def delete_edition(by: Person, edition: TextbookEdition) -> None:
    """Take away an edition with all below it. Raises NotAllowed, and Conflict while something hangs on it."""
    must_change(by)
    _refuse_hanging(topic_ids_below(edition_id=edition.id))
    db.session.delete(edition)
    commit()


def add_volume(by: Person, edition: TextbookEdition, form: VolumeForm) -> TextbookVolume:
    """A new volume stands last. Raises NotAllowed, Invalid."""
    must_change(by)
    name = _free_name(edition, form)
    rank = max((volume.rank for volume in edition.volumes), default=-1) + 1
    volume = TextbookVolume(edition_id=edition.id, name=name, grade=form.grade, semester=form.semester, rank=rank)
    db.session.add(volume)
    commit()
    return volume


def change_volume(by: Person, volume: TextbookVolume, form: VolumeForm) -> None:
    """Raises NotAllowed, Invalid."""
    must_change(by)
    volume.name = _free_name(volume.edition, form, but=volume.id)
    volume.grade, volume.semester = form.grade, form.semester
    commit()


def move_volume(by: Person, volume: TextbookVolume, places: int) -> None:
    """Let a volume stand so many places later among those of its edition. Raises NotAllowed."""
    must_change(by)
    _move(list(volume.edition.volumes), volume, places)
    commit()


def delete_volume(by: Person, volume: TextbookVolume) -> None:
    """Take away a volume with all below it. Raises NotAllowed, and Conflict while something hangs on it."""
    must_change(by)
    _refuse_hanging(topic_ids_below(volume_id=volume.id))
    db.session.delete(volume)
    commit()


def change_tree(by: Person, volume: TextbookVolume, form: TreeForm) -> int:
    """Give units and topics the titles sent, then do the step asked for; the id of what was made, moved, or 0.

    What somebody else has deleted meanwhile is passed over. Raises NotAllowed, and Conflict for what cannot be deleted.
    """
    must_change(by)
    units = list(units_of(volume))
    for unit in units:
        for key, words in form.units.get(unit.id, {}).items():
            setattr(unit, key, words)
        for topic in unit.topics:
            for key, words in form.topics.get(topic.id, {}).items():
                setattr(topic, key, int(words) if key == "periods" else words)
    done = _do(volume, units, form.step) if form.step else 0
    commit()
    return done


def import_outline(by: Person, volume: TextbookVolume, outline: Sequence[NewUnit]) -> int:
    """Add the units and lessons of an outline that the volume does not have yet; how many lessons. Raises NotAllowed."""
    must_change(by)
    added = 0
    for difference in compared(volume, outline):
        units = list(units_of(volume))
        unit = next((unit for unit in units if unit.title == difference.unit.title), None)
        if unit is None:
            unit = Unit(
                volume_id=volume.id, title=difference.unit.title, theme=difference.unit.theme, rank=_after(units)
            )
            db.session.add(unit)
        present = {topic.title for topic in unit.topics}
        for new in difference.new_topics:
            if new.title not in present:
                unit.topics.append(LessonTopic(title=new.title, periods=new.periods, rank=_after(unit.topics)))
                present.add(new.title)
                added += 1
        db.session.flush()
    commit()
    return added


def _do(volume: TextbookVolume, units: list[Unit], step: Step) -> int:
    if step.what == "add":
        return _add(volume, units, step)
    if step.kind == "unit":
        unit = next((unit for unit in units if unit.id == step.id), None)
        return _do_to_unit(units, unit, step) if unit else 0
    topic = next((topic for unit in units for topic in unit.topics if topic.id == step.id), None)
    return _do_to_topic(units, topic, step) if topic else 0


def _add(volume: TextbookVolume, units: list[Unit], step: Step) -> int:
    made: Unit | LessonTopic
    if step.kind == "unit":
        made = Unit(volume_id=volume.id, title=gettext("新单元"), rank=_after(units))
    else:
        unit = next((unit for unit in units if unit.id == step.id), None)
        if unit is None:
            return 0
        made = LessonTopic(unit_id=unit.id, title=gettext("新的一课"), rank=_after(unit.topics))
    db.session.add(made)
    db.session.flush()
    return made.id


def _do_to_unit(units: list[Unit], unit: Unit, step: Step) -> int:
    if step.what == "delete":
        if unit.topics:
            sentence = gettext(
                "“%(title)s”里还有 %(count)d 课，请先删除或移走。", title=unit.title, count=len(unit.topics)
            )
            raise Conflict(sentence)
        db.session.delete(unit)
        return 0
    _move(units, unit, -1 if step.what == "up" else 1)
    return unit.id


def _do_to_topic(units: list[Unit], topic: LessonTopic, step: Step) -> int:
    """At the edge of its unit a topic goes on into the neighbouring one."""
    if step.what == "delete":
        _refuse_hanging([topic.id])
        db.session.delete(topic)
        return 0
    place = next(place for place, unit in enumerate(units) if topic in unit.topics)
    topics = units[place].topics
    places = -1 if step.what == "up" else 1
    if 0 <= topics.index(topic) + places < len(topics):
        _move(list(topics), topic, places)
    elif 0 <= place + places < len(units):
        other = units[place + places]
        row = [topic, *other.topics] if places > 0 else [*other.topics, topic]
        topic.unit = other
        for rank, each in enumerate(row):
            each.rank = rank
    return topic.id


def _move(row: list[Unit] | list[LessonTopic] | list[TextbookVolume], thing: object, places: int) -> None:
    """Let `thing` stand so many places later in its row, as far as the row goes; ranks are counted anew."""
    others = [each for each in row if each is not thing]
    here = next(place for place, each in enumerate(row) if each is thing)
    there = min(max(here + places, 0), len(others))
    for rank, each in enumerate([*others[:there], row[here], *others[there:]]):
        each.rank = rank


def _after(row: Collection[Unit] | Collection[LessonTopic]) -> int:
    return max((each.rank for each in row), default=-1) + 1


def _refuse_hanging(topic_ids: Sequence[int]) -> None:
    hanging = hanging_on(topic_ids)
    if hanging:
        raise Conflict(gettext("还有%(things)s挂在这里，不能删。", things=gettext("、").join(hanging)))


def _describe(edition: TextbookEdition, form: EditionForm) -> None:
    if db.session.get(Subject, form.subject_id) is None:
        raise Invalid(subject=gettext("请选择学科。"))
    same = select(TextbookEdition.id).where(
        TextbookEdition.subject_id == form.subject_id,
        TextbookEdition.stage == form.stage,
        TextbookEdition.name == form.name,
        TextbookEdition.id != (edition.id or 0),
    )
    if db.session.scalar(same.limit(1)):
        raise Invalid(name=gettext("这个学科和学段已经有“%(name)s”。", name=form.name))
    for name, value in asdict(form).items():
        setattr(edition, name, value)


def _free_name(edition: TextbookEdition, form: VolumeForm, but: int | None = None) -> str:
    name = form.name or _usual_name(edition.stage, form.grade, form.semester)
    if any(volume.name == name and volume.id != but for volume in edition.volumes):
        raise Invalid(name=gettext("这个版本已经有“%(name)s”。", name=name))
    return name


def _usual_name(stage: Stage, grade: int, semester: int | None) -> str:
    """What a volume is called: 三年级上册."""
    grade_words = grade_name(stage, grade)
    if semester is None:
        return gettext("%(grade)s全一册", grade=grade_words)
    return gettext("%(grade)s上册", grade=grade_words) if semester == 1 else gettext("%(grade)s下册", grade=grade_words)
