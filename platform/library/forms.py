"""What the browser may send about resources and collections, checked and cleaned.

An address with a filter that makes no sense shows the list without it; a form with a value that makes no sense is refused
with a sentence beside the field.
"""

import enum
import re
from dataclasses import dataclass, fields, replace
from typing import Final, Self

from foundation.sent import Sent, line, number, one_of
from library.models import ResourceKind

TITLE_LENGTH: Final = 200
COLLECTION_TITLE_LENGTH: Final = 120
NOTE_LENGTH: Final = 600
SOURCE_LENGTH: Final = 200
REASON_LENGTH: Final = 300
MOST_TAGS: Final = 10
TAG_LENGTH: Final = 20
MOST_AT_ONCE: Final = 200
_WORDS_LENGTH: Final = 60
_TERM: Final = re.compile(r"20\d\d-[12]\Z")


class Scope(enum.StrEnum):
    """Whose resources a list shows."""

    MINE = "mine"
    PREP = "prep"
    CAMPUS = "campus"
    GROUP = "group"
    PUBLIC = "public"
    FAVOURITES = "favourites"
    RECENT = "recent"


@dataclass(frozen=True)
class ResourceFilter:
    """Which resources a list shows. `words` is looked for in titles."""

    scope: Scope = Scope.MINE
    kind: ResourceKind | None = None
    subject: int | None = None
    volume: int | None = None
    unit: int | None = None
    topic: int | None = None
    campus: int | None = None
    words: str = ""
    page: int = 1

    @classmethod
    def read(cls, sent: Sent, scope: Scope = Scope.MINE) -> Self:
        """The filter in an address; `scope` where the address names none."""
        return cls(
            scope=one_of(Scope, sent.get("scope")) or scope,
            kind=one_of(ResourceKind, sent.get("kind")),
            subject=number(sent.get("subject")),
            volume=number(sent.get("volume")),
            unit=number(sent.get("unit")),
            topic=number(sent.get("topic")),
            campus=number(sent.get("campus")),
            words=line(sent.get("words"), _WORDS_LENGTH),
            page=number(sent.get("page")) or 1,
        )

    @property
    def narrowed(self) -> bool:
        """Whether it leaves out resources of its scope."""
        return replace(self, page=1) != type(self)(scope=self.scope)

    def address(self, **changed: object) -> dict[str, object]:
        """The parts of an address that say this filter, with `changed` fields; another filter begins at its first page."""
        other = replace(self, **{"page": 1, **changed})  # type: ignore[arg-type]  # checked by the dataclass' users
        default = type(self)()
        values = {field.name: getattr(other, field.name) for field in fields(self)}
        return {"scope": other.scope} | {
            name: value for name, value in values.items() if value != getattr(default, name)
        }


def page_sent(sent: Sent) -> int:
    """Which page of a list is wanted."""
    return number(sent.get("page")) or 1
