import struct
import zlib

import pytest

from manage.settings.pictures import NotAPicture, read_picture


def part(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int = 2, height: int = 2, *, extra: bytes = b"") -> bytes:
    head = part(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    lines = zlib.compress(b"\x00\x10\x20" * 2)
    return b"\x89PNG\r\n\x1a\n" + head + extra + part(b"IDAT", lines) + part(b"IEND", b"")


def jpeg(*, extra: bytes = b"", width: int = 3, height: int = 5) -> bytes:
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\x01\x11\x00"
    scan = b"\xff\xda" + struct.pack(">H", 8) + b"\x01\x01\x00\x00\x3f\x00" + b"picture" + b"\xff\xd9"
    return b"\xff\xd8" + extra + frame + scan


def webp(*, extra: bytes = b"") -> bytes:
    body = b"\x2f" + struct.pack("<I", (9 - 1) | (7 - 1) << 14) + b"\x00\x00\x00"
    parts = b"VP8L" + struct.pack("<I", len(body)) + body + extra
    return b"RIFF" + struct.pack("<I", len(parts) + 4) + b"WEBP" + parts


@pytest.mark.parametrize(("data", "kind"), [(png(), "image/png"), (jpeg(), "image/jpeg"), (webp(), "image/webp")])
def test_a_picture_is_known_by_its_content(data: bytes, kind: str) -> None:
    picture = read_picture(data)
    assert (picture.kind, picture.data) == (kind, data)


@pytest.mark.parametrize(
    ("carrying", "clean"),
    [
        (png(extra=part(b"tEXt", b"GPS 27.1")), png()),
        (png() + b"<script>alert(1)</script>", png()),
        (jpeg(extra=b"\xff\xe1" + struct.pack(">H", 10) + b"GPS 27.1"), jpeg()),
        (jpeg() + b"PK\x03\x04", jpeg()),
        (webp(extra=b"EXIF" + struct.pack("<I", 8) + b"GPS 27.1"), webp()),
        (webp() + b"<html>", webp()),
    ],
)
def test_what_a_file_carries_beside_its_picture_is_left_out(carrying: bytes, clean: bytes) -> None:
    assert read_picture(carrying).data == clean


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"GIF89a" + bytes(30),
        png()[:-6],
        png().replace(b"IDAT", b"IDAX"),
        png(width=20000),
        b"\x89PNG\r\n\x1a\n",
        jpeg()[:14],
        jpeg(width=0),
        jpeg().replace(b"\xff\xd9", b""),
        webp()[:-4],
        b"RIFF\x04\x00\x00\x00WEBP",
    ],
)
def test_what_is_no_whole_picture_is_refused(data: bytes) -> None:
    with pytest.raises(NotAPicture):
        read_picture(data)
