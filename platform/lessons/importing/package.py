"""A Word file as a package of XML parts, with what is wrong with it in the words of importing."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final
from xml.etree.ElementTree import Element

from foundation import packages
from foundation.packages import BadPackage, Trouble
from lessons.importing.refusing import Fault, Unreadable

MAX_FILE: Final = 20 * 2**20

_FAULTS: Final = {
    Trouble.TOO_MUCH_INSIDE: Fault.TOO_MUCH_INSIDE,
    Trouble.ENCRYPTED: Fault.ENCRYPTED,
    Trouble.OLD: Fault.OLD_WORD,
    Trouble.DAMAGED: Fault.DAMAGED,
    Trouble.ENTITIES: Fault.ENTITIES,
}


class Package(packages.Package):
    """The parts of a Word file."""

    def bytes_of(self, name: str) -> bytes:
        """The bytes of a part; none where the package has no such part."""
        member = self._names.get(name.lower())
        return self.content(member) if member else b""

    def document(self) -> tuple[str, Element]:
        """The name and root of the part that holds the body. Raises Unreadable."""
        name = next(iter(self.targets("", "officeDocument").values()), "word/document.xml")
        root = self.part(name)
        if root is None or packages.local_name(root) != "document":
            raise Unreadable(Fault.NOT_WORD)
        return name, root


@contextmanager
def opened(data: bytes) -> Iterator[Package]:
    """The package that `data` is. Raises Unreadable, then and while its parts are read."""
    if len(data) > MAX_FILE:
        raise Unreadable(Fault.TOO_LARGE)
    try:
        yield Package(io.BytesIO(data))
    except BadPackage as bad:
        raise Unreadable(_FAULTS[bad.trouble], bad.where) from bad
