"""What the browser may send about uploads, checked and cleaned."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from flask_babel import gettext

from foundation.errors import Invalid
from foundation.sent import line, one_of
from library.models import ResourceKind
from schools.models import Visibility

_TITLE_LENGTH: Final = 200
_CODE_LENGTH: Final = 16
_LARGEST: Final = 1 << 50
_HEX: Final = frozenset("0123456789abcdef")


@dataclass(frozen=True)
class UploadForm:
    """A file that a browser wants to send."""

    name: str
    size: int
    fingerprint: str
    sha256: str
    about: dict[str, Any]

    @classmethod
    def read(cls, sent: object) -> Self:
        """Refuses a file without a name or size."""
        fields = sent if isinstance(sent, Mapping) else {}
        name = _text(fields, "name", 400).replace("\\", "/").rpartition("/")[2].strip()
        size = fields.get("size")
        if not name or not isinstance(size, int) or not 0 <= size < _LARGEST:
            raise Invalid(file=gettext("这个文件没有名称或大小，无法上传。"))
        about = fields.get("about")
        return cls(
            name=name,
            size=size,
            fingerprint=_text(fields, "fingerprint", 80),
            sha256=sha256_sent(fields),
            about=_about(about if isinstance(about, Mapping) else {}),
        )


def sha256_sent(sent: object) -> str:
    """The checksum that the browser has worked out; empty when it has not."""
    text = _text(sent, "sha256", 65).lower() if isinstance(sent, Mapping) else ""
    return text if len(text) == 64 and set(text) <= _HEX else ""


def part_numbers(text: str) -> list[int]:
    """The numbers of parts in `1,2,3`."""
    return [int(piece) for piece in text[:2000].split(",") if piece.isascii() and piece.isdigit() and len(piece) < 7]


def _about(sent: Mapping[Any, Any]) -> dict[str, Any]:
    """What a file is for; keys without a sensible value are left out."""
    kind = one_of(ResourceKind, _text(sent, "kind", 24))
    visibility = one_of(Visibility, _text(sent, "visibility", 24))
    about: dict[str, Any] = {
        **{name: _text(sent, name, _CODE_LENGTH) for name in ("plan", "step", "picture", "resource")},
        **{name: _whole(sent.get(name)) for name in ("campus", "prep_group")},
        "title": _text(sent, "title", _TITLE_LENGTH),
        "kind": kind.value if kind else "",
        "visibility": visibility.value if visibility in (Visibility.PERSONAL, Visibility.PREP_GROUP) else "",
    }
    return {name: value for name, value in about.items() if value}


def _text(sent: Mapping[Any, Any], name: str, length: int) -> str:
    value = sent.get(name)
    return line(value, length) if isinstance(value, str) else ""


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**9 else None
