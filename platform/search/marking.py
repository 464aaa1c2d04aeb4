"""Words marked in titles and snippets. Made from the stored text, so nothing is marked that does not stand there."""

from collections.abc import Sequence
from typing import Final, NamedTuple, TypeAlias

from search import analysis
from search.documents import Part

WIDTH: Final = 90
_BEFORE: Final = 20
_LOOKED_AT: Final = 12
"""So many words are enough to choose the part by."""
_PLACES: Final = 6
"""So many places are enough to choose the stretch from."""


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
    while start < len(folded):
        end = hit.find(1 - hit[start], start)
        end = len(folded) if end < 0 else end
        run = text[places[start] : places[end]]
        if run:
            pieces.append(Piece(run, bool(hit[start])))
        start = end
    return tuple(pieces)


def best_part(parts: Sequence[Part], words: Sequence[str]) -> tuple[Part, str, int] | None:
    """The part in which most of `words` stand, one of its texts, and where in it they begin; None where none of them does.

    A longer word counts for more: what was typed as a whole stands first.
    """
    wanted = words[:_LOOKED_AT]
    best, found = 0, None
    for part in parts:
        for text in filter(None, (part.text, part.heading)):
            folded = _quickly_folded(text, wanted)
            worth = sum([len(word) ** 2 for word in wanted if word in folded])
            if worth > best:
                best, found = worth, (part, text, folded)
    if found is None:
        return None
    part, text, folded = found
    return part, text, _place(text, folded, wanted)


def _quickly_folded(text: str, words: Sequence[str]) -> str:
    """The text in a form in which the words are found: mostly as it stands."""
    if words and words[0] in text:
        return text
    quick = text.lower()
    return quick if any(word in quick for word in words) else analysis.fold(text)


def snippet(text: str, at: int, words: Sequence[str]) -> Marked:
    """The text around a place, marked."""
    start = max(0, at - _BEFORE)
    cut = " ".join(text[start : start + WIDTH].split())
    before = (Piece("…"),) if start else ()
    after = (Piece("…"),) if start + WIDTH < len(text) else ()
    return (*before, *mark(cut, words), *after)


def _place(text: str, folded: str, words: Sequence[str]) -> int:
    """Where the stretch begins that holds most of the words."""
    present = [word for word in words if word in folded]
    best, place = -1, 0
    for word in present[:_PLACES]:
        at = folded.find(word)
        stretch = folded[at : at + WIDTH]
        worth = sum([len(other) ** 2 for other in present if other in stretch])
        if worth > best:
            best, place = worth, at
    return place if len(folded) == len(text) else analysis.fold_with_places(text)[1][place]
