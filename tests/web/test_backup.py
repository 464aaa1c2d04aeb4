import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from flask import Flask
from sqlalchemy import MetaData, create_engine, select, text

from app import create_app
from foundation.backups import last_backup
from foundation.clock import SCHOOL_ZONE, travel_to
from foundation.config import Settings
from foundation.database import db
from foundation.errors import Conflict, Invalid
from lessons.models import Plan, PlanOriginal
from lessons.reading import content_of
from lessons.text.markdown import plan_to_markdown
from library.storage import the_store
from library.storage.base import new_key
from tests.factories import make_group, make_person, make_plan
from web import backup, demo, migrating
from web.processes import AlreadyRunning, only_one

into_either = pytest.mark.parametrize(
    ("database", "empty_database"),
    [("sqlite", "sqlite"), ("postgresql", "postgresql"), ("sqlite", "postgresql"), ("postgresql", "sqlite")],
    indirect=True,
)
into_sqlite = pytest.mark.parametrize("empty_database", ["sqlite"], indirect=True)


def quietly(done: int, total: int, doing: str) -> None:
    """Progress that nobody watches."""


@pytest.fixture
def stamped(app: Flask) -> Flask:
    """An installation whose database knows its version, as migrations leave it."""
    db.session.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
    db.session.execute(text("INSERT INTO alembic_version VALUES (:newest)"), {"newest": migrating.newest()})
    db.session.commit()
    return app


@pytest.fixture
def kept(stamped: Flask, settings: Settings, tmp_path: Path) -> Path:
    """A backup of a small installation."""
    make_person()
    (settings.data_dir / "originals").mkdir()
    (settings.data_dir / "originals/a1").write_bytes(b"as it came")
    backup.create(settings, tmp_path / "kept.zip", quietly)
    return tmp_path / "kept.zip"


@contextmanager
def restored(settings: Settings, file: Path, address: str, folder: Path) -> Iterator[Flask]:
    """Another installation, in `folder` and on the database at `address`, into which `file` was restored."""
    other = create_app(replace(settings, data_dir=folder, database_url=address))
    other.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    with other.app_context():
        folder.mkdir(exist_ok=True)
        backup.restore(other.config["SETTINGS"], file, quietly)
        yield other
        db.session.remove()
        db.engine.dispose()


def rows_of(address: str) -> dict[str, list[list[str]]]:
    """Everything in a database, said so that the two kinds of databases can be compared."""
    engine = create_engine(address)
    with engine.connect() as connection:
        tables = MetaData()
        tables.reflect(connection)
        found = {
            table.name: sorted(
                [_said(row[name]) for name in sorted(row)] for row in connection.execute(select(table)).mappings()
            )
            for table in tables.sorted_tables
        }
    engine.dispose()
    return found


def _said(value: object) -> str:
    if isinstance(value, datetime):
        value = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return repr(value)


@into_either
def test_what_is_restored_is_what_was_kept(
    stamped: Flask, settings: Settings, empty_database: str, tmp_path: Path
) -> None:
    accounts = demo.make_demo()
    originals = settings.data_dir / "originals"
    originals.mkdir()
    (originals / "0a1b").write_bytes(b"as it came")
    plan = db.session.scalars(select(Plan).where(Plan.title != "").order_by(Plan.id)).first()
    assert plan
    db.session.add(PlanOriginal(plan_id=plan.id, name="a.docx", size=10, sha256="", stored_name="0a1b", notes=["一"]))
    db.session.commit()
    code, written = plan.code, plan_to_markdown(content_of(plan), {})
    db.session.remove()
    backup.create(settings, tmp_path / "kept.zip", quietly)
    with restored(settings, tmp_path / "kept.zip", empty_database, tmp_path / "other") as other:
        again = db.session.scalars(select(Plan).where(Plan.code == code)).one()
        assert plan_to_markdown(content_of(again), {}) == written
        signing_in = other.test_client().post(
            "/sign-in", data={"login": accounts.accounts[0].staff_number, "password": accounts.password}
        )
        assert signing_in.status_code == 303, "people sign in as before"
    assert (tmp_path / "other/originals/0a1b").read_bytes() == b"as it came"
    before, after = rows_of(settings.database), rows_of(empty_database)
    assert len(before["plan_update"]) > 5
    for name in before.keys() - {"sign_in"}:
        assert after[name] == before[name], name


@into_either
def test_numbers_of_rows_that_are_gone_are_not_given_again(
    stamped: Flask, settings: Settings, empty_database: str, tmp_path: Path
) -> None:
    plan = make_plan()
    gone = plan.id
    db.session.execute(text("DELETE FROM plan_update"))
    db.session.execute(text("DELETE FROM plan"))
    db.session.commit()
    backup.create(settings, tmp_path / "kept.zip", quietly)
    with restored(settings, tmp_path / "kept.zip", empty_database, tmp_path / "other"):
        assert make_plan().id > gone


def test_a_backup_holds_what_was_committed_and_nothing_half_written(
    stamped: Flask, settings: Settings, tmp_path: Path
) -> None:
    make_group("已提交")
    file = settings.database.removeprefix("sqlite:///")
    with closing(sqlite3.connect(file, isolation_level=None)) as live:
        live.execute("BEGIN IMMEDIATE")
        live.execute("UPDATE group_of_schools SET name = '写了一半'")
        backup.create(settings, tmp_path / "kept.zip", quietly)
    with ZipFile(tmp_path / "kept.zip") as archive:
        archive.extract("database.sqlite3", tmp_path)
    with closing(sqlite3.connect(tmp_path / "database.sqlite3")) as copy:
        assert copy.execute("SELECT name FROM group_of_schools").fetchall() == [("已提交",)]


def test_a_backup_names_its_settings_without_secrets(stamped: Flask, settings: Settings, tmp_path: Path) -> None:
    (settings.data_dir / "secret_key").write_text("geheim")
    (settings.data_dir / "worker.heartbeat").touch()
    backup.create(settings, tmp_path / "kept.zip", quietly)
    with ZipFile(tmp_path / "kept.zip") as archive:
        told = json.loads(archive.read("manifest.json"))
        assert archive.namelist() == ["database.sqlite3", "manifest.json"]
    assert told["settings"]["PAGE_SIZE"] == settings.page_size
    assert "SECRET_KEY" not in told["settings"]
    assert settings.secret_key not in json.dumps(told)


def test_a_password_in_an_address_is_not_kept() -> None:
    given = Settings(database_url="postgresql://tongke:geheim@db/tongke?sslpassword=geheim")
    assert "geheim" not in json.dumps(backup._without_secrets(given))
    assert "db/tongke" in json.dumps(backup._without_secrets(given))


def test_a_backup_is_closed_to_others_and_remembered(kept: Path, settings: Settings) -> None:
    assert kept.stat().st_mode & 0o077 == 0
    last = last_backup(settings)
    assert last
    assert (last.name, last.size) == (kept.name, kept.stat().st_size)


def test_files_of_the_library_are_kept_and_the_index_is_not(stamped: Flask, settings: Settings, tmp_path: Path) -> None:
    key = new_key(".pptx")
    the_store().put(key, BytesIO(b"slides"))
    index = settings.data_dir / "search" / "1"
    index.mkdir(parents=True)
    (index / "segment").write_bytes(b"made anew")
    backup.create(settings, tmp_path / "library.zip", quietly)
    names = ZipFile(tmp_path / "library.zip").namelist()
    assert f"files/store/files/{key}" in names
    assert not [name for name in names if "search" in name]


def test_a_backup_never_writes_over_another(kept: Path, settings: Settings) -> None:
    before = kept.read_bytes()
    with pytest.raises(Conflict, match=r"kept\.zip"):
        backup.create(settings, kept, quietly)
    assert kept.read_bytes() == before


def test_nothing_is_left_where_a_backup_failed(
    stamped: Flask, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*given: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup, "_add", fail)
    with pytest.raises(OSError, match="space"):
        backup.create(settings, tmp_path / "there/kept.zip", quietly)
    assert list((tmp_path / "there").iterdir()) == []
    assert last_backup(settings) is None


def test_an_installation_without_a_database_has_nothing_to_keep(app: Flask, tmp_path: Path) -> None:
    with pytest.raises(Conflict, match="数据库"):
        backup.create(Settings(data_dir=tmp_path / "never-started"), tmp_path / "kept.zip", quietly)
    assert not (tmp_path / "kept.zip").exists()


@into_sqlite
def test_nothing_is_restored_over_what_there_is(
    kept: Path, settings: Settings, empty_database: str, tmp_path: Path
) -> None:
    with pytest.raises(Conflict, match="空"):
        backup.restore(settings, kept, quietly)
    (tmp_path / "other/originals").mkdir(parents=True)
    (tmp_path / "other/originals/mine").write_bytes(b"mine")
    with pytest.raises(Conflict, match="空"), restored(settings, kept, empty_database, tmp_path / "other"):
        pass
    assert [file.name for file in (tmp_path / "other/originals").iterdir()] == ["mine"]


@into_sqlite
def test_nothing_is_restored_under_a_running_site(
    kept: Path, settings: Settings, empty_database: str, tmp_path: Path
) -> None:
    other = replace(settings, data_dir=tmp_path / "other", database_url=empty_database)
    with only_one(other), pytest.raises(AlreadyRunning):
        backup.restore(other, kept, quietly)


def _truncated(data: bytes) -> bytes:
    return data[: len(data) * 2 // 3]


def _torn(data: bytes) -> bytes:
    return data[:200] + bytes(byte ^ 0xFF for byte in data[200:230]) + data[230:]


@into_sqlite
@pytest.mark.parametrize("harm", [_truncated, _torn])
def test_a_damaged_backup_is_refused_and_changes_nothing(
    kept: Path, settings: Settings, empty_database: str, tmp_path: Path, harm: object
) -> None:
    kept.write_bytes(harm(kept.read_bytes()))  # type: ignore[operator]
    with pytest.raises(Invalid, match="损坏"), restored(settings, kept, empty_database, tmp_path / "other"):
        pass
    assert {file.name for file in (tmp_path / "other").iterdir()} <= {"web.lock"}


@into_sqlite
def test_a_file_that_is_no_backup_is_refused(
    settings: Settings, app: Flask, empty_database: str, tmp_path: Path
) -> None:
    text_file, other_zip = tmp_path / "a.txt", tmp_path / "other.zip"
    text_file.write_text("教案", encoding="utf-8")
    with ZipFile(other_zip, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    for file in (text_file, other_zip):
        with pytest.raises(Invalid, match="不是同课的备份"), restored(settings, file, empty_database, tmp_path / "new"):
            pass
    with pytest.raises(Invalid, match="没有找到"), restored(settings, tmp_path / "x", empty_database, tmp_path / "new"):
        pass


def _with_manifest(kept: Path, target: Path, **changed: object) -> Path:
    with ZipFile(kept) as archive, ZipFile(target, "w") as other:
        told = {**json.loads(archive.read("manifest.json")), **changed}
        for name in archive.namelist():
            other.writestr(name, json.dumps(told) if name == "manifest.json" else archive.read(name))
    return target


@into_sqlite
def test_a_backup_of_a_later_version_is_refused(
    kept: Path, settings: Settings, empty_database: str, tmp_path: Path
) -> None:
    later = _with_manifest(kept, tmp_path / "later.zip", migration="9999", version="9.0")
    with pytest.raises(Conflict, match=r"9\.0"), restored(settings, later, empty_database, tmp_path / "other"):
        pass


@into_sqlite
def test_a_member_that_leads_out_of_the_folder_is_refused(
    kept: Path, settings: Settings, empty_database: str, tmp_path: Path
) -> None:
    with ZipFile(kept) as archive:
        members = json.loads(archive.read("manifest.json"))["members"]
    bad = {"name": "files/../../evil", "size": 0, "sha256": sha256(b"").hexdigest()}
    hostile = _with_manifest(kept, tmp_path / "hostile.zip", members=[*members, bad])
    with ZipFile(hostile, "a") as archive:
        archive.writestr("files/../../evil", "")
    with pytest.raises(Invalid), restored(settings, hostile, empty_database, tmp_path / "other"):
        pass
    assert not (tmp_path / "evil").exists()


@into_sqlite
def test_an_older_backup_is_brought_to_this_version(
    settings: Settings, app: Flask, empty_database: str, tmp_path: Path
) -> None:
    older = replace(settings, data_dir=tmp_path / "old", database_url=f"sqlite:///{tmp_path}/old.sqlite3")
    migrating.upgrade(older.database, "0001")
    (tmp_path / "old").mkdir()
    backup.create(older, tmp_path / "kept.zip", quietly)
    with restored(settings, tmp_path / "kept.zip", empty_database, tmp_path / "other"):
        assert db.session.scalar(text("SELECT version_num FROM alembic_version")) == migrating.newest()
        assert make_person().pinyin


def test_the_worker_makes_one_backup_a_day_and_keeps_the_last(
    stamped: Flask, settings: Settings, tmp_path: Path
) -> None:
    daily = replace(settings, backup_dir=str(tmp_path / "daily"), backup_keep=2)
    begin = datetime(2026, 9, 1, 22, 17, tzinfo=SCHOOL_ZONE)
    for hours in (0, 1, 24, 25, 48):
        with travel_to(begin + timedelta(hours=hours)):
            backup.make_daily(daily, quietly)
    assert sorted(file.name for file in (tmp_path / "daily").iterdir()) == [
        "tongke-20260902-2217.zip",
        "tongke-20260903-2217.zip",
    ]
