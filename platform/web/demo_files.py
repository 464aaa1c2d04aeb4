"""The files of the demo's resources, made of the words in `demo_content/resources.toml`: small, and nobody's property."""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, Final

_CONTENT: Final = Path(__file__).with_name("demo_content") / "resources.toml"
_TEAL, _WASH, _INK, _RED = "#0b7a75", "#d8eeec", "#23302f", "#c0392b"
_COLOURS: Final = ("#d23b3b", "#e8a33a", "#f2d64b", "#4ba35a", "#3b7dd2", "#8a5cc4")


@cache
def file_named(name: str) -> bytes:
    """The file of one resource; made once, however often the demo is."""
    tables = tomllib.loads(_CONTENT.read_text(encoding="utf-8"))["resource"]
    table = next(table for table in tables if table["file"] == name)
    part = next(part for part in _MAKERS if part in table)
    return _MAKERS[part](table[part])


def _slides(slides: Sequence[Sequence[str]]) -> bytes:
    from pptx import Presentation  # only here: it takes long to load

    shown = Presentation()
    for number, (heading, *lines) in enumerate(slides):
        slide = shown.slides.add_slide(shown.slide_layouts[0 if number == 0 else 1])
        slide.shapes.title.text = heading
        slide.placeholders[1].text = "\n".join(lines)
    return _saved(shown)


def _paragraphs(paragraphs: Sequence[str]) -> bytes:
    from docx import Document  # only here: it takes long to load

    written = Document()
    for words in paragraphs:
        if words.startswith("# "):
            written.add_heading(words.removeprefix("# "), level=1)
        else:
            written.add_paragraph(words)
    return _saved(written)


def _rows(rows: Sequence[Sequence[object]]) -> bytes:
    from openpyxl import Workbook  # only here: it takes long to load

    book = Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(list(row))
    return _saved(book)


def _figure(name: str) -> bytes:
    from PIL import Image, ImageDraw  # only here: it takes long to load

    image = Image.new("RGB", (1200, 560), "white")
    draw = ImageDraw.Draw(image)
    if name == "parallelogram":
        _parallelogram(draw)
    else:
        _colours(draw)
    kept = BytesIO()
    image.save(kept, "PNG", optimize=True)
    return kept.getvalue()


def _parallelogram(draw: Any) -> None:
    """A parallelogram with its height, and beside it the rectangle that it becomes."""
    draw.polygon([(180, 120), (540, 120), (440, 440), (80, 440)], fill=_WASH, outline=_INK, width=4)
    draw.polygon([(180, 120), (180, 440), (80, 440)], fill="#f6d9a8", outline=_INK, width=4)
    draw.line([(180, 120), (180, 440)], fill=_RED, width=5)
    draw.line([(590, 280), (660, 280)], fill=_TEAL, width=8)
    draw.polygon([(660, 255), (700, 280), (660, 305)], fill=_TEAL)
    draw.polygon([(760, 120), (1120, 120), (1020, 440), (760, 440)], fill=_WASH, outline=_INK, width=4)
    draw.polygon([(1120, 120), (1120, 440), (1020, 440)], fill="#f6d9a8", outline=_INK, width=4)


def _colours(draw: Any) -> None:
    """Six cards with a patch of colour each, and a line to write its name on."""
    for number, colour in enumerate(_COLOURS):
        left, top = 40 + number % 3 * 390, 30 + number // 3 * 265
        draw.rounded_rectangle([left, top, left + 350, top + 235], radius=24, outline=_INK, width=4)
        draw.ellipse([left + 105, top + 20, left + 245, top + 160], fill=colour)
        draw.line([(left + 60, top + 205), (left + 290, top + 205)], fill=_INK, width=3)


def _saved(file: Any) -> bytes:
    kept = BytesIO()
    file.save(kept)
    return kept.getvalue()


_MAKERS: Final[Mapping[str, Callable[[Any], bytes]]] = {
    "slides": _slides,
    "paragraphs": _paragraphs,
    "rows": _rows,
    "figure": _figure,
}
