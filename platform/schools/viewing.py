"""代看: an administrator sees the product as one of their people, reading only, for half an hour at most.

The sign-in says as whom. Whether it is still allowed is asked at every page, so that it ends with the right to it. What was opened
is written down; personal plans stay closed (`Standing.looked_through`).
"""

import math
import re
from datetime import timedelta
from html import unescape
from typing import Final

from flask import Response, request
from flask_babel import gettext
from sqlalchemy import ColumnElement, select

from foundation.clock import now
from foundation.database import announce, commit, db
from foundation.errors import NotAllowed
from schools import audit
from schools.access import (
    Standing,
    administered_campuses,
    groups_of_role,
    managed_campuses,
    standing_of,
    viewing_now,
)
from schools.actions import SignedOutEverywhere
from schools.models import Person, Role, SignIn

LASTS: Final = timedelta(minutes=30)
_TITLE: Final = re.compile("<title>(.*?)</title>", re.DOTALL)


def may_view_as(viewer: Standing, other: Standing) -> bool:
    """Whether `viewer` may see the product as `other` does.

    They look after every campus and group that the other works at or holds a role for. Nobody sees as an administrator of a
    scope as wide as their own: as 校区管理员 only from the group, as 集团管理员 never.
    """
    roles = {scope.role for scope in other.scopes}
    campuses = other.campus_ids | {scope.campus_id for scope in other.scopes if scope.campus_id}
    groups = {scope.group_id for scope in other.scopes if scope.group_id}
    if viewer.person_id == other.person_id or not campuses | groups or Role.GROUP_ADMIN in roles:
        return False
    looked_after = managed_campuses(viewer) if Role.CAMPUS_ADMIN in roles else administered_campuses(viewer)
    return groups <= groups_of_role(viewer, Role.GROUP_ADMIN) and campuses <= set(db.session.scalars(looked_after))


def begin(sign_in: SignIn, person: Person) -> None:
    """Let this browser see as `person`. Raises NotAllowed for those whom the one signed in does not wholly look after."""
    other = standing_of(person)
    if not may_view_as(standing_of(sign_in.person), other):
        raise NotAllowed(
            gettext(
                "不能以%(name)s的身份查看：只能代看完全归您管理的人，不能代看同级或更高的管理员，也不能代看自己。",
                name=person.name,
            )
        )
    sign_in.viewing_as, sign_in.viewing_since = person, now()
    campus_id, group_id = _place(other)
    audit.record(sign_in.person, "view_as_began", "person", person, campus_id=campus_id, group_id=group_id)
    announce(SignedOutEverywhere(sign_in.person_id))  # plans that are open in this browser are closed to writing
    commit()


def end(sign_in: SignIn) -> None:
    """Let this browser see as its own person again."""
    note_end(sign_in)
    commit()


def note_end(sign_in: SignIn) -> None:
    """The same in the caller's unit of work; nothing when it sees as its own person already."""
    viewed = sign_in.viewing_as
    if viewed is None:
        return
    campus_id, group_id = _place(standing_of(viewed))
    audit.record(sign_in.person, "view_as_ended", "person", viewed, campus_id=campus_id, group_id=group_id)
    sign_in.viewing_as = sign_in.viewing_since = None


def note_ends(*which: ColumnElement[bool]) -> None:
    """As `note_end` for several sign-ins that are going to be deleted."""
    for sign_in in db.session.scalars(select(SignIn).where(SignIn.viewing_as_id.is_not(None), *which)):
        note_end(sign_in)


def end_overdue() -> None:
    """End what has lasted for long enough, also where nobody came back."""
    note_ends(SignIn.viewing_since <= now() - LASTS)
    commit()


def is_over(sign_in: SignIn) -> bool:
    """Whether somebody is looked through for too long, or no longer may be."""
    viewed, since = sign_in.viewing_as, sign_in.viewing_since
    if viewed is None or since is None:
        return False
    if now() - since >= LASTS or (viewed.left_at is not None and viewed.left_at <= now()):
        return True
    return not may_view_as(standing_of(sign_in.person), standing_of(viewed))


def minutes_left(sign_in: SignIn) -> int:
    """How long it still lasts, in whole minutes."""
    since = sign_in.viewing_since or now()
    return max(0, math.ceil((since + LASTS - now()).total_seconds() / 60))


def refuse_changes(sign_in: SignIn) -> None:
    """Raise NotAllowed for a request that is more than looking, or opens what is nobody else's business."""
    viewed = sign_in.viewing_as
    if viewed is None or request.endpoint in ("schools.stop_viewing", "schools.sign_out"):
        return
    if request.method not in ("GET", "HEAD", "OPTIONS"):
        raise NotAllowed(
            gettext(
                "您正在以%(name)s的身份查看，只能看，不能改，刚才的操作没有生效。请先返回自己的身份。", name=viewed.name
            )
        )
    if f"{request.path}/".startswith(("/account/", "/notices/")):
        raise NotAllowed(gettext("“我的账号”和通知只有%(name)s本人能打开。", name=viewed.name))


def note_what_was_opened(answer: Response) -> Response:
    """Write down a page or file that was opened as somebody else."""
    sign_in = viewing_now()
    seen = answer.status_code == 200 and request.method == "GET" and request.endpoint != "static"
    is_file = "attachment" in answer.headers.get("Content-Disposition", "")
    if sign_in and sign_in.viewing_as and seen and (answer.mimetype == "text/html" or is_file):
        viewed = sign_in.viewing_as
        campus_id, group_id = _place(standing_of(viewed))
        audit.record_at_once(
            sign_in.person,
            "view_as_opened",
            "page",
            name=_title(answer) or request.path,
            campus_id=campus_id,
            group_id=group_id,
            viewed=viewed.name,
        )
    return answer


def _title(answer: Response) -> str:
    """What a page is called; nothing for files."""
    found = None if answer.is_streamed else _TITLE.search(answer.get_data(as_text=True))
    return unescape(found[1]).rpartition(" · ")[0] if found else ""


def _place(standing: Standing) -> tuple[int | None, int | None]:
    """The campus and the group whose heads read of it."""
    return min(standing.campus_ids, default=None), min(standing.group_ids, default=None)
