"""Who may read, change, share and restore a plan: written once, for one plan and for lists alike.

See "Who may" in docs/architecture.md for the rules in words.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Literal

from babel.lists import format_list
from flask_babel import get_locale, gettext
from sqlalchemy import Select, select

from foundation.database import db
from foundation.errors import NotFound
from foundation.marks import Marks, Once, having
from foundation.rules import NEVER, Rule, all_of, among, any_of, because, value_that
from lessons.models import Plan, PlanState, PlanWriter
from schools.access import Standing, prep_group_leads, prep_group_members, standing_of
from schools.models import Person, Visibility
from schools.sharing_words import has_left, in_bin_said, readers_said, rights_said
from schools.tiers import Tiers, Why

PlanRole = Literal["editor", "reader"]

TIERS: Tiers[Plan] = Tiers(Plan, subject_id=Plan.subject_id, grade=Plan.grade)
KEPT, REMOVED, NOT_PERSONAL = TIERS.kept, TIERS.removed, TIERS.not_personal
NOT_ARCHIVED: Rule[Plan] = among(Plan.state, set(PlanState) - {PlanState.ARCHIVED})


def may_read_plan(standing: Standing, plan: Plan) -> bool:
    """Whether they may read `plan`; also whether it exists for them."""
    return _reading(standing).holds(plan)


def may_edit_plan(standing: Standing, plan: Plan) -> bool:
    """Whether they may change the text of `plan`."""
    return _editing(standing).holds(plan)


def may_share_plan(standing: Standing, plan: Plan) -> bool:
    """Whether they may choose who sees `plan`."""
    return _deciding(standing).holds(plan)


def may_delete_plan(standing: Standing, plan: Plan) -> bool:
    """Whether they may put `plan` into the recycle bin."""
    return _deciding(standing).holds(plan)


def may_restore_plan(standing: Standing, plan: Plan) -> bool:
    """Whether they may take `plan` out of the recycle bin."""
    return _restoring(standing).holds(plan)


def why_reads_plan(standing: Standing, plan: Plan) -> tuple[object, ...]:
    """For which reasons they may read `plan`, each a `Why` or the `Scope` of a role; none when they may not."""
    return _reading(standing).reasons(plan)


def why_edits_plan(standing: Standing, plan: Plan) -> tuple[object, ...]:
    """The same for changing its text."""
    return _editing(standing).reasons(plan)


@lru_cache(maxsize=1024)
def readable_plans(standing: Standing) -> Select[tuple[Plan]]:
    """The plans they may read and that are not in the recycle bin."""
    return select(Plan).where(KEPT.sql(), _reading(standing).sql())


def marks_of_readable_plans(standing: Standing, once: Once) -> Marks:
    """The same for an index, which keeps none of the recycle bin."""
    return all_of(KEPT, _reading(standing)).marks(once)


def editable_plans(standing: Standing) -> Select[tuple[Plan]]:
    """The plans whose text they may change."""
    return select(Plan).where(_editing(standing).sql())


def removed_plans(standing: Standing) -> Select[tuple[Plan]]:
    """The plans in their recycle bin."""
    return select(Plan).where(_restoring(standing).sql())


def plan_for_reading(person: Person | Standing | None, code: str) -> Plan:
    """The plan with `code`; raises NotFound when there is none or they may not read it."""
    return _plan_for(person, code, may_read_plan)


def plan_for_editing(person: Person | Standing | None, code: str) -> Plan:
    """The plan with `code`; raises NotFound when there is none or they may not change its text."""
    return _plan_for(person, code, may_edit_plan)


def plan_for_sharing(person: Person | Standing | None, code: str) -> Plan:
    """The plan with `code`; raises NotFound when there is none or they may not choose who sees it."""
    return _plan_for(person, code, may_share_plan)


def plan_for_deleting(person: Person | Standing | None, code: str) -> Plan:
    """The plan with `code`; raises NotFound when there is none or they may not delete it."""
    return _plan_for(person, code, may_delete_plan)


def plan_for_restoring(person: Person | Standing | None, code: str) -> Plan:
    """The removed plan with `code`; raises NotFound when there is none or they may not restore it."""
    return _plan_for(person, code, may_restore_plan)


def role_in_plan(standing: Standing, plan: Plan) -> PlanRole | None:
    """What they may do in `plan` while it is open: write, read, or nothing."""
    if may_edit_plan(standing, plan):
        return "editor"
    return "reader" if may_read_plan(standing, plan) else None


def rights_sentence(plan: Plan) -> str:
    """Who may see and who may change `plan`, in words: “可见：全集团教师；可改：备课组 5 人”."""
    if plan.removed_at is not None:
        return in_bin_said()
    return rights_said(readers_said(plan, private=_named(plan, frozenset(), [])), _writers(plan))


def _plan_for(person: Person | Standing | None, code: str, may: Callable[[Standing, Plan], bool]) -> Plan:
    plan = db.session.scalar(select(Plan).where(Plan.code == code))
    if plan is None or not may(standing_of(person), plan):
        raise NotFound
    return plan


# The rules. Cached because a room asks about the same people every few seconds, a list about the same person.


@lru_cache(maxsize=1024)
def _reading(standing: Standing) -> Rule[Plan]:
    kept = all_of(KEPT, any_of(_writing(standing), TIERS.shown(standing)))
    return TIERS.unless_looked_through(standing, any_of(kept, _restoring(standing)))


@lru_cache(maxsize=1024)
def _editing(standing: Standing) -> Rule[Plan]:
    return TIERS.unless_looked_through(standing, all_of(KEPT, _writing(standing)))


def _writing(standing: Standing) -> Rule[Plan]:
    """Those who write in a plan that is not in the recycle bin."""
    preparing = because(Why.MEMBER, among(Plan.prep_group_id, standing.prep_group_ids))
    prepared = all_of(preparing, NOT_PERSONAL, NOT_ARCHIVED, TIERS.of_a_member(standing.day))
    return any_of(TIERS.own(standing), prepared, TIERS.led(standing), _named_writer(standing))


@lru_cache(maxsize=1024)
def _deciding(standing: Standing) -> Rule[Plan]:
    return TIERS.unless_looked_through(standing, all_of(KEPT, any_of(TIERS.own(standing), TIERS.led(standing))))


@lru_cache(maxsize=1024)
def _restoring(standing: Standing) -> Rule[Plan]:
    return TIERS.unless_looked_through(standing, all_of(REMOVED, TIERS.own(standing)))


def _named_writer(standing: Standing) -> Rule[Plan]:
    person_id = standing.person_id
    if person_id is None:
        return NEVER
    named = Rule[Plan](
        value_that("writers", lambda writers: person_id in [writer.person_id for writer in writers]),
        lambda: Plan.id.in_(select(PlanWriter.plan_id).where(PlanWriter.person_id == person_id)),
        marks=lambda once: having("writers", {person_id}),
    )
    return because(Why.WRITER, named)


# In words.


def _writers(plan: Plan) -> str:
    if plan.prep_group_id is None or plan.visibility is Visibility.PERSONAL or has_left(plan):
        return _named(plan, frozenset(), [])
    if plan.state is PlanState.ARCHIVED:
        leads = prep_group_leads(plan.prep_group_id)
        return _named(plan, leads, [gettext("备课组长")] if leads else [])
    members = prep_group_members(plan.prep_group_id)
    return _named(plan, members, [gettext("备课组 %(count)s 人", count=len(members))] if members else [])


def _named(plan: Plan, included: frozenset[int], groups: list[str]) -> str:
    """Owner and named writers as far as they are not among those `included` in `groups`, with the groups."""
    invited = {writer.person_id for writer in plan.writers} - included - {plan.owner_id}
    parts = [] if plan.owner_id in included else [gettext("作者")]
    parts += groups
    if invited:
        parts.append(gettext("受邀的 %(count)s 人", count=len(invited)))
    if parts == [gettext("作者")]:
        return gettext("仅作者")
    return format_list(parts, locale=get_locale())
