"""What the library asks of a place for files.

Kept to what real S3 servers agree on (shared/bench/live/README.md, part C): no conditional puts, no POST policies, no tags or versions,
one deletion at a time, parts whose bytes never change. Keys are random and never used twice, so that nothing is ever overwritten;
names, types and checksums live in our database.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol

LINK_SECONDS = 3600
"""A link to a file or to a place for a part is good for so long."""


class NoSuchFile(Exception):
    """The store has no file under that key."""


class NoSuchUpload(Exception):
    """The store does not know the upload (any more): it has to begin anew."""


class StoreFull(Exception):
    """There is no room for it."""


class StoreFailed(Exception):
    """The store does not answer, or answers with a failure of its own."""


class WrongParts(Exception):
    """The parts that have come in do not make up the file: one is missing or of another size."""


@dataclass(frozen=True)
class Download:
    """How a file is to be sent: under which name and type, to be shown (`inline`) or kept."""

    name: str
    media_type: str
    inline: bool = False


class FileStore(Protocol):
    """A place for files under keys.

    Every function raises StoreFailed when the store cannot be reached, and those that write StoreFull. `origin` is where its links
    lead, like "https://s3.example.cn"; empty when they lead to us.
    """

    @property
    def origin(self) -> str:
        """See above."""
        ...

    def put(self, key: str, file: BinaryIO, media_type: str = "") -> None:
        """Keep what `file` holds; once it returns, it is on disk."""
        ...

    def open(self, key: str) -> BinaryIO:
        """The file for reading from its beginning. Raises NoSuchFile."""
        ...

    def size(self, key: str) -> int:
        """Bytes of the file. Raises NoSuchFile."""
        ...

    def remove(self, key: str) -> None:
        """Remove the file; no matter if it is gone already."""
        ...

    def keys(self) -> Iterator[str]:
        """The keys of all files."""
        ...

    def link(self, key: str, download: Download) -> str:
        """An address from which a browser fetches the file, for `LINK_SECONDS`, without signing in."""
        ...

    def begin_upload(self, key: str, media_type: str) -> str:
        """Be ready for the parts of a file; the store's name for the upload."""
        ...

    def part_link(self, key: str, upload: str, number: int, size: int) -> str:
        """An address to which a browser PUTs part `number` (from 1) of `size` bytes, for `LINK_SECONDS`."""
        ...

    def parts(self, key: str, upload: str) -> dict[int, int]:
        """The parts that have come in whole: their numbers and sizes. Raises NoSuchUpload."""
        ...

    def finish_upload(self, key: str, upload: str, sizes: list[int]) -> str | None:
        """Make the file of its parts, whose sizes must be `sizes`. Raises WrongParts and NoSuchUpload.

        Gives back the SHA-256 in hexadecimal where the store had every byte in its hands, else None. To ask again for an upload
        that was finished already does no harm.
        """
        ...

    def cancel_upload(self, key: str, upload: str) -> None:
        """Forget the parts; no matter if they are gone already."""
        ...


def new_key(ending: str = "") -> str:
    """A key that nothing had before: two characters as a folder, then 30 more, and the file's ending if it is plain."""
    name = secrets.token_hex(16)
    plain = ending.lower() if ending.isascii() and ending.removeprefix(".").isalnum() and len(ending) <= 10 else ""
    return f"{name[:2]}/{name[2:]}{plain}"
