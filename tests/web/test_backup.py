import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from foundation.config import Settings
from web import backup


@pytest.fixture
def running(tmp_path: Path) -> Settings:
    settings = Settings(data_dir=tmp_path / "data")
    (settings.data_dir / "originals").mkdir(parents=True)
    (settings.data_dir / "originals/a.docx").write_bytes(b"as it came")
    (settings.data_dir / "secret_key").write_text("secret")
    (settings.data_dir / "worker.heartbeat").touch()
    return settings


def test_a_backup_holds_what_was_committed_and_nothing_half_written(running: Settings, tmp_path: Path) -> None:
    file = running.data_dir / "tongke.sqlite3"
    with closing(sqlite3.connect(file, isolation_level=None)) as live:
        live.execute("PRAGMA journal_mode=WAL")
        live.execute("CREATE TABLE plan (title TEXT)")
        live.execute("INSERT INTO plan VALUES ('kept')")
        live.execute("BEGIN IMMEDIATE")
        live.execute("INSERT INTO plan VALUES ('half written')")
        backup.back_up(running, tmp_path / "copy")
    with closing(sqlite3.connect(tmp_path / "copy/tongke.sqlite3")) as copy:
        assert copy.execute("SELECT title FROM plan").fetchall() == [("kept",)]
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_backup_holds_files_and_secret_but_nothing_passing(running: Settings, tmp_path: Path) -> None:
    backup.back_up(running, tmp_path / "copy")
    assert (tmp_path / "copy/originals/a.docx").read_bytes() == b"as it came"
    assert (tmp_path / "copy/secret_key").read_text() == "secret"
    assert not (tmp_path / "copy/worker.heartbeat").exists()


def test_a_backup_is_closed_to_others(running: Settings, tmp_path: Path) -> None:
    backup.back_up(running, tmp_path / "copy")
    assert (tmp_path / "copy").stat().st_mode & 0o077 == 0


def test_a_backup_never_writes_over_another(running: Settings, tmp_path: Path) -> None:
    (tmp_path / "copy").mkdir()
    with pytest.raises(backup.FolderExists):
        backup.back_up(running, tmp_path / "copy")


def test_the_files_of_an_installation_on_postgresql_are_kept_too(running: Settings, tmp_path: Path) -> None:
    backup.back_up(replace(running, database_url="postgresql://tongke@/tongke"), tmp_path / "copy")
    assert (tmp_path / "copy/originals/a.docx").exists()
    assert not (tmp_path / "copy/tongke.sqlite3").exists()
