"""What pages show about groups, campuses, people and prep groups."""

from sqlalchemy import select

from foundation.database import db
from schools.models import Group


def is_empty() -> bool:
    """Whether the installation has no group yet: the first visit is still to come."""
    return db.session.scalar(select(Group.id).limit(1)) is None
