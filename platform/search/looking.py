"""Looking something up: which documents match, how well, how many there are of which kind."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from search import analysis
from search.asking import Asked, Need
from search.codec import Numbers
from search.documents import value_of
from search.segments import Mask, View

_WEIGHT: Final = 1.2  # k1 of BM25
_EVENNESS: Final = {"title": 0.55, "text": 0.55}  # b of BM25
_BOOST: Final = {"title": 4.0, "text": 1.0}
_BY_SYNONYM: Final = 0.8
_SOUND: Final = 3.0
_INITIALS: Final = 6.0
_NAME: Final = 12.0
ENOUGH: Final = 3
"""With fewer hits than that, what matches most of the words is shown too."""
_COVERAGE: Final = 0.4
_SOUND_COVERAGE: Final = 0.6
_LOOKED_AT: Final = 30
"""So many of the best are looked at again with their title."""
_PHRASES_READ: Final = 300
FACET_VALUES: Final = 50


@dataclass(frozen=True)
class Looked:
    """The documents that match, best first as far as they are to be shown, and their scores.

    `matching` are those that match before they are filtered.
    """

    numbers: Numbers
    scores: Numbers
    matching: Mask
    forgiving: bool = False


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
        found = [(field, postings) for field in fields if (postings := self._view.postings(field, term))]
        rarity = _rarity(self._view.count, sum(len(numbers) for _, (numbers, _) in found))
        for field, (numbers, often) in found:
            self.score[numbers] += self._worth(field, rarity, numbers, often)
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

    def _worth(self, field: str, rarity: float, numbers: Numbers, often: Numbers) -> Numbers:
        norm = self._view.norm(field, _WEIGHT, _EVENNESS[field])[numbers]
        worth: Numbers = (rarity * _BOOST[field] * (_WEIGHT + 1)) * often / (often + norm)
        return worth


def _rarity(count: int, found: int) -> float:
    return math.log(1 + (count - found + 0.5) / (found + 0.5)) if found < count else 0.01


def look_up(view: View, asked: Asked, readable: Mask, filtered: Mask, most: int) -> Looked:
    """What matches among the `readable` documents, of which only the `filtered` are wanted; the first `most` in their order."""
    scores = Scores(view)
    for need in asked.needs:
        scores.add(need, ("title", "text"))
    matching = (scores.met == len(asked.needs)) & readable if asked.needs else np.zeros(view.count, bool)
    strictly = np.count_nonzero(matching & filtered)
    if asked.phrases:
        matching = _with_phrases(view, asked, matching & filtered, scores.score)
    elif asked.latin or strictly < ENOUGH:
        matching = _forgiving(view, asked, scores, readable, matching)
    numbers = np.flatnonzero(matching & filtered)
    found = scores.score[numbers]
    order = _best(found, max(most, _LOOKED_AT))
    numbers, found = _by_title(view, asked, numbers[order], found[order])
    return Looked(numbers, found, matching, forgiving=not strictly and len(numbers) > 0)


def _forgiving(view: View, asked: Asked, scores: Scores, allowed: Mask, strict: Mask) -> Mask:
    """The same and what meets most needs or sounds like it."""
    wanted = len(asked.needs)
    matching = strict
    if wanted:
        matching = matching | ((scores.met >= max(1, math.ceil(wanted * _COVERAGE))) & allowed)
        scores.score *= (scores.met / np.float32(wanted)) ** 2
    return _sounding(view, asked, scores, allowed, matching)


def _sounding(view: View, asked: Asked, scores: Scores, allowed: Mask, matching: Mask) -> Mask:
    """The same and what sounds like it: as pinyin, by its initials, or the name of somebody typed in letters."""
    for sound in asked.sounds:
        parts = tuple(dict.fromkeys(sound))
        heard, worth = _count(view, "sound", parts)
        needed = len(parts) if asked.latin else max(1, math.ceil(len(parts) * _SOUND_COVERAGE))
        alike = (heard >= needed) & allowed
        scores.score[alike] += _SOUND * worth[alike] * (heard[alike] / len(parts)) ** 2
        matching = matching | alike
    for field, terms, worth_of_field in (
        ("initials", asked.initials, _INITIALS),
        ("name", (asked.name,) if asked.name else (), _NAME),
    ):
        if terms:
            heard, _ = _count(view, field, tuple(dict.fromkeys(terms)))
            alike = (heard == len(set(terms))) & allowed
            scores.score[alike] += worth_of_field
            matching = matching | alike
    return matching


def _count(view: View, field: str, terms: Sequence[str]) -> tuple[Numbers, Numbers]:
    """How many of the terms each document has, and how rare they are together."""
    count, worth = np.zeros(view.count, np.uint8), np.zeros(view.count, np.float32)
    for term in terms:
        postings = view.postings(field, term)
        if postings is not None:
            count[postings[0]] += 1
            worth[postings[0]] += math.log(1 + view.count / len(postings[0]))
    return count, worth


def _best(scores: Numbers, most: int) -> Numbers:
    """The places of all scores, the best `most` of them first and in their order; equal ones as they stand."""
    if len(scores) <= most:
        return np.argsort(-scores, kind="stable")
    least = np.partition(scores, len(scores) - most)[len(scores) - most]
    first = np.flatnonzero(scores >= least)
    rest = np.flatnonzero(scores < least)
    return np.concatenate([first[np.argsort(-scores[first], kind="stable")], rest])


def _by_title(view: View, asked: Asked, numbers: Numbers, scores: Numbers) -> tuple[Numbers, Numbers]:
    """The best once more, with those first whose title holds what was typed just so, more so the more it fills it."""
    looked = min(len(numbers), _LOOKED_AT)
    again = scores[:looked].copy()
    for at, number in enumerate(numbers[:looked].tolist()):
        title = analysis.fold(view.card(number).title)
        if asked.text and asked.text in title:
            again[at] = again[at] * 1.5 + 5 + 5 * len(asked.text) / len(title)
    order = np.argsort(-again, kind="stable")
    numbers[:looked], scores[:looked] = numbers[:looked][order], again[order]
    return numbers, scores


def _with_phrases(view: View, asked: Asked, matching: Mask, score: Numbers) -> Mask:
    """Those whose stored text holds the phrases; of very many candidates the best are read."""
    numbers = np.flatnonzero(matching)
    order = _best(score[numbers], _PHRASES_READ)[:_PHRASES_READ]
    found = np.zeros(view.count, bool)
    found[[number for number in numbers[order].tolist() if _holds_phrases(view, number, asked.phrases)]] = True
    return found


def _holds_phrases(view: View, number: int, phrases: Iterable[str]) -> bool:
    texts = [view.card(number).title]
    for part in view.parts(number):
        texts += [part.heading, part.text]
    folded = [" ".join(analysis.fold(text).split()) for text in texts]
    return all(any(phrase in text for text in folded) for phrase in phrases)


def look_up_titles(view: View, asked: Asked, readable: Mask, most: int) -> Numbers:
    """The readable documents whose title or name holds what is being typed, those first that begin with it."""
    scores = Scores(view)
    for need in asked.needs:
        scores.add(need, ("title",))
    matching = (scores.met == len(asked.needs)) & readable if asked.needs else np.zeros(view.count, bool)
    if asked.latin:
        for numbers, _ in view.beginning("title", asked.name):
            matching[numbers] = readable[numbers]
        matching = _sounding(view, asked, scores, readable, matching)
    numbers = np.flatnonzero(matching)
    numbers = numbers[_best(scores.score[numbers], _LOOKED_AT)[:_LOOKED_AT]]
    numbers, _ = _by_title(view, asked, numbers, scores.score[numbers])
    begins = [not analysis.fold(view.card(number).title).startswith(asked.text) for number in numbers.tolist()]
    first: Numbers = numbers[np.argsort(begins, kind="stable")][:most]
    return first


# Facets.


def count_values(view: View, fact: str, numbers: Numbers) -> list[tuple[int | str, int]]:
    """How many of the documents have which value, the most frequent first; those without one are not told."""
    values = view.fact(fact)[numbers]
    counts = np.bincount(values[values >= 0])
    present = np.flatnonzero(counts)
    order = present[np.argsort(-counts[present], kind="stable")][:FACET_VALUES]
    return [(value_of(fact, value), count) for value, count in zip(order.tolist(), counts[order].tolist(), strict=True)]


def sorted_by(view: View, fact: str, numbers: Numbers) -> Numbers:
    """The documents by a fact, the largest first."""
    order: Numbers = numbers[np.argsort(-view.fact(fact)[numbers].astype(np.int64), kind="stable")]
    return order
