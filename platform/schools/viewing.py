"""代看: an administrator sees the product as one of their people, reading only, for half an hour at most.

The sign-in says as whom. Whether it is still allowed is asked at every page, so that it ends with the right to it. What was opened
is written down; personal plans stay closed (`Standing.looked_through`).
"""

import math
from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from flask import Response, request
from flask_babel import gettext
from sqlalchemy import select

from foundation.clock import now
from foundation.database import announce, commit, db
from foundation.errors import NotAllowed, NotFound
from schools import audit
from schools.access import Standing, administered_campuses, may_administer, standing_of, viewing_now
from schools.actions import SignedOutEverywhere
from schools.models import Person, Role, SignIn

LASTS: Final = timedelta(minutes=30)
SAYING_NOTHING: Final = frozenset({Role.TEACHER, Role.PREP_LEAD})
"""Roles that reach no further than the work of a teacher."""


def may_view_as(viewer: Standing, other: Standing) -> bool:
    """Whether `viewer` may see the product as `other` does.

    They look after every campus where the other is posted, and whatever role the other holds lies within what they look
    after; nobody sees as an administrator of as wide a scope as their own, or wider.
    """
    if viewer.person_id in (None, other.person_id) or not other.campus_ids:
        return False
    if not other.campus_ids <= set(db.session.scalars(administered_campuses(viewer))):
        return False
    return all(_lies_within(viewer, other, scope.role, scope.group_id, scope.campus_id) for scope in other.scopes)


def _lies_within(viewer: Standing, other: Standing, role: Role, group_id: int | None, campus_id: int | None) -> bool:
    if role in SAYING_NOTHING:
        return True
    if role is Role.GROUP_ADMIN:
        return False
    if role is Role.CAMPUS_ADMIN and group_id is None and viewer.holds(Role.CAMPUS_ADMIN, campus_id=campus_id):
        return any(may_administer(viewer, group_id=each) for each in other.group_ids)
    return may_administer(viewer, group_id=group_id, campus_id=None if group_id else campus_id)


def begin(sign_in: SignIn, person: Person) -> None:
    """Let this browser see as `person`. Raises NotFound for those whom the one signed in does not look after."""
    standing, other = standing_of(sign_in.person), standing_of(person)
    if not other.campus_ids & set(db.session.scalars(administered_campuses(standing))):
        raise NotFound
    if not may_view_as(standing, other):
        raise NotAllowed(
            gettext(
                "不能以%(name)s的身份查看：只能代看完全归您管理的人，不能代看同级或更高的管理员，也不能代看自己。",
                name=person.name,
            )
        )
    sign_in.viewing_as, sign_in.viewing_since = person, now()
    audit.record(sign_in.person, "view_as_began", "person", person, **_place(other))
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
    audit.record(sign_in.person, "view_as_ended", "person", viewed, **_place(standing_of(viewed)))
    sign_in.viewing_as = sign_in.viewing_since = None


def end_overdue() -> None:
    """End what has lasted for long enough, also where nobody came back."""
    note_ends(db.session.scalars(select(SignIn).where(SignIn.viewing_since <= now() - LASTS)).all())
    commit()


def note_ends(sign_ins: Iterable[SignIn]) -> None:
    """As `note_end` for several, before they are deleted."""
    for sign_in in sign_ins:
        note_end(sign_in)


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
    if f"{request.path}/".startswith("/account/"):
        raise NotAllowed(gettext("“我的账号”只有%(name)s本人能打开。", name=viewed.name))


def note_what_was_opened(answer: Response) -> Response:
    """Write down a page or file that was opened as somebody else."""
    sign_in = viewing_now()
    seen = answer.status_code == 200 and request.method == "GET" and request.endpoint != "static"
    is_file = "attachment" in answer.headers.get("Content-Disposition", "")
    if sign_in and sign_in.viewing_as and seen and (answer.mimetype == "text/html" or is_file):
        viewed = sign_in.viewing_as
        opened = audit.what_is_opened() or {"kind": "page", "name": request.path}
        audit.record_at_once(sign_in.person, "view_as_opened", **{**_place(standing_of(viewed)), **opened})
    return answer


def _place(standing: Standing) -> dict[str, int | None]:
    """The campus whose head reads of it."""
    return {"campus_id": min(standing.campus_ids, default=None), "group_id": min(standing.staff_group_ids, default=None)}
