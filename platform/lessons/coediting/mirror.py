"""`Plan.title`, `.minutes`, `.summary` and `.changed_at` say in columns what the document says, for lists."""

from datetime import datetime
from typing import Any

from pycrdt import Doc
from sqlalchemy import update

from foundation.clock import now
from foundation.database import commit, db, writing
from lessons.models import Plan
from lessons.text.document import read_plan
from lessons.text.reading import plan_summary


def mirror_plan(plan_id: int, data: bytes) -> None:
    """Write down what the document `data` says, and commit. Needs an application context, for one thread's work only."""
    doc: Doc[Any] = Doc()
    doc.apply_update(data)
    with writing():
        mirror(plan_id, doc, now())
        commit()


def mirror(plan_id: int, doc: Doc[Any], changed_at: datetime) -> None:
    """The same within the present unit of work."""
    title, minutes, words = plan_summary(read_plan(doc))
    db.session.execute(
        update(Plan)
        .where(Plan.id == plan_id)
        .values(title=title[:200], minutes=minutes, summary=words, changed_at=changed_at)
    )
