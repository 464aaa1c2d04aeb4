"""Office files as packages of parts, opened with limits: they come from strangers."""

import posixpath
import zipfile
import zlib
from enum import StrEnum
from typing import BinaryIO, Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

MOST_MEMBERS: Final = 3000
MOST_OF_A_PART: Final = 40 * 2**20
MOST_RATIO: Final = 300
"""How many times larger than the whole file one part of it may become."""

OLE: Final = bytes.fromhex("d0cf11e0a1b11ae1")
"""How files of the old Office begin, and new ones with a password."""


class Trouble(StrEnum):
    """Why a package is not read."""

    TOO_MUCH_INSIDE = "too_much_inside"
    ENCRYPTED = "encrypted"
    OLD = "old"
    DAMAGED = "damaged"
    ENTITIES = "entities"


class BadPackage(Exception):
    """The package is not read; `where` names the part of it, if one is to blame."""

    def __init__(self, trouble: Trouble, where: str = "") -> None:
        super().__init__(trouble, where)
        self.trouble = trouble
        self.where = where


def local_name(element: Element) -> str:
    """The name without its namespace: Office has two for the same names."""
    return element.tag.rpartition("}")[2]


def attribute(element: Element | None, name: str) -> str | None:
    """The attribute of that local name."""
    if element is None:
        return None
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), None)


class Package:
    """The parts of an Office file. Nothing outside it is ever fetched.

    Raises `BadPackage` where the file or a part of it is too large, damaged, locked or hostile.
    """

    def __init__(self, file: BinaryIO) -> None:
        if file.read(len(OLE)) == OLE:
            locked = _holds(file, "EncryptedPackage".encode("utf-16-le"))
            raise BadPackage(Trouble.ENCRYPTED if locked else Trouble.OLD)
        size = file.seek(0, 2)
        try:
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as problem:
            raise BadPackage(Trouble.DAMAGED) from problem
        self.members = self._zip.infolist()
        if len(self.members) > MOST_MEMBERS:
            raise BadPackage(Trouble.TOO_MUCH_INSIDE, str(len(self.members)))
        self._names = {member.filename.lower(): member.filename for member in self.members}
        self._largest = min(MOST_OF_A_PART, max(size * MOST_RATIO, 2**20))

    def part(self, name: str) -> Element | None:
        """The root of an XML part, None where the package has no such part."""
        member = self._names.get(name.lstrip("/").lower())
        if member is None:
            return None
        content = self.content(member)
        try:
            root: Element = fromstring(content, forbid_dtd=True)
        except DefusedXmlException as problem:
            raise BadPackage(Trouble.ENTITIES, member) from problem
        except (ParseError, ValueError, LookupError) as problem:
            raise BadPackage(Trouble.DAMAGED) from problem
        return root

    def relations(self, source: str) -> list[tuple[str, str, str, bool]]:
        """What a part relates to: id, kind, and a part's name or (True) an address outside. `source` "" is the package."""
        folder, name = posixpath.split(source)
        relations = self.part(posixpath.join(folder, "_rels", f"{name}.rels"))
        found = []
        for relation in relations if relations is not None else ():
            target, outside = relation.get("Target", ""), relation.get("TargetMode") == "External"
            if not outside:
                target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            found.append((relation.get("Id", ""), relation.get("Type", "").rpartition("/")[2], target, outside))
        return found

    def targets(self, source: str, kind: str) -> dict[str, str]:
        """Relationship ids of that kind and what they lead to: a part's name, or an address for outside ones."""
        return {id: target for id, its_kind, target, _outside in self.relations(source) if its_kind == kind}

    def related(self, source: str, kind: str) -> Element | None:
        """The root of the first part that `source` relates to in that way."""
        return next((self.part(target) for target in self.targets(source, kind).values()), None)

    def content(self, member: str, most: int | None = None) -> bytes:
        """The bytes of a member, or its first `most`."""
        try:
            with self._zip.open(member) as stream:
                content = stream.read(self._largest + 1 if most is None else most)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError) as problem:
            raise BadPackage(Trouble.DAMAGED) from problem
        except RuntimeError as problem:  # what zipfile says of a member with a password
            raise BadPackage(Trouble.ENCRYPTED) from problem
        if len(content) > self._largest:
            raise BadPackage(Trouble.TOO_MUCH_INSIDE, member)
        return content


def _holds(file: BinaryIO, wanted: bytes) -> bool:
    """Whether the bytes stand anywhere in the file, which may be large."""
    kept = b""
    while chunk := file.read(1 << 20):
        if wanted in kept + chunk:
            return True
        kept = chunk[-len(wanted) :]
    return False
