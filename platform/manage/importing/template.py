"""The template that schools fill in, as .xlsx: every sheet with its header, one example and notes."""

import io
from functools import cache
from typing import Final

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from manage.importing.columns import KINDS, Column, Kind

_ROWS: Final = 2000
"""So many rows are made ready for typing."""
_NOTES: Final = (
    "一、每张工作表第一行是表头，第二行是示例（灰色斜体），导入时自动跳过，可以删掉。",
    "二、带 * 的栏必须填；其余可以空着。栏的先后可以调换，多出来的栏不影响导入。",
    "三、只填要导入的工作表，用不到的空着就行。表格里没有写到的人和班不会被删除。",
    "四、先上传核对：每一行新增、更改、不变还是有问题，都会列出来；确认以后才真正导入。",
    "五、同名的老师请填工号，同班同名的学生请填座号；分不清的会请您选择，不会自动猜。",
    "六、请不要填写身份证号、电话、住址、出生日期等信息，平台不需要，也不会保存。",
)
_TEAL: Final = "0B6E6A"
_LINE: Final = Side(style="thin", color="D5DBDB")


@cache
def template() -> bytes:
    """The file."""
    workbook = Workbook()
    notes = workbook.active
    assert isinstance(notes, Worksheet)  # noqa: S101 — a new workbook has one sheet
    _write_notes(notes)
    for kind in KINDS:
        _write_sheet(workbook.create_sheet(kind.name), kind)
    workbook.active = 1
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def _write_notes(sheet: Worksheet) -> None:
    sheet.title = "填写说明"
    sheet.column_dimensions["A"].width = 100
    sheet["A1"] = "同课 · 名单导入模板"
    sheet["A1"].font = Font(bold=True, size=16, color=_TEAL)
    for number, note in enumerate(_NOTES, 3):
        sheet.cell(number, 1, note).alignment = Alignment(wrap_text=True, vertical="top")


def _write_sheet(sheet: Worksheet, kind: Kind) -> None:
    sheet.sheet_properties.tabColor = _TEAL
    sheet.freeze_panes = "A2"
    sheet.row_dimensions[1].height = 26
    for number, column in enumerate(kind.columns, 1):
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = column.width
        sheet.column_dimensions[letter].number_format = "@"
        _write_header(sheet, number, column)
        example = sheet.cell(2, number, column.example or None)
        example.font = Font(italic=True, color="8A9494")
        example.number_format = "@"
        for row in range(3, 203):
            sheet.cell(row, number).number_format = "@"
        if column.choices:
            allowed = DataValidation(type="list", formula1=f'"{",".join(column.choices)}"', allow_blank=True)
            allowed.error = f"请从列表里选择：{'、'.join(column.choices)}"
            allowed.errorTitle = column.name
            sheet.add_data_validation(allowed)
            allowed.add(f"{letter}3:{letter}{_ROWS}")


def _write_header(sheet: Worksheet, number: int, column: Column) -> None:
    cell = sheet.cell(1, number, f"{column.name}{'*' if column.required else ''}")
    cell.font = Font(bold=True, color="FFFFFF")
    cell.fill = PatternFill("solid", start_color=_TEAL)
    cell.alignment = Alignment(horizontal="center", vertical="center")
    cell.border = Border(right=_LINE)
    if column.note:
        cell.comment = Comment(column.note, "同课", height=80, width=240)
