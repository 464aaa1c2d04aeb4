"""Pages that belong to no subject: today, help, and the choices of language and colours."""

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from flask_babel import gettext, refresh

from foundation import allow
from foundation.errors import Invalid
from schools import actions as school_actions
from schools import queries as school_queries
from schools import signing_in
from web import language as languages
from web.navigation import only_inside

pages = Blueprint("web", __name__)


@pages.get("/")
@allow.anyone
def home() -> ResponseReturnValue:
    """Today; who is not signed in is led to the sign-in page, or to the two doors of an empty installation."""
    person = signing_in.current_person()
    if person is None:
        return redirect(url_for("schools.sign_in" if school_queries.any_group() else "schools.first_visit"))
    return render_template("web/today.html")


@pages.post("/language")
@allow.anyone
def choose_language() -> ResponseReturnValue:
    """Keep the language chosen, with the person and in this browser."""
    code = request.form.get("language", "")
    if code not in [language.code for language in languages.LANGUAGES]:
        raise Invalid(gettext("没有这种语言。"))
    person = signing_in.current_person()
    if person:
        school_actions.choose_language(person, code)
    refresh()
    return languages.keep(_back(), languages.LANGUAGE_COOKIE, code)


@pages.post("/theme")
@allow.anyone
def choose_theme() -> ResponseReturnValue:
    """Keep the colours chosen; empty follows the system."""
    theme = request.form.get("theme", "")
    if theme not in ("", *languages.THEMES):
        raise Invalid(gettext("没有这种颜色。"))
    person = signing_in.current_person()
    if person:
        school_actions.choose_theme(person, theme)
    return languages.keep(_back(), languages.THEME_COOKIE, theme)


def _back() -> Response:
    answer: Response = redirect(only_inside(request.form.get("next", "")), 303)  # type: ignore[assignment]
    return answer


@pages.get("/help")
@allow.anyone
def help() -> ResponseReturnValue:
    """First steps, keys and the words of the trade."""
    return render_template("web/help.html")


@pages.get("/favicon.svg")
@allow.anyone
def favicon() -> ResponseReturnValue:
    """The mark of the product."""
    answer = Response(render_template("web/favicon.svg"), mimetype="image/svg+xml")
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
