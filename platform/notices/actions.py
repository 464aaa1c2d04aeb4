"""What is done with notices."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, insert, update

from foundation.clock import now
from foundation.database import commit, db
from notices.kinds import known
from notices.models import Notice
from schools.models import Person

SOON: Final = timedelta(minutes=30)
KEPT: Final = timedelta(days=90)


def urgent_now(starts_at: datetime) -> bool:
    """Whether something is so near that people must hear of it at once: it begins within the next 30 minutes."""
    return timedelta(0) <= starts_at - now() <= SOON


def notify(
    people: Iterable[int | None],
    kind: str,
    facts: dict[str, Any],
    url: str,
    about: str = "",
    urgent: bool = False,
    but: int | None = None,
) -> None:
    """Tell people something, in the caller's unit of work.

    Whoever did it (`but`) knows already. With `about`, what they have not read yet of the same kind about the same thing
    is replaced: three moves give one notice.
    """
    if not known(kind):
        raise ValueError(f"nobody makes sentences for notices of the kind {kind!r}")
    told = sorted({person for person in people if person is not None and person != but})
    if not told:
        return
    if about:
        db.session.execute(
            delete(Notice).where(
                Notice.person_id.in_(told), Notice.about == about, Notice.kind == kind, Notice.read_at.is_(None)
            )
        )
    common = {"kind": kind, "facts": facts, "url": url, "about": about, "urgent": urgent}
    db.session.execute(insert(Notice), [{"person_id": person, **common} for person in told])


def read(by: Person, notice: Notice) -> None:
    """Somebody has opened a notice of theirs."""
    if notice.read_at is None:
        notice.read_at = now()
        commit()


def read_all(by: Person) -> None:
    """Somebody has seen all their notices."""
    db.session.execute(update(Notice).where(Notice.person_id == by.id, Notice.read_at.is_(None)).values(read_at=now()))
    commit()


def forget_old() -> None:
    """Notices are kept for 90 days."""
    db.session.execute(delete(Notice).where(Notice.made_at < now() - KEPT))
    commit()
