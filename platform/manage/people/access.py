"""Who gets at a person's card and at what stands on it."""

from typing import NoReturn

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from foundation.database import db
from foundation.errors import NotAllowed, NotFound
from schools.access import Standing, arranged_campuses
from schools.models import Person, Posting, RoleGrant, Title
from schools.staff import Authority, colleagues


def person_of(standing: Standing, person_id: int) -> Person:
    """Somebody whom those with `standing` see, with postings and roles; raises NotFound."""
    person = db.session.scalar(
        select(Person)
        .where(Person.id == person_id, colleagues(standing))
        .options(selectinload(Person.postings).joinedload(Posting.campus), selectinload(Person.grants))
    )
    if person is None:
        raise NotFound
    return person


def posting_of(person: Person, posting_id: int) -> Posting:
    """One of the person's postings; raises NotFound."""
    return next((each for each in person.postings if each.id == posting_id), None) or _nothing()


def grant_of(person: Person, grant_id: int) -> RoleGrant:
    """One of the person's roles; raises NotFound."""
    return next((each for each in person.grants if each.id == grant_id), None) or _nothing()


def title_of(person: Person, title_id: int) -> Title:
    """One of the person's honours; raises NotFound."""
    return db.session.scalar(select(Title).where(Title.id == title_id, Title.person_id == person.id)) or _nothing()


def must_look_after(authority: Authority, person: Person) -> None:
    """Raise NotAllowed unless the person is theirs to look after."""
    if not authority.may_look_after(person):
        raise NotAllowed(
            gettext(
                "%(name)s不归您管理。请找这位老师本校的管理员；管理员本人的资料由上一级管理员办理。", name=person.name
            )
        )


def must_administer(authority: Authority, campus_id: int | None) -> None:
    """Raise NotAllowed unless they administer the campus."""
    if campus_id not in authority.campus_ids:
        raise NotAllowed(gettext("这个校区的人员不归您管理。"))


def may_see_hand_over(standing: Standing, authority: Authority, person: Person) -> bool:
    """Whether somebody's hand-over list is theirs: they look after the person, or arrange the teaching where that one works."""
    if authority.may_look_after(person):
        return True
    campuses = {posting.campus_id for posting in person.postings if posting.holds_on(standing.day)}
    return not campuses.isdisjoint(db.session.scalars(arranged_campuses(standing)))


def _nothing() -> NoReturn:
    raise NotFound
