"""Writing into the index: documents come and go in one commit, by one writer at a time."""

import json
import os
import struct
import zlib
from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable
from contextlib import closing, suppress
from itertools import repeat
from pathlib import Path
from typing import Any, Final

import numpy as np
from whoosh import columns, fields
from whoosh.index import FileIndex
from whoosh.writing import SegmentWriter

from search import analysis
from search.codec import MOST_OFTEN, Numbers, Packed, PackedCodec, Terms, pack
from search.documents import FACTS, Document, number_of

FIELDS: Final = ("initials", "marks", "name", "sound", "text", "title")
_FACTS: Final = struct.Struct(f"!{len(FACTS)}i")
_LENGTHS: Final = {"title_length": "title", "text_length": "text"}
COLUMNS: Final = {
    "facts": columns.FixedBytesColumn(_FACTS.size),
    "card": columns.VarBytesColumn(),
    "body": columns.VarBytesColumn(),
}
_HALF: Final = np.uint64(32)
GATHERED: Final = 8
"""So many segments of one size class are made one of the next."""
_LARGEST_MERGED: Final = 4
_PRESSING: Final = 1  # zlib's quickest; texts are pressed once and read often


class _Column(fields.FieldType):  # type: ignore[misc]  # Whoosh is not typed
    """A column without terms."""

    indexed = stored = vector = scorable = False
    format = analyzer = None

    def __init__(self, column: Any) -> None:
        self.column_type = column


def schema() -> fields.Schema:
    """The fields of the index, for Whoosh."""
    terms = {name: fields.ID() for name in FIELDS}
    return fields.Schema(**terms, **{name: _Column(column) for name, column in COLUMNS.items()})


class _Pool:
    """The postings of one field while a segment is written."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._terms = array("I")
        self._documents = array("I")

    def add(self, document: int, terms: Collection[str]) -> None:
        """Take in the terms of a document, as often as they occur."""
        numbers = self._numbers
        self._terms.extend([numbers.setdefault(term, len(numbers)) for term in terms])
        self._documents.extend(repeat(document, len(terms)))

    def add_term(self, term: str, documents: Numbers, often: Numbers) -> None:
        """Take in what another segment has of a term."""
        documents = np.repeat(documents.astype(np.uint32), often)
        number = self._numbers.setdefault(term, len(self._numbers))
        self._terms.extend(repeat(number, len(documents)))
        self._documents.frombytes(documents.tobytes())

    def packed(self) -> list[Packed]:
        """All terms in their order, with their postings."""
        occurrences = np.frombuffer(self._terms, np.uint32).astype(np.uint64) << _HALF
        occurrences |= np.frombuffer(self._documents, np.uint32)
        occurrences.sort()
        firsts = _where_changed(occurrences)
        often = np.minimum(np.diff(firsts, append=len(occurrences)), MOST_OFTEN).astype(np.uint8)
        postings = occurrences[firsts]
        packed = list(pack(_where_changed(postings >> _HALF), postings.astype(np.uint32), often))
        return [(term.encode(), packed[number]) for term, number in sorted(self._numbers.items())]


def _where_changed(numbers: Numbers) -> Numbers:
    return np.flatnonzero(np.append(True, numbers[1:] != numbers[:-1]))[: len(numbers)]


class Writer(SegmentWriter):  # type: ignore[misc]
    """One unit of work on the index. `commit` makes it visible at once and whole; without it nothing has happened."""

    def __init__(self, index: FileIndex, wait: float = 0) -> None:
        super().__init__(index, codec=PackedCodec(), compound=False, timeout=wait)
        self._pools = {name: _Pool() for name in FIELDS}

    def put(self, document: Document) -> None:
        """Add a document. One of the same key has to be deleted first."""
        terms = _terms_of(document)
        for name, found in terms.items():
            self._pools[name].add(self.docnum, found)
        values: dict[str, Any] = document.values()
        lengths = {fact: len(terms[name]) for fact, name in _LENGTHS.items()}
        numbers = (lengths[name] if name in lengths else number_of(name, values.get(name)) for name in FACTS)
        card = json.dumps([document.title, document.code, document.line], ensure_ascii=False)
        body = json.dumps(
            [[part.kind, part.key, part.heading, part.text] for part in document.parts], ensure_ascii=False
        )
        self._add({
            "facts": _FACTS.pack(*numbers),
            "card": card.encode(),
            "body": zlib.compress(body.encode(), _PRESSING),
        })  # fmt: skip

    def commit(self, merge: bool = True) -> None:
        """Make everything visible, gathering small segments on the way."""
        super().commit(mergetype=_gather if merge else _keep)

    def take_in(self, segment: Any) -> None:
        """Move what lives in another segment into the one being written."""
        with closing(self.codec.per_document_reader(self.storage, segment)) as documents:
            moved = np.full(segment.doc_count_all(), -1, np.int64)
            kept = {name: documents.column_reader(name, column) for name, column in COLUMNS.items()}
            for number in range(segment.doc_count_all()):
                if not segment.is_deleted(number):
                    moved[number] = self.docnum
                    self._add({name: column[number] for name, column in kept.items()})
        self._take_terms(self.codec.terms_reader(self.storage, segment), moved)

    def _take_terms(self, terms: Terms, moved: Numbers) -> None:
        for field, pool in self._pools.items():
            for term, (numbers, often) in terms.beginning(field):
                numbers = moved[numbers]
                alive = numbers >= 0
                if alive.any():
                    pool.add_term(term, numbers[alive], often[alive])

    def _add(self, values: dict[str, bytes]) -> None:
        self.perdocwriter.start_doc(self.docnum)
        for name, value in values.items():
            self.perdocwriter.add_column_value(name, COLUMNS[name], value)
        self.perdocwriter.finish_doc()
        self.docnum += 1
        self._added = True

    def _flush_segment(self) -> None:
        self.perdocwriter.close()
        packed = ((name, pool.packed()) for name, pool in self._pools.items())
        self.fieldwriter.add_postings(self.schema, None, packed)
        self.fieldwriter.close()

    def _commit_toc(self, segments: list[Any]) -> None:
        folder = Path(self.storage.folder)
        _to_disk([*folder.glob(f"{self.newsegment.segment_id()}.*")])
        super()._commit_toc(segments)
        _to_disk([*folder.glob("*.toc"), folder])


def _terms_of(document: Document) -> dict[str, list[str]]:
    title = analysis.fold(document.title)
    texts = [document.also, *(text for part in document.parts for text in (part.heading, part.text))]
    return {
        "title": analysis.terms_of_title(title),
        "text": analysis.terms_of_text(analysis.fold("\n".join(texts))),
        "sound": analysis.sounds(title),
        "initials": analysis.initials(title),
        "name": analysis.beginnings(document.pinyin),
        "marks": document.tokens(),
    }


def _keep(writer: Writer, segments: list[Any]) -> list[Any]:
    return list(segments)


def _gather(writer: Writer, segments: list[Any]) -> list[Any]:
    """Small segments of one size class are made one when enough have gathered; large ones stay. What is empty goes."""
    classes = defaultdict(list)
    for segment in segments:
        alive = segment.doc_count_all() - segment.deleted_count()
        classes[_size_class(alive)].append(segment)
    kept = []
    for size, gathered in classes.items():
        if 0 <= size <= _LARGEST_MERGED and len(gathered) >= GATHERED:
            for segment in gathered:
                writer.take_in(segment)
        elif size >= 0:
            kept += gathered
    return kept


def _size_class(documents: int) -> int:
    """0 for fewer than 8 documents, 1 for fewer than 64, and so on; -1 for none."""
    return (documents.bit_length() - 1) // 3 if documents else -1


def _to_disk(files: Iterable[Path]) -> None:
    """Wait until they are on the disk: what the outbox forgets must not be lost with the power."""
    for file in files:
        with suppress(FileNotFoundError):
            descriptor = os.open(file, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
