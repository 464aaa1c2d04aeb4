"""What has changed and has to be indexed anew: noted in the transaction that changes it, whichever way it is written.

A session is listened to: to the rows that it flushes, and to the statements that change many rows at once. What hangs on a row that
goes (the plans of a lesson of the textbook) is looked up before it goes; what hangs on one that stays, when the worker comes to it.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from sqlalchemy import ColumnElement, Delete, Insert, Table, Update, event, insert, inspect, select
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction

from curriculum.models import LessonTopic, TextbookEdition, TextbookVolume, Unit
from foundation.clock import now
from foundation.database import Base
from lessons.models import Plan, PlanWriter
from library.models import Resource, ResourcePage, ResourceVersion
from live.models import LiveClassroom, LiveSession
from schools.models import Campus, Person, Posting, PrepGroup, Subject, TeachingAssignment
from search.documents import Kind
from search.models import SearchOutbox

Noted: TypeAlias = tuple[str, int]
"""A kind of thing and the number of one."""

_NOTED: Final = "search.outbox"


@dataclass(frozen=True)
class Source:
    """A table that documents are made of.

    A row is noted as `kind` with the number in its column `names`. Only changes of `columns` count, if given; those of `ignored`
    do not.
    """

    kind: str
    names: str = "id"
    columns: frozenset[str] = frozenset()
    ignored: frozenset[str] = frozenset({"changed_at"})

    def counts(self, changed: Collection[str]) -> bool:
        """Whether a change of these columns changes a document."""
        return bool(self.columns & set(changed)) if self.columns else bool(set(changed) - self.ignored)


SOURCES: Final[Mapping[type[Base], Source]] = {
    Plan: Source(Kind.PLAN),
    PlanWriter: Source(Kind.PLAN, "plan_id"),
    Resource: Source(Kind.RESOURCE, ignored=frozenset({"changed_at", "opens", "downloads"})),
    ResourceVersion: Source(Kind.RESOURCE, "resource_id"),
    ResourcePage: Source("version", "version_id"),
    Person: Source(Kind.PERSON, columns=frozenset({"name", "pinyin", "staff_number", "left_at"})),
    Posting: Source(Kind.PERSON, "person_id"),
    TeachingAssignment: Source(Kind.PERSON, "person_id"),
    LiveSession: Source(Kind.SESSION, ignored=frozenset({"changed_at", "sequence", "rules"})),
    LiveClassroom: Source(Kind.SESSION, "session_id", frozenset({"campus_id", "class_id", "helper_id"})),
    LessonTopic: Source("topic"),
    Unit: Source("unit"),
    TextbookVolume: Source("volume"),
    TextbookEdition: Source("edition"),
    PrepGroup: Source("prep_group", columns=frozenset({"grade", "stage"})),
    Campus: Source("campus", columns=frozenset({"short_name"})),
    Subject: Source("subject", columns=frozenset({"name"})),
}

_BY_TABLE: Final = {model.__tablename__: (model, source) for model, source in SOURCES.items()}


def hanging_on(session: Session, kind: str, number: int) -> set[tuple[Kind, int]]:
    """The documents that are made of something."""
    found: set[tuple[Kind, int]] = {(Kind(kind), number)} if kind in set(Kind) else set()
    if kind == "version":
        rows = session.scalars(select(ResourceVersion.resource_id).where(ResourceVersion.id == number))
        return {(Kind.RESOURCE, row) for row in rows}
    if kind == "campus":
        people = session.scalars(select(Posting.person_id).where(Posting.campus_id == number))
        found |= {(Kind.PERSON, row) for row in people}
    if kind == "subject":
        people = session.scalars(select(TeachingAssignment.person_id).where(TeachingAssignment.subject_id == number))
        found |= {(Kind.PERSON, row) for row in people}
    if kind in _ON:
        for of, model in ((Kind.PLAN, Plan), (Kind.RESOURCE, Resource)):
            found |= {(of, row) for row in session.scalars(select(model.id).where(_ON[kind](model, number)))}
    return found


def _topics(condition: ColumnElement[bool]) -> Any:
    return select(LessonTopic.id).join(Unit).join(TextbookVolume).where(condition)


_ON: Final[Mapping[str, Callable[[Any, int], ColumnElement[bool]]]] = {
    "topic": lambda model, number: model.topic_id == number,
    "unit": lambda model, number: model.topic_id.in_(_topics(Unit.id == number)),
    "volume": lambda model, number: model.topic_id.in_(_topics(TextbookVolume.id == number)),
    "edition": lambda model, number: model.topic_id.in_(_topics(TextbookVolume.edition_id == number)),
    "prep_group": lambda model, number: model.prep_group_id == number,
    "campus": lambda model, number: model.campus_id == number,
    "subject": lambda model, number: model.subject_id == number,
    "person": lambda model, number: model.owner_id == number,
}
"""Which plans and resources hang on something."""


def note(session: Session, noted: Iterable[Noted]) -> None:
    """Put these into the outbox, each once in a transaction."""
    already: set[Noted] = session.info.setdefault(_NOTED, set())
    new = [each for each in dict.fromkeys(noted) if each not in already]
    if new:
        already.update(new)
        rows = [{"kind": kind, "object_id": number, "made_at": now()} for kind, number in new]
        session.connection().execute(insert(SearchOutbox), rows)


def _note_flushed(session: Session, context: UOWTransaction) -> None:
    """Rows as they were flushed; those that a relationship lost stand in the context only."""
    found = []
    for state, (gone, only_listed) in context.states.items():
        row = state.obj()
        source = SOURCES.get(type(row))
        if source and not only_listed and (gone or row in session.new or source.counts(_changed(row))):
            found.append((source.kind, getattr(row, source.names)))
    note(session, found)


def _changed(row: object) -> set[str]:
    """The columns that were given another value."""
    state = inspect(row)
    assert state is not None  # noqa: S101  # rows of a session have a state
    columns = state.mapper.column_attrs.keys()
    return {name for name in columns if state.attrs[name].history.has_changes()}


def _note_going(session: Session, context: UOWTransaction, instances: object) -> None:
    for row in session.deleted:
        source = SOURCES.get(type(row))
        if source is not None:
            note(session, _going(session, source.kind, [getattr(row, source.names)]))


def _going(session: Session, kind: str, numbers: Iterable[int]) -> list[Noted]:
    """What is noted of rows that go: themselves where they have a document, and what hangs on them."""
    with session.no_autoflush:
        return [(str(of), each) for number in numbers for of, each in hanging_on(session, kind, number)]


def _note_statement(state: ORMExecuteState) -> None:
    statement = state.statement
    if not isinstance(statement, Insert | Update | Delete) or not isinstance(statement.table, Table):
        return
    model, source = _BY_TABLE.get(statement.table.name, (None, None))
    if model is None or source is None:
        return
    if isinstance(statement, Insert):
        numbers = {row[source.names] for row in _rows(state, statement) if source.names in row}
        note(state.session, ((source.kind, number) for number in numbers))
    elif isinstance(statement, Delete):
        note(state.session, _going(state.session, source.kind, _numbers(state, statement, source)))
    elif source.counts(_set_by(state, statement)):
        note(state.session, ((source.kind, number) for number in _numbers(state, statement, source)))


def _rows(state: ORMExecuteState, statement: Insert | Update) -> list[Mapping[str, Any]]:
    given = state.parameters
    if given:
        return list(given) if isinstance(given, list | tuple) else [given]  # type: ignore[list-item]
    return [statement.compile().params]


def _set_by(state: ORMExecuteState, statement: Update) -> set[str]:
    """The columns that a statement sets."""
    keys = {key for row in _rows(state, statement) for key in row}
    return {column.key for column in statement.table.columns if column.key in keys} - {"id"}


def _numbers(state: ORMExecuteState, statement: Update | Delete, source: Source) -> set[int]:
    """What the rows that a statement changes are noted by."""
    columns = statement.table.columns
    where = statement.whereclause
    if where is None and isinstance(statement, Update):  # many rows, each by its key
        changed = [row["id"] for row in _rows(state, statement) if "id" in row]
        if source.names == "id":
            return set(changed)
        where = columns["id"].in_(changed)
    query = select(columns[source.names])
    given = state.parameters if isinstance(state.parameters, dict) else {}
    found = state.session.connection().execute(query if where is None else query.where(where), given)
    return set(found.scalars())


def _forget_noted(session: Session) -> None:
    session.info.pop(_NOTED, None)


_LISTENERS: Final[Mapping[str, Callable[..., None]]] = {
    "before_flush": _note_going,
    "after_flush": _note_flushed,
    "do_orm_execute": _note_statement,
    "after_commit": _forget_noted,
    "after_rollback": _forget_noted,
}


def listen() -> None:
    """From now on note what changes, in every session of this process."""
    for name, listener in _LISTENERS.items():
        if not event.contains(Session, name, listener):
            event.listen(Session, name, listener)
