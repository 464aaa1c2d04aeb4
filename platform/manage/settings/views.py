"""Pages: What administrators set for their group."""

import re
from datetime import datetime

from flask import Blueprint, current_app, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from foundation import allow, mail
from foundation.config import Settings
from foundation.database import db
from foundation.errors import Conflict, Invalid, NotFound
from manage.access import managing
from manage.settings import access, actions, colours
from manage.settings.forms import NAME_LENGTH, GroupSettings, accent_shown
from manage.settings.pictures import MOST_BYTES
from schools.access import Standing
from schools.forms import LESSON_MINUTES
from schools.limits import LEAST, limits_of, widest
from schools.models import Group
from schools.names import GROUP_KIND_NAMES
from schools.signing_in import the_person

pages = Blueprint("settings", __name__)

YEAR_SECONDS = 365 * 24 * 3600
_ACCENT = re.compile(r"[0-9a-f]{6}\Z")


def _standing() -> Standing:
    return managing(the_person())


def _group(standing: Standing) -> Group:
    return access.group_for_settings(standing, request.values.get("group", type=int))


@pages.get("/manage/settings")
@allow.signed_in
def show_settings() -> ResponseReturnValue:
    """The settings of a group; who looks after campuses only is led to those."""
    standing = _standing()
    if not access.my_groups(standing):
        return render_template("manage/settings_of_campuses.html", campuses=access.my_campuses(standing))
    return _settings_page(standing, _group(standing))


def _settings_page(
    standing: Standing, group: Group, refusal: Invalid | None = None, changed: Conflict | None = None
) -> str:
    settings: Settings = current_app.config["SETTINGS"]
    errors = refusal.fields if refusal else {}
    sent = request.form if errors and "logo" not in errors else {}
    return render_template(
        "manage/settings.html",
        group=group,
        groups=access.my_groups(standing),
        campuses=access.my_campuses(standing),
        kinds=GROUP_KIND_NAMES,
        limits=limits_of(group),
        widest=widest(),
        least=LEAST,
        minutes=LESSON_MINUTES,
        name_length=NAME_LENGTH,
        logo_kilobytes=MOST_BYTES // 1024,
        accent=accent_shown(sent.get("accent", group.accent)),
        recycle_days=settings.recycle_days,
        mail_from=settings.mail_from if mail.is_set_up(settings) else "",
        sent=sent,
        errors=errors,
        changed=changed.message if changed else "",
    )


@pages.post("/manage/settings")
@allow.signed_in
def change_settings() -> ResponseReturnValue:
    """Change what the form says, unless somebody has changed it meanwhile."""
    standing = _standing()
    group = _group(standing)
    try:
        actions.change_settings(
            the_person(), group, GroupSettings.read(request.form), _moment(request.form.get("seen"))
        )
    except Invalid as refusal:
        return _settings_page(standing, group, refusal), 422
    except Conflict as conflict:
        return _settings_page(standing, group, changed=conflict), 409
    flash(gettext("设置已保存。"))
    return redirect(url_for(".show_settings", group=group.id), 303)


def _moment(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text or "")
    except ValueError:
        return None


@pages.post("/manage/settings/logo")
@allow.signed_in
def change_logo() -> ResponseReturnValue:
    """Give the group a logo, or take it away."""
    standing = _standing()
    group = _group(standing)
    try:
        if "remove" in request.form:
            actions.remove_logo(the_person(), group)
        else:
            file = request.files.get("logo")
            actions.change_logo(the_person(), group, file.read() if file else b"")
    except Invalid as refusal:
        return _settings_page(standing, group, refusal), 422
    flash(gettext("标志已更新。"))
    return redirect(url_for(".show_settings", group=group.id), 303)


@pages.get("/groups/<int:group_id>/logo")
@allow.anyone
def logo(group_id: int) -> ResponseReturnValue:
    """The logo of a group: on every page and on public plans."""
    group = db.session.get(Group, group_id)
    if group is None or group.logo is None:
        raise NotFound
    answer = make_response(group.logo)
    answer.mimetype = group.logo_type
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cache-Control"] = f"public, max-age={YEAR_SECONDS}, immutable"  # its address changes with it
    return answer


@pages.get("/group.css")
@allow.anyone
def accent_css() -> ResponseReturnValue:
    """The tokens of the accent colour in the address, in both themes."""
    named = request.args.get("accent", "")
    accent = f"#{named}"
    if not _ACCENT.match(named) or colours.contrast_on_light(accent) < colours.AA:
        raise NotFound
    light, dark = colours.light_shades(accent), colours.dark_shades(accent)
    answer = make_response(render_template("manage/group.css", light=light, dark=dark))
    answer.mimetype = "text/css"
    answer.headers["Cache-Control"] = f"public, max-age={YEAR_SECONDS}, immutable"
    return answer
