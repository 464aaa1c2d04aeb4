"""What follows from a changed lesson in packages above the timetable. They know of it and say so here: `@follows`."""

from collections.abc import Callable
from datetime import date

from schools.models import Person
from timetable.models import TimetableChange, TimetableEntry

Follower = Callable[[Person, TimetableEntry, date, TimetableChange | None], None]
"""Called in the unit of work of who changed a lesson of a day, with what it is changed to; None: it is as in the timetable again."""

_followers: list[Follower] = []


def follows(follower: Follower) -> Follower:
    """Decorate a function that has something to do then."""
    if follower not in _followers:
        _followers.append(follower)
    return follower


def lesson_changed(by: Person, entry: TimetableEntry, day: date, change: TimetableChange | None) -> None:
    """Let everybody who follows do so, in the caller's unit of work."""
    for follower in _followers:
        follower(by, entry, day, change)
