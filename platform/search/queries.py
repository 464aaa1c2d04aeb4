"""What the pages of the search show: results in groups, filters with their names, what somebody teaches, saved searches."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from flask_babel import gettext
from sqlalchemy import func, select

from curriculum.models import LessonTopic, TextbookEdition, TextbookVolume, Unit
from foundation.database import db
from foundation.paging import nearest_page
from library.models import ResourceKind
from library.terms import KINDS as RESOURCE_KINDS
from library.terms import term_name
from schools.access import Standing
from schools.models import Campus, Person, SchoolClass, Stage, Subject, TeachingAssignment
from schools.names import STAGE_NAMES, grade_name, subject_name
from search.documents import Kind
from search.forms import Value, Wanted
from search.index import Found, Hit, Sort
from search.models import SavedSearch
from search.service import Asker, the_index
from search.terms import FILTERS, KINDS

OF_A_GROUP: Final = 5
"""How many hits of each kind stand on the first page."""

_OF_A_FEED: Final = 4
_MOST_TAUGHT: Final = 3
_MADE: Final = (Kind.PLAN, Kind.RESOURCE)
_ONLY_WITHIN: Final = {"volume": ("subject", "edition"), "unit": ("volume",), "topic": ("unit",)}
"""Filters that are offered once one of those above them is chosen."""


@dataclass(frozen=True)
class Choice:
    """A value of a filter: its name, how many hits have it, and whether the search is narrowed to it."""

    value: Value
    name: str
    count: int
    chosen: bool


@dataclass(frozen=True)
class Facet:
    """A filter with the values that the hits have."""

    name: str
    choices: Sequence[Choice]

    @property
    def chosen(self) -> bool:
        """Whether the search is narrowed by it."""
        return any(choice.chosen for choice in self.choices)


@dataclass(frozen=True)
class Results:
    """What was found: `groups` by kind on a first page of all kinds, else one."""

    found: Found
    groups: Sequence[tuple[Kind, Found]]
    kinds: Mapping[str, int]
    facets: Sequence[Facet]

    @property
    def total(self) -> int:
        """How many hits there are of all kinds."""
        return sum(self.kinds.values())

    @property
    def narrowed_to(self) -> list[tuple[str, Choice]]:
        """The values that the search is narrowed to, each with the name of its filter."""
        return [(facet.name, choice) for facet in self.facets for choice in facet.choices if choice.chosen]


def search(standing: Standing, wanted: Wanted) -> Found:
    """What somebody finds."""
    return _search(the_index().asker(standing), wanted)


def _search(asker: Asker, wanted: Wanted) -> Found:
    return asker.search(wanted.words, wanted.filters, wanted.page, wanted.sort)


def results_of(standing: Standing, wanted: Wanted) -> Results:
    """What somebody finds, in groups while it was not narrowed to one kind."""
    asker = the_index().asker(standing)
    found = _search(asker, wanted)
    if found.page > found.pages:
        found = _search(asker, replace(wanted, page=found.pages))
    kinds = {str(kind): count for kind, count in found.facets.get("kind", [])}
    asked = [Kind(kind) for kind in wanted.filters.get("kind", ()) if kind in list(Kind)]
    present = [kind for kind in Kind if kinds.get(kind)]
    if len(asked) == 1:
        groups = [(asked[0], found)]
    elif len(present) == 1:
        groups = [(present[0], found)]
    else:
        groups = [(kind, _search(asker, wanted.only("kind", kind))) for kind in present]
    return Results(found, groups, kinds, _facets(found, wanted))


# Filters and the names of their values.


def _facets(found: Found, wanted: Wanted) -> list[Facet]:
    facets = [_facet(name, found.facets.get(name, []), wanted) for name in FILTERS if name != "kind"]
    return [facet for facet in facets if facet and (facet.chosen or _is_offered(facet, wanted))]


def _is_offered(facet: Facet, wanted: Wanted) -> bool:
    """A filter with one value narrows nothing; one deep in the textbook waits for those above it."""
    within = _ONLY_WITHIN.get(facet.name)
    return len(facet.choices) > 1 and (within is None or any(name in wanted.filters for name in within))


def _facet(name: str, counted: Sequence[tuple[Value, int]], wanted: Wanted) -> Facet | None:
    counts = dict(counted) | {value: 0 for value in wanted.filters.get(name, ()) if value not in dict(counted)}
    if not counts:
        return None
    names = names_of(name, counts)
    choices = [
        Choice(value, names[value], count, wanted.chosen(name, value))
        for value, count in counts.items()
        if value in names
    ]
    if name in ("grade", "stage"):
        order = list(Stage)
        choices.sort(key=lambda choice: order.index(Stage(str(choice.value))) if name == "stage" else int(choice.value))
    if name == "term":
        choices.sort(key=lambda choice: str(choice.value), reverse=True)
    return Facet(name, choices) if choices else None


def names_of(name: str, values: Iterable[Value]) -> dict[Value, str]:
    """What values of a filter are called; those that are unknown are left out."""
    wanted = list(values)
    if name in _ROWS:
        return {value: called for value, called in _ROWS[name](wanted).items() if called}
    known = _WORDS[name]
    return {value: called for value in wanted if (called := known(value))}


def _of_enum(words: Mapping[str, object]) -> Callable[[Value], str]:
    return lambda value: str(words[str(value)]) if value in words else ""


def _campuses(ids: Sequence[Value]) -> dict[Value, str]:
    rows = db.session.execute(select(Campus.id, Campus.short_name).where(Campus.id.in_(ids)))
    return dict(rows.tuples().all())


def _people(ids: Sequence[Value]) -> dict[Value, str]:
    return dict(db.session.execute(select(Person.id, Person.name).where(Person.id.in_(ids))).tuples().all())


def _subjects(ids: Sequence[Value]) -> dict[Value, str]:
    rows = db.session.scalars(select(Subject).where(Subject.id.in_(ids)))
    return {subject.id: subject_name(subject) for subject in rows}


def _editions(ids: Sequence[Value]) -> dict[Value, str]:
    rows = db.session.execute(
        select(TextbookEdition, Subject)
        .join(Subject, Subject.id == TextbookEdition.subject_id)
        .where(TextbookEdition.id.in_(ids))
    )
    return {edition.id: f"{edition.name} {subject_name(subject)}" for edition, subject in rows}


def _volumes(ids: Sequence[Value]) -> dict[Value, str]:
    rows = db.session.execute(select(TextbookVolume.id, TextbookVolume.name).where(TextbookVolume.id.in_(ids)))
    return dict(rows.tuples().all())


def _units(ids: Sequence[Value]) -> dict[Value, str]:
    return dict(db.session.execute(select(Unit.id, Unit.title).where(Unit.id.in_(ids))).tuples().all())


def _topics(ids: Sequence[Value]) -> dict[Value, str]:
    rows = db.session.execute(select(LessonTopic.id, LessonTopic.title).where(LessonTopic.id.in_(ids)))
    return dict(rows.tuples().all())


_ROWS: Final[Mapping[str, Callable[[Sequence[Value]], dict[Value, str]]]] = {
    "subject": _subjects,
    "edition": _editions,
    "volume": _volumes,
    "unit": _units,
    "topic": _topics,
    "campus": _campuses,
    "person": _people,
}

_WORDS: Final[Mapping[str, Callable[[Value], str]]] = {
    "kind": _of_enum({kind.value: word for kind, word in KINDS.items()}),
    "type": _of_enum({kind.value: RESOURCE_KINDS[kind] for kind in ResourceKind}),
    "stage": _of_enum({stage.value: STAGE_NAMES[stage] for stage in Stage}),
    "grade": lambda value: grade_name(None, int(value)) if 1 <= int(value) <= 12 else "",
    "term": lambda value: term_name(str(value)),
}


# 我教的年级学科.


@dataclass(frozen=True)
class Feed:
    """What there is for a grade and subject that somebody teaches: others' newest, and what is used most."""

    name: str
    wanted: Wanted
    newest: Sequence[Hit]
    most_used: Sequence[Hit]


def feeds_of(standing: Standing) -> list[Feed]:
    """For each grade and subject that somebody teaches now, what others have made for it; nothing while there is nothing."""
    taught = _taught(standing)
    if not taught:
        return []
    asker = the_index().asker(standing)
    feeds = [_feed(asker, standing, *each) for each in taught]
    return [feed for feed in feeds if feed.newest]


def _taught(standing: Standing) -> list[tuple[Subject, Stage, int]]:
    rows = db.session.execute(
        select(Subject, SchoolClass.stage, SchoolClass.grade)
        .select_from(TeachingAssignment)
        .join(SchoolClass, SchoolClass.id == TeachingAssignment.class_id)
        .join(Subject, Subject.id == TeachingAssignment.subject_id)
        .where(TeachingAssignment.person_id == standing.person_id, TeachingAssignment.holding_on(standing.day))
        .distinct()
        .order_by(SchoolClass.grade, Subject.rank, Subject.id)
        .limit(_MOST_TAUGHT)
    )
    return list(rows.tuples())


def _feed(asker: Asker, standing: Standing, subject: Subject, stage: Stage, grade: int) -> Feed:
    name = gettext("%(grade)s%(subject)s", grade=grade_name(stage, grade), subject=subject_name(subject))
    wanted = Wanted(filters={"subject": frozenset({subject.id}), "grade": frozenset({grade})}, sort=Sort.DATE)
    newest = _others(standing, _search(asker, wanted).hits)
    used = [hit for hit in _search(asker, replace(wanted, sort=Sort.USE)).hits if hit.uses]
    shown = {(hit.kind, hit.id) for hit in newest}
    return Feed(name, wanted, newest, [hit for hit in _others(standing, used) if (hit.kind, hit.id) not in shown])


def _others(standing: Standing, hits: Iterable[Hit]) -> list[Hit]:
    """What somebody else has made; one knows one's own."""
    others = (hit for hit in hits if hit.kind in _MADE and hit.owner_id != standing.person_id)
    return [hit for hit, _ in zip(others, range(_OF_A_FEED), strict=False)]


# Saved searches.


@dataclass(frozen=True)
class SavedPage:
    """A page of somebody's saved searches."""

    searches: Sequence[SavedSearch]
    count: int
    page: int
    pages: int


def saved_searches(standing: Standing, page: int, page_size: int) -> SavedPage:
    """Somebody's saved searches, the newest first; none while an administrator sees as them: they are personal."""
    mine = select(SavedSearch).where(SavedSearch.person_id == standing.person_id)
    if standing.looked_through:
        return SavedPage([], 0, 1, 1)
    count = db.session.scalar(select(func.count()).select_from(mine.subquery())) or 0
    page, pages = nearest_page(page, count, page_size)
    rows = db.session.scalars(
        mine.order_by(SavedSearch.made_at.desc(), SavedSearch.id.desc()).limit(page_size).offset((page - 1) * page_size)
    ).all()
    return SavedPage(rows, count, page, pages)
