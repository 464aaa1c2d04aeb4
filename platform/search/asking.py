"""What somebody typed, taken apart into what has to be looked up."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

from search import analysis

LONGEST: Final = 200
"""More characters than that are not looked at."""
MOST_TERMS: Final = 60
_QUOTED: Final = re.compile('[“"]([^“”"]+)[”"]')
_LATIN: Final = re.compile("[a-z]{2,40}")
_LONGEST_INITIALS: Final = 10


@dataclass(frozen=True)
class Same:
    """Folded words that mean the same: in what belongs to a subject, or everywhere."""

    words: frozenset[str]
    subject_id: int | None = None


Synonyms: TypeAlias = Sequence[Same]


@dataclass(frozen=True)
class Way:
    """Terms that all have to stand in something of a subject, or in anything."""

    terms: tuple[str, ...]
    subject_id: int | None = None


@dataclass(frozen=True)
class Need:
    """Something that has to stand in what is found, in one of `ways`, of which the first is what was typed."""

    ways: tuple[Way, ...]


@dataclass(frozen=True)
class Asked:
    """A question to the index.

    `text` is what was typed, folded; `needs` must all be met, `phrases` stand just so in the text. `sounds` are ways to read it
    as pinyin, `initials` runs of three first letters, `name` the beginning of a name in letters. `shown` are the words to mark in what
    is found, the longest first.
    """

    text: str
    needs: tuple[Need, ...] = ()
    phrases: tuple[str, ...] = ()
    sounds: tuple[tuple[str, ...], ...] = ()
    initials: tuple[str, ...] = ()
    name: str = ""
    latin: bool = False
    shown: tuple[str, ...] = ()


def ask(words: str, synonyms: Synonyms = ()) -> Asked:
    """Take apart what was typed. One page asks several times."""
    return _ask(words[:LONGEST], tuple(synonyms))


@lru_cache(500)
def _ask(words: str, synonyms: tuple[Same, ...]) -> Asked:
    folded = " ".join(analysis.fold(words).split())
    phrases = tuple(phrase.strip() for phrase in _QUOTED.findall(folded) if phrase.strip())
    open_words = " ".join(_QUOTED.sub(" ", folded).split())
    needs = [_need_of(term) for phrase in phrases for term in analysis.terms_of_text(phrase)]
    needs += _needs(open_words, synonyms)
    letters = open_words.replace(" ", "").replace("'", "").replace("ü", "v")
    latin = not phrases and _LATIN.fullmatch(letters) is not None
    if latin:
        sounds = _readings(open_words.replace("ü", "v"), letters)
    else:
        sounds = [tuple(analysis.sounds(open_words))] if not phrases else []
    return Asked(
        text=" ".join([*phrases, open_words]).strip(),
        needs=tuple(dict.fromkeys(needs))[:MOST_TERMS],
        phrases=phrases,
        sounds=tuple(sound for sound in sounds if sound),
        initials=tuple(analysis.threes(letters)) if latin and len(letters) <= _LONGEST_INITIALS else (),
        name=letters if latin else "",
        latin=latin,
        shown=_shown([*phrases, *open_words.split()], needs),
    )


def _readings(words: str, letters: str) -> list[tuple[str, ...]]:
    """Letters as pinyin, read across the spaces between them and word by word."""
    across = [tuple(reading) for reading in analysis.readings(letters)]
    by_word = [analysis.readings(word)[:1] for word in words.replace("'", "").split()]
    if len(by_word) < 2 or not all(by_word):
        return across
    return [*across, tuple(pair for reading in by_word for pair in reading[0])]


def _needs(folded: str, synonyms: Synonyms) -> list[Need]:
    """Words with synonyms are needed whole, one way or another; of the rest every term."""
    known = {word for same in synonyms for word in same.words if word in folded}
    if not known:
        return [_need_of(term) for term in analysis.terms_asked(folded)]
    longest_first = sorted(known, key=len, reverse=True)
    pieces = re.split(f"({'|'.join(map(re.escape, longest_first))})", folded)
    needs = []
    for piece in pieces:
        if piece in known:
            needs.append(Need((_way(piece), *_other_ways(piece, synonyms))))
        else:
            needs += [_need_of(term) for term in analysis.terms_asked(piece)]
    return needs


def _need_of(term: str) -> Need:
    return Need((Way((term,)),))


def _way(word: str, subject_id: int | None = None) -> Way:
    return Way(tuple(analysis.terms_asked(word)), subject_id)


def _other_ways(word: str, synonyms: Synonyms) -> list[Way]:
    """The other words that stand for one."""
    others = ((other, same.subject_id) for same in synonyms if word in same.words for other in sorted(same.words))
    return list(dict.fromkeys(_way(other, subject_id) for other, subject_id in others if other != word))


def _shown(words: Iterable[str], needs: Iterable[Need]) -> tuple[str, ...]:
    terms = (term for need in needs for way in need.ways for term in way.terms)
    both = [*words, *terms]
    return tuple(sorted((word for word in dict.fromkeys(both) if word), key=len, reverse=True))
