"""What is done to campuses, memberships, rooms, divisions and departments. Each function makes one change and commits it."""

from collections.abc import Collection
from dataclasses import asdict

from flask_babel import gettext, ngettext
from sqlalchemy import ColumnElement, func, or_, select

from foundation.clock import today
from foundation.codes import new_code
from foundation.database import announce, commit, db
from foundation.errors import Conflict, Invalid, NotAllowed
from manage.finding import colleague_named
from manage.organisation.access import may_change_unit, may_keep, must_administer
from manage.organisation.forms import DivisionForm, MembershipForm, Profile, RoomForm, UnitForm, UnitMemberForm
from schools.access import standing_of
from schools.actions import PersonRightsChanged
from schools.audit import MEMBERSHIP, record
from schools.models import (
    Campus,
    Division,
    Group,
    Membership,
    OrgUnit,
    OrgUnitMember,
    Person,
    Posting,
    RoleGrant,
    Room,
)


def add_campus(by: Person, group: Group, profile: Profile, membership: MembershipForm) -> Campus:
    """Make a campus as a member of `group`. Raises NotAllowed, and Invalid for a name that the group has already."""
    must_administer(by, group_id=group.id)
    _refuse_name_taken(profile.name, [group.id])
    campus = Campus(code=new_code(8), **asdict(profile))
    joined = Membership(group_id=group.id, **asdict(membership))
    campus.memberships.append(joined)
    db.session.add(campus)
    db.session.flush()
    record(by, "campus_added", MEMBERSHIP, joined, name=campus.name, campus_id=campus.id, group_id=group.id)
    commit()
    return campus


def change_campus(by: Person, campus: Campus, profile: Profile) -> None:
    """Change what is told about a campus. Raises NotAllowed, Invalid."""
    must_administer(by, campus_id=campus.id)
    _refuse_name_taken(profile.name, [each.group_id for each in campus.memberships], but=campus.id)
    changed = {name: value for name, value in asdict(profile).items() if getattr(campus, name) != value}
    for name, value in changed.items():
        setattr(campus, name, value)
    if changed:
        record(by, "campus_changed", "campus", campus, campus_id=campus.id, changed=sorted(changed))
    commit()


def change_membership(by: Person, membership: Membership, form: MembershipForm) -> None:
    """Change how and until when a campus belongs to a group; rights of its people there end with it. Raises NotAllowed."""
    must_administer(by, group_id=membership.group_id)
    for name, value in asdict(form).items():
        setattr(membership, name, value)
    record(
        by,
        "membership_changed",
        MEMBERSHIP,
        membership,
        name=membership.campus.name,
        campus_id=membership.campus_id,
        group_id=membership.group_id,
        member_kind=form.kind.value,
        from_day=form.from_day.isoformat(),
        to_day=form.to_day.isoformat() if form.to_day else "",
    )
    _announce_people_of([membership.campus_id])
    _announce_granted(RoleGrant.group_id == membership.group_id)
    commit()


def keep_data(by: Person, membership: Membership, *, to_itself: bool) -> None:
    """Let a campus look after its people and data itself, or let the group do so too. Raises NotAllowed."""
    if not may_keep(standing_of(by), membership.campus_id):
        raise NotAllowed(gettext("只有本校的校长或校区管理员能改这一项。"))
    membership.group_manages = not to_itself
    record(
        by,
        "data_kept",
        MEMBERSHIP,
        membership,
        name=membership.campus.name,
        campus_id=membership.campus_id,
        group_id=membership.group_id,
        to_itself=to_itself,
    )
    _announce_granted(RoleGrant.group_id == membership.group_id)
    commit()


def add_room(by: Person, campus: Campus, form: RoomForm) -> None:
    """Raises NotAllowed, and Invalid for a name that the campus has already."""
    must_administer(by, campus_id=campus.id)
    _refuse_room_taken(campus, form.name)
    db.session.add(Room(campus_id=campus.id, **asdict(form)))
    commit()


def change_room(by: Person, campus: Campus, room: Room, form: RoomForm) -> None:
    """Raises NotAllowed, and Invalid for a name that the campus has already."""
    must_administer(by, campus_id=campus.id)
    _refuse_room_taken(campus, form.name, but=room.id)
    for name, value in asdict(form).items():
        setattr(room, name, value)
    commit()


def delete_room(by: Person, campus: Campus, room: Room) -> None:
    """Raises NotAllowed."""
    must_administer(by, campus_id=campus.id)
    db.session.delete(room)
    commit()


def add_division(by: Person, group: Group, form: DivisionForm) -> Division:
    """Raises NotAllowed, Invalid."""
    must_administer(by, group_id=group.id)
    division = Division(
        group_id=group.id, name=form.name, grades=form.grades, campuses=_members(group.id, form.campus_ids)
    )
    db.session.add(division)
    db.session.flush()
    record(by, "division_made", "division", division, group_id=group.id)
    commit()
    return division


def change_division(by: Person, division: Division, form: DivisionForm) -> None:
    """Roles that were given for the division reach what it reaches now. Raises NotAllowed, Invalid."""
    must_administer(by, group_id=division.group_id)
    campuses = _members(division.group_id, form.campus_ids)
    division.name, division.grades, division.campuses = form.name, form.grades, campuses
    names = [campus.short_name for campus in campuses]
    record(by, "division_changed", "division", division, group_id=division.group_id, grades=form.grades, campuses=names)
    _announce_granted(RoleGrant.division_id == division.id)
    commit()


def delete_division(by: Person, division: Division) -> None:
    """Raises NotAllowed, and Conflict while a role was given for it."""
    must_administer(by, group_id=division.group_id)
    held = db.session.scalar(select(func.count()).where(RoleGrant.division_id == division.id)) or 0
    if held:
        sentence = ngettext(
            "有 %(num)d 项角色（包括已结束的）按这个级部授予，删掉会连记录一起丢失，所以不能删。",
            "有 %(num)d 项角色（包括已结束的）按这个级部授予，删掉会连记录一起丢失，所以不能删。",
            held,
        )
        raise Conflict(sentence)
    record(by, "division_deleted", "division", division, group_id=division.group_id)
    db.session.delete(division)
    commit()


def add_unit(by: Person, form: UnitForm, *, group_id: int | None, campus_id: int | None) -> OrgUnit:
    """Make a department of a group or a campus. Raises NotAllowed, Invalid."""
    must_administer(by, group_id=group_id, campus_id=campus_id)
    unit = OrgUnit(group_id=group_id, campus_id=campus_id, name=form.name, kind=form.kind.value, duties=form.duties)
    unit.parent_id = _parent(unit, form.parent_id)
    db.session.add(unit)
    db.session.flush()
    record(by, "unit_made", "org_unit", unit, group_id=group_id, campus_id=campus_id)
    commit()
    return unit


def change_unit(by: Person, unit: OrgUnit, form: UnitForm) -> None:
    """Raises NotAllowed, Invalid."""
    _must_change(by, unit)
    unit.parent_id = _parent(unit, form.parent_id)
    unit.name, unit.kind, unit.duties = form.name, form.kind.value, form.duties
    record(by, "unit_changed", "org_unit", unit, group_id=unit.group_id, campus_id=unit.campus_id)
    commit()


def delete_unit(by: Person, unit: OrgUnit) -> None:
    """Raises NotAllowed, and Conflict while somebody belongs to it or another department lies below it."""
    _must_change(by, unit)
    below = db.session.scalar(select(func.count()).where(OrgUnit.parent_id == unit.id)) or 0
    members = db.session.scalar(select(func.count()).where(OrgUnitMember.org_unit_id == unit.id)) or 0
    if below:
        raise Conflict(gettext("它下面还有 %(count)d 个部门，请先移走或删除它们。", count=below))
    if members:
        raise Conflict(gettext("它有 %(count)d 条成员记录（包括以前的），删掉就查不到了，所以不能删。", count=members))
    record(by, "unit_deleted", "org_unit", unit, group_id=unit.group_id, campus_id=unit.campus_id)
    db.session.delete(unit)
    commit()


def add_unit_member(by: Person, unit: OrgUnit, form: UnitMemberForm) -> None:
    """Let somebody of the campus, or of the group, belong to a department. Raises NotAllowed, Invalid."""
    _must_change(by, unit)
    own = select(Campus.id).where(Campus.id == unit.campus_id)
    members = select(Membership.campus_id).where(Membership.group_id == unit.group_id, Membership.holding_on(today()))
    person = colleague_named(form.person, own if unit.campus_id else members)
    twice = select(OrgUnitMember.id).where(
        OrgUnitMember.org_unit_id == unit.id,
        OrgUnitMember.person_id == person.id,
        or_(OrgUnitMember.to_day.is_(None), OrgUnitMember.to_day > form.from_day),
    )
    if db.session.scalar(twice.limit(1)):
        raise Invalid(person=gettext("%(name)s已经在这个部门里。", name=person.name))
    db.session.add(
        OrgUnitMember(
            org_unit_id=unit.id, person_id=person.id, duty=form.duty, from_day=form.from_day, to_day=form.to_day
        )
    )
    record(
        by,
        "unit_joined",
        "person",
        person,
        group_id=unit.group_id,
        campus_id=unit.campus_id,
        unit=unit.name,
        duty=form.duty,
    )
    commit()


def end_unit_member(by: Person, unit: OrgUnit, member: OrgUnitMember) -> None:
    """Somebody leaves the department today. Raises NotAllowed."""
    _must_change(by, unit)
    person = db.session.get_one(Person, member.person_id)
    if member.from_day >= today():
        db.session.delete(member)
    else:
        member.to_day = today()
    record(by, "unit_left", "person", person, group_id=unit.group_id, campus_id=unit.campus_id, unit=unit.name)
    commit()


def _must_change(by: Person, unit: OrgUnit) -> None:
    if not may_change_unit(standing_of(by), unit):
        raise NotAllowed(gettext("只有管理员能这样做。"))


def _refuse_name_taken(name: str, group_ids: Collection[int], but: int | None = None) -> None:
    taken = (
        select(Campus.id)
        .join(Membership, Membership.campus_id == Campus.id)
        .where(Campus.name == name, Campus.id != (but or 0), Membership.group_id.in_(group_ids))
    )
    if db.session.scalar(taken.limit(1)):
        raise Invalid(name=gettext("集团里已经有这个名称的校区。"))


def _refuse_room_taken(campus: Campus, name: str, but: int | None = None) -> None:
    taken = select(Room.id).where(Room.campus_id == campus.id, Room.name == name, Room.id != (but or 0))
    if db.session.scalar(taken):
        raise Invalid(room_name=gettext("已经有“%(name)s”这个教室。", name=name))


def _members(group_id: int, campus_ids: Collection[int]) -> list[Campus]:
    """Those of the campuses that are members of the group; raises Invalid when one is not."""
    campuses = db.session.scalars(
        select(Campus)
        .join(Membership, Membership.campus_id == Campus.id)
        .where(Campus.id.in_(campus_ids), Membership.group_id == group_id, Membership.holding_on(today()))
        .order_by(Campus.id)
    ).all()
    if len(set(campuses)) < len(campus_ids):
        raise Invalid(campuses=gettext("有校区已经不在集团里，请重新选择。"))
    return list(dict.fromkeys(campuses))


def _parent(unit: OrgUnit, parent_id: int | None) -> int | None:
    """The department above, which must be of the same place and not below the unit itself."""
    above = db.session.get(OrgUnit, parent_id) if parent_id else None
    if parent_id and (above is None or (above.group_id, above.campus_id) != (unit.group_id, unit.campus_id)):
        raise Invalid(parent=gettext("请从列表里选择一项。"))
    while above is not None:
        if above.id == unit.id:
            raise Invalid(parent=gettext("部门不能放在自己下面。"))
        above = db.session.get(OrgUnit, above.parent_id) if above.parent_id else None
    return parent_id


def _announce_people_of(campus_ids: Collection[int]) -> None:
    posted = select(Posting.person_id.distinct()).where(Posting.campus_id.in_(campus_ids), Posting.holding_on(today()))
    for person_id in db.session.scalars(posted):
        announce(PersonRightsChanged(person_id))


def _announce_granted(condition: ColumnElement[bool]) -> None:
    for person_id in db.session.scalars(select(RoleGrant.person_id.distinct()).where(condition)):
        announce(PersonRightsChanged(person_id))
