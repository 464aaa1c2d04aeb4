"""The index as it is read: segments mapped into memory, and a view of all of them at one moment."""

import json
import mmap
import os
import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from itertools import accumulate, islice
from typing import Any, Final, TypeAlias
from weakref import finalize

import numpy as np
from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import StructFile

from foundation.marks import Either, Every, Having, Holding, Marks, Not
from search.codec import Numbers, Postings, Terms
from search.documents import ABSENT, FACTS, NONE, Kind, Part, holds, number_of, token_of
from search.writing import COLUMNS, FACTS_OF_ONE

Mask: TypeAlias = Numbers
"""Yes or no for each document."""

Key: TypeAlias = tuple[str, ...]

_KEPT_POSTINGS: Final = 24_000_000
"""Bytes of postings that a process keeps unpacked, by segments, and again put together."""
_KEPT_MASKS: Final = 200
_KEPT_CARDS: Final = 5_000
_MOST_BEGINNING: Final = 30
_SHORT: Final = 200
"""Bytes. Facts and what lists show are shorter, texts mostly longer."""


@dataclass(frozen=True)
class Card:
    """What a list shows of a document."""

    title: str
    code: str
    line: str


class _MappedFile(StructFile):  # type: ignore[misc]  # Whoosh is not typed
    """A file that many threads read at once: Whoosh's own moves one place that all share."""

    def __init__(self, path: str, name: str) -> None:
        self._file = os.open(path, os.O_RDONLY)
        finalize(self, os.close, self._file)
        empty = os.fstat(self._file).st_size == 0
        self._map: Any = b"" if empty else mmap.mmap(self._file, 0, access=mmap.ACCESS_READ)
        super().__init__(BytesIO() if empty else self._map, name=name)

    def get(self, position: int, length: int) -> bytes:
        """The bytes that lie there. Long runs are read: every page that is looked at in the map counts as the process's memory."""
        if length > _SHORT:
            return os.pread(self._file, length, position)
        return bytes(self._map[position : position + length])


class MappedStorage(FileStorage):  # type: ignore[misc]
    """A folder of such files."""

    def open_file(self, name: str, **kwargs: Any) -> _MappedFile:
        """Open a file for reading."""
        return _MappedFile(self._fpath(name), name)


class PostingsCache:
    """Postings as they were asked for last, up to a number of bytes."""

    def __init__(self, size: int = _KEPT_POSTINGS) -> None:
        self._size = size
        self._used = 0
        self._kept: OrderedDict[Key, Postings | None] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Key, make: Callable[[], Postings | None]) -> Postings | None:
        """The postings known by a key, made when they are not known."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        found = make()
        with self._lock:
            if key not in self._kept:
                self._kept[key] = found
                self._used += _bytes_of(found)
            while self._used > self._size:
                self._used -= _bytes_of(self._kept.popitem(last=False)[1])
        return found


def _bytes_of(postings: Postings | None) -> int:
    return 200 + (postings[0].nbytes + postings[1].nbytes if postings else 0)


class Segment:
    """One segment, opened once; it never changes but for what is deleted from it, which the view knows."""

    def __init__(self, storage: MappedStorage, segment: Any) -> None:
        self.name: str = segment.segment_id()
        self.count: int = segment.doc_count_all()
        self.terms: Terms = segment.codec().terms_reader(storage, segment)
        columns = segment.codec().per_document_reader(storage, segment)
        self._columns = {name: columns.column_reader(name, column) for name, column in COLUMNS.items()}
        stored = np.frombuffer(b"".join(self._columns["facts"]), ">i4").reshape(self.count, len(FACTS))
        self.facts: Mapping[str, Numbers] = dict(
            zip(FACTS, np.ascontiguousarray(stored.T.astype(np.int32)), strict=True)
        )
        self._masks: dict[Marks, Mask] = {}
        self._held: dict[str, list[tuple[str, Postings]]] = {}

    def card(self, number: int) -> Card:
        """What a list shows of a document."""
        return Card(*json.loads(self._columns["card"][number].decode()))

    def facts_of(self, number: int) -> Mapping[str, int]:
        """The facts of a document."""
        return dict(zip(FACTS, FACTS_OF_ONE.unpack(self._columns["facts"][number]), strict=True))

    def parts(self, number: int) -> tuple[Part, ...]:
        """The text of a document."""
        return tuple(Part(*part) for part in json.loads(self._columns["body"][number].decode()))

    def mask(self, condition: Marks) -> Mask:
        """The documents that a condition is true of."""
        found = self._masks.get(condition)
        if found is None:
            if len(self._masks) >= _KEPT_MASKS:
                self._masks.clear()
            found = self._masks[condition] = self._ask(condition)
        return found

    def _ask(self, condition: Marks) -> Mask:
        match condition:
            case Every(parts):
                return self._all(self._ask(part) for part in parts)
            case Either(parts):
                return ~self._all(~self._ask(part) for part in parts)
            case Not(part):
                return ~self._ask(part)
            case Having(name, values):
                return self._having(name, values)
            case Holding(name, values, day):
                return self._with_any(
                    postings for token, postings in self._held_tokens(name) if holds(token, values, day)
                )

    def _all(self, masks: Iterable[Mask]) -> Mask:
        found = np.ones(self.count, bool)
        for mask in masks:
            found &= mask
        return found

    def _having(self, name: str, values: frozenset[Any]) -> Mask:
        if name in self.facts:
            fact = self.facts[name]
            found = np.zeros(self.count, bool)
            for value in values:
                found |= fact == number_of(name, value)
            return found
        if name in ABSENT:
            return np.full(self.count, None in values)
        postings = (self.terms.postings("marks", token_of(name, value)) for value in values)
        return self._with_any(found for found in postings if found is not None)

    def _with_any(self, postings: Iterable[Postings]) -> Mask:
        found = np.zeros(self.count, bool)
        for numbers, _ in postings:
            found[numbers] = True
        return found

    def _held_tokens(self, name: str) -> list[tuple[str, Postings]]:
        if name not in self._held:
            self._held[name] = list(self.terms.beginning("marks", f"{name}:"))
        return self._held[name]


@dataclass(frozen=True)
class Coded:
    """A row for each document with a number for each of the `facts` that any has. Those of a fact begin at one of `starts`.

    The first of a fact stands for no value, the next for 0, and so on.
    """

    codes: Numbers
    facts: Sequence[str]
    starts: Sequence[int]


class View:
    """All segments as they were at one commit, their documents numbered through."""

    def __init__(self, segments: Sequence[Segment], deleted: Sequence[Iterable[int]], cache: PostingsCache) -> None:
        self.segments = segments
        self._cache = cache
        self._joined = PostingsCache()
        self._cards: dict[int, Card] = {}
        counts = [segment.count for segment in segments]
        self.count = sum(counts)
        self.starts = [sum(counts[:at]) for at in range(len(counts))]
        self.alive = np.ones(self.count, bool)
        for start, gone in zip(self.starts, deleted, strict=True):
            self.alive[[start + number for number in gone]] = False
        self._facts: dict[str, Numbers] = {}
        self._norms: dict[str, Numbers] = {}
        self._masks: dict[Marks, Mask] = {}
        self._coded: dict[tuple[str, ...], Coded] = {}

    def fact(self, name: str) -> Numbers:
        """A fact of all documents."""
        if name not in self._facts:
            self._facts[name] = _joined([segment.facts[name] for segment in self.segments], np.int32)
        return self._facts[name]

    def coded(self, facts: Sequence[str]) -> Coded:
        """The values of some facts as numbers that are different for each of them."""
        key = tuple(facts)
        if key not in self._coded:
            present = [name for name in facts if self.fact(name).max(initial=NONE) > NONE]
            values = [np.maximum(self.fact(name), NONE) - NONE for name in present]
            starts = [0, *accumulate(int(each.max()) + 1 for each in values)]
            codes = np.empty((self.count, len(present)), np.int32)
            for at, each in enumerate(values):
                codes[:, at] = each + starts[at]
            self._coded[key] = Coded(codes, present, starts)
        return self._coded[key]

    def mask(self, condition: Marks) -> Mask:
        """The documents that a condition is true of."""
        found = self._masks.get(condition)
        if found is None:
            if len(self._masks) >= _KEPT_MASKS:
                self._masks.clear()
            found = _joined([segment.mask(condition) for segment in self.segments], bool) & self.alive
            self._masks[condition] = found
        return found

    def postings(self, field: str, term: str) -> Postings | None:
        """The postings of a term in all segments."""
        return self._joined.get((field, term), lambda: self._postings(field, term))

    def _postings(self, field: str, term: str) -> Postings | None:
        found = []
        for segment, start in zip(self.segments, self.starts, strict=True):
            postings = self._cache.get((segment.name, field, term), partial(segment.terms.postings, field, term))
            if postings is not None:
                found.append((postings[0] + np.uint32(start) if start else postings[0], postings[1]))
        if len(found) < 2:
            return found[0] if found else None
        numbers, often = zip(*found, strict=True)
        return np.concatenate(numbers), np.concatenate(often)

    def beginning(self, field: str, letters: str) -> list[Postings]:
        """The postings of the first terms that begin with `letters`."""
        found = []
        for segment, start in zip(self.segments, self.starts, strict=True):
            for _, (numbers, often) in islice(segment.terms.beginning(field, letters), _MOST_BEGINNING):
                found.append((numbers + np.uint32(start), often))
        return found

    def norm(self, field: str, weight: float, evenness: float) -> Numbers:
        """What BM25 divides by for the length of each document's field."""
        if field not in self._norms:
            lengths = self.fact(f"{field}_length").astype(np.float32)
            usual = float(lengths.mean()) if self.count else 1.0
            self._norms[field] = weight * (1 - evenness + evenness * lengths / max(usual, 1.0))
        return self._norms[field]

    def numbers_of(self, keys: Iterable[tuple[Kind, int]]) -> list[int]:
        """The numbers of the documents with these keys."""
        wanted = np.array([number_of("kind", kind) << 32 | id for kind, id in keys], np.int64)
        known = self.fact("kind").astype(np.int64) << 32 | self.fact("id")
        return [int(number) for number in np.flatnonzero(np.isin(known, wanted) & self.alive)]

    def card(self, number: int) -> Card:
        """What a list shows of a document."""
        card = self._cards.get(number)
        if card is None:
            if len(self._cards) >= _KEPT_CARDS:
                self._cards.clear()
            segment, own = self._place(number)
            card = self._cards[number] = segment.card(own)
        return card

    def facts_of(self, number: int) -> Mapping[str, int]:
        """The facts of a document."""
        segment, own = self._place(number)
        return segment.facts_of(own)

    def parts(self, number: int) -> tuple[Part, ...]:
        """The text of a document."""
        segment, own = self._place(number)
        return segment.parts(own)

    def _place(self, number: int) -> tuple[Segment, int]:
        at = bisect_right(self.starts, number) - 1
        return self.segments[at], number - self.starts[at]


def _joined(arrays: Sequence[Numbers], kind: Any) -> Numbers:
    if len(arrays) == 1:
        return arrays[0]
    return np.concatenate(arrays) if arrays else np.zeros(0, kind)
