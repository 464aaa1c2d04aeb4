"""Pages of signing in, the first visit and one's own account."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from foundation import allow
from foundation.errors import Conflict, Invalid, TooMany
from schools import actions, queries, signing_in, viewing
from schools.access import standing_of
from schools.forms import FIRST_STEP, LAST_STEP, FirstVisit
from schools.models import GroupKind, Role
from schools.names import (
    GRADES_OF_STAGE,
    GROUP_KIND_NAMES,
    POSTING_KIND_NAMES,
    ROLE_NAMES,
    STAGE_NAMES,
    USUAL_SUBJECTS,
    grade_name,
)

pages = Blueprint("schools", __name__, template_folder="templates")


@pages.route("/sign-in", methods=["GET", "POST"])
@allow.anyone
def sign_in() -> ResponseReturnValue:
    """The sign-in page; afterwards on to the page that was asked for."""
    onward = signing_in.safe_next(request.values.get("next"))
    if request.method == "GET":
        if not queries.any_group():
            return redirect(url_for("schools.first_visit"))
        if signing_in.current_person():
            return redirect(onward or url_for("web.home"))
        return render_template("schools/sign_in.html", next=onward, login="", fault="")
    login = request.form.get("login", "")
    try:
        person = signing_in.person_with_password(
            login, request.form.get("password", ""), request.remote_addr or "unknown"
        )
    except (Invalid, TooMany) as refusal:
        page = render_template("schools/sign_in.html", next=onward, login=login, fault=refusal.message)
        return (page, 422) if isinstance(refusal, Invalid) else (page, 429, {"Retry-After": str(refusal.seconds)})
    signing_in.sign_in(person)
    return redirect(onward or url_for("web.home"), 303)


@pages.post("/sign-out")
@allow.anyone
def sign_out() -> ResponseReturnValue:
    """End the sign-in of this browser; done already when it has expired."""
    signing_in.sign_out()
    flash(gettext("您已退出登录。"))
    return redirect(url_for("schools.sign_in"), 303)


@pages.post("/view-as/end")
@allow.signed_in
def stop_viewing() -> ResponseReturnValue:
    """See as oneself again."""
    sign_in = signing_in.current_sign_in()
    if sign_in:
        viewing.end(sign_in)
    flash(gettext("您已返回自己的身份。"))
    return redirect(url_for("web.home"), 303)


@pages.post("/sign-out-everywhere")
@allow.signed_in
def sign_out_everywhere() -> ResponseReturnValue:
    """End every sign-in of this person, here too."""
    signing_in.sign_out_everywhere()
    flash(gettext("您在所有设备上都已退出登录。"))
    return redirect(url_for("schools.sign_in"), 303)


@pages.get("/account")
@allow.signed_in
def account() -> ResponseReturnValue:
    """One's own account: password, language and colours, where one is signed in, what one's place is."""
    return _account_page()


@pages.post("/account/password")
@allow.signed_in
def change_password() -> ResponseReturnValue:
    """A new password; other devices are signed out."""
    sent = request.form
    try:
        if sent.get("new_password") != sent.get("new_password_again"):
            raise Invalid(new_password_again=gettext("两次输入的新密码不一样。"))
        signing_in.change_password(sent.get("present_password", ""), sent.get("new_password", ""))
    except Invalid as refusal:
        return _account_page(refusal.fields), 422
    except TooMany as refusal:
        return _account_page({"present_password": refusal.message}), 429
    flash(gettext("密码已更改。其他设备都已退出登录，请用新密码重新登录。"))
    return redirect(url_for("schools.account"), 303)


@pages.post("/account/devices/<int:sign_in_id>/sign-out")
@allow.signed_in
def sign_out_device(sign_in_id: int) -> ResponseReturnValue:
    """End the sign-in of one other device."""
    signing_in.sign_out_device(sign_in_id)
    flash(gettext("那台设备已退出登录。"))
    return redirect(url_for("schools.account"), 303)


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
        kinds=[(kind.value, GROUP_KIND_NAMES[kind]) for kind in GroupKind],
        subjects=USUAL_SUBJECTS,
        grades=[
            (STAGE_NAMES[stage], [(f"{stage.value}-{grade}", grade_name(stage, grade)) for grade in grades])
            for stage, grades in GRADES_OF_STAGE.items()
        ],
    )


def _account_page(faults: object = None) -> str:
    person = signing_in.the_person()
    standing = standing_of(person)
    prep_groups = queries.prep_groups_of(standing)
    return render_template(
        "schools/account.html",
        person=person,
        faults=faults or {},
        postings=queries.postings_of(standing),
        roles=queries.roles_of(standing),
        prep_groups=prep_groups,
        sizes=queries.sizes_of_prep_groups(group.id for group in prep_groups),
        posting_kinds=POSTING_KIND_NAMES,
        role_names=ROLE_NAMES,
        led=standing.led_prep_group_ids,
        prep_lead=ROLE_NAMES[Role.PREP_LEAD],
        grade_name=grade_name,
        sign_ins=signing_in.sign_ins_of(person),
        present=signing_in.current_sign_in(),
    )
