"""Pages of signing in: with a password and what comes after it, with an outside account, as a pupil."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from foundation import allow
from foundation.database import db, writing
from foundation.errors import Invalid, Refusal, SignedOut, TooMany
from schools import arriving, kept, oidc, pupils, queries, second_step, signing_in
from schools.arriving import Arrival, Step
from schools.blueprint import pages, refused
from schools.passwords import password_rules


@pages.route("/sign-in", methods=["GET", "POST"])
@allow.anyone
def sign_in() -> ResponseReturnValue:
    """The sign-in page; afterwards on to the page that was asked for."""
    if request.method == "GET":
        if not queries.any_group():
            return redirect(url_for("schools.first_visit"))
        if signing_in.current_person():
            return redirect(_onward() or url_for("web.home"))
        return _sign_in_page()
    login = request.form.get("login", "")
    try:
        person = signing_in.person_with_password(login, request.form.get("password", ""), _address())
    except (Invalid, TooMany) as refusal:
        return refused(_sign_in_page(login, refusal.message), refusal)
    return _go_on(arriving.begin(person, by_password=True))


@pages.get("/sign-in/next")
@allow.anyone
def next_step() -> ResponseReturnValue:
    """The step that is still to do, for who loads the page again."""
    arrival = arriving.present()
    step = arriving.next_step(arrival) if arrival else None
    return _step_page(step, arrival) if arrival and step else redirect(url_for("schools.sign_in", next=_onward()))


@pages.post("/sign-in/second-step")
@allow.anyone
def give_second_step() -> ResponseReturnValue:
    """The code of the phone, or a recovery code."""
    try:
        arrival = arriving.the_arrival()
        return _go_on(arriving.pass_second_step(arrival, request.form.get("code", "")))
    except SignedOut as refusal:
        return _from_the_start(refusal)
    except (Invalid, TooMany) as refusal:
        return refused(_step_page(Step.SECOND_STEP, arrival, refusal), refusal)


@pages.post("/sign-in/new-second-step")
@allow.anyone
def set_up_second_step() -> ResponseReturnValue:
    """A second step where one is required: first its secret, then its first code; the recovery codes are shown this once."""
    try:
        arrival = arriving.the_arrival()
        if not second_step.is_begun(arrival.person):
            second_step.begin(arrival.person)
            return _step_page(Step.NEW_SECOND_STEP, arrival)
        if "code" not in request.form:
            return _step_page(Step.NEW_SECOND_STEP, arrival)
        _, codes = arriving.set_up_second_step(arrival, request.form["code"])
    except SignedOut as refusal:
        return _from_the_start(refusal)
    except (Invalid, TooMany) as refusal:
        return refused(_step_page(Step.NEW_SECOND_STEP, arrival, refusal), refusal)
    return _page("recovery_codes.html", codes=codes, then=url_for("schools.go_on"))


@pages.post("/sign-in/go-on")
@allow.anyone
def go_on() -> ResponseReturnValue:
    """On from the recovery codes."""
    try:
        return _go_on(arriving.the_arrival())
    except SignedOut as refusal:
        return _from_the_start(refusal)


@pages.post("/sign-in/new-password")
@allow.anyone
def choose_password() -> ResponseReturnValue:
    """A password of one's own in place of the one from a slip."""
    sent = request.form
    try:
        arrival = arriving.the_arrival()
        if sent.get("new_password") != sent.get("new_password_again"):
            raise Invalid(new_password_again=gettext("两次输入的新密码不一样。"))
        return _go_on(arriving.choose_password(arrival, sent.get("new_password", "")))
    except SignedOut as refusal:
        return _from_the_start(refusal)
    except Invalid as refusal:
        return refused(_step_page(Step.NEW_PASSWORD, arrival, refusal), refusal)


@pages.get("/sign-in/account")
@allow.anyone
def sign_in_with_account() -> ResponseReturnValue:
    """To the provider of outside accounts."""
    back = url_for("schools.come_back_with_account", _external=True)
    try:
        return oidc.lead_to_provider(back, _onward())
    except oidc.NotVouched as refusal:
        return _sign_in_page(fault=refusal.message), 502


@pages.get("/sign-in/account/back")
@allow.anyone
def come_back_with_account() -> ResponseReturnValue:
    """Back from the provider, who says who it is."""
    try:
        account = oidc.account_from_provider()
        db.session.rollback()
        with writing():  # it comes as a GET, and links the account the first time
            arrival = arriving.begin(oidc.person_of(account), by_password=False)
            return _go_on(arrival, signing_in.safe_next(oidc.onward()))
    except oidc.NotVouched as refusal:
        return _sign_in_page(fault=refusal.message), 403


@pages.get("/sign-in/forgotten")
@allow.anyone
def forgotten_password() -> ResponseReturnValue:
    """Whom to ask for a new password: nobody is named to strangers."""
    page = max(request.args.get("page", 1, int), 1)
    places, pages_in_all = queries.whom_to_ask(page)

    def page_url(number: int) -> str:
        return url_for("schools.forgotten_password", page=number)

    return _page("forgotten_password.html", places=places, page=page, pages=pages_in_all, page_url=page_url)


@pages.route("/sign-in/pupil", methods=["GET", "POST"])
@allow.anyone
def sign_in_as_pupil() -> ResponseReturnValue:
    """Signing in with the card of a class."""
    if request.method == "GET":
        if signing_in.current_person():
            return redirect(url_for("web.home"))
        return _page("sign_in_pupil.html", class_code=request.args.get("class", "")[:10].upper(), who="", fault="")
    sent = {name: request.form.get(name, "")[:80] for name in ("class_code", "who", "pin")}
    try:
        pupil_id, class_id = pupils.pupil_with_pin(**sent, address=_address())
    except (Invalid, TooMany) as refusal:
        page = _page("sign_in_pupil.html", class_code=sent["class_code"], who=sent["who"], fault=refusal.message)
        return refused(page, refusal)
    signing_in.sign_out()
    pupils.sign_in(pupil_id, class_id)
    return redirect(url_for("schools.my_class"), 303)


@pages.get("/class")
@allow.pupil
def my_class() -> ResponseReturnValue:
    """What a pupil sees: their name and class."""
    return _page("my_class.html", signed_in=pupils.current_pupil())


@pages.post("/sign-out")
@allow.anyone
def sign_out() -> ResponseReturnValue:
    """End the sign-in of this browser; done already when it has expired."""
    to = "schools.sign_in_as_pupil" if pupils.current_pupil() else "schools.sign_in"
    pupils.sign_out()
    signing_in.sign_out()
    flash(gettext("您已退出登录。"))
    return redirect(url_for(to), 303)


def signed_out_page(form: kept.KeptForm, sentence: str) -> str:
    """The sign-in page for who sent `form` after their sign-in had ended: it is carried along."""
    return _sign_in_page(fault=sentence, form=form)


def resume_page(form: kept.KeptForm, sentence: str) -> str:
    """What was typed, to be looked at and sent once more."""
    return _page("resume.html", form=form, sentence=sentence)


def _go_on(arrival: Arrival, onward: str | None = None) -> ResponseReturnValue:
    """The next step of who is on the way; after the last one they are signed in."""
    onward = onward or _onward()
    step = arriving.next_step(arrival)
    if step:
        return _step_page(step, arrival, onward=onward)
    person = arrival.person
    reminded = not second_step.is_on(person) and second_step.is_offered_to(person)
    signing_in.sign_in(person)
    if reminded:
        flash(gettext("您管理着其他人的账号，建议在“我的账号”里开启两步登录，密码泄露了也不怕。"))
    form = kept.carried_form()
    if form:
        return resume_page(form, gettext("已经登录。刚才填写的内容还没有提交，请再提交一次。"))
    return redirect(onward or url_for("web.home"), 303)


def _step_page(step: Step, arrival: Arrival, refusal: Refusal | None = None, onward: str | None = None) -> str:
    fault = refusal.message if refusal else ""
    more: dict[str, Any] = {"fault": fault, "faults": refusal.fields if isinstance(refusal, Invalid) else {}}
    if onward:
        more["next"] = onward
    if step is Step.NEW_PASSWORD:
        more["rules"] = password_rules()
    if step is Step.NEW_SECOND_STEP and second_step.is_begun(arrival.person):
        more.update(picture=second_step.picture(arrival.person), secret=second_step.secret_in_words(arrival.person))
    return _page(f"{step.value}.html", person=arrival.person, **more)


def _sign_in_page(login: str = "", fault: str = "", form: kept.KeptForm | None = None) -> str:
    return _page("sign_in.html", login=login, fault=fault, provider=oidc.name(), form=form or kept.carried_form())


def _page(name: str, **given: Any) -> str:
    """A page of signing in, with what such pages carry along in hidden fields."""
    return render_template(f"schools/{name}", **{"next": _onward(), "form": kept.carried_form(), **given})


def _from_the_start(refusal: SignedOut) -> ResponseReturnValue:
    return _sign_in_page(fault=refusal.message), 401


def _onward() -> str | None:
    return signing_in.safe_next(request.values.get("next"))


def _address() -> str:
    return request.remote_addr or "unknown"
