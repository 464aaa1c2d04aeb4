"""The states of a plan and who sees it, in words."""

from collections.abc import Mapping
from typing import Final

from flask_babel import get_locale, lazy_gettext
from flask_babel.speaklater import LazyString

from lessons.models import PlanState
from schools.models import Visibility

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
