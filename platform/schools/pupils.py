"""Pupils sign in with the code of their class, their name or seat, and a PIN from a card.

They have a token of their own beside that of people, and reach one page. A card counts until the school year ends, and no longer
than the pupil is in the class.
"""

import secrets
import unicodedata
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from flask import has_request_context, request, session
from flask_babel import gettext
from sqlalchemy import ColumnElement, Select, delete, func, or_, select
from sqlalchemy.orm import contains_eager

from foundation.clock import now, today
from foundation.codes import hash_of_token, new_code
from foundation.database import commit, db
from foundation.errors import Invalid
from schools import throttling
from schools.models import Enrolment, Pupil, PupilSignIn, SchoolClass
from schools.passwords import is_right

TOKEN: Final = "pupil"  # noqa: S105  # the name under which the cookie carries it
FOUND: Final = "tongke.pupil"
LASTS: Final = timedelta(hours=12)  # a school day: the next pupil sits at the same computer

PIN_DIGITS: Final = 6
CLASS_CODE_LETTERS: Final = 6

FAILURES_OF_PUPIL: Final = 8
FAILURES_OF_CLASS: Final = 60
FAILURES_OF_ADDRESS: Final = 300  # several computer rooms begin their lesson behind one address


def pupil_with_pin(class_code: str, who: str, pin: str, address: str) -> tuple[int, int]:
    """The pupil and the class (their ids) of who signs in with the class code, name or seat (`who`) and PIN.

    Raises Invalid with the same sentence whatever is wrong, another one for pupils of one name who must give their seat, and TooMany.
    """
    class_code, who, pin = _tidy(class_code).casefold(), _tidy(who), _tidy(pin)
    of_pupil = throttling.key("pupil", f"{class_code} {who.casefold()}")
    of_class = throttling.key("class", class_code)
    of_address = throttling.address_key(address, "pupils")
    throttling.refuse_after_too_many(
        {of_pupil: FAILURES_OF_PUPIL, of_class: FAILURES_OF_CLASS, of_address: FAILURES_OF_ADDRESS}
    )
    asked = _places(class_code, who)
    db.session.rollback()  # looking at a PIN takes its time, in which others may want to write
    right = [(pupil_id, class_id) for pupil_id, class_id, pin_hash in asked if is_right(pin_hash, pin)]
    if not asked:
        is_right("", pin)
    if not right:
        throttling.count_failure(of_pupil, of_class, of_address)
        raise Invalid(gettext("班级码、姓名（座号）或 PIN 码不对，请看着卡片再试一次。"))
    if len(asked) > 1:
        raise Invalid(who=gettext("班里有同名的同学，请改填座号。"))
    throttling.forgive(of_pupil)
    commit()
    return right[0]


def sign_in(pupil_id: int, class_id: int) -> None:
    """Sign a pupil in on this browser, with nothing left of what its cookie carried before."""
    token = secrets.token_urlsafe(32)
    fresh = PupilSignIn(pupil_id=pupil_id, class_id=class_id, token_hash=hash_of_token(token), expires_at=now() + LASTS)
    db.session.add(fresh)
    commit()
    request.environ.pop(FOUND, None)
    session.clear()  # it ends with the browser, too
    session[TOKEN] = token


def sign_out() -> None:
    """End the sign-in of a pupil on this browser; done already when there is none."""
    present = current_pupil()
    session.pop(TOKEN, None)
    request.environ[FOUND] = None
    if present:
        db.session.delete(present)
        commit()


def current_pupil() -> PupilSignIn | None:
    """The sign-in of the pupil at this browser, or None."""
    if not has_request_context():
        return None
    kept = request.environ
    if FOUND not in kept:
        token = session.get(TOKEN, "")
        kept[FOUND] = db.session.scalar(_sign_in_with(token)) if token else None
    found: PupilSignIn | None = kept[FOUND]
    return found


def sign_in_with(token: str) -> int | None:
    """The sign-in (its id) that a browser's token belongs to, or None. Needs an application context."""
    found = db.session.scalar(_sign_in_with(token)) if token else None
    return found.id if found else None


def new_pin() -> str:
    """A PIN for a card."""
    return "".join(secrets.choice("0123456789") for _ in range(PIN_DIGITS))


def new_class_code() -> str:
    """A code for a class."""
    return new_code(CLASS_CODE_LETTERS)


def end_of_school_year(day: date) -> date:
    """The day on which cards made on `day` end: the next 31 August that is at least a month off."""
    soon = day + timedelta(days=31)
    return date(soon.year if soon <= date(soon.year, 8, 31) else soon.year + 1, 8, 31)


def forget_old_sign_ins() -> None:
    """Delete what has expired."""
    db.session.execute(delete(PupilSignIn).where(PupilSignIn.expires_at <= now()))
    commit()


def _places(class_code: str, who: str) -> Sequence[tuple[int, int, str]]:
    """Pupil, class and hash of the PIN of each place in class that `who` may mean."""
    if not class_code or not who:
        return []
    query = (
        select(Enrolment.pupil_id, Enrolment.class_id, Pupil.pin_hash)
        .join(Pupil, Pupil.id == Enrolment.pupil_id)
        .join(SchoolClass, SchoolClass.id == Enrolment.class_id)
        .where(func.lower(SchoolClass.code) == class_code, *_in_class())
        .order_by(Enrolment.id)
        .limit(5)
    )
    which = Enrolment.seat == int(who) if who.isascii() and who.isdecimal() and len(who) < 5 else Pupil.name == who
    return db.session.execute(query.where(which)).tuples().all()


def _sign_in_with(token: str) -> Select[tuple[PupilSignIn]]:
    return (
        select(PupilSignIn)
        .join(PupilSignIn.pupil)
        .join(PupilSignIn.school_class)
        .join(Enrolment, (Enrolment.pupil_id == Pupil.id) & (Enrolment.class_id == SchoolClass.id))
        .options(contains_eager(PupilSignIn.pupil), contains_eager(PupilSignIn.school_class))
        .where(PupilSignIn.token_hash == hash_of_token(token), PupilSignIn.expires_at > now(), *_in_class())
        .limit(1)
    )


def _in_class() -> tuple[ColumnElement[bool], ...]:
    """Conditions of a card that counts today."""
    day = today()
    return (
        Pupil.pin_hash != "",
        or_(Pupil.ends_on.is_(None), Pupil.ends_on > day),
        or_(SchoolClass.left_on.is_(None), SchoolClass.left_on > day),
        Enrolment.holding_on(day),
    )


def _tidy(text: str) -> str:
    """What a child has typed: full-width letters and digits as plain ones, without spaces around."""
    return " ".join(unicodedata.normalize("NFKC", text).split())
