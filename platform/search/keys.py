"""Terms as numbers, so that numpy takes a whole text apart at once.

A term of one or two characters is the number that their code points make together, and nearly all terms of a Chinese text are pairs of characters.
Longer ones are numbered above those as they come. Short terms in the order of their numbers are in the order of their bytes.
"""

from collections.abc import Iterable
from typing import Any, Final

import numpy as np

from search.analysis import fold, words_of_text
from search.codec import Numbers

_BITS: Final = 21
KEY_BITS: Final = 2 * _BITS
_LONGER: Final = 0x110000 << _BITS
"""Above every pair of code points."""


class Keys:
    """The numbers of terms, of one field while it is written."""

    def __init__(self) -> None:
        self._longer: dict[str, int] = {}

    def of(self, terms: Iterable[str]) -> list[int]:
        """The numbers of terms."""
        return [self._of(term) for term in terms]

    def _of(self, term: str) -> int:
        if len(term) > 2:
            return self._longer.setdefault(term, len(self._longer) + _LONGER)
        return ord(term[0]) << _BITS | (ord(term[1]) if len(term) > 1 else 0)

    def of_text(self, text: str) -> Numbers:
        """The numbers of all terms of a text, not folded yet, as often as they occur: `analysis.terms_of_text`, and quicker."""
        folded = fold(text)
        return np.concatenate([_pairs(folded), np.array(self.of(words_of_text(folded)), np.uint64)])

    def terms(self, keys: Numbers) -> list[bytes]:
        """The terms with these numbers, which are in their order."""
        longer = list(self._longer)
        short = keys[: np.searchsorted(keys, _LONGER)]
        codes = np.stack([short >> np.uint64(_BITS), short & np.uint64((1 << _BITS) - 1)], axis=1).astype("<u4")
        terms = codes.view("<U2").ravel().tolist() + [longer[key - _LONGER] for key in keys[len(short) :].tolist()]
        return [term.encode() for term in terms]


def _pairs(folded: str) -> Numbers:
    """The numbers of all pairs of Chinese characters, and of those that stand alone."""
    codes: Numbers = np.frombuffer(folded.encode("utf-32-le", "surrogatepass"), "<u4")
    chinese = np.zeros(len(codes) + 2, bool)  # with nothing before and after
    chinese[1:-1] = _is_chinese(codes)
    alone = chinese[1:-1] & ~chinese[:-2] & ~chinese[2:]
    first = codes.astype(np.uint64) << np.uint64(_BITS)
    paired: Any = (first[:-1] | codes[1:])[chinese[1:-2] & chinese[2:-1]]
    return np.concatenate([paired, first[alone]]) if alone.any() else paired


def _is_chinese(codes: Numbers) -> Numbers:
    """As `analysis.HAN` has it."""
    found: Numbers = (codes - np.uint32(0x3400) <= 0x9FFF - 0x3400) | (codes == 0x3007)
    if len(codes) and codes.max() >= 0x20000:
        found |= codes - np.uint32(0x20000) <= 0x1FFFF
    return found
