"""The databases that tests run on: SQLite files, and a PostgreSQL server started for the tests."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import create_engine

from foundation.database import Base
from tests import thrift

on_both_databases = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
"""Decorates a test that uses `app`: it runs on each."""

IN_A_HURRY = "-c fsync=off -c full_page_writes=off -c wal_level=minimal -c max_wal_senders=0"
"""Settings of a server whose databases live as long as a test and need not outlive a power cut."""


class SqliteFiles:
    """Fresh databases as files in `folder`, each a copy of one with all tables."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._template = folder / "template.sqlite3"
        engine = create_engine(f"sqlite:///{self._template}")
        Base.metadata.create_all(engine)
        engine.dispose()
        thrift.ELDERS[engine.dialect.name] = engine

    @contextmanager
    def fresh(self, tables: bool = True) -> Iterator[str]:
        """The address of a new database, with all tables or none."""
        file = self.folder / f"{uuid4().hex}.sqlite3"
        if tables:
            shutil.copyfile(self._template, file)
        yield f"sqlite:///{file}"
        for left in self.folder.glob(file.name + "*"):
            left.unlink()


class PostgresqlServer:
    """A PostgreSQL server of our own, on a socket in a folder of its own, ended by `stop`."""

    def __init__(self) -> None:
        self._programs = _postgresql_programs()
        # The path of a socket may have 107 characters, so it is not in pytest's folder.
        self.folder = Path(tempfile.mkdtemp(prefix="tongke-pg-"))
        self._as = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
        if self._as:
            owner = pwd.getpwnam("postgres")
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
        self._data = self.folder / "data"
        self._run("initdb", "--auth=trust", "--username=tongke", "--encoding=UTF8", "--locale=C", "--no-sync")
        settings = f"-c listen_addresses= -c unix_socket_directories={self.folder} {IN_A_HURRY}"
        self._run("pg_ctl", "--wait", "--log", str(self.folder / "log"), "--options", settings, "start")
        with self._connection() as connection:
            # Later versions copy a template by way of their log, unless told otherwise.
            self._copying = "STRATEGY file_copy" if connection.info.server_version >= 150000 else ""
        self._template = self._create("template0")
        engine = create_engine(self._address(self._template))
        Base.metadata.create_all(engine)
        engine.dispose()
        thrift.ELDERS[engine.dialect.name] = engine

    @contextmanager
    def fresh(self, tables: bool = True) -> Iterator[str]:
        """The address of a new database, with all tables or none."""
        name = self._create(self._template if tables else "template0")
        yield self._address(name)
        self._say(f'DROP DATABASE "{name}" WITH (FORCE)')

    def stop(self) -> None:
        """End the server and remove what it kept."""
        self._run("pg_ctl", "--wait", "--mode=immediate", "stop")
        shutil.rmtree(self.folder)

    def _create(self, template: str) -> str:
        name = f"t{uuid4().hex}"
        self._say(f'CREATE DATABASE "{name}" TEMPLATE "{template}" {self._copying}')
        return name

    def _say(self, command: str) -> None:
        with self._connection() as connection:
            connection.execute(command)  # type: ignore[arg-type]  # names of our own making

    def _connection(self) -> psycopg.Connection:
        return psycopg.connect(host=str(self.folder), user="tongke", dbname="postgres", autocommit=True)

    def _address(self, name: str) -> str:
        return f"postgresql+psycopg://tongke@/{name}?host={self.folder}"

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self._as, str(self._programs / program), f"--pgdata={self._data}", *arguments]
        done = subprocess.run(
            command,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=False,
            check=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr.decode()}")


def _postgresql_programs() -> Path:
    """The folder of `initdb` and `pg_ctl`: Debian keeps them off the path. Skips the test when there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda file: int(file.parts[-3]))
    on_path = shutil.which("initdb")
    if not found and not on_path:
        pytest.skip("PostgreSQL is not installed (Debian package postgresql)")
    return (found[-1] if found else Path(str(on_path))).parent
