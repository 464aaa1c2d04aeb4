"""Pages: A school leaves its group and takes its data along."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext, lazy_gettext

from foundation import allow
from foundation.config import Settings
from foundation.errors import Invalid, NotFound
from foundation.jobs import Job, JobState, folder_of
from manage.access import job_of, managing
from manage.jobs import KINDS, KindOfJob
from manage.leaving import actions, queries
from manage.leaving.access import may_hand_over, membership_for_leaving
from manage.leaving.exporting import PACKAGE
from manage.sent import Sent
from schools.access import Standing
from schools.models import Membership
from schools.signing_in import the_person

pages = Blueprint("leaving", __name__)


def _page_of(job: Job) -> str:
    return url_for("leaving.show_leaving", membership_id=job.asked["membership"])


KINDS[queries.EXPORT] = KindOfJob(lazy_gettext("打包学校的数据"), _page_of, _page_of)


def _standing() -> Standing:
    return managing(the_person())


@pages.get("/manage/leaving")
@allow.signed_in
def list_leavings() -> ResponseReturnValue:
    """The schools whose leaving one can prepare."""
    standing = _standing()
    settings: Settings = current_app.config["SETTINGS"]
    page = max(1, request.args.get("page", 1, type=int))
    return render_template(
        "manage/list_leavings.html", found=queries.memberships_of(standing, page, settings.page_size), day=standing.day
    )


@pages.get("/manage/leaving/<int:membership_id>")
@allow.signed_in
def show_leaving(membership_id: int) -> ResponseReturnValue:
    """What goes along, what stays, and the steps in which a school leaves."""
    standing = _standing()
    return _leaving_page(standing, membership_for_leaving(standing, membership_id))


def _leaving_page(standing: Standing, membership: Membership, errors: dict[str, str] | None = None) -> str:
    return render_template(
        "manage/show_leaving.html",
        membership=membership,
        goes=queries.what_goes(standing, membership),
        export=queries.last_export(the_person(), membership),
        may_hand_over=may_hand_over(standing, membership),
        day=standing.day,
        note_length=actions.NOTE_LENGTH,
        sent=request.form,
        errors=errors or {},
    )


@pages.post("/manage/leaving/<int:membership_id>/terms")
@allow.signed_in
def change_terms(membership_id: int) -> ResponseReturnValue:
    """What of the shared plans stays, and under which words."""
    standing = _standing()
    membership = membership_for_leaving(standing, membership_id)
    note = " ".join(request.form.get("licence_note", "").split())
    keeps = request.form.get("keeps_shared") == "1"
    try:
        actions.change_terms(the_person(), membership, keeps_shared=keeps, licence_note=note)
    except Invalid as refusal:
        return _leaving_page(standing, membership, refusal.fields), 422
    flash(gettext("约定已保存。"))
    return redirect(url_for(".show_leaving", membership_id=membership_id), 303)


@pages.post("/manage/leaving/<int:membership_id>/export")
@allow.signed_in
def export(membership_id: int) -> ResponseReturnValue:
    """Have the package made."""
    membership = membership_for_leaving(_standing(), membership_id)
    job = actions.ask_for_export(the_person(), membership, str(get_locale() or ""))
    return redirect(url_for("manage.show_job", code=job.code), 303)


@pages.get("/manage/leaving/packages/<code>")
@allow.signed_in
def download_package(code: str) -> ResponseReturnValue:
    """The package that was made."""
    job = job_of(the_person(), code)
    file = folder_of(job) / PACKAGE
    if job.kind != queries.EXPORT or job.state is not JobState.DONE or not file.is_file():
        raise NotFound
    membership = membership_for_leaving(_standing(), job.asked["membership"])
    if not may_hand_over(_standing(), membership):
        raise NotFound
    name = f"{membership.campus.name}_{job.made_at.date().isoformat()}.zip"
    return send_file(file.resolve(), "application/zip", as_attachment=True, download_name=name)


@pages.post("/manage/leaving/<int:membership_id>/leave")
@allow.signed_in
def leave_group(membership_id: int) -> ResponseReturnValue:
    """Let the membership end on the day chosen."""
    standing = _standing()
    membership = membership_for_leaving(standing, membership_id)
    sent = Sent(request.form)
    try:
        day = sent.day("on", missing=gettext("请选择退出的日期。"))
        sent.check()
        actions.leave_group(the_person(), membership, day or standing.day)
    except Invalid as refusal:
        return _leaving_page(standing, membership, refusal.fields), 422
    flash(gettext("已定下退出的日期。到那一天，权限会自动变化。"))
    return redirect(url_for(".show_leaving", membership_id=membership_id), 303)


@pages.post("/manage/leaving/<int:membership_id>/stay")
@allow.signed_in
def stay_in_group(membership_id: int) -> ResponseReturnValue:
    """Take a leaving back before its day."""
    actions.stay_in_group(the_person(), membership_for_leaving(_standing(), membership_id))
    flash(gettext("已取消退出，一切照旧。"))
    return redirect(url_for(".show_leaving", membership_id=membership_id), 303)
