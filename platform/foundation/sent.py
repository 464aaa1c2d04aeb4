"""Reading what a browser has sent, field by field: what makes no sense is as if it had not been sent."""

import enum
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import TypeVar

from werkzeug.datastructures import MultiDict

Sent = MultiDict[str, str]
Kind = TypeVar("Kind", bound=enum.StrEnum)


def number(text: str | None) -> int | None:
    """A database id; None for anything else, also for one beyond what a column holds."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def numbers(texts: Iterable[str]) -> list[int]:
    """The database ids among `texts`."""
    return [found for found in map(number, texts) if found is not None]


def line(text: str | None, length: int) -> str:
    """One line of text: control characters and the spaces around it are left out."""
    return "".join(letter if letter.isprintable() else " " for letter in text or "").strip()[:length]


def one_of(kind: type[Kind], text: str | None) -> Kind | None:
    """The member of `kind` with that value, None when there is none."""
    return next((member for member in kind if member.value == text), None)


@dataclass(frozen=True)
class ListFilter:
    """Which rows a list shows, as its address says it. Each list adds its fields, all of which have defaults."""

    page: int = 1

    def address(self, **changed: object) -> dict[str, object]:
        """The parts of an address that say this filter, with `changed` fields; another filter begins at its first page."""
        other = replace(self, **{"page": 1, **changed})  # type: ignore[arg-type]  # checked by the dataclass' users
        default = type(self)()
        values = {field.name: getattr(other, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if value != getattr(default, name)}
