"""An outline written as text: units, and below each its lessons."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from flask_babel import gettext

from foundation.errors import Invalid

TITLE_LENGTH: Final = 80
MOST_LINES: Final = 600
MOST_PERIODS: Final = 40

_UNIT = re.compile(
    r"(第\s*[一二三四五六七八九十百\d]{1,4}\s*(?:单元|章|部分|组)|(?:unit|module|chapter)\s*\d+)", re.IGNORECASE
)
_AFTER_UNIT = re.compile(r"[\s:：·.．、—-]+")
_NUMBER = re.compile(r"(?:第\s*[一二三四五六七八九十\d]+\s*课|\d{1,3}(?=[\s.．、*＊:：]))[\s.．、*＊:：]*")
_PERIODS = re.compile(r"[（(]\s*(\d{1,2})\s*课时\s*[）)]\s*\Z")


@dataclass(frozen=True)
class NewTopic:
    """A lesson as written down."""

    title: str
    periods: int = 1


@dataclass
class NewUnit:
    """A unit as written down, with its lessons."""

    title: str
    theme: str = ""
    topics: list[NewTopic] = field(default_factory=list)


def read_outline(text: str) -> list[NewUnit]:
    """The units of an outline. A line is a unit when it is called one (第一单元, Unit 1), or when it stands out before indented lines.

    Raises Invalid naming the line that cannot be used.
    """
    lines = [(number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if not lines:
        raise Invalid(outline=gettext("请粘贴单元和课的名称，每行一个。"))
    if len(lines) > MOST_LINES:
        raise Invalid(outline=gettext("一次最多 %(count)d 行。", count=MOST_LINES))
    called = any(_UNIT.match(line.strip()) for _, line in lines)
    units: list[NewUnit] = []
    for number, line in lines:
        words = line.strip()
        if len(words) > TITLE_LENGTH:
            raise Invalid(outline=gettext("第 %(line)d 行太长，最多 %(count)d 个字。", line=number, count=TITLE_LENGTH))
        if _is_unit(line, called=called):
            units.append(_unit(words))
        elif units:
            units[-1].topics.append(_topic(words))
        else:
            raise Invalid(outline=gettext("第 %(line)d 行是课，但前面还没有单元，如“第一单元”。", line=number))
    return units


def _is_unit(line: str, *, called: bool) -> bool:
    if called:
        return _UNIT.match(line.strip()) is not None
    return not line[0].isspace()


def _unit(words: str) -> NewUnit:
    found = _UNIT.match(words)
    if found is None:
        return NewUnit(words)
    theme = _AFTER_UNIT.sub("", words[found.end() :], count=1) if words[found.end() :] else ""
    return NewUnit(re.sub(r"(?<=第)\s+|\s+(?=单元|章|部分|组)", "", found[0]), theme)


def _topic(words: str) -> NewTopic:
    periods = _PERIODS.search(words)
    title = _PERIODS.sub("", words).strip()
    title = _NUMBER.sub("", title, count=1) if _NUMBER.match(title) else title
    count = int(periods[1]) if periods else 1
    return NewTopic(title or words, min(max(count, 1), MOST_PERIODS))


@dataclass(frozen=True)
class Difference:
    """A unit of an outline beside the volume: whether it is new, and which of its lessons are."""

    unit: NewUnit
    new: bool
    new_topics: Sequence[NewTopic]
