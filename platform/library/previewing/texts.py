"""Text of Office, Markdown and plain files. Runs in the reading process only: the file comes from a stranger.

Word files and slides are read part by part, so that films in them never come into memory.
"""

import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import Element

import python_calamine

from foundation.packages import BadPackage, Package, Trouble, attribute, local_name
from library.previewing.faults import Fault, Unreadable
from library.previewing.kinds import FileKind
from library.previewing.pieces import HEADING, Part, normal

MOST_INSIDE: Final = 4 * 2**30
MOST_ROWS: Final = 20_000
MOST_COLUMNS: Final = 100
_MOST_TEXT_BYTES: Final = 8 * 2**20
_NO_TEXT: Final = frozenset({"Fallback", "instrText", "delText", "pPr", "rPr", "sectPr", "tblPr", "bodyPr", "moveFrom"})
_FAULTS: Final = {
    Trouble.TOO_MUCH_INSIDE: Fault.TOO_MUCH_INSIDE,
    Trouble.ENCRYPTED: Fault.ENCRYPTED,
    Trouble.OLD: Fault.DAMAGED,
    Trouble.DAMAGED: Fault.DAMAGED,
    Trouble.ENTITIES: Fault.ENTITIES,
}


def read_office(file: Path, kind: FileKind) -> tuple[list[Part], tuple[Fault, str] | None]:
    """The parts of a file, and what forbids to show its pages although its text was read. Raises Unreadable."""
    try:
        with file.open("rb") as opened:
            package = Package(opened)
            forbidden = _look_through(package)
            if kind is FileKind.WORD:
                return [_word(package)], forbidden
            if kind is FileKind.SLIDES:
                return list(_slides(package)), forbidden
        return list(read_sheets(file)), forbidden
    except BadPackage as bad:
        raise Unreadable(_FAULTS[bad.trouble], bad.where) from bad


def read_sheets(file: Path) -> Iterator[Part]:
    """The sheets of a workbook, old or new, row by row."""
    try:
        workbook = python_calamine.CalamineWorkbook.from_path(str(file))
        left = MOST_ROWS
        for name in workbook.sheet_names:
            sheet = workbook.get_sheet_by_name(name)
            rows = [] if sheet.start is None else sheet.to_python(nrows=left)
            left -= len(rows)
            lines = [" ".join(filter(None, map(_cell, row[:MOST_COLUMNS]))) for row in rows]
            yield Part(normal(name)[:HEADING], [line for line in lines if line])
    except python_calamine.PasswordError as problem:
        raise Unreadable(Fault.ENCRYPTED) from problem
    except (python_calamine.CalamineError, zipfile.BadZipFile, OSError, ValueError) as problem:
        raise Unreadable(Fault.DAMAGED) from problem


def read_plain(file: Path) -> list[str]:
    """The lines of a text, whichever way it was written down."""
    with file.open("rb") as opened:
        data = opened.read(_MOST_TEXT_BYTES)
    codecs = ("utf-16",) if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "gb18030")
    for codec in codecs:
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return [line.rstrip() for line in normal(text).splitlines()]
    raise Unreadable(Fault.DAMAGED)


def read_markdown(file: Path) -> list[Part]:
    """A Markdown text in parts, each beginning with a heading of the first two levels."""
    parts = [Part()]
    fenced = False
    for line in read_plain(file):
        fenced ^= line.lstrip().startswith(("```", "~~~"))
        if not fenced and line.startswith(("# ", "## ")):
            parts.append(Part(line.lstrip("# ").strip()[:HEADING]))
        parts[-1].paragraphs.append(line)
    return [part for part in parts if any(part.paragraphs)]


def _look_through(package: Package) -> tuple[Fault, str] | None:
    """Refuse a package with entities, or one that unfolds into something huge; say of macros and of pictures elsewhere."""
    inside = sum(member.file_size for member in package.members)
    if inside > MOST_INSIDE:
        raise BadPackage(Trouble.TOO_MUCH_INSIDE, f"{inside // 2**20} MB")
    forbidden = None
    for member in package.members:
        name = member.filename
        if name.endswith((".xml", ".rels")) and b"<!DOCTYPE" in package.content(name, 4096).replace(b"\0", b""):
            raise BadPackage(Trouble.ENTITIES, name)
        if name.endswith("xmlMaps.xml") and b"schemaLocation" in package.content(name):
            raise BadPackage(Trouble.ENTITIES, name)
        if name.lower().endswith("vbaproject.bin"):
            forbidden = Fault.MACROS, ""
        elif name.endswith(".rels"):
            forbidden = forbidden or _picture_elsewhere(package, name)
    return forbidden


def _picture_elsewhere(package: Package, name: str) -> tuple[Fault, str] | None:
    source = name.replace("_rels/", "").removesuffix(".rels")
    for _id, kind, target, outside in package.relations(source):
        if outside and kind == "image":
            return Fault.OUTSIDE, target[:100]
    return None


def _word(package: Package) -> Part:
    name = next(iter(package.targets("", "officeDocument").values()), "word/document.xml")
    root = package.part(name)
    if root is None or local_name(root) != "document":
        raise Unreadable(Fault.DAMAGED)
    notes = [package.related(name, kind) for kind in ("footnotes", "endnotes")]
    paragraphs = [each for part in (root, *notes) if part is not None for each in _paragraphs(part)]
    return Part("", paragraphs)


def _slides(package: Package) -> Iterator[Part]:
    name = next(iter(package.targets("", "officeDocument").values()), "ppt/presentation.xml")
    root = package.part(name)
    if root is None or local_name(root) != "presentation":
        raise Unreadable(Fault.DAMAGED)
    slides = package.targets(name, "slide")
    listed = (each for child in root if local_name(child) == "sldIdLst" for each in child)
    for entry in listed:
        target = next((slides[value] for value in entry.attrib.values() if value in slides), "")
        slide = package.part(target) if target else None
        if slide is None:
            yield Part()
            continue
        notes = package.related(target, "notesSlide")
        yield Part(_slide_title(slide), _paragraphs(slide) + (_notes(notes) if notes is not None else []))


def _slide_title(slide: Element) -> str:
    for shape in slide.iter():
        if local_name(shape) == "sp" and _placeholder(shape) in ("title", "ctrTitle"):
            return " ".join(_paragraphs(shape))[:HEADING]
    return ""


def _notes(root: Element) -> list[str]:
    return [each for shape in root.iter() if _placeholder(shape) == "body" for each in _paragraphs(shape)]


def _placeholder(shape: Element) -> str | None:
    if local_name(shape) != "sp":
        return None
    return next((attribute(each, "type") for each in shape.iter() if local_name(each) == "ph"), None)


def _paragraphs(root: Element) -> list[str]:
    found: list[str] = []
    try:
        _walk(root, found, [])
    except RecursionError as problem:
        raise Unreadable(Fault.DAMAGED) from problem
    return [text for text in (normal(each).strip() for each in found) if text]


def _walk(element: Element, found: list[str], words: list[str]) -> None:
    for child in element:
        name = local_name(child)
        if name in _NO_TEXT:
            continue
        if name == "p":
            own: list[str] = []
            _walk(child, found, own)
            found.append("".join(own))
        elif name == "t":
            words.append(child.text or "")
        elif name in ("tab", "br", "cr"):
            words.append(" ")
        else:
            _walk(child, found, words)


def _cell(value: Any) -> str:
    """A cell as it is read: 1001.0 is 1001, a day 2025-09-01."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime | date):
        return (
            value.isoformat(" ")
            if isinstance(value, datetime) and value.time() != value.time().min
            else str(value)[:10]
        )
    return " ".join(normal(str(value)).split())
