"""The bytes of a file as sheets of text. Runs in the reading process only: the file comes from a stranger."""

import csv
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePath
from typing import Any, Final

import python_calamine

from manage.importing.refusing import Fault, Unreadable
from manage.importing.texts import tidy

MOST_MEMBERS: Final = 3000
MOST_INSIDE: Final = 400 * 2**20
MOST_COLUMNS: Final = 200
_OLE: Final = bytes.fromhex("d0cf11e0a1b11ae1")
_WORKBOOKS: Final = (".xlsx", ".xls", ".xlsm", ".et")


@dataclass(frozen=True)
class Cells:
    """A sheet: its name, and its rows that are not blank, each with its number as the sheet program shows it."""

    name: str
    rows: list[tuple[int, list[str]]]


def read_cells(name: str, data: bytes, most_rows: int) -> list[Cells]:
    """Every sheet of a workbook, a .csv file, or the .csv files in a .zip; raises `Unreadable`."""
    ending = PurePath(name).suffix.lower()
    if ending == ".zip":
        sheets: Iterable[Cells] = _of_zip(data)
    elif ending in _WORKBOOKS:
        sheets = _of_workbook(data, ending)
    elif ending in (".csv", ".txt"):
        sheets = [_of_csv(PurePath(name).stem, data)]
    else:
        raise Unreadable(Fault.KIND)
    kept, left = [], most_rows
    for sheet in sheets:
        left -= len(sheet.rows)
        if left < 0:
            raise Unreadable(Fault.TOO_MANY_ROWS, str(most_rows))
        kept.append(sheet)
    return kept


def _of_workbook(data: bytes, ending: str) -> Iterator[Cells]:
    if ending == ".xlsm":
        raise Unreadable(Fault.MACROS)
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise Unreadable(Fault.ENCRYPTED)
    else:
        _look_through(data)
    try:
        workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        for title in workbook.sheet_names:
            yield _of_sheet(workbook.get_sheet_by_name(title))
    except python_calamine.PasswordError as problem:
        raise Unreadable(Fault.ENCRYPTED) from problem
    except (python_calamine.CalamineError, zipfile.BadZipFile, OSError, ValueError) as problem:
        raise Unreadable(Fault.DAMAGED) from problem


def _look_through(data: bytes) -> None:
    """Refuse a package with macros, with entities, or one that unfolds into something far larger than a roster."""
    with _opened(data) as package:
        for member in package.infolist():
            if member.filename.lower().endswith("vbaproject.bin"):
                raise Unreadable(Fault.MACROS)
            if member.filename.endswith((".xml", ".rels")) and b"<!DOCTYPE" in _read(package, member, 4096):
                raise Unreadable(Fault.ENTITIES, member.filename)


def _of_sheet(sheet: Any) -> Cells:
    if sheet.start is None:
        return Cells(sheet.name, [])
    top, left = sheet.start
    merged = _merged(sheet.merged_cell_ranges or [], sheet.end[0])
    values: dict[tuple[int, int], str] = {}
    rows = []
    for number, row in enumerate(sheet.iter_rows(), top):
        cells = [""] * left + [_text(value) for value in row[: MOST_COLUMNS - left]]
        for column in range(len(cells)):
            first = merged.get((number, column))
            if first == (number, column):
                values[first] = cells[column]
            elif first is not None and not cells[column]:
                cells[column] = values.get(first, "")
        if any(cells):
            rows.append((number + 1, cells))
    return Cells(sheet.name, rows)


def _merged(ranges: list[Any], last_row: int) -> dict[tuple[int, int], tuple[int, int]]:
    """The first cell of the merged ones that each belongs to; those merged downwards hold for every row."""
    first_of = {}
    for (top, left), (bottom, right) in ranges:
        for row in range(top, min(bottom, last_row) + 1):
            for column in range(left, min(right, MOST_COLUMNS) + 1):
                first_of[row, column] = (top, left)
    return first_of


def _text(value: object) -> str:
    """A cell as it is read: 1001.0 is 1001, a day 2025-09-01."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return tidy(str(value))


def _of_csv(name: str, data: bytes) -> Cells:
    text = _decoded(data)
    first = text.partition("\n")[0]
    delimiter = max(",\t;", key=first.count)
    try:
        read = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as problem:
        raise Unreadable(Fault.DAMAGED) from problem
    cleaned = ((number, [tidy(cell) for cell in row[:MOST_COLUMNS]]) for number, row in enumerate(read, 1))
    return Cells(name, [(number, row) for number, row in cleaned if any(row)])


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        codecs: tuple[str, ...] = ("utf-16",)
    else:
        codecs = ("utf-8-sig", "gb18030")
    for codec in codecs:
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Unreadable(Fault.ENCODING)


def _of_zip(data: bytes) -> Iterator[Cells]:
    with _opened(data) as package:
        for member in package.infolist():
            path = PurePath(member.filename)
            if path.suffix.lower() == ".csv" and not path.name.startswith("."):
                yield _of_csv(path.stem, _read(package, member))


def _opened(data: bytes) -> zipfile.ZipFile:
    try:
        package = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as problem:
        raise Unreadable(Fault.DAMAGED) from problem
    members = package.infolist()
    inside = sum(member.file_size for member in members)
    if len(members) > MOST_MEMBERS or inside > MOST_INSIDE:
        raise Unreadable(Fault.TOO_MUCH_INSIDE, f"{inside // 2**20} MB")
    return package


def _read(package: zipfile.ZipFile, member: zipfile.ZipInfo, most: int = MOST_INSIDE) -> bytes:
    try:
        with package.open(member) as stream:
            return stream.read(most)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError) as problem:
        raise Unreadable(Fault.DAMAGED) from problem
    except RuntimeError as problem:  # what zipfile says of a member with a password
        raise Unreadable(Fault.ENCRYPTED) from problem
