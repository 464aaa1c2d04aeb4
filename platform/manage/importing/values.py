"""What cells hold, as schools write it: names with stray spaces, full-width digits, days in many shapes, 三(2)班 and 2025级2班."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from manage.importing.texts import plain, tidy
from schools.models import Stage
from schools.names import GRADES_OF_STAGE

_NUMERALS: Final = "零一二三四五六七八九"
_NUMBER: Final = r"\d{1,2}|[一二三四五六七八九十]{1,3}"
_DAY: Final = re.compile(r"(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?\Z")
_TIME: Final = re.compile(r"[ T]\d{1,2}:\d\d.*\Z")
_DAY_TOGETHER: Final = re.compile(r"(\d{4})(\d{2})(\d{2})\Z")
_MONTH: Final = re.compile(r"(\d{4})[-./年](\d{1,2})月?\Z")
_SERIAL: Final = re.compile(r"\d{5}(?:\.\d+)?\Z")
_SERIALS_BEGIN: Final = date(1899, 12, 30)
_WHOLE: Final = re.compile(r"(\d+)(?:\.0+)?\Z")

_BY_ENTRY: Final = re.compile(rf"(20\d\d)[级年]\(?(?P<number>{_NUMBER})\)?班?\Z")
_TOGETHER: Final = re.compile(r"(?P<grade>\d{1,2})(?P<number>\d\d)班\Z")
_BY_GRADE: Final = re.compile(
    r"(?P<head>小学|初中|高中|中职|职高|小|初|高)?(?P<grade>[一二三四五六七八九]|1[0-2]|[1-9])"
    rf"(?:年级|年)?[第.·\-_/、]?\(?(?P<number>{_NUMBER})\)?班?\Z"
)
_DIGITS_TOGETHER: Final = re.compile(r"\d+\Z|\d+班\Z")
_KINDERGARTEN: Final = re.compile(rf"(?P<grade>[小中大])班?\(?(?P<number>{_NUMBER})\)?班?\Z")
_GRADE: Final = re.compile(
    r"(?P<head>小学|初中|高中|中职|职高|小|初|高)?(?P<grade>[一二三四五六七八九]|1[0-2]|[1-9])(?:年级|年)?\Z"
)

_STAGE_OF_HEAD: Final = {
    "小学": Stage.PRIMARY,
    "小": Stage.PRIMARY,
    "初中": Stage.JUNIOR,
    "初": Stage.JUNIOR,
    "高中": Stage.SENIOR,
    "高": Stage.SENIOR,
    "中职": Stage.VOCATIONAL,
    "职高": Stage.VOCATIONAL,
}
STAGE_WORDS: Final = {
    "幼儿园": Stage.KINDERGARTEN,
    "小学": Stage.PRIMARY,
    "初中": Stage.JUNIOR,
    "初级中学": Stage.JUNIOR,
    "高中": Stage.SENIOR,
    "高级中学": Stage.SENIOR,
    "中职": Stage.VOCATIONAL,
    "职高": Stage.VOCATIONAL,
    "中等职业": Stage.VOCATIONAL,
}


@dataclass(frozen=True)
class Grade:
    """A grade as it was written: `grade` counts within the stage when `stage` is known and it is one of its first years."""

    grade: int
    stage: Stage | None = None


@dataclass(frozen=True)
class ClassName:
    """A class as it was written: by its grade or by the year in which it entered."""

    number: int
    grade: Grade | None = None
    entry_year: int | None = None


def name(text: str) -> str:
    """A name of somebody: 张　三 and 张 三 are 张三, John Smith stays as it is."""
    words = tidy(text)
    return words if re.search(r"[A-Za-z]", words) else words.replace(" ", "")


def several(text: str) -> list[str]:
    """The parts of a cell that holds several, each once."""
    return list(dict.fromkeys(part for each in re.split(r"[、,，;；/\n]", text) if (part := tidy(each))))


def day(text: str) -> date | None:
    """A day as 2025-09-01, 2025.9.1, 2025年9月1日, 20250901, 2025年9月 (its first) or Excel's own number of days."""
    written = plain(_TIME.sub("", text))
    if _SERIAL.match(written):
        return _SERIALS_BEGIN + timedelta(days=int(float(written)))
    found = _DAY.match(written) or _DAY_TOGETHER.match(written) or _MONTH.match(written)
    if found is None:
        return None
    year, month, *rest = (int(part) for part in found.groups())
    try:
        return date(year, month, rest[0] if rest else 1)
    except ValueError:
        return None


def whole(text: str) -> int | None:
    """A whole number, with or without something written behind it (45座, 12号)."""
    found = _WHOLE.match(plain(text).rstrip("座号节课时分钟人间个"))
    return int(found[1]) if found else None


def yes(text: str) -> bool | None:
    """是 or 否, as people write them; None when it is neither."""
    written = plain(text).lower()
    if written in ("是", "有", "√", "✓", "y", "yes", "1", "true", "农村", "乡村", "核心校"):
        return True
    return False if written in ("否", "无", "不是", "×", "n", "no", "0", "false", "城镇", "成员校", "") else None


def stage(text: str) -> Stage | None:
    """学段 by its name."""
    return STAGE_WORDS.get(plain(text).removesuffix("部").removesuffix("段"))


def stages(text: str) -> list[Stage] | None:
    """Several 学段; 九年一贯制 and 完全中学 are two each. None when one is not known."""
    schools = {
        "九年一贯制": [Stage.PRIMARY, Stage.JUNIOR],
        "完全中学": [Stage.JUNIOR, Stage.SENIOR],
        "十二年一贯制": [Stage.PRIMARY, Stage.JUNIOR, Stage.SENIOR],
    }
    found: list[Stage] = []
    for part in several(text):
        one = stage(part)
        known = schools.get(plain(part), [one] if one else [])
        if not known:
            return None
        found += [each for each in known if each not in found]
    return found


def numeral(text: str) -> int:
    """三, 十二, 二十 or 12 as a number."""
    if text.isdecimal():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return _NUMERALS.index(text[-1])
    return (_NUMERALS.index(tens) if tens else 1) * 10 + (_NUMERALS.index(ones) if ones else 0)


def grade(text: str) -> Grade | None:
    """三年级, 初一, 高二, 7 or 大班."""
    written = plain(text)
    found = _GRADE.match(written)
    if found:
        return Grade(numeral(found["grade"]), _STAGE_OF_HEAD.get(found["head"] or ""))
    if written.removesuffix("班") in ("小", "中", "大"):
        return Grade("小中大".index(written[0]) + 1, Stage.KINDERGARTEN)
    return None


def class_name(text: str) -> ClassName | None:
    """三(2)班, 三（2）班, 三年级2班, 3.2班, 302班, 初一3班, 大(1)班, 2025级2班."""
    written = plain(text)
    entered = _BY_ENTRY.match(written)
    if entered:
        return ClassName(numeral(entered["number"]), entry_year=int(entered[1]))
    together = _DIGITS_TOGETHER.match(written)
    found = _TOGETHER.match(written) if together else _BY_GRADE.match(written)
    if found:
        head = _STAGE_OF_HEAD.get(found.groupdict().get("head") or "")
        return ClassName(numeral(found["number"]), Grade(numeral(found["grade"]), head))
    small = _KINDERGARTEN.match(written)
    if small:
        return ClassName(numeral(small["number"]), Grade("小中大".index(small["grade"]) + 1, Stage.KINDERGARTEN))
    return None


def placed(written: Grade, given: Stage | None, taught: list[str]) -> tuple[Stage, int] | None:
    """Stage and grade that are meant: `given` stands beside it, `taught` are the stages of the campus.

    一(2)班 of a junior school is 七(1)班's neighbour; 七 is 初一 wherever it stands. None when there is no such grade.
    """
    number, of = written.grade, written.stage or given
    if of is None:
        of = _stage_of(number, taught)
    grades = GRADES_OF_STAGE[of]
    if number not in grades and number <= len(grades):
        number += grades.start - 1
    return (of, number) if number in grades else None


def _stage_of(number: int, taught: list[str]) -> Stage:
    if len(taught) == 1 and number <= 3:
        return Stage(taught[0])
    if number >= 10:
        only_vocational = Stage.VOCATIONAL in taught and Stage.SENIOR not in taught
        return Stage.VOCATIONAL if only_vocational else Stage.SENIOR
    return Stage.PRIMARY if number <= 6 else Stage.JUNIOR
