"""Guessing is slowed down: refused secrets are counted for a while, by what they were tried on and by where from."""

import hashlib
import ipaddress
import math
from collections.abc import Mapping
from typing import Final

from flask_babel import ngettext
from sqlalchemy import Integer, bindparam, delete, select

from foundation.clock import now
from foundation.database import commit, db
from foundation.errors import TooMany
from schools.actions import FAILURES_WITHIN
from schools.models import Person, SignInFailure


def key(kind: str, value: str) -> str:
    """Under which name failures at `value` are counted; it does not tell what the value was."""
    return f"{kind}:{hashlib.sha256(value.encode()).hexdigest()}"


def address_key(address: str, kind: str = "address") -> str:
    """The same for where somebody comes from: an IPv6 customer has a whole /64."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return key(kind, address)
    return key(kind, str(ipaddress.ip_network((known, 64), strict=False)) if known.version == 6 else address)


def refuse_after_too_many(most_of: Mapping[str, int]) -> None:
    """Raise TooMany when one of the keys has failed as often as `most_of` allows, with a sentence that says until when."""
    asked, since = db.session.connection(), now() - FAILURES_WITHIN
    for each, most in most_of.items():
        oldest_that_counts = asked.scalar(_FAILURE, {"key": each, "since": since, "younger": most - 1})
        if oldest_that_counts is not None:
            seconds = math.ceil((oldest_that_counts + FAILURES_WITHIN - now()).total_seconds())
            minutes = math.ceil(seconds / 60)
            raise TooMany(
                ngettext(
                    "密码试错的次数太多了，请过 %(num)s 分钟再试。",
                    "密码试错的次数太多了，请过 %(num)s 分钟再试。",
                    minutes,
                ),
                seconds,
            )


def count_failure(*keys: str) -> None:
    """Count one failure at each of `keys`, for good at once: whoever asked is refused."""
    db.session.add_all(SignInFailure(key=each) for each in keys)
    commit()


def forgive(*keys: str) -> None:
    """Forget the failures at `keys`. The caller commits."""
    db.session.connection().execute(_FORGET, {"keys": keys})


def keys_of_account(person: Person) -> list[str]:
    """The keys under which wrong passwords of `person` are counted, by name and by staff number, and wrong codes."""
    logins = [login for login in (person.name, person.staff_number) if login]
    return [
        *(key("account", login.casefold()) for login in logins),
        key("password", str(person.id)),
        key("second_step", str(person.id)),
    ]


# Asked at every sign-in: building them takes longer than the database takes to answer.

_FAILURE: Final = (
    select(SignInFailure.made_at)
    .where(
        SignInFailure.key == bindparam("key"),
        SignInFailure.made_at > bindparam("since", type_=SignInFailure.made_at.type),
    )
    .order_by(SignInFailure.made_at.desc())
    .offset(bindparam("younger", type_=Integer))
    .limit(1)
)
_FORGET: Final = delete(SignInFailure).where(SignInFailure.key.in_(bindparam("keys", expanding=True)))
