"""What stands in the database already, as far as an import can touch it: read in few queries, then looked up in memory."""

import hashlib
from collections import defaultdict
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, select

from curriculum.models import LessonTopic, TextbookEdition, TextbookVolume, Unit
from foundation.database import Base, db
from manage.importing.access import Reach
from manage.importing.records import Record
from manage.importing.texts import plain
from schools.models import (
    Campus,
    Enrolment,
    Membership,
    Person,
    Posting,
    PrepGroup,
    PrepGroupCampus,
    PrepGroupPick,
    Pupil,
    Role,
    RoleGrant,
    SchoolClass,
    SourcedId,
    Subject,
    TeachingAssignment,
    Title,
)


class World:
    """The records of a group and its campuses by what files call them.

    Two worlds with the same `digest` were read from the same data, by somebody with the same rights.
    """

    def __init__(self, reach: Reach, day: date) -> None:
        self.reach = reach
        self.day = day
        self.digest = hashlib.sha256(repr((sorted(reach.campus_ids), reach)).encode())
        self.campuses: dict[int, Record] = {}
        self.campuses_by_name: defaultdict[str, list[Record]] = defaultdict(list)
        self.membership_of: dict[Record, Record] = {}
        self.subjects: dict[str, Record] = {}
        self.people_by_number: dict[str, Record] = {}
        self.people_by_name: defaultdict[str, list[Record]] = defaultdict(list)
        self.postings: defaultdict[Record, list[Record]] = defaultdict(list)
        self.grants: defaultdict[Record, list[Record]] = defaultdict(list)
        self.titles: defaultdict[Record, set[str]] = defaultdict(set)
        self.classes: dict[tuple[Any, ...], Record] = {}
        self.classes_by_grade: dict[tuple[Any, ...], Record] = {}
        self.assignments: defaultdict[tuple[Record, Record], list[Record]] = defaultdict(list)
        self.enrolments: defaultdict[Record, list[Record]] = defaultdict(list)
        self.editions: dict[tuple[Any, ...], Record] = {}
        self.volumes: dict[tuple[Any, ...], Record] = {}
        self.units: dict[tuple[Any, ...], Record] = {}
        self.topics: dict[tuple[Any, ...], Record] = {}
        self.children: defaultdict[Record, int] = defaultdict(int)
        self.prep_groups: dict[str, Record] = {}
        self.prep_campuses: defaultdict[Record, set[Record]] = defaultdict(set)
        self.prep_people: defaultdict[Record, set[Record]] = defaultdict(set)
        self.prep_leads: defaultdict[Record, list[Record]] = defaultdict(list)
        self.sourced: dict[tuple[str, str], Record] = {}

    def add(self, record: Record) -> None:
        """Let `record` be found from now on."""
        adding = _ADDING.get(record.model)
        if adding is not None:
            adding(self, record)

    def posted_at(self, person: Record) -> list[Record]:
        """The campuses where somebody works, now or later."""
        return [each["campus_id"] for each in self.postings[person]]


def _add_campus(world: World, record: Record) -> None:
    names = [record["name"], record["short_name"], record["code"], record["school_code"], *record["former_names"]]
    for name in {plain(name).casefold() for name in names if name}:
        world.campuses_by_name[name].append(record)


def _add_person(world: World, record: Record) -> None:
    world.people_by_name[record["name"]].append(record)
    if record["staff_number"]:
        world.people_by_number[record["staff_number"]] = record


def _add_class(world: World, record: Record) -> None:
    place = (record["campus_id"], record["stage"])
    world.classes[*place, record["entry_year"], record["number"]] = record
    if record["left_on"] is None:
        world.classes_by_grade[*place, record["grade"], record["number"]] = record


def _add_grant(world: World, record: Record) -> None:
    world.grants[record["person_id"]].append(record)
    if record["role"] is Role.PREP_LEAD and record["prep_group_id"] is not None:
        world.prep_leads[record["prep_group_id"]].append(record)


def _add_child(world: World, record: Record, places: dict[tuple[Any, ...], Record], parent: Record, name: str) -> None:
    places[parent, name] = record
    world.children[parent] = max(world.children[parent], record["rank"] + 1)


_ADDING: Final[dict[type[Base], Any]] = {
    Campus: _add_campus,
    Membership: lambda world, each: world.membership_of.__setitem__(each["campus_id"], each),
    Subject: lambda world, each: world.subjects.__setitem__(each["name"], each),
    Person: _add_person,
    Posting: lambda world, each: world.postings[each["person_id"]].append(each),
    RoleGrant: _add_grant,
    Title: lambda world, each: world.titles[each["person_id"]].add(each["name"]),
    SchoolClass: _add_class,
    TeachingAssignment: lambda world, each: world.assignments[each["class_id"], each["subject_id"]].append(each),
    Enrolment: lambda world, each: world.enrolments[each["class_id"]].append(each),
    TextbookEdition: lambda world, each: world.editions.__setitem__(
        (each["subject_id"], each["stage"], each["name"]), each
    ),
    TextbookVolume: lambda world, each: _add_child(world, each, world.volumes, each["edition_id"], each["name"]),
    Unit: lambda world, each: _add_child(world, each, world.units, each["volume_id"], each["title"]),
    LessonTopic: lambda world, each: _add_child(world, each, world.topics, each["unit_id"], each["title"]),
    PrepGroup: lambda world, each: world.prep_groups.__setitem__(each["name"], each),
    PrepGroupCampus: lambda world, each: world.prep_campuses[each["prep_group_id"]].add(each["campus_id"]),
    PrepGroupPick: lambda world, each: world.prep_people[each["prep_group_id"]].add(each["person_id"]),
}


def read_world(reach: Reach, day: date, kinds: set[str]) -> World:
    """What the rows of `kinds` can touch, on the day `day`."""
    world = World(reach, day)
    world.campuses = _read(world, Campus, Campus.id.in_(reach.campus_ids))
    known: dict[type[Base], dict[int, Record]] = {Campus: world.campuses}
    _read(
        world, Membership, Membership.group_id == reach.group_id, Membership.holding_on(day),
        campus_id=world.campuses,
    )  # fmt: skip
    subjects = _read(world, Subject)
    if kinds - {"campus", "textbook"}:
        known |= _read_people(world)
        known[SchoolClass] = _read_classes(world, known[Person])
        if "teaching" in kinds:
            _read(
                world, TeachingAssignment, TeachingAssignment.class_id.in_(_classes_in(reach)), _not_over(TeachingAssignment, day),
                class_id=known[SchoolClass], subject_id=subjects, person_id=known[Person],
            )  # fmt: skip
        if "pupil" in kinds:
            known[Pupil] = _read_pupils(world, known[SchoolClass])
    if "textbook" in kinds:
        _read_textbooks(world, subjects)
    if "prep_group" in kinds:
        _read_prep_groups(world, subjects, known[Person])
    _read_sourced(world, known)
    return world


def _read(
    world: World, model: type[Base], *where: ColumnElement[bool], **references: dict[int, Record]
) -> dict[int, Record]:
    """The records of a table by their ids; columns named in `references` hold records."""
    table = model.__table__
    columns = [column for column in table.columns if column.name not in _LEFT_OUT]
    records = {}
    for row in db.session.execute(select(*columns).where(*where).order_by(*table.primary_key)).mappings():
        values = dict(row)
        world.digest.update(repr(values).encode())
        for column, known in references.items():
            values[column] = known.get(values[column])
        record = Record(model, values, id=values.pop("id", None))
        if record.id is not None:
            records[record.id] = record
        if all(values[column] is not None for column in references if column not in _MAY_BE_EMPTY):
            world.add(record)
    return records


_LEFT_OUT: Final = {"made_at", "changed_at", "password_hash", "totp_secret", "pin_hash", "pinyin"}
_MAY_BE_EMPTY: Final = {"homeroom_teacher_id", "prep_group_id"}


def _not_over(model: Any, day: date) -> ColumnElement[bool]:
    over: ColumnElement[bool] = model.to_day.is_(None) | (model.to_day > day)
    return over


def _classes_in(reach: Reach) -> Any:
    return select(SchoolClass.id).where(SchoolClass.campus_id.in_(reach.campus_ids))


def _read_people(world: World) -> dict[type[Base], dict[int, Record]]:
    people = _read(world, Person)
    here = Posting.campus_id.in_(world.reach.campus_ids)
    _read(world, Posting, here, _not_over(Posting, world.day), person_id=people, campus_id=world.campuses)
    _read(
        world, RoleGrant, RoleGrant.campus_id.in_(world.reach.campus_ids), _not_over(RoleGrant, world.day),
        person_id=people, campus_id=world.campuses,
    )  # fmt: skip
    _read(world, Title, _not_over(Title, world.day), person_id=people)
    return {Person: people}


def _read_classes(world: World, people: dict[int, Record]) -> dict[int, Record]:
    here = SchoolClass.campus_id.in_(world.reach.campus_ids)
    return _read(world, SchoolClass, here, campus_id=world.campuses, homeroom_teacher_id=people)


def _read_pupils(world: World, classes: dict[int, Record]) -> dict[int, Record]:
    present = select(Enrolment.pupil_id).where(
        Enrolment.class_id.in_(_classes_in(world.reach)), Enrolment.holding_on(world.day)
    )
    pupils = _read(world, Pupil, Pupil.id.in_(present))
    here = Enrolment.class_id.in_(_classes_in(world.reach))
    _read(world, Enrolment, here, Enrolment.holding_on(world.day), pupil_id=pupils, class_id=classes)
    return pupils


def _read_textbooks(world: World, subjects: dict[int, Record]) -> None:
    editions = _read(world, TextbookEdition, subject_id=subjects)
    volumes = _read(world, TextbookVolume, edition_id=editions)
    units = _read(world, Unit, volume_id=volumes)
    _read(world, LessonTopic, unit_id=units)


def _read_prep_groups(world: World, subjects: dict[int, Record], people: dict[int, Record]) -> None:
    ours = select(PrepGroup.id).where(PrepGroup.group_id == world.reach.group_id)
    groups = _read(world, PrepGroup, PrepGroup.group_id == world.reach.group_id, subject_id=subjects)
    _read(
        world, PrepGroupCampus, PrepGroupCampus.prep_group_id.in_(ours),
        prep_group_id=groups, campus_id=world.campuses,
    )  # fmt: skip
    _read(
        world, PrepGroupPick, PrepGroupPick.prep_group_id.in_(ours), _not_over(PrepGroupPick, world.day),
        prep_group_id=groups, person_id=people,
    )  # fmt: skip
    _read(
        world, RoleGrant, RoleGrant.prep_group_id.in_(ours), _not_over(RoleGrant, world.day),
        prep_group_id=groups, person_id=people,
    )  # fmt: skip


def _read_sourced(world: World, known: dict[type[Base], dict[int, Record]]) -> None:
    """The names that an outside system has for our records; only those of records that were read."""
    for row in db.session.execute(
        select(SourcedId.kind, SourcedId.record_id, SourcedId.sourced_id).order_by(SourcedId.id)
    ):
        world.digest.update(repr(tuple(row)).encode())
        record = known.get(_SOURCED[row.kind], {}).get(row.record_id) if row.kind in _SOURCED else None
        if record is not None:
            world.sourced[row.kind, row.sourced_id] = record


_SOURCED: Final[dict[str, type[Base]]] = {"campus": Campus, "person": Person, "class": SchoolClass, "pupil": Pupil}
