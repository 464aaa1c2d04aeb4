"""Who may look at prep groups, and who may change them and name their leads."""

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from foundation.database import db
from foundation.errors import NotAllowed, NotFound
from schools.access import Standing, may_administer, may_arrange, standing_of
from schools.models import Person, PrepGroup


def prep_group_of(standing: Standing, prep_group_id: int) -> PrepGroup:
    """A prep group of one of one's own groups; raises NotFound."""
    prep_group = db.session.scalar(
        select(PrepGroup)
        .options(selectinload(PrepGroup.campuses))
        .where(PrepGroup.id == prep_group_id, PrepGroup.group_id.in_(standing.group_ids))
    )
    if prep_group is None:
        raise NotFound
    return prep_group


def may_change(standing: Standing, prep_group: PrepGroup) -> bool:
    """Whether they arrange it: those who arrange the group, or every campus of a prep group of some campuses."""
    if may_arrange(standing, group_id=prep_group.group_id):
        return True
    return bool(prep_group.campuses) and all(
        may_arrange(standing, campus_id=campus.id) for campus in prep_group.campuses
    )


def may_name_leads(standing: Standing, prep_group: PrepGroup) -> bool:
    """Whether they give and take the role of its lead: administrators only."""
    if may_administer(standing, group_id=prep_group.group_id):
        return True
    return bool(prep_group.campuses) and all(
        may_administer(standing, campus_id=campus.id) for campus in prep_group.campuses
    )


def must_change(by: Person, prep_group: PrepGroup) -> None:
    """Raise NotAllowed unless they arrange the prep group."""
    if not may_change(standing_of(by), prep_group):
        raise NotAllowed(gettext("只有管理员和教务能更改备课组；跨校区的备课组由集团来改。"))


def must_name_leads(by: Person, prep_group: PrepGroup) -> None:
    """Raise NotAllowed unless they name its leads."""
    if not may_name_leads(standing_of(by), prep_group):
        raise NotAllowed(gettext("只有管理员能任免备课组长。"))
