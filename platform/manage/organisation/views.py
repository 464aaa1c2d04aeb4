"""Pages: Campuses with their profile and rooms, divisions, departments and committees."""

from collections.abc import Mapping

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from foundation import allow
from foundation.config import Settings
from foundation.database import db
from foundation.errors import Invalid, NotFound
from library.usage import GIGABYTE, bytes_of_campuses
from manage.access import managing
from manage.finding import colleagues
from manage.organisation import access, actions, queries
from manage.organisation.forms import (
    DivisionForm,
    MembershipForm,
    Profile,
    RoomForm,
    UnitForm,
    UnitKind,
    UnitMemberForm,
    place_sent,
)
from schools.access import Standing, may_administer
from schools.limits import limits_of, widest
from schools.models import Campus, Division, Group, OrgUnit, Stage
from schools.names import GRADES_OF_STAGE, MEMBER_KIND_NAMES, ROOM_KIND_NAMES, STAGE_NAMES, grade_name
from schools.signing_in import the_person

pages = Blueprint("organisation", __name__)

UNIT_KIND_NAMES = {
    UnitKind.DEPARTMENT: lazy_gettext("部门"),
    UnitKind.WORKING_GROUP: lazy_gettext("工作组"),
    UnitKind.COMMITTEE: lazy_gettext("委员会"),
    UnitKind.COUNCIL: lazy_gettext("理事会"),
}

Errors = Mapping[str, str]


@pages.app_context_processor
def _names() -> dict[str, object]:
    return {
        "member_kinds": MEMBER_KIND_NAMES,
        "room_kinds": ROOM_KIND_NAMES,
        "stage_names": STAGE_NAMES,
        "unit_kinds": UNIT_KIND_NAMES,
    }


def _standing() -> Standing:
    return managing(the_person())


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


def _group_chosen(standing: Standing) -> Group:
    return access.group_of(standing, request.args.get("group", type=int))


@pages.get("/manage/campuses")
@allow.signed_in
def list_campuses() -> ResponseReturnValue:
    """The campuses of a group, the core first."""
    standing = _standing()
    group = _group_chosen(standing)
    page = max(1, request.args.get("page", 1, type=int))
    return render_template(
        "manage/list_campuses.html",
        group=group,
        groups=queries.my_groups(standing),
        found=queries.campuses_of(standing, group, page, _settings().page_size),
        day=standing.day,
        may_add=may_administer(standing, group_id=group.id),
    )


@pages.route("/manage/campuses/new", methods=["GET", "POST"])
@allow.signed_in
def new_campus() -> ResponseReturnValue:
    """A campus joins a group."""
    standing = _standing()
    group = _group_chosen(standing)
    if not may_administer(standing, group_id=group.id):
        raise NotFound
    if request.method == "GET":
        return _campus_form(standing, group=group)
    try:
        membership = MembershipForm.read(request.form, standing.day)
        campus = actions.add_campus(the_person(), group, Profile.read(request.form), membership)
    except Invalid as refusal:
        return _campus_form(standing, group=group, errors=refusal.fields), 422
    flash(gettext("%(name)s已加入集团。", name=campus.name))
    return redirect(url_for(".show_campus", campus_id=campus.id), 303)


@pages.get("/manage/campuses/<int:campus_id>")
@allow.signed_in
def show_campus(campus_id: int) -> ResponseReturnValue:
    """A campus with its profile, rooms and memberships."""
    standing = _standing()
    return _campus_page(standing, access.campus_of(standing, campus_id))


def _campus_page(standing: Standing, campus: Campus, errors: Errors | None = None) -> str:
    memberships = queries.memberships_of(standing, campus)
    return render_template(
        "manage/show_campus.html",
        campus=campus,
        sizes=queries.sizes_of(standing.day, [campus.id])[campus.id],
        rooms=queries.rooms_of(campus),
        memberships=memberships,
        stored=bytes_of_campuses([campus.id])[campus.id],
        room=min((limits_of(each.group).campus_gigabytes for each in memberships), default=widest().campus_gigabytes)
        * GIGABYTE,
        units=queries.units_of(standing, campus_id=campus.id),
        may_edit=may_administer(standing, campus_id=campus.id),
        may_keep=access.may_keep(standing, campus.id),
        standing=standing,
        may_administer=may_administer,
        errors=errors or {},
    )


@pages.route("/manage/campuses/<int:campus_id>/edit", methods=["GET", "POST"])
@allow.signed_in
def edit_campus(campus_id: int) -> ResponseReturnValue:
    """What is told about a campus."""
    standing = _standing()
    campus = access.campus_of(standing, campus_id)
    if not may_administer(standing, campus_id=campus.id):
        raise NotFound
    if request.method == "GET":
        return _campus_form(standing, campus=campus)
    try:
        actions.change_campus(the_person(), campus, Profile.read(request.form))
    except Invalid as refusal:
        return _campus_form(standing, campus=campus, errors=refusal.fields), 422
    flash(gettext("校区资料已保存。"))
    return redirect(url_for(".show_campus", campus_id=campus.id), 303)


def _campus_form(
    standing: Standing, *, campus: Campus | None = None, group: Group | None = None, errors: Errors | None = None
) -> str:
    sent = request.form if request.method == "POST" else None
    return render_template(
        "manage/edit_campus.html", campus=campus, group=group, sent=sent, stages=list(Stage), errors=errors or {}
    )


@pages.route("/manage/memberships/<int:membership_id>", methods=["GET", "POST"])
@allow.signed_in
def edit_membership(membership_id: int) -> ResponseReturnValue:
    """How and until when a campus belongs to a group."""
    standing = _standing()
    membership = access.membership_of(standing, membership_id)
    if not may_administer(standing, group_id=membership.group_id):
        raise NotFound
    errors: Errors = {}
    if request.method == "POST":
        try:
            form = MembershipForm.read(request.form, membership.from_day)
            actions.change_membership(the_person(), membership, form)
            flash(gettext("成员关系已保存。"))
            return redirect(url_for(".list_campuses", group=membership.group_id), 303)
        except Invalid as refusal:
            errors = refusal.fields
    page = render_template("manage/edit_membership.html", membership=membership, sent=request.form, errors=errors)
    return page, 422 if errors else 200


@pages.post("/manage/memberships/<int:membership_id>/keep")
@allow.signed_in
def keep_data(membership_id: int) -> ResponseReturnValue:
    """Whether the campus looks after its people and data itself."""
    membership = access.membership_of(_standing(), membership_id)
    actions.keep_data(the_person(), membership, to_itself="to_itself" in request.form)
    flash(gettext("已保存，立即生效。"))
    return redirect(url_for(".show_campus", campus_id=membership.campus_id, _anchor="keeping"), 303)


@pages.post("/manage/campuses/<int:campus_id>/rooms")
@allow.signed_in
def save_rooms(campus_id: int) -> ResponseReturnValue:
    """Add a room, change it or take it away."""
    standing = _standing()
    campus = access.campus_of(standing, campus_id)
    room_id = request.form.get("room", type=int)
    try:
        if room_id is None:
            actions.add_room(the_person(), campus, RoomForm.read(request.form))
        elif "delete" in request.form:
            actions.delete_room(the_person(), campus, access.room_of(campus, room_id))
        else:
            actions.change_room(the_person(), campus, access.room_of(campus, room_id), RoomForm.read(request.form))
    except Invalid as refusal:
        return _campus_page(standing, campus, refusal.fields), 422
    return redirect(url_for(".show_campus", campus_id=campus.id, _anchor="rooms"), 303)


@pages.get("/manage/divisions")
@allow.signed_in
def list_divisions() -> ResponseReturnValue:
    """The divisions of a group."""
    standing = _standing()
    group = _group_chosen(standing)
    return render_template(
        "manage/list_divisions.html",
        group=group,
        groups=queries.my_groups(standing),
        divisions=queries.divisions_of(group),
        grade_name=grade_name,
        may_edit=may_administer(standing, group_id=group.id),
    )


@pages.route("/manage/divisions/new", methods=["GET", "POST"])
@allow.signed_in
def new_division() -> ResponseReturnValue:
    """A division is made."""
    standing = _standing()
    group = _group_chosen(standing)
    if request.method == "GET":
        return _division_form(standing, group)
    try:
        division = actions.add_division(the_person(), group, DivisionForm.read(request.form))
    except Invalid as refusal:
        return _division_form(standing, group, errors=refusal.fields), 422
    flash(gettext("已新建%(name)s。", name=division.name))
    return redirect(url_for(".list_divisions", group=group.id), 303)


@pages.route("/manage/divisions/<int:division_id>", methods=["GET", "POST"])
@allow.signed_in
def edit_division(division_id: int) -> ResponseReturnValue:
    """The grades and campuses of a division."""
    standing = _standing()
    division = access.division_of(standing, division_id)
    group = access.group_of(standing, division.group_id)
    if request.method == "GET":
        return _division_form(standing, group, division)
    try:
        actions.change_division(the_person(), division, DivisionForm.read(request.form))
    except Invalid as refusal:
        return _division_form(standing, group, division, refusal.fields), 422
    flash(gettext("级部已保存。"))
    return redirect(url_for(".list_divisions", group=group.id), 303)


@pages.post("/manage/divisions/<int:division_id>/delete")
@allow.signed_in
def delete_division(division_id: int) -> ResponseReturnValue:
    """A division that no role was given for is taken away."""
    division = access.division_of(_standing(), division_id)
    actions.delete_division(the_person(), division)
    flash(gettext("已删除%(name)s。", name=division.name))
    return redirect(url_for(".list_divisions", group=division.group_id), 303)


def _division_form(
    standing: Standing, group: Group, division: Division | None = None, errors: Errors | None = None
) -> str:
    if not may_administer(standing, group_id=group.id):
        raise NotFound
    sent = request.form if request.method == "POST" else None
    campuses = queries.present_campuses(standing, group)
    stages = {stage for campus in campuses for stage in campus.stages}
    usual = (Stage.PRIMARY, Stage.JUNIOR, Stage.SENIOR, Stage.VOCATIONAL)
    grades = {grade: grade_name(stage, grade) for stage in reversed(usual) for grade in GRADES_OF_STAGE[stage]}
    offered = {grade for stage in usual if stage in stages for grade in GRADES_OF_STAGE[stage]}
    return render_template(
        "manage/edit_division.html",
        group=group,
        division=division,
        sent=sent,
        grades=[(grade, grades[grade]) for grade in sorted(offered or grades)],
        places=[(campus.id, campus.name) for campus in campuses],
        errors=errors or {},
    )


@pages.get("/manage/departments")
@allow.signed_in
def list_units() -> ResponseReturnValue:
    """The departments and committees of a group, and how many its campuses have; those of one campus when it is chosen."""
    standing = _standing()
    group = _group_chosen(standing)
    campus_id = request.args.get("campus", type=int)
    campus = access.campus_of(standing, campus_id) if campus_id else None
    groups, campuses = access.places_for_units(standing)
    return render_template(
        "manage/list_units.html",
        group=group,
        groups=queries.my_groups(standing),
        campus=campus,
        units=queries.units_of(standing, group_id=None if campus else group.id, campus_id=campus_id),
        campuses=queries.campuses_with_units(standing, group),
        may_add=campus in campuses if campus else group in groups,
    )


@pages.route("/manage/departments/new", methods=["GET", "POST"])
@allow.signed_in
def new_unit() -> ResponseReturnValue:
    """A department is made, for a group or a campus."""
    standing = _standing()
    group_id, campus_id = place_sent(request.values)
    if not may_administer(standing, group_id=group_id, campus_id=campus_id):
        raise NotFound
    unit = OrgUnit(group_id=group_id, campus_id=campus_id, name="", kind=UnitKind.DEPARTMENT, duties="")
    if request.method == "GET":
        return _unit_form(standing, unit)
    try:
        made = actions.add_unit(the_person(), UnitForm.read(request.form), group_id=group_id, campus_id=campus_id)
    except Invalid as refusal:
        return _unit_form(standing, unit, refusal.fields), 422
    return redirect(url_for(".show_unit", unit_id=made.id), 303)


@pages.get("/manage/departments/<int:unit_id>")
@allow.signed_in
def show_unit(unit_id: int) -> ResponseReturnValue:
    """A department with its duties and members."""
    standing = _standing()
    return _unit_page(standing, access.unit_of(standing, unit_id))


@pages.route("/manage/departments/<int:unit_id>/edit", methods=["GET", "POST"])
@allow.signed_in
def edit_unit(unit_id: int) -> ResponseReturnValue:
    """A department's name, kind, duties, and what it belongs to."""
    standing = _standing()
    unit = access.unit_of(standing, unit_id)
    if not access.may_change_unit(standing, unit):
        raise NotFound
    if request.method == "GET":
        return _unit_form(standing, unit)
    try:
        actions.change_unit(the_person(), unit, UnitForm.read(request.form))
    except Invalid as refusal:
        return _unit_form(standing, unit, refusal.fields), 422
    return redirect(url_for(".show_unit", unit_id=unit.id), 303)


@pages.post("/manage/departments/<int:unit_id>/delete")
@allow.signed_in
def delete_unit(unit_id: int) -> ResponseReturnValue:
    """An empty department is taken away."""
    unit = access.unit_of(_standing(), unit_id)
    actions.delete_unit(the_person(), unit)
    flash(gettext("已删除%(name)s。", name=unit.name))
    return redirect(url_for(".list_units", group=unit.group_id, campus=unit.campus_id), 303)


@pages.post("/manage/departments/<int:unit_id>/members")
@allow.signed_in
def add_unit_member(unit_id: int) -> ResponseReturnValue:
    """Somebody belongs to the department from a day on."""
    standing = _standing()
    unit = access.unit_of(standing, unit_id)
    try:
        actions.add_unit_member(the_person(), unit, UnitMemberForm.read(request.form, standing.day))
    except Invalid as refusal:
        return _unit_page(standing, unit, refusal.fields), 422
    return redirect(url_for(".show_unit", unit_id=unit.id, _anchor="members"), 303)


@pages.post("/manage/departments/<int:unit_id>/members/<int:member_id>/end")
@allow.signed_in
def end_unit_member(unit_id: int, member_id: int) -> ResponseReturnValue:
    """Somebody leaves the department."""
    unit = access.unit_of(_standing(), unit_id)
    actions.end_unit_member(the_person(), unit, access.unit_member_of(unit, member_id))
    return redirect(url_for(".show_unit", unit_id=unit.id, _anchor="members"), 303)


def _unit_page(standing: Standing, unit: OrgUnit, errors: Errors | None = None) -> str:
    return render_template(
        "manage/show_unit.html",
        unit=unit,
        place=db.session.get(Campus, unit.campus_id) if unit.campus_id else db.session.get(Group, unit.group_id),
        above=db.session.get(OrgUnit, unit.parent_id) if unit.parent_id else None,
        members=queries.members_of(unit),
        colleagues=colleagues(unit.campus_id) if unit.campus_id else (),
        may_edit=access.may_change_unit(standing, unit),
        day=standing.day,
        sent=request.form,
        errors=errors or {},
    )


def _unit_form(standing: Standing, unit: OrgUnit, errors: Errors | None = None) -> str:
    others = queries.units_of(standing, group_id=unit.group_id, campus_id=unit.campus_id)
    return render_template(
        "manage/edit_unit.html",
        unit=unit,
        sent=request.form if request.method == "POST" else None,
        above=[(line.unit.id, line.unit.name) for line in others if line.unit.id != unit.id],
        place=request.values.get("place", ""),
        errors=errors or {},
    )
