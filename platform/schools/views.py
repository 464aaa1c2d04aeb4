"""Pages of signing in, the first visit and one's own account."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from foundation import allow
from foundation.errors import Invalid, TooMany
from schools import signing_in

pages = Blueprint("schools", __name__, template_folder="templates")


@pages.route("/sign-in", methods=["GET", "POST"])
@allow.anyone
def sign_in() -> Response | str | tuple[str, int]:
    """The sign-in page; afterwards on to the page that was asked for."""
    wanted = signing_in.safe_next(request.values.get("next"))
    if request.method == "GET":
        return render_template("schools/sign_in.html", next=wanted, login="", fault=None)
    login = request.form.get("login", "")
    try:
        person = signing_in.person_with_password(
            login, request.form.get("password", ""), request.remote_addr or "unknown"
        )
    except (Invalid, TooMany) as refusal:
        status = 429 if isinstance(refusal, TooMany) else 422
        return render_template("schools/sign_in.html", next=wanted, login=login, fault=refusal.message), status
    signing_in.sign_in(person)
    return redirect(wanted or url_for("web.home"))


@pages.post("/sign-out")
@allow.signed_in
def sign_out() -> Response:
    """End the sign-in of this browser."""
    signing_in.sign_out()
    flash(gettext("您已退出登录。"))
    return redirect(url_for("schools.sign_in"))


@pages.post("/sign-out-everywhere")
@allow.signed_in
def sign_out_everywhere() -> Response:
    """End every sign-in of this person, here too."""
    signing_in.sign_out_everywhere()
    flash(gettext("您在所有设备上都已退出登录。"))
    return redirect(url_for("schools.sign_in"))


@pages.get("/welcome")
@allow.first_visit
def first_visit() -> str:
    """The two doors of an empty installation."""
    return render_template("schools/first_visit.html")
