"""What administrators do to people: who they are, where they work, what they are trusted with, and when they leave.

Each function makes one change, writes down who made it, and commits it. All that could refuse it is asked before the change.
"""

from datetime import date, datetime, time

from flask_babel import gettext
from sqlalchemy import select

from foundation.clock import SCHOOL_ZONE, today
from foundation.database import announce, commit, db
from foundation.days import Dated
from foundation.errors import Invalid, NotAllowed
from manage.people import access
from manage.people.forms import HandOverForm, PersonForm, PostingForm, RoleForm, TitleForm
from schools import audit
from schools.access import arranged_campuses, standing_of
from schools.actions import PersonRightsChanged, SignedOutEverywhere, keep_an_administrator
from schools.models import (
    Division,
    DivisionCampus,
    Membership,
    OrgUnitMember,
    Person,
    Posting,
    PostingKind,
    PrepGroup,
    PrepGroupPick,
    Role,
    RoleGrant,
    SchoolClass,
    Subject,
    TeachingAssignment,
    Title,
)
from schools.staff import authority_of, campuses_belonged_to


def add_person(by: Person, form: PersonForm, posting: PostingForm) -> Person:
    """Somebody new works at a campus. Raises NotAllowed, Invalid for a staff number in use."""
    access.must_administer(authority_of(standing_of(by)), posting.campus_id)
    person = _new_person(form)
    made = _posting(person, posting)
    db.session.flush()
    audit.record(by, "person_made", "person", person, campus_id=made.campus_id, number=form.staff_number)
    _record_posting(by, "posting_made", made)
    commit()
    return person


def add_guest(by: Person, form: PersonForm, role: RoleForm) -> Person:
    """Somebody from outside comes as a guest until a day. Raises NotAllowed, Invalid."""
    _must_grant(by, role)
    person = _new_person(form)
    grant = _grant(person, role)
    db.session.flush()
    audit.record(
        by,
        "person_made",
        "person",
        person,
        campus_id=role.campus_id,
        group_id=role.group_id,
        number=form.staff_number,
    )
    _record_grant(by, grant)
    commit()
    return person


def correct_person(by: Person, person: Person, form: PersonForm) -> None:
    """Another name or staff number. Raises NotAllowed, Invalid for a staff number in use."""
    access.must_look_after(authority_of(standing_of(by)), person)
    _must_be_free(form.staff_number, person)
    number = form.staff_number or None
    pairs = {"name": (person.name, form.name), "number": (person.staff_number, number)}
    changed = {name: list(pair) for name, pair in pairs.items() if pair[0] != pair[1]}
    if changed:
        person.name, person.staff_number = form.name, number
        audit.record(by, "person_changed", "person", person, campus_id=_campus_of(person), changed=changed)
    commit()


def add_posting(by: Person, person: Person, form: PostingForm) -> Posting:
    """Somebody works at one more campus. Raises NotAllowed, Invalid.

    Whose people they are is decided where they are at home: 本校 is given by those who look after them. Any administrator may
    let a present colleague come to their own campus besides.
    """
    authority = authority_of(standing_of(by))
    access.must_administer(authority, form.campus_id)
    theirs = authority.may_look_after(person)
    if not theirs and not _is_present(person):
        access.must_look_after(authority, person)
    _must_be_at_home(form, theirs=theirs)
    if person.left_at is not None:
        raise Invalid(campus=gettext("%(name)s已办理离岗，请先在人员页上恢复在岗。", name=person.name))
    _must_not_overlap(person, form)
    posting = _posting(person, form)
    db.session.flush()
    _record_posting(by, "posting_made", posting)
    announce(PersonRightsChanged(person.id))
    commit()
    return posting


def change_posting(by: Person, posting: Posting, form: PostingForm) -> None:
    """Other days, kind or share of a posting; its campus stays. Raises NotAllowed, Invalid."""
    person = posting.person
    authority = authority_of(standing_of(by))
    access.must_administer(authority, posting.campus_id)
    if posting.kind is not form.kind:
        _must_be_at_home(form, theirs=authority.may_look_after(person))
    _must_not_overlap(person, form, posting)
    posting.kind, posting.share_percent = form.kind, form.share_percent
    posting.from_day, posting.to_day = form.from_day, form.to_day
    _record_posting(by, "posting_changed", posting)
    announce(PersonRightsChanged(person.id))
    commit()


def give_title(by: Person, person: Person, form: TitleForm) -> None:
    """Write an honour on somebody's card. Raises NotAllowed."""
    access.must_look_after(authority_of(standing_of(by)), person)
    db.session.add(Title(person_id=person.id, name=form.name, from_day=form.from_day, to_day=form.to_day))
    audit.record(by, "title_given", "person", person, campus_id=_campus_of(person), title=form.name)
    commit()


def remove_title(by: Person, person: Person, title: Title) -> None:
    """Take an honour off somebody's card. Raises NotAllowed."""
    access.must_look_after(authority_of(standing_of(by)), person)
    db.session.delete(title)
    audit.record(by, "title_removed", "person", person, campus_id=_campus_of(person), title=title.name)
    commit()


def give_role(by: Person, person: Person, form: RoleForm) -> RoleGrant:
    """Trust somebody with a role. Raises NotAllowed where it is wider than what `by` administers, Invalid."""
    _must_grant(by, form)
    if person.left_at is not None:
        raise Invalid(role=gettext("%(name)s已办理离岗，请先在人员页上恢复在岗。", name=person.name))
    if any(_is_same(grant, form) and _lasts(grant, form.from_day) for grant in person.grants):
        raise Invalid(role=gettext("%(name)s已有这个角色，不用再授予。", name=person.name))
    grant = _grant(person, form)
    db.session.flush()
    _record_grant(by, grant)
    announce(PersonRightsChanged(person.id))
    commit()
    return grant


def let_leave(by: Person, person: Person, on: date) -> None:
    """Somebody leaves: from the day `on` nothing that they hold counts, and they no longer sign in.

    What they wrote stays. Raises NotAllowed, Conflict for the last administrator of a group.
    """
    access.must_look_after(authority_of(standing_of(by)), person)
    keep_an_administrator([grant for grant in person.grants if _lasts(grant, on)], on)
    campus_id = _campus_of(person)
    for each in _held_by(person):
        if _lasts(each, on):
            each.to_day = max(on, each.from_day)
    person.left_at = datetime.combine(on, time(), SCHOOL_ZONE)
    audit.record(by, "person_left", "person", person, campus_id=campus_id, on=on.isoformat())
    announce(PersonRightsChanged(person.id))
    announce(SignedOutEverywhere(person.id))
    commit()


def bring_back(by: Person, person: Person, form: PostingForm) -> None:
    """Somebody who has left works again, at a campus of `by`. Roles are given anew. Raises NotAllowed, Invalid."""
    authority = authority_of(standing_of(by))
    access.must_look_after(authority, person)
    access.must_administer(authority, form.campus_id)
    _must_not_overlap(person, form)
    person.left_at = None
    posting = _posting(person, form)
    db.session.flush()
    audit.record(by, "person_back", "person", person, campus_id=posting.campus_id, on=form.from_day.isoformat())
    announce(PersonRightsChanged(person.id))
    commit()


def hand_over(by: Person, person: Person, successor: Person, form: HandOverForm) -> int:
    """Let `successor` lead, look after and teach what `person` did; gives back how much went over. Raises NotAllowed, Invalid.

    Leading and teaching go over on the chosen day, homeroom classes at once: for them no days are kept.
    """
    if successor.id == person.id:
        raise Invalid(successor=gettext("接手的老师不能是本人。"))
    grants = _led(person, form)
    classes = _homerooms(person, form)
    assignments = _assignments(person, form)
    _must_hand_over(by, grants, classes, assignments)
    _must_work_there(successor, classes, assignments, form.on)
    for school_class in classes:
        school_class.homeroom_teacher_id = successor.id
    for grant in grants:
        _pass_on(grant, RoleGrant(role=grant.role, prep_group_id=grant.prep_group_id), successor, form.on)
    for each in assignments:
        fresh = TeachingAssignment(class_id=each.class_id, subject_id=each.subject_id)
        _pass_on(each, fresh, successor, form.on)
    audit.record(
        by,
        "handed_over",
        "person",
        person,
        campus_id=_campus_of(person),
        successor=successor.name,
        on=form.on.isoformat(),
        prep_groups=[grant.prep_group_id for grant in grants],
        homerooms=[school_class.name for school_class in classes],
        assignments=[assignment.id for assignment in assignments],
    )
    announce(PersonRightsChanged(person.id))
    announce(PersonRightsChanged(successor.id))
    commit()
    return len(grants) + len(classes) + len(assignments)


def _new_person(form: PersonForm) -> Person:
    _must_be_free(form.staff_number)
    person = Person(name=form.name, staff_number=form.staff_number or None)
    db.session.add(person)
    return person


def _must_be_free(staff_number: str, person: Person | None = None) -> None:
    holder = db.session.scalar(select(Person).where(Person.staff_number == staff_number)) if staff_number else None
    if holder is not None and holder is not person:
        raise Invalid(staff_number=gettext("这个工号已经有人使用。"))


def _posting(person: Person, form: PostingForm) -> Posting:
    posting = Posting(
        campus_id=form.campus_id,
        kind=form.kind,
        share_percent=form.share_percent,
        from_day=form.from_day,
        to_day=form.to_day,
    )
    person.postings.append(posting)
    return posting


def _must_be_at_home(form: PostingForm, *, theirs: bool) -> None:
    if form.kind is PostingKind.HOME and not theirs:
        raise NotAllowed(
            gettext("“本校”只能由这位老师现在的管理员设定。请先按轮岗、走教或跨校执教派驻，再请对方结束原来的任职。")
        )


def _is_present(person: Person) -> bool:
    return any(posting.holds_on(today()) for posting in person.postings)


def _must_not_overlap(person: Person, form: PostingForm, changed: Posting | None = None) -> None:
    campus_id = changed.campus_id if changed else form.campus_id
    for other in person.postings:
        if other is changed or other.campus_id != campus_id:
            continue
        if (form.to_day is None or other.from_day < form.to_day) and _lasts(other, form.from_day):
            raise Invalid(from_day=gettext("这段时间在这个校区已有任职，请改日期，或直接更改那一项。"))


def _lasts(dated: Dated, day: date) -> bool:
    """Whether it still counts on `day` or later."""
    return dated.to_day is None or dated.to_day > day


def _must_grant(by: Person, form: RoleForm) -> None:
    prep_group = db.session.get(PrepGroup, form.prep_group_id) if form.prep_group_id else None
    if not authority_of(standing_of(by)).may_grant(
        group_id=form.group_id, campus_id=form.campus_id, prep_group=prep_group
    ):
        raise NotAllowed(gettext("只能授予自己管理范围之内的角色。"))
    if form.subject_id is not None and db.session.get(Subject, form.subject_id) is None:
        raise Invalid(subject=gettext("请从列表里选择学科。"))
    if form.division_id is not None and not _division_fits(form):
        raise Invalid(division=gettext("请选择这个集团或校区里的级部。"))


def _division_fits(form: RoleForm) -> bool:
    fitting = select(Division.id).where(Division.id == form.division_id)
    if form.group_id is not None:
        fitting = fitting.where(Division.group_id == form.group_id)
    else:
        fitting = (
            fitting.join(DivisionCampus, DivisionCampus.division_id == Division.id)
            .join(Membership, Membership.group_id == Division.group_id)
            .where(
                DivisionCampus.campus_id == form.campus_id,
                Membership.campus_id == form.campus_id,
                Membership.holding_on(today()),
            )
        )
    return db.session.scalar(fitting) is not None


def _grant(person: Person, form: RoleForm) -> RoleGrant:
    grant = RoleGrant(
        role=form.role,
        group_id=form.group_id,
        campus_id=form.campus_id,
        prep_group_id=form.prep_group_id,
        division_id=form.division_id,
        subject_id=form.subject_id,
        grade=form.grade,
        from_day=form.from_day,
        to_day=form.to_day,
    )
    person.grants.append(grant)
    return grant


def _is_same(grant: RoleGrant, form: RoleForm) -> bool:
    scope = ("role", "group_id", "campus_id", "prep_group_id", "division_id", "subject_id", "grade")
    return all(getattr(grant, name) == getattr(form, name) for name in scope)


def _held_by(person: Person) -> list[Dated]:
    """All that begins and ends with days and hangs on somebody."""
    held: list[Dated] = [*person.postings, *person.grants]
    for kind in (TeachingAssignment, PrepGroupPick, OrgUnitMember):
        held += db.session.scalars(select(kind).where(kind.person_id == person.id))
    return held


def _campus_of(person: Person) -> int | None:
    return min(campuses_belonged_to(person), default=None)


def _record_posting(by: Person, action: str, posting: Posting) -> None:
    audit.record(
        by,
        action,
        "person",
        posting.person,
        campus_id=posting.campus_id,
        kind_of_posting=posting.kind.value,
        share=posting.share_percent,
        from_day=posting.from_day.isoformat(),
        to_day=posting.to_day.isoformat() if posting.to_day else None,
    )


def _record_grant(by: Person, grant: RoleGrant) -> None:
    audit.record(
        by,
        "grant_made",
        "person",
        grant.person,
        campus_id=grant.campus_id,
        group_id=grant.of_group_id,
        role=grant.role.value,
        prep_group=grant.prep_group.name if grant.prep_group else None,
        division_id=grant.division_id,
        subject_id=grant.subject_id,
        grade=grant.grade,
        from_day=grant.from_day.isoformat(),
        to_day=grant.to_day.isoformat() if grant.to_day else None,
    )


def _led(person: Person, form: HandOverForm) -> list[RoleGrant]:
    return [
        grant
        for grant in person.grants
        if grant.id in form.grant_ids and grant.role is Role.PREP_LEAD and _lasts(grant, form.on)
    ]


def _homerooms(person: Person, form: HandOverForm) -> list[SchoolClass]:
    wanted = select(SchoolClass).where(SchoolClass.id.in_(form.class_ids), SchoolClass.homeroom_teacher_id == person.id)
    return list(db.session.scalars(wanted))


def _assignments(person: Person, form: HandOverForm) -> list[TeachingAssignment]:
    wanted = select(TeachingAssignment).where(
        TeachingAssignment.id.in_(form.assignment_ids), TeachingAssignment.person_id == person.id
    )
    return [assignment for assignment in db.session.scalars(wanted) if _lasts(assignment, form.on)]


def _must_hand_over(
    by: Person, grants: list[RoleGrant], classes: list[SchoolClass], assignments: list[TeachingAssignment]
) -> None:
    standing = standing_of(by)
    authority = authority_of(standing)
    led = db.session.scalars(select(PrepGroup).where(PrepGroup.id.in_([grant.prep_group_id for grant in grants])))
    arranged = set(db.session.scalars(arranged_campuses(standing)))
    if not _campuses_of(classes, assignments) <= arranged or not all(
        authority.may_grant(prep_group=prep_group) for prep_group in led
    ):
        raise NotAllowed(gettext("勾选的工作里有不归您安排的，请重新勾选。"))


def _must_work_there(
    successor: Person, classes: list[SchoolClass], assignments: list[TeachingAssignment], on: date
) -> None:
    posted = {posting.campus_id for posting in successor.postings if posting.holds_on(on)}
    if not _campuses_of(classes, assignments) <= posted:
        raise Invalid(
            successor=gettext("%(name)s那天在班级所在的校区没有任职。请先派驻，或换一位老师。", name=successor.name)
        )


def _campuses_of(classes: list[SchoolClass], assignments: list[TeachingAssignment]) -> set[int]:
    taught = select(SchoolClass.campus_id).where(SchoolClass.id.in_([each.class_id for each in assignments]))
    return {school_class.campus_id for school_class in classes} | set(db.session.scalars(taught))


def _pass_on(
    held: RoleGrant | TeachingAssignment, fresh: RoleGrant | TeachingAssignment, successor: Person, on: date
) -> None:
    """End `held` on the day; `fresh` goes on from there until the same end."""
    fresh.person_id, fresh.from_day, fresh.to_day = successor.id, max(on, held.from_day), held.to_day
    held.to_day = max(on, held.from_day)
    db.session.add(fresh)
