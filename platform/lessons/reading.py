"""Plans as pages show them: made once, kept in memory until the plan's log grows."""

from collections import OrderedDict
from threading import Lock
from typing import Final

from flask import current_app
from sqlalchemy import func, select

from foundation.database import db
from lessons import layout, queries
from lessons.coediting import document_of
from lessons.layout import Place
from lessons.models import Plan, PlanSnapshot, PlanUpdate
from lessons.text.content import PlanContent
from lessons.text.document import read_plan
from lessons.text.reading import ReadingPlan, plan_to_html

_KEPT_PLANS: Final = 300


class _Kept:
    """The readings made last, each good for one state of its plan's log."""

    def __init__(self) -> None:
        self._readings: OrderedDict[int, tuple[int, ReadingPlan]] = OrderedDict()
        self._lock = Lock()

    def get(self, plan_id: int, last_line: int) -> ReadingPlan | None:
        with self._lock:
            kept = self._readings.get(plan_id)
            if kept is None or kept[0] != last_line:
                return None
            self._readings.move_to_end(plan_id)
            return kept[1]

    def put(self, plan_id: int, last_line: int, made: ReadingPlan) -> None:
        with self._lock:
            self._readings[plan_id] = (last_line, made)
            self._readings.move_to_end(plan_id)
            if len(self._readings) > _KEPT_PLANS:
                self._readings.popitem(last=False)


def _kept() -> _Kept:
    """Those of this application: another one may have another database."""
    kept: _Kept = current_app.extensions.setdefault("lessons.readings", _Kept())
    return kept


def content_of(plan: Plan) -> PlanContent:
    """What the plan's document says now."""
    return read_plan(document_of(plan.id))


def reading_of(plan: Plan) -> ReadingPlan:
    """The plan in HTML that is safe to show."""
    last_line = _last_line(plan.id)
    found = _kept().get(plan.id, last_line)
    if found is None:
        found = plan_to_html(content_of(plan))
        _kept().put(plan.id, last_line, found)
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
