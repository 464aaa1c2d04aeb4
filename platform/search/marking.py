"""Words marked in titles and snippets. Made from the stored text, so nothing is marked that does not stand there."""

from collections.abc import Sequence
from typing import Final, NamedTuple, TypeAlias

from search import analysis
from search.documents import Part

WIDTH: Final = 90
_BEFORE: Final = 20
_LOOKED_AT: Final = 12
"""So many words are enough to choose the place of a snippet by."""


class Piece(NamedTuple):
    """A run of text, and whether it is what was looked for."""

    text: str
    hit: bool = False


Marked: TypeAlias = tuple[Piece, ...]


def mark(text: str, words: Sequence[str]) -> Marked:
    """The text with `words` (folded, the longest first) marked wherever they stand."""
    folded, places = analysis.fold_with_places(text)
    hit = bytearray(len(folded))
    for word in words:
        at = folded.find(word)
        while at >= 0:
            hit[at : at + len(word)] = b"\x01" * len(word)
            at = folded.find(word, at + len(word))
    pieces: list[Piece] = []
    start = 0
    for at in range(1, len(folded) + 1):
        if at == len(folded) or hit[at] != hit[start]:
            run = text[places[start] : places[at]]
            if run:
                pieces.append(Piece(run, bool(hit[start])))
            start = at
    return tuple(pieces)


def best_part(parts: Sequence[Part], words: Sequence[str]) -> tuple[Part, str, int] | None:
    """The part in which most of `words` stand, one of its texts, and where in it they begin; None where none of them does.

    A longer word counts for more: what was typed as a whole stands first.
    """
    wanted = words[:_LOOKED_AT]
    best, found = 0, None
    for part in parts:
        for text in (part.text, part.heading):
            folded = analysis.fold(text)
            worth = sum(len(word) ** 2 for word in wanted if word in folded)
            if worth > best:
                best, found = worth, (part, text)
    if found is None:
        return None
    part, text = found
    return part, text, _place(text, wanted)


def snippet(text: str, at: int, words: Sequence[str]) -> Marked:
    """The text around a place, marked."""
    start = max(0, at - _BEFORE)
    cut = " ".join(text[start : start + WIDTH].split())
    before = (Piece("…"),) if start else ()
    after = (Piece("…"),) if start + WIDTH < len(text) else ()
    return (*before, *mark(cut, words), *after)


def _place(text: str, words: Sequence[str]) -> int:
    """Where the stretch begins that holds most of the words."""
    folded, places = analysis.fold_with_places(text)
    best, place = -1, 0
    for word in words:
        at = folded.find(word)
        if at >= 0:
            stretch = folded[at : at + WIDTH]
            worth = sum(len(other) ** 2 for other in words if other in stretch)
            if worth > best:
                best, place = worth, at
    return places[place]
