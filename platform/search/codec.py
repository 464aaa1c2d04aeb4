"""Terms and their postings packed into arrays, through Whoosh's own codec interface.

Whoosh writes every term by itself and keeps its documents in blocks that Python reads one by one. Here all terms of a field lie
behind one another in their order, to be found by the first of each block, and the documents of each are one run of bytes that numpy reads at once: the
first number, the gaps between the rest in the fewest bytes that hold them, and how often the term occurs, unless once
everywhere. Segments, table of contents, columns, locks and commits are Whoosh's.
"""

import json
import os
import struct
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, TypeAlias
from weakref import finalize

import numpy as np
from whoosh.codec.whoosh3 import W3Codec

Numbers: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"
Postings: TypeAlias = tuple[Numbers, Numbers]
"""Document numbers in their order, and how often the term occurs in each (at most 255)."""

MOST_OFTEN: Final = 255
_HEAD: Final = np.dtype([("size", "u1"), ("counted", "u1"), ("length", "<u4"), ("first", "<u4")])
"""Bytes of a gap, whether it stands behind the gaps how often, how many documents, the first of them."""
_READ_HEAD: Final = struct.Struct("<BBII").unpack_from
_GAPS: Final[dict[int, Any]] = {1: np.dtype(np.uint8), 2: np.dtype("<u2"), 4: np.dtype("<u4")}
_END: Final = np.dtype("<i8")
_BLOCK: Final = 128
"""So many terms are read at once to find one."""
_TAIL: Final = struct.Struct("<I")


@dataclass(frozen=True)
class Runs:
    """Runs of bytes behind one another, and where each ends."""

    data: bytes
    ends: Numbers

    @classmethod
    def of(cls, runs: Sequence[bytes]) -> "Runs":
        """These runs."""
        return cls(b"".join(runs), np.cumsum([len(run) for run in runs], dtype=np.int64))


def pack(starts: Numbers, numbers: Numbers, often: Numbers) -> Runs:
    """The postings of many terms, which lie behind one another, each beginning at one of `starts`."""
    if not len(numbers):
        return Runs(b"", np.zeros(0, np.int64))
    gaps = np.diff(numbers.astype(np.int64), prepend=0)
    gaps[starts] = 0
    widest = np.maximum.reduceat(gaps, starts)
    sizes = np.where(widest < 1 << 8, 1, np.where(widest < 1 << 16, 2, 4))
    counted = np.maximum.reduceat(often, starts) > 1
    lengths = np.diff(starts, append=len(numbers))
    ends = np.cumsum(_HEAD.itemsize + (lengths - 1) * sizes + lengths * counted)
    begins = np.append(0, ends[:-1])
    packed = np.empty(ends[-1], np.uint8)

    heads = np.zeros(len(starts), _HEAD)
    heads["size"], heads["counted"], heads["length"], heads["first"] = sizes, counted, lengths, numbers[starts]
    packed[begins[:, None] + np.arange(_HEAD.itemsize)] = heads.view(np.uint8).reshape(len(starts), -1)

    ranks = np.arange(len(numbers)) - np.repeat(starts, lengths)
    for size, kind in _GAPS.items():
        places = begins + _HEAD.itemsize - size  # of the gap before the first, which is not written
        chosen = np.repeat(sizes == size, lengths) & (ranks > 0)
        at = np.repeat(places, lengths)[chosen] + ranks[chosen] * size
        packed[at[:, None] + np.arange(size)] = gaps[chosen].astype(kind).view(np.uint8).reshape(-1, size)
    chosen = np.repeat(counted, lengths)
    packed[np.repeat(ends - lengths, lengths)[chosen] + ranks[chosen]] = often[chosen]
    return Runs(packed.tobytes(), ends)


def unpack(packed: bytes) -> Postings:
    """Postings from their bytes."""
    size, counted, length, first = _READ_HEAD(packed)
    numbers = np.empty(length, np.uint32)
    numbers[0] = first
    if length > 1:
        np.cumsum(np.frombuffer(packed, _GAPS[size], length - 1, _HEAD.itemsize), dtype=np.uint32, out=numbers[1:])
        numbers[1:] += np.uint32(first)
    if not counted:
        return numbers, np.ones(length, np.uint8)
    return numbers, np.frombuffer(packed, np.uint8, length, _HEAD.itemsize + size * (length - 1))


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
    """Writes the terms of a segment, field by field; at the end of the file stands where each field lies."""

    def __init__(self, file: Any) -> None:
        self.is_closed = False
        self._file = file
        self._at = 0
        self._fields: dict[str, tuple[int, int, int, list[str]]] = {}

    def add_postings(
        self, schema: Any, lengths: Any, items: Iterable[tuple[str, tuple[Sequence[bytes], Runs]]]
    ) -> None:
        """Write the terms of each field, in their order, with their postings."""
        for name, (terms, postings) in items:
            firsts = [term.decode() for term in terms[::_BLOCK]]
            self._fields[name] = (self._write(Runs.of(terms)), self._write(postings), len(terms), firsts)

    def _write(self, runs: Runs) -> int:
        """Write `runs` and then their ends; where the ends begin."""
        start = self._at
        self._put(runs.data)
        begins = self._at
        self._put(np.append(start, runs.ends + start).astype(_END).tobytes())
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


class _Field:
    """The terms of a field and their postings. Of every block of terms the first is in memory."""

    def __init__(self, file: int, terms: int, postings: int, count: int, firsts: list[str]) -> None:
        self._file = file
        self._terms = terms
        self._postings = postings
        self._count = count
        self._firsts = firsts

    def postings(self, term: str) -> Postings | None:
        """The postings of a term; None where it does not occur."""
        block = bisect_right(self._firsts, term) - 1
        if block < 0:
            return None
        terms = self._read(self._terms, *self._range(block))
        key = term.encode()
        at = bisect_left(terms, key)
        if at == len(terms) or terms[at] != key:
            return None
        number = block * _BLOCK + at
        return unpack(self._read(self._postings, number, number + 1)[0])

    def beginning(self, letters: str) -> Iterator[tuple[str, Postings]]:
        """The terms that begin so, in their order, with their postings."""
        key = letters.encode()
        for block in range(max(0, bisect_right(self._firsts, letters) - 1), len(self._firsts)):
            terms = self._read(self._terms, *self._range(block))
            postings = self._read(self._postings, *self._range(block))
            for term, packed in zip(terms, postings, strict=True):
                if term.startswith(key):
                    yield term.decode(), unpack(packed)
                elif term > key:
                    return

    def _range(self, block: int) -> tuple[int, int]:
        return block * _BLOCK, min((block + 1) * _BLOCK, self._count)

    def _read(self, ends_at: int, first: int, last: int) -> list[bytes]:
        """Some runs. `pread` moves nothing that threads share, and what is read so is not the process's memory afterwards."""
        size = _END.itemsize
        ends = np.frombuffer(os.pread(self._file, (last - first + 1) * size, ends_at + first * size), _END)
        start = int(ends[0])
        data = os.pread(self._file, int(ends[-1]) - start, start)
        return [data[one:other] for one, other in pairwise((ends - start).tolist())]


class Terms:
    """The terms of a segment with their postings, read where they lie. Any number of threads may ask."""

    def __init__(self, path: Path) -> None:
        file = os.open(path, os.O_RDONLY)
        finalize(self, os.close, file)
        end = os.fstat(file).st_size - _TAIL.size
        (length,) = _TAIL.unpack(os.pread(file, _TAIL.size, end))
        fields = json.loads(os.pread(file, length, end - length))
        self._fields = {name: _Field(file, *places) for name, places in fields.items()}

    def postings(self, field: str, term: str) -> Postings | None:
        """The postings of a term; None where it does not occur."""
        return self._fields[field].postings(term)

    def beginning(self, field: str, letters: str = "") -> Iterator[tuple[str, Postings]]:
        """The terms of a field that begin so, in their order, with their postings."""
        return self._fields[field].beginning(letters)
