"""What is printed on slips and cards, kept sealed in the folder of the job that made it, for a day at most."""

import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import select

from foundation.clock import now
from foundation.database import db
from foundation.jobs import Job, JobState, folder_of
from schools.models import Person
from schools.sealing import seal, unseal

KEPT_FOR: Final = timedelta(hours=24)
FILE: Final = "papers.sealed"
PASSWORD_SLIPS: Final = "password_slips"  # noqa: S105  # the name of a kind of job
PUPIL_CARDS: Final = "pupil_cards"


@dataclass(frozen=True)
class Paper:
    """One slip or card: whose it is, where, their number or seat, and the secret."""

    name: str
    place: str
    number: str
    secret: str


def keep(folder: Path, papers: list[Paper]) -> None:
    """Write `papers` into the folder of their job."""
    text = json.dumps([[each.name, each.place, each.number, each.secret] for each in papers], ensure_ascii=False)
    draft = folder / f"{FILE}.draft"
    draft.touch(mode=0o600)
    draft.write_text(seal(text), encoding="ascii")
    draft.replace(folder / FILE)


def papers_of(job: Job) -> list[Paper] | None:
    """The papers that a job made; None once they were destroyed or a day has passed."""
    file = folder_of(job) / FILE
    if job.state is not JobState.DONE or job.ended_at is None or now() - job.ended_at > KEPT_FOR or not file.is_file():
        return None
    text = unseal(file.read_text(encoding="ascii"))
    return [Paper(*each) for each in json.loads(text)] if text else None


def destroy(job: Job) -> None:
    """Forget the papers of a job."""
    (folder_of(job) / FILE).unlink(missing_ok=True)


def destroy_old() -> None:
    """Forget all papers made more than a day ago, and those of jobs that came to nothing."""
    kinds = Job.kind.in_((PASSWORD_SLIPS, PUPIL_CARDS))
    for job in db.session.scalars(select(Job).where(kinds, Job.ended_at.is_not(None))):
        if job.state is JobState.FAILED or (job.ended_at and now() - job.ended_at > KEPT_FOR):
            destroy(job)


def waiting_for(person: Person, kind: str) -> list[Job]:
    """The jobs of `kind` whose papers `person` has not destroyed yet, the latest first."""
    jobs = db.session.scalars(
        select(Job)
        .where(
            Job.person_id == person.id,
            Job.kind == kind,
            Job.state == JobState.DONE,
            Job.ended_at > now() - KEPT_FOR,
        )
        .order_by(Job.id.desc())
        .limit(50)
    )
    return [job for job in jobs if (folder_of(job) / FILE).is_file()]
