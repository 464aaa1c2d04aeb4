"""Makes the preview of a file that lies in a working folder. What goes wrong with the file is part of the answer."""

import logging
from pathlib import Path
from typing import Any, Final

from foundation.apart import Broke, TookTooLong, ask_apart
from library.previewing import programs
from library.previewing.faults import Fault, Unreadable, kept
from library.previewing.kinds import FileKind, kind_of
from library.previewing.pieces import Made, Page, Part, first_line, laid_on_pages, pages_of_parts, pages_of_text

log = logging.getLogger(__name__)

SECONDS: Final = 300
MEMORY: Final = 2 * 2**30
"""How many bytes the reading process may ask the system for."""


def make_preview(file: Path, folder: Path) -> Made:
    """What can be shown and searched of `file`; what is made of it lies in `folder`. Never fails because of the file."""
    try:
        if not file.stat().st_size:
            raise Unreadable(Fault.EMPTY)
        made = _make(file, folder)
        if not made.pages and not made.stream and not made.reason:
            raise Unreadable(Fault.EMPTY)
        return made
    except Unreadable as unreadable:
        return Made(reason=kept(unreadable.fault, unreadable.where))
    except TookTooLong:
        return Made(reason=kept(Fault.TOO_SLOW))
    except Broke as broke:
        log.warning("a file could not be read: %s", broke)
        return Made(reason=kept(Fault.FAILED))


def _make(file: Path, folder: Path) -> Made:
    kind = kind_of(file.name)
    if kind is FileKind.OTHER:
        raise Unreadable(Fault.KIND)
    if kind in (FileKind.FILM, FileKind.SOUND):
        return _film(file, folder)
    if kind is FileKind.PDF:
        made = _printed(_ask(kind, file, folder))
    elif kind in (FileKind.WORD, FileKind.SLIDES, FileKind.SHEETS, FileKind.OLD_SHEETS, FileKind.OLD):
        made = _office(kind, file, folder)
    else:
        answer = _ask(kind, file, folder)
        made = Made(_pages(answer), width=answer.get("width"), height=answer.get("height"))
    first = next((page.image for page in made.pages if page.image), "")
    if first:
        made.poster = _ask("poster", folder / first, folder)["poster"]
    return made


def _office(kind: FileKind, file: Path, folder: Path) -> Made:
    if kind is FileKind.OLD:
        return _old(file, folder)
    answer = _ask(kind, file, folder)
    parts = [Part(**part) for part in answer["parts"]]
    alone = pages_of_text(parts[0].paragraphs) if kind is FileKind.WORD else pages_of_parts(parts)
    if answer["forbidden"]:
        return Made(alone, kept(*answer["forbidden"]))
    program = programs.office()
    if program is None:
        return Made(alone, kept(Fault.NO_OFFICE))
    try:
        printed = _print(program, file, folder)
    except Unreadable as unreadable:
        return Made(alone, kept(unreadable.fault))
    if kind is FileKind.SLIDES and len(printed.pages) == len(alone):
        for page, slide in zip(printed.pages, alone, strict=True):
            page.heading, page.text = slide.heading or first_line(slide.text), slide.text
    else:
        printed.pages = laid_on_pages(parts, printed.pages)
    return printed


def _old(file: Path, folder: Path) -> Made:
    program = programs.office()
    if program is None:
        raise Unreadable(Fault.NO_OFFICE_OLD)
    return _print(program, file, folder)


def _print(program: str, file: Path, folder: Path) -> Made:
    """The pages that LibreOffice makes. Raises Unreadable."""
    try:
        pdf = programs.print_as_pdf(program, file, folder)
        if pdf is None:
            raise Unreadable(Fault.DAMAGED)
        return _printed(_ask("printed", pdf, folder))
    except TookTooLong as problem:
        raise Unreadable(Fault.TOO_SLOW) from problem
    except Broke as problem:
        log.warning("LibreOffice failed: %s", problem)
        raise Unreadable(Fault.FAILED) from problem


def _film(file: Path, folder: Path) -> Made:
    program = programs.ffmpeg()
    if program is None:
        raise Unreadable(Fault.NO_FFMPEG)
    try:
        film = programs.look_at_film(file, folder)
    except Broke as problem:
        raise Unreadable(Fault.DAMAGED) from problem
    if film is None:
        raise Unreadable(Fault.DAMAGED)
    poster = ""
    if film.width is not None:
        poster = _ask("poster", folder / programs.make_poster(program, file, film, folder), folder)["poster"]
    stream, media_type = programs.make_stream(program, file, film, folder)
    return Made(
        poster=poster,
        stream=stream,
        stream_type=media_type,
        width=film.width,
        height=film.height,
        seconds=film.seconds,
    )


def _ask(task: str, file: Path, folder: Path) -> dict[str, Any]:
    answer = ask_apart("library.previewing", [task, str(file), str(folder), str(SECONDS), str(MEMORY)], b"", SECONDS)
    if "fault" in answer:
        raise Unreadable(Fault(answer["fault"]), answer["where"])
    return answer


def _printed(answer: dict[str, Any]) -> Made:
    forbidden = answer["forbidden"]
    return Made(_pages(answer), kept(*forbidden) if forbidden else "")


def _pages(answer: dict[str, Any]) -> list[Page]:
    return [Page(**page) for page in answer["pages"]]
