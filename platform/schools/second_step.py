"""两步登录: besides the password, a code from an app on the phone (TOTP), or one of ten recovery codes on paper.

A code counts for its half minute and for the one before and after, and only once. Recovery codes count once each.
"""

import hashlib
import secrets
from datetime import date
from functools import lru_cache
from typing import Any, Final

import pyotp
import segno
from flask import current_app
from flask_babel import gettext
from sqlalchemy import CursorResult, Integer, Select, bindparam, delete, func, or_, select, update

from foundation.clock import now, today
from foundation.codes import LETTERS, new_code
from foundation.config import Settings
from foundation.database import announce, commit, db
from foundation.errors import Conflict, Invalid, NotAllowed, NotFound
from schools import audit, throttling
from schools.actions import SignedOutEverywhere
from schools.models import Person, RecoveryCode, Role, RoleGrant, SignIn
from schools.sealing import seal, unseal
from schools.staff import administers_work_of, campus_of, may_let_in

SECONDS: Final = 30
MOST_FAILURES: Final = 8
RECOVERY_CODES: Final = 10
RECOVERY_LETTERS: Final = 16  # 79 bits: nobody finds one from its SHA-256


def is_on(person: Person) -> bool:
    """Whether `person` signs in with a second step."""
    return person.totp_since is not None


def is_offered_to(person: Person) -> bool:
    """Whether `person` looks after others, today: then a second step is for them."""
    return db.session.connection().scalar(_looking_after_others(today()), {"person_id": person.id}) is not None


@lru_cache(maxsize=8)
def _looking_after_others(day: date) -> Select[tuple[int]]:
    """Built once a day: it is asked at every sign-in."""
    return (
        select(RoleGrant.id)
        .where(
            RoleGrant.person_id == bindparam("person_id", type_=Integer),
            RoleGrant.role.in_((Role.GROUP_ADMIN, Role.CAMPUS_ADMIN)),
            RoleGrant.holding_on(day),
        )
        .limit(1)
    )


def is_required_of(person: Person) -> bool:
    """Whether `person` may not sign in without one."""
    settings: Settings = current_app.config["SETTINGS"]
    return settings.two_step == "required" and is_offered_to(person)


def begin(person: Person) -> None:
    """Draw a new secret, which counts once a code made of it is given to `confirm`. Raises Conflict when one counts already."""
    if is_on(person):
        raise Conflict(gettext("两步登录已经开启了。"))
    person.totp_secret = seal(pyotp.random_base32())
    commit()


def is_begun(person: Person) -> bool:
    """Whether a secret was drawn and waits for its first code."""
    return not is_on(person) and bool(person.totp_secret)


def secret_in_words(person: Person) -> str:
    """The secret in groups of four letters, for phones that cannot see the picture."""
    secret = unseal(person.totp_secret) or ""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def picture(person: Person) -> str:
    """The secret as a QR picture: a `data:` address for an image."""
    totp = pyotp.TOTP(unseal(person.totp_secret) or "")
    address = totp.provisioning_uri(name=person.staff_number or person.name, issuer_name=gettext("同课"))
    return segno.make(address, error="m").svg_data_uri(scale=5, border=2, light="#fff")


def confirm(person: Person, code: str) -> list[str]:
    """Let the second step count from now on; the recovery codes, to be shown once. Raises Invalid, TooMany, Conflict."""
    if not is_begun(person):
        raise Conflict(gettext("请先点“开始设置”。"))
    _check_code(person, code)
    person.totp_since = now()
    audit.record(person, "second_step_on", "person", person)
    codes = _draw_codes(person)
    commit()
    return codes


def check(person: Person, code: str) -> None:
    """Accept a code of the phone or a recovery code. Raises Invalid for a wrong or used one, TooMany after too many."""
    if len(_letters(code)) == RECOVERY_LETTERS:
        _use_recovery_code(person, _letters(code))
    else:
        _check_code(person, code)
    throttling.forgive(_throttle(person))
    commit()


def draw_new_codes(person: Person, code: str) -> list[str]:
    """New recovery codes instead of the old ones; asks for a code of the phone. Raises Invalid, TooMany."""
    _must_be_on(person)
    _check_code(person, code)
    codes = _draw_codes(person)
    commit()
    return codes


def turn_off(person: Person, code: str) -> None:
    """Sign in with the password alone again. Raises Invalid, TooMany, and NotAllowed where it is required."""
    _must_be_on(person)
    if is_required_of(person):
        raise NotAllowed(gettext("这里要求管理员使用两步登录，不能关闭。"))
    check(person, code)
    _forget(person)
    audit.record(person, "second_step_off", "person", person)
    commit()


def reset(by: Person, person: Person) -> None:
    """Take the second step away from somebody who lost phone and codes, and sign them out everywhere.

    Raises NotFound and NotAllowed for people whom `by` does not look after.
    """
    if not may_let_in(by, person):
        if not administers_work_of(by, person):
            raise NotFound
        raise NotAllowed(gettext("只能重置归您管理的人的两步登录。"))
    _forget(person)
    db.session.execute(delete(SignIn).where(SignIn.person_id == person.id))
    throttling.forgive(_throttle(person))
    audit.record(by, "second_step_reset", "person", person, campus_id=campus_of(person))
    announce(SignedOutEverywhere(person.id))
    commit()


def recovery_codes_left(person: Person) -> int:
    """How many recovery codes are unused."""
    unused = select(func.count()).where(RecoveryCode.person_id == person.id, RecoveryCode.used_at.is_(None))
    return db.session.scalar(unused) or 0


def _check_code(person: Person, code: str) -> None:
    throttling.refuse_after_too_many({_throttle(person): MOST_FAILURES})
    secret = unseal(person.totp_secret)
    if secret is None:
        raise Invalid(code=gettext("服务器的密钥已更换，读不出您的两步登录设置。请找管理员重置。"))
    digits = "".join(code.split())
    step = _step_of(pyotp.TOTP(secret), digits)
    if step is None:
        throttling.count_failure(_throttle(person))
        raise Invalid(code=gettext("验证码不对。请看手机上现在显示的六位数字，并确认手机时间准确。"))
    if not _use_step(person, step):
        raise Invalid(code=gettext("这个验证码已经用过了，请等手机换一个新的再输。"))


def _step_of(totp: pyotp.TOTP, digits: str) -> int | None:
    present = int(now().timestamp()) // SECONDS
    for step in (present, present - 1, present + 1):
        if secrets.compare_digest(totp.generate_otp(step).encode(), digits.encode()):
            return step
    return None


def _use_step(person: Person, step: int) -> bool:
    """Whether no code of this half minute or a later one was used before; two browsers at once get one yes."""
    done: CursorResult[Any] = db.session.execute(  # type: ignore[assignment]  # an UPDATE counts its rows
        update(Person)
        .where(Person.id == person.id, or_(Person.totp_step.is_(None), Person.totp_step < step))
        .values(totp_step=step)
    )
    return done.rowcount == 1


def _use_recovery_code(person: Person, letters: str) -> None:
    throttling.refuse_after_too_many({_throttle(person): MOST_FAILURES})
    done: CursorResult[Any] = db.session.execute(  # type: ignore[assignment]  # an UPDATE counts its rows
        update(RecoveryCode)
        .where(
            RecoveryCode.person_id == person.id,
            RecoveryCode.code_hash == _hash(letters),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now())
    )
    if done.rowcount != 1:
        throttling.count_failure(_throttle(person))
        raise Invalid(code=gettext("这个恢复码不对，或者已经用过。"))
    audit.record(person, "recovery_code_used", "person", person)


def _draw_codes(person: Person) -> list[str]:
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
    drawn = [new_code(RECOVERY_LETTERS) for _ in range(RECOVERY_CODES)]
    db.session.add_all(RecoveryCode(person_id=person.id, code_hash=_hash(letters)) for letters in drawn)
    return ["-".join(letters[start : start + 4] for start in range(0, RECOVERY_LETTERS, 4)) for letters in drawn]


def _forget(person: Person) -> None:
    person.totp_secret, person.totp_since, person.totp_step = "", None, None
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))


def _must_be_on(person: Person) -> None:
    if not is_on(person):
        raise Conflict(gettext("两步登录还没有开启。"))


def _letters(code: str) -> str:
    return "".join(letter for letter in code.casefold() if letter in LETTERS)


def _hash(letters: str) -> str:
    return hashlib.sha256(letters.encode()).hexdigest()


def _throttle(person: Person) -> str:
    return throttling.key("second_step", str(person.id))
