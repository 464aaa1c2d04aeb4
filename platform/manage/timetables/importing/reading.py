"""Sheets of text as cells of class weeks, each with the place where it was written; nothing is looked up here."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from flask_babel import gettext

from manage.importing import values
from manage.importing.cells import Cells
from manage.importing.texts import plain, tidy
from timetable.models import Parity

HEADER_WITHIN: Final = 12
_WEEKDAYS: Final = {
    f"{before}{day}": number
    for number, days in enumerate(("一1", "二2", "三3", "四4", "五5", "六6", "日天7"), start=1)
    for day in days
    for before in ("星期", "周", "礼拜")
}
_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "class": ("班级", "班", "班级名称", "行政班"),
    "weekday": ("星期", "周几", "星期几", "周次日", "日期", "上课日期"),
    "period": ("节次", "节", "第几节", "课节"),
    "subject": ("学科", "科目", "课程", "内容", "课程名称"),
    "teacher": ("教师", "老师", "任课教师", "任课老师", "教师姓名", "老师姓名", "姓名"),
    "room": ("教室", "上课地点", "地点", "场地"),
    "parity": ("单双周", "周", "周类型"),
}
_PARITIES: Final = {"单": Parity.ODD, "单周": Parity.ODD, "双": Parity.EVEN, "双周": Parity.EVEN, "每周": Parity.EVERY}
_PARITY_BESIDE: Final = re.compile(r"[(（\[【]?\s*(单|双)周?\s*[)）\]】]|(?:^|\s)(单|双)周(?=\s|$)")
_TWO_LESSONS: Final = re.compile(r"\s*[/|｜／]\s*")
_NO_LESSON: Final = re.compile(r"午休|午餐|早餐|大课间|眼保健操|课间操?|放学|升旗|休息|—+|-+|/+|无|空")
_TITLE: Final = re.compile(r"(?:的)?(?:课程?表|班级课表|总?课程表|一览表).*$")


@dataclass(frozen=True)
class Lesson:
    """A lesson as it was written: subject, teacher and room in words."""

    subject: str
    teacher: str = ""
    room: str = ""
    parity: str = Parity.EVERY.value


@dataclass(frozen=True)
class Written:
    """A place of a class' week as it was written at `cell` of a sheet. No lessons: the cell is blank, so there are none."""

    sheet: str
    cell: str
    class_name: str
    weekday: int
    period: str
    lessons: tuple[Lesson, ...]
    text: str = ""


@dataclass
class Found:
    """What the sheets hold, and sentences about what was passed over."""

    written: list[Written] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def find_weeks(sheets: Sequence[Cells]) -> Found:
    """The cells of every sheet whose form is known."""
    found = Found()
    for sheet in sheets:
        if not sheet.rows:
            found.notes.append(gettext("工作表“%(sheet)s”是空的，已跳过。", sheet=sheet.name))
            continue
        grid, lines = _grid_header(sheet), _list_header(sheet)
        if grid is not None:
            found.written += _of_grid(sheet, *grid)
        elif lines is not None and "weekday" in lines[1]:
            found.written += _of_list(sheet, *lines, notes=found.notes)
        else:
            found.notes.append(
                gettext(
                    "工作表“%(sheet)s”认不出：应有“星期一、星期二……”一行，或者“班级、星期、节次、学科、教师”的表头。",
                    sheet=sheet.name,
                )
            )
    return found


def _grid_header(sheet: Cells) -> tuple[int, dict[int, int]] | None:
    """The place of the row of weekdays, and the weekday of each column."""
    for place, (_, cells) in enumerate(sheet.rows[:HEADER_WITHIN]):
        days = {column: _WEEKDAYS[plain(cell)] for column, cell in enumerate(cells) if plain(cell) in _WEEKDAYS}
        if len(set(days.values())) >= 3:
            return place, days
    return None


def _list_header(sheet: Cells) -> tuple[int, dict[str, int]] | None:
    """The place of the header, and the column of each thing."""
    for place, (_, cells) in enumerate(sheet.rows[:HEADER_WITHIN]):
        titles = {plain(cell).rstrip("*"): column for column, cell in reversed(list(enumerate(cells))) if cell}
        columns = {
            key: next(titles[name] for name in names if name in titles)
            for key, names in _COLUMNS.items()
            if any(name in titles for name in names)
        }
        if {"period", "subject"} <= columns.keys():
            return place, columns
    return None


def _of_grid(sheet: Cells, header: int, days: Mapping[int, int]) -> Iterator[Written]:
    name = _class_of(sheet, header)
    first = min(days)
    for number, cells in sheet.rows[header + 1 :]:
        period = _joined(cells[:first])
        if not period or _NO_LESSON.fullmatch(plain(period)):
            continue
        for column, weekday in days.items():
            text = cells[column] if column < len(cells) else ""
            yield Written(sheet.name, f"{_letters(column)}{number}", name, weekday, period, tuple(_lessons(text)), text)


def _class_of(sheet: Cells, header: int) -> str:
    """The class that a sheet is for: from a title above the weekdays, or from its own name."""
    above = [cell for _, cells in sheet.rows[:header] for cell in cells if cell]
    for text in (*above, sheet.name):
        written = _TITLE.sub("", tidy(text)).partition("：")[2] or _TITLE.sub("", tidy(text))
        if values.class_name(written):
            return written
    return sheet.name


def _joined(cells: Sequence[str]) -> str:
    """What stands left of the weekdays: 上午 and 第1节 are 上午第1节. Times of the clock are left out."""
    words = [cell for cell in dict.fromkeys(cells) if cell and not re.search(r"\d[:：]\d", cell)]
    return "".join(words)


def _lessons(text: str) -> Iterator[Lesson]:
    """数学 王芳, 数学(单) 王芳 / 语文(双) 李强."""
    for part in _TWO_LESSONS.split(text):
        mark = _PARITY_BESIDE.search(part)
        words = _PARITY_BESIDE.sub(" ", part).split()
        if not words or _NO_LESSON.fullmatch(plain("".join(words))):
            continue
        parity = _PARITIES[mark[1] or mark[2]] if mark else Parity.EVERY
        yield Lesson(words[0], words[1] if len(words) > 1 else "", " ".join(words[2:]), parity.value)


def _of_list(sheet: Cells, header: int, columns: Mapping[str, int], notes: list[str]) -> Iterator[Written]:
    """Rows by class, weekday and period; rows of one place in odd and even weeks are put together."""
    places: dict[tuple[str, int, str], Written] = {}
    day = ""
    for number, cells in sheet.rows[header + 1 :]:
        row = {key: cells[column] if column < len(cells) else "" for key, column in columns.items()}
        day = row["weekday"] or day
        if not row["subject"] and not row["period"]:
            continue
        weekday = _weekday(day)
        name = row.get("class", "") or (sheet.name if values.class_name(sheet.name) else "")
        if weekday is None:
            notes.append(
                gettext("“%(sheet)s”第 %(row)s 行认不出是星期几：“%(text)s”。", sheet=sheet.name, row=number, text=day)
            )
            continue
        parity = _PARITIES.get(plain(row.get("parity", "")), Parity.EVERY)
        lesson = Lesson(row["subject"], row.get("teacher", ""), row.get("room", ""), parity.value)
        key = (name, weekday, row["period"])
        before = places.get(key)
        cell = f"{_letters(columns['subject'])}{number}"
        lessons = (*(before.lessons if before else ()), lesson) if row["subject"] else ()
        places[key] = Written(
            sheet.name, before.cell if before else cell, name, weekday, row["period"], lessons, row["subject"]
        )
    yield from places.values()


def _weekday(text: str) -> int | None:
    written = plain(text)
    if written in _WEEKDAYS:
        return _WEEKDAYS[written]
    if written in "一二三四五六日1234567" and written:
        return _WEEKDAYS[f"周{written}"]
    day = values.day(text)
    return day.isoweekday() if day else None


def _letters(column: int) -> str:
    """A column as the sheet program names it."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
