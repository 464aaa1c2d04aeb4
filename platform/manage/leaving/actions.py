"""What is done when a school leaves its group. Each function makes one change and commits it."""

from datetime import date

from flask_babel import gettext
from sqlalchemy import select

from foundation.clock import today
from foundation.database import announce, commit, db
from foundation.errors import Conflict, Invalid, NotAllowed
from foundation.jobs import Job, new_job
from manage.leaving.access import may_hand_over
from manage.leaving.queries import EXPORT
from schools.access import standing_of
from schools.actions import PersonRightsChanged
from schools.audit import MEMBERSHIP, record
from schools.models import Membership, Person, Posting

NOTE_LENGTH = 200


def change_terms(by: Person, membership: Membership, *, keeps_shared: bool, licence_note: str) -> None:
    """Say what of the campus' shared plans stays with the group, and under which words. Raises NotAllowed, Conflict, Invalid."""
    _must_hand_over(by, membership)
    _refuse_after_the_end(membership)
    if len(licence_note) > NOTE_LENGTH:
        raise Invalid(licence_note=gettext("许可说明请不超过 %(count)d 个字。", count=NOTE_LENGTH))
    if (membership.keeps_shared, membership.licence_note) != (keeps_shared, licence_note):
        membership.keeps_shared, membership.licence_note = keeps_shared, licence_note
        _record(by, "leaving_terms", membership, keeps_shared=keeps_shared, licence_note=licence_note)
    commit()


def ask_for_export(by: Person, membership: Membership, language: str) -> Job:
    """Have the worker pack what belongs to the campus. Raises NotAllowed."""
    _must_hand_over(by, membership)
    job = new_job(EXPORT, by.id, language, membership=membership.id)
    # the campus' own affair, not told to its group
    record(by, "campus_exported", "campus", membership.campus, campus_id=membership.campus_id)
    commit()
    return job


def leave_group(by: Person, membership: Membership, on: date) -> None:
    """Let the membership end: from the day `on` it no longer counts, and all rights that stood on it end. Raises Conflict, Invalid."""
    _refuse_after_the_end(membership)
    if on < today() or on <= membership.from_day:
        raise Invalid(on=gettext("请选择今天或以后的日期。"))
    membership.to_day = on
    _record(by, "campus_leaves", membership, on=on.isoformat())
    _tell_people(membership)
    commit()


def stay_in_group(by: Person, membership: Membership) -> None:
    """Take a leaving back before its day. Raises Conflict once it is done."""
    _refuse_after_the_end(membership)
    membership.to_day = None
    _record(by, "campus_stays", membership)
    _tell_people(membership)
    commit()


def _must_hand_over(by: Person, membership: Membership) -> None:
    if not may_hand_over(standing_of(by), membership):
        raise NotAllowed(gettext("这所学校的数据由学校自己管理，只有本校的校长或校区管理员能这样做。"))


def _refuse_after_the_end(membership: Membership) -> None:
    if membership.to_day is not None and membership.to_day <= today():
        raise Conflict(gettext("%(campus)s已经退出集团了。", campus=membership.campus.name))


def _record(by: Person, action: str, membership: Membership, **details: object) -> None:
    record(
        by,
        action,
        MEMBERSHIP,
        membership,
        name=membership.campus.name,
        campus_id=membership.campus_id,
        group_id=membership.group_id,
        **details,
    )


def _tell_people(membership: Membership) -> None:
    """Pages of these people that are open ask anew what they may do."""
    posted = select(Posting.person_id).where(Posting.campus_id == membership.campus_id, Posting.holding_on(today()))
    for person_id in set(db.session.scalars(posted)):
        announce(PersonRightsChanged(person_id))
