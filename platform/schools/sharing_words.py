"""Who may see what somebody shares, and why, in words: the same sentences for plans and resources."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol

from flask_babel import gettext

from foundation.clock import today
from schools.access import Scope, Standing, prep_group_members
from schools.models import Campus, Group, Visibility
from schools.reasons import in_group_said, leading_said, membership_said, postings_said, role_said
from schools.tiers import Why


class Shared(Protocol):
    """What the rules of `schools.tiers` are about, as far as words need it."""

    group: Group
    campus: Campus
    campus_id: int
    prep_group_id: int | None
    visibility: Visibility
    left_on: date | None
    withdrawn_on: date | None


def has_left(thing: Shared) -> bool:
    """Whether the campus of `thing` has left its group."""
    return thing.left_on is not None and thing.left_on <= today()


def rights_said(readers: str, writers: str) -> str:
    """Both in one sentence: “可见：全集团教师；可改：备课组 5 人”."""
    return gettext("可见：%(readers)s；可改：%(writers)s", readers=readers, writers=writers)


def in_bin_said() -> str:
    """The same for what lies in the recycle bin."""
    return gettext("在回收站里，仅作者可见、可恢复")


def readers_said(thing: Shared, private: str) -> str:
    """Who reads it; `private` says it for what is shared with nobody beyond those who write it."""
    campus = thing.campus.short_name
    match thing.visibility:
        case Visibility.PREP_GROUP if thing.prep_group_id is not None:
            count = len(prep_group_members(thing.prep_group_id))
            return gettext("备课组 %(count)s 人和主管领导", count=count)
        case Visibility.CAMPUS:
            return gettext("%(campus)s教师和主管领导", campus=campus)
        case Visibility.GROUP if has_left(thing):
            if thing.withdrawn_on is None:
                return gettext("%(campus)s教师和原集团教师", campus=campus)
            return gettext("%(campus)s教师和主管领导", campus=campus)
        case Visibility.GROUP:
            return gettext("全集团教师")
        case Visibility.PUBLIC:
            return gettext("所有人")
    return private


def reasons_said(
    reasons: Sequence[object], standing: Standing, thing: Shared, own: Mapping[Why, Sequence[str]]
) -> list[str]:
    """A sentence for each of the `reasons` that the rules gave; `own` are those that name the kind of thing."""
    if Why.LEAD in reasons:  # says more than that they belong to it
        reasons = [reason for reason in reasons if reason is not Why.MEMBER]
    sentences = [sentence for reason in reasons for sentence in _sentences(reason, standing, thing, own)]
    return list(dict.fromkeys(sentences))


def _sentences(reason: object, standing: Standing, thing: Shared, own: Mapping[Why, Sequence[str]]) -> Sequence[str]:
    if isinstance(reason, Scope):
        return role_said(standing, reason)
    if reason is Why.CAMPUS:
        return postings_said(standing, frozenset({thing.campus_id}))
    if reason is Why.GROUP:
        return in_group_said(standing, thing.group)
    if isinstance(reason, Why) and reason in own:
        return own[reason]
    if thing.prep_group_id is None:
        raise ValueError(f"{reason} is no reason for what belongs to no prep group")
    if reason is Why.LEAD:
        return leading_said(standing, thing.prep_group_id)
    return [membership_said(standing, thing.prep_group_id)]
