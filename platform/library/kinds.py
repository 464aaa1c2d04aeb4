"""Which files the library takes, by the endings of their names, and what each is sent as."""

import mimetypes
from pathlib import PurePath
from typing import Final

from library.models import ResourceKind

_TYPES: Final = {
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "ppt": "application/vnd.ms-powerpoint",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "md": "text/markdown",
    "webp": "image/webp",
    "heic": "image/heic",
    "m4a": "audio/mp4",
    "m4v": "video/x-m4v",
    "mkv": "video/x-matroska",
    "wmv": "video/x-ms-wmv",
    "flv": "video/x-flv",
    "rar": "application/vnd.rar",
    "7z": "application/x-7z-compressed",
    "epub": "application/epub+zip",
}
"""Where Python's own table depends on the machine."""

_WELCOME_ENDINGS: Final = (
    "doc docx docm dot dotx wps rtf odt txt md markdown csv pdf ofd epub ppt pptx pptm pps ppsx dps odp xls xlsx xlsm et ods",
    "jpg jpeg png gif webp bmp tif tiff heic svg psd ai cdr",
    "mp4 m4v mov avi mkv webm wmv flv mpg mpeg 3gp ts vob mp3 m4a aac wav ogg oga opus flac wma amr mid srt vtt lrc",
    "zip rar 7z enb enbx flipchart notebook ggb gsp sb2 sb3 swf xmind mmap mm emmx km vsd vsdx stl dxf dwg mbz imscc",
)
"""Documents, pictures, films, sounds, packages, and the files of whiteboards, geometry, mind maps and the like. No programs, no pages."""
_WELCOME: Final = frozenset(ending for endings in _WELCOME_ENDINGS for ending in endings.split())

_USUAL_KINDS: Final = {
    ResourceKind.SLIDES: "ppt pptx pptm pps ppsx dps odp enb enbx flipchart notebook swf",
    ResourceKind.LESSON_PLAN: "doc docx docm wps odt",
}
_USUAL_KIND: Final = {ending: kind for kind, endings in _USUAL_KINDS.items() for ending in endings.split()}


def ending_of(name: str) -> str:
    """The ending of a file's name, in small letters and without its point."""
    return PurePath(name).suffix.removeprefix(".").lower()


def is_welcome(name: str) -> bool:
    """Whether such files are taken."""
    return ending_of(name) in _WELCOME


def media_type_of(name: str) -> str:
    """The media type of such a file. What the browser says of it is not believed."""
    ending = ending_of(name)
    return _TYPES.get(ending) or mimetypes.guess_type(f"file.{ending}")[0] or "application/octet-stream"


def usual_kind(name: str) -> ResourceKind:
    """What such a file mostly is, where its name does not say it."""
    return _USUAL_KIND.get(ending_of(name), ResourceKind.MATERIAL)
