"""The states of a plan and who sees it, in words; and the lines of a list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from flask_babel import get_locale, gettext, lazy_gettext
from flask_babel.speaklater import LazyString

from lessons.models import Plan, PlanState
from schools.models import Visibility
from schools.names import VISIBILITY_NAMES

VISIBLE_TO: Final[Mapping[Visibility, LazyString]] = {
    Visibility.PERSONAL: lazy_gettext("只有执笔人和请来一起写的老师能看到。"),
    Visibility.PREP_GROUP: lazy_gettext("备课组的老师能看到，也能一起写。"),
    Visibility.CAMPUS: lazy_gettext("本校区的老师能看到；备课组能写。"),
    Visibility.GROUP: lazy_gettext("全集团的老师能看到；备课组能写。"),
    Visibility.PUBLIC: lazy_gettext("任何人打开链接就能看到，不用登录；备课组能写。"),
}

STATES: Final[Mapping[PlanState, LazyString]] = {
    PlanState.DRAFT: lazy_gettext("草稿"),
    PlanState.DISCUSSING: lazy_gettext("研讨中"),
    PlanState.COMMON: lazy_gettext("共案"),
    PlanState.TEACHING: lazy_gettext("执行中"),
    PlanState.ARCHIVED: lazy_gettext("已归档"),
}

_NUMERALS: Final = ("", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十")


def numeral(number: int) -> str:
    """The number of a step as it stands before its name: 一, 十二, 二十 in Chinese, else 1, 12, 20."""
    if not str(get_locale()).startswith("zh") or not 0 < number < 100:
        return str(number)
    tens, ones = divmod(number, 10)
    if tens == 0:
        return _NUMERALS[ones]
    return ("" if tens == 1 else _NUMERALS[tens]) + "十" + _NUMERALS[ones]


@dataclass(frozen=True)
class Line:
    """A plan in a list, in words: where it stands in the textbook, its state, who sees it, how long it takes."""

    plan: Plan
    title: str
    place: str
    state: str
    seen_by: str
    minutes: str


def lines(plans: Sequence[Plan]) -> list[Line]:
    """The lines of a list; what several of them say is put into words once. Topics and names have to be loaded."""
    unnamed = gettext("未命名的教案")
    states = {state: str(STATES[state]) for state in {plan.state for plan in plans}}
    visibilities = {each: str(VISIBILITY_NAMES[each]) for each in {plan.visibility for plan in plans}}
    minutes = {each: gettext("%(count)d 分钟", count=each) for each in {plan.minutes for plan in plans} if each}
    return [
        Line(
            plan,
            plan.title or unnamed,
            _place_in_book(plan),
            states[plan.state],
            _seen_by(plan) or visibilities[plan.visibility],
            minutes.get(plan.minutes, ""),
        )
        for plan in plans
    ]


def _place_in_book(plan: Plan) -> str:
    """Volume, unit and, unless the plan is called like it, lesson."""
    if plan.topic is None:
        return ""
    place = f"{plan.topic.unit.volume.name} · {plan.topic.unit.title}"
    return place if plan.topic.title == plan.title else f"{place} · {plan.topic.title}"


def _seen_by(plan: Plan) -> str:
    """The name of those who see it, where they have one."""
    if plan.visibility is Visibility.PREP_GROUP and plan.prep_group is not None:
        return plan.prep_group.name
    return plan.campus.short_name if plan.visibility is Visibility.CAMPUS else ""
