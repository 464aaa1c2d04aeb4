"""The one clock: UTC, and replaceable by tests."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

SCHOOL_ZONE = ZoneInfo("Asia/Shanghai")


def _system_time() -> datetime:
    return datetime.now(UTC)


_source: Callable[[], datetime] = _system_time


def now() -> datetime:
    """The present moment, in UTC."""
    return _source()


def today(zone: ZoneInfo = SCHOOL_ZONE) -> date:
    """The calendar day in `zone`; rights begin and end with it."""
    return now().astimezone(zone).date()


def to_milliseconds(moment: datetime) -> int:
    """A moment as browsers count: milliseconds since 1970."""
    return round(moment.timestamp() * 1000)


def from_milliseconds(milliseconds: float) -> datetime:
    """The moment that browsers call `milliseconds`, in UTC."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


@contextmanager
def travel_to(moment: datetime) -> Iterator[None]:
    """Let `now()` stand still at `moment` (aware) inside the block, in every thread."""
    global _source
    before = _source
    _source = lambda: moment
    try:
        yield
    finally:
        _source = before
