"""The process that reads one file: JSON to standard output, pictures into a folder.

Arguments: what to do, the file, the folder, the seconds and the bytes of memory it may use.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from foundation.apart import stay_within
from library.previewing.faults import Fault, Unreadable
from library.previewing.kinds import FileKind
from library.previewing.pieces import Page, Part, cut_pages, cut_parts, pages_of_parts, pages_of_text


def main() -> None:
    """Sets the limits and reads."""
    task, file, out, seconds, memory = sys.argv[1:6]
    stay_within(int(seconds), int(memory))
    try:
        answer = _TASKS[task](Path(file), Path(out))
    except Unreadable as unreadable:
        answer = {"fault": unreadable.fault, "where": unreadable.where}
    json.dump(answer, sys.stdout)


def _office(kind: FileKind) -> Callable[[Path, Path], dict[str, Any]]:
    def read(file: Path, out: Path) -> dict[str, Any]:
        from library.previewing.texts import read_office

        return _parts(*read_office(file, kind))

    return read


def _old_sheets(file: Path, out: Path) -> dict[str, Any]:
    from library.previewing.texts import read_sheets

    return _parts(list(read_sheets(file)), None)


def _parts(parts: list[Part], forbidden: tuple[Fault, str] | None) -> dict[str, Any]:
    return {"parts": [vars(part) for part in cut_parts(parts)], "forbidden": forbidden}


def _pages(pages: list[Page]) -> list[dict[str, Any]]:
    return [vars(page) for page in cut_pages(pages)]


def _pdf(*, from_outside: bool) -> Callable[[Path, Path], dict[str, Any]]:
    def read(file: Path, out: Path) -> dict[str, Any]:
        from library.previewing.pictures import read_pdf

        pages, forbidden = read_pdf(file, out, from_outside=from_outside)
        return {"pages": _pages(pages), "forbidden": forbidden}

    return read


def _picture(file: Path, out: Path) -> dict[str, Any]:
    from library.previewing.pictures import read_picture

    made = read_picture(file, out)
    return {"pages": _pages(made.pages), "width": made.width, "height": made.height}


def _poster(file: Path, out: Path) -> dict[str, Any]:
    from library.previewing.pictures import poster_of

    return {"poster": poster_of(file, out)}


def _text(file: Path, out: Path) -> dict[str, Any]:
    from library.previewing.texts import read_plain

    return {"pages": _pages(pages_of_text(read_plain(file)))}


def _markdown(file: Path, out: Path) -> dict[str, Any]:
    from library.previewing.texts import read_markdown

    return {"pages": _pages(pages_of_parts(read_markdown(file)))}


# Each reads with its own libraries only: to load them all takes longer than a short file.
_TASKS: dict[str, Callable[[Path, Path], dict[str, Any]]] = {
    FileKind.WORD: _office(FileKind.WORD),
    FileKind.SLIDES: _office(FileKind.SLIDES),
    FileKind.SHEETS: _office(FileKind.SHEETS),
    FileKind.OLD_SHEETS: _old_sheets,
    FileKind.PDF: _pdf(from_outside=True),
    "printed": _pdf(from_outside=False),
    FileKind.PICTURE: _picture,
    FileKind.TEXT: _text,
    FileKind.MARKDOWN: _markdown,
    "poster": _poster,
}

if __name__ == "__main__":
    main()
