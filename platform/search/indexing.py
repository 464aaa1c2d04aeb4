"""Keeping the index like the database: the worker takes from the outbox, makes everything anew when asked, and looks for drift.

The index is written first and the outbox emptied after it, so that whatever ends the worker in between is done again.
"""

import logging
import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any, Final

from flask import Flask, current_app
from sqlalchemy import delete, func, select

from foundation.clock import now
from foundation.database import commit, db, reading, writing
from lessons.models import Plan
from library.models import Resource
from live.models import LiveSession
from schools.models import Person
from search import making, outbox
from search.documents import NO_TOKENS, Kind, number_of, stamp_of
from search.index import NoIndex
from search.making import Key
from search.models import SearchOutbox
from search.service import the_index

log = logging.getLogger(__name__)

AT_ONCE: Final = 100
"""So many documents are put into the index in one commit: what is changed meanwhile waits for so long."""
EVERY: Final = 0.3
"""Seconds between two looks at the outbox."""
GATHERED_EVERY: Final = 2.0
"""Seconds between two looks at the segments of the index."""

_FORGOTTEN: Final = 1000
"""So many rows are deleted by one statement."""

LATE_AFTER: Final = timedelta(minutes=1)

Tell = Callable[[int, int], None]
"""Tells how many documents of how many are done."""

_COMPARED: Final[dict[Kind, tuple[Any, tuple[str, ...]]]] = {
    Kind.PLAN: (
        Plan,
        ("visibility", "state", "owner_id", "group_id", "campus_id", "prep_group_id", "subject_id", "grade"),
    ),
    Kind.RESOURCE: (
        Resource,
        ("visibility", "wanted", "owner_id", "group_id", "campus_id", "prep_group_id", "subject_id", "grade", "uses"),
    ),
    Kind.PERSON: (Person, ()),
    Kind.SESSION: (LiveSession, ("group_id", "subject_id")),
}
"""What is compared of each row besides when it was changed and its tokens: all that rights hang on."""

_OF_FEW: Final = SearchOutbox.kind.in_((*Kind, "version"))
"""Rows of the outbox on which one document hangs, or those of one person."""


def drain(kept: set[int] | None = None) -> int:
    """Do some of what stands in the outbox; how many rows were done.

    What was changed last comes first, and what is about one thing before what thousands hang on (a campus with another name):
    a resource that is withdrawn meanwhile does not wait until all of those are made anew. While somebody makes the whole index
    anew, rows stay for the new one; those that were done in the old one are remembered in `kept`.
    """
    kept = set() if kept is None else kept
    if not the_index().index.being_remade():
        kept.clear()
    return _drain_few(kept) or _drain_many(kept)


def _drain_few(kept: set[int]) -> int:
    with _apart():
        last = select(SearchOutbox).where(_OF_FEW).order_by(SearchOutbox.id.desc()).limit(AT_ONCE + len(kept))
        done: set[int] = set()
        keys: set[Key] = set()
        for row in db.session.scalars(last).all():
            if row.id not in kept and len(keys) < AT_ONCE:
                done.add(row.id)
                keys |= outbox.hanging_on(db.session(), row.kind, row.object_id)
    being_remade = the_index().index.being_remade()  # whoever begins after this reads what those rows tell of
    _put(keys)
    if being_remade:
        kept |= done
    else:
        _forget(done)
    return len(done)


def _drain_many(kept: set[int]) -> int:
    with _apart():
        rows = db.session.scalars(select(SearchOutbox).where(~_OF_FEW).limit(AT_ONCE)).all()
        done = {row.id for row in rows}
        keys = sorted({key for row in rows for key in outbox.hanging_on(db.session(), row.kind, row.object_id)})
    if the_index().index.being_remade():
        return 0
    for start in range(0, len(keys), AT_ONCE):
        _put(keys[start : start + AT_ONCE])
        while _drain_few(kept):
            pass
    _forget(done)
    return len(done)


def _put(keys: Iterable[Key]) -> None:
    wanted = set(keys)
    if not wanted:
        return
    with _apart():
        documents = list(making.documents_of(wanted))
    the_index().index.put(documents, gone=wanted - {document.key for document in documents})


def _forget(rows: Collection[int]) -> None:
    if not rows:
        return
    with current_app._get_current_object().app_context(), writing():  # type: ignore[attr-defined]
        db.session.execute(delete(SearchOutbox).where(SearchOutbox.id.in_(rows)))
        commit()


@contextmanager
def _apart() -> Iterator[None]:
    """A session of one's own, which reads what is committed by now."""
    with current_app._get_current_object().app_context(), reading():  # type: ignore[attr-defined]
        yield
        db.session.rollback()


def rebuild(tell: Tell = lambda done, total: None) -> int:
    """Make the whole index anew; how many documents it holds. Changes meanwhile are found in the old one, and come again."""
    index = the_index().index
    with index.remaking():
        with _apart():
            told = db.session.scalars(select(SearchOutbox.id)).all()
            keys = list(making.all_keys())

            def documents() -> Iterator[Any]:
                for done, document in enumerate(making.documents_of(keys), start=1):
                    yield document
                    tell(done, len(keys))

            index.rebuild(documents())
        for start in range(0, len(told), _FORGOTTEN):
            _forget(told[start : start + _FORGOTTEN])
    return len(keys)


def repair() -> int:
    """Compare database and index; what differs is put into the outbox. How many documents differ."""
    with _apart():
        differing = sorted(_differing())
    if differing:
        with writing():
            outbox.note(db.session(), differing)
            commit()
    return len(differing)


def _differing() -> set[tuple[str, int]]:
    view = the_index().index.view()
    waiting = set(db.session.execute(select(SearchOutbox.kind, SearchOutbox.object_id)).tuples())
    differing: set[tuple[str, int]] = set()
    for kind, (model, names) in _COMPARED.items():
        here = view.alive & (view.fact("kind") == number_of("kind", kind))
        columns = [view.fact(name)[here].tolist() for name in ("id", "stamp", "tokens", *names)]
        indexed = {number: tuple(values) for number, *values in zip(*columns, strict=True)}
        tokens = making.token_stamps(kind)
        query = making.INDEXED[kind].add_columns(model.changed_at, *(getattr(model, name) for name in names))
        for number, changed_at, *values in db.session.execute(query):
            facts = [number_of(name, value) for name, value in zip(names, values, strict=True)]
            if indexed.pop(number, None) != (stamp_of(changed_at), tokens.get(number, NO_TOKENS), *facts):
                differing.add((str(kind), number))
        differing |= {(str(kind), number) for number in indexed}
    return differing - waiting


def waiting() -> int:
    """How many rows stand in the outbox."""
    return db.session.scalar(select(func.count()).select_from(SearchOutbox)) or 0


def is_late() -> bool:
    """Whether a change has been waiting for more than `LATE_AFTER`: the worker is away, or cannot keep up."""
    oldest = db.session.scalar(select(func.min(SearchOutbox.made_at)))
    return oldest is not None and now() - oldest > LATE_AFTER


def keep_indexing(app: Flask, stop: threading.Event) -> None:
    """Do what comes into the outbox until `stop` is set."""
    kept: set[int] = set()

    def bring_up_to_date() -> None:
        index = the_index().index
        if not index.usable() and not index.being_remade():
            rebuild()
        while index.usable() and drain(kept) and not stop.is_set():
            pass

    _keep(bring_up_to_date, EVERY, app, stop)


def keep_gathering(app: Flask, stop: threading.Event) -> None:
    """Beside it, make few segments of many: that takes long where they are large, and no change waits for it."""

    def gather() -> None:
        with suppress(NoIndex, FileNotFoundError):  # not made yet; made anew meanwhile
            while the_index().index.gather() and not stop.is_set():
                pass

    _keep(gather, GATHERED_EVERY, app, stop)


def _keep(do: Callable[[], None], seconds: float, app: Flask, stop: threading.Event) -> None:
    """Do it again and again; what goes wrong is logged and tried again."""
    while not stop.wait(seconds):
        try:
            with app.app_context():
                do()
        except Exception:
            log.exception("the search cannot be kept up to date at present")
            stop.wait(5)
