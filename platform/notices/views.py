"""Pages of notices: what one was told, the bell's question for news, and mail."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from flask import Blueprint, Response, current_app, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date, gettext

from foundation import allow, mail
from foundation.clock import SCHOOL_ZONE, today
from foundation.config import Settings
from foundation.database import db, writing
from foundation.errors import Invalid, TooMany
from notices import actions, addresses, queries
from notices.kinds import sentence_of
from notices.models import Notice
from schools.signing_in import safe_next, the_person

pages = Blueprint("notices", __name__, template_folder="templates")


@dataclass(frozen=True)
class Day:
    """Notices of one day; those not read stand on days of their own, before the others."""

    unread: bool
    name: str
    notices: Sequence[Notice]


@pages.get("/notices")
@allow.signed_in
def list_notices() -> ResponseReturnValue:
    """What somebody was told."""
    page = request.args.get("page", 1, type=int)
    found = queries.notices_of(the_person(), page, _settings().page_size)
    return render_template("notices/list_notices.html", found=found, days=list(_by_day(found.notices)), said=_said)


def _by_day(notices: Sequence[Notice]) -> Iterator[Day]:
    for (unread, day), those in groupby(
        notices, lambda each: (each.read_at is None, each.made_at.astimezone(SCHOOL_ZONE).date())
    ):
        ago = (today() - day).days
        written = format_date(day, gettext("M月d日 EEE") if day.year == today().year else gettext("y年M月d日"))
        yield Day(unread, {0: gettext("今天"), 1: gettext("昨天")}.get(ago, written), list(those))


def _said(notice: Notice) -> str:
    return sentence_of(notice.kind, notice.facts)


@pages.get("/notices/<int:notice_id>")
@allow.signed_in
def open_notice(notice_id: int) -> ResponseReturnValue:
    """Where a notice leads; it is read by that. One that was replaced by a newer word leads to the list."""
    person = the_person()
    notice = queries.notice_of(person, notice_id)
    leads = safe_next(notice.url) if notice else None
    if notice and notice.read_at is None:
        db.session.rollback()  # what was read so far was read without the lock that writing takes
        with writing():
            actions.read(person, notice)
    return redirect(leads or url_for(".list_notices"), 303)


@pages.post("/notices/<int:notice_id>/read")
@allow.signed_in
def read_notice(notice_id: int) -> ResponseReturnValue:
    """It was seen where it stands."""
    person = the_person()
    notice = queries.notice_of(person, notice_id)
    if notice:
        actions.read(person, notice)
    return Response(status=204)


@pages.post("/notices/read")
@allow.signed_in
def read_all() -> ResponseReturnValue:
    """All were seen."""
    actions.read_all(the_person())
    return redirect(url_for(".list_notices"), 303)


@pages.get("/notices/news")
@allow.signed_in
def news() -> ResponseReturnValue:
    """What is new since the bell's mark; 204 when nothing is. Asked by every open page once a minute."""
    person, mark = the_person(), request.args.get("mark", "")
    present = queries.count_unread(person)
    if present.mark == mark:
        return Response(status=204)
    urgent = [
        {
            "text": _said(each),
            "url": url_for(".open_notice", notice_id=each.id),
            "read": url_for(".read_notice", notice_id=each.id),
        }
        for each in queries.urgent_since(person, mark)
    ]
    return jsonify(count=present.count, mark=present.mark, urgent=urgent)


@pages.get("/account/mail")
@allow.signed_in
def own_mail() -> ResponseReturnValue:
    """Whether and where one wants notices by mail."""
    return _mail_page()


def _mail_page(faults: dict[str, str] | None = None) -> str:
    return render_template(
        "notices/own_mail.html",
        kept=queries.address_of(the_person()),
        is_set_up=mail.is_set_up(_settings()),
        sent=request.form,
        faults=faults or {},
    )


@pages.post("/account/mail")
@allow.signed_in
def set_address() -> ResponseReturnValue:
    """An address is set; a letter with a link goes there."""
    try:
        kept = addresses.set_address(the_person(), request.form.get("address", ""))
    except Invalid as refusal:
        return _mail_page(refusal.fields), 422
    except TooMany as refusal:
        return _mail_page({"address": refusal.message}), 429
    if not kept.confirmed_at:
        flash(gettext("确认邮件马上发往 %(address)s。打开里面的链接后才开始收信。", address=kept.address))
    return redirect(url_for(".own_mail"), 303)


@pages.post("/account/mail/wishes")
@allow.signed_in
def choose_letters() -> ResponseReturnValue:
    """Which letters one wants."""
    addresses.choose(the_person(), digest="digest" in request.form, urgent="urgent" in request.form)
    flash(gettext("已保存。"))
    return redirect(url_for(".own_mail"), 303)


@pages.post("/account/mail/remove")
@allow.signed_in
def remove_address() -> ResponseReturnValue:
    """The address is forgotten."""
    addresses.remove_address(the_person())
    flash(gettext("邮箱已去掉，不再发邮件给您。通知仍在同课里看。"))
    return redirect(url_for(".own_mail"), 303)


@pages.route("/mail/confirm/<word>", methods=["GET", "POST"])
@allow.anyone
def confirm_address(word: str) -> ResponseReturnValue:
    """The link of the first letter: opened perhaps on a phone where nobody is signed in. A click, not the mere link: mail programs open links."""
    if request.method == "GET":
        return render_template("notices/confirm_address.html", address="")
    kept = addresses.confirm(word)
    return render_template("notices/confirm_address.html", address=kept.address)


@pages.route("/mail/stop/<word>", methods=["GET", "POST"])
@allow.anyone
def stop_mail(word: str) -> ResponseReturnValue:
    """The link at the foot of each letter; mail programs post to it by themselves (RFC 8058)."""
    if request.method == "POST":
        addresses.stop(word)
    return render_template("notices/stop_mail.html", done=request.method == "POST")


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
