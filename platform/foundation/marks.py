"""Conditions on what an index says of a row: the reading of a rule (`foundation.rules`) that needs neither row nor database.

They are values: equal conditions are one key, so that an index can keep their answers.
"""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias, TypeVar

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Having:
    """`name` has one of `values`; of a name with many values, one of them has."""

    name: str
    values: frozenset[Hashable]


@dataclass(frozen=True)
class Holding:
    """One of the things called `name`, each of which holds for a time, is one of `values` and holds on `day`."""

    name: str
    values: frozenset[Hashable]
    day: date


@dataclass(frozen=True)
class Every:
    """All of `parts`."""

    parts: tuple["Marks", ...]


@dataclass(frozen=True)
class Either:
    """At least one of `parts`."""

    parts: tuple["Marks", ...]


@dataclass(frozen=True)
class Not:
    """What `part` is not true of."""

    part: "Marks"


Marks: TypeAlias = Having | Holding | Every | Either | Not

NOTHING: Marks = Either(())
"""True of nothing."""


class Once:
    """Asks the database each question once while a condition is made of many rules."""

    def __init__(self) -> None:
        self._answers: dict[tuple[Any, ...], Any] = {}

    def __call__(self, question: Callable[..., Answer], *about: Hashable) -> Answer:
        """The answer to `question(*about)`."""
        key = (question, *about)
        if key not in self._answers:
            self._answers[key] = question(*about)
        answer: Answer = self._answers[key]
        return answer

    def still_so(self) -> bool:
        """Whether the database answers every question that was asked as it did then."""
        return all(question(*about) == answer for (question, *about), answer in self._answers.items())


def having(name: str, values: Iterable[Hashable]) -> Marks:
    """`Having`, with any collection of values."""
    return Having(name, frozenset(values))


def of_pairs(first: str, second: str, pairs: Iterable[tuple[Hashable, Hashable]]) -> Marks:
    """The values of `first` and `second` are together one of `pairs`."""
    seconds: dict[Hashable, set[Hashable]] = {}
    for one, other in sorted(pairs):
        seconds.setdefault(one, set()).add(other)
    return Either(tuple(Every((having(first, {one}), having(second, others))) for one, others in seconds.items()))
