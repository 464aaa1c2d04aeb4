"""What the pages of slips and cards show."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import joinedload

from foundation.clock import today
from foundation.database import db
from manage.slips.access import classes_to_card
from schools.access import Standing, administered_campuses
from schools.models import Campus, Enrolment, Person, Posting, PostingKind, Pupil, SchoolClass
from schools.staff import people_let_in


@dataclass(frozen=True)
class Wanted:
    """What a list is narrowed to."""

    campus_id: int | None = None
    words: str = ""
    without_password: bool = False


@dataclass(frozen=True)
class CardedClass:
    """A class with how many pupils it has, and how many of them have a card that counts."""

    school_class: SchoolClass
    pupils: int
    cards: int


def people_for_slips(standing: Standing, wanted: Wanted) -> Select[tuple[Person]]:
    """The people to whom somebody may give a new password, by name."""
    query = people_let_in(standing).order_by(Person.name, Person.id)
    if wanted.campus_id:
        here = exists().where(
            Posting.person_id == Person.id, Posting.campus_id == wanted.campus_id, Posting.holding_on(standing.day)
        )
        query = query.where(here)
    if wanted.without_password:
        query = query.where(Person.password_hash == "", Person.oidc_subject.is_(None))
    if wanted.words:
        query = query.where(
            or_(
                Person.name.contains(wanted.words, autoescape=True),
                Person.pinyin.contains(wanted.words.lower(), autoescape=True),
                Person.staff_number.contains(wanted.words, autoescape=True),
            )
        )
    return query


def part_of(query: Select[tuple[Person]], page: int, size: int) -> tuple[Sequence[Person], int]:
    """One page of people, and how many there are in all."""
    total = db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    return db.session.scalars(query.offset((page - 1) * size).limit(size)).all(), total


def places_of(person_ids: Sequence[int]) -> dict[int, Campus]:
    """Where each of the people is at home today, or else works."""
    rows = db.session.execute(
        select(Posting.person_id, Campus)
        .join(Campus, Campus.id == Posting.campus_id)
        .where(Posting.person_id.in_(person_ids), Posting.holding_on(today()))
        .order_by(Posting.kind == PostingKind.HOME, Posting.id.desc())
    )
    return dict(rows.tuples().all())


def campuses_for_slips(standing: Standing) -> Sequence[Campus]:
    """The campuses whose people somebody administers, by name."""
    return _named(Campus.id.in_(administered_campuses(standing)))


def campuses_for_cards(standing: Standing) -> Sequence[Campus]:
    """The campuses of the classes for which somebody may make cards, by name."""
    return _named(Campus.id.in_(classes_to_card(standing).with_only_columns(SchoolClass.campus_id)))


def classes_for_cards(standing: Standing, wanted: Wanted, page: int, size: int) -> tuple[list[CardedClass], int]:
    """One page of the classes for which somebody may make cards, and how many there are in all."""
    query = classes_to_card(standing)
    if wanted.campus_id:
        query = query.where(SchoolClass.campus_id == wanted.campus_id)
    if wanted.words:
        query = query.where(SchoolClass.name.contains(wanted.words, autoescape=True))
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    classes = db.session.scalars(
        query.join(SchoolClass.campus)
        .options(joinedload(SchoolClass.campus))
        .order_by(Campus.name, SchoolClass.grade, SchoolClass.number, SchoolClass.id)
        .offset((page - 1) * size)
        .limit(size)
    ).all()
    counted = {
        row.class_id: row
        for row in db.session.execute(
            select(Enrolment.class_id, func.count().label("pupils"), func.count(Pupil.id).label("cards"))
            .outerjoin(Pupil, and_(Pupil.id == Enrolment.pupil_id, _has_card()))
            .where(Enrolment.class_id.in_([each.id for each in classes]), Enrolment.holding_on(today()))
            .group_by(Enrolment.class_id)
        )
    }
    rows = [(each, counted.get(each.id)) for each in classes]
    return [CardedClass(each, row.pupils if row else 0, row.cards if row else 0) for each, row in rows], total


def places_in(school_class: SchoolClass) -> Sequence[tuple[Enrolment, Pupil]]:
    """Who sits in a class today, by seat."""
    return (
        db.session.execute(
            select(Enrolment, Pupil)
            .join(Pupil, Pupil.id == Enrolment.pupil_id)
            .where(Enrolment.class_id == school_class.id, Enrolment.holding_on(today()))
            .order_by(Enrolment.seat.is_(None), Enrolment.seat, Pupil.name, Pupil.id)
        )
        .tuples()
        .all()
    )


def has_card(pupil: Pupil) -> bool:
    """Whether a pupil has a card that counts."""
    return bool(pupil.pin_hash) and (pupil.ends_on is None or pupil.ends_on > today())


def _has_card() -> ColumnElement[bool]:
    return and_(Pupil.pin_hash != "", or_(Pupil.ends_on.is_(None), Pupil.ends_on > today()))


def _named(which: ColumnElement[bool]) -> Sequence[Campus]:
    return db.session.scalars(select(Campus).where(which).order_by(Campus.name, Campus.id)).all()
