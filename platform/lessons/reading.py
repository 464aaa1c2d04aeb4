"""Plans as pages show them: made once, kept in memory until the plan's log grows or its files change."""

from collections import OrderedDict
from threading import Lock
from typing import Final, TypeAlias

from flask import current_app
from flask_babel import get_locale
from sqlalchemy import func, select

from foundation.database import db
from lessons import layout, queries
from lessons.coediting import document_of
from lessons.layout import Place
from lessons.models import Plan, PlanSnapshot, PlanUpdate
from lessons.text.content import PlanContent
from lessons.text.document import read_plan
from lessons.text.reading import Pictures, ReadingPlan, plan_to_html

_KEPT_PLANS: Final = 300


_State: TypeAlias = tuple[int, frozenset[str]]
"""The last line of a plan's log, and the pictures that may be shown in it."""


class _Kept:
    """The readings made last, each good for one state of its plan, in one language."""

    def __init__(self) -> None:
        self._readings: OrderedDict[tuple[int, str], tuple[_State, ReadingPlan]] = OrderedDict()
        self._lock = Lock()

    def get(self, which: tuple[int, str], state: "_State") -> ReadingPlan | None:
        with self._lock:
            kept = self._readings.get(which)
            if kept is None or kept[0] != state:
                return None
            self._readings.move_to_end(which)
            return kept[1]

    def put(self, which: tuple[int, str], state: "_State", made: ReadingPlan) -> None:
        with self._lock:
            self._readings[which] = (state, made)
            self._readings.move_to_end(which)
            if len(self._readings) > _KEPT_PLANS:
                self._readings.popitem(last=False)


def _kept() -> _Kept:
    """Those of this application: another one may have another database."""
    kept: _Kept = current_app.extensions.setdefault("lessons.readings", _Kept())
    return kept


def content_of(plan: Plan) -> PlanContent:
    """What the plan's document says now."""
    return read_plan(document_of(plan.id))


def reading_of(plan: Plan, pictures: Pictures) -> ReadingPlan:
    """The plan in HTML that is safe to show, with those pictures."""
    which = plan.id, str(get_locale())
    state = _last_line(plan.id), frozenset(pictures)
    found = _kept().get(which, state)
    if found is None:
        found = plan_to_html(content_of(plan), pictures)
        _kept().put(which, state, found)
    return found


def layout_of(plan: Plan, text: ReadingPlan | PlanContent) -> tuple[Place, ...]:
    """The layout of the plan's group, and after it every section with text that the template leaves out."""
    sections = text.sections if isinstance(text, PlanContent) else [section.key for section in text.sections]
    written = {*sections, *([layout.STEPS] if text.steps else [])}
    return layout.with_all_texts(queries.layout_of_group(plan.group_id), written)


def _last_line(plan_id: int) -> int:
    """The number of the plan's last log line. It only grows, also when old lines make room for a snapshot."""
    line = select(func.max(PlanUpdate.id)).where(PlanUpdate.plan_id == plan_id).scalar_subquery()
    snapshot = select(PlanSnapshot.upto).where(PlanSnapshot.plan_id == plan_id).scalar_subquery()
    last_line, upto = db.session.execute(select(line, snapshot)).one()
    return max(last_line or 0, upto or 0)
