"""Between the right password and being signed in: the second step, and a password of one's own instead of that from a slip.

Nobody is signed in before the last step; until then the signed session cookie says who is on the way and what is done.
"""

import enum
import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from flask import session
from flask_babel import gettext
from sqlalchemy import select

from foundation.clock import now
from foundation.database import announce, commit, db
from foundation.errors import Invalid, SignedOut
from schools import second_step
from schools.actions import SignedOutEverywhere
from schools.models import Person
from schools.passwords import fault_of_password, hash_password, is_right

HALF: Final = "arriving"
LASTS: Final = timedelta(minutes=15)


class Step(enum.Enum):
    """What is still to do before somebody is signed in."""

    SECOND_STEP = "second_step"
    NEW_SECOND_STEP = "new_second_step"
    NEW_PASSWORD = "new_password"  # noqa: S105  # a name


@dataclass(frozen=True)
class Arrival:
    """Somebody on the way in: how they began, and whether the second step is behind them."""

    person: Person
    by_password: bool
    second_step_done: bool


def begin(person: Person, *, by_password: bool) -> Arrival:
    """`person` has given the right password, or comes from a provider whom we trust."""
    return _carry(Arrival(person, by_password, second_step_done=False))


def present() -> Arrival | None:
    """Who is on the way in this browser; None when nobody is, or it took too long, or the password has changed since."""
    half = session.get(HALF)
    if not half or now().timestamp() - half["at"] > LASTS.total_seconds():
        return None
    person = db.session.scalar(select(Person).where(Person.id == half["person"]))
    if person is None or (person.left_at and person.left_at <= now()) or _mark(person) != half["mark"]:
        return None
    return Arrival(person, half["by_password"], half["second_step_done"])


def the_arrival() -> Arrival:
    """Who is on the way; raises SignedOut."""
    arrival = present()
    if arrival is None:
        raise SignedOut(gettext("登录中途停得太久了，请重新登录。"))
    return arrival


def next_step(arrival: Arrival) -> Step | None:
    """What is to do next; None when they can be signed in."""
    if not arrival.second_step_done:
        if second_step.is_on(arrival.person):
            return Step.SECOND_STEP
        if second_step.is_required_of(arrival.person):
            return Step.NEW_SECOND_STEP
    return Step.NEW_PASSWORD if arrival.by_password and arrival.person.new_password_due else None


def pass_second_step(arrival: Arrival, code: str) -> Arrival:
    """Give the code of the second step. Raises Invalid, TooMany."""
    second_step.check(arrival.person, code)
    return _carry(Arrival(arrival.person, arrival.by_password, second_step_done=True))


def set_up_second_step(arrival: Arrival, code: str) -> tuple[Arrival, list[str]]:
    """Give the first code of a new second step; the recovery codes, to be shown once. Raises Invalid, TooMany, Conflict."""
    codes = second_step.confirm(arrival.person, code)
    return _carry(Arrival(arrival.person, arrival.by_password, second_step_done=True)), codes


def choose_password(arrival: Arrival, new_password: str) -> Arrival:
    """Put one's own password in place of the one from a slip. Raises Invalid."""
    person = arrival.person
    if next_step(arrival) is not Step.NEW_PASSWORD:
        raise SignedOut
    fault = fault_of_password(new_password, person.name, person.staff_number)
    if not fault and is_right(person.password_hash, new_password):
        fault = gettext("请换一个和密码条上不同的密码。")
    if fault:
        raise Invalid(new_password=fault)
    person.password_hash, person.new_password_due = hash_password(new_password), False
    announce(SignedOutEverywhere(person.id))
    commit()
    return _carry(arrival)


def _carry(arrival: Arrival) -> Arrival:
    session[HALF] = {
        "person": arrival.person.id,
        "mark": _mark(arrival.person),
        "by_password": arrival.by_password,
        "second_step_done": arrival.second_step_done,
        "at": int(now().timestamp()),
    }
    return arrival


def _mark(person: Person) -> str:
    """Changes with the password and the second step, so that a copied cookie ends with either."""
    return hashlib.sha256(f"{person.password_hash} {person.totp_since}".encode()).hexdigest()[:24]
