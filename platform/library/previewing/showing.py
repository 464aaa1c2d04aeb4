"""Which types of files a browser may show as themselves, and how all others are sent."""

from typing import Final

from library.storage.base import Download

SHOWN_AS_ITSELF: Final = frozenset(
    {
        "image/jpeg",
        "image/png",
        "image/gif",
        "image/webp",
        "video/mp4",
        "video/webm",
        "audio/mpeg",
        "audio/mp4",
    }
)
"""The types of files that a browser may show; all others are only ever saved. Never HTML or SVG: they can carry scripts."""


def kept_as(name: str) -> Download:
    """How a file is sent to be saved under its own name: as nothing that a browser would open."""
    return Download(name, "application/octet-stream")


def shown_as(name: str, media_type: str) -> Download:
    """How a file is sent to be shown, where its type allows that; else to be saved."""
    return Download(name, media_type, inline=True) if media_type in SHOWN_AS_ITSELF else kept_as(name)
