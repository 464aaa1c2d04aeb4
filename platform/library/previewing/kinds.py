"""What a file is by the ending of its name."""

from enum import StrEnum
from pathlib import PurePath
from typing import Final


class FileKind(StrEnum):
    """What is done with a file."""

    WORD = "word"
    SLIDES = "slides"
    SHEETS = "sheets"
    OLD_SHEETS = "old_sheets"
    OLD = "old"
    PDF = "pdf"
    TEXT = "text"
    MARKDOWN = "markdown"
    PICTURE = "picture"
    FILM = "film"
    SOUND = "sound"
    OTHER = "other"


_ENDINGS: Final = {
    FileKind.WORD: "docx docm dotx",
    FileKind.SLIDES: "pptx pptm ppsx",
    FileKind.SHEETS: "xlsx xlsm",
    FileKind.OLD_SHEETS: "xls et",
    FileKind.OLD: "doc dot wps rtf ppt pps dps odt odp ods",
    FileKind.PDF: "pdf",
    FileKind.TEXT: "txt csv",
    FileKind.MARKDOWN: "md markdown",
    FileKind.PICTURE: "jpg jpeg png gif webp bmp tif tiff",
    FileKind.FILM: "mp4 m4v mov avi mkv webm wmv flv mpg mpeg 3gp",
    FileKind.SOUND: "mp3 m4a aac wav ogg oga opus flac wma amr",
}
_KIND_OF: Final = {f".{ending}": kind for kind, endings in _ENDINGS.items() for ending in endings.split()}


def kind_of(name: str) -> FileKind:
    """What the file of that name is."""
    return _KIND_OF.get(PurePath(name).suffix.lower(), FileKind.OTHER)
