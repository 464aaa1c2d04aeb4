"""What the browser may send about lesson plans, checked and cleaned.

An address with a filter that makes no sense shows the list without it; a form with a value that makes no sense is refused
with a sentence beside the field.
"""

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from flask_babel import gettext

from curriculum.forms import TreeFilter
from foundation.errors import Invalid
from foundation.sent import Sent, line, number, numbers, one_of
from lessons import layout
from lessons.layout import Place
from lessons.models import PlanState
from schools.models import Visibility

TITLE_LENGTH = 200
HINT_LENGTH = 200
_WORDS_LENGTH = 60


class Scope(enum.StrEnum):
    """Whose plans a list shows."""

    MINE = "mine"
    PREP = "prep"
    CAMPUS = "campus"
    GROUP = "group"
    PUBLIC = "public"


@dataclass(frozen=True)
class PlanFilter(TreeFilter):
    """Which plans a list shows. `words` is looked for in titles, `person` in the owners' names."""

    scope: Scope = Scope.MINE
    state: PlanState | None = None
    person: str = ""

    @classmethod
    def read(cls, sent: Sent, scope: Scope = Scope.MINE) -> Self:
        """The filter in an address; `scope` where the address names none."""
        return cls(
            scope=one_of(Scope, sent.get("scope")) or scope,
            subject=number(sent.get("subject")),
            volume=number(sent.get("volume")),
            unit=number(sent.get("unit")),
            topic=number(sent.get("topic")),
            state=one_of(PlanState, sent.get("state")),
            person=line(sent.get("person"), _WORDS_LENGTH),
            words=line(sent.get("words"), _WORDS_LENGTH),
            page=number(sent.get("page")) or 1,
        )


@dataclass(frozen=True)
class WhereForm:
    """Where a new plan belongs, as far as it was said."""

    subject: int | None
    volume: int | None
    topic: int | None
    place: tuple[int, int] | None
    prep_group: int | None
    visibility: Visibility | None

    @classmethod
    def read(cls, sent: Sent) -> Self:
        """What was chosen so far; `place` is sent as `<group id>-<campus id>`."""
        group, _, campus = sent.get("place", "").partition("-")
        pair = (number(group), number(campus))
        return cls(
            subject=number(sent.get("subject")),
            volume=number(sent.get("volume")),
            topic=number(sent.get("topic")),
            place=(pair[0], pair[1]) if pair[0] is not None and pair[1] is not None else None,
            prep_group=number(sent.get("prep_group")),
            visibility=one_of(Visibility, sent.get("visibility")),
        )


def group_sent(sent: Sent) -> int | None:
    """The group that a page is about."""
    return number(sent.get("group"))


def title_sent(sent: Sent) -> str:
    """The title written by hand; empty where the topic's own shall stand. Refuses one that is too long."""
    title = line(sent.get("title"), TITLE_LENGTH + 1)
    if len(title) > TITLE_LENGTH:
        raise Invalid(title=gettext("课题请不超过 %(count)d 个字。", count=TITLE_LENGTH))
    return title


@dataclass(frozen=True)
class ShareForm:
    """Who beyond the owner may read and write a plan. `finding`: the name of a colleague to look for before that."""

    visibility: Visibility
    prep_group: int | None
    writers: frozenset[int]
    finding: str = ""

    @classmethod
    def read(cls, sent: Sent) -> Self:
        """Refuses a visibility that does not exist."""
        visibility = one_of(Visibility, sent.get("visibility"))
        if visibility is None:
            raise Invalid(visibility=gettext("请选择谁可以看到这份教案。"))
        return cls(
            visibility=visibility,
            prep_group=number(sent.get("prep_group")),
            writers=frozenset(numbers(sent.getlist("writer"))),
            finding=line(sent.get("find"), _WORDS_LENGTH) if "finding" in sent else "",
        )


def state_sent(sent: Sent) -> PlanState:
    """The state that a plan shall have."""
    state = one_of(PlanState, sent.get("state"))
    if state is None:
        raise Invalid(state=gettext("请选择教案的状态。"))
    return state


@dataclass(frozen=True)
class TemplateForm:
    """The layout of the form, after the move that a button asked for; `moved` is the key of the place it moved."""

    places: tuple[Place, ...]
    moved: str = ""

    @classmethod
    def read(cls, sent: Sent) -> Self:
        """Keys come in their order as `key`; `hint-<key>` and `required-<key>` belong to them; `move` is `up:<key>` and so on."""
        keys = [key for key in dict.fromkeys(sent.getlist("key")) if key in layout.NAMES]
        places = [_place(key, sent) for key in keys]
        move, _, key = sent.get("move", "").partition(":")
        return cls(tuple(_moved(places, move, key)), key)


def _place(key: str, sent: Sent) -> Place:
    hint = line(sent.get(f"hint-{key}"), HINT_LENGTH + 1)
    if len(hint) > HINT_LENGTH:
        raise Invalid(**{f"hint-{key}": gettext("提示请不超过 %(count)d 个字。", count=HINT_LENGTH)})
    return Place(key, hint, f"required-{key}" in sent)


def _moved(places: list[Place], move: str, key: str) -> Iterable[Place]:
    if move == "in" and key in layout.NAMES and all(place.key != key for place in places):
        return [*places, Place(key)]
    at = next((number for number, place in enumerate(places) if place.key == key), None)
    if at is None:
        return places
    place = places.pop(at)
    match move:
        case "up":
            places.insert(max(at - 1, 0), place)
        case "down":
            places.insert(at + 1, place)
        case "out":
            pass
        case _:
            places.insert(at, place)
    return places
