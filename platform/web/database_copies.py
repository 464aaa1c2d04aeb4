"""A whole database as one SQLite file, and back into a database of either kind.

A backup holds the same file whichever database it was made of, so it can be restored into either. SQLite gives the file by its
own online backup; any other database is read in one transaction, table after table, as of one moment.
"""

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Connection, MetaData, Table, create_engine, func, inspect, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from web import migrating

ROWS_AT_ONCE = 500


class Damaged(Exception):
    """The copy is not a database, or not a whole one."""


def file_of(address: str) -> Path | None:
    """The file of an SQLite database; None for any other."""
    url = make_url(address)
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


def copy_out(address: str, copy: Path) -> None:
    """Make `copy` of the database at `address`, as of one moment, while others write in it."""
    file = file_of(address)
    if file:
        _copy_file(file, copy)
        return
    source = create_engine(address, isolation_level="REPEATABLE READ", poolclass=NullPool)
    with source.connect() as live_rows:
        migrating.upgrade(f"sqlite:///{copy}", str(live_rows.scalar(text("SELECT version_num FROM alembic_version"))))
        _copy_rows(live_rows, f"sqlite:///{copy}")


def _copy_file(file: Path, copy: Path) -> None:
    try:
        live = sqlite3.connect(f"{file.resolve().as_uri()}?mode=rw", uri=True)
    except sqlite3.OperationalError as problem:  # there is none yet, and none shall be made
        raise Damaged from problem
    with closing(live), closing(sqlite3.connect(copy)) as made:
        live.backup(made)  # in one step: it would begin anew whenever somebody writes between two


def version_of(copy: Path) -> str:
    """The number of the last migration that a copy went through. Raises Damaged."""
    try:
        with closing(sqlite3.connect(copy)) as kept:
            return str(kept.execute("SELECT version_num FROM alembic_version").fetchone()[0])
    except (sqlite3.Error, TypeError) as problem:
        raise Damaged from problem


def check(copy: Path) -> None:
    """See that a copy is whole. Raises Damaged."""
    try:
        with closing(sqlite3.connect(copy)) as kept:
            found = kept.execute("PRAGMA integrity_check").fetchone()
            dangling = kept.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.Error as problem:
        raise Damaged from problem
    if found != ("ok",) or dangling:
        raise Damaged


def is_empty(address: str) -> bool:
    """Whether nobody has used the database yet: it has no tables, or neither groups nor people."""
    engine = create_engine(address, poolclass=NullPool)
    with engine.connect() as connection:
        tables = set(inspect(connection).get_table_names())
        used = [name for name in ("group_of_schools", "person") if name in tables]
        return not any(connection.scalar(text(f"SELECT 1 FROM {name} LIMIT 1")) for name in used)  # noqa: S608


def copy_in(copy: Path, address: str) -> None:
    """Put `copy` in the place of the empty database at `address`, and bring it to this version of the program.

    The last step makes it count: what ends before that leaves the database empty. The copy does not survive this.
    """
    file = file_of(address)
    if file is None:
        _pour(copy, address)
        return
    migrating.upgrade(f"sqlite:///{copy}")
    for left in (file, Path(f"{file}-wal"), Path(f"{file}-shm")):
        left.unlink(missing_ok=True)
    copy.replace(file)


def _pour(copy: Path, address: str) -> None:
    engine = create_engine(address, poolclass=NullPool)
    with engine.begin() as connection:
        unused = MetaData()
        unused.reflect(connection)
        unused.drop_all(connection)
    migrating.upgrade(address, version_of(copy))
    source = create_engine(f"sqlite:///{copy}", poolclass=NullPool)
    with source.connect() as kept:
        _copy_rows(kept, address)
    migrating.upgrade(address)


def _copy_rows(source: Connection, address: str) -> None:
    """Copy every row of `source` into the empty tables at `address`, in one transaction."""
    kept, room = MetaData(), MetaData()
    kept.reflect(source)
    with create_engine(address, poolclass=NullPool).begin() as target:
        room.reflect(target)
        for table in room.sorted_tables:
            if table.name != "alembic_version":
                _fill(target, table, _rows(source, kept.tables[table.name]))
        _count_on(target, room, _numbers_given(source, kept))


def _rows(source: Connection, table: Table) -> Iterable[list[dict[str, Any]]]:
    found = source.execution_options(yield_per=ROWS_AT_ONCE).execute(select(table))
    for rows in found.mappings().partitions():
        yield [{name: _in_utc(value) for name, value in row.items()} for row in rows]


def _in_utc(value: Any) -> Any:
    """SQLite keeps moments without their zone, which is UTC."""
    if not isinstance(value, datetime):
        return value
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _fill(target: Connection, table: Table, batches: Iterable[list[dict[str, Any]]]) -> None:
    """Rows that point to others of their table do so once all are there."""
    for column in table.columns:
        if isinstance(column.type, JSON):
            column.type.none_as_null = bool(column.nullable)
    pointing = [key.parent.name for key in table.foreign_keys if key.column.table is table]
    later: list[Mapping[str, Any]] = []
    for rows in batches:
        target.execute(table.insert(), [{**row, **dict.fromkeys(pointing)} for row in rows])
        later += [row for row in rows if any(row[name] is not None for name in pointing)]
    for row in later:
        changed = table.update().where(*(column == row[column.name] for column in table.primary_key))
        target.execute(changed.values({name: row[name] for name in pointing}))


def _counted(tables: MetaData) -> list[str]:
    return [table.name for table in tables.sorted_tables if [column.name for column in table.primary_key] == ["id"]]


def _numbers_given(source: Connection, tables: MetaData) -> dict[str, int]:
    """The highest number that each table has given to a row, also to rows that are gone."""
    if source.dialect.name == "sqlite":
        counting = source.scalar(text("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'"))
        found = source.execute(text("SELECT name, seq FROM sqlite_sequence")).all() if counting else []
        return {str(name): int(number) for name, number in found}
    last = text("SELECT last_value FROM pg_sequences WHERE format('%I.%I', schemaname, sequencename) = :name")
    numbers: dict[str, int] = {}
    for table in _counted(tables):
        sequence = source.scalar(select(func.pg_get_serial_sequence(table, "id")))
        number = source.scalar(last, {"name": sequence}) if sequence else None
        if number:
            numbers[table] = int(number)
    return numbers


def _count_on(target: Connection, tables: MetaData, numbers: Mapping[str, int]) -> None:
    """Let every table go on after the highest number it has ever given."""
    for table in _counted(tables):
        highest = target.scalar(select(func.max(tables.tables[table].c.id))) or 0
        number = max(highest, numbers.get(table, 0))
        if not number:
            continue
        if target.dialect.name == "sqlite":
            counted = target.execute(
                text("UPDATE sqlite_sequence SET seq = :number WHERE name = :table"),
                {"number": number, "table": table},
            )
            if not counted.rowcount and table in numbers and _gives_none_twice(target, table):
                target.execute(
                    text("INSERT INTO sqlite_sequence (name, seq) VALUES (:table, :number)"),
                    {"number": number, "table": table},
                )
        else:
            sequence = target.scalar(select(func.pg_get_serial_sequence(table, "id")))
            if sequence:
                target.execute(select(func.setval(sequence, number)))


def _gives_none_twice(target: Connection, table: str) -> bool:
    made = target.scalar(text("SELECT sql FROM sqlite_master WHERE name = :table"), {"table": table})
    return "AUTOINCREMENT" in str(made)
