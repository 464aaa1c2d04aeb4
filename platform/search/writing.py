"""Writing into the index: documents come and go in one commit, by one writer at a time."""

import json
import os
import struct
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Final

import numpy as np
from whoosh import columns, fields
from whoosh.filedb.filestore import FileStorage
from whoosh.index import FileIndex
from whoosh.writing import SegmentWriter

from search import analysis
from search.codec import MOST_OFTEN, Numbers, PackedCodec, Runs, Terms, pack
from search.documents import FACTS, Document, number_of
from search.keys import KEY_BITS, Keys

FIELDS: Final = ("initials", "marks", "name", "sound", "text", "title")
FACTS_OF_ONE: Final = struct.Struct(f"!{len(FACTS)}i")
_LENGTHS: Final = {"title_length": "title", "text_length": "text"}
COLUMNS: Final = {
    "facts": columns.FixedBytesColumn(FACTS_OF_ONE.size),
    "card": columns.VarBytesColumn(),
    "body": columns.VarBytesColumn(),
}
_DOCUMENT_BITS: Final = np.uint64(64 - KEY_BITS)
_DOCUMENT: Final = np.uint64((1 << 64 - KEY_BITS) - 1)
"""The largest number of a document in a segment: four million."""
GATHERED: Final = 8
"""So many segments of one size class are made one of the next."""
_LARGEST_GATHERED: Final = 3
"""Segments of this size class become one of up to 32,000 documents: more would take too much memory."""


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
    """The postings of one field while a segment is written: of each occurrence the term's number and then the document's."""

    def __init__(self) -> None:
        self.keys = Keys()
        self._occurrences = array("Q")

    def add(self, document: int, keys: Numbers) -> None:
        """Take in the terms of a document, as often as they occur."""
        self._occurrences.frombytes((keys << _DOCUMENT_BITS | np.uint64(document)).tobytes())

    def add_term(self, term: str, documents: Numbers, often: Numbers) -> None:
        """Take in what another segment has of a term."""
        key = np.uint64(self.keys.of([term])[0])
        occurrences = key << _DOCUMENT_BITS | documents.astype(np.uint64)
        self._occurrences.frombytes(np.repeat(occurrences, often).tobytes())

    def packed(self) -> tuple[list[bytes], Runs]:
        """All terms in their order, and their postings."""
        occurrences = np.frombuffer(self._occurrences, np.uint64)
        occurrences.sort()
        firsts = _where_changed(occurrences)
        often = np.minimum(np.diff(firsts, append=len(occurrences)), MOST_OFTEN).astype(np.uint8)
        postings = occurrences[firsts]
        keys = postings >> _DOCUMENT_BITS
        numbers = (postings & _DOCUMENT).astype(np.uint32)
        starts = _where_changed(keys)
        terms = self.keys.terms(keys[starts])
        order = sorted(range(len(terms)), key=terms.__getitem__)
        return [terms[at] for at in order], pack(*_reordered(starts, numbers, often, order))


def _reordered(starts: Numbers, numbers: Numbers, often: Numbers, order: list[int]) -> tuple[Numbers, Numbers, Numbers]:
    """The same runs in another order."""
    lengths = np.diff(starts, append=len(numbers))[order]
    new_starts = np.cumsum(lengths) - lengths
    places = np.arange(len(numbers)) + np.repeat(starts[order] - new_starts, lengths)
    return new_starts, numbers[places], often[places]


def _where_changed(numbers: Numbers) -> Numbers:
    return np.flatnonzero(np.append(True, numbers[1:] != numbers[:-1]))[: len(numbers)]


class Writer(SegmentWriter):  # type: ignore[misc]
    """One unit of work on the index. `commit` makes it visible at once and whole; without it nothing has happened."""

    segments: list[Any]

    def __init__(self, index: FileIndex, wait: float = 0) -> None:
        super().__init__(index, codec=PackedCodec(), compound=False, timeout=wait)
        self._pools = {name: _Pool() for name in FIELDS}

    def put(self, document: Document) -> None:
        """Add a document. One of the same key has to be deleted first."""
        found = {name: np.array(self._pools[name].keys.of(terms), np.uint64) for name, terms in _terms_of(document)}
        found["text"] = self._pools["text"].keys.of_text(_text_of(document))
        for name, keys in found.items():
            self._pools[name].add(self.docnum, keys)
        values: dict[str, Any] = document.values()
        lengths = {fact: len(found[name]) for fact, name in _LENGTHS.items()}
        numbers = (lengths[name] if name in lengths else number_of(name, values.get(name)) for name in FACTS)
        card = json.dumps([document.title, document.code, document.line], ensure_ascii=False)
        body = json.dumps(
            [[part.kind, part.key, part.heading, part.text] for part in document.parts], ensure_ascii=False
        )
        self._add({
            "facts": FACTS_OF_ONE.pack(*numbers),
            "card": card.encode(),
            "body": body.encode(),
        })  # fmt: skip

    def commit(self) -> None:
        """Make everything visible; segments of which nothing is left go."""
        super().commit(mergetype=_alive)

    def take_in(self, segment: Any, storage: FileStorage) -> Numbers:
        """Copy what lives in a segment that lies in `storage`; the new number of each of its documents, or -1."""
        with closing(self.codec.per_document_reader(storage, segment)) as documents:
            moved = np.full(segment.doc_count_all(), -1, np.int64)
            kept = {name: documents.column_reader(name, column) for name, column in COLUMNS.items()}
            for number in range(segment.doc_count_all()):
                if not segment.is_deleted(number):
                    moved[number] = self.docnum
                    self._add({name: column[number] for name, column in kept.items()})
        self._take_terms(self.codec.terms_reader(storage, segment), moved)
        return moved

    def replace(self, moved: Mapping[str, Numbers], whole: Any) -> None:
        """Let `whole` stand for the segments that it was made of, without what was deleted from those meanwhile."""
        now = {segment.segment_id(): segment for segment in self.segments}
        for name, places in moved.items():
            segment = now.pop(name, None)
            for number, place in enumerate(places.tolist()):
                if place >= 0 and (segment is None or segment.is_deleted(number)):
                    whole.delete_document(place)
        self.segments = [*now.values(), whole]

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


def _terms_of(document: Document) -> Iterator[tuple[str, list[str]]]:
    """The terms of each field but the text."""
    title = analysis.fold(document.title)
    yield "title", analysis.terms_of_title(title)
    yield "sound", analysis.sounds(title)
    yield "initials", analysis.initials(title)
    yield "name", analysis.beginnings(document.pinyin)
    yield "marks", document.tokens()


def _text_of(document: Document) -> str:
    texts = [document.also, *(text for part in document.parts for text in (part.heading, part.text))]
    return "\n".join(texts)


def _alive(writer: Writer, segments: list[Any]) -> list[Any]:
    return [segment for segment in segments if _count(segment)]


def gathered(segments: Iterable[Any]) -> list[Any]:
    """Small segments of one size class of which there are enough to be made one; none when there are not. The smallest first."""
    classes = defaultdict(list)
    for segment in segments:
        classes[_size_class(_count(segment))].append(segment)
    for size in range(_LARGEST_GATHERED + 1):
        if len(classes[size]) >= GATHERED:
            return classes[size]
    return []


def _count(segment: Any) -> int:
    """The documents that live in a segment."""
    return int(segment.doc_count_all() - segment.deleted_count())


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
