"""Pages of the first visit. Those of signing in and of one's own account stand in modules of their own."""

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from foundation import allow
from foundation.database import db
from foundation.errors import Conflict, Invalid
from schools import account_views, actions, sign_in_views, signing_in
from schools.blueprint import pages
from schools.forms import FIRST_STEP, LAST_STEP, FirstVisit
from schools.models import GroupKind
from schools.names import GRADES_OF_STAGE, GROUP_KIND_NAMES, STAGE_NAMES, USUAL_SUBJECTS, grade_name
from schools.passwords import password_rules

__all__ = ["account_views", "pages", "sign_in_views"]


@pages.get("/welcome")
@allow.first_visit
def first_visit() -> ResponseReturnValue:
    """The two doors of an empty installation."""
    return render_template("schools/first_visit.html", has_demo="web.make_demo" in current_app.view_functions)


@pages.route("/welcome/group", methods=["GET", "POST"])
@allow.first_visit
def set_up_group() -> ResponseReturnValue:
    """Three steps to a group of one's own. Each step carries along what the others hold; nothing is kept before the end."""
    if request.method == "GET":
        return _step_page(FirstVisit(), FIRST_STEP)
    visit = FirstVisit.sent(request.form)
    step = min(max(request.form.get("step", FIRST_STEP, int), FIRST_STEP), LAST_STEP)
    match request.form.get("go"):
        case "back":
            return _step_page(visit, max(step - 1, FIRST_STEP))
        case "add":
            visit.add_rows()
            return _step_page(visit, step)
    if visit.faults_of(step) or step < LAST_STEP:
        faults = visit.faults_of(step)
        return (_step_page(visit, step, faults), 422) if faults else _step_page(visit, step + 1)
    return _set_up(visit)


def _set_up(visit: FirstVisit) -> ResponseReturnValue:
    faulty = visit.first_faulty_step()
    if faulty is not None:  # the page was tampered with, or written for another version
        return _step_page(visit, faulty, visit.faults_of(faulty)), 422
    try:
        person = actions.set_up_first_group(visit.new_group(), visit.new_person())
    except Invalid as refusal:
        return _step_page(visit, LAST_STEP, refusal.fields), 422
    except Conflict as refusal:
        db.session.rollback()
        flash(refusal.message)
        return redirect(url_for("schools.sign_in"), 303)
    signing_in.sign_in(person)
    flash(gettext("“%(group)s”已经建好。现在就可以写第一份教案。", group=visit.name))
    return redirect(url_for("web.home"), 303)


def _step_page(visit: FirstVisit, step: int, faults: object = None) -> str:
    return render_template(
        "schools/set_up_group.html",
        visit=visit,
        step=step,
        faults=faults or {},
        rules=password_rules(),
        kinds=[(kind.value, GROUP_KIND_NAMES[kind]) for kind in GroupKind],
        subjects=USUAL_SUBJECTS,
        grades=[
            (STAGE_NAMES[stage], [(f"{stage.value}-{grade}", grade_name(stage, grade)) for grade in grades])
            for stage, grades in GRADES_OF_STAGE.items()
        ],
    )
