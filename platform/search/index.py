"""The index in its folder: opened, read, asked and written."""

import enum
import fcntl
import os
import shutil
import threading
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from secrets import token_hex
from time import perf_counter
from typing import Any, Final, Protocol, TypeAlias

import numpy as np
from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC, EmptyIndexError, FileIndex

from foundation.marks import Marks, having
from foundation.paging import pages_for
from search import looking
from search.asking import Asked, Synonyms, ask
from search.codec import Numbers
from search.counting import count_values
from search.documents import CODES, FORMAT, Document, Kind, moment_of, value_of
from search.guessing import meant
from search.looking import Looked
from search.marking import Marked, best_part, mark, snippet
from search.segments import MappedStorage, Mask, PostingsCache, Segment, View
from search.writing import Writer, gathered, schema

PAGE_SIZE: Final = 20
MOST_SUGGESTED: Final = 8
CHUNK: Final = 20_000
"""So many documents are written at once when the index is made anew: more take more memory, fewer make more segments."""
_NAME: Final = "MAIN"
_TITLES_ASKED: Final = 10
_CURRENT: Final = "current"
_KINDS: Final = tuple(Kind)

FILTERS: Final[Mapping[str, str]] = {
    "kind": "kind", "type": "type", "stage": "stage", "grade": "grade", "subject": "subject_id", "edition": "edition",
    "volume": "volume", "unit": "unit", "topic": "topic", "campus": "campus_id", "term": "term", "person": "owner_id",
}  # fmt: skip
"""What may be filtered by and is counted, with the fact that it asks for."""

Filters: TypeAlias = Mapping[str, Collection[object]]
Facets: TypeAlias = Mapping[str, Sequence[tuple[int | str, int]]]


class Sort(enum.StrEnum):
    """The order of what is found."""

    RELEVANCE = "relevance"
    USE = "use"
    DATE = "date"


class NoIndex(Exception):
    """There is no index, or one that another version has made."""


@dataclass(frozen=True)
class Place:
    """Where in a document words stand: a page by its number, a step by its id, a section by its key."""

    kind: str
    key: str
    heading: str


@dataclass(frozen=True)
class Hit:
    """Something that was found."""

    kind: Kind
    id: int
    code: str
    title: Marked
    snippet: Marked
    part: Place | None
    line: str
    type: str
    subject_id: int | None
    campus_id: int | None
    owner_id: int | None
    changed_at: datetime
    uses: int
    score: float


@dataclass(frozen=True)
class Found:
    """One page of what was found, and what there is on all pages. `forgiving`: nothing matched all words."""

    hits: Sequence[Hit] = ()
    total: int = 0
    facets: Facets = field(default_factory=dict)
    suggestion: str = ""
    forgiving: bool = False
    page: int = 1
    pages: int = 1
    took_ms: float = 0.0


@dataclass(frozen=True)
class Suggestion:
    """A title or a name that holds what is being typed."""

    kind: Kind
    id: int
    code: str
    title: Marked


class SearchIndex(Protocol):
    """What the product asks of an index."""

    def put(self, documents: Iterable[Document], gone: Iterable[tuple[Kind, int]] = ()) -> None:
        """Replace the documents and take out those of the keys `gone`, visible at once and together."""

    def search(
        self,
        allowed: Marks,
        words: str,
        filters: Filters,
        page: int = 1,
        sort: Sort = Sort.RELEVANCE,
        synonyms: Synonyms = (),
        page_size: int = PAGE_SIZE,
    ) -> Found:
        """What matches among the documents that `allowed` is true of."""

    def suggest(self, allowed: Marks, beginning: str) -> Sequence[Suggestion]:
        """Titles and names that hold what is being typed."""

    def rebuild(self, documents: Iterable[Document]) -> None:
        """Make everything anew; what was there answers until it is done."""


class WhooshIndex:
    """The index of one installation, in `folder`. Any number of threads may read; writers take turns, also between processes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._cache = PostingsCache()
        self._segments: dict[str, Segment] = {}
        self._view: View | None = None
        self._seen: tuple[str, int] = ("", 0)

    # Reading

    def view(self) -> View:
        """The index as it is now. Raises NoIndex."""
        seen = self._now()
        if self._view is None or seen != self._seen:
            with self._lock:
                if self._view is None or seen != self._seen:
                    self._view = self._open(seen[0])
                    self._seen = seen
        return self._view

    def _now(self) -> tuple[str, int]:
        """Which folder counts, and when something was last renamed in it, as every commit does. Raises NoIndex."""
        try:
            name = os.readlink(self._folder / _CURRENT)
            changed = os.stat(self._folder / name).st_mtime_ns
        except OSError as error:
            raise NoIndex from error
        if not name.startswith(f"{FORMAT:08x}-"):  # of another version, which keeps other facts
            raise NoIndex
        return name, changed

    def _open(self, name: str) -> View:
        storage = MappedStorage(str(self._folder / name))
        for _ in range(10):
            try:
                toc = TOC.read(storage, _NAME, schema=None)
                opened = {each.segment_id(): self._segment(storage, each) for each in toc.segments}
            except FileNotFoundError:  # gathered into another segment meanwhile
                continue
            except (EmptyIndexError, OSError) as error:
                raise NoIndex from error
            self._segments = opened
            deleted = [list(each.deleted_docs()) for each in toc.segments]
            return View(list(opened.values()), deleted, self._cache)
        raise NoIndex

    def _segment(self, storage: MappedStorage, segment: Any) -> Segment:
        return self._segments.get(segment.segment_id()) or Segment(storage, segment)

    def search(
        self,
        allowed: Marks,
        words: str,
        filters: Filters,
        page: int = 1,
        sort: Sort = Sort.RELEVANCE,
        synonyms: Synonyms = (),
        page_size: int = PAGE_SIZE,
    ) -> Found:
        """What matches among the documents that `allowed` is true of."""
        began = perf_counter()
        view = self.view()
        asked = ask(words, synonyms)
        masks = {name: _filter_mask(view, name, values) for name, values in filters.items() if values}
        readable = view.mask(allowed)
        most = page * page_size
        looked = self._look_up(view, asked, readable, _all(readable, masks.values()), most, sort)
        total = len(looked.found)
        facets = _facets(view, masks, looked)
        shown = range(most - page_size, min(most, total))
        hits = [_hit(view, asked, int(looked.first[at]), float(looked.scores[at])) for at in shown]
        return Found(
            hits=hits,
            total=total,
            facets=facets,
            suggestion=_suggested(view, asked, looked) if looked.forgiving else "",
            forgiving=looked.forgiving,
            page=page,
            pages=pages_for(total, page_size),
            took_ms=round((perf_counter() - began) * 1000, 2),
        )

    def _look_up(self, view: View, asked: Asked, readable: Mask, filtered: Mask, most: int, sort: Sort) -> Looked:
        if asked.text:
            looked = looking.look_up(view, asked, readable, filtered, most)
            if sort is Sort.RELEVANCE:
                return looked
        else:
            found = np.flatnonzero(filtered)
            looked = Looked(found, found, found, np.flatnonzero(readable))
        numbers = looking.sorted_by(view, "uses" if sort is Sort.USE else "changed", np.sort(looked.found))
        return replace(looked, first=numbers, scores=np.zeros(len(numbers), np.float32))

    def suggest(self, allowed: Marks, beginning: str) -> Sequence[Suggestion]:
        """Titles and names that hold what is being typed, those that begin with it first."""
        view = self.view()
        asked = ask(beginning)
        if not asked.text:
            return []
        numbers = looking.look_up_titles(view, asked, view.mask(allowed), MOST_SUGGESTED)
        return [_suggestion(view, asked, number) for number in numbers.tolist()]

    # Writing

    def put(self, documents: Iterable[Document], gone: Iterable[tuple[Kind, int]] = ()) -> None:
        """Replace the documents and take out those of the keys `gone`, visible at once and together."""
        new = list(documents)
        with self._turn("writing"):
            view = self.view()
            with Writer(_whoosh(self._folder / self._now()[0]), wait=5) as writer:
                for number in view.numbers_of([*(each.key for each in new), *gone]):
                    writer.delete_document(number)
                for document in new:
                    writer.put(document)

    def gather(self) -> bool:
        """Make one segment of many small ones where enough have gathered; whether there were. Others write meanwhile."""
        name = self._now()[0]
        index = _whoosh(self._folder / name)
        segments = gathered(_segments_of(index))
        if not segments:
            return False
        with _aside(self._folder / name / "gathering") as aside:
            with Writer(aside) as writer:
                moved = {segment.segment_id(): writer.take_in(segment, index.storage) for segment in segments}
            with self._turn("writing"):
                if self._now()[0] == name:
                    self._move_in(index, aside, moved)
        return True

    def _move_in(self, index: FileIndex, aside: FileIndex, moved: Mapping[str, Numbers]) -> None:
        with Writer(index, wait=5) as writer:
            for whole in _segments_of(aside):
                for file in Path(aside.storage.folder).glob(f"{whole.segment_id()}.*"):
                    file.rename(Path(index.storage.folder, file.name))
                writer.replace(moved, whole)

    @contextmanager
    def remaking(self) -> Iterator[None]:
        """Wait for one's turn to make the index anew; changes of the old one have to be made in the new one again."""
        with self._turn("remaking"):
            yield

    def being_remade(self) -> bool:
        """Whether somebody makes the index anew."""
        try:
            with self._turn("remaking", fcntl.LOCK_NB):
                return False
        except BlockingIOError:
            return True

    def rebuild(self, documents: Iterable[Document]) -> None:
        """Make everything anew in a folder of its own; the old one answers until it is done. Call it within `remaking`."""
        name = f"{FORMAT:08x}-{token_hex(4)}"
        folder = self._folder / name
        folder.mkdir(parents=True, mode=0o700)
        index = FileIndex.create(FileStorage(str(folder)), schema(), _NAME)
        rest = iter(documents)
        for first in rest:
            with Writer(index) as writer:
                for document in chain([first], islice(rest, CHUNK - 1)):
                    writer.put(document)
        with self._turn("writing"):
            link = self._folder / f".{name}"
            link.symlink_to(name)
            link.replace(self._folder / _CURRENT)
        for old in self._folder.iterdir():
            if old.is_dir() and not old.is_symlink() and old.name != name:
                shutil.rmtree(old, ignore_errors=True)

    @contextmanager
    def _turn(self, name: str, how: int = 0) -> Iterator[None]:
        """Wait for one's turn; other threads and processes wait meanwhile."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(self._folder / name, "w") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX | how)
            yield

    def usable(self) -> bool:
        """Whether there is an index that this version can read."""
        try:
            return self.view() is not None
        except NoIndex:
            return False


def _segments_of(index: FileIndex) -> list[Any]:
    return list(TOC.read(index.storage, _NAME, schema=None).segments)


@contextmanager
def _aside(folder: Path) -> Iterator[FileIndex]:
    """An index of its own for a while; one that somebody left who was killed goes."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    try:
        yield FileIndex.create(FileStorage(str(folder)), schema(), _NAME)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _whoosh(folder: Path) -> FileIndex:
    return FileIndex(FileStorage(str(folder)), indexname=_NAME)


def _filter_mask(view: View, name: str, values: Collection[object]) -> Mask:
    if name not in FILTERS:
        return np.zeros(view.count, bool)
    fact = FILTERS[name]
    usable: set[Hashable] = {str(value) for value in values if fact in CODES or fact == "term" or str(value).isdigit()}
    return view.mask(having(fact, usable))


def _all(mask: Mask, others: Iterable[Mask]) -> Mask:
    found = mask.copy()
    for other in others:
        found &= other
    return found


def _facets(view: View, masks: Mapping[str, Mask], looked: Looked) -> Facets:
    """Counts of each facet, as if it were not filtered by itself."""
    free = [name for name in FILTERS if name not in masks]
    counted = count_values(view, [FILTERS[name] for name in free], looked.found)
    facets = {name: counted[FILTERS[name]] for name in free}
    for name in FILTERS.keys() & masks.keys():
        numbers = looked.matching
        for other in masks.keys() - {name}:
            numbers = numbers[masks[other][numbers]]
        facets |= {name: count_values(view, [FILTERS[name]], numbers)[FILTERS[name]]}
    return facets


def _suggested(view: View, asked: Asked, looked: Looked) -> str:
    return meant(asked, (view.card(number).title for number in looked.first[:_TITLES_ASKED].tolist()))


def _hit(view: View, asked: Asked, number: int, score: float) -> Hit:
    card = view.card(number)
    parts = view.parts(number)
    found = best_part(parts, asked.shown) if asked.shown else None
    part, text, at = found if found else (parts[0], parts[0].text, 0) if parts else (None, "", 0)
    place = Place(part.kind, part.key, part.heading) if found and part and part.kind != "about" else None
    fact = view.facts_of(number)
    return Hit(
        kind=_KINDS[fact["kind"]],
        id=fact["id"],
        code=card.code,
        title=mark(card.title, asked.shown),
        snippet=snippet(text, at, asked.shown),
        part=place,
        line=card.line,
        type=str(value_of("type", fact["type"])) if fact["type"] >= 0 else "",
        subject_id=_some(fact["subject_id"]),
        campus_id=_some(fact["campus_id"]),
        owner_id=_some(fact["owner_id"]),
        changed_at=moment_of(fact["changed"]),
        uses=fact["uses"],
        score=round(score, 2),
    )


def _some(number: int) -> int | None:
    return number if number >= 0 else None


def _suggestion(view: View, asked: Asked, number: int) -> Suggestion:
    card, fact = view.card(number), view.facts_of(number)
    return Suggestion(_KINDS[fact["kind"]], fact["id"], card.code, mark(card.title, asked.shown))
