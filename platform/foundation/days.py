"""Spans of days, half-open: from the first day up to, not including, the last."""

from datetime import date

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.orm import Mapped, mapped_column


class Dated:
    """Columns of everything that holds for a time: `from_day` counts, `to_day` no longer does; empty means open."""

    from_day: Mapped[date]
    to_day: Mapped[date | None] = mapped_column(default=None)

    def holds_on(self, day: date) -> bool:
        """Whether it holds on `day`."""
        return self.from_day <= day and (self.to_day is None or day < self.to_day)

    @classmethod
    def holding_on(cls, day: date) -> ColumnElement[bool]:
        """The same as a condition of a query."""
        return and_(cls.from_day <= day, or_(cls.to_day.is_(None), cls.to_day > day))
