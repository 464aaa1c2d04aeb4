"""Notices: a sentence for one person about one thing."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from foundation.clock import now
from foundation.database import Base


class Notice(Base):
    """通知. `kind` is a word of `notices.kinds`, which makes the sentence of `facts` in the reader's language; `url` is a path of the product.

    `about` names what it is about (`session:abc`), so that the newest word replaces older unread ones. `urgent`: shown at once, mailed at once.
    """

    __tablename__ = "notice"
    __table_args__ = (Index(None, "person_id", "read_at", "made_at"), Index(None, "person_id", "about"))

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(40))
    about: Mapped[str] = mapped_column(String(60), default="")
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    url: Mapped[str] = mapped_column(String(200), default="")
    urgent: Mapped[bool] = mapped_column(default=False)
    made_at: Mapped[datetime] = mapped_column(default=now, index=True)
    read_at: Mapped[datetime | None] = mapped_column(default=None)
    mailed_at: Mapped[datetime | None] = mapped_column(default=None, index=True)


class MailAddress(Base):
    """Where somebody wants their notices sent, once they have proved that it is theirs (`confirmed_at`). Nobody has to have one.

    The link that proves it was asked for at `asked_at` and sent at `link_sent_at`.
    """

    __tablename__ = "mail_address"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    address: Mapped[str] = mapped_column(String(200))
    confirmed_at: Mapped[datetime | None] = mapped_column(default=None)
    digest: Mapped[bool] = mapped_column(default=True)
    urgent: Mapped[bool] = mapped_column(default=True)
    asked_at: Mapped[datetime] = mapped_column(default=now)
    link_sent_at: Mapped[datetime | None] = mapped_column(default=None)
