"""What people choose for themselves on every page. Each function is one unit of work and commits it."""

from flask_babel import gettext

from foundation.database import commit
from foundation.errors import Invalid
from schools.models import Person
from web.language import LANGUAGES, THEMES


def choose_language(person: Person | None, code: str) -> None:
    """Keep the language with the person, if one is signed in. Raises Invalid for one we do not speak."""
    if code not in [language.code for language in LANGUAGES]:
        raise Invalid(gettext("没有这种语言。"))
    if person:
        person.language = code
        commit()


def choose_theme(person: Person | None, theme: str) -> None:
    """Keep the colours with the person, if one is signed in; empty follows the system. Raises Invalid for unknown ones."""
    if theme not in ("", *THEMES):
        raise Invalid(gettext("没有这种颜色。"))
    if person:
        person.theme = theme
        commit()
