"""Who may read, change, share and restore a plan: written once, for one plan and for lists alike.

See "Who may" in docs/architecture.md for the rules in words.
"""

import enum
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Literal

from babel.lists import format_list
from flask_babel import get_locale, gettext
from sqlalchemy import Select, select, tuple_

from foundation.clock import today
from foundation.database import db
from foundation.errors import NotFound
from foundation.rules import NEVER, Rule, all_of, among, any_of, because, is_empty, is_filled
from lessons.models import END_OF_MEMBERSHIP, TAKES_ALONG, Plan, PlanState, PlanWriter
from schools.access import Scope, Standing, prep_group_leads, prep_group_members, standing_of
from schools.models import Membership, Person, Role, Visibility

READING_ROLES = frozenset(
    {
        Role.HEAD,
        Role.EXECUTIVE_HEAD,
        Role.ACADEMIC_OFFICE,
        Role.SUBJECT_LEAD,
        Role.GUEST_RESEARCHER,
        Role.GUEST_INSPECTOR,
    }
)


class Why(enum.Enum):
    """A reason to read or write a plan that is not a role; `lessons.reasons` puts it into words."""

    OWNER = "owner"
    WRITER = "writer"
    MEMBER = "member"
    LEAD = "lead"
    CAMPUS = "campus"
    GROUP = "group"
    PUBLIC = "public"


PlanRole = Literal["editor", "reader"]

KEPT: Rule[Plan] = is_empty(Plan.removed_at)
REMOVED: Rule[Plan] = is_filled(Plan.removed_at)
NOT_PERSONAL: Rule[Plan] = among(Plan.visibility, set(Visibility) - {Visibility.PERSONAL})
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


def readable_plans(standing: Standing) -> Select[tuple[Plan]]:
    """The plans they may read and that are not in the recycle bin."""
    return select(Plan).where(KEPT.sql(), _reading(standing).sql())


def editable_plans(standing: Standing) -> Select[tuple[Plan]]:
    """The plans whose text they may change."""
    return select(Plan).where(_editing(standing).sql())


def removed_plans(standing: Standing) -> Select[tuple[Plan]]:
    """The plans in their recycle bin."""
    return select(Plan).where(_restoring(standing).sql())


def plan_for_reading(person: Person | Standing | None, code: str) -> Plan:
    """The plan with `code`; raises NotFound when there is none or they may not read it."""
    return _plan_for(person, code, may_read_plan)


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


def has_left(plan: Plan) -> bool:
    """Whether the plan's campus has left its group."""
    return plan.left_on is not None and plan.left_on <= today()


def rights_sentence(plan: Plan) -> str:
    """Who may see and who may change `plan`, in words: “可见：全集团教师；可改：备课组 5 人”."""
    if plan.removed_at is not None:
        return gettext("在回收站里，仅作者可见、可恢复")
    return gettext("可见：%(readers)s；可改：%(writers)s", readers=_readers(plan), writers=_writers(plan))


def _plan_for(person: Person | Standing | None, code: str, may: Callable[[Standing, Plan], bool]) -> Plan:
    plan = db.session.scalar(select(Plan).where(Plan.code == code))
    if plan is None or not may(standing_of(person), plan):
        raise NotFound
    return plan


# The rules. Cached because a room asks about the same people every few seconds, a list about the same person.


@lru_cache(maxsize=1024)
def _reading(standing: Standing) -> Rule[Plan]:
    day = standing.day
    posted = because(Why.CAMPUS, among(Plan.campus_id, standing.campus_ids))
    grouped = because(Why.GROUP, among(Plan.group_id, standing.staff_group_ids))
    preparing = because(Why.MEMBER, among(Plan.prep_group_id, standing.prep_group_ids))
    at_campus = any_of(
        because(Why.PUBLIC, among(Plan.visibility, {Visibility.PUBLIC})),
        _shown_to(Visibility.CAMPUS, posted),
        _shown_to(Visibility.GROUP, all_of(posted, _of_one_that_left(day))),
        *(because(scope, _within(scope)) for scope in standing.scopes if scope.campus_id is not None),
    )
    in_group = any_of(
        _shown_to(Visibility.GROUP, grouped),
        _shown_to(Visibility.PREP_GROUP, preparing),
        *(because(scope, _within(scope)) for scope in standing.scopes if scope.campus_id is None),
    )
    shown = any_of(at_campus, all_of(in_group, any_of(_of_a_member(day), _left_behind(day))))
    kept = all_of(KEPT, any_of(_writing(standing), all_of(NOT_PERSONAL, shown)))
    return _unless_looked_through(standing, any_of(kept, _restoring(standing)))


def _shown_to(visibility: Visibility, rule: Rule[Plan]) -> Rule[Plan]:
    return all_of(among(Plan.visibility, {visibility}), rule)


@lru_cache(maxsize=1024)
def _editing(standing: Standing) -> Rule[Plan]:
    return _unless_looked_through(standing, all_of(KEPT, _writing(standing)))


def _writing(standing: Standing) -> Rule[Plan]:
    """Those who write in a plan that is not in the recycle bin."""
    preparing = any_of(
        all_of(NOT_ARCHIVED, because(Why.MEMBER, among(Plan.prep_group_id, standing.prep_group_ids))),
        because(Why.LEAD, among(Plan.prep_group_id, standing.led_prep_group_ids)),
    )
    prepared = all_of(NOT_PERSONAL, preparing, _of_a_member(standing.day))
    return any_of(_own(standing), prepared, _named_writer(standing))


@lru_cache(maxsize=1024)
def _deciding(standing: Standing) -> Rule[Plan]:
    led = all_of(NOT_PERSONAL, among(Plan.prep_group_id, standing.led_prep_group_ids), _of_a_member(standing.day))
    return _unless_looked_through(standing, all_of(KEPT, any_of(_own(standing), led)))


@lru_cache(maxsize=1024)
def _restoring(standing: Standing) -> Rule[Plan]:
    return _unless_looked_through(standing, all_of(REMOVED, _own(standing)))


def _unless_looked_through(standing: Standing, rule: Rule[Plan]) -> Rule[Plan]:
    """What is personal stays closed to an administrator who sees as this person."""
    return all_of(NOT_PERSONAL, rule) if standing.looked_through else rule


def _own(standing: Standing) -> Rule[Plan]:
    return because(Why.OWNER, among(Plan.owner_id, () if standing.person_id is None else {standing.person_id}))


def _named_writer(standing: Standing) -> Rule[Plan]:
    person_id = standing.person_id
    if person_id is None:
        return NEVER
    named = Rule[Plan](
        lambda plan: any(writer.person_id == person_id for writer in plan.writers),
        lambda: Plan.id.in_(select(PlanWriter.plan_id).where(PlanWriter.person_id == person_id)),
    )
    return because(Why.WRITER, named)


@lru_cache(maxsize=8)
def _of_a_member(day: date) -> Rule[Plan]:
    """The plans whose campus has not left their group."""
    return Rule(
        lambda plan: plan.left_on is None or plan.left_on > day,
        lambda: tuple_(Plan.group_id, Plan.campus_id).not_in(_left_by(day)),
    )


@lru_cache(maxsize=8)
def _of_one_that_left(day: date) -> Rule[Plan]:
    """The others: their own campus still reads what it had shared with the group."""
    return Rule(
        lambda plan: plan.left_on is not None and plan.left_on <= day,
        lambda: tuple_(Plan.group_id, Plan.campus_id).in_(_left_by(day)),
    )


@lru_cache(maxsize=8)
def _left_behind(day: date) -> Rule[Plan]:
    """What a campus had shared and did not take along when it left."""
    stays = Rule[Plan](
        lambda plan: plan.withdrawn_on is None or plan.withdrawn_on > day,
        lambda: tuple_(Plan.group_id, Plan.campus_id).not_in(_left_by(day).having(TAKES_ALONG)),
    )
    return all_of(among(Plan.visibility, {Visibility.GROUP, Visibility.PREP_GROUP}), stays)


def _left_by(day: date) -> Select[tuple[int, int]]:
    """The groups and the campuses (their ids) that have left them. Asked once for a whole list."""
    return (
        select(Membership.group_id, Membership.campus_id)
        .group_by(Membership.group_id, Membership.campus_id)
        .having(day >= END_OF_MEMBERSHIP)
    )


def _within(scope: Scope) -> Rule[Plan]:
    """The plans that a role lets its holder read, personal ones aside."""
    if scope.role not in READING_ROLES or (scope.role is Role.SUBJECT_LEAD and scope.subject_id is None):
        return NEVER
    limits = (
        (Plan.group_id, scope.group_id),
        (Plan.campus_id, scope.campus_id),
        (Plan.prep_group_id, scope.prep_group_id),
        (Plan.subject_id, scope.subject_id),
        (Plan.campus_id, scope.campus_ids),
        (Plan.grade, scope.grades),
    )
    return all_of(
        *(
            among(column, limit if isinstance(limit, frozenset) else {limit})
            for column, limit in limits
            if limit is not None
        )
    )


# In words.


def _readers(plan: Plan) -> str:
    match plan.visibility:
        case Visibility.PREP_GROUP if plan.prep_group_id is not None:
            count = len(prep_group_members(plan.prep_group_id))
            return gettext("备课组 %(count)s 人和主管领导", count=count)
        case Visibility.CAMPUS:
            return gettext("%(campus)s教师和主管领导", campus=plan.campus.short_name)
        case Visibility.GROUP if has_left(plan):
            if plan.withdrawn_on is None:
                return gettext("%(campus)s教师和原集团教师", campus=plan.campus.short_name)
            return gettext("%(campus)s教师和主管领导", campus=plan.campus.short_name)
        case Visibility.GROUP:
            return gettext("全集团教师")
        case Visibility.PUBLIC:
            return gettext("所有人")
    return _named(plan, frozenset(), [])


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
