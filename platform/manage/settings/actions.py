"""What administrators set for their group. Each function makes one change and commits it."""

from dataclasses import asdict
from datetime import datetime

from flask_babel import gettext
from sqlalchemy import select

from foundation.clock import now
from foundation.database import commit, db
from foundation.errors import Conflict, Invalid, NotAllowed
from manage.settings.forms import GroupSettings
from manage.settings.pictures import MOST_BYTES, MOST_PIXELS, NotAPicture, read_picture
from schools.access import may_administer, standing_of
from schools.audit import record
from schools.models import Group, Person


def change_settings(by: Person, group: Group, settings: GroupSettings, seen: datetime | None) -> None:
    """Change the settings of a group as they stood at the moment `seen`.

    Raises Conflict when somebody has changed them since, Invalid for a name that another group has, NotAllowed.
    """
    _must_administer(by, group)
    if group.changed_at != seen:
        raise Conflict(gettext("您打开这一页以后，有人改过设置，所以没有保存。下面是现在的内容，请核对后再改。"))
    taken = select(Group.id).where(Group.name == settings.name, Group.id != group.id)
    if db.session.scalar(taken.limit(1)) is not None:
        raise Invalid(name=gettext("已有一个集团叫这个名字。"))
    changed = sorted(name for name, value in asdict(settings).items() if getattr(group, name) != value)
    for name in changed:
        setattr(group, name, getattr(settings, name))
    if changed:
        record(by, "settings_changed", "group", group, group_id=group.id, changed=changed)
    commit()


def change_logo(by: Person, group: Group, data: bytes) -> None:
    """Give a group its logo. Raises Invalid for what is no picture or too large, NotAllowed."""
    _must_administer(by, group)
    if not data:
        raise Invalid(logo=gettext("请选择一张图片。"))
    if len(data) > MOST_BYTES:
        raise Invalid(logo=gettext("图片请不超过 %(size)d KB。", size=MOST_BYTES // 1024))
    try:
        picture = read_picture(data)
    except NotAPicture:
        raise Invalid(
            logo=gettext("请选择完整的 PNG、JPEG 或 WebP 图片，长和宽都不超过 %(count)d 像素。", count=MOST_PIXELS)
        ) from None
    _set_logo(by, group, picture.data, picture.kind)


def remove_logo(by: Person, group: Group) -> None:
    """Take the logo of a group away. Raises NotAllowed."""
    _must_administer(by, group)
    _set_logo(by, group, None, "")


def _set_logo(by: Person, group: Group, data: bytes | None, kind: str) -> None:
    group.logo, group.logo_type, group.changed_at = data, kind, now()
    record(by, "settings_changed", "group", group, group_id=group.id, changed=["logo"])
    commit()


def _must_administer(by: Person, group: Group) -> None:
    if not may_administer(standing_of(by), group_id=group.id):
        raise NotAllowed(gettext("只有集团管理员能改集团的设置。"))
