"""The automatic numbers and bullets of Word's paragraphs."""

from collections import defaultdict
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from foundation.packages import attribute, local_name

_HAN_DIGITS = "〇一二三四五六七八九"
_LIST_FORMATS = frozenset(
    {"decimal", "decimalZero", "lowerLetter", "upperLetter", "lowerRoman", "upperRoman", "decimalFullWidth"}
)
_HAN_FORMATS = frozenset(
    {"chineseCounting", "chineseCountingThousand", "japaneseCounting", "ideographDigital", "taiwaneseCounting"}
)


@dataclass(frozen=True, slots=True)
class Level:
    """How one level of a numbering counts: Word's name of the format, the text around the number, the first number."""

    format: str
    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Number:
    """The number of one paragraph: `bullet`, or its place in an ordered list, or the words that Word shows for it."""

    depth: int
    bullet: bool = False
    count: int = 1
    words: str = ""


@dataclass
class Numbering:
    """Counts as Word does, paragraph by paragraph in the order of the document."""

    levels: dict[str, dict[int, Level]] = field(default_factory=dict)
    _groups: dict[str, str] = field(default_factory=dict)
    _counts: dict[str, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))

    @classmethod
    def read(cls, root: Element | None) -> "Numbering":
        """The numberings in the part of that root; none where there is no such part."""
        numbering = cls()
        abstract: dict[str, dict[int, Level]] = {}
        for element in root if root is not None else ():
            if local_name(element) == "abstractNum":
                abstract[attribute(element, "abstractNumId") or ""] = _levels(element)
        for element in root if root is not None else ():
            if local_name(element) == "num":
                number_id = attribute(element, "numId") or ""
                group = _value(element, "abstractNumId") or ""
                overrides = [each for each in element if local_name(each) == "lvlOverride"]
                numbering.levels[number_id] = abstract.get(group, {}) | _overridden(abstract.get(group, {}), overrides)
                numbering._groups[number_id] = f"{group}/{number_id}" if overrides else group
        return numbering

    def next(self, number_id: str, depth: int) -> Number | None:
        """The number of the next paragraph in that numbering; None where it is numbered in no visible way."""
        level = self.levels.get(number_id, {}).get(depth)
        if level is None or level.format == "none" or number_id == "0":
            return None
        counts = self._counts[self._groups.get(number_id, number_id)]
        counts[depth] = counts.get(depth, level.start - 1) + 1
        for deeper in [each for each in counts if each > depth]:
            del counts[deeper]
        if level.format == "bullet":
            return Number(depth, bullet=True)
        if level.format in _LIST_FORMATS and level.text.count("%") == 1:
            return Number(depth, count=counts[depth])
        return Number(depth, count=counts[depth], words=self._words(number_id, level, counts))

    def _words(self, number_id: str, level: Level, counts: dict[int, int]) -> str:
        words = level.text
        for depth, count in counts.items():
            counted = self.levels[number_id].get(depth, level)
            words = words.replace(f"%{depth + 1}", han_number(count) if counted.format in _HAN_FORMATS else str(count))
        return words


def han_number(number: int) -> str:
    """The number as it is written before headings: 一, 十, 十二, 二十; digits from a hundred on."""
    if not 0 < number < 100:
        return str(number)
    tens, ones = divmod(number, 10)
    return (("" if tens == 1 else _HAN_DIGITS[tens]) + "十" if tens else "") + (_HAN_DIGITS[ones] if ones else "")


def _levels(element: Element) -> dict[int, Level]:
    levels = {}
    for child in element:
        if local_name(child) == "lvl":
            start = _value(child, "start") or "1"
            levels[int(attribute(child, "ilvl") or 0)] = Level(
                _value(child, "numFmt") or "decimal",
                _value(child, "lvlText") or "",
                int(start) if start.lstrip("-").isdigit() else 1,
            )
    return levels


def _overridden(levels: dict[int, Level], overrides: list[Element]) -> dict[int, Level]:
    changed = {}
    for override in overrides:
        depth = int(attribute(override, "ilvl") or 0)
        start = _value(override, "startOverride")
        changed.update(_levels(override))
        if start and depth in levels and depth not in changed:
            changed[depth] = Level(levels[depth].format, levels[depth].text, int(start))
    return changed


def _value(element: Element, name: str) -> str | None:
    return next((attribute(child, "val") for child in element if local_name(child) == name), None)
