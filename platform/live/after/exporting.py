"""The attendance of a lesson as a workbook."""

import io
from collections.abc import Sequence
from typing import Final

from flask_babel import gettext
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.worksheet import Worksheet

from foundation.clock import SCHOOL_ZONE
from live import terms
from live.after.queries import PupilMark, Record
from live.after.words import MARKS, clock_said, listed, time_said

_BEGINS_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_WRAPPED: Final = Alignment(wrap_text=True, vertical="top")


def attendance_workbook(record: Record) -> bytes:
    """Sheets of classrooms, pupils (as far as the person may know them), adults and steps."""
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    _classrooms(workbook, record)
    if any(row.pupils for row in record.classrooms):
        _pupils(workbook, record)
    _adults(workbook, record)
    _steps(workbook, record)
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def _sheet(workbook: Workbook, title: str, headings: Sequence[str], widths: Sequence[int]) -> Worksheet:
    sheet: Worksheet = workbook.create_sheet(title)
    sheet.append(list(headings))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for column, width in zip("ABCDEFGH", widths, strict=False):
        sheet.column_dimensions[column].width = width
    sheet.freeze_panes = "A2"
    return sheet


def _append(sheet: Worksheet, row: Sequence[str | int | float]) -> None:
    sheet.append([_harmless(value) if isinstance(value, str) else value for value in row])
    for cell in sheet[sheet.max_row]:
        cell.alignment = _WRAPPED


def _harmless(words: str) -> str:
    """Nothing that a spreadsheet would calculate: names are typed by anybody."""
    return f"'{words}" if words.startswith(_BEGINS_A_FORMULA) else words


def _classrooms(workbook: Workbook, record: Record) -> None:
    headings = [
        gettext("教室"), gettext("在线分钟"), gettext("在线"), gettext("应到"), gettext("缺席或请假"), gettext("迟到"),
        gettext("上课方式"), gettext("本地接管"),
    ]  # fmt: skip
    sheet = _sheet(workbook, gettext("教室"), headings, (24, 10, 14, 8, 12, 8, 40, 20))
    for row in record.classrooms:
        ways = listed([f"{name} {time_said(time)}" for name, time in row.modes])
        taken = listed([f"{clock_said(span.begin)}—{clock_said(span.end)}" for span in row.times.takeovers])
        minutes = round(row.times.time.total_seconds() / 60, 2)
        _append(sheet, [row.place, minutes, time_said(row.times.time), row.count, row.missing, row.late, ways, taken])


def _pupils(workbook: Workbook, record: Record) -> None:
    headings = [gettext("教室"), gettext("座号"), gettext("姓名"), gettext("考勤"), gettext("更正")]
    sheet = _sheet(workbook, gettext("学生"), headings, (24, 8, 14, 10, 36))
    for row in record.classrooms:
        for mark in row.pupils:
            _append(
                sheet,
                [
                    row.place,
                    mark.seat or "",
                    mark.pupil.name,
                    str(MARKS.get(mark.mark, mark.mark)),
                    correction_said(mark),
                ],
            )


def correction_said(mark: PupilMark) -> str:
    """Who has put a mark right, when, and what it was; empty when nobody has."""
    if mark.corrected_at is None:
        return ""
    at = mark.corrected_at.astimezone(SCHOOL_ZONE)
    before = MARKS.get(mark.before, mark.before)
    return gettext(
        "%(name)s于 %(at)s 更正，原为%(before)s", name=mark.corrected_by, at=f"{at:%m-%d %H:%M}", before=before
    )


def _adults(workbook: Workbook, record: Record) -> None:
    headings = [gettext("姓名"), gettext("身份"), gettext("进入"), gettext("离开"), gettext("共计")]
    sheet = _sheet(workbook, gettext("教师"), headings, (14, 10, 10, 10, 14))
    for row in record.adults:
        spans = row.times.present
        _append(
            sheet,
            [
                row.person.name,
                str(terms.ROOM_ROLES[row.times.role]),
                clock_said(spans[0].begin),
                clock_said(spans[-1].end),
                time_said(row.times.time),
            ],
        )


def _steps(workbook: Workbook, record: Record) -> None:
    headings = [gettext("环节"), gettext("计划分钟"), gettext("实际分钟")]
    sheet = _sheet(workbook, gettext("环节用时"), headings, (36, 10, 10))
    for step in record.steps:
        took = round(step.took.total_seconds() / 60, 1) if step.took is not None else ""
        _append(sheet, [step.title, step.planned or "", took])
