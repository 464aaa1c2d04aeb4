"""How well documents meet what was asked: BM25 over titles and texts."""

import math
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from search.asking import Need
from search.codec import Numbers, Postings
from search.segments import Mask, View

TITLES_AND_TEXTS: Final = ("title", "text")
TITLES: Final = ("title",)
_WEIGHT: Final = 1.2  # k1 of BM25
_EVENNESS: Final = {"title": 0.55, "text": 0.55}  # b of BM25
_BOOST: Final = {"title": 4.0, "text": 1.0}
_BY_SYNONYM: Final = 0.8


class Scores:
    """How well each document of a view meets what was asked."""

    def __init__(self, view: View) -> None:
        self._view = view
        self.score = np.zeros(view.count, np.float32)
        self.met = np.zeros(view.count, np.uint8)
        self._here = np.zeros(view.count, bool)

    def add(self, need: Need, fields: Sequence[str]) -> None:
        """Count the documents that meet a need, and by how much."""
        if len(need.ways) == 1 and len(need.ways[0]) == 1:
            self._add_term(need.ways[0][0], fields)
        else:
            self._add_ways(need, fields)

    def _add_term(self, term: str, fields: Sequence[str]) -> None:
        found = _found(self._view, term, fields)
        rarity = _rarity(self._view, found)
        for field, (numbers, often) in found:
            self.score[numbers] += _worth(self._view, field, rarity, numbers, often)
            self._here[numbers] = True
        self.met += self._here
        for _, (numbers, _) in found:
            self._here[numbers] = False

    def _add_ways(self, need: Need, fields: Sequence[str]) -> None:
        best = np.zeros(self._view.count, np.float32)
        for at, way in enumerate(need.ways):
            other = Scores(self._view)
            for term in way:
                other._add_term(term, fields)
            whole = other.met == len(way)
            best = np.maximum(best, np.where(whole, other.score * (_BY_SYNONYM if at else 1.0), 0))
        self.score += best
        self.met += best > 0


def meeting_all(view: View, needs: Iterable[Need], readable: Mask) -> tuple[Numbers, Numbers]:
    """The readable documents that meet every need, and their scores.

    The rarest need goes first, and of the others only what meets those before is looked at.
    """
    first, *others = sorted(needs, key=lambda need: _frequency(view, need))
    scores = Scores(view)
    scores.add(first, TITLES_AND_TEXTS)
    numbers = np.flatnonzero(scores.met.view(bool) & readable).astype(np.uint32)
    score = scores.score[numbers]
    for need in others:
        worth = _worth_of_need(view, need, numbers)
        met = worth > 0
        numbers, score = numbers[met], (score + worth)[met]
    return numbers, score


def _frequency(view: View, need: Need) -> int:
    """In about how many documents a need is met, at most."""
    ways = [[_occurrences(_found(view, term, TITLES_AND_TEXTS)) for term in way] for way in need.ways]
    return sum(min(way, default=0) for way in ways)


def _worth_of_need(view: View, need: Need, numbers: Numbers) -> Numbers:
    """What meeting a need is worth for some documents; 0 for those that do not."""
    best = np.zeros(len(numbers), np.float32)
    for at, way in enumerate(need.ways):
        worths = [_worth_of_term(view, term, numbers) for term in way]
        worth = sum(worths[1:], start=worths[0]) * np.float32(_BY_SYNONYM if at else 1)
        for each in worths if len(worths) > 1 else ():
            worth[each == 0] = 0
        best = np.maximum(best, worth) if at else worth
    return best


def _worth_of_term(view: View, term: str, numbers: Numbers) -> Numbers:
    found = _found(view, term, TITLES_AND_TEXTS)
    rarity = _rarity(view, found)
    worth = np.zeros(len(numbers), np.float32)
    for field, (documents, often) in found:
        at = np.minimum(np.searchsorted(documents, numbers), len(documents) - 1)
        worth += _worth(view, field, rarity, numbers, np.where(documents[at] == numbers, often[at], 0))
    return worth


def _found(view: View, term: str, fields: Sequence[str]) -> list[tuple[str, Postings]]:
    return [(field, postings) for field in fields if (postings := view.postings(field, term))]


def _occurrences(found: Sequence[tuple[str, Postings]]) -> int:
    return sum(len(numbers) for _, (numbers, _) in found)


def _rarity(view: View, found: Sequence[tuple[str, Postings]]) -> float:
    often = _occurrences(found)
    return math.log(1 + (view.count - often + 0.5) / (often + 0.5)) if often < view.count else 0.01


def _worth(view: View, field: str, rarity: float, numbers: Numbers, often: Numbers) -> Numbers:
    norm = view.norm(field, _WEIGHT, _EVENNESS[field])[numbers]
    norm += often
    worth: Numbers = np.float32(rarity * _BOOST[field] * (_WEIGHT + 1)) * often / norm
    return worth
