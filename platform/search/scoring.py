"""How well documents meet what was asked: BM25 over titles and texts."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from foundation.marks import having
from search.asking import Need, Way
from search.codec import Numbers, Postings
from search.segments import Mask, View

TITLES_AND_TEXTS: Final = ("title", "text")
TITLES: Final = ("title",)
_WEIGHT: Final = 1.2  # k1 of BM25
_EVENNESS: Final = {"title": 0.55, "text": 0.55}  # b of BM25
_BOOST: Final = {"title": 4.0, "text": 1.0}
_BY_SYNONYM: Final = 0.8

_Found: TypeAlias = Sequence[tuple[str, Postings]]
"""What there is of a term in each field."""


@dataclass(frozen=True)
class _Looked:
    """A way with what there is of its terms."""

    terms: Sequence[_Found]
    subject_id: int | None

    @classmethod
    def up(cls, view: View, way: Way) -> "_Looked":
        """Look up the terms of a way."""
        return cls([_found(view, term, TITLES_AND_TEXTS) for term in way.terms], way.subject_id)

    @property
    def rarest(self) -> _Found:
        """What there is of the rarest of the terms."""
        return min(self.terms, key=_occurrences, default=[])


class Scores:
    """How well each document of a view meets what was asked."""

    def __init__(self, view: View) -> None:
        self._view = view
        self.score = np.zeros(view.count, np.float32)
        self.met = np.zeros(view.count, np.uint8)
        self._here = np.zeros(view.count, bool)

    def add(self, need: Need, fields: Sequence[str]) -> None:
        """Count the documents that meet a need, and by how much."""
        if len(need.ways) == 1 and len(need.ways[0].terms) == 1:
            self._add_term(need.ways[0].terms[0], fields)
        else:
            self._add_ways(need, fields)

    def _add_term(self, term: str, fields: Sequence[str]) -> None:
        found = _found(self._view, term, fields)
        rarity = _rarity(self._view, found)
        found = [
            (field, (numbers.astype(np.intp), often)) for field, (numbers, often) in found
        ]  # once, not at each use
        for field, (numbers, often) in found:
            self.score[numbers] += _worth(self._view, field, rarity, numbers, often)
            self.met[numbers[~self._here[numbers]]] += 1
            self._here[numbers] = True
        for _, (numbers, _) in found:
            self._here[numbers] = False

    def _add_ways(self, need: Need, fields: Sequence[str]) -> None:
        best = np.zeros(self._view.count, np.float32)
        for at, way in enumerate(need.ways):
            other = Scores(self._view)
            for term in way.terms:
                other._add_term(term, fields)
            whole = other.met == len(way.terms)
            if way.subject_id is not None:
                whole &= _of_subject(self._view, way.subject_id)
            best = np.maximum(best, np.where(whole, other.score * (_BY_SYNONYM if at else 1.0), 0))
        self.score += best
        self.met += best > 0


def meeting_all(view: View, needs: Sequence[Need], readable: Mask) -> tuple[Numbers, Numbers]:
    """The readable documents that meet every need, and their scores. Only where the rarest need may be met is looked at."""
    found = [[_Looked.up(view, way) for way in need.ways] for need in needs]
    found.sort(key=_frequency)
    numbers = _candidates(view, found[0])
    numbers = numbers[readable[numbers]]
    score = np.zeros(len(numbers), np.float32)
    for ways in found:
        if not len(numbers):
            break
        worth = _worth_of_ways(view, ways, numbers)
        met = worth > 0
        numbers, score = numbers[met], (score + worth)[met]
    return numbers, score


def _of_subject(view: View, subject_id: int) -> Mask:
    return view.mask(having("subject_id", {subject_id}))


def _frequency(ways: Sequence[_Looked]) -> int:
    """In about how many documents a need is met, at most."""
    return sum(_occurrences(way.rarest) for way in ways)


def _candidates(view: View, ways: Sequence[_Looked]) -> Numbers:
    """The documents in which a need may be met."""
    lists = [numbers for way in ways for _, (numbers, _) in way.rarest]
    if len(lists) == 1:
        return lists[0]
    here = np.zeros(view.count, bool)
    for numbers in lists:
        here[numbers] = True
    return np.flatnonzero(here).astype(np.uint32)


def _worth_of_ways(view: View, ways: Sequence[_Looked], numbers: Numbers) -> Numbers:
    """What meeting a need in one of several ways is worth for some documents; 0 for those that do not."""
    if len(ways) == len(ways[0].terms) == 1:
        return _worth_of_term(view, ways[0].terms[0], numbers)
    best = np.zeros(len(numbers), np.float32)
    for at, way in enumerate(ways):
        worths = [_worth_of_term(view, found, numbers) for found in way.terms]
        worth = np.sum(worths, axis=0) * np.float32(_BY_SYNONYM if at else 1)
        if way.subject_id is not None:
            worth = worth * _of_subject(view, way.subject_id)[numbers]
        best = np.maximum(best, worth * np.all(worths, axis=0))
    return best


def _worth_of_term(view: View, found: _Found, numbers: Numbers) -> Numbers:
    rarity = _rarity(view, found)
    worth = np.zeros(len(numbers), np.float32)
    for field, (documents, often) in found:
        places, here = _intersection(numbers, documents)
        worth[places] += _worth(view, field, rarity, numbers[places], often[here])
    return worth


def _intersection(some: Numbers, others: Numbers) -> tuple[Numbers, Numbers]:
    """Where in either of two sorted lists the numbers stand that are in both. The shorter is looked up in the longer."""
    if len(some) > len(others):
        here, places = _intersection(others, some)
        return places, here
    here = np.minimum(np.searchsorted(others, some), len(others) - 1)
    places = np.flatnonzero(others[here] == some)
    return places, here[places]


def _found(view: View, term: str, fields: Sequence[str]) -> _Found:
    return [(field, postings) for field in fields if (postings := view.postings(field, term))]


def _occurrences(found: _Found) -> int:
    return sum(len(numbers) for _, (numbers, _) in found)


def _rarity(view: View, found: _Found) -> float:
    often = _occurrences(found)
    return math.log(1 + (view.count - often + 0.5) / (often + 0.5)) if often < view.count else 0.01


def _worth(view: View, field: str, rarity: float, numbers: Numbers, often: Numbers) -> Numbers:
    norm = view.norm(field, _WEIGHT, _EVENNESS[field])[numbers]
    norm += often
    worth: Numbers = np.float32(rarity * _BOOST[field] * (_WEIGHT + 1)) * often / norm
    return worth
