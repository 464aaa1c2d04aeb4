"""Passwords: kept as argon2id, checked in equal time whether or not somebody exists, and sensible."""

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app
from flask_babel import gettext

from foundation.config import Settings

ROWS = ("01234567890123456789", "98765432109876543210", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")
COMMON = (
    "password",
    "passw0rd",
    "woaini",
    "iloveyou",
    "qwerty",
    "1qaz2wsx",
    "abc123",
    "admin",
    "teacher",
    "welcome",
    "mima",
)
"""What people begin with when they must think of a password; a few digits or marks behind do not make it better."""
LONGEST = 200  # characters; longer ones would only cost time

CONSONANTS = "bdfghjkmnprstvwz"
VOWELS = "aeu"  # no i and o, which look like 1 and 0 on paper
DIGITS = "23456789"

# 19 MiB, two passes, one lane: OWASP's choice for servers that check several at once.
hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str) -> str:
    """The argon2id hash of `password`, with its parameters and salt."""
    return hasher.hash(password)


@cache
def _nobodys_hash() -> str:
    return hasher.hash("nobody has this password")


def is_right(known_hash: str, secret: str) -> bool:
    """Whether `known_hash` is of `secret`; takes as long for no hash, so that time does not tell who exists."""
    try:
        hasher.verify(known_hash or _nobodys_hash(), secret[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return bool(known_hash)


def renewed_hash(known_hash: str, password: str) -> str | None:
    """The hash of a right password made anew, where the one that is kept has former parameters."""
    return hash_password(password) if hasher.check_needs_rehash(known_hash) else None


def fault_of_password(password: str, *names: str | None) -> str | None:
    """What is wrong with `password` for somebody called `names` (name, staff number), as a sentence; None if nothing."""
    settings: Settings = current_app.config["SETTINGS"]
    if len(password) < settings.password_length:
        return gettext("密码至少要 %(count)s 个字符。", count=settings.password_length)
    if len(password) > LONGEST:
        return gettext("密码最多 %(count)s 个字符。", count=LONGEST)
    if password.strip().casefold() in {name.strip().casefold() for name in names if name}:
        return gettext("密码不能和姓名或工号相同。")
    if _is_common(password):
        return gettext("这个密码太容易猜到，请换一个。")
    if _kinds_in(password) < settings.password_kinds:
        return _kinds_wanted(settings.password_kinds)
    return None


def password_rules() -> str:
    """What a password must be, in words."""
    settings: Settings = current_app.config["SETTINGS"]
    rules = gettext("至少 %(count)s 个字符，不要和姓名、工号一样。", count=settings.password_length)
    return rules + _kinds_wanted(settings.password_kinds) if settings.password_kinds > 1 else rules


def one_time_password() -> str:
    """A password for a slip of paper: random, and easy to read and to type."""
    words = ["".join(secrets.choice(CONSONANTS) + secrets.choice(VOWELS) for _ in range(3)) for _ in range(2)]
    return "-".join([*words, "".join(secrets.choice(DIGITS) for _ in range(4))])


def _is_common(password: str) -> bool:
    start = password.casefold().rstrip("0123456789!@#.")
    return len(set(password)) < 3 or any(password in row for row in ROWS) or start in COMMON


def _kinds_in(password: str) -> int:
    kinds = {
        "small" if each.islower() else "capital" if each.isupper() else "digit" if each.isdecimal() else "other"
        for each in password
    }
    return len(kinds)


def _kinds_wanted(kinds: int) -> str:
    return gettext("密码要含小写字母、大写字母、数字、其他字符中的 %(count)s 种。", count=kinds)
