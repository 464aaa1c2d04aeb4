"""Names as they are typed: syllables and initials, in every reading that a name may have."""

from functools import lru_cache
from itertools import islice, product
from typing import Final

MOST_READINGS: Final = 8
LONGEST: Final = 200


@lru_cache(maxsize=4096)
def pinyin_of(name: str) -> str:
    """How `name` may be typed, words with a space between: 曾乐 → “zengle cengle zengyue … zl cl zy cy”.

    Tones, spaces and points are left out, ü is v; other letters stay, in lower case. At most 200 characters.
    """
    from pypinyin import Style, pinyin  # its dictionary takes a while to load, and few processes need it

    letters = "".join(character for character in name if character.isalnum())
    syllables = pinyin(letters, style=Style.NORMAL, heteronym=True, v_to_u=False)
    readings = [[part.lower() for part in reading] for reading in islice(product(*syllables), MOST_READINGS)]
    words = ["".join(reading) for reading in readings] + ["".join(part[:1] for part in reading) for reading in readings]
    return " ".join(dict.fromkeys(words))[:LONGEST]
