"""What is done with calendar addresses. Each function makes one change and commits it."""

import secrets

from foundation.database import commit, db
from schools.models import Person
from timetable.access import must_publish
from timetable.models import CalendarFeed
from timetable.queries import feed_of
from timetable.teaching_days import Whose


def renew_feed(by: Person, whose: Whose, id: int) -> bool:
    """Give the lessons of a person, class or room a new secret address; whether there was one, which is good no longer.

    Raises NotFound.
    """
    must_publish(by, whose, id)
    feed = feed_of(whose, id)
    there_was = feed is not None
    if feed is None:
        feed = CalendarFeed(**{f"{whose}_id": id})
        db.session.add(feed)
    feed.token = secrets.token_urlsafe(32)
    commit()
    return there_was


def end_feed(by: Person, whose: Whose, id: int) -> None:
    """The address is good no longer. Raises NotFound."""
    must_publish(by, whose, id)
    feed = feed_of(whose, id)
    if feed is not None:
        db.session.delete(feed)
    commit()
