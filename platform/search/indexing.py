"""Keeping the index like the database: the worker takes from the outbox, makes everything anew when asked, and looks for drift.

The index is written first and the outbox emptied after it, so that whatever ends the worker in between is done again.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from itertools import islice
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
from search.documents import Kind, number_of, stamp_of
from search.index import WhooshIndex
from search.making import Key
from search.models import SearchOutbox
from search.service import the_index

log = logging.getLogger(__name__)

AT_ONCE: Final = 300
"""So many rows of the outbox are done in one commit of the index."""
MOST_PUT: Final = 1000
"""So many documents are put into the index in one commit: a campus with another name has many."""
EVERY: Final = 0.3
"""Seconds between two looks at the outbox."""

LATE_AFTER: Final = timedelta(minutes=1)

Tell = Callable[[int, int], None]
"""Tells how many documents of how many are done."""

_COMPARED: Final[dict[Kind, tuple[Any, tuple[str, ...]]]] = {
    Kind.PLAN: (Plan, ("visibility", "state", "owner_id", "group_id", "campus_id", "prep_group_id", "subject_id")),
    Kind.RESOURCE: (
        Resource,
        ("visibility", "wanted", "owner_id", "group_id", "campus_id", "prep_group_id", "subject_id", "uses"),
    ),
    Kind.PERSON: (Person, ()),
    Kind.SESSION: (LiveSession, ("group_id", "subject_id")),
}
"""What is compared of each row besides when it was changed: all that rights hang on."""


def drain() -> int:
    """Do what stands in the outbox; how many rows were done."""
    with current_app._get_current_object().app_context():  # type: ignore[attr-defined]  # a session of its own
        with reading():
            rows = db.session.execute(select(SearchOutbox).order_by(SearchOutbox.id).limit(AT_ONCE)).scalars().all()
            done = [row.id for row in rows]
            keys = {key for row in rows for key in outbox.hanging_on(db.session(), row.kind, row.object_id)}
            rest = iter(sorted(keys))
            while some := list(islice(rest, MOST_PUT)):
                _put(the_index().index, some)
            db.session.rollback()
        if done:
            with writing():
                db.session.execute(delete(SearchOutbox).where(SearchOutbox.id.in_(done)))
                commit()
    return len(done)


def _put(index: WhooshIndex, keys: Iterable[Key]) -> None:
    wanted = set(keys)
    documents = list(making.documents_of(wanted))
    index.put(documents, gone=wanted - {document.key for document in documents})


def rebuild(tell: Tell = lambda done, total: None) -> int:
    """Make the whole index anew; how many documents it holds. Changes meanwhile wait in the outbox."""
    index = the_index().index
    with index.writing(), current_app._get_current_object().app_context(), reading():  # type: ignore[attr-defined]
        keys = list(making.all_keys())

        def documents() -> Iterator[Any]:
            for done, document in enumerate(making.documents_of(keys), start=1):
                yield document
                tell(done, len(keys))

        index.rebuild(documents())
    return len(keys)


def repair() -> int:
    """Compare database and index; what differs is put into the outbox. How many documents differ. The caller commits."""
    view = the_index().index.view()
    waiting = set(db.session.execute(select(SearchOutbox.kind, SearchOutbox.object_id)).tuples())
    differing: set[tuple[str, int]] = set()
    for kind, (model, names) in _COMPARED.items():
        facts = ("stamp", *names)
        here = view.alive & (view.fact("kind") == number_of("kind", kind))
        columns = [view.fact(name)[here].tolist() for name in ("id", *facts)]
        indexed = {number: tuple(values) for number, *values in zip(*columns, strict=True)}
        query = making.INDEXED[kind].add_columns(model.changed_at, *(getattr(model, name) for name in names))
        for number, changed_at, *values in db.session.execute(query):
            numbers = [number_of(name, value) for name, value in zip(names, values, strict=True)]
            if indexed.pop(number, None) != (stamp_of(changed_at), *numbers):
                differing.add((str(kind), number))
        differing |= {(str(kind), number) for number in indexed}
    differing -= waiting
    outbox.note(db.session(), sorted(differing))
    return len(differing)


def waiting() -> int:
    """How many rows stand in the outbox."""
    return db.session.scalar(select(func.count()).select_from(SearchOutbox)) or 0


def is_late() -> bool:
    """Whether a change has been waiting for more than `LATE_AFTER`: the worker is away, or cannot keep up."""
    oldest = db.session.scalar(select(func.min(SearchOutbox.made_at)))
    return oldest is not None and now() - oldest > LATE_AFTER


def keep_indexing(app: Flask, stop: threading.Event) -> None:
    """Do what comes into the outbox until `stop` is set; what goes wrong is logged and tried again."""
    while not stop.wait(EVERY):
        try:
            with app.app_context():
                if not the_index().index.usable():
                    rebuild()
                while drain() and not stop.is_set():
                    pass
        except Exception:
            log.exception("the search cannot be kept up to date at present")
            stop.wait(5)
