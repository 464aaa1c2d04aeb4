"""Who may look at the textbook tree in Manage, and who may change it.

The tree is one for the whole installation: whoever arranges a whole group changes it.
"""

from flask_babel import gettext

from curriculum.models import TextbookEdition, TextbookVolume
from foundation.database import db
from foundation.errors import NotAllowed, NotFound
from schools.access import Standing, groups_of_role, standing_of
from schools.models import Person, Role
from schools.roles import MANAGERS


def looking(person: Person) -> Standing:
    """The standing of somebody who has something to manage; raises NotFound for others."""
    standing = standing_of(person)
    if not any(scope.role in MANAGERS for scope in standing.scopes):
        raise NotFound
    return standing


def may_change(standing: Standing) -> bool:
    """Whether they arrange a whole group."""
    return bool(groups_of_role(standing, Role.GROUP_ADMIN, Role.ACADEMIC_OFFICE))


def must_change(by: Person) -> None:
    """Raise NotAllowed unless they may."""
    if not may_change(standing_of(by)):
        raise NotAllowed(gettext("只有集团的管理员和教务能更改教材目录。"))


def edition_of(edition_id: int) -> TextbookEdition:
    """Raises NotFound."""
    edition = db.session.get(TextbookEdition, edition_id)
    if edition is None:
        raise NotFound
    return edition


def volume_of(volume_id: int) -> TextbookVolume:
    """Raises NotFound."""
    volume = db.session.get(TextbookVolume, volume_id)
    if volume is None:
        raise NotFound
    return volume
