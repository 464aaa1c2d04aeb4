"""What pages show of notices."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Integer, bindparam, case, func, select

from foundation.clock import now
from foundation.database import db
from foundation.paging import nearest_page
from notices.actions import SOON
from notices.models import MailAddress, Notice
from schools.models import Person

MOST_SHOUTED: Final = 3

UNREAD: Final = (
    select(
        func.count().label("unread"),
        func.max(Notice.made_at).label("latest"),
        func.max(case((Notice.urgent, Notice.made_at))).label("urgent_at"),
    )
    .where(Notice.person_id == bindparam("person_id", type_=Integer), Notice.read_at.is_(None))
    .subquery()
)
"""One row of what an `Unread` is made of, for the parameter `person_id`; every page asks for it with its own question."""

_UNREAD: Final = select(UNREAD)


@dataclass(frozen=True)
class Unread:
    """How many notices somebody has not read, when the last of them was made, and whether one of them is urgent still."""

    count: int = 0
    latest: datetime | None = None
    urgent: bool = False

    @property
    def mark(self) -> str:
        """Changes with every new notice and every one that was read."""
        return f"{self.count}-{int(self.latest.timestamp() * 1_000_000) if self.latest else 0}"


def unread(count: int, latest: datetime | None, urgent_at: datetime | None) -> Unread:
    """An `Unread` out of a row of `UNREAD`. What was urgent is so for half an hour."""
    return Unread(count, latest, urgent_at is not None and now() - urgent_at < SOON)


def count_unread(person: Person) -> Unread:
    """What somebody has not read."""
    return unread(*db.session.execute(_UNREAD, {"person_id": person.id}).tuples().one())


def urgent_since(person: Person, mark: str) -> Sequence[Notice]:
    """What is urgent and came after that mark of an `Unread`; with an empty one, all that still is."""
    _, _, microseconds = mark.partition("-")
    seen = int(microseconds) if microseconds.isdigit() and len(microseconds) < 18 else 0
    found = db.session.scalars(
        select(Notice)
        .where(Notice.person_id == person.id, Notice.read_at.is_(None), Notice.urgent, Notice.made_at > now() - SOON)
        .order_by(Notice.made_at.desc(), Notice.id.desc())
        .limit(MOST_SHOUTED)
    ).all()
    return [each for each in found if int(each.made_at.timestamp() * 1_000_000) > seen]


@dataclass(frozen=True)
class NoticePage:
    """One page of somebody's notices, those not read first."""

    notices: Sequence[Notice]
    unread: int
    page: int
    pages: int


def notices_of(person: Person, page: int, page_size: int) -> NoticePage:
    """What somebody was told, the newest first, and before it what they have not read."""
    mine = Notice.person_id == person.id
    count, read = db.session.execute(select(func.count(), func.count(Notice.read_at)).where(mine)).tuples().one()
    page, pages = nearest_page(page, count, page_size)
    found = db.session.scalars(
        select(Notice)
        .where(mine)
        .order_by(Notice.read_at.is_not(None), Notice.made_at.desc(), Notice.id.desc())
        .limit(page_size)
        .offset((page - 1) * page_size)
    ).all()
    return NoticePage(found, count - read, page, pages)


def notice_of(person: Person, notice_id: int) -> Notice | None:
    """A notice of theirs; None when it is no more, or somebody else's."""
    return db.session.scalar(select(Notice).where(Notice.id == notice_id, Notice.person_id == person.id))


def address_of(person: Person) -> MailAddress | None:
    """Where somebody wants mail, if they do."""
    return db.session.get(MailAddress, person.id)
