"""What the worker does with the parts of a recording: one film that seeks, with the steps as chapters, in the library.

Films are put together without being made anew, outside any transaction. A job that was cut short begins again with the same parts; they
are removed only when the film is in the library.
"""

import hashlib
import logging
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from flask import current_app
from flask_babel import format_date, gettext
from sqlalchemy import select

from foundation.apart import Broke, Limits, TookTooLong, run_apart
from foundation.codes import new_code
from foundation.config import Settings
from foundation.database import announce, commit, db
from foundation.jobs import Job, Tell, folder_of, job
from library.actions import ResourceChanged
from library.arriving import keep_version
from library.models import Resource, ResourceKind
from library.previewing import programs
from library.storage import the_store
from library.storage.base import NoSuchFile, StoreFailed, StoreFull, new_key
from live.models import LiveSession, Recording, RecordingPart, RecordingState, SessionEvent
from live.recording.seconds import opening_of, place_in_film
from live.resources import place_of

log = logging.getLogger(__name__)

JOB: Final = "join_recording"
PARTS_OF_A_TAKE: Final = 10_000
"""The number of a part is that of its take times this, and its place in it."""

_LIMITS: Final = Limits(seconds=3600, memory=4 * 2**30, output=8 * 2**30)
_QUIET: Final = ("-v", "error", "-nostdin", "-y", "-protocol_whitelist", "file")
_KINDS: Final = {
    "mp4": ("-movflags", "+faststart"),
    "webm": ("-cues_to_front", "1"),
}
"""What browsers record, and how the index of such a film comes to its front."""
_CHUNK: Final = 1 << 20


class NotJoined(Exception):
    """There will be no film, and why, in a sentence."""


@dataclass(frozen=True)
class _Take:
    """Parts of one recorder in their order."""

    second: float
    keys: tuple[str, ...]
    complete: bool


@dataclass(frozen=True)
class _Film:
    """What was made: a file, where its takes stand, and whether something is missing in it."""

    file: Path
    takes: list[dict[str, Any]]
    complete: bool


@job(JOB)
def join_recording(asked: Job, tell: Tell) -> dict[str, Any]:
    """Make a 课堂实录 of a recording that has ended."""
    recording = db.session.scalar(select(Recording).where(Recording.code == asked.asked["recording"]))
    if recording is None or recording.state is not RecordingState.JOINING:
        return {}
    recording_id, takes = recording.id, _takes(recording.parts)
    ending = "mp4" if "/mp4" in recording.media_type else "webm"
    folder = folder_of(asked) / "film"
    db.session.rollback()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        film = _join(takes, ending, folder, tell)
        key, sha256 = new_key(f".{ending}"), _sha256(film.file)
        with film.file.open("rb") as opened:
            the_store().put(key, opened, f"video/{ending}")
        _keep(recording_id, film, key, sha256)
    except NotJoined as why:
        _give_up(recording_id, str(why))
    except (Broke, TookTooLong) as fault:
        log.warning("a recording could not be joined: %s", fault)
        _give_up(recording_id, gettext("各段录像无法合成一个文件。分段都还在，可以再试一次。"))
    except (NoSuchFile, StoreFailed, StoreFull) as fault:
        log.warning("the file store failed while a recording was joined: %s", fault)
        _give_up(recording_id, gettext("文件存储没有应答，或者已经满了。分段都还在，可以再试一次。"))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return {}


def _takes(parts: Sequence[RecordingPart]) -> list[_Take]:
    takes = []
    for _, found in groupby(parts, lambda part: part.take):
        some = list(found)
        complete = [part.number % PARTS_OF_A_TAKE for part in some] == list(range(len(some)))
        if some[0].number % PARTS_OF_A_TAKE == 0:  # without its first part a film cannot be read
            takes.append(_Take(some[0].second, tuple(part.key for part in some), complete))
    return takes


def _join(takes: Sequence[_Take], ending: str, folder: Path, tell: Tell) -> _Film:
    program = programs.ffmpeg()
    if program is None:
        raise NotJoined(
            gettext("服务器上没有安装 ffmpeg，录像还没有合成；分段都留着，安装后可以再试。课堂记录可以照常回看。")
        )
    if not takes:
        raise NotJoined(gettext("没有收到可以播放的录像。课堂记录可以照常回看。"))
    files, placed, at = [], [], 0.0
    for number, take in enumerate(takes):
        tell(number, len(takes) + 1, gettext("正在合成第 %(number)d 段……", number=number + 1))
        file = folder / f"take{number}.{ending}"
        with (folder / "raw").open("wb") as raw:
            for key in take.keys:
                with the_store().open(key) as part:
                    shutil.copyfileobj(part, raw, _CHUNK)
        run_apart(
            [program, *_QUIET, "-i", "file:raw", "-map", "0", "-c", "copy", *_KINDS[ending], str(file)], folder, _LIMITS
        )
        looked_at = programs.look_at_film(file, folder)
        if looked_at is None or not looked_at.seconds:
            raise NotJoined(gettext("没有收到可以播放的录像。课堂记录可以照常回看。"))
        files.append(file)
        placed.append({"second": take.second, "at": at, "length": looked_at.seconds})
        at += looked_at.seconds
    joined = files[0] if len(files) == 1 else _one_after_the_other(program, files, ending, folder)
    return _Film(joined, placed, all(take.complete for take in takes))


def _one_after_the_other(program: str, files: Sequence[Path], ending: str, folder: Path) -> Path:
    listed, joined = folder / "takes.txt", folder / f"film.{ending}"
    listed.write_text("".join(f"file {file.name}\n" for file in files), encoding="utf-8")
    reading = ("-f", "concat", "-i", f"file:{listed}")
    run_apart([program, *_QUIET, *reading, "-map", "0", "-c", "copy", *_KINDS[ending], str(joined)], folder, _LIMITS)
    return joined


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _keep(recording_id: int, film: _Film, key: str, sha256: str) -> None:
    """Write it all down, then remove the parts."""
    recording = db.session.get_one(Recording, recording_id)
    session = recording.session
    resource = _resource(session)
    keep_version(
        resource,
        key=key,
        name=f"{resource.title}{film.file.suffix}",
        size=film.file.stat().st_size,
        sha256=sha256,
        media_type=f"video/{film.file.suffix.removeprefix('.')}",
        person_id=session.lead_id,
    )
    recording.resource_id = resource.id
    recording.state = RecordingState.READY
    recording.reason = "" if film.complete else gettext("有几秒钟没有传到服务器，录像里缺这一小段。")
    recording.takes, recording.chapters = film.takes, _chapters(session, film.takes)
    settings: Settings = current_app.config["SETTINGS"]
    recording.kept_until = session.day + timedelta(days=settings.recording_days)
    keys = [part.key for part in recording.parts]
    recording.parts.clear()
    announce(ResourceChanged(resource.id))
    commit()
    for part in keys:
        the_store().remove(part)


def _resource(session: LiveSession) -> Resource:
    day = format_date(session.day, "yyyy-MM-dd", rebase=False)
    return Resource(
        code=new_code(12),
        title=gettext("%(title)s（课堂实录 %(day)s）", title=session.title, day=day),
        kind=ResourceKind.RECORDING,
        owner_id=session.lead_id,
        **asdict(place_of(session, session.classrooms[0].campus_id)),
    )


def _chapters(session: LiveSession, takes: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The steps in the order in which they were held, each with its place in the film."""
    titles = {step["id"]: step["title"] for step in session.run_sheet.get("steps", [])}
    opening = opening_of(session.id)
    rows = db.session.execute(
        select(SessionEvent.at, SessionEvent.data)
        .where(SessionEvent.session_id == session.id, SessionEvent.kind == "step")
        .order_by(SessionEvent.seq)
    )
    chapters = []
    for at, data in rows:
        second = (at - opening).total_seconds()
        place = place_in_film(takes, second)
        step = str(data.get("step", ""))
        chapters.append({"second": second, "at": place, "step": step, "title": titles.get(step, "")})
    return chapters


def _give_up(recording_id: int, reason: str) -> None:
    db.session.rollback()
    recording = db.session.get_one(Recording, recording_id)
    recording.state, recording.reason = RecordingState.FAILED, reason[:200]
    commit()
