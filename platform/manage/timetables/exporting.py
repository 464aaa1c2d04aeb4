"""Timetables as workbooks: a sheet for each class, or a list with one lesson in a row. Both can be imported again."""

import io
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Final

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from foundation.database import db
from manage.timetables.queries import periods_on
from schools.models import Campus, SchoolClass
from timetable.models import Parity, TimetableEntry
from timetable.queries import classes_of
from timetable.teaching_days import Clock
from timetable.words import clock_time

WEEKDAYS: Final = {1: "星期一", 2: "星期二", 3: "星期三", 4: "星期四", 5: "星期五", 6: "星期六", 7: "星期日"}
PARITIES: Final = {Parity.EVERY: "", Parity.ODD: "单周", Parity.EVEN: "双周"}
HEADINGS: Final = ("班级", "星期", "节次", "学科", "教师", "教室", "单双周")
_EDGE: Final = Side(style="thin", color="999999")
_BOX: Final = Border(left=_EDGE, right=_EDGE, top=_EDGE, bottom=_EDGE)
_MIDDLE: Final = Alignment(horizontal="center", vertical="center", wrap_text=True)

Cells = dict[tuple[int, int], list[TimetableEntry]]


def grid_workbook(campus: Campus, day: date) -> bytes:
    """A sheet for each class: weekdays beside each other, periods below, in each cell a subject and under it a teacher."""
    classes, periods = classes_of(campus.id, day), periods_on(campus.id, day)
    entries = _entries(classes, day)
    workbook = Workbook()
    for school_class in classes:
        _write_class(workbook.create_sheet(_title(school_class.name)), school_class, periods, entries[school_class.id])
    return _file(workbook)


def list_workbook(campus: Campus, day: date) -> bytes:
    """Every lesson of the week in a row."""
    classes, periods = classes_of(campus.id, day), periods_on(campus.id, day)
    labels = {clock.number: clock.label for clock in periods}
    entries = _entries(classes, day)
    workbook = Workbook()
    sheet = workbook.create_sheet("课表")
    sheet.append(HEADINGS)
    for school_class in classes:
        for (weekday, period), lessons in sorted(entries[school_class.id].items()):
            for entry in lessons:
                person, room = entry.person, entry.room
                sheet.append(
                    (
                        school_class.name,
                        WEEKDAYS[weekday],
                        labels.get(period, str(period)),
                        entry.subject.name,
                        person.name if person else "",
                        room.name if room else "",
                        PARITIES[entry.parity],
                    )
                )
    for letter, width in zip("ABCDEFG", (14, 10, 14, 16, 14, 16, 10), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
    return _file(workbook)


def _entries(classes: Sequence[SchoolClass], day: date) -> dict[int, Cells]:
    found: dict[int, Cells] = defaultdict(lambda: defaultdict(list))
    rows = db.session.scalars(
        select(TimetableEntry)
        .options(joinedload(TimetableEntry.subject), joinedload(TimetableEntry.person), joinedload(TimetableEntry.room))
        .where(TimetableEntry.class_id.in_([each.id for each in classes]), TimetableEntry.holding_on(day))
        .order_by(TimetableEntry.parity.desc(), TimetableEntry.id)
    )
    for entry in rows:
        found[entry.class_id][entry.weekday, entry.period].append(entry)
    return found


def _write_class(sheet: Worksheet, school_class: SchoolClass, periods: Sequence[Clock], cells: Cells) -> None:
    weekdays = sorted({1, 2, 3, 4, 5} | {weekday for weekday, _ in cells})
    last = len(weekdays) + 2
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=last)
    sheet.cell(1, 1, f"{school_class.name}课程表").font = Font(bold=True, size=16)
    sheet.cell(1, 1).alignment = _MIDDLE
    for column, text in enumerate(("节次", "时间", *(WEEKDAYS[each] for each in weekdays)), start=1):
        sheet.cell(2, column, text).font = Font(bold=True)
    for row, clock in enumerate(periods, start=3):
        sheet.cell(row, 1, clock.label)
        sheet.cell(row, 2, f"{clock_time(clock.starts)}–{clock_time(clock.ends)}")
        sheet.row_dimensions[row].height = 42
        for column, weekday in enumerate(weekdays, start=3):
            sheet.cell(row, column, " / \n".join(_lesson(each) for each in cells.get((weekday, clock.number or 0), ())))
    for line in sheet.iter_rows(min_row=2, max_row=len(periods) + 2, max_col=last):
        for cell in line:
            cell.border, cell.alignment = _BOX, _MIDDLE
    for number in range(1, last + 1):
        sheet.column_dimensions["ABCDEFGHI"[number - 1]].width = 15
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", "9"  # A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 1
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _lesson(entry: TimetableEntry) -> str:
    parity = f"({PARITIES[entry.parity]})" if entry.parity is not Parity.EVERY else ""
    lines = [f"{entry.subject.name}{parity}", entry.person.name if entry.person else ""]
    if entry.room and entry.person:
        lines.append(entry.room.name)
    return "\n".join(line for line in lines if line)


def _title(name: str) -> str:
    """A class' name as a sheet may be called."""
    return "".join("-" if letter in "[]:*?/\\" else letter for letter in name)[:31]


def _file(workbook: Workbook) -> bytes:
    first = workbook.worksheets[0]
    if len(workbook.worksheets) > 1:
        workbook.remove(first)  # the empty one of every new workbook
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()
