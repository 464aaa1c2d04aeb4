"""What was done, page by page; and people to ask about."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, and_, or_, select, union_all
from sqlalchemy.orm import Session

from foundation.database import db
from manage.rights.access import Places, of_campus, of_group, of_memberships, of_places
from manage.rights.forms import AuditFilter, Before
from schools.access import Standing
from schools.models import AuditEntry, Campus, Person
from schools.staff import colleagues

FOUND_AT_MOST = 20
CHUNK = 2000


@dataclass(frozen=True)
class AuditPage:
    """Entries, the newest first, and where the next page begins: None on the last one."""

    entries: Sequence[AuditEntry]
    older: Before | None


def entries_of(
    session: Session, places: Places, wanted: AuditFilter, before: Before | None, count: int
) -> Sequence[AuditEntry]:
    """The `count` newest entries from those `places` that the filter wants, older than `before`.

    Each place, and each way in which a name may stand in an entry, is asked for the newest by itself: one index finds
    them there, however many entries there are. Of these the newest are taken.
    """
    when = _when(wanted, before)
    newest = AuditEntry.made_at.desc(), AuditEntry.id.desc()
    asked = [
        select(AuditEntry.id).where(where, *when).order_by(*newest).limit(count).subquery()
        for where in _ways(places, wanted)
    ]
    if not asked:
        return []
    found = union_all(*(select(each.c.id) for each in asked))
    entries = select(AuditEntry).where(AuditEntry.id.in_(found)).order_by(*newest).limit(count)
    return session.scalars(entries).all()


def page_of(places: Places, wanted: AuditFilter, before: Before | None, size: int) -> AuditPage:
    """One page of them."""
    entries = entries_of(db.session(), places, wanted, before, size + 1)
    shown = entries[:size]
    return AuditPage(shown, Before(shown[-1].made_at, shown[-1].id) if len(entries) > size else None)


def all_entries(session: Session, places: Places, wanted: AuditFilter) -> Iterator[Sequence[AuditEntry]]:
    """All of them, some thousand at a time."""
    before: Before | None = None
    while entries := entries_of(session, places, wanted, before, CHUNK):
        before = Before(entries[-1].made_at, entries[-1].id)
        yield entries
        session.expunge_all()


def campuses_in(places: Places) -> Sequence[Campus]:
    """The campuses to choose from, by name."""
    return db.session.scalars(
        select(Campus).where(Campus.id.in_(places.campus_ids)).order_by(Campus.name, Campus.id)
    ).all()


def people_named(standing: Standing, words: str) -> Sequence[Person]:
    """People whom somebody sees, by name, pinyin, initials or staff number; a few more than are shown tell that there are more."""
    typed = words.casefold().replace(" ", "").replace("ü", "v")
    if not typed:
        return []
    return db.session.scalars(
        select(Person)
        .where(
            colleagues(standing),
            or_(
                Person.name.contains(words, autoescape=True),
                Person.pinyin.startswith(typed, autoescape=True),
                Person.pinyin.contains(f" {typed}", autoescape=True),
                Person.staff_number.startswith(words, autoescape=True),
            ),
        )
        .order_by(Person.left_at.is_not(None), Person.name, Person.id)
        .limit(FOUND_AT_MOST + 1)
    ).all()


def _ways(places: Places, wanted: AuditFilter) -> list[ColumnElement[bool]]:
    if wanted.campus is not None:
        places = replace(places, group_ids=frozenset(), campus_ids=places.campus_ids & {wanted.campus})
    action = (AuditEntry.action == wanted.action,) if wanted.action else ()
    if wanted.who:
        return [
            and_(AuditEntry.person_name == wanted.who, of_places(places), *action),
            and_(AuditEntry.object_name == wanted.who, of_places(places), *action),
        ]
    ways = [of_campus(campus_id) for campus_id in sorted(places.campus_ids)]
    ways += [of(group_id) for group_id in sorted(places.group_ids) for of in (of_group, of_memberships)]
    return [and_(way, *action) for way in ways]


def _when(wanted: AuditFilter, before: Before | None) -> list[ColumnElement[bool]]:
    when: list[ColumnElement[bool]] = []
    if wanted.begins:
        when.append(AuditEntry.made_at >= wanted.begins)
    if wanted.ends:
        when.append(AuditEntry.made_at <= wanted.ends)
    if before:
        older = or_(AuditEntry.made_at < before.made_at, AuditEntry.id < before.entry_id)
        when += [AuditEntry.made_at <= before.made_at, older]
    return when
