"""Text out of cells: spaces, digits and brackets in whatever width they were typed."""

import unicodedata
from typing import Final

_INVISIBLE: Final = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))


def tidy(text: str) -> str:
    """`text` without spaces around it, with single ones inside; full-width spaces are spaces."""
    return " ".join(text.translate(_INVISIBLE).split())


def plain(text: str) -> str:
    """The same with half-width digits, letters and brackets and no spaces: numbers, codes, days."""
    return "".join(unicodedata.normalize("NFKC", text.translate(_INVISIBLE)).split())
