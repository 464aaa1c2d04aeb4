"""Pages: Classes with their pupils, homeroom teachers and teaching assignments."""

from collections.abc import Mapping

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from foundation import allow
from foundation.config import Settings
from foundation.errors import Invalid, NotFound
from manage.access import managing
from manage.classes import access, actions, queries
from manage.classes.forms import AssignmentForm, ClassFilter, ClassForm, PupilForm, pupils_pasted
from manage.finding import colleagues, said
from schools.access import Standing, may_administer, may_arrange
from schools.models import Campus, SchoolClass, Stage
from schools.names import GRADES_OF_STAGE, class_name, grade_name, subject_name
from schools.queries import subjects
from schools.signing_in import the_person

pages = Blueprint("classes", __name__)

Errors = Mapping[str, str]


def _standing() -> Standing:
    return managing(the_person())


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


@pages.get("/manage/classes")
@allow.signed_in
def list_classes() -> ResponseReturnValue:
    """The classes of one's campuses, by campus and grade."""
    standing = _standing()
    wanted = ClassFilter.read(request.args)
    campuses = queries.campuses_overseen(standing)
    stages = [Stage(stage) for stage in dict.fromkeys(stage for campus in campuses for stage in campus.stages)]
    return render_template(
        "manage/list_classes.html",
        wanted=wanted,
        found=queries.class_page(standing, wanted, _settings().page_size),
        campuses=campuses,
        grades={grade: grade_name(stage, grade) for stage in stages for grade in GRADES_OF_STAGE[stage]},
        may_add=bool(queries.campuses_to_arrange(standing)),
        grade_name=grade_name,
    )


@pages.route("/manage/classes/new", methods=["GET", "POST"])
@allow.signed_in
def new_class() -> ResponseReturnValue:
    """A class is made at a campus."""
    standing = _standing()
    campuses = queries.campuses_to_arrange(standing)
    if not campuses:
        raise NotFound
    campus = access.campus_to_arrange(standing, request.values.get("campus", campuses[0].id, type=int))
    if request.method == "GET":
        return _class_form(campus, campuses=campuses)
    try:
        school_class = actions.add_class(the_person(), campus, ClassForm.read(request.form))
    except Invalid as refusal:
        return _class_form(campus, campuses=campuses, errors=refusal.fields), 422
    flash(gettext("已新建%(name)s。", name=school_class.name))
    return redirect(url_for(".show_class", class_id=school_class.id), 303)


@pages.get("/manage/classes/<int:class_id>")
@allow.signed_in
def show_class(class_id: int) -> ResponseReturnValue:
    """A class with its teachers and pupils, past ones too."""
    standing = _standing()
    return _class_page(standing, access.class_of(standing, class_id))


@pages.route("/manage/classes/<int:class_id>/edit", methods=["GET", "POST"])
@allow.signed_in
def edit_class(class_id: int) -> ResponseReturnValue:
    """Grade, number, name and homeroom teacher of a class."""
    standing = _standing()
    school_class = access.class_of(standing, class_id)
    campus = access.campus_to_arrange(standing, school_class.campus_id)
    if request.method == "GET":
        return _class_form(campus, school_class)
    try:
        actions.change_class(the_person(), school_class, ClassForm.read(request.form))
    except Invalid as refusal:
        return _class_form(campus, school_class, errors=refusal.fields), 422
    flash(gettext("班级已保存。"))
    return redirect(url_for(".show_class", class_id=school_class.id), 303)


@pages.post("/manage/classes/<int:class_id>/delete")
@allow.signed_in
def delete_class(class_id: int) -> ResponseReturnValue:
    """A class that was made by mistake is taken away."""
    school_class = access.class_of(_standing(), class_id)
    actions.delete_class(the_person(), school_class)
    flash(gettext("已删除%(name)s。", name=school_class.name))
    return redirect(url_for(".list_classes", campus=school_class.campus_id), 303)


@pages.post("/manage/classes/<int:class_id>/pupils")
@allow.signed_in
def add_pupils(class_id: int) -> ResponseReturnValue:
    """Pupils come into the class, one a line."""
    standing = _standing()
    school_class = access.class_of(standing, class_id)
    try:
        pupils = pupils_pasted(request.form.get("pupils", ""))
        actions.add_pupils(the_person(), school_class, pupils)
    except Invalid as refusal:
        return _class_page(standing, school_class, refusal.fields), 422
    flash(ngettext("已加入 %(num)d 名学生。", "已加入 %(num)d 名学生。", len(pupils)))
    return redirect(url_for(".show_class", class_id=class_id, _anchor="pupils"), 303)


@pages.post("/manage/classes/<int:class_id>/pupils/chosen")
@allow.signed_in
def change_pupils(class_id: int) -> ResponseReturnValue:
    """The pupils chosen move to another class, or leave school."""
    standing = _standing()
    school_class = access.class_of(standing, class_id)
    numbers = [int(each) for each in request.form.getlist("place") if each.isdecimal() and len(each) < 10]
    places = [access.enrolment_of(school_class, number) for number in numbers]
    if not places:
        return _class_page(standing, school_class, {"place": gettext("请先勾选学生。")}), 422
    if "leave" in request.form:
        actions.let_pupils_leave(the_person(), school_class, places)
        flash(
            ngettext(
                "%(num)d 名学生已离校，记录保留在这个班。", "%(num)d 名学生已离校，记录保留在这个班。", len(places)
            )
        )
    else:
        other_id = request.form.get("class", type=int)
        if other_id is None:
            return _class_page(standing, school_class, {"place": gettext("请选择转到哪个班。")}), 422
        other = access.class_of(standing, other_id)
        actions.move_pupils(the_person(), school_class, places, other)
        flash(gettext("已转到%(name)s，原来的记录保留在这个班。", name=other.name))
    return redirect(url_for(".show_class", class_id=class_id, _anchor="pupils"), 303)


@pages.route("/manage/classes/<int:class_id>/pupils/<int:place_id>", methods=["GET", "POST"])
@allow.signed_in
def edit_pupil(class_id: int, place_id: int) -> ResponseReturnValue:
    """A pupil's name and seat are corrected."""
    standing = _standing()
    school_class = access.class_of(standing, class_id)
    place = access.enrolment_of(school_class, place_id)
    if not may_administer(standing, campus_id=school_class.campus_id):
        raise NotFound
    errors: Errors = {}
    if request.method == "POST":
        try:
            actions.change_pupil(the_person(), school_class, place, PupilForm.read(request.form))
            return redirect(url_for(".show_class", class_id=class_id, _anchor="pupils"), 303)
        except Invalid as refusal:
            errors = refusal.fields
    page = render_template(
        "manage/edit_class_pupil.html",
        school_class=school_class,
        place=place,
        name=queries.name_of(place),
        sent=request.form,
        errors=errors,
    )
    return page, 422 if errors else 200


@pages.post("/manage/classes/<int:class_id>/teachers")
@allow.signed_in
def add_assignment(class_id: int) -> ResponseReturnValue:
    """Somebody teaches a subject to the class."""
    standing = _standing()
    school_class = access.class_of(standing, class_id)
    try:
        form = AssignmentForm.read(request.form, standing.day)
        actions.add_assignment(the_person(), school_class, form)
    except Invalid as refusal:
        return _class_page(standing, school_class, refusal.fields), 422
    return redirect(url_for(".show_class", class_id=class_id, _anchor="teachers"), 303)


@pages.post("/manage/classes/<int:class_id>/teachers/<int:assignment_id>/end")
@allow.signed_in
def end_assignment(class_id: int, assignment_id: int) -> ResponseReturnValue:
    """Somebody no longer teaches the class."""
    school_class = access.class_of(_standing(), class_id)
    actions.end_assignment(the_person(), school_class, access.assignment_of(school_class, assignment_id))
    return redirect(url_for(".show_class", class_id=class_id, _anchor="teachers"), 303)


def _class_page(standing: Standing, school_class: SchoolClass, errors: Errors | None = None) -> str:
    may_edit = may_arrange(standing, campus_id=school_class.campus_id) and school_class.left_on is None
    may_look_after = may_edit and may_administer(standing, campus_id=school_class.campus_id)
    pupils = queries.pupils_of(school_class)
    teachers = queries.teachers_of(school_class)
    day = standing.day
    return render_template(
        "manage/show_class.html",
        school_class=school_class,
        homeroom=queries.homeroom_of(school_class),
        pupils=[line for line in pupils if line.enrolment.holds_on(day)],
        former_pupils=[line for line in pupils if not line.enrolment.holds_on(day)],
        teachers=[
            row for row in teachers if row.TeachingAssignment.to_day is None or row.TeachingAssignment.to_day > day
        ],
        former_teachers=[
            row for row in teachers if row.TeachingAssignment.to_day and row.TeachingAssignment.to_day <= day
        ],
        others=queries.classes_beside(school_class) if may_look_after else (),
        subject_options=[(subject.id, subject_name(subject)) for subject in subjects()] if may_edit else (),
        colleagues=colleagues(school_class.campus_id) if may_edit else (),
        may_edit=may_edit,
        may_look_after=may_look_after,
        grade_name=grade_name,
        day=day,
        sent=request.form,
        errors=errors or {},
    )


def _class_form(
    campus: Campus,
    school_class: SchoolClass | None = None,
    *,
    campuses: object = (),
    errors: Errors | None = None,
) -> str:
    stages = [Stage(stage) for stage in campus.stages] or [Stage.PRIMARY]
    if school_class and school_class.stage not in stages:
        stages.append(school_class.stage)
    homeroom = queries.homeroom_of(school_class) if school_class else None
    return render_template(
        "manage/edit_class.html",
        campus=campus,
        campuses=campuses,
        school_class=school_class,
        usual_name=class_name(school_class.stage, school_class.grade, school_class.number) if school_class else "",
        homeroom=said(homeroom) if homeroom else "",
        grades=[(f"{stage}-{grade}", grade_name(stage, grade)) for stage in stages for grade in GRADES_OF_STAGE[stage]],
        colleagues=colleagues(campus.id),
        sent=request.form if request.method == "POST" else None,
        errors=errors or {},
    )
