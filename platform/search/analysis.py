"""What words and texts are cut into, the same way when they are indexed and when they are looked for.

Folding takes one character at a time (full-width and look-alike forms, case, accents, Traditional to Simplified), so that every
place in a folded text is known in the text as it stands.
"""

import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise
from operator import add
from typing import Final

import numpy as np

RUN: Final = re.compile("[\u3007\u3400-\u9fff\U00020000-\U0003ffff]+|[a-z0-9]+")
HAN: Final = re.compile("[\u3007\u3400-\u9fff\U00020000-\U0003ffff]+")
_WORD: Final = re.compile("[a-z0-9]+")
_HAN_BEGINS: Final = "\u3007"
_LONGEST_WORD: Final = 40
_LONG: Final = 40
"""From so many characters on numpy is quicker."""
_INITIALS: Final = 3
_SHORTEST_NAME: Final = 2

_DIGITS: Final = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_PLACES: Final = {"十": 10, "百": 100}
_NUMERAL: Final = "[零〇一二两三四五六七八九十百]+"
NUMBERED: Final = re.compile(f"第{_NUMERAL}|{_NUMERAL}(?=[课节章回讲册级年单题])")
"""Numerals that count something: 第三课, 三年级; not those of other words, as in 一心一意."""
_NUMBER: Final = re.compile("[0-9]+")


class _Folding(dict[int, str]):
    """What a character is folded to, found out when it is first seen."""

    def __missing__(self, code: int) -> str:
        folded = unicodedata.normalize("NFKC", chr(code)).lower()
        folded = "".join(_simplified().get(letter, letter) for letter in _without_accents(folded))
        self[code] = folded
        return folded


def _without_accents(letters: str) -> str:
    if letters.isascii():
        return letters
    return "".join(part for part in unicodedata.normalize("NFKD", letters) if not unicodedata.combining(part))


@cache
def _simplified() -> dict[str, str]:
    """Traditional characters with the first of their Simplified forms, by OpenCC's table."""
    table = files("opencc").joinpath("dictionary/TSCharacters.txt").read_text(encoding="utf-8")
    rows = (line.split() for line in table.splitlines())
    return {row[0]: row[1] for row in rows if len(row) > 1 and len(row[0]) == 1 and len(row[1]) == 1}


_FOLDING: Final = _Folding()


class _Table:
    """The same for longer texts, which numpy looks up at once. What becomes none or several characters is put in afterwards."""

    def __init__(self) -> None:
        self._folded = np.zeros(sys.maxunicode + 1, np.uint32)

    def fold(self, text: str) -> str:
        """The text as it is compared."""
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        folded = self._folded.take(codes)
        if folded.all():
            return folded.tobytes().decode("utf-32-le", "surrogatepass")
        uneven = [code for code in np.unique(codes[folded == 0]).tolist() if not self._find_out(code)]
        folded = self._folded.take(codes)
        whole = np.where(folded == 0, codes, folded).tobytes().decode("utf-32-le", "surrogatepass")
        for code in uneven:
            whole = whole.replace(chr(code), _FOLDING[code])
        return whole

    def _find_out(self, code: int) -> bool:
        """Whether one character becomes one."""
        folded = _FOLDING[code]
        if len(folded) == 1:
            self._folded[code] = ord(folded)
        return len(folded) == 1


_TABLE: Final = _Table()


def fold(text: str) -> str:
    """The text as it is compared."""
    return text.translate(_FOLDING) if len(text) < _LONG else _TABLE.fold(text)


def fold_with_places(text: str) -> tuple[str, Sequence[int]]:
    """The same, and for every character of it, and for its end, where that stands in `text`."""
    whole = fold(text)
    if len(whole) == len(text):  # as nearly always: then each stands in its own place
        return whole, range(len(text) + 1)
    folded: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        part = _FOLDING[ord(letter)]
        folded.append(part)
        places += [place] * len(part)
    return "".join(folded), [*places, len(text)]


def numbers_in_digits(folded: str) -> str:
    """第三课 as 第3课, 十二年级 as 12年级."""
    return NUMBERED.sub(lambda found: _in_digits(found.group()), folded)


def _in_digits(numeral: str) -> str:
    before, number = ("第", numeral[1:]) if numeral[0] == "第" else ("", numeral)
    if not any(place in number for place in _PLACES):
        return before + "".join(str(_DIGITS[digit]) for digit in number)
    total, digit = 0, None
    for letter in number:
        if letter in _PLACES:
            total += (1 if digit is None else digit) * _PLACES[letter]
            digit = None
        else:
            digit = _DIGITS[letter]
    return f"{before}{total + (digit or 0)}"


def _pairs(folded: str) -> list[str]:
    terms: list[str] = []
    for run in RUN.findall(folded):
        if run[0] < _HAN_BEGINS:
            terms.append(run[:_LONGEST_WORD])
        elif len(run) == 1:
            terms.append(run)
        else:
            terms += map(add, run, run[1:])
    return terms


def _numbers(folded: str) -> Iterator[tuple[str, str, str]]:
    """Each number with the characters before and after it, where there are any."""
    for found in _NUMBER.finditer(folded):
        start, end = found.span()
        before, after = folded[start - 1 : start], folded[end : end + 1]
        yield before if HAN.match(before) else "", found.group(), after if HAN.match(after) else ""


def _numbered(folded: str) -> Iterator[str]:
    """Numbers together with the characters beside them: 第3, 3课."""
    for before, number, after in _numbers(folded):
        if before:
            yield before + number
        if after:
            yield number + after


def terms_of_text(folded: str) -> list[str]:
    """What a text is found by: pairs of characters, and `words_of_text`."""
    pairs = (term for term in _pairs(folded) if term[0] >= _HAN_BEGINS)
    return [*pairs, *words_of_text(folded)]


def words_of_text(folded: str) -> list[str]:
    """Words of letters and digits, numbers with what they count."""
    words = [word[:_LONGEST_WORD] for word in _WORD.findall(folded)]
    counted = numbers_in_digits(folded)
    words += _numbered(counted)
    if counted != folded:
        words += (word[:_LONGEST_WORD] for word in _WORD.findall(counted) if word.isdigit())
    return words


def terms_of_title(folded: str) -> list[str]:
    """The same, and single characters, for titles and names."""
    singles = (letter for run in HAN.findall(folded) if len(run) > 1 for letter in run)
    return [*terms_of_text(folded), *singles]


def terms_asked(folded: str) -> list[str]:
    """What has to stand in what is looked for, each once. A number that counts something is asked for with it only."""
    counted = numbers_in_digits(folded)
    numbered = list(_numbered(counted))
    apart = {part for found in _numbers(counted) if found[0] or found[2] for part in found}
    return list(dict.fromkeys([*numbered, *(term for term in _pairs(counted) if term not in apart)]))


# How it sounds.


@lru_cache(10_000)
def syllables(run: str) -> tuple[str, ...]:
    """A run of characters as it is read, without tones; ü is v."""
    from pypinyin.seg.mmseg import seg  # its dictionary takes a while to load

    return tuple(syllable for word in seg.cut(run) for syllable in _syllables_of_word(word))


@lru_cache(50_000)
def _syllables_of_word(word: str) -> tuple[str, ...]:
    """As `pypinyin.lazy_pinyin` reads a word of its dictionary, five times as quickly."""
    from pypinyin.constants import PHRASES_DICT, PINYIN_DICT

    if word in PHRASES_DICT:
        return tuple(_without_tone(readings[0]) for readings in PHRASES_DICT[word])
    return tuple(_without_tone(PINYIN_DICT.get(ord(letter), letter)) for letter in word)


@lru_cache(5_000)
def _without_tone(readings: str) -> str:
    from pypinyin.contrib.tone_convert import to_normal

    return to_normal(readings.split(",")[0], v_to_u=False)


def sounds(folded: str) -> list[str]:
    """Pairs of syllables that follow one another: 长方形 as changfang, fangxing."""
    return [pair for run in HAN.findall(folded) for pair in _joined(syllables(run))]


def initials(folded: str) -> list[str]:
    """The first letters of three syllables that follow one another: 长方形面积 as cfx, fxm, xmj."""
    found = []
    for run in HAN.findall(folded):
        letters = "".join(syllable[:1] for syllable in syllables(run))
        found += threes(letters)
    return found


def threes(letters: str) -> list[str]:
    """All runs of three letters."""
    return [letters[at : at + _INITIALS] for at in range(len(letters) - _INITIALS + 1)]


def beginnings(pinyin: str) -> list[str]:
    """What a name may be typed by before it is written out: the beginnings of every word of `schools.pinyin.pinyin_of`."""
    words = pinyin.split()
    return list(dict.fromkeys(word[:end] for word in words for end in range(_SHORTEST_NAME, len(word) + 1)))


def _joined(syllables: Iterable[str]) -> list[str]:
    return [first + second for first, second in pairwise(syllables)]


def readings(letters: str, most: int = 4) -> list[list[str]]:
    """Letters read as pinyin, as pairs of syllables; the readings with the fewest syllables first."""
    known = _syllables()
    ways: list[list[tuple[str, ...]]] = [[()], *([] for _ in letters)]
    for at in range(len(letters)):
        for length in range(1, 7):
            part = letters[at : at + length]
            if part in known and ways[at] and at + length <= len(letters):
                longer = ways[at + length] + [(*way, part) for way in ways[at]]
                ways[at + length] = sorted(longer, key=_unlikely)[:most]
    return [_joined(way) for way in ways[-1] if len(way) > 1]


def _unlikely(way: tuple[str, ...]) -> tuple[int, int]:
    return len(way), sum(len(syllable) == 1 for syllable in way)


@cache
def _syllables() -> frozenset[str]:
    """All syllables of Mandarin without tones; ü is v."""
    from pypinyin.constants import PINYIN_DICT

    found = {_without_tone(reading) for code, reading in PINYIN_DICT.items() if 0x4E00 <= code <= 0x9FA5}
    return frozenset(
        each for each in found if each.isascii() and each.isalpha() and each not in {"n", "m", "ng", "hm", "hng"}
    )
