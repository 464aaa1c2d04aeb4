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
    matcher = SequenceMatcher(b=text, autojunk=False)
    best, found = _ALIKE, ""
    for title in titles:
        for run in map(str, analysis.HAN.findall(analysis.fold(title))):
            syllables = analysis.syllables(run)
            for start, end in _stretches(len(run), len(text), asked.latin):
                stretch = run[start:end]
                if stretch == text:
                    continue
                if "".join(syllables[start:end]) == heard:
                    return stretch
                matcher.set_seq1(stretch)
                if not asked.latin and matcher.quick_ratio() > best and (alike := matcher.ratio()) > best:
                    best, found = alike, stretch
    return found


def _stretches(whole: int, length: int, latin: bool) -> Iterator[tuple[int, int]]:
    """Where the stretches of a run begin and end that are about as long as what was typed."""
    lengths = range(2, length // 2 + 1) if latin else range(max(2, length - 1), length + 2)
    for size in lengths:
        for start in range(whole - size + 1):
            yield start, start + size
