"""Who comes to a room's door: people and pupils by their sign-ins, the screen of a classroom by six digits.

The screen has a token of its own in a cookie of its own, so that it stays what it is while people sign in and out beside it. It counts until
the day of the session is over.
"""

import secrets
from datetime import datetime, time, timedelta
from typing import Final

from flask import current_app, request
from flask_babel import gettext
from sqlalchemy import delete, select
from werkzeug.http import parse_cookie
from werkzeug.wrappers import Response

from foundation.clock import SCHOOL_ZONE, now
from foundation.codes import hash_of_token
from foundation.database import commit, db
from foundation.errors import Invalid, TooMany
from live.access import OPEN_TO_ENTER
from live.models import ClassroomScreen, LiveClassroom
from live.room.queries import refuse_out_of_hours
from live.room.rooms import Proof
from schools import signing_in, throttling

COOKIE: Final = "classroom"
DIGITS: Final = 6

FAILURES_OF_CODE: Final = 20
FAILURES_OF_ADDRESS: Final = 30


def let_in(digits: str, address: str, device: str) -> tuple[ClassroomScreen, str]:
    """Let the screen of a classroom in by its six digits; the screen, and the token for its cookie.

    Raises Invalid for digits that are none, Conflict before the room is open and after the lesson, TooMany after too many tries.
    """
    digits = "".join(digits.split())
    of_code, of_address = throttling.key("classroom", digits), throttling.address_key(address, "classrooms")
    _refuse_after_too_many({of_code: FAILURES_OF_CODE, of_address: FAILURES_OF_ADDRESS})
    classroom = _with_code(digits)
    if classroom is None or not OPEN_TO_ENTER.holds(classroom.session):
        throttling.count_failure(of_code, of_address)
        raise Invalid(digits=gettext("没有这个教室码。请看着教室卡，把六位数字再输一次。"))
    refuse_out_of_hours(classroom.session)
    token = secrets.token_urlsafe(32)
    screen = ClassroomScreen(
        classroom_id=classroom.id,
        token_hash=hash_of_token(token),
        expires_at=_end_of_day(classroom.session.ends_at),
        device=device[:120],
    )
    db.session.execute(delete(ClassroomScreen).where(ClassroomScreen.expires_at <= now()))
    db.session.add(screen)
    commit()
    return screen, token


def carry(answer: Response, screen: ClassroomScreen, token: str) -> None:
    """Let the browser keep the token until the day is over."""
    answer.set_cookie(
        COOKIE,
        token,
        expires=screen.expires_at,
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
        httponly=True,
        samesite="Lax",
    )


def current_screen() -> ClassroomScreen | None:
    """The classroom whose screen this browser is, or None."""
    return _screen_with(request.cookies.get(COOKIE, ""))


def proofs_here() -> tuple[Proof, ...]:
    """What the browser of this request shows of itself."""
    return proofs_of(request.headers.get("Cookie", ""))


def proofs_of(cookie_header: str) -> tuple[Proof, ...]:
    """What a `Cookie` header shows of a browser: a person before a pupil before the screen of a classroom. Needs an application context."""
    found = []
    person = signing_in.who_is(cookie_header)
    if person is not None:
        found.append(Proof("person", *person))
    pupil = signing_in.which_pupil(cookie_header)
    if pupil is not None:
        found.append(Proof("pupil", pupil))
    screen = _screen_with(parse_cookie(cookie_header).get(COOKIE, ""))
    if screen is not None:
        found.append(Proof("screen", screen.id))
    return tuple(found)


def _screen_with(token: str) -> ClassroomScreen | None:
    if not token:
        return None
    return db.session.scalar(
        select(ClassroomScreen).where(
            ClassroomScreen.token_hash == hash_of_token(token), ClassroomScreen.expires_at > now()
        )
    )


def _with_code(digits: str) -> LiveClassroom | None:
    if len(digits) != DIGITS or not digits.isascii() or not digits.isdecimal():
        raise Invalid(digits=gettext("教室码是六位数字。"))
    return db.session.scalar(select(LiveClassroom).where(LiveClassroom.entry_code == digits))


def _refuse_after_too_many(most_of: dict[str, int]) -> None:
    try:
        throttling.refuse_after_too_many(most_of)
    except TooMany as refusal:
        minutes = -(-refusal.seconds // 60)
        sentence = gettext("教室码试得太多了，请过 %(minutes)s 分钟再试，或者请主讲老师核对教室卡。", minutes=minutes)
        raise TooMany(sentence, refusal.seconds) from None


def _end_of_day(ends_at: datetime) -> datetime:
    day = ends_at.astimezone(SCHOOL_ZONE).date() + timedelta(days=1)
    return datetime.combine(day, time(), SCHOOL_ZONE)
