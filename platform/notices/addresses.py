"""What people do with their mail address. Each function makes one change and commits it."""

from datetime import timedelta
from typing import Final

from flask import current_app
from flask_babel import gettext

from foundation import mail
from foundation.clock import now
from foundation.database import commit, db
from foundation.errors import Conflict, Invalid, NotFound, TooMany
from notices import tokens
from notices.models import MailAddress
from notices.queries import address_of
from schools.models import Person

PAUSE: Final = timedelta(minutes=5)
"""Nobody has letters sent to addresses of others more often than that."""


def set_address(by: Person, text: str) -> MailAddress:
    """Where somebody wants mail; the worker sends the link by which they prove that it is theirs.

    Raises Invalid, TooMany, Conflict where there is no mail server.
    """
    if not mail.is_set_up(current_app.config["SETTINGS"]):
        raise Conflict(gettext("系统还没有设置邮件服务器，不能发邮件。"))
    text = text.strip()
    if not mail.is_address(text):
        raise Invalid(address=gettext("邮箱地址应像 wang@example.cn 这样。"))
    kept = address_of(by)
    if kept is not None and kept.confirmed_at and kept.address == text:
        return kept
    if kept is not None and now() - kept.asked_at < PAUSE:
        raise TooMany(gettext("确认邮件刚发过，请先查收（也看看垃圾邮件），五分钟后可以再发。"), PAUSE.seconds)
    if kept is None:
        kept = MailAddress(person_id=by.id)
        db.session.add(kept)
    kept.address, kept.confirmed_at, kept.asked_at, kept.link_sent_at = text, None, now(), None
    commit()
    return kept


def confirm(word: str) -> MailAddress:
    """Whoever holds the word reads the mail of the address: letters may go there. Raises NotFound when the word is no longer good."""
    meant = tokens.confirmed(word)
    kept = db.session.get(MailAddress, meant[0]) if meant else None
    if meant is None or kept is None or kept.address != meant[1]:
        raise NotFound(gettext("这个链接已经过期，或者邮箱已经换了。请登录后在“通知邮件”里再发一次确认邮件。"))
    kept.confirmed_at = kept.confirmed_at or now()
    commit()
    return kept


def choose(by: Person, *, digest: bool, urgent: bool) -> None:
    """Which letters somebody wants."""
    kept = address_of(by)
    if kept is not None:
        kept.digest, kept.urgent = digest, urgent
        commit()


def remove_address(by: Person) -> None:
    """The address is forgotten."""
    kept = address_of(by)
    if kept is not None:
        db.session.delete(kept)
        commit()


def stop(word: str) -> None:
    """No more letters to the address that the word names. Raises NotFound for a word that is not ours."""
    meant = tokens.stopped(word)
    if meant is None:
        raise NotFound(gettext("这个退订链接不完整，请从邮件里重新点开。"))
    kept = db.session.get(MailAddress, meant[0])
    if kept is not None and kept.address == meant[1]:
        kept.digest = kept.urgent = False
        commit()
