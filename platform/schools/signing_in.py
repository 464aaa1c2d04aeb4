"""Who is signed in: the cookie, the `sign_in` table behind it, throttled guessing, and the door before every page.

The browser's signed session cookie carries a random token; the table keeps its hash, so that a sign-in can be ended from
elsewhere and a stolen database signs nobody in. The token is new at every sign-in, at a change of password, and once an hour of use. A
former token stays good until the new one has come back: an answer lost on a bad line must not sign anybody out.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from flask import Flask, current_app, g, has_request_context, redirect, request, request_started, session, url_for
from flask.sessions import SecureCookieSessionInterface
from flask_babel import gettext
from itsdangerous import BadSignature
from sqlalchemy import BindParameter, ColumnElement, bindparam, delete, or_, select
from sqlalchemy.orm import Session, contains_eager
from werkzeug.http import parse_cookie
from werkzeug.wrappers import Response

from foundation import allow
from foundation.clock import now
from foundation.codes import hash_of_token
from foundation.config import Settings
from foundation.database import announce, commit, db, reading, set_writing, writing
from foundation.errors import Invalid, SignedOut
from schools import pupils, throttling, viewing
from schools.access import VIEWING
from schools.actions import SignedOutEverywhere
from schools.limits import limits_of_person
from schools.models import Person, SignIn
from schools.passwords import fault_of_password, hash_password, is_right, renewed_hash
from schools.queries import any_group

TOKEN = "sign_in"  # noqa: S105  # the name under which the cookie carries it
FOUND = "tongke.sign_in"
RENEW_AFTER = timedelta(hours=1)
IN_FLIGHT = timedelta(minutes=1)  # answers to requests sent side by side have arrived by then

FAILURES_OF_ACCOUNT = 8
FAILURES_OF_ADDRESS = 100  # a whole school may stand behind one address

# The first mark found counts: browsers built on others name those too.
BROWSERS = (
    ("MicroMessenger", "微信"),
    ("DingTalk", "钉钉"),
    ("MQQBrowser", "QQ浏览器"),
    ("QQBrowser", "QQ浏览器"),
    ("HuaweiBrowser", "华为浏览器"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("OpenHarmony", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)

FOR_PUPILS_TOO = frozenset(
    {"schools.sign_out", "web.choose_language", "web.choose_theme", "web.favicon", "web.manifest", "health.healthz"}
    | {
        "live_room.enter",
        "live_room.enter_classroom",
        "live_room.room",
        "live_room.screen",
        "live_room.file",
        "live_room.pack",
    }
)
"""What a pupil reaches beside the pages made for pupils; everything else leads to these."""

READING = frozenset({"GET", "HEAD", "OPTIONS"})


def set_up(app: Flask) -> None:
    """Put the door before every page of `app`, and let sign-ins last as long as its settings say."""
    settings: Settings = app.config["SETTINGS"]
    app.permanent_session_lifetime = timedelta(days=settings.session_days)
    app.config["SESSION_REFRESH_EACH_REQUEST"] = False  # it is refreshed whenever the token is exchanged
    request_started.connect(_begin, app)
    app.before_request(_stand_at_the_door)
    app.after_request(viewing.note_what_was_opened)
    app.teardown_request(_end)


def current_person() -> Person | None:
    """The person whose pages are shown: who is signed in, or whom they see as (`schools.viewing`); None for nobody."""
    signed_in = current_sign_in()
    return (signed_in.viewing_as or signed_in.person) if signed_in else None


def the_person() -> Person:
    """The same; raises SignedOut when nobody is signed in."""
    person = current_person()
    if person is None:
        raise SignedOut
    return person


def current_sign_in() -> SignIn | None:
    """The sign-in of this browser, or None."""
    if not has_request_context():
        return None
    kept = request.environ  # unlike `g`, it is of this request alone, also where a test keeps one context for several
    if FOUND not in kept:
        kept[FOUND] = _present_sign_in()
    found: SignIn | None = kept[FOUND]
    return found


def person_with_password(login: str, password: str, address: str) -> Person:
    """The person who signs in with `login` (name or staff number) and `password` from `address`.

    Raises Invalid with the same sentence for an unknown person and a wrong password, and TooMany after too many of
    either for this account or from this address. What failed before is forgiven once they are signed in.
    """
    login = " ".join(login.split())
    account, place = throttling.key("account", login.casefold()), throttling.address_key(address)
    throttling.refuse_after_too_many({account: FAILURES_OF_ACCOUNT, place: FAILURES_OF_ADDRESS})
    found = db.session.connection().execute(_CALLED, {"login": login, "moment": now()}).all()
    db.session.rollback()  # looking at a password takes its time, in which others may want to write
    asked = [row for row in found if row.staff_number == login] or found
    right = [row for row in asked if is_right(row.password_hash, password)]
    if not asked:
        is_right("", password)
    if right and len(asked) > 1:
        raise Invalid(login=gettext("有几位老师都叫“%(name)s”，请改用工号登录。", name=login))
    if not right:
        throttling.count_failure(account, place)
        raise Invalid(gettext("姓名（工号）或密码不对，请再试一次。"))
    fresh_hash = renewed_hash(right[0].password_hash, password)
    person = db.session.get_one(Person, right[0].id)
    if fresh_hash and person.password_hash == right[0].password_hash:
        person.password_hash = fresh_hash
        commit()
    throttling.forgive(account)
    return person


def sign_in(person: Person) -> None:
    """Sign `person` in on this browser, with nothing left of what its cookie carried before."""
    token = secrets.token_urlsafe(32)
    former = current_sign_in()
    fresh = SignIn(person=person, token_hash=hash_of_token(token), expires_at=_expiry(person), device=_device())
    request.environ[FOUND] = fresh
    if former:
        viewing.note_end(former)
        db.session.delete(former)
    db.session.add(fresh)
    commit()
    session.clear()
    _carry(token)


def sign_out() -> None:
    """End the sign-in of this browser."""
    present = current_sign_in()
    request.environ[FOUND] = None
    session.clear()
    if present:
        viewing.note_end(present)
        db.session.delete(present)
        commit()


def sign_out_device(sign_in_id: int) -> None:
    """End one other sign-in of the person who is signed in; unknown ones are ended already."""
    person = the_person()
    viewing.note_ends(SignIn.id == sign_in_id, SignIn.person_id == person.id)
    db.session.execute(delete(SignIn).where(SignIn.id == sign_in_id, SignIn.person_id == person.id))
    announce(SignedOutEverywhere(person.id))
    commit()


def sign_out_everywhere() -> None:
    """End every sign-in of the person who is signed in, on this browser too."""
    person = the_person()
    viewing.note_ends(SignIn.person_id == person.id)
    db.session.execute(delete(SignIn).where(SignIn.person_id == person.id))
    announce(SignedOutEverywhere(person.id))
    request.environ[FOUND] = None
    session.clear()
    commit()


def change_password(present_password: str, new_password: str) -> None:
    """Change the password of the person who is signed in; other browsers are signed out, this one gets a new token.

    Raises Invalid for a wrong present password or a poor new one, TooMany after too many wrong ones.
    """
    present = current_sign_in()
    if present is None:
        raise SignedOut
    person = present.person
    guessing = throttling.key("password", str(person.id))
    throttling.refuse_after_too_many({guessing: FAILURES_OF_ACCOUNT})
    if not is_right(person.password_hash, present_password):
        throttling.count_failure(guessing)
        raise Invalid(present_password=gettext("现在的密码不对。"))
    fault = fault_of_password(new_password, person.name, person.staff_number)
    if fault:
        raise Invalid(new_password=fault)
    token = secrets.token_urlsafe(32)
    person.password_hash, person.new_password_due = hash_password(new_password), False
    viewing.note_ends(SignIn.person_id == person.id, SignIn.id != present.id)
    db.session.execute(delete(SignIn).where(SignIn.person_id == person.id, SignIn.id != present.id))
    present.token_hash, present.former_hash, present.renewed_at = hash_of_token(token), None, now()
    announce(SignedOutEverywhere(person.id))
    commit()
    _carry(token)


def who_is(cookie_header: str) -> tuple[int, int] | None:
    """The person and the sign-in (their ids) that a `Cookie` header belongs to, or None. Needs an application context.

    Nobody writes together with others while seeing as somebody else: such a sign-in counts as none.
    """
    with reading(), Session(db.engine) as own:
        found = own.scalar(_WITH_TOKEN, _sent(str(_carried(cookie_header).get(TOKEN, ""))))
        return (found.person_id, found.id) if found and found.viewing_as_id is None else None


def which_pupil(cookie_header: str) -> int | None:
    """The same for a pupil: the sign-in (its id)."""
    return pupils.sign_in_with(str(_carried(cookie_header).get(pupils.TOKEN, "")))


def _carried(cookie_header: str) -> dict[str, Any]:
    """What the session cookie among a `Cookie` header carries."""
    app = current_app
    interface = app.session_interface
    serializer = interface.get_signing_serializer(app) if isinstance(interface, SecureCookieSessionInterface) else None
    value = parse_cookie(cookie_header).get(app.config["SESSION_COOKIE_NAME"])
    if serializer is None or not value:
        return {}
    try:
        carried: dict[str, Any] = serializer.loads(value, max_age=int(app.permanent_session_lifetime.total_seconds()))
    except BadSignature:
        return {}
    return carried


def still_signed_in(sign_in_ids: set[int]) -> set[int]:
    """Those of `sign_in_ids` that have neither ended nor expired, and see as their own person.

    Needs an application context.
    """
    with reading(), Session(db.engine) as own:
        return set(
            own.scalars(
                select(SignIn.id)
                .join(SignIn.person)
                .where(
                    SignIn.id.in_(sign_in_ids), SignIn.expires_at > now(), SignIn.viewing_as_id.is_(None), _still_here()
                )
            )
        )


def sign_ins_of(person: Person) -> Sequence[SignIn]:
    """Where `person` is signed in, the one used last first."""
    return db.session.scalars(
        select(SignIn)
        .where(SignIn.person_id == person.id, SignIn.expires_at > now())
        .order_by(SignIn.renewed_at.desc(), SignIn.id.desc())
    ).all()


def safe_next(address: str | None) -> str | None:
    """`address` when it leads to a page of this site, else None: nobody is sent elsewhere by a prepared link."""
    if not address or not address.startswith("/") or address.startswith("//") or "\\" in address:
        return None
    if any(ord(character) < 0x20 or ord(character) == 0x7F for character in address):
        return None
    parts = urlsplit(address)
    return None if parts.scheme or parts.netloc else address


def _begin(sender: Flask, **extra: object) -> None:
    set_writing(request.method not in READING)


def _end(error: BaseException | None) -> None:
    set_writing(False)


def _stand_at_the_door() -> Response | None:
    if request.endpoint is None or request.endpoint == "static" or _is_answered_by_flask():
        return None
    signed_in, person = current_sign_in(), current_person()
    g.person_id = signed_in.person_id if signed_in else "-"
    if signed_in:
        viewing.refuse_changes(signed_in)
    rule = allow.rule_of(current_app.view_functions[request.endpoint])
    if rule is None:
        raise RuntimeError(f"the view {request.endpoint} does not say who may use it: see foundation.allow")
    if pupils.current_pupil() and not signed_in and rule != allow.PUPIL and request.endpoint not in FOR_PUPILS_TOO:
        return redirect(url_for("schools.my_class"), 303)
    if rule == allow.FIRST_VISIT and any_group():
        return redirect(url_for("web.home"))
    if rule == allow.PUPIL and not pupils.current_pupil():
        return redirect(url_for("web.home" if person else "schools.sign_in_as_pupil"), 303)
    if rule == allow.SIGNED_IN and person is None:
        raise SignedOut  # a page that was asked for waits behind signing in: see `web.errors`
    return None


def _is_answered_by_flask() -> bool:
    rule = request.url_rule
    return request.method == "OPTIONS" and rule is not None and bool(getattr(rule, "provide_automatic_options", False))


def _present_sign_in() -> SignIn | None:
    token = session.get(TOKEN, "")
    found = db.session.scalar(_WITH_TOKEN, _sent(token)) if token else None
    if found and _is_due(found, token):
        found = _looked_after(found, token)
    if found and viewing.is_over(found):
        found = _as_oneself_again(token)
    if found and found.viewing_as_id:
        request.environ[VIEWING] = found
    return found


def _as_oneself_again(token: str) -> SignIn | None:
    db.session.rollback()
    with writing():
        found = db.session.scalar(_WITH_TOKEN, _sent(token))
        if found:
            viewing.end(found)
    return found


def _is_due(found: SignIn, token: str) -> bool:
    """Whether the token must be exchanged, or the former one forgotten."""
    age = now() - found.renewed_at
    came_back = found.token_hash == hash_of_token(token)
    return age > RENEW_AFTER or (age > IN_FLIGHT and (not came_back or found.former_hash is not None))


def _looked_after(found: SignIn, token: str) -> SignIn | None:
    db.session.rollback()  # what was read so far was read without the lock that writing takes
    with writing():
        locked = db.session.scalar(_WITH_TOKEN.with_for_update(of=SignIn), _sent(token))
        if locked and _is_due(locked, token):
            locked.former_hash = None
            if locked.token_hash != hash_of_token(token) or now() - locked.renewed_at > RENEW_AFTER:
                fresh = secrets.token_urlsafe(32)
                locked.former_hash, locked.token_hash = hash_of_token(token), hash_of_token(fresh)
                locked.renewed_at, locked.expires_at = now(), _expiry(locked.person)
                _carry(fresh)
        db.session.commit()
    return locked


def _sent(token: str) -> dict[str, object]:
    return {"hashed": hash_of_token(token), "moment": now()}


def _still_here(moment: datetime | BindParameter[datetime] | None = None) -> ColumnElement[bool]:
    return or_(Person.left_at.is_(None), Person.left_at > (now() if moment is None else moment))


# Asked at every request, and at every sign-in: building them takes longer than the database takes to answer.
_HASHED: Final[BindParameter[str]] = bindparam("hashed")
_MOMENT: Final[BindParameter[datetime]] = bindparam("moment", type_=SignIn.expires_at.type)
_WITH_TOKEN: Final = (
    select(SignIn)
    .join(SignIn.person)
    .options(contains_eager(SignIn.person))
    .where(
        or_(SignIn.token_hash == _HASHED, SignIn.former_hash == _HASHED),
        SignIn.expires_at > _MOMENT,
        _still_here(_MOMENT),
    )
)
_LOGIN: Final[BindParameter[str]] = bindparam("login")
_CALLED: Final = (
    select(Person.id, Person.staff_number, Person.password_hash)
    .where(or_(Person.staff_number == _LOGIN, Person.name == _LOGIN), _still_here(_MOMENT))
    .limit(20)
)


def _carry(token: str) -> None:
    session[TOKEN] = token
    session.permanent = True


def _expiry(person: Person) -> datetime:
    return now() + timedelta(days=limits_of_person(person).session_days)


def _device() -> str:
    """The browser and the system in words, from what the browser says of itself."""
    agent = request.user_agent.string
    browser = next((name for mark, name in BROWSERS if mark in agent), gettext("浏览器"))
    system = next((name for mark, name in SYSTEMS if mark in agent), "")
    return f"{browser} · {system}" if system else browser
