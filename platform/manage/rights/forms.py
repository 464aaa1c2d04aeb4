"""Which entries of what was done a page shows."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime
from typing import Self

from foundation.clock import SCHOOL_ZONE
from manage.sent import Sent
from schools.audit import ACTIONS

WORDS_LENGTH = 60


@dataclass(frozen=True)
class Before:
    """The last entry of the page before: the next page begins behind it."""

    made_at: datetime
    entry_id: int

    @classmethod
    def read(cls, text: str) -> Self | None:
        """The place in an address, None where there is none."""
        moment, _, number = text.partition("-")
        if not (moment.isdecimal() and number.isdecimal() and len(moment) < 18 and len(number) < 18):
            return None
        return cls(datetime.fromtimestamp(int(moment) / 1_000_000, UTC), int(number))

    def __str__(self) -> str:
        return f"{round(self.made_at.timestamp() * 1_000_000)}-{self.entry_id}"


@dataclass(frozen=True)
class AuditFilter:
    """`who` is the name of somebody who did it or to whom it was done; the days count as in China, both included."""

    who: str = ""
    campus: int | None = None
    action: str = ""
    from_day: date | None = None
    last_day: date | None = None

    @classmethod
    def read(cls, sent: Mapping[str, str]) -> Self:
        """The filter in an address; what makes no sense is left out."""
        form = Sent(sent)
        action = sent.get("action", "")
        return cls(
            who=" ".join(sent.get("who", "").split())[:WORDS_LENGTH],
            campus=form.record("campus"),
            action=action if action in ACTIONS else "",
            from_day=form.day("from_day"),
            last_day=form.day("last_day"),
        )

    @property
    def narrowed(self) -> bool:
        """Whether it leaves anything out."""
        return self != type(self)()

    @property
    def begins(self) -> datetime | None:
        """The first moment that counts."""
        return _midnight(self.from_day)

    @property
    def ends(self) -> datetime | None:
        """The first moment that no longer counts."""
        midnight = _midnight(self.last_day)
        return midnight.replace(hour=23, minute=59, second=59, microsecond=999_999) if midnight else None

    def address(self, **changed: object) -> dict[str, str]:
        """The parts of an address that say this filter, with `changed` fields."""
        other = replace(self, **changed)  # type: ignore[arg-type]  # checked by the dataclass' users
        values = {field.name: getattr(other, field.name) for field in fields(self)}
        return {name: str(value) for name, value in values.items() if value}


def _midnight(day: date | None) -> datetime | None:
    return datetime(day.year, day.month, day.day, tzinfo=SCHOOL_ZONE) if day else None
