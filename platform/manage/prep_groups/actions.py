"""What is done to prep groups, their members and leads. Each function makes one change and commits it."""

from collections.abc import Collection, Sequence
from typing import Any

from flask_babel import gettext, ngettext
from sqlalchemy import Select, func, or_, select

from foundation.clock import today
from foundation.database import announce, commit, db
from foundation.errors import Conflict, Invalid, NotAllowed
from lessons.models import Plan
from manage.finding import colleague_named
from manage.prep_groups.access import must_change, must_name_leads
from manage.prep_groups.forms import PickForm, PrepGroupForm
from manage.prep_groups.queries import Wanting
from schools.access import may_arrange, prep_group_members, standing_of
from schools.actions import PersonRightsChanged
from schools.audit import record
from schools.models import (
    Campus,
    Group,
    Membership,
    Person,
    PrepGroup,
    PrepGroupPick,
    Role,
    RoleGrant,
    Stage,
    Subject,
)
from schools.names import STAGE_NAMES, grade_name, subject_name


def add_prep_group(by: Person, group: Group, form: PrepGroupForm) -> PrepGroup:
    """Make a prep group; whoever teaches its subject in its grade is in it at once. Raises NotAllowed, Invalid."""
    prep_group = PrepGroup(group_id=group.id)
    _describe(prep_group, form)
    must_change(by, prep_group)
    db.session.add(prep_group)
    db.session.flush()
    record(by, "prep_group_made", "prep_group", prep_group, group_id=group.id)
    _announce(prep_group_members(prep_group.id))
    commit()
    return prep_group


def change_prep_group(by: Person, prep_group: PrepGroup, form: PrepGroupForm) -> None:
    """Those who are no longer in it lose the rights that came with it. Raises NotAllowed, Invalid."""
    must_change(by, prep_group)
    before = prep_group_members(prep_group.id)
    _describe(prep_group, form)
    must_change(by, prep_group)
    db.session.flush()
    record(by, "prep_group_changed", "prep_group", prep_group, group_id=prep_group.group_id)
    _announce(before | prep_group_members(prep_group.id))
    commit()


def delete_prep_group(by: Person, prep_group: PrepGroup) -> None:
    """Raises NotAllowed, and Conflict while plans belong to it or somebody is in it."""
    must_change(by, prep_group)
    plans = db.session.scalar(select(func.count()).where(Plan.prep_group_id == prep_group.id)) or 0
    if plans:
        sentence = ngettext(
            "有 %(num)d 份教案属于这个备课组（包括回收站里的），不能删。",
            "有 %(num)d 份教案属于这个备课组（包括回收站里的），不能删。",
            plans,
        )
        raise Conflict(sentence)
    members = len(prep_group_members(prep_group.id))
    if members:
        sentence = ngettext("备课组里还有 %(num)d 人，不能删。", "备课组里还有 %(num)d 人，不能删。", members)
        raise Conflict(sentence)
    record(by, "prep_group_deleted", "prep_group", prep_group, group_id=prep_group.group_id)
    db.session.delete(prep_group)
    commit()


def fill_prep_groups(by: Person, group: Group, wanting: Sequence[Wanting]) -> int:
    """Make a prep group of the whole group for each of `wanting`; how many were made. Raises NotAllowed."""
    if not may_arrange(standing_of(by), group_id=group.id):
        raise NotAllowed(gettext("只有集团的管理员和教务能这样做。"))
    for each in wanting:
        name = _usual_name(each.subject, each.stage, each.grade)
        prep_group = PrepGroup(
            group_id=group.id, name=name, subject=each.subject, stage=each.stage, grade=each.grade, whole_group=True
        )
        db.session.add(prep_group)
        db.session.flush()
        record(by, "prep_group_made", "prep_group", prep_group, group_id=group.id)
        _announce(prep_group_members(prep_group.id))
    commit()
    return len(wanting)


def pick(by: Person, prep_group: PrepGroup, form: PickForm) -> None:
    """Put somebody of the group into a prep group by hand for a time. Raises NotAllowed, Invalid."""
    must_change(by, prep_group)
    person = colleague_named(form.person, _campuses_of(prep_group.group_id))
    twice = select(PrepGroupPick.id).where(
        PrepGroupPick.prep_group_id == prep_group.id,
        PrepGroupPick.person_id == person.id,
        or_(PrepGroupPick.to_day.is_(None), PrepGroupPick.to_day > form.from_day),
    )
    if db.session.scalar(twice.limit(1)):
        raise Invalid(person=gettext("%(name)s已经点名加入了这个备课组。", name=person.name))
    db.session.add(
        PrepGroupPick(prep_group_id=prep_group.id, person_id=person.id, from_day=form.from_day, to_day=form.to_day)
    )
    _record_member(by, "pick_made", prep_group, person)
    commit()


def end_pick(by: Person, prep_group: PrepGroup, picked: PrepGroupPick) -> None:
    """Somebody is no longer in a prep group by hand from today on. Raises NotAllowed."""
    must_change(by, prep_group)
    person = db.session.get_one(Person, picked.person_id)
    if picked.from_day >= today():
        db.session.delete(picked)
    else:
        picked.to_day = today()
    _record_member(by, "pick_ended", prep_group, person)
    commit()


def add_lead(by: Person, prep_group: PrepGroup, form: PickForm) -> None:
    """Let somebody of the group lead a prep group for a time. Raises NotAllowed, Invalid."""
    must_name_leads(by, prep_group)
    person = colleague_named(form.person, _campuses_of(prep_group.group_id), field="lead")
    twice = select(RoleGrant.id).where(
        RoleGrant.prep_group_id == prep_group.id,
        RoleGrant.person_id == person.id,
        RoleGrant.role == Role.PREP_LEAD,
        or_(RoleGrant.to_day.is_(None), RoleGrant.to_day > form.from_day),
    )
    if db.session.scalar(twice.limit(1)):
        raise Invalid(lead=gettext("%(name)s已经是组长。", name=person.name))
    db.session.add(
        RoleGrant(
            person_id=person.id,
            role=Role.PREP_LEAD,
            prep_group_id=prep_group.id,
            from_day=form.from_day,
            to_day=form.to_day,
        )
    )
    _record_member(by, "grant_made", prep_group, person, role=Role.PREP_LEAD.value)
    commit()


def end_lead(by: Person, prep_group: PrepGroup, held: RoleGrant) -> None:
    """Somebody no longer leads a prep group from today on. Raises NotAllowed."""
    must_name_leads(by, prep_group)
    person = db.session.get_one(Person, held.person_id)
    held.to_day = today()
    _record_member(by, "grant_ended", prep_group, person, role=Role.PREP_LEAD.value)
    commit()


def _record_member(by: Person, action: str, prep_group: PrepGroup, person: Person, **details: Any) -> None:
    record(by, action, "person", person, group_id=prep_group.group_id, prep_group=prep_group.name, **details)
    announce(PersonRightsChanged(person.id))


def _describe(prep_group: PrepGroup, form: PrepGroupForm) -> None:
    subject = db.session.get(Subject, form.subject_id)
    if subject is None:
        raise Invalid(subject=gettext("请选择学科。"))
    campuses = _members(prep_group.group_id, form.campus_ids)
    name = form.name or _usual_name(subject, form.stage, form.grade)
    same = select(PrepGroup.id).where(
        PrepGroup.group_id == prep_group.group_id, PrepGroup.name == name, PrepGroup.id != (prep_group.id or 0)
    )
    if db.session.scalar(same.limit(1)):
        raise Invalid(name=gettext("集团里已经有“%(name)s”，请换个名字。", name=name))
    prep_group.name, prep_group.subject = name, subject
    prep_group.stage, prep_group.grade = form.stage, form.grade
    prep_group.whole_group, prep_group.campuses = not campuses, campuses


def _usual_name(subject: Subject, stage: Stage, grade: int | None) -> str:
    year = grade_name(stage, grade) if grade else str(STAGE_NAMES[stage])
    return gettext("%(grade)s%(subject)s备课组", grade=year, subject=subject_name(subject))


def _campuses_of(group_id: int) -> Select[tuple[int]]:
    return select(Membership.campus_id).where(Membership.group_id == group_id, Membership.holding_on(today()))


def _members(group_id: int, campus_ids: Collection[int]) -> list[Campus]:
    campuses = db.session.scalars(
        select(Campus).where(Campus.id.in_(campus_ids), Campus.id.in_(_campuses_of(group_id))).order_by(Campus.id)
    ).all()
    if len(campuses) < len(campus_ids):
        raise Invalid(campuses=gettext("有校区已经不在集团里，请重新选择。"))
    return list(campuses)


def _announce(person_ids: Collection[int]) -> None:
    for person_id in person_ids:
        announce(PersonRightsChanged(person_id))
