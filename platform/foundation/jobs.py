"""Long jobs: asked for on a page, done by the worker, watched on their own page, and left alone meanwhile.

A job is a row, written in the transaction that asks for it, and a folder `jobs/<code>` in the data folder for the files it
reads and writes. How far it has come stands in a file of that folder, not in the row: the work itself may be one long
transaction, and SQLite has one writer at a time. A job whose worker died is done again from the beginning, so what it does must
either be one transaction or bear repeating.
"""

import enum
import json
import logging
import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from shutil import rmtree
from typing import Any

from flask import Flask, current_app
from flask_babel import force_locale, gettext
from sqlalchemy import JSON, String, select, update
from sqlalchemy.orm import Mapped, mapped_column

from foundation.beats import LOST_AFTER, beating, beats
from foundation.clock import now
from foundation.codes import new_code
from foundation.config import Settings
from foundation.database import Base, commit, db, named, writing
from foundation.errors import Refusal

log = logging.getLogger(__name__)

MOST_ATTEMPTS = 2
PROGRESS = "progress.json"


class JobState(enum.StrEnum):
    """What has become of a job."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Job(Base):
    """A long job. `asked` is what it was given, `outcome` what it ended with, `sentence` why it failed."""

    __tablename__ = "job"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(10), unique=True)
    kind: Mapped[str] = mapped_column(String(40))
    person_id: Mapped[int | None] = mapped_column(index=True, default=None)
    language: Mapped[str] = mapped_column(String(10), default="")
    state: Mapped[JobState] = mapped_column(named(JobState), default=JobState.WAITING, index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    asked: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    outcome: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    sentence: Mapped[str] = mapped_column(String(600), default="")
    made_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None] = mapped_column(default=None, index=True)

    @property
    def ended(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state in (JobState.DONE, JobState.FAILED)


@dataclass(frozen=True)
class Progress:
    """How far a job has come: `done` of `total` (0: not known), and what it is doing in words."""

    done: int = 0
    total: int = 0
    doing: str = ""

    @property
    def percent(self) -> int | None:
        """Whole percent, None when the total is not known."""
        return min(100, 100 * self.done // self.total) if self.total else None


Tell = Callable[[int, int, str], None]
"""Tells how far a job has come: done, total, what it is doing in words. May be called often."""
Work = Callable[[Job, Tell], dict[str, Any]]

_work_of: dict[str, Work] = {}


def job(kind: str) -> Callable[[Work], Work]:
    """Decorate the function that does jobs of `kind`.

    It is called in the worker with the job and a function that tells how far it has come, inside a context that may
    write; what it returns is kept as the outcome. A Refusal ends the job with its sentence.
    """

    def add(work: Work) -> Work:
        _work_of[kind] = work
        return work

    return add


def new_job(kind: str, person_id: int | None, language: str, **asked: Any) -> Job:
    """A job for the worker, in the caller's unit of work: it begins once the caller has committed."""
    asked_for = Job(code=new_code(10), kind=kind, person_id=person_id, language=language, asked=asked)
    db.session.add(asked_for)
    folder_of(asked_for).mkdir(parents=True, mode=0o700)
    return asked_for


def folder_of(of: Job) -> Path:
    """The folder of a job's files."""
    settings: Settings = current_app.config["SETTINGS"]
    return settings.data_dir / "jobs" / of.code


def progress_of(of: Job) -> Progress:
    """How far a job has come; nothing before it has begun."""
    try:
        return Progress(**json.loads((folder_of(of) / PROGRESS).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return Progress()


def do_waiting_jobs() -> int:
    """Do the jobs that wait and those that lost their worker, one after the other; how many were done."""
    done = 0
    while (claimed := _claim()) is not None:
        _do(claimed)
        done += 1
    return done


def keep_doing_jobs(app: Flask, stop: threading.Event, every: float = 0.5) -> None:
    """Do jobs as they come until `stop` is set; what goes wrong is logged and does not end it."""
    while not stop.wait(every):
        try:
            with app.app_context():
                if _unended():
                    with writing():
                        do_waiting_jobs()
        except Exception:
            log.exception("jobs cannot be done at present")
            stop.wait(10)


def forget_old_jobs(before: datetime) -> None:
    """Delete jobs that ended before the moment `before`, with their files."""
    for old in db.session.scalars(select(Job).where(Job.ended_at < before)):
        rmtree(folder_of(old), ignore_errors=True)
        db.session.delete(old)
    commit()


def _unended() -> Sequence[Job]:
    """The jobs that wait or are being done; asked often, so outside `writing()`: it must not take the write lock."""
    unended = select(Job).where(Job.state.in_((JobState.WAITING, JobState.RUNNING))).order_by(Job.id)
    found = db.session.scalars(unended).all()
    db.session.rollback()
    return found


def _claim() -> Job | None:
    for each in _unended():
        if each.state is JobState.RUNNING and not _lost(each):
            continue
        claimed = db.session.execute(
            update(Job)
            .where(Job.id == each.id, Job.state == each.state, Job.attempts == each.attempts)
            .values(state=JobState.RUNNING, attempts=each.attempts + 1)
        )
        _tell(folder_of(each), Progress())
        commit()
        if claimed.rowcount:  # type: ignore[attr-defined]  # an UPDATE counts its rows
            return each
    return None


def _lost(of: Job) -> bool:
    alive = beats(folder_of(of) / PROGRESS)
    return now() - of.made_at > timedelta(seconds=LOST_AFTER) if alive is None else not alive


def _do(claimed: Job) -> None:
    job_id, folder = claimed.id, folder_of(claimed)  # asked once: telling must not open a transaction
    with force_locale(claimed.language or "zh_Hans"):
        try:
            if claimed.attempts > MOST_ATTEMPTS:
                raise Refusal(gettext("这项工作两次中途停下，没有做完。请再试一次；如果还是这样，请联系管理员。"))
            with beating(folder / PROGRESS):
                outcome = _work_of[claimed.kind](claimed, lambda *told: _tell(folder, Progress(*told)))
            _end(job_id, JobState.DONE, outcome=outcome)
        except Refusal as refusal:
            _end(job_id, JobState.FAILED, sentence=refusal.message)
        except Exception:
            log.exception("a job failed", extra={"job": job_id})
            _end(job_id, JobState.FAILED, sentence=gettext("出了意外的错误，没有做完，已经记录下来。请再试一次。"))


def _end(job_id: int, state: JobState, **values: Any) -> None:
    db.session.rollback()
    ended = db.session.get_one(Job, job_id)
    ended.state = state
    ended.ended_at = now()
    for name, value in values.items():
        setattr(ended, name, value)
    commit()


def _tell(folder: Path, progress: Progress) -> None:
    file = folder / PROGRESS
    draft = file.with_suffix(".draft")
    draft.write_text(json.dumps(progress.__dict__), encoding="utf-8")
    os.replace(draft, file)
