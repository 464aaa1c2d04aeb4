"""Lesson plans as shared documents: kept, relayed, and changed by many at once.

`store` keeps the log, `document` is one text in memory, `rooms` are the plans that people have open. Whoever must read or
change a plan's text from elsewhere uses `document_of` and `change_document`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pycrdt import Doc, TransactionEvent

from foundation.clock import now
from foundation.database import announce, db
from lessons.coediting.mirror import mirror
from lessons.coediting.store import stored_document
from lessons.models import PlanUpdate


@dataclass(frozen=True)
class DocumentChanged:
    """A plan's text was changed from outside its room; `update` is in the log."""

    plan_id: int
    update: bytes


def document_of(plan_id: int) -> Doc[Any]:
    """A copy of a plan's document as it is stored, this unit of work included."""
    return stored_document(db.session.connection(), plan_id).build()


def change_document(plan_id: int, change: Callable[[Doc[Any]], None], person_id: int | None = None) -> None:
    """Let `change` write into a plan's document, as part of the present unit of work.

    The change is kept when the caller commits, together with everything else of it; those who have the plan open see it
    then. Works from any thread with an application context; outside of requests inside `database.writing()`.
    """
    doc = document_of(plan_id)
    made: list[bytes] = []

    def note(event: TransactionEvent) -> None:
        made.append(event.update)

    subscription = doc.observe(note)
    with doc.transaction():
        change(doc)
    doc.unobserve(subscription)
    for data in made:
        db.session.add(PlanUpdate(plan_id=plan_id, data=data, person_id=person_id))
        announce(DocumentChanged(plan_id, data))
    if made:
        mirror(plan_id, doc, now())
