"""Passwords: kept as argon2id, checked in equal time whether or not somebody exists, and sensible."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask_babel import gettext

from schools.models import Person

SHORTEST = 8
ROWS = ("01234567890123456789", "98765432109876543210", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")
LONGEST = 200  # characters; longer ones would only cost time

# 19 MiB, two passes, one lane: OWASP's choice for servers that check several at once.
hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str) -> str:
    """The argon2id hash of `password`, with its parameters and salt."""
    return hasher.hash(password)


@cache
def _nobodys_hash() -> str:
    return hasher.hash("nobody has this password")


def password_is_right(person: Person | None, password: str) -> bool:
    """Whether `password` is that of `person`; takes as long for nobody, so that time does not tell who exists.

    A hash made with former parameters is made anew; the caller commits.
    """
    known = person.password_hash if person else ""
    try:
        hasher.verify(known or _nobodys_hash(), password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    if person is None or not known:
        return False
    if hasher.check_needs_rehash(known):
        person.password_hash = hash_password(password)
    return True


def fault_of_password(password: str, *names: str | None) -> str | None:
    """What is wrong with `password` for somebody called `names` (name, staff number), as a sentence; None if nothing."""
    if len(password) < SHORTEST:
        return gettext("密码至少要 %(count)s 个字符。", count=SHORTEST)
    if len(password) > LONGEST:
        return gettext("密码最多 %(count)s 个字符。", count=LONGEST)
    if password.strip().casefold() in {name.strip().casefold() for name in names if name}:
        return gettext("密码不能和姓名或工号相同。")
    if len(set(password)) < 3 or any(password in row for row in ROWS):
        return gettext("这个密码太容易猜到，请换一个。")
    return None
