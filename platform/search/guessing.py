"""What was perhaps meant: the stretch of a title that is nearest to what was typed, by its characters or by its sound."""

from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from typing import Final

from search import analysis
from search.asking import Asked

_LONGEST: Final = 16
_ALIKE: Final = 0.6


def meant(asked: Asked, titles: Iterable[str]) -> str:
    """What was perhaps meant, out of `titles`; "" when nothing is near enough."""
    text = asked.text.replace(" ", "")
    if not 2 <= len(text) <= _LONGEST * (4 if asked.latin else 1):
        return ""
    heard = text.replace("'", "") if asked.latin else "".join(analysis.syllables(text))
    best, found = _ALIKE, ""
    for title in titles:
        for run in analysis.HAN.findall(analysis.fold(title)):
            for stretch in _stretches(run, len(text), asked.latin):
                if "".join(analysis.syllables(stretch)) == heard and stretch != text:
                    return stretch
                alike = 0.0 if asked.latin else SequenceMatcher(None, text, stretch, autojunk=False).ratio()
                if alike > best and stretch != text:
                    best, found = alike, stretch
    return found


def _stretches(run: str, length: int, latin: bool) -> Iterator[str]:
    lengths = range(2, length // 2 + 1) if latin else range(max(2, length - 1), length + 2)
    for size in lengths:
        for start in range(len(run) - size + 1):
            yield run[start : start + size]
