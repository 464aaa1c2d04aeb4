"""The sections of Manage that somebody may use."""

from dataclasses import dataclass

from flask import request, url_for
from flask_babel import gettext
from sqlalchemy import select

from foundation.clock import today
from foundation.database import db
from schools.access import Standing
from schools.models import Person, RoleGrant
from schools.roles import MANAGERS


@dataclass(frozen=True)
class Section:
    """A part of Manage; `here` when the present page belongs to it."""

    name: str
    url: str
    icon: str
    here: bool


def may_manage(standing: Standing) -> bool:
    """Whether there is anything in Manage for them."""
    return any(scope.role in MANAGERS for scope in standing.scopes)


def has_something_to_manage(person: Person) -> bool:
    """The same for every page's rail, in one small query."""
    held = select(RoleGrant.id).where(
        RoleGrant.person_id == person.id, RoleGrant.role.in_(MANAGERS), RoleGrant.holding_on(today())
    )
    return db.session.scalar(held.limit(1)) is not None


def sections(standing: Standing) -> list[Section]:
    """The sections for somebody, in the order in which a school moves in."""
    return [
        _section(gettext("概况"), "manage.home", icon="home"),
        _section(gettext("校区与部门"), "organisation.list_campuses", icon="building"),
    ]


def _section(name: str, endpoint: str, *, icon: str) -> Section:
    blueprint, present = endpoint.split(".")[0], request.endpoint or ""
    here = present == endpoint if blueprint == "manage" else present.startswith(f"{blueprint}.")
    return Section(name, url_for(endpoint), icon, here)
