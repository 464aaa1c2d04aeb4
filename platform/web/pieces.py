"""Small pieces of pages that stand in every row of a list, made once for each text."""

from functools import lru_cache
from typing import Final

from markupsafe import Markup

from schools.models import Subject
from schools.names import subject_name

CHIP: Final = Markup(
    '<span class="subject subject-{code}" title="{name}"><span aria-hidden="true">{first}</span>'
    '<span class="visually-hidden">{name}</span></span>'
)
BADGE: Final = Markup('<span class="tag state-{state}">{words}</span>')
PICTURE: Final = Markup('<svg class="icon" aria-hidden="true"><use href="{sprite}#{name}"></use></svg>')


def chip_of_subject(subject: Subject) -> Markup:
    """A subject: its first character in its colour; the full name is said too."""
    return _chip(subject.code, subject_name(subject))


@lru_cache(maxsize=1000)
def _chip(code: str, name: str) -> Markup:
    return CHIP.format(code=code, name=name, first=name[:1])


def badge_of_state(state: str, words: str) -> Markup:
    """The state of a plan."""
    return _badge(str(state), str(words))


@lru_cache(maxsize=1000)
def _badge(state: str, words: str) -> Markup:
    return BADGE.format(state=state, words=words)


@lru_cache(maxsize=1000)
def picture(sprite: str, name: str) -> Markup:
    """A picture out of a sprite. It says nothing to a screen reader: a word stands beside it, or a label around it."""
    return PICTURE.format(sprite=sprite, name=name)
