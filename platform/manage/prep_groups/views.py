"""Pages: Prep groups with their members by teaching and by hand, and their leads."""

from collections.abc import Mapping

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from foundation import allow
from foundation.config import Settings
from foundation.database import db
from foundation.errors import Invalid, NotFound
from manage.access import managing
from manage.organisation.access import group_of
from manage.prep_groups import access, actions, queries
from manage.prep_groups.forms import PickForm, PrepGroupFilter, PrepGroupForm
from schools.access import Standing, arranged_campuses, may_arrange
from schools.models import Group, PrepGroup, PrepGroupPick, RoleGrant, Stage
from schools.names import GRADES_OF_STAGE, STAGE_NAMES, grade_name, subject_name
from schools.queries import subjects
from schools.signing_in import the_person

pages = Blueprint("prep_groups", __name__)

Errors = Mapping[str, str]


def _standing() -> Standing:
    return managing(the_person())


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


@pages.get("/manage/prep-groups")
@allow.signed_in
def list_prep_groups() -> ResponseReturnValue:
    """The prep groups of a group."""
    standing = _standing()
    wanted = PrepGroupFilter.read(request.args)
    group = group_of(standing, wanted.group)
    may_fill = may_arrange(standing, group_id=group.id)
    return render_template(
        "manage/list_prep_groups.html",
        wanted=wanted,
        group=group,
        groups=queries.my_groups(standing),
        found=queries.prep_group_page(standing, group, wanted, _settings().page_size),
        subjects=subjects(),
        grades=[(grade, grade_name(None, grade)) for grade in range(1, 13)],
        grade_name=grade_name,
        may_add=may_fill or bool(queries.campuses_for(standing, group, only=arranged_campuses(standing))),
        wanting=len(queries.wanting_in(standing, group)) if may_fill else 0,
    )


@pages.route("/manage/prep-groups/new", methods=["GET", "POST"])
@allow.signed_in
def new_prep_group() -> ResponseReturnValue:
    """A prep group is made."""
    standing = _standing()
    group = group_of(standing, request.args.get("group", type=int))
    if request.method == "GET":
        return _form(standing, group)
    try:
        prep_group = actions.add_prep_group(the_person(), group, PrepGroupForm.read(request.form))
    except Invalid as refusal:
        return _form(standing, group, errors=refusal.fields), 422
    return redirect(url_for(".show_prep_group", prep_group_id=prep_group.id), 303)


@pages.route("/manage/prep-groups/fill", methods=["GET", "POST"])
@allow.signed_in
def fill_prep_groups() -> ResponseReturnValue:
    """Prep groups are made for what is taught without one: looked at first, those that are ticked are made."""
    standing = _standing()
    group = group_of(standing, request.args.get("group", type=int))
    if not may_arrange(standing, group_id=group.id):
        raise NotFound
    wanting = queries.wanting_in(standing, group)
    if request.method == "GET":
        return render_template("manage/fill_prep_groups.html", group=group, wanting=wanting, grade_name=grade_name)
    ticked = set(request.form.getlist("wanting"))
    made = actions.fill_prep_groups(the_person(), group, [each for each in wanting if each.key in ticked])
    flash(ngettext("已新建 %(num)d 个备课组。", "已新建 %(num)d 个备课组。", made))
    return redirect(url_for(".list_prep_groups", group=group.id), 303)


@pages.get("/manage/prep-groups/<int:prep_group_id>")
@allow.signed_in
def show_prep_group(prep_group_id: int) -> ResponseReturnValue:
    """Who is in a prep group, and why."""
    standing = _standing()
    return _page(standing, access.prep_group_of(standing, prep_group_id))


@pages.route("/manage/prep-groups/<int:prep_group_id>/edit", methods=["GET", "POST"])
@allow.signed_in
def edit_prep_group(prep_group_id: int) -> ResponseReturnValue:
    """The subject, grade and campuses of a prep group."""
    standing = _standing()
    prep_group = access.prep_group_of(standing, prep_group_id)
    group = group_of(standing, prep_group.group_id)
    if not access.may_change(standing, prep_group):
        raise NotFound
    if request.method == "GET":
        return _form(standing, group, prep_group)
    try:
        actions.change_prep_group(the_person(), prep_group, PrepGroupForm.read(request.form))
    except Invalid as refusal:
        return _form(standing, group, prep_group, refusal.fields), 422
    flash(gettext("备课组已保存。"))
    return redirect(url_for(".show_prep_group", prep_group_id=prep_group.id), 303)


@pages.post("/manage/prep-groups/<int:prep_group_id>/delete")
@allow.signed_in
def delete_prep_group(prep_group_id: int) -> ResponseReturnValue:
    """A prep group without plans and members is taken away."""
    prep_group = access.prep_group_of(_standing(), prep_group_id)
    actions.delete_prep_group(the_person(), prep_group)
    flash(gettext("已删除%(name)s。", name=prep_group.name))
    return redirect(url_for(".list_prep_groups", group=prep_group.group_id), 303)


@pages.post("/manage/prep-groups/<int:prep_group_id>/picks")
@allow.signed_in
def pick(prep_group_id: int) -> ResponseReturnValue:
    """Somebody is put into a prep group by hand."""
    standing = _standing()
    prep_group = access.prep_group_of(standing, prep_group_id)
    try:
        actions.pick(the_person(), prep_group, PickForm.read(request.form, standing.day))
    except Invalid as refusal:
        return _page(standing, prep_group, refusal.fields), 422
    return redirect(url_for(".show_prep_group", prep_group_id=prep_group.id, _anchor="picked"), 303)


@pages.post("/manage/prep-groups/<int:prep_group_id>/picks/<int:pick_id>/end")
@allow.signed_in
def end_pick(prep_group_id: int, pick_id: int) -> ResponseReturnValue:
    """Somebody is taken out of a prep group."""
    prep_group = access.prep_group_of(_standing(), prep_group_id)
    picked = db.session.get(PrepGroupPick, pick_id)
    if picked is None or picked.prep_group_id != prep_group.id:
        raise NotFound
    actions.end_pick(the_person(), prep_group, picked)
    return redirect(url_for(".show_prep_group", prep_group_id=prep_group.id, _anchor="picked"), 303)


@pages.post("/manage/prep-groups/<int:prep_group_id>/leads")
@allow.signed_in
def add_lead(prep_group_id: int) -> ResponseReturnValue:
    """Somebody leads a prep group."""
    standing = _standing()
    prep_group = access.prep_group_of(standing, prep_group_id)
    try:
        sent = {"person": request.form.get("lead", ""), "to_day": request.form.get("lead_to", "")}
        actions.add_lead(the_person(), prep_group, PickForm.read(sent, standing.day))
    except Invalid as refusal:
        fields = {"lead": refusal.message} if "person" in refusal.fields else {"lead_to": refusal.message}
        return _page(standing, prep_group, refusal.fields if "lead" in refusal.fields else fields), 422
    return redirect(url_for(".show_prep_group", prep_group_id=prep_group.id, _anchor="leads"), 303)


@pages.post("/manage/prep-groups/<int:prep_group_id>/leads/<int:grant_id>/end")
@allow.signed_in
def end_lead(prep_group_id: int, grant_id: int) -> ResponseReturnValue:
    """Somebody no longer leads a prep group."""
    prep_group = access.prep_group_of(_standing(), prep_group_id)
    held = db.session.get(RoleGrant, grant_id)
    if held is None or held.prep_group_id != prep_group.id:
        raise NotFound
    actions.end_lead(the_person(), prep_group, held)
    return redirect(url_for(".show_prep_group", prep_group_id=prep_group.id, _anchor="leads"), 303)


def _page(standing: Standing, prep_group: PrepGroup, errors: Errors | None = None) -> str:
    return render_template(
        "manage/show_prep_group.html",
        prep_group=prep_group,
        leads=queries.leads_of(prep_group),
        assigned=queries.assigned_to(standing, prep_group),
        picks=queries.picks_of(prep_group),
        may_edit=access.may_change(standing, prep_group),
        may_name_leads=access.may_name_leads(standing, prep_group),
        stage_names=STAGE_NAMES,
        grade_name=grade_name,
        day=standing.day,
        sent=request.form,
        errors=errors or {},
    )


def _form(standing: Standing, group: Group, prep_group: PrepGroup | None = None, errors: Errors | None = None) -> str:
    whole = may_arrange(standing, group_id=group.id)
    campuses = queries.campuses_for(standing, group, only=None if whole else arranged_campuses(standing))
    if not campuses:
        raise NotFound
    stages = [Stage(stage) for stage in dict.fromkeys(stage for campus in campuses for stage in campus.stages)]
    if prep_group and prep_group.stage not in stages:
        stages.append(prep_group.stage)
    grades = [
        (
            f"{stage}-{grade}",
            grade_name(stage, grade) if grade else gettext("%(stage)s全部年级", stage=STAGE_NAMES[stage]),
        )
        for stage in stages or list(Stage)
        for grade in (*GRADES_OF_STAGE[stage], 0)
    ]
    return render_template(
        "manage/edit_prep_group.html",
        group=group,
        prep_group=prep_group,
        whole=whole,
        places=[(campus.id, campus.name) for campus in campuses],
        grades=grades,
        subjects=[(subject.id, subject_name(subject)) for subject in subjects()],
        sent=request.form if request.method == "POST" else None,
        errors=errors or {},
    )
