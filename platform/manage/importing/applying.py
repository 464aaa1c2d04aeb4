"""Writing what a plan would do, in as few statements as there are tables."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from sqlalchemy import func, insert, select, update

from curriculum.models import LessonTopic, TextbookEdition, TextbookVolume, Unit
from foundation.database import Base, announce, db
from manage.importing.plan import Fate, Plan
from manage.importing.records import Record, stored
from schools.actions import PersonRightsChanged
from schools.audit import MEMBERSHIP
from schools.models import (
    AuditEntry,
    Campus,
    Enrolment,
    Membership,
    Person,
    Posting,
    PrepGroup,
    PrepGroupCampus,
    PrepGroupPick,
    Pupil,
    RoleGrant,
    SchoolClass,
    SourcedId,
    TeachingAssignment,
    Title,
)

_ORDER: Final[Sequence[type[Base]]] = (
    Campus,
    Membership,
    Person,
    Posting,
    Title,
    SchoolClass,
    Pupil,
    Enrolment,
    TeachingAssignment,
    TextbookEdition,
    TextbookVolume,
    Unit,
    LessonTopic,
    PrepGroup,
    PrepGroupCampus,
    PrepGroupPick,
    RoleGrant,
    SourcedId,
)
"""Tables in an order in which each names only those before it."""


def write(plan: Plan, by: Person, file_name: str, code: str) -> None:
    """Write everything that `plan` would do, and what was done into the audit. The caller commits."""
    new: defaultdict[type[Base], list[Record]] = defaultdict(list)
    for record in plan.new:
        new[record.model].append(record)
    for model in _ORDER:
        _insert(model, new[model])
    changed: defaultdict[tuple[type[Base], tuple[str, ...]], list[Record]] = defaultdict(list)
    for record in plan.changed:
        changed[record.model, tuple(sorted(record.changed))].append(record)
    for (model, _), records in changed.items():
        _update(model, records)
    told = [*_rights_told(plan), *_import_told(plan, file_name, code)]
    who = {"person_id": by.id, "person_name": by.name, "group_id": plan.world.reach.group_id}
    if told:
        db.session.execute(insert(AuditEntry), [{**who, **entry} for entry in told])
    for person in dict.fromkeys(right.person for right in plan.rights):
        if person is not None and person.id is not None:
            announce(PersonRightsChanged(person.id))


def _insert(model: type[Base], records: Sequence[Record]) -> None:
    """All records in one statement (PostgreSQL: one for each thousand), their ids known afterwards."""
    if not records:
        return
    rows = [{column: stored(value) for column, value in record.values.items()} for record in records]
    if "id" not in model.__table__.columns:
        db.session.execute(insert(model), rows)
        return
    key = model.__table__.columns["id"]
    if db.engine.dialect.name == "sqlite":
        # What SQLite gives back has no promised order, so that SQLAlchemy would insert one by one. Who holds the write
        # lock counts on from the last id, as SQLite itself does.
        last = db.session.scalar(select(func.max(key))) or 0
        ids: Iterable[int] = range(last + 1, last + 1 + len(rows))
        db.session.execute(insert(model), [{"id": id_, **row} for id_, row in zip(ids, rows, strict=True)])
    else:
        ids = db.session.scalars(insert(model).returning(key, sort_by_parameter_order=True), rows)
    for record, id_ in zip(records, ids, strict=True):
        record.id = id_


def _update(model: type[Base], records: Sequence[Record]) -> None:
    rows: list[dict[str, Any]] = [
        {"id": record.id, **{column: stored(value) for column, value in record.changed.items()}} for record in records
    ]
    db.session.execute(update(model), rows)


def _rights_told(plan: Plan) -> Iterator[dict[str, Any]]:
    for right in plan.rights:
        thing = right.person or right.campus
        if right.action and thing is not None:
            yield {
                "action": right.action,
                "object_kind": "person" if right.person else MEMBERSHIP,
                "object_id": right.person.id if right.person else right.record.id,
                "object_name": thing["name"],
                "campus_id": right.campus.id if right.campus else None,
                "details": right.details,
            }


def _import_told(plan: Plan, file_name: str, code: str) -> Iterator[dict[str, Any]]:
    """One entry for each campus, so that each head reads what was done to hers; one more for what is no campus' own."""
    counts: defaultdict[Record | None, Counter[str]] = defaultdict(Counter)
    for outcome, campus in zip(plan.outcomes, plan.campus_of_row, strict=True):
        if outcome.fate in (Fate.NEW, Fate.CHANGED):
            counts[campus][outcome.fate] += 1
    for campus, count in counts.items():
        yield {
            "action": "imported",
            "object_kind": "import",
            "object_id": None,
            "object_name": file_name,
            "campus_id": campus.id if campus else None,
            "details": {
                "code": code,
                "place": campus["name"] if campus else "",
                "new": count[Fate.NEW],
                "changed": count[Fate.CHANGED],
            },
        }
