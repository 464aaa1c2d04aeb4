"""The programs of the system that help with previews, where they are installed: LibreOffice and ffmpeg.

Each works in a folder of its own, with limits, without the network and without our settings. Files are strangers': no macros,
no links, no formats that lead to other files.
"""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from foundation.apart import Limits, run_apart

_OFFICE: Final = Limits(seconds=180, memory=6 * 2**30, output=2**30)
_PROBE: Final = Limits(seconds=60, memory=2 * 2**30, output=2**20)
_FILM_SECONDS: Final = 4 * 3600
_CONTAINERS: Final = "mov,matroska,webm,avi,asf,flv,mpeg,mpegts,mpegvideo,mp3,aac,wav,ogg,flac,amr,w64,aiff"
"""What ffmpeg opens. Not here: playlists and lists of files, which would have it open others."""
_READING: Final = ("-protocol_whitelist", "file", "-format_whitelist", _CONTAINERS)

_PROFILE: Final = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
{items}
</oor:items>
"""
_SAFE: Final = (
    ("org.openoffice.Office.Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("org.openoffice.Office.Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("org.openoffice.Office.Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("org.openoffice.Office.Writer/Content/Update", "Link", "2"),
    ("org.openoffice.Office.Calc/Content/Update", "Link", "2"),
    ("org.openoffice.Inet/Settings", "ooInetProxyType", "2"),
    ("org.openoffice.Inet/Settings", "ooInetHTTPProxyName", "127.0.0.1"),
    ("org.openoffice.Inet/Settings", "ooInetHTTPProxyPort", "9"),
    ("org.openoffice.Inet/Settings", "ooInetHTTPSProxyName", "127.0.0.1"),
    ("org.openoffice.Inet/Settings", "ooInetHTTPSProxyPort", "9"),
)


def office() -> str | None:
    """Where LibreOffice is; None when it is not installed."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def ffmpeg() -> str | None:
    """Where ffmpeg is; None when it or its ffprobe is not installed."""
    return shutil.which("ffmpeg") if shutil.which("ffprobe") else None


def print_as_pdf(program: str, file: Path, folder: Path) -> Path | None:
    """The file as LibreOffice prints it, hidden slides too; None when it makes nothing of it. Raises TookTooLong, Broke."""
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True, exist_ok=True)
    (profile / "user" / "registrymodifications.xcu").write_text(_profile(), encoding="utf-8")
    run_apart(
        [
            program,
            f"-env:UserInstallation={profile.as_uri()}",
            *("--headless", "--norestore", "--nolockcheck", "--nodefault", "--nologo"),
            *("--convert-to", _as_pdf(file), "--outdir", str(folder), str(file)),
        ],
        folder,
        _OFFICE,
    )
    made = folder / f"{file.stem}.pdf"
    return made if made.is_file() else None


@dataclass(frozen=True)
class Film:
    """A film or a sound: its length and, of a film, the size of its picture."""

    seconds: float
    width: int | None
    height: int | None


def look_at_film(file: Path, folder: Path) -> Film | None:
    """What ffmpeg says of a film or a sound; None when it is neither. Raises TookTooLong, Broke."""
    asked = (
        "-v",
        "error",
        "-of",
        "json",
        "-show_entries",
        "format=duration:stream=codec_type,width,height,disposition",
    )
    told = json.loads(run_apart(["ffprobe", *_READING, *asked, f"file:{file}"], folder, _PROBE))
    streams: list[dict[str, Any]] = told.get("streams", [])
    pictures = [each for each in streams if each.get("codec_type") == "video" and not _is_cover(each)]
    if not pictures and not any(each.get("codec_type") == "audio" for each in streams):
        return None
    seconds = float(told.get("format", {}).get("duration") or 0)
    if not pictures:
        return Film(seconds, None, None)
    return Film(seconds, int(pictures[0].get("width") or 0) or None, int(pictures[0].get("height") or 0) or None)


def make_poster(program: str, file: Path, film: Film, folder: Path) -> str:
    """A picture out of a film, a little after its beginning; the name of the file. Raises TookTooLong, Broke."""
    at = min(film.seconds / 10, 5)
    _convert(
        program, ["-ss", f"{at:.2f}"], file, ["-frames:v", "1", "-vf", "scale=-2:'min(720,ih)'"], folder / "frame.jpg"
    )
    return "frame.jpg"


def make_stream(program: str, file: Path, film: Film, folder: Path) -> tuple[str, str]:
    """A film in 480 lines, or a sound, that every browser plays: the file's name and its type. Raises TookTooLong, Broke."""
    sound = ["-c:a", "aac", "-b:a", "96k", "-ac", "2"]
    begun_early = ["-movflags", "+faststart", "-map_metadata", "-1"]
    if film.width is None:
        _convert(program, [], file, ["-vn", *sound, *begun_early], folder / "stream.m4a")
        return "stream.m4a", "audio/mp4"
    picture = [
        "-vf",
        "scale=-2:'min(480,ih)'",
        "-c:v",
        "libx264",
        "-preset",
        "veryfast",
        "-crf",
        "26",
        "-pix_fmt",
        "yuv420p",
    ]
    _convert(program, [], file, [*picture, *sound, *begun_early], folder / "stream.mp4")
    return "stream.mp4", "video/mp4"


def _convert(program: str, before: list[str], file: Path, how: list[str], made: Path) -> None:
    limits = Limits(seconds=_FILM_SECONDS, memory=4 * 2**30, output=8 * 2**30)
    quiet = ["-v", "error", "-nostdin", "-y", "-threads", "1"]
    run_apart(
        [program, *quiet, *_READING, *before, "-i", f"file:{file}", *how, "-threads", "1", str(made)],
        made.parent,
        limits,
    )


def _is_cover(stream: dict[str, Any]) -> bool:
    """Songs carry the picture of their record as a film of one picture."""
    return bool(stream.get("disposition", {}).get("attached_pic"))


def _as_pdf(file: Path) -> str:
    hidden = {"ExportHiddenSlides": {"type": "boolean", "value": "true"}}
    return f"pdf:impress_pdf_Export:{json.dumps(hidden)}" if file.suffix in (".pptx", ".pptm", ".ppsx") else "pdf"


def _profile() -> str:
    items = "\n".join(
        f'<item oor:path="/{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>'
        for path, name, value in _SAFE
    )
    return _PROFILE.format(items=items)
