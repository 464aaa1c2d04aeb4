"""Pictures of pages and of pictures. Runs in the reading process only: the file comes from a stranger.

Derived pictures hold the pixels alone: no place, no camera, no comments.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import pypdfium2
from PIL import Image, ImageOps

from library.previewing.faults import Fault, Unreadable
from library.previewing.pieces import Made, Page, first_line, joined_lines, normal

WIDTH: Final = 1600
MOST_PIXELS: Final = 1600 * 4000
MOST_OF_A_PICTURE: Final = 150_000_000
POSTER: Final = (640, 640)
SMALL: Final = (240, 240)
MOST_PAGES: Final = 400
MOST_BYTES: Final = 400 * 2**20
_KINDS: Final = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF")


def read_pdf(file: Path, out: Path, *, from_outside: bool) -> tuple[list[Page], tuple[Fault, str] | None]:
    """The pages with text and picture, and what was left out. One with files inside gets no pictures when it is from outside."""
    try:
        document = pypdfium2.PdfDocument(file)
    except pypdfium2.PdfiumError as problem:
        locked = "password" in str(problem).lower()
        raise Unreadable(Fault.ENCRYPTED if locked else Fault.DAMAGED) from problem
    with document:
        if from_outside and document.count_attachments():
            return [_page(document, number, None) for number in _first(document)], (Fault.ATTACHMENTS, "")
        pages, written = [], 0
        for number in _first(document):
            if written > MOST_BYTES:
                break
            pages.append(page := _page(document, number, out))
            written += (out / page.image).stat().st_size
        left_out = len(pages) < len(document)
    return pages, (Fault.FIRST_PAGES, str(len(pages))) if left_out else None


def read_picture(file: Path, out: Path) -> Made:
    """A picture as a page, upright, no larger than a screen needs."""
    Image.MAX_IMAGE_PIXELS = MOST_OF_A_PICTURE
    try:
        with Image.open(file, formats=_KINDS) as checked:
            checked.verify()
        with Image.open(file, formats=_KINDS) as picture:
            width, height = picture.size
            if picture.getexif().get(0x0112, 1) >= 5:  # lies on its side
                width, height = height, width
            if width * height > MOST_OF_A_PICTURE:
                raise Unreadable(Fault.TOO_MUCH_INSIDE, f"{width} × {height}")
            picture.draft("RGB", (2 * WIDTH, 2 * WIDTH))
            upright = ImageOps.exif_transpose(picture)
            shown = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    except Image.DecompressionBombError as problem:
        raise Unreadable(Fault.TOO_MUCH_INSIDE) from problem
    except (OSError, ValueError, SyntaxError, MemoryError) as problem:
        raise Unreadable(Fault.DAMAGED) from problem
    shown.thumbnail((2 * WIDTH, 2 * WIDTH))
    return Made([_kept(shown, out, 1)], width=width, height=height)


def poster_of(picture: Path, out: Path) -> str:
    """A small picture for lists; the name of the file."""
    with Image.open(picture, formats=_KINDS) as opened:
        small = opened.convert("RGB")
        small.thumbnail(POSTER)
        small.save(out / "poster.webp", "WEBP", quality=75)
    return "poster.webp"


def _first(document: pypdfium2.PdfDocument) -> Iterator[int]:
    return iter(range(min(len(document), MOST_PAGES)))


def _page(document: pypdfium2.PdfDocument, number: int, out: Path | None) -> Page:
    try:
        page = document[number]
        words = page.get_textpage().get_text_bounded()
        text = joined_lines(normal(words))
        if out is None:
            return Page(first_line(text), text)
        width, height = page.get_size()
        scale = min(WIDTH / max(width, 1), (MOST_PIXELS / max(width * height, 1)) ** 0.5)
        picture = page.render(scale=scale).to_pil().convert("RGB")
    except (pypdfium2.PdfiumError, ValueError) as problem:
        raise Unreadable(Fault.DAMAGED) from problem
    kept = _kept(picture, out, number + 1)
    picture.thumbnail(SMALL)
    picture.save(out / f"{number + 1}-small.webp", "WEBP", quality=70)
    return replace(kept, heading=first_line(text), text=text, small=f"{number + 1}-small.webp")


def _kept(picture: Image.Image, out: Path, number: int) -> Page:
    name = f"{number}.webp"
    clean = Image.new(picture.mode, picture.size)
    clean.paste(picture)
    clean.save(out / name, "WEBP", quality=80, method=2)
    return Page(image=name, width=clean.width, height=clean.height)
