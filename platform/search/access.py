"""Who finds what: the very rules of the pages, read as conditions on the index."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from sqlalchemy import Select, exists, select

from foundation.database import db
from foundation.marks import Either, Every, Holding, Marks, Once, having
from foundation.rules import NEVER, Rule, all_of, is_empty
from lessons.access import marks_of_readable_plans
from library.access import marks_of_readable_resources
from live.access import seen_sessions
from live.models import LiveSession
from schools.access import Standing, campuses_of_my_groups
from schools.models import Person, Posting
from search.documents import Kind


class _Kept:
    """What people may find, kept while what it was made of is still so: making it takes longer than asking."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: dict[Standing, tuple[Once, Marks]] = {}

    def __call__(self, standing: Standing) -> Marks:
        once, marks = self._kept.get(standing) or (None, None)
        if once is None or marks is None or not once.still_so():
            once = Once()
            marks = _made(standing, once)
            if len(self._kept) >= self._most:
                self._kept.clear()
            self._kept[standing] = once, marks
        return marks


def _made(standing: Standing, once: Once) -> Marks:
    kinds = {
        Kind.PLAN: marks_of_readable_plans(standing, once),
        Kind.RESOURCE: marks_of_readable_resources(standing, once),
        Kind.PERSON: _found_people(standing).marks(once),
        Kind.SESSION: having("id", once(_sessions, standing)),
    }
    return Either(tuple(Every((having("kind", {kind}), marks)) for kind, marks in kinds.items()))


_kept_of = _Kept(most=2000)


def findable(standing: Standing) -> Marks:
    """What somebody may find."""
    return _kept_of(standing)


def found_people(standing: Standing) -> Select[tuple[Person]]:
    """The people whom somebody on the staff finds: those who work today at a campus of their own or of their groups."""
    return select(Person).where(_found_people(standing).sql())


def may_find(standing: Standing, person: Person) -> bool:
    """Whether they find `person`."""
    return _found_people(standing).holds(person)


def _found_people(standing: Standing) -> Rule[Person]:
    if not standing.campus_ids:
        return NEVER
    return all_of(is_empty(Person.left_at), _working_near(standing))


def _working_near(standing: Standing) -> Rule[Person]:
    day = standing.day
    return Rule(
        lambda person: bool(_working_at(person.postings, day) & _campuses(standing)),
        lambda: exists().where(
            Posting.person_id == Person.id,
            Posting.campus_id.in_(campuses_of_my_groups(standing)),
            Posting.holding_on(day),
        ),
        marks=lambda once: Holding("postings", once(_campuses, standing), day),
    )


def _working_at(postings: Iterable[Posting], day: date) -> set[int]:
    return {posting.campus_id for posting in postings if posting.holds_on(day)}


def _sessions(standing: Standing) -> frozenset[int]:
    """Few at a time exist for anybody, and what lets somebody see one hangs on rows that the index does not have."""
    if standing.person_id is None:
        return frozenset()
    return frozenset(db.session.connection().scalars(_seen_sessions(standing)))


@lru_cache(maxsize=1024)
def _seen_sessions(standing: Standing) -> Select[tuple[int]]:
    """Kept because making it takes as long as asking it, which every search does."""
    return seen_sessions(standing).with_only_columns(LiveSession.id)


def _campuses(standing: Standing) -> frozenset[int]:
    return frozenset(db.session.connection().scalars(campuses_of_my_groups(standing)))
