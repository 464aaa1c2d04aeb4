"""An installation in one file, made while people go on working, from which another one can be restored.

The file is a zip: `database.sqlite3` (whichever database it came from, see `web.database_copies`), `files/…` as in the data
folder, and `manifest.json` with the version, the settings without secrets, and the SHA-256 of every other member.
"""

import hashlib
import json
import os
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Final
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from flask_babel import gettext
from sqlalchemy.engine import make_url

from foundation.backups import RECORD, LastBackup, remember_backup
from foundation.clock import SCHOOL_ZONE, now
from foundation.config import VERSION, Settings
from foundation.disk import sync_folder
from foundation.errors import Conflict, Invalid
from web import database_copies, migrating, processes

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
DATABASE: Final = "database.sqlite3"
FILES: Final = "files/"
NOT_KEPT: Final = ("*.lock", "*.heartbeat", "*.sqlite3*", "*.draft", "secret_key", RECORD)
"""What a running installation makes anew, the database, which is copied otherwise, and the secret."""
MADE_ANEW: Final = "search"
"""The folder of the index, which the worker makes from the database."""
SECRET_WORDS: Final = ("secret", "password", "token", "key")
DAILY: Final = "tongke-%Y%m%d-%H%M.zip"
DAILY_AFTER: Final = timedelta(hours=23, minutes=30)
CHUNK: Final = 1024 * 1024

Tell = Callable[[int, int, str], None]
"""Tells how far it has come: bytes done, bytes in all, what is being done in words."""


@dataclass(frozen=True)
class Member:
    """A member of a backup, as its manifest names it."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself."""

    version: str
    made_at: datetime
    migration: str
    members: tuple[Member, ...]


def create(settings: Settings, file: Path, tell: Tell) -> LastBackup:
    """Back the installation up into the new `file`, read it back, and remember it as the last good one.

    The database is copied first, as of one moment: files that it names are never removed at once, and files that came
    later do no harm. `file` appears when all is well, or not at all. Raises Conflict when it is there already.
    """
    if file.exists():
        raise Conflict(gettext("文件 %(file)s 已存在，备份需要一个新的文件名。", file=file))
    file.parent.mkdir(parents=True, exist_ok=True)
    made_at = now()
    with tempfile.TemporaryDirectory(prefix=".tongke-", dir=file.parent) as scratch:
        copy, draft = Path(scratch, DATABASE), Path(scratch, "draft.zip")
        tell(0, 0, gettext("正在复制数据库……"))
        migration = _copy_database(settings, copy)
        sources = [(copy, DATABASE), *_files(settings)]
        descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        with os.fdopen(descriptor, "w+b") as written:
            with ZipFile(written, "w") as archive:
                members = list(_add_all(archive, sources, tell))
                _write_manifest(archive, settings, made_at, migration, members)
            written.flush()
            os.fsync(written.fileno())
        with _opened(draft) as archive:
            _verify(archive, _manifest(archive), tell)
        draft.rename(file)
    _sync(file.parent)
    made = LastBackup(made_at, file.name, file.stat().st_size)
    remember_backup(settings, made)
    return made


def restore(settings: Settings, file: Path, tell: Tell) -> Manifest:
    """Put what `file` holds into an installation that nobody has used yet, and bring it to this version.

    Every checksum is looked at first. Raises Invalid for what is not a whole backup, Conflict when the installation is in
    use or the backup comes from a later version; then nothing has changed.
    """
    with _opened(file) as archive:
        manifest = _manifest(archive)
        if manifest.migration > migrating.newest():
            raise Conflict(
                gettext("这份备份来自更新的版本（%(version)s），请先更新程序再恢复。", version=manifest.version)
            )
        with processes.only_one(settings):
            _must_be_empty(settings, manifest)
            _verify(archive, manifest, tell)
            _put_in_place(settings, archive, manifest, tell)
    return manifest


def make_daily(settings: Settings, tell: Tell) -> None:
    """Make the backup of the day in `BACKUP_DIR` unless there is one, and keep the last `BACKUP_KEEP` of them."""
    folder = Path(settings.backup_dir)
    made = _daily_backups(folder)
    if made and now() - made[-1][0] < DAILY_AFTER:
        return
    create(settings, folder / now().astimezone(SCHOOL_ZONE).strftime(DAILY), tell)
    for _, old in _daily_backups(folder)[: -max(1, settings.backup_keep)]:
        old.unlink(missing_ok=True)


def _daily_backups(folder: Path) -> list[tuple[datetime, Path]]:
    """The backups that `make_daily` made, the oldest first."""
    found = []
    for file in folder.glob("tongke-*.zip"):
        with suppress(ValueError):
            found.append((datetime.strptime(file.name, DAILY).replace(tzinfo=SCHOOL_ZONE), file))
    return sorted(found)


# Writing.


def _copy_database(settings: Settings, copy: Path) -> str:
    """Copy the database and see that the copy is whole; the number of its last migration."""
    try:
        database_copies.copy_out(settings.database, copy)
        database_copies.check(copy)
        return database_copies.version_of(copy)
    except database_copies.Damaged:
        raise Conflict(gettext("没有可备份的数据库：还没有建立，或者已经损坏。")) from None


def _files(settings: Settings) -> Iterator[tuple[Path, str]]:
    """The files of the data folder that are kept, with their names in the backup."""
    left_out = {(settings.data_dir / MADE_ANEW).resolve()}
    if settings.backup_dir:
        left_out.add(Path(settings.backup_dir).resolve())
    for folder, folders, names in os.walk(settings.data_dir):
        here = Path(folder)
        folders[:] = sorted(
            name for name in folders if not name.startswith(".tongke-") and (here / name).resolve() not in left_out
        )
        for name in sorted(names):
            file = here / name
            if not any(fnmatch(name, pattern) for pattern in NOT_KEPT) and file.is_file() and not file.is_symlink():
                yield file, FILES + file.relative_to(settings.data_dir).as_posix()


def _add_all(archive: ZipFile, sources: list[tuple[Path, str]], tell: Tell) -> Iterator[Member]:
    sizes = [_size(file) for file, _ in sources]
    done, total = 0, sum(sizes)
    for (file, name), size in zip(sources, sizes, strict=True):
        tell(done, total, gettext("正在打包数据库和文件……"))
        with suppress(FileNotFoundError), file.open("rb") as source:  # one may be removed meanwhile
            yield _add(archive, source, name)
        done += size


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0


def _add(archive: ZipFile, source: BinaryIO, name: str) -> Member:
    entry = ZipInfo(name, now().astimezone(SCHOOL_ZONE).timetuple()[:6])
    entry.compress_type = ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    digest, size = hashlib.sha256(), 0
    with archive.open(entry, "w", force_zip64=True) as member:
        while data := source.read(CHUNK):
            digest.update(data)
            size += len(data)
            member.write(data)
    return Member(name, size, digest.hexdigest())


def _write_manifest(
    archive: ZipFile, settings: Settings, made_at: datetime, migration: str, members: list[Member]
) -> None:
    told = {
        "product": "tongke",
        "format": FORMAT,
        "version": VERSION,
        "made_at": made_at.isoformat(),
        "migration": migration,
        "settings": _without_secrets(settings),
        "members": [asdict(member) for member in members],
    }
    archive.writestr(MANIFEST, json.dumps(told, ensure_ascii=False, indent=1), ZIP_DEFLATED)


def _without_secrets(settings: Settings) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for setting in fields(settings):
        value = getattr(settings, setting.name)
        if any(word in setting.name for word in SECRET_WORDS):
            continue
        if isinstance(value, str) and "://" in value:
            value = make_url(value).set(query={}).render_as_string(hide_password=True)
        kept[setting.name.upper()] = str(value) if isinstance(value, Path) else value
    return kept


# Reading.


def _broken() -> Invalid:
    return Invalid(gettext("这份备份不完整或已损坏，没有恢复任何内容。请换一份备份再试。"))


def _foreign() -> Invalid:
    return Invalid(gettext("这个文件不是同课的备份。"))


@contextmanager
def _opened(file: Path) -> Iterator[ZipFile]:
    """The backup in `file`; what goes wrong while it is read is told in a sentence."""
    try:
        with file.open("rb") as begun:
            looks_like_zip = begun.read(2) == b"PK"
        with ZipFile(file) as archive:
            yield archive
    except (FileNotFoundError, IsADirectoryError):
        raise Invalid(gettext("没有找到备份文件 %(file)s。", file=file)) from None
    except BadZipFile:
        raise (_broken() if looks_like_zip else _foreign()) from None
    except (zlib.error, EOFError, NotImplementedError, RuntimeError, database_copies.Damaged):
        raise _broken() from None


def _manifest(archive: ZipFile) -> Manifest:
    try:
        told = json.loads(archive.read(MANIFEST))
        if told["product"] != "tongke":
            raise _foreign()
        if told["format"] > FORMAT:
            raise Conflict(
                gettext("这份备份来自更新的版本（%(version)s），请先更新程序再恢复。", version=told["version"])
            )
        members = tuple(Member(**member) for member in told["members"])
        if not all(_is_safe(member.name) for member in members):
            raise _broken()
        return Manifest(told["version"], datetime.fromisoformat(told["made_at"]), told["migration"], members)
    except (KeyError, ValueError, TypeError):
        raise _foreign() from None


def _verify(archive: ZipFile, manifest: Manifest, tell: Tell) -> None:
    names = [member.name for member in manifest.members]
    if sorted([*names, MANIFEST]) != sorted(archive.namelist()) or DATABASE not in names:
        raise _broken()
    done, total = 0, sum(member.size for member in manifest.members)
    for member in manifest.members:
        tell(done, total, gettext("正在核对每个文件的校验值……"))
        digest, size = hashlib.sha256(), 0
        with archive.open(member.name) as opened:
            while size <= member.size and (data := opened.read(CHUNK)):
                digest.update(data)
                size += len(data)
        if (size, digest.hexdigest()) != (member.size, member.sha256):
            raise _broken()
        done += member.size


def _is_safe(name: str) -> bool:
    path = PurePosixPath(name)
    return name == DATABASE or (name.startswith(FILES) and ".." not in path.parts and str(path) == name)


def _must_be_empty(settings: Settings, manifest: Manifest) -> None:
    file = database_copies.file_of(settings.database)
    used = (file is None or file.exists()) and not database_copies.is_empty(settings.database)
    tops = {_target(settings, member.name) for member in manifest.members if member.name != DATABASE}
    if used or any(top.exists() for top in tops):
        raise Conflict(
            gettext(
                "这里已经有数据。备份只能恢复到空的系统里：请另选一个空的 DATA_DIR（使用 PostgreSQL 时再加一个空的数据库）。"
            )
        )


def _target(settings: Settings, name: str) -> Path:
    """The folder or file directly in the data folder under which a member lies."""
    return settings.data_dir / PurePosixPath(name).parts[1]


def _put_in_place(settings: Settings, archive: ZipFile, manifest: Manifest, tell: Tell) -> None:
    """Unpack beside the place, then move: the database last, for an installation is empty until it has one."""
    file = database_copies.file_of(settings.database)
    beside = file.parent if file else settings.data_dir
    done, total = 0, sum(member.size for member in manifest.members)
    with (
        tempfile.TemporaryDirectory(prefix=".tongke-", dir=settings.data_dir) as scratch,
        tempfile.TemporaryDirectory(prefix=".tongke-", dir=beside) as database_scratch,
    ):
        for member in manifest.members:
            tell(done, total, gettext("正在恢复文件……"))
            place = Path(database_scratch if member.name == DATABASE else scratch, member.name)
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with archive.open(member.name) as opened, place.open("xb") as written:
                shutil.copyfileobj(opened, written, CHUNK)
                written.flush()
                os.fsync(written.fileno())
            done += member.size
        copy = Path(database_scratch, DATABASE)
        database_copies.check(copy)
        unpacked = Path(scratch, FILES)
        for top in sorted(unpacked.iterdir()) if unpacked.is_dir() else ():
            top.rename(settings.data_dir / top.name)
        tell(0, 0, gettext("正在恢复数据库……"))
        database_copies.copy_in(copy, settings.database)
    _sync(settings.data_dir)


def _sync(folder: Path) -> None:
    with suppress(OSError):  # a network drive may not know how
        sync_folder(folder)
