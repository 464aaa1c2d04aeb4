"""The database: base model, column types, and the unit of work."""

import enum
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, Dialect, Engine, Enum, MetaData, event
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, registry
from sqlalchemy.types import TypeDecorator

from foundation import happenings
from foundation.clock import now

_writing: ContextVar[bool] = ContextVar("writing", default=False)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware in Python, UTC in the database, whichever database it is."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive time; store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """SQLite gives naive times back; they are UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def named(kind: type[enum.StrEnum]) -> Enum:
    """A column type of the short lower-case names of `kind`, as plain text so that a kind can be added later."""
    return Enum(
        kind, native_enum=False, length=24, values_callable=lambda members: [member.value for member in members]
    )


class Base(DeclarativeBase):
    """The base of every model."""

    registry = registry(
        metadata=MetaData(
            naming_convention={
                "ix": "ix_%(table_name)s_%(column_0_N_name)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
                "fk": "fk_%(table_name)s_%(column_0_N_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
        type_annotation_map={datetime: UtcDateTime()},
    )


# For a table whose numbers outlive their rows (in snapshots, in memory): SQLite gives the number of a deleted last row to
# the next one unless told so. PostgreSQL never does.
NEVER_AGAIN = {"sqlite_autoincrement": True}


class Made:
    """Columns of everything that people make: when it was made and last changed."""

    made_at: Mapped[datetime] = mapped_column(default=now)
    changed_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)


db = SQLAlchemy(model_class=Base)


@contextmanager
def writing() -> Iterator[None]:
    """Transactions begun inside take SQLite's write lock at once.

    A transaction that first reads and then writes would fail when another one wrote in between ("database is locked",
    without waiting); taking the lock first makes it wait its turn. PostgreSQL needs none of this.
    """
    token = _writing.set(True)
    try:
        yield
    finally:
        _writing.reset(token)


@contextmanager
def reading() -> Iterator[None]:
    """Within `writing`: transactions begun inside only read, for as long as they like, while others write."""
    token = _writing.set(False)
    try:
        yield
    finally:
        _writing.reset(token)


def set_writing(on: bool) -> None:
    """The same for the rest of this context: every request that may write begins so."""
    _writing.set(on)


def announce(happening: object) -> None:
    """Promise to tell `happening` once the present unit of work is committed; forgotten when it is rolled back."""
    db.session.info.setdefault("promised", []).append(happening)


def commit() -> None:
    """Commit the unit of work, then tell what was promised for after the commit."""
    try:
        db.session.commit()
    except BaseException:
        db.session.rollback()
        db.session.info.pop("promised", None)
        raise
    for happening in db.session.info.pop("promised", []):
        happenings.tell(happening)


@event.listens_for(Engine, "connect")
def _set_up_sqlite(connection: Any, record: Any) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.isolation_level = None  # so that `_begin` below decides how a transaction begins
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA busy_timeout=10000")
    cursor.execute("PRAGMA cache_size=-32000")
    cursor.close()


@event.listens_for(Engine, "begin")
def _begin(connection: Any) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE" if _writing.get() else "BEGIN")
