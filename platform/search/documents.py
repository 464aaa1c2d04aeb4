"""What the index holds: documents, their parts and facts, and how facts become numbers."""

import enum
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zlib import crc32

from library.models import ResourceKind
from schools.models import Stage, Visibility

VERSION: Final = 3
"""Raised when documents are made or kept otherwise, so that the index is made anew."""


class Kind(enum.StrEnum):
    """What can be found."""

    PLAN = "plan"
    RESOURCE = "resource"
    PERSON = "person"
    SESSION = "session"


CHAPTER: Final = "chapter"
"""The kind of a part that is a stretch of a lesson; its key is the second of the replay."""

CODES: Final[Mapping[str, tuple[enum.StrEnum | str, ...]]] = {
    "kind": tuple(Kind),
    "type": tuple(ResourceKind),
    "stage": tuple(Stage),
    "visibility": tuple(Visibility),
    "wanted": tuple(Visibility),
    "state": ("draft", "discussing", "common", "teaching", "archived"),
}
"""Facts whose values are names: a name stands for its place here."""

FACTS: Final = (
    "id", *CODES, "owner_id", "group_id", "campus_id", "prep_group_id", "subject_id", "grade",
    "edition", "volume", "unit", "topic", "term", "uses", "changed", "stamp", "tokens", "title_length", "text_length",
)  # fmt: skip
"""What is known of every document, a number each. Their names are those of the columns where rights ask for them."""

ABSENT: Final = frozenset({"removed_at", "left_at"})
"""Facts that have no value in any document of the index: what has one is taken out of it."""

FORMAT: Final = crc32(repr((VERSION, FACTS, CODES)).encode())

NONE: Final = -1
UNKNOWN: Final = -2
_ERA: Final = datetime(2000, 1, 1, tzinfo=UTC)
_OPEN: Final = date.max.toordinal()


@dataclass(frozen=True)
class Part:
    """A page of a file, a step or a section of a plan: where in a document words stand."""

    kind: str
    key: str
    heading: str
    text: str


@dataclass(frozen=True)
class Held:
    """`value` holds from a day up to, not including, another."""

    value: int
    from_day: date
    to_day: date | None


@dataclass(frozen=True)
class Document:
    """Something that can be found. `pinyin` are the ways to type a name, `also` more words that it is found by.

    `facts` are values by the names of `FACTS`; `many` has several values to a name, `held` those that hold for a time.
    `stamp` tells whether the row has changed since.
    """

    kind: Kind
    id: int
    code: str
    title: str
    changed_at: datetime
    line: str = ""
    pinyin: str = ""
    also: str = ""
    parts: tuple[Part, ...] = ()
    uses: int = 0
    facts: Mapping[str, Hashable] = field(default_factory=dict)
    many: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    held: Mapping[str, tuple[Held, ...]] = field(default_factory=dict)

    @property
    def key(self) -> tuple[Kind, int]:
        """What it is known by."""
        return self.kind, self.id

    def values(self) -> dict[str, Hashable]:
        """All facts but the lengths."""
        own: dict[str, Hashable] = {
            "kind": self.kind,
            "id": self.id,
            "uses": self.uses,
            "changed": seconds(self.changed_at),
            "stamp": stamp_of(self.changed_at),
            "tokens": stamp_of_tokens(self.tokens()),
        }
        return {**self.facts, **own}

    def tokens(self) -> list[str]:
        """What `many` and `held` say, a word each."""
        some = [token_of(name, value) for name, values in self.many.items() for value in values]
        return some + [held_token(name, each) for name, values in self.held.items() for each in values]


def seconds(moment: datetime) -> int:
    """A moment as a number that fits."""
    return int((moment - _ERA).total_seconds())


def moment_of(number: int) -> datetime:
    """The moment that a number of `seconds` stands for."""
    return _ERA + timedelta(seconds=number)


def stamp_of(changed_at: datetime) -> int:
    """A number that is another one once a row has changed."""
    return crc32(changed_at.astimezone(UTC).isoformat().encode()) & 0x7FFFFFFF


def stamp_of_tokens(tokens: Iterable[str]) -> int:
    """A number that is another one once there are other tokens."""
    return crc32(" ".join(sorted(tokens)).encode()) & 0x7FFFFFFF


NO_TOKENS: Final = stamp_of_tokens(())


def number_of(name: str, value: Any) -> int:
    """The number that stands for a fact."""
    if value is None or value == "":
        return NONE
    if name in CODES:
        names = CODES[name]
        return names.index(value) if value in names else UNKNOWN
    if name == "term":
        digits = str(value).replace("-", "")
        return int(digits) if digits.isdigit() else UNKNOWN
    return int(value)


def value_of(name: str, number: int) -> int | str:
    """The fact that a number stands for; `NONE` and `UNKNOWN` stand for themselves."""
    if number >= 0 and name in CODES:
        return str(CODES[name][number])
    if number >= 0 and name == "term":
        return f"{number // 10}-{number % 10}"
    return number


def token_of(name: str, value: Hashable) -> str:
    """The word for one of many values."""
    return f"{name}:{value}"


def held_token(name: str, held: Held) -> str:
    """The word for something that holds for a time."""
    to_day = _OPEN if held.to_day is None else held.to_day.toordinal()
    return f"{name}:{held.value}:{held.from_day.toordinal()}:{to_day}"


def holds(token: str, values: frozenset[Hashable], day: date) -> bool:
    """Whether a word for something that holds for a time is one of `values` on `day`."""
    value, from_day, to_day = (int(part) for part in token.split(":")[1:])
    return value in values and from_day <= day.toordinal() < to_day
