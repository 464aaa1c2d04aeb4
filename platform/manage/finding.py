"""People as one names them in a form: by staff number, by name, or by both."""

from collections.abc import Sequence

from flask_babel import gettext
from sqlalchemy import Select, or_, select

from foundation.clock import today
from foundation.database import db
from foundation.errors import Invalid
from schools.models import Person, Posting

SHOWN = 5


def colleague_named(words: str, campuses: Select[tuple[int]], field: str = "person") -> Person:
    """The one person posted today at one of `campuses` (their ids) whom `words` name; raises Invalid for nobody and for several."""
    words = " ".join(words.split())
    if not words:
        raise Invalid(**{field: gettext("请填写姓名或工号。")})
    found = _named(words, campuses) or _named(words.rpartition(" ")[2], campuses)
    if not found:
        raise Invalid(**{field: gettext("没有找到“%(words)s”。请填写在职老师的全名或工号。", words=words)})
    if len(found) > 1:
        names = gettext("、").join(said(person) for person in found[:SHOWN])
        raise Invalid(**{field: gettext("有 %(count)d 位：%(names)s。请填写工号。", count=len(found), names=names)})
    return found[0]


def colleagues(*campus_ids: int, most: int = 400) -> Sequence[str]:
    """Those posted at one of the campuses today, as they can be named in a form, by pinyin; `most` for each campus."""
    people = db.session.execute(
        select(Person.name, Person.staff_number)
        .where(
            Person.id.in_(
                select(Posting.person_id).where(Posting.campus_id.in_(campus_ids), Posting.holding_on(today()))
            )
        )
        .order_by(Person.pinyin, Person.id)
        .limit(most * len(campus_ids))
    )
    return list(dict.fromkeys(_said(name, number) for name, number in people))


def said(person: Person) -> str:
    """How somebody can be named in a form without being mistaken: 张伟 T0012."""
    return _said(person.name, person.staff_number)


def _said(name: str, number: str | None) -> str:
    return f"{name} {number}" if number else name


def _named(words: str, campuses: Select[tuple[int]]) -> Sequence[Person]:
    posted = select(Posting.person_id).where(Posting.campus_id.in_(campuses), Posting.holding_on(today()))
    return db.session.scalars(
        select(Person)
        .where(Person.id.in_(posted), or_(Person.staff_number == words, Person.name == words))
        .order_by(Person.staff_number, Person.id)
    ).all()
