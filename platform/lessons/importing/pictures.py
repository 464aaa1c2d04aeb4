"""Pictures that come with a file from outside, known by how they begin."""

_BEGINNINGS = {b"\x89PNG\r\n\x1a\n": ".png", b"\xff\xd8\xff": ".jpg", b"GIF87a": ".gif", b"GIF89a": ".gif"}


def picture_ending(data: bytes) -> str:
    """The ending of a file with this picture; empty for what browsers do not show as one."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return ".webp"
    return next((ending for beginning, ending in _BEGINNINGS.items() if data.startswith(beginning)), "")
