"""为什么他能看到？Why somebody may read or write a plan, in words: the reasons of `lessons.access` with the facts behind them."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext

from foundation.clock import SCHOOL_ZONE
from lessons.access import rights_sentence, why_edits_plan, why_reads_plan
from lessons.models import Plan
from schools.access import Standing
from schools.models import Visibility
from schools.reasons import Answer, Inquiry, day_said
from schools.sharing_words import reasons_said
from schools.tiers import Why


@dataclass(frozen=True)
class WhyPlan:
    """Why somebody reads and writes a plan. `otherwise` says for one who does not read it whom it is for."""

    reading: Answer
    writing: Answer
    otherwise: str = ""


def why_plan(about: Inquiry, plan: Plan) -> WhyPlan:
    """The answer for somebody today, or on the nearest day on which it is another."""
    reading = about.answer(lambda standing: reading_said(standing, plan))
    if not reading.reasons:
        return WhyPlan(reading, Answer(()), _otherwise(plan))
    return WhyPlan(reading, about.answer(lambda standing: writing_said(standing, plan)))


def reading_said(standing: Standing, plan: Plan) -> list[str]:
    """Why they may read the plan, a sentence for each reason."""
    return _said(why_reads_plan(standing, plan), standing, plan)


def writing_said(standing: Standing, plan: Plan) -> list[str]:
    """Why they may change its text."""
    return _said(why_edits_plan(standing, plan), standing, plan)


def _said(reasons: Sequence[object], standing: Standing, plan: Plan) -> list[str]:
    own = {
        Why.OWNER: [gettext("是这份教案的作者")],
        Why.WRITER: _invitation(standing, plan) if Why.WRITER in reasons else [],
        Why.PUBLIC: [gettext("这份教案是公开的，所有人都能看")],
    }
    return reasons_said(reasons, standing, plan, own)


def _invitation(standing: Standing, plan: Plan) -> list[str]:
    return [
        gettext("作者请来一起写（%(day)s起）", day=day_said(writer.made_at.astimezone(SCHOOL_ZONE).date()))
        for writer in plan.writers
        if writer.person_id == standing.person_id
    ]


def _otherwise(plan: Plan) -> str:
    if plan.removed_at is None and plan.visibility is Visibility.PERSONAL:
        return gettext("这是一份个人教案，只有作者和作者请来一起写的人能看")
    return rights_sentence(plan)
