"""What the search keeps in the database: what has to be indexed anew, words that mean the same, searches kept by people."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from foundation.clock import now
from foundation.database import NEVER_AGAIN, Base, Made

# Only an INTEGER key counts by itself in SQLite, where it has 64 bits anyway.
OutboxNumber = BigInteger().with_variant(Integer, "sqlite")


class SearchOutbox(Base):
    """Something has changed that documents of the index are made of, written in the transaction that changed it.

    `kind` names the table, see `search.outbox`; the worker finds the documents, makes them anew and deletes the row.
    """

    __tablename__ = "search_outbox"
    __table_args__ = (NEVER_AGAIN,)

    id: Mapped[int] = mapped_column(OutboxNumber, primary_key=True)
    kind: Mapped[str] = mapped_column(String(24))
    object_id: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(default=now)


class Synonym(Made, Base):
    """同义词: `words` that the search of a group's people takes for one another, beside those that come with the product."""

    __tablename__ = "search_synonym"

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("group_of_schools.id", ondelete="CASCADE"), index=True)
    subject_id: Mapped[int | None] = mapped_column(ForeignKey("subject.id", ondelete="CASCADE"), default=None)
    words: Mapped[list[str]] = mapped_column(JSON)
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), default=None)


class SavedSearch(Base):
    """常用搜索: what somebody looks for again and again; `query` as it stands in the address of the page."""

    __tablename__ = "saved_search"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    query: Mapped[dict[str, Any]] = mapped_column(JSON)
    made_at: Mapped[datetime] = mapped_column(default=now)
