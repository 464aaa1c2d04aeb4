"""A picture that somebody has sent, known by its content and put together anew from the parts that make the picture.

Whatever else a file carries (places, names of devices, comments, other files behind its end) is left out.
"""

import struct
import zlib
from dataclasses import dataclass
from typing import Final

MOST_BYTES: Final = 512 * 1024
MOST_PIXELS: Final = 2000

PNG: Final = b"\x89PNG\r\n\x1a\n"
PNG_PARTS: Final = (b"IHDR", b"PLTE", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"IDAT", b"IEND")
WEBP_PARTS: Final = (b"VP8 ", b"VP8L", b"VP8X", b"ALPH")
WEBP_ALPHA: Final = 0x10
JPEG_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
JPEG_PARTS: Final = frozenset({0xDB, 0xC4, 0xCC, 0xDD, 0xDA, 0xE0, 0xEE}) | JPEG_FRAMES


class NotAPicture(ValueError):
    """The bytes are no whole PNG, JPEG or WebP picture of a size that we take."""


@dataclass(frozen=True)
class Picture:
    """The picture without anything beside it, and its media type."""

    data: bytes
    kind: str


def read_picture(data: bytes) -> Picture:
    """The picture in `data`; raises NotAPicture."""
    try:
        if data.startswith(PNG):
            return Picture(_png(data), "image/png")
        if data.startswith(b"\xff\xd8\xff"):
            return Picture(_jpeg(data), "image/jpeg")
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return Picture(_webp(data), "image/webp")
    except (struct.error, IndexError) as problem:
        raise NotAPicture from problem
    raise NotAPicture


def _check_size(width: int, height: int) -> None:
    if not (0 < width <= MOST_PIXELS and 0 < height <= MOST_PIXELS):
        raise NotAPicture


def _png(data: bytes) -> bytes:
    kept, place = [PNG], len(PNG)
    names: list[bytes] = []
    while not names or names[-1] != b"IEND":
        length, name = struct.unpack_from(">I4s", data, place)
        whole = data[place : place + 12 + length]
        if len(whole) != 12 + length or zlib.crc32(whole[4:-4]) != struct.unpack(">I", whole[-4:])[0]:
            raise NotAPicture
        if not names and name != b"IHDR":
            raise NotAPicture
        if name == b"IHDR":
            _check_size(*struct.unpack_from(">II", whole, 8))
        if name in PNG_PARTS:
            kept.append(whole)
        names.append(name)
        place += len(whole)
    if b"IDAT" not in names:
        raise NotAPicture
    return b"".join(kept)


def _jpeg(data: bytes) -> bytes:
    end = data.rfind(b"\xff\xd9")
    kept, place, sized = [data[:2]], 2, False
    while True:
        if data[place] != 0xFF or end < place:
            raise NotAPicture
        name, length = data[place + 1], struct.unpack_from(">H", data, place + 2)[0]
        if name in JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", data, place + 5)
            _check_size(width, height)
            sized = True
        if name == 0xDA:  # the picture itself begins, up to its end
            if not sized:
                raise NotAPicture
            kept.append(data[place : end + 2])
            return b"".join(kept)
        if name in JPEG_PARTS:
            kept.append(data[place : place + 2 + length])
        place += 2 + length


def _webp(data: bytes) -> bytes:
    length = struct.unpack_from("<I", data, 4)[0] + 8
    if length > len(data):
        raise NotAPicture
    kept: list[bytes] = []
    place, pictures = 12, 0
    while place + 8 <= length:
        name, size = struct.unpack_from("<4sI", data, place)
        whole = data[place : place + 8 + size + size % 2]
        if place + 8 + size > length:
            raise NotAPicture
        if name in (b"VP8 ", b"VP8L"):
            _check_size(*_webp_size(name, whole[8:]))
            pictures += 1
        if name == b"VP8X":
            whole = whole[:8] + bytes([whole[8] & WEBP_ALPHA]) + whole[9:]
        if name in WEBP_PARTS:
            kept.append(whole)
        place += len(whole)
    if pictures != 1:
        raise NotAPicture
    body = b"WEBP" + b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _webp_size(name: bytes, body: bytes) -> tuple[int, int]:
    if name == b"VP8L":
        if body[0] != 0x2F:
            raise NotAPicture
        bits = struct.unpack_from("<I", body, 1)[0]
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if body[3:6] != b"\x9d\x01\x2a":
        raise NotAPicture
    width, height = struct.unpack_from("<HH", body, 6)
    return width & 0x3FFF, height & 0x3FFF
