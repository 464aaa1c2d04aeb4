"""The language and the colours in which a person sees every page."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from babel import Locale
from babel.support import NullTranslations
from flask import Flask, current_app, has_request_context, request
from flask.wrappers import Response
from flask_babel import Babel, Domain, get_locale
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from schools.models import Person
from schools.signing_in import current_sign_in

YEAR_SECONDS = 365 * 24 * 3600
LANGUAGE_COOKIE = "language"
THEME_COOKIE = "theme"


@dataclass(frozen=True)
class Language:
    """A language that everything is said in: its code in catalogues, in `<html lang>`, and its own name for itself."""

    code: str
    html: str
    name: str

    @property
    def locale(self) -> Locale:
        """What Babel needs to write dates and numbers in it."""
        return Locale.parse(self.code)


CHINESE = Language("zh_Hans", "zh-CN", "中文")
ENGLISH = Language("en", "en", "English")
LANGUAGES = (CHINESE, ENGLISH)
THEMES = ("light", "dark")


def _known(code: str | None) -> Language | None:
    return next((language for language in LANGUAGES if language.code == code), None)


def language() -> Language:
    """The language of this page: the person's choice, else this browser's cookie, else what it asks for, else Chinese."""
    if not has_request_context():
        return CHINESE
    person = _person()
    chosen_before = _known(person.language if person else None) or _known(request.cookies.get(LANGUAGE_COOKIE))
    return chosen_before or _asked_by_browser() or CHINESE


def _person() -> Person | None:
    """Who sits before the screen, as whomever they see the product."""
    signed_in = current_sign_in()
    return signed_in.person if signed_in else None


def chosen() -> str:
    """The code of `language()`, as Flask-Babel asks for it."""
    return language().code


class Words(Babel):
    """Flask-Babel with catalogues that are found quickly: a page asks for some hundred words."""

    def init_app(self, app: Flask, *settings: Any, **more: Any) -> None:
        """As it is; templates ask for words by a shorter way than Jinja's, and get the same."""
        super().init_app(app, *settings, **more)  # type: ignore[no-untyped-call]

        @pass_eval_context
        def word(asking: EvalContext, text: str, /, **variables: object) -> str:
            said = self.domain_instance.get_translations().gettext(text)
            if asking.autoescape:
                said = Markup(said)  # noqa: S704  # out of our own catalogues, as Jinja does
            return said % variables if variables or "%" in said else said

        app.jinja_env.globals["_"] = word

    @cached_property
    def domain_instance(self) -> "_Catalogues":
        """The catalogues of all packages, as one."""
        return _Catalogues(domain=self.domain)


class _Catalogues(Domain):
    """As it is, but it would spell the locale out anew for every word."""

    def __init__(self, domain: str) -> None:
        super().__init__(domain=domain)  # type: ignore[no-untyped-call]
        self._found: dict[Locale | None, NullTranslations] = {}
        self._last: tuple[Locale | None, NullTranslations] | None = None

    def get_translations(self) -> NullTranslations:
        locale, last = get_locale(), self._last
        if last and last[0] is locale:  # the words of one page: locales take long to compare
            return last[1]
        if locale not in self._found:
            self._found[locale] = super().get_translations()  # type: ignore[no-untyped-call]
        self._last = locale, self._found[locale]
        return self._found[locale]


def _asked_by_browser() -> Language | None:
    for asked in request.accept_languages.values():
        if asked.lower().startswith("zh"):
            return CHINESE
        if asked.lower().startswith("en"):
            return ENGLISH
    return None


def theme() -> str:
    """`light` or `dark` when the person or this browser has chosen, else empty: the style sheet asks the system."""
    person = _person()
    chosen_before = person.theme if person else request.cookies.get(THEME_COOKIE, "") if has_request_context() else ""
    return chosen_before if chosen_before in THEMES else ""


def keep(answer: Response, cookie: str, value: str) -> Response:
    """Have this browser keep a choice for a year; an empty value forgets it."""
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    if value:
        answer.set_cookie(cookie, value, max_age=YEAR_SECONDS, secure=secure, httponly=True, samesite="Lax")
    else:
        answer.delete_cookie(cookie, secure=secure, httponly=True, samesite="Lax")
    return answer
