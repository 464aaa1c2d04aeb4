"""What a group may set otherwise than the settings of the installation: always stricter, never wider."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Final

from flask import current_app
from sqlalchemy import select

from foundation.config import Settings
from foundation.database import db
from schools.access import standing_of
from schools.models import Group, Person


@dataclass(frozen=True)
class Limits:
    """What is limited.

    `upload_megabytes`: the largest file from which a plan is made. `file_megabytes`: the largest file of the library.
    `campus_gigabytes`: the room for all files of one campus. `session_days`: days until one signs in again.
    """

    upload_megabytes: int
    file_megabytes: int
    campus_gigabytes: int
    session_days: int


_LIMITS: Final = select(Group.id, Group.limits)

LEAST: Final = Limits(upload_megabytes=1, file_megabytes=1, campus_gigabytes=1, session_days=1)
NAMES: Final = tuple(field.name for field in fields(Limits))


def widest() -> Limits:
    """What the settings of the installation allow."""
    settings: Settings = current_app.config["SETTINGS"]
    return Limits(**{name: getattr(settings, name) for name in NAMES})


def limits_of(group: Group) -> Limits:
    """What counts in the group."""
    return _strictest([group.limits])


def limits_of_person(person: Person) -> Limits:
    """What counts for somebody: the strictest of their groups."""
    set_by = {group_id: limits for group_id, limits in db.session.connection().execute(_LIMITS) if limits}
    if not set_by:  # as nearly everywhere; then it need not be asked where they belong
        return widest()
    return _strictest(set_by[group_id] for group_id in standing_of(person).group_ids & set_by.keys())


def _strictest(several: Iterable[Mapping[str, int]]) -> Limits:
    most = asdict(widest())
    for limits in several:
        most = {name: max(getattr(LEAST, name), min(value, limits.get(name, value))) for name, value in most.items()}
    return Limits(**most)
