import errno
import io
import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from app import create_app, create_asgi
from foundation.config import Settings
from library.storage.s3 import Bucket, S3FileStore
from tests.stores import free_port, s3_store
from web import commands

Run = Callable[..., int]


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """The command line, in a folder of its own, with settings of the test's own; the exit code."""
    monkeypatch.chdir(settings.data_dir)
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str, **environment: str) -> int:
        given = {"DATA_DIR": str(settings.data_dir), "LANG": "C.UTF-8", "DATABASE_URL": "", **environment}
        for name, value in given.items():
            monkeypatch.setenv(name, value)
        return commands.run(create_app, create_asgi, list(arguments))

    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield run
    root.handlers[:] = handlers
    root.setLevel(level)


def test_a_port_in_use_is_told_in_a_sentence(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = str(taken.getsockname()[1])
        assert run(PORT=port) == 1
    assert port in capsys.readouterr().err


def test_a_port_of_the_administrator_is_told_in_a_sentence(
    run: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*given: object, **more: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")  # the tests may run as root, who may use every port

    monkeypatch.setattr(socket, "create_server", refuse)
    assert run(PORT="80") == 1
    assert "1024" in capsys.readouterr().err


def test_sentences_are_chinese_in_a_chinese_terminal(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        run(PORT=str(taken.getsockname()[1]), LANG="zh_CN.UTF-8")
    assert "已被别的程序占用" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "eighty"), ("LOG_LEVEL", "LOUD"), ("DEMO", "maybe"), ("HOST", "192.0.2.1")]
)
def test_a_setting_that_cannot_be_used_is_named(
    run: Run, capsys: pytest.CaptureFixture[str], name: str, value: str
) -> None:
    assert run(**{name: value}) == 1
    assert name in capsys.readouterr().err


def test_a_database_that_does_not_answer_is_told_in_a_sentence(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing") == 1
    assert "127.0.0.1" in capsys.readouterr().err


def test_migrating_makes_the_tables_of_an_empty_installation(run: Run, settings: Settings) -> None:
    assert run("migrate") == 0
    assert (settings.data_dir / "tongke.sqlite3").exists()


def test_what_nobody_foresaw_is_shown_whole(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*given: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("web.migrating.migrate", fail)
    with pytest.raises(ZeroDivisionError):
        run("migrate")


def test_a_bucket_is_set_up_by_a_command(app: Flask, tmp_path: Path) -> None:
    with s3_store(tmp_path) as store:
        fresh = S3FileStore(replace(store._bucket, name="fresh"))
        app.extensions["library.store"] = fresh
        told = app.test_cli_runner().invoke(args=["storage", "set-up", "https://tongke.example.cn"])
        assert (told.exit_code, "ready" in told.output) == (0, True)
        fresh.put("aa/first", io.BytesIO(b"1"))
        assert fresh.size("aa/first") == 1


def test_a_bucket_that_does_not_answer_is_told_in_a_sentence(app: Flask) -> None:
    app.extensions["library.store"] = S3FileStore(Bucket("tongke", f"http://127.0.0.1:{free_port()}", "key", "secret"))
    told = app.test_cli_runner().invoke(args=["storage", "set-up", "https://tongke.example.cn"])
    assert told.exit_code == 1
    assert told.output.startswith("Error: The file store does not answer")


def test_without_a_bucket_the_command_says_that_nothing_is_to_be_done(app: Flask) -> None:
    told = app.test_cli_runner().invoke(args=["storage", "set-up", "https://tongke.example.cn"])
    assert told.exit_code == 1
    assert "STORAGE_BUCKET" in told.output
