"""Pages that belong to no subject: today, help, and the choices of language and colours."""

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from foundation import allow
from foundation.clock import SCHOOL_ZONE, now, today
from live.scheduling.queries import next_session
from schools.access import standing_of
from schools.queries import any_group
from schools.signing_in import current_person, safe_next
from web import actions, demo, queries
from web.language import LANGUAGE_COOKIE, THEME_COOKIE, keep

pages = Blueprint("web", __name__)


@pages.get("/")
@allow.anyone
def home() -> ResponseReturnValue:
    """Today; who is not signed in is led to the sign-in page, or to the two doors of an empty installation."""
    person = current_person()
    if person is None:
        return redirect(url_for("schools.sign_in" if any_group() else "schools.first_visit"))
    standing = standing_of(person)
    return render_template(
        "web/today.html",
        greeting=_greeting(),
        today=today(),
        lesson=next_session(standing),
        mine=queries.plans_i_write(standing),
        colleagues=queries.plans_of_my_prep_groups(standing),
    )


def _greeting() -> str:
    hour = now().astimezone(SCHOOL_ZONE).hour
    if hour < 12:
        return gettext("上午好")
    return gettext("下午好") if hour < 18 else gettext("晚上好")


@pages.post("/language")
@allow.anyone
def choose_language() -> ResponseReturnValue:
    """Keep the language chosen, with the person and in this browser."""
    code = request.form.get("language", "")
    actions.choose_language(current_person(), code)
    return keep(_back(), LANGUAGE_COOKIE, code)


@pages.post("/theme")
@allow.anyone
def choose_theme() -> ResponseReturnValue:
    """Keep the colours chosen, with the person and in this browser; empty follows the system."""
    theme = request.form.get("theme", "")
    actions.choose_theme(current_person(), theme)
    return keep(_back(), THEME_COOKIE, theme)


def _back() -> Response:
    return make_response(redirect(safe_next(request.form.get("next")) or url_for("web.home"), 303))


@pages.post("/welcome/demo")
@allow.first_visit
def make_demo() -> ResponseReturnValue:
    """Fill the empty installation with the demo group and say, this once, who can sign in."""
    return render_template("web/demo_made.html", made=demo.make_demo())


@pages.get("/help")
@allow.anyone
def help() -> ResponseReturnValue:
    """First steps, keys and the words of the trade."""
    return render_template("web/help.html")


@pages.get("/favicon.svg")
@allow.anyone
def favicon() -> ResponseReturnValue:
    """The mark of the product."""
    answer = make_response(render_template("web/favicon.svg"))
    answer.mimetype = "image/svg+xml"
    answer.headers["Cache-Control"] = "public, max-age=86400"
    return answer


@pages.get("/manifest.webmanifest")
@allow.anyone
def manifest() -> ResponseReturnValue:
    """What a phone shows when the page is put on its home screen."""
    answer = jsonify(
        name=gettext("同课"),
        short_name=gettext("同课"),
        start_url=url_for("web.home"),
        display="standalone",
        background_color="#f6f5f1",
        theme_color="#0b6e6a",
        icons=[{"src": url_for("web.favicon"), "sizes": "any", "type": "image/svg+xml"}],
    )
    answer.mimetype = "application/manifest+json"
    return answer
