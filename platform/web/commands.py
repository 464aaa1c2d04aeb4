"""The command line: `python app.py` serves, with `worker` and `migrate`; `flask --app app backup` keeps and restores."""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app
from flask_babel import force_locale, gettext
from sqlalchemy.exc import OperationalError

from foundation.clock import SCHOOL_ZONE
from foundation.config import Settings
from foundation.errors import Conflict, Refusal
from library.storage import the_store
from library.storage.base import StoreFailed
from schools.queries import any_group
from search import indexing, loading
from search.service import the_index
from web import backup, demo, logs, migrating, processes
from web.filters import filesize
from web.language import CHINESE, ENGLISH

CreateApp = Callable[[Settings], Flask]
CreateAsgi = Callable[[Flask], Any]


def run(create_app: CreateApp, create_asgi: CreateAsgi, arguments: list[str] | None = None) -> int:
    """Do what the command line asks; the exit code. What goes wrong is told in a sentence, not a traceback."""
    asked = _parser().parse_args(arguments)
    try:
        settings = Settings.from_environment()
        logs.set_up(settings.log_level)
    except ValueError as problem:
        return _tell(str(problem))
    app = create_app(settings)
    try:
        asked.command(app, create_asgi, asked)
    except KeyboardInterrupt:
        return 130
    except Exception as problem:
        with _words(app):
            reason = _reason(problem, settings)
        if reason is None:
            raise
        return _tell(reason)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python app.py", description="Without a command: web and worker together.")
    parser.set_defaults(command=serve)
    parser.add_argument("--migrate", action="store_true", help="bring the database to this version first")
    commands = parser.add_subparsers(metavar="command")
    worker = commands.add_parser("worker", help="only the worker, for an installation whose web runs otherwise")
    worker.add_argument("--until-stdin-ends", action="store_true", help="end with the process that feeds stdin")
    worker.set_defaults(command=work)
    commands.add_parser("migrate", help="bring the database to this version").set_defaults(command=migrate)
    return parser


def serve(app: Flask, create_asgi: CreateAsgi, asked: argparse.Namespace) -> None:
    """Serve pages and sockets, and keep a worker running."""

    def ready(address: str) -> None:
        with _words(app):
            print(gettext("同课已启动：%(address)s（按 Ctrl-C 停止）", address=address), flush=True)

    if asked.migrate:
        migrating.migrate(app)
    migrating.make_ready(app)
    settings: Settings = app.config["SETTINGS"]
    if settings.demo:
        _make_demo(app)
    processes.serve(settings, lambda: create_asgi(app), ready)


def _make_demo(app: Flask) -> None:
    """Fill an installation that nobody has used yet with the demo group, and say who can sign in."""
    with _words(app):
        if not any_group():
            demo.print_accounts(demo.make_demo())


def work(app: Flask, create_asgi: CreateAsgi, asked: argparse.Namespace) -> None:
    """Be the worker."""
    from web import jobs  # only here: the web has no use for huey

    if asked.until_stdin_ends:
        processes.end_with_stdin()
    jobs.work(app)


def migrate(app: Flask, create_asgi: CreateAsgi, asked: argparse.Namespace) -> None:
    """Migrate the database."""
    migrating.migrate(app)


@click.group("backup")
def backups() -> None:
    """Keep everything in one file, and restore it."""


@backups.command("create")
@click.argument("file", type=click.Path(path_type=Path))
def create_backup(file: Path) -> None:
    """Back everything up into FILE, also while people work."""
    app = current_app
    with _sentences(app):
        made = backup.create(app.config["SETTINGS"], file, _Progress())
        click.echo(gettext("已备份到 %(file)s（%(size)s）。", file=file.resolve(), size=filesize(made.size)))
        click.echo(gettext("密钥（SECRET_KEY 或数据文件夹里的 secret_key）不在备份里，请另外妥善保存。"))


@backups.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
def restore_backup(file: Path) -> None:
    """Restore FILE into an installation that nobody has used yet."""
    app = current_app
    with _sentences(app):
        kept = backup.restore(app.config["SETTINGS"], file, _Progress())
        made = kept.made_at.astimezone(SCHOOL_ZONE).strftime("%Y-%m-%d %H:%M")
        click.echo(gettext("已恢复到 %(made)s 时的样子，可以启动了。", made=made))
        click.echo(
            gettext("如果没有放回原来的密钥，大家需要重新登录，开启了两步登录的管理员要用恢复码登录后重新设置。")
        )


@click.group("storage")
def storages() -> None:
    """The place for files."""


@storages.command("set-up")
@click.argument("address", nargs=-1, required=True)
def set_up_storage(address: tuple[str, ...]) -> None:
    """Make the bucket of the settings if it is not there, and let pages served at ADDRESS … send files to it."""
    app = current_app
    with _sentences(app):
        from library.storage.s3 import S3FileStore  # only here: boto3 takes half a second to load

        store = the_store()
        if not isinstance(store, S3FileStore):
            raise Refusal(gettext("没有设置 STORAGE_BUCKET，文件放在数据文件夹里，不需要准备。"))
        allowed = store.make_bucket([each.rstrip("/") for each in address])
        click.echo(gettext("存储桶已就绪。"))
        if not allowed:
            click.echo(
                gettext(
                    "这个存储不让程序设置跨域访问（CORS），请在它的控制台里允许 %(address)s 的 GET 和 PUT。",
                    address="、".join(address),
                )
            )


@click.group("search")
def searches() -> None:
    """Look after the index of the search."""


@searches.command("rebuild")
def rebuild_search() -> None:
    """Make the index anew from the database; the old one answers until it is done."""
    with _sentences(current_app), click.progressbar(length=0, label=gettext("正在重建搜索索引")) as bar:

        def tell(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        count = indexing.rebuild(tell)
    click.echo(gettext("搜索索引已重建，共 %(count)d 项。", count=count))


@searches.command("check")
def check_search() -> None:
    """Compare the index with the database; the worker then repairs what differs."""
    with _sentences(current_app):
        if not the_index().index.usable():
            raise Conflict(gettext("还没有搜索索引，请先运行 flask --app app search rebuild。"))
        count = indexing.repair()
        click.echo(gettext("索引与数据库有 %(count)d 项不一致，后台程序会重新索引。", count=count))


@searches.command("load-corpus")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--limit", type=click.IntRange(min=1), help="take only so many documents")
@click.option("--group", default="", help="name of the new group; needed where people use the installation already")
@click.option("--password", default="", help="with which all authors can sign in, by t0000, t0001 …")
def load_corpus(file: Path, limit: int | None, group: str, password: str) -> None:
    """Put the documents of FILE in as resources of a new group, for big trials, and make the index anew."""
    with _sentences(current_app):
        tell = _Progress()
        count = loading.load_corpus(
            file, limit, group, password, lambda done: tell(done, limit or 0, gettext("正在写入数据库"))
        )
        click.echo(gettext("已写入 %(count)d 份资源，正在建立索引。", count=count))
        indexing.rebuild(lambda done, total: tell(done, total, gettext("正在建立索引")))
        click.echo(gettext("完成，可以搜索了。"))


class _Progress:
    """Tells in the terminal what is being done: a line for each thing, and how far it is where that is looked at."""

    def __init__(self) -> None:
        self._doing = ""
        self._percent = -1

    def __call__(self, done: int, total: int, doing: str) -> None:
        if doing != self._doing:
            self._doing, self._percent = doing, -1
            click.echo(doing, err=True)
        percent = 100 * done // total if total else 0
        if total and percent >= self._percent + 10 and sys.stderr.isatty():
            self._percent = percent
            click.echo(f"  {percent} %", err=True)


@contextmanager
def _sentences(app: Flask) -> Iterator[None]:
    """Commands of `flask` speak the language of the terminal, and end with a sentence where the product knows one."""
    with _words(app):
        try:
            yield
        except Exception as problem:
            reason = _reason(problem, app.config["SETTINGS"])
            if reason is None:
                raise
            raise click.ClickException(reason) from None


def _reason(problem: Exception, settings: Settings) -> str | None:
    """What to tell when a command ends with `problem`; None for what nobody foresaw."""
    where = f"{settings.host}:{settings.port}"
    match problem:
        case processes.PortInUse():
            return gettext("%(where)s 已被别的程序占用。请先停止它，或用 PORT 换一个端口。", where=where)
        case processes.PortNotAllowed():
            return gettext("没有权限使用 %(where)s。1024 以下的端口归系统管理员，请用 PORT 换一个端口。", where=where)
        case processes.NoSuchAddress():
            return gettext("本机没有 %(host)s 这个地址，请检查 HOST。", host=settings.host)
        case processes.AlreadyRunning():
            return gettext("已有一个同课正在使用数据文件夹 %(folder)s。", folder=settings.data_dir.resolve())
        case migrating.TooOld():
            return gettext("数据库还是旧版本的。请先备份，再运行 make migrate。")
        case migrating.TooNew():
            return gettext("数据库来自更新的版本，这个版本的同课不能使用它。请更新程序。")
        case Refusal():
            return problem.message
    return _reason_outside(problem)


def _reason_outside(problem: Exception) -> str | None:
    """The same for what the product stands on: the store of files, the database, the disk."""
    match problem:
        case StoreFailed():
            return gettext("文件存储没有回应或拒绝了请求：%(reason)s", reason=problem)
        case OperationalError():
            return gettext("无法连接数据库：%(reason)s", reason=problem.orig)
        case OSError() if problem.filename:
            return gettext("无法读写 %(file)s：%(reason)s", file=problem.filename, reason=problem.strerror)
    return None


def _tell(reason: str) -> int:
    print(reason, file=sys.stderr)
    return 1


@contextmanager
def _words(app: Flask) -> Iterator[None]:
    """Sentences inside are in the language of the terminal."""
    asked = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    language = CHINESE if asked.startswith("zh") else ENGLISH
    with app.app_context(), force_locale(language.code):
        yield
