"""Terms and their postings packed into arrays, through Whoosh's own codec interface.

Whoosh writes every term by itself and keeps its documents in blocks that Python reads one by one. Here all terms of a field lie
behind one another in their order, to be found by halving, and the documents of each are one run of bytes that numpy reads at once: the
first number, the gaps between the rest in the fewest bytes that hold them, and how often the term occurs, unless once
everywhere. Segments, table of contents, columns, locks and commits are Whoosh's.
"""

import json
import mmap
import struct
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
from whoosh.codec.whoosh3 import W3Codec

Numbers: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"
Postings: TypeAlias = tuple[Numbers, Numbers]
"""Document numbers in their order, and how often the term occurs in each (at most 255)."""
Packed: TypeAlias = tuple[bytes, bytes]
"""A term and its postings."""

MOST_OFTEN: Final = 255
_HEAD: Final = struct.Struct("<BBII")  # bytes of a gap, whether frequencies follow, how many, the first
_GAPS: Final[dict[int, Any]] = {1: np.dtype(np.uint8), 2: np.dtype("<u2"), 4: np.dtype("<u4")}
_TAIL: Final = struct.Struct("<I")


def pack(starts: Numbers, numbers: Numbers, often: Numbers) -> Iterator[bytes]:
    """The postings of many terms, which lie behind one another, each beginning at one of `starts`."""
    if not len(numbers):
        return
    gaps = np.diff(numbers.astype(np.int64), prepend=0)
    gaps[starts] = 0
    widest = np.maximum.reduceat(gaps, starts)
    sizes = np.where(widest < 1 << 8, 1, np.where(widest < 1 << 16, 2, 4)).tolist()
    counted = (np.maximum.reduceat(often, starts) > 1).tolist()
    firsts = numbers[starts].tolist()
    narrow = {size: gaps.astype(kind) for size, kind in _GAPS.items()}
    frequencies = often.tobytes()
    head = _HEAD.pack
    for (start, end), size, some, first in zip(
        pairwise([*starts.tolist(), len(numbers)]), sizes, counted, firsts, strict=True
    ):
        packed = head(size, some, end - start, first)
        if end - start > 1:
            packed += narrow[size][start + 1 : end].tobytes()
        yield packed + frequencies[start:end] if some else packed


def unpack(packed: bytes) -> Postings:
    """Postings from their bytes."""
    size, counted, length, first = _HEAD.unpack_from(packed)
    numbers = np.empty(length, np.uint32)
    numbers[0] = first
    if length > 1:
        np.cumsum(np.frombuffer(packed, _GAPS[size], length - 1, _HEAD.size), dtype=np.uint32, out=numbers[1:])
        numbers[1:] += np.uint32(first)
    if not counted:
        return numbers, np.ones(length, np.uint8)
    return numbers, np.frombuffer(packed, np.uint8, length, _HEAD.size + size * (length - 1))


class PackedCodec(W3Codec):  # type: ignore[misc]  # Whoosh is not typed
    """Whoosh's codec with such terms."""

    length_stats = False

    def field_writer(self, storage: Any, segment: Any) -> "TermsWriter":
        """Who writes the terms of a segment."""
        return TermsWriter(segment.create_file(storage, self.TERMS_EXT))

    def terms_reader(self, storage: Any, segment: Any) -> "Terms":
        """The terms of a segment."""
        return Terms(Path(storage.folder, segment.make_filename(self.TERMS_EXT)))


class TermsWriter:
    """Writes the terms of a segment, field by field; at the end of the file stands where each field begins."""

    def __init__(self, file: Any) -> None:
        self.is_closed = False
        self._file = file
        self._at = 0
        self._fields: dict[str, tuple[int, int, int]] = {}

    def add_postings(self, schema: Any, lengths: Any, items: Iterable[tuple[str, Sequence[Packed]]]) -> None:
        """Write the terms of each field, in their order, with their postings."""
        for name, terms in items:
            places = self._write([term for term, _ in terms]), self._write([packed for _, packed in terms])
            self._fields[name] = (*places, len(terms))

    def _write(self, runs: Sequence[bytes]) -> int:
        """Write `runs` behind one another and then their ends; where the ends begin."""
        data = b"".join(runs)
        ends = np.cumsum([len(run) for run in runs], dtype=np.int64) + self._at
        begins = self._at + len(data)
        self._put(data)
        self._put(np.array([begins - len(data), *ends], "<i8").tobytes())
        return begins

    def _put(self, data: bytes) -> None:
        self._file.write(data)
        self._at += len(data)

    def close(self) -> None:
        """Finish the file."""
        if not self.is_closed:
            self.is_closed = True
            fields = json.dumps(self._fields).encode()
            self._file.write(fields + _TAIL.pack(len(fields)))
            self._file.close()


class _Runs:
    """Runs of bytes in a mapped file, one behind the other, by their numbers."""

    def __init__(self, data: mmap.mmap, ends: int, count: int) -> None:
        self._data = data
        self._ends = np.frombuffer(data, "<i8", count + 1, ends)

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, number: int) -> bytes:
        if number >= len(self):
            raise IndexError(number)
        return self._data[self._ends[number] : self._ends[number + 1]]


class Terms:
    """The terms of a segment with their postings, read where they lie. Any number of threads may ask."""

    def __init__(self, file: Path) -> None:
        with open(file, "rb") as opened:
            data = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
        (length,) = _TAIL.unpack(data[-_TAIL.size :])
        fields = json.loads(data[-_TAIL.size - length : -_TAIL.size])
        self._fields = {
            name: (_Runs(data, terms, count), _Runs(data, packed, count))
            for name, (terms, packed, count) in fields.items()
        }

    def postings(self, field: str, term: str) -> Postings | None:
        """The postings of a term; None where it does not occur."""
        terms, packed = self._fields[field]
        key = term.encode()
        at = bisect_left(terms, key)
        return unpack(packed[at]) if at < len(terms) and terms[at] == key else None

    def beginning(self, field: str, letters: str = "") -> Iterator[tuple[str, Postings]]:
        """The terms of a field that begin so, in their order, with their postings."""
        terms, packed = self._fields[field]
        key = letters.encode()
        at = bisect_left(terms, key)
        while at < len(terms) and terms[at].startswith(key):
            yield terms[at].decode(), unpack(packed[at])
            at += 1
