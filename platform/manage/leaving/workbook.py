"""The workbook of a package: sheets with the columns of the import."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from manage.importing.columns import Kind


def write_workbook(sheets: Sequence[tuple[Kind, Sequence[Mapping[str, Any]]]], file: Path) -> None:
    """Write a sheet for each kind with its rows, whose values stand under the keys of the columns, into `file`."""
    book = Workbook(write_only=True)
    for kind, rows in sheets:
        sheet = book.create_sheet(kind.name)
        sheet.freeze_panes = "A2"
        for place, column in enumerate(kind.columns, 1):
            sheet.column_dimensions[get_column_letter(place)].width = column.width
        sheet.append([_heading(sheet, column.name) for column in kind.columns])
        for row in rows:
            sheet.append([_cell(sheet, row.get(column.key)) for column in kind.columns])
    book.save(file)


def _heading(sheet: Any, name: str) -> Cell:
    cell = WriteOnlyCell(sheet, name)
    cell.font = Font(bold=True)
    return cell


def _cell(sheet: Any, value: Any) -> Any:
    """Dates as people write them; nothing that a spreadsheet would take for a formula."""
    if isinstance(value, date):
        return value.isoformat()
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", value))
    cell.data_type = "s"
    return cell
