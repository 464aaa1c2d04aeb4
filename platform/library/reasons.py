"""为什么他能看到？Why somebody may read or change a resource, in words, and who all may."""

from collections.abc import Sequence
from dataclasses import dataclass

from babel.lists import format_list
from flask_babel import get_locale, gettext

from library.access import why_edits_resource, why_reads_resource
from library.models import Resource
from schools.access import Standing, prep_group_members
from schools.models import Visibility
from schools.reasons import Answer, Inquiry
from schools.sharing_words import has_left, in_bin_said, readers_said, reasons_said, rights_said
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
        return in_bin_said()
    return rights_said(readers_said(resource, private=gettext("仅作者")), _writers(resource))


def _writers(resource: Resource) -> str:
    if resource.prep_group_id is None or resource.visibility is Visibility.PERSONAL or has_left(resource):
        return gettext("仅作者")
    members = prep_group_members(resource.prep_group_id)
    parts = [] if resource.owner_id in members else [gettext("作者")]
    if members:
        parts.append(gettext("备课组 %(count)s 人", count=len(members)))
    return format_list(parts, locale=get_locale())


def _said(reasons: Sequence[object], standing: Standing, resource: Resource) -> list[str]:
    own = {
        Why.OWNER: [gettext("是这份资源的作者")],
        Why.PUBLIC: [gettext("这份资源是公开的，所有人都能看")],
    }
    return reasons_said(reasons, standing, resource, own)


def _otherwise(resource: Resource) -> str:
    if resource.removed_at is None and resource.visibility is Visibility.PERSONAL:
        return gettext("这是一份个人资源，只有作者能看")
    return rights_sentence(resource)
