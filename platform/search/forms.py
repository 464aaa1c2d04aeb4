"""What the browser may ask of the search, checked and cleaned. A filter that makes no sense is left out."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final, Self

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from foundation.errors import Invalid
from search.index import Sort
from search.terms import FILTERS

Value = str | int
Filters = Mapping[str, frozenset[Value]]

WORDS_LENGTH: Final = 200
NAME_LENGTH: Final = 60
NUMBERS: Final = frozenset({"grade", "subject", "edition", "volume", "unit", "topic", "campus", "person"})
"""The filters whose values are numbers."""

_NONE: Final[Filters] = MappingProxyType({})
_MOST_VALUES: Final = 40


@dataclass(frozen=True)
class Wanted:
    """What is looked for. The address of the page says all of it."""

    words: str = ""
    filters: Filters = field(default_factory=lambda: _NONE)
    sort: Sort = Sort.RELEVANCE
    page: int = 1

    @classmethod
    def read(cls, args: MultiDict[str, str]) -> Self:
        """What an address asks for."""
        sort = args.get("sort", "")
        return cls(
            words=words_of(args.get("q", "")),
            filters={name: values for name in FILTERS if (values := values_of(name, args.getlist(name)))},
            sort=Sort(sort) if sort in list(Sort) else Sort.RELEVANCE,
            page=number_of(args.get("page", "")) or 1,
        )

    @property
    def nothing(self) -> bool:
        """Whether neither words nor a filter say anything."""
        return not self.words and not self.filters

    @property
    def narrowed(self) -> bool:
        """Whether it is narrowed by more than the kind."""
        return any(name != "kind" for name in self.filters)

    def chosen(self, name: str, value: Value) -> bool:
        """Whether it is narrowed to that value."""
        return value in self.filters.get(name, ())

    def only(self, name: str, value: Value | None) -> "Wanted":
        """The same narrowed to one value of a filter, or to none, from its first page."""
        others = {other: values for other, values in self.filters.items() if other != name}
        return replace(self, filters=others if value is None else {**others, name: frozenset({value})}, page=1)

    def without(self, name: str, value: Value) -> "Wanted":
        """The same without one value of a filter."""
        left = self.filters.get(name, frozenset()) - {value}
        others = {other: values for other, values in self.filters.items() if other != name}
        return replace(self, filters={**others, name: left} if left else others, page=1)

    def bare(self) -> "Wanted":
        """The same words without filters, but for the kind."""
        return replace(self, filters={name: self.filters[name] for name in self.filters if name == "kind"}, page=1)

    def address(self, **changed: object) -> dict[str, Any]:
        """The parts of an address that ask for this, with `changed` fields (`words`, `sort`, `page`)."""
        other = replace(self, **{"page": 1, **changed})  # type: ignore[arg-type]  # checked by the dataclass' users
        said: dict[str, Any] = {"q": other.words} if other.words else {}
        said |= {name: sorted(values, key=str) for name, values in other.filters.items()}
        said |= {"sort": other.sort.value} if other.sort is not Sort.RELEVANCE else {}
        return said | ({"page": other.page} if other.page > 1 else {})


def words_of(sent: str) -> str:
    """Words to look for, in one line without what cannot be seen."""
    seen = "".join(each if unicodedata.category(each) not in ("Cc", "Cs", "Co") else " " for each in sent[:1000])
    return " ".join(seen.split())[:WORDS_LENGTH]


def values_of(name: str, sent: Iterable[str]) -> frozenset[Value]:
    """The values of a filter that make sense."""
    values = [each[:40] for each in sent][:_MOST_VALUES]
    if name in NUMBERS:
        return frozenset(number for each in values if (number := number_of(each)) is not None)
    return frozenset(each for each in values if each)


def number_of(sent: str) -> int | None:
    """A whole number, or None."""
    return int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < 10 else None


def name_sent(sent: Mapping[str, str]) -> str:
    """What a saved search shall be called. Raises Invalid."""
    name = " ".join(sent.get("name", "").split())
    if not name:
        raise Invalid(name=gettext("请给这个搜索起个名字。"))
    if len(name) > NAME_LENGTH:
        raise Invalid(name=gettext("名字请不超过 %(count)d 个字。", count=NAME_LENGTH))
    return name
