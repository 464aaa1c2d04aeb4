"""Pages of one's own account: password, second step, devices, place, looks."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from foundation import allow
from foundation.errors import Invalid, TooMany
from schools import oidc, queries, second_step, signing_in, viewing
from schools.access import standing_of
from schools.blueprint import pages, refused
from schools.models import Role
from schools.names import POSTING_KIND_NAMES, ROLE_NAMES, grade_name
from schools.passwords import password_rules


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
        return refused(_account_page(refusal.fields), refusal)
    except TooMany as refusal:
        return refused(_account_page({"present_password": refusal.message}), refusal)
    flash(gettext("密码已更改。其他设备都已退出登录，请用新密码重新登录。"))
    return redirect(url_for("schools.account"), 303)


@pages.post("/account/devices/<int:sign_in_id>/sign-out")
@allow.signed_in
def sign_out_device(sign_in_id: int) -> ResponseReturnValue:
    """End the sign-in of one other device."""
    signing_in.sign_out_device(sign_in_id)
    flash(gettext("那台设备已退出登录。"))
    return redirect(url_for("schools.account"), 303)


@pages.post("/account/outside/unlink")
@allow.signed_in
def unlink_account() -> ResponseReturnValue:
    """No longer sign in with the outside account."""
    oidc.unlink(signing_in.the_person())
    flash(gettext("已取消关联。以后请用密码登录。"))
    return redirect(url_for("schools.account"), 303)


@pages.route("/account/second-step", methods=["GET", "POST"])
@allow.signed_in
def own_second_step() -> ResponseReturnValue:
    """The second step of signing in: what it is, and beginning with it."""
    person = signing_in.the_person()
    if request.method == "POST":
        second_step.begin(person)
        return redirect(url_for("schools.own_second_step"), 303)
    return _second_step_page()


@pages.post("/account/second-step/confirm")
@allow.signed_in
def confirm_second_step() -> ResponseReturnValue:
    """The first code of the phone; the recovery codes are shown this once."""
    try:
        codes = second_step.confirm(signing_in.the_person(), request.form.get("code", ""))
    except (Invalid, TooMany) as refusal:
        return refused(_second_step_page(refusal.message), refusal)
    return _codes_page(codes)


@pages.post("/account/second-step/codes")
@allow.signed_in
def draw_recovery_codes() -> ResponseReturnValue:
    """New recovery codes instead of the old ones, shown this once."""
    try:
        codes = second_step.draw_new_codes(signing_in.the_person(), request.form.get("code", ""))
    except (Invalid, TooMany) as refusal:
        return refused(_second_step_page(refusal.message), refusal)
    return _codes_page(codes)


@pages.post("/account/second-step/off")
@allow.signed_in
def turn_second_step_off() -> ResponseReturnValue:
    """Sign in with the password alone again."""
    try:
        second_step.turn_off(signing_in.the_person(), request.form.get("code", ""))
    except (Invalid, TooMany) as refusal:
        return refused(_second_step_page(refusal.message), refusal)
    flash(gettext("两步登录已关闭。"))
    return redirect(url_for("schools.account"), 303)


def _codes_page(codes: list[str]) -> str:
    return render_template("schools/recovery_codes.html", codes=codes, then="", next=None, form=None)


def _second_step_page(fault: str = "") -> str:
    person = signing_in.the_person()
    begun = second_step.is_begun(person)
    return render_template(
        "schools/own_second_step.html",
        fault=fault,
        is_on=second_step.is_on(person),
        is_begun=begun,
        is_required=second_step.is_required_of(person),
        codes_left=second_step.recovery_codes_left(person),
        picture=second_step.picture(person) if begun else "",
        secret=second_step.secret_in_words(person) if begun else "",
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
        homeroom_classes=queries.homeroom_classes_of(standing),
        sizes=queries.sizes_of_prep_groups(group.id for group in prep_groups),
        posting_kinds=POSTING_KIND_NAMES,
        role_names=ROLE_NAMES,
        led=standing.led_prep_group_ids,
        prep_lead=ROLE_NAMES[Role.PREP_LEAD],
        grade_name=grade_name,
        sign_ins=signing_in.sign_ins_of(person),
        present=signing_in.current_sign_in(),
        rules=password_rules(),
        second_step_on=second_step.is_on(person),
        second_step_offered=second_step.is_offered_to(person),
        provider=oidc.name(),
    )
