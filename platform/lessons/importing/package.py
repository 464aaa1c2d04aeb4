"""A Word file as a package of XML parts, opened with limits: it comes from a stranger."""

import io
import posixpath
import zipfile
import zlib
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from lessons.importing.refusing import Fault, Unreadable

MAX_FILE = 20 * 2**20
MAX_MEMBERS = 3000
MAX_PART = 40 * 2**20
MAX_RATIO = 300
"""How many times larger than the whole file one part of it may become."""

_OLE = bytes.fromhex("d0cf11e0a1b11ae1")


def local_name(element: Element) -> str:
    """The name without its namespace: Word has two for the same names."""
    return element.tag.rpartition("}")[2]


def attribute(element: Element | None, name: str) -> str | None:
    """The attribute of that local name."""
    if element is None:
        return None
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), None)


class Package:
    """The parts of the file. Nothing outside it is ever fetched.

    Raises `Unreadable` where the file or a part of it is too large, damaged, locked or hostile.
    """

    def __init__(self, data: bytes) -> None:
        if len(data) > MAX_FILE:
            raise Unreadable(Fault.TOO_LARGE)
        if data.startswith(_OLE):
            locked = "EncryptedPackage".encode("utf-16-le") in data
            raise Unreadable(Fault.ENCRYPTED if locked else Fault.OLD_WORD)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as problem:
            raise Unreadable(Fault.DAMAGED) from problem
        names = self._zip.namelist()
        if len(names) > MAX_MEMBERS:
            raise Unreadable(Fault.TOO_MUCH_INSIDE, str(len(names)))
        self._names = {name.lower(): name for name in names}
        self._largest = min(MAX_PART, max(len(data) * MAX_RATIO, 2**20))

    def part(self, name: str) -> Element | None:
        """The root of an XML part, None where the package has no such part."""
        member = self._names.get(name.lstrip("/").lower())
        if member is None:
            return None
        content = self._read(member)
        try:
            root: Element = fromstring(content, forbid_dtd=True)
        except DefusedXmlException as problem:
            raise Unreadable(Fault.ENTITIES, member) from problem
        except (ParseError, ValueError, LookupError) as problem:
            raise Unreadable(Fault.DAMAGED) from problem
        return root

    def document(self) -> tuple[str, Element]:
        """The name and root of the part that holds the body."""
        name = next(iter(self.targets("", "officeDocument").values()), "word/document.xml")
        root = self.part(name)
        if root is None or local_name(root) != "document":
            raise Unreadable(Fault.NOT_WORD)
        return name, root

    def targets(self, source: str, kind: str) -> dict[str, str]:
        """Relationship ids of that kind and what they lead to: a part's name, or an address for outside ones."""
        folder, name = posixpath.split(source)
        relations = self.part(posixpath.join(folder, "_rels", f"{name}.rels"))
        found: dict[str, str] = {}
        for relation in relations if relations is not None else ():
            target = relation.get("Target", "")
            if relation.get("Type", "").rpartition("/")[2] != kind:
                continue
            if relation.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            found[relation.get("Id", "")] = target
        return found

    def related(self, source: str, kind: str) -> Element | None:
        """The root of the first part that `source` relates to in that way."""
        return next((self.part(target) for target in self.targets(source, kind).values()), None)

    def _read(self, member: str) -> bytes:
        try:
            with self._zip.open(member) as stream:
                content = stream.read(self._largest + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError) as problem:
            raise Unreadable(Fault.DAMAGED) from problem
        except RuntimeError as problem:  # what zipfile says of a member with a password
            raise Unreadable(Fault.ENCRYPTED) from problem
        if len(content) > self._largest:
            raise Unreadable(Fault.TOO_MUCH_INSIDE, member)
        return content
