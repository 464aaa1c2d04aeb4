"""为什么他能看到？Why somebody may read or change a resource, in words, and who all may."""

from collections.abc import Sequence
from dataclasses import dataclass

from babel.lists import format_list
from flask_babel import get_locale, gettext

from foundation.clock import today
from library.access import why_edits_resource, why_reads_resource
from library.models import Resource
from schools.access import Scope, Standing, prep_group_members
from schools.models import Visibility
from schools.reasons import (
    Answer,
    Inquiry,
    in_group_said,
    leading_said,
    membership_said,
    postings_said,
    role_said,
)
from schools.tiers import Why


@dataclass(frozen=True)
class WhyResource:
    """Why somebody reads and changes a resource. `otherwise` says for one who does not read it whom it is for."""

    reading: Answer
    changing: Answer
    otherwise: str = ""


def why_resource(about: Inquiry, resource: Resource) -> WhyResource:
    """The answer for somebody today, or on the nearest day on which it is another."""
    reading = about.answer(lambda standing: _said(why_reads_resource(standing, resource), standing, resource))
    if not reading.reasons:
        return WhyResource(reading, Answer(()), _otherwise(resource))
    changing = about.answer(lambda standing: _said(why_edits_resource(standing, resource), standing, resource))
    return WhyResource(reading, changing)


def rights_sentence(resource: Resource) -> str:
    """Who may see and who may change `resource`, in words: “可见：全集团教师；可改：备课组 5 人”."""
    if resource.removed_at is not None:
        return gettext("在回收站里，仅作者可见、可恢复")
    return gettext("可见：%(readers)s；可改：%(writers)s", readers=_readers(resource), writers=_writers(resource))


def has_left(resource: Resource) -> bool:
    """Whether the resource's campus has left its group."""
    return resource.left_on is not None and resource.left_on <= today()


def _readers(resource: Resource) -> str:
    campus = resource.campus.short_name
    match resource.visibility:
        case Visibility.PREP_GROUP if resource.prep_group_id is not None:
            count = len(prep_group_members(resource.prep_group_id))
            return gettext("备课组 %(count)s 人和主管领导", count=count)
        case Visibility.CAMPUS:
            return gettext("%(campus)s教师和主管领导", campus=campus)
        case Visibility.GROUP if has_left(resource):
            if resource.withdrawn_on is None:
                return gettext("%(campus)s教师和原集团教师", campus=campus)
            return gettext("%(campus)s教师和主管领导", campus=campus)
        case Visibility.GROUP:
            return gettext("全集团教师")
        case Visibility.PUBLIC:
            return gettext("所有人")
    return gettext("仅作者")


def _writers(resource: Resource) -> str:
    if resource.prep_group_id is None or resource.visibility is Visibility.PERSONAL or has_left(resource):
        return gettext("仅作者")
    members = prep_group_members(resource.prep_group_id)
    parts = [] if resource.owner_id in members else [gettext("作者")]
    if members:
        parts.append(gettext("备课组 %(count)s 人", count=len(members)))
    return format_list(parts, locale=get_locale())


def _said(reasons: Sequence[object], standing: Standing, resource: Resource) -> list[str]:
    if Why.LEAD in reasons:  # says more than that they belong to it
        reasons = [reason for reason in reasons if reason is not Why.MEMBER]
    sentences = [sentence for reason in reasons for sentence in _sentences(reason, standing, resource)]
    return list(dict.fromkeys(sentences))


def _sentences(reason: object, standing: Standing, resource: Resource) -> list[str]:
    if isinstance(reason, Scope):
        return role_said(standing, reason)
    match reason:
        case Why.OWNER:
            return [gettext("是这份资源的作者")]
        case Why.PUBLIC:
            return [gettext("这份资源是公开的，所有人都能看")]
        case Why.CAMPUS:
            return postings_said(standing, frozenset({resource.campus_id}))
        case Why.GROUP:
            return in_group_said(standing, resource.group)
    prep_group_id = resource.prep_group_id
    if prep_group_id is None:
        raise ValueError(f"{reason} is no reason for a resource without a prep group")
    return leading_said(standing, prep_group_id) if reason is Why.LEAD else [membership_said(standing, prep_group_id)]


def _otherwise(resource: Resource) -> str:
    if resource.removed_at is None and resource.visibility is Visibility.PERSONAL:
        return gettext("这是一份个人资源，只有作者能看")
    return rights_sentence(resource)
