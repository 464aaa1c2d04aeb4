"""Notices by mail: urgent ones at once, all others together at 7:10 and 16:30. The worker does this; no page waits for it."""

import logging
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from flask import Flask, current_app
from flask_babel import force_locale, gettext, ngettext
from sqlalchemy import select, update

from foundation.clock import SCHOOL_ZONE, now
from foundation.config import Settings
from foundation.database import commit, db, writing
from foundation.mail import Letter, Mailer, NotSent, Refused, the_mailer
from notices import tokens
from notices.actions import SOON, notify
from notices.kinds import Facts, sentence, sentence_of
from notices.models import MailAddress, Notice
from schools.models import Campus, Person, Posting

log = logging.getLogger(__name__)

TIMES: Final = (time(7, 10), time(16, 30))
OLDEST: Final = timedelta(days=2)
"""What could not be sent for so long is not sent any more: it is read in the product."""
MOST_LINES: Final = 30
OWN_PAGE: Final = "/account/mail"


@dataclass(frozen=True)
class Post:
    """A letter to somebody's address, and the notices that it tells of (none: it brings the link of a new address)."""

    person_id: int
    letter: Letter
    notice_ids: Sequence[int] = ()


def keep_mailing(app: Flask, stop: threading.Event, every: float = 10) -> None:
    """Send what is due until `stop` is set; what goes wrong is logged, and tried again a minute later."""
    while not stop.wait(every):
        try:
            with app.app_context():
                send_due()
        except NotSent as problem:
            log.warning("the mail server takes no letters at present", extra={"why": str(problem)})
            stop.wait(60)
        except Exception:
            log.exception("mail cannot be sent at present")
            stop.wait(60)


def send_due() -> int:
    """Send the links of new addresses, what is urgent, and the digests whose time has come; how many letters went out.

    Raises NotSent when the mail server does not answer. No transaction is open while it is waited for.
    """
    posts = [*_links(), *_told()]
    db.session.rollback()
    with the_mailer(_settings()) as mailer:
        return sum(_send(mailer, post) for post in posts)


def last_time(zone: ZoneInfo) -> datetime:
    """When a digest was due last in a zone."""
    here = now().astimezone(zone)
    days = (here.date(), here.date() - timedelta(days=1))
    moments = [datetime.combine(day, each, zone) for day in days for each in TIMES]
    return max(moment for moment in moments if moment <= here)


def _send(mailer: Mailer, post: Post) -> bool:
    try:
        mailer.send(post.letter)
    except Refused as refused:
        log.warning("a letter was refused", extra={"person": post.person_id, "why": str(refused)})
        if not refused.for_good:
            return False
        with writing():
            _doubt(post)
        return False
    with writing():
        _note(post)
    return True


def _note(post: Post) -> None:
    """What was sent is not sent again."""
    if post.notice_ids:
        db.session.execute(update(Notice).where(Notice.id.in_(post.notice_ids)).values(mailed_at=now()))
    else:
        _change_address(post, link_sent_at=now())
    commit()


def _doubt(post: Post) -> None:
    """Nothing more is sent to an address that does not exist; its owner reads so in the product."""
    _change_address(post, confirmed_at=None, link_sent_at=now())
    notify([post.person_id], "mail_refused", {"address": post.letter.to}, OWN_PAGE, about="mail")
    commit()


def _change_address(post: Post, **values: datetime | None) -> None:
    """Unless it is another one by now."""
    kept = (MailAddress.person_id == post.person_id, MailAddress.address == post.letter.to)
    db.session.execute(update(MailAddress).where(*kept).values(**values))


@sentence("mail_refused")
def _mail_refused(facts: Facts) -> str:
    return gettext("邮件送不到 %(address)s，请核对您的邮箱地址。", address=facts["address"])


def _links() -> Iterator[Post]:
    waiting = (
        select(MailAddress, Person)
        .join(Person, Person.id == MailAddress.person_id)
        .where(
            MailAddress.confirmed_at.is_(None),
            MailAddress.link_sent_at.is_(None),
            MailAddress.asked_at > now() - OLDEST,
        )
    )
    for kept, person in db.session.execute(waiting).tuples():
        with force_locale(person.language or "zh_Hans"):
            yield Post(person.id, _link_letter(person, kept.address))


def _told() -> Iterator[Post]:
    """The letters that tell of notices: to each person one with what is urgent, one with all that waited for the digest."""
    unmailed = (
        select(Notice, MailAddress, Person)
        .join(MailAddress, MailAddress.person_id == Notice.person_id)
        .join(Person, Person.id == Notice.person_id)
        .where(
            Notice.mailed_at.is_(None),
            Notice.read_at.is_(None),
            Notice.made_at >= MailAddress.confirmed_at,
            Notice.made_at > now() - OLDEST,
            Person.left_at.is_(None),
        )
        .order_by(Notice.made_at, Notice.id)
    )
    rows = db.session.execute(unmailed).tuples().all()
    zones = _zones({person.id for _, _, person in rows})
    due: dict[tuple[int, bool], list[Notice]] = defaultdict(list)
    to: dict[int, tuple[Person, MailAddress]] = {}
    for notice, kept, person in rows:
        to[person.id] = person, kept
        if notice.urgent and kept.urgent and notice.made_at > now() - SOON:
            due[person.id, True].append(notice)
        elif kept.digest and notice.made_at <= last_time(zones.get(person.id, SCHOOL_ZONE)):
            due[person.id, False].append(notice)
    for (person_id, urgent), notices in sorted(due.items(), key=lambda item: not item[0][1]):
        person, kept = to[person_id]
        with force_locale(person.language or "zh_Hans"):
            letter = _letter(person, kept.address, notices, urgent=urgent)
        yield Post(person_id, letter, [notice.id for notice in notices])


def _zones(person_ids: set[int]) -> Mapping[int, ZoneInfo]:
    """Where the day of each begins: at the campus where they were posted first."""
    rows = db.session.execute(
        select(Posting.person_id, Campus.zone)
        .join(Campus, Campus.id == Posting.campus_id)
        .where(Posting.person_id.in_(person_ids), Posting.holding_on(now().date()))
        .order_by(Posting.from_day.desc(), Posting.id.desc())
    )
    return {person_id: ZoneInfo(zone) for person_id, zone in rows.tuples()}


def _letter(person: Person, address: str, notices: Sequence[Notice], *, urgent: bool) -> Letter:
    told = [sentence_of(notice.kind, notice.facts) for notice in notices]
    if urgent:
        subject = gettext("同课 · 马上：%(sentence)s", sentence=told[-1])
    else:
        subject = ngettext("同课：%(num)d 条新消息", "同课：%(num)d 条新消息", len(told))
    stop = _page(f"/mail/stop/{tokens.stopping(person.id, address)}")
    lines = [gettext("%(name)s，您好：", name=person.name), ""]
    for notice, said in list(zip(notices, told, strict=True))[:MOST_LINES]:
        lines += [f"· {said}", f"  {_page(f'/notices/{notice.id}')}", ""]
    if len(notices) > MOST_LINES:
        lines += [ngettext("还有 %(num)d 条。", "还有 %(num)d 条。", len(notices) - MOST_LINES), ""]
    lines += [
        gettext("全部通知：%(page)s", page=_page("/notices")),
        gettext("改收信的时间，或不再收信：%(page)s", page=_page(OWN_PAGE)),
        gettext("直接退订：%(page)s", page=stop),
        "",
    ]
    return Letter(address, subject, "\n".join(lines), stop)


def _link_letter(person: Person, address: str) -> Letter:
    lines = [
        gettext("%(name)s，您好：", name=person.name),
        "",
        gettext("您在同课里填写了这个邮箱来收通知。请在一天之内打开下面的页面确认："),
        "",
        _page(f"/mail/confirm/{tokens.confirming(person.id, address)}"),
        "",
        gettext("如果不是您本人填写的，不用理会这封邮件，以后也不会再收到。"),
        "",
    ]
    return Letter(address, gettext("同课：请确认您的邮箱"), "\n".join(lines))


def _page(path: str) -> str:
    """Where a page is for people who read mail."""
    return _settings().site_url.rstrip("/") + path


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
