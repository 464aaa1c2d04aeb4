"""Who may open Manage and its jobs."""

from flask import g
from sqlalchemy import select

from foundation.database import db
from foundation.errors import NotFound
from foundation.jobs import Job
from manage.navigation import may_manage
from schools.access import Standing, standing_of
from schools.models import Person


def managing(person: Person) -> Standing:
    """The standing of somebody who has something to manage; raises NotFound for others."""
    standing = standing_of(person)
    if not may_manage(standing):
        raise NotFound
    g.managing = standing
    return standing


def managing_already(person: Person) -> Standing:
    """The same for the frame of the page, which is made after the page has asked."""
    standing: Standing | None = g.get("managing")
    return standing or standing_of(person)


def job_of(person: Person, code: str) -> Job:
    """The job that `person` asked for; raises NotFound."""
    job = db.session.scalar(select(Job).where(Job.code == code, Job.person_id == person.id))
    if job is None:
        raise NotFound
    return job
