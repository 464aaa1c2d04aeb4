"""An entry of what was done, in words."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString

from schools.audit import ACTIONS
from schools.models import AuditEntry, PostingKind, Role, Visibility
from schools.names import POSTING_KIND_NAMES, ROLE_NAMES, VISIBILITY_NAMES
from schools.reasons import day_said

Saying = Callable[[Any], str]


def _day(value: Any) -> str:
    return day_said(date.fromisoformat(value))


def _listed(value: Any) -> str:
    return gettext("、").join(str(each) for each in value) if isinstance(value, list) else str(value)


def _change(value: Any) -> str:
    old, new = (str(VISIBILITY_NAMES[Visibility(each)]) for each in value)
    return old if old == new else f"{old} → {new}"


DETAILS: Final[Mapping[str, tuple[LazyString, Saying]]] = {
    "role": (lazy_gettext("角色"), lambda value: str(ROLE_NAMES[Role(value)])),
    "campus": (lazy_gettext("校区"), str),
    "prep_group": (lazy_gettext("备课组"), str),
    "kind_of_posting": (lazy_gettext("任职方式"), lambda value: str(POSTING_KIND_NAMES[PostingKind(value)])),
    "share": (lazy_gettext("工作量"), lambda value: f"{value}%"),
    "title": (lazy_gettext("称号"), str),
    "number": (lazy_gettext("工号"), str),
    "successor": (lazy_gettext("接手人"), str),
    "from_day": (lazy_gettext("开始"), _day),
    "to_day": (lazy_gettext("结束"), _day),
    "on": (lazy_gettext("日期"), _day),
    "visibility": (lazy_gettext("可见范围"), _change),
    "writers": (lazy_gettext("受邀人数"), str),
    "viewed": (lazy_gettext("代看"), str),
    "format": (lazy_gettext("格式"), str),
    "count": (lazy_gettext("数量"), str),
    "name": (lazy_gettext("姓名"), _listed),
    "staff_number": (lazy_gettext("工号"), _listed),
}
"""The details that are shown, by the name under which they were recorded."""


def action_said(entry: AuditEntry) -> str:
    """What was done; an action that this version no longer knows is shown by its short name."""
    return str(ACTIONS.get(entry.action, entry.action))


def details_said(entry: AuditEntry) -> str:
    """What stands in the details, as far as it has words."""
    said = []
    for key, (label, say) in DETAILS.items():
        value = entry.details.get(key)
        if value in (None, "", []):
            continue
        try:
            words = say(value)
        except (ValueError, KeyError, TypeError):  # written by another version, for which it was something else
            words = str(value)
        said.append(gettext("%(label)s：%(value)s", label=label, value=words))
    return gettext("；").join(said)
