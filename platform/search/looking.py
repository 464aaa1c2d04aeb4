"""Looking something up: which documents match, and in which order they are shown."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from search import analysis
from search.asking import Asked
from search.codec import Numbers
from search.scoring import TITLES, TITLES_AND_TEXTS, Scores, meeting_all
from search.segments import Mask, View

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
_NONE: Final[Numbers] = np.zeros(0, np.uint32)


@dataclass(frozen=True)
class Looked:
    """The first documents in their order, with their scores; all that were `found`; those that match before they are filtered."""

    first: Numbers
    scores: Numbers
    found: Numbers
    matching: Numbers
    forgiving: bool = False


def look_up(view: View, asked: Asked, readable: Mask, filtered: Mask, most: int) -> Looked:
    """What matches among the `readable` documents, of which only the `filtered` are wanted; the first `most` in their order."""
    matching, scores = meeting_all(view, asked.needs, readable) if asked.needs else (_NONE, _NONE)
    wanted = filtered[matching]
    strictly = np.count_nonzero(wanted)
    if asked.phrases:
        matching, scores = _with_phrases(view, asked, matching[wanted], scores[wanted])
    elif asked.latin or strictly < ENOUGH:
        matching, scores = _forgiving(view, asked, readable)
    wanted = filtered[matching]
    found, scores = matching[wanted], scores[wanted]
    best = _best(scores, max(most, _LOOKED_AT))
    first, scores = _by_title(view, asked, found[best], scores[best])
    return Looked(first, scores, found, matching, forgiving=not strictly and len(found) > 0)


def _forgiving(view: View, asked: Asked, readable: Mask) -> tuple[Numbers, Numbers]:
    """What meets most needs or sounds like it, and the scores."""
    scores = Scores(view)
    for need in asked.needs:
        scores.add(need, TITLES_AND_TEXTS)
    wanted = len(asked.needs)
    matching, worth = _sounding(view, asked)
    if wanted:
        matching |= scores.met >= max(1, math.ceil(wanted * _COVERAGE))
    numbers = np.flatnonzero(matching & readable)
    coverage = (np.arange(wanted + 1, dtype=np.float32) / max(1, wanted)) ** 2
    return numbers, scores.score[numbers] * coverage[scores.met[numbers]] + worth[numbers]


def _sounding(view: View, asked: Asked) -> tuple[Mask, Numbers]:
    """What sounds like it, as pinyin, by its initials, or as the name of somebody typed in letters; and what that is worth."""
    matching, worth = np.zeros(view.count, bool), np.zeros(view.count, np.float32)
    for sound in asked.sounds:
        parts = tuple(dict.fromkeys(sound))
        heard, rare = _count(view, "sound", parts)
        needed = len(parts) if asked.latin else max(1, math.ceil(len(parts) * _SOUND_COVERAGE))
        alike = np.flatnonzero(heard >= needed)
        worth[alike] += _SOUND * rare[alike] * (heard[alike] / np.float32(len(parts))) ** 2
        matching[alike] = True
    for field, terms, worth_of_field in (
        ("initials", asked.initials, _INITIALS),
        ("name", (asked.name,) if asked.name else (), _NAME),
    ):
        if terms:
            heard, _ = _count(view, field, tuple(dict.fromkeys(terms)))
            alike = np.flatnonzero(heard == len(set(terms)))
            worth[alike] += worth_of_field
            matching[alike] = True
    return matching, worth


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
    """The places of the best `most` scores in their order; equal ones as they stand."""
    places = np.arange(len(scores))
    if len(scores) > most:
        places = np.flatnonzero(scores >= np.partition(scores, len(scores) - most)[len(scores) - most])
    best: Numbers = places[np.argsort(-scores[places], kind="stable")][:most]
    return best


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


def _with_phrases(view: View, asked: Asked, numbers: Numbers, scores: Numbers) -> tuple[Numbers, Numbers]:
    """Those whose stored text holds the phrases; of very many candidates the best are read."""
    places = np.sort(_best(scores, _PHRASES_READ))
    held = [place for place in places.tolist() if _holds_phrases(view, int(numbers[place]), asked.phrases)]
    return numbers[held], scores[held]


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
        scores.add(need, TITLES)
    matching = (scores.met == len(asked.needs)) & readable if asked.needs else np.zeros(view.count, bool)
    if asked.latin:
        for numbers, _ in view.beginning("title", asked.name):
            matching[numbers] = readable[numbers]
        alike, worth = _sounding(view, asked)
        matching |= alike & readable
        scores.score += worth
    numbers = np.flatnonzero(matching)
    numbers = numbers[_best(scores.score[numbers], _LOOKED_AT)]
    numbers, _ = _by_title(view, asked, numbers, scores.score[numbers])
    begins = [not analysis.fold(view.card(number).title).startswith(asked.text) for number in numbers.tolist()]
    first: Numbers = numbers[np.argsort(begins, kind="stable")][:most]
    return first


def sorted_by(view: View, fact: str, numbers: Numbers) -> Numbers:
    """The documents by a fact, the largest first."""
    order: Numbers = numbers[np.argsort(-view.fact(fact)[numbers].astype(np.int64), kind="stable")]
    return order
