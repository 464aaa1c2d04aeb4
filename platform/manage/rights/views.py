"""Pages: Who did what, why somebody may see something, and seeing the product as somebody else."""

from flask import Blueprint, current_app, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from foundation import allow
from foundation.config import Settings
from foundation.errors import NotFound, SignedOut
from foundation.jobs import JobState
from manage.access import job_of, managing, managing_already
from manage.rights import access, exporting, queries
from manage.rights.asking import thing_of
from manage.rights.forms import AuditFilter, Before
from manage.rights.words import action_said, details_said
from schools import viewing
from schools.access import standing_of
from schools.audit import ACTIONS
from schools.models import Person
from schools.reasons import Inquiry
from schools.signing_in import current_sign_in, the_person

pages = Blueprint("rights", __name__)


@pages.get("/manage/audit")
@allow.signed_in
def list_audit() -> ResponseReturnValue:
    """What was done, the newest first."""
    places = access.audited_by(managing(the_person()))
    wanted, settings = AuditFilter.read(request.args), _settings()
    return render_template(
        "manage/list_audit.html",
        wanted=wanted,
        found=queries.page_of(places, wanted, Before.read(request.args.get("before", "")), settings.page_size),
        is_first="before" not in request.args,
        campuses=queries.campuses_in(places),
        actions=sorted(ACTIONS.items(), key=lambda each: str(each[1])),
        action_said=action_said,
        details_said=details_said,
        kept_days=settings.audit_days,
    )


@pages.post("/manage/audit/export")
@allow.signed_in
def export_audit() -> ResponseReturnValue:
    """The same as a file, made by the worker."""
    kind = request.form.get("format", "")
    if kind not in exporting.FORMATS:
        raise NotFound
    asked = exporting.ask_for_export(the_person(), AuditFilter.read(request.form), kind)
    return redirect(url_for("manage.show_job", code=asked.code), 303)


@pages.get("/manage/audit/exports/<code>")
@allow.signed_in
def show_export(code: str) -> ResponseReturnValue:
    """A file that is ready."""
    asked = job_of(the_person(), code)
    if asked.kind != exporting.KIND or asked.state is not JobState.DONE:
        raise NotFound
    return render_template("manage/show_audit_export.html", job=asked, keep_days=_settings().recycle_days)


@pages.get("/manage/audit/exports/<code>/file")
@allow.signed_in
def export_file(code: str) -> ResponseReturnValue:
    """The file itself."""
    asked = job_of(the_person(), code)
    if asked.kind != exporting.KIND or asked.state is not JobState.DONE:
        raise NotFound
    file = exporting.file_of(asked)
    return send_file(file, as_attachment=True, download_name=f"{gettext('留痕')}{file.suffix}")


@pages.get("/why/<kind>/<name>")
@allow.signed_in
def why(kind: str, name: str) -> ResponseReturnValue:
    """Why somebody may see something: choose a person, get the rule in words."""
    standing = standing_of(the_person())
    thing = thing_of(standing, kind, name)
    person_id = request.args.get("person", type=int)
    person = access.colleague(standing, person_id) if person_id else None
    words = " ".join(request.args.get("find", "").split())[:60]
    people = queries.people_named(standing, words)
    if person is None and len(people) == 1:
        person = people[0]
    about = Inquiry(person) if person else None
    return render_template(
        "manage/why.html",
        thing=thing,
        kind=kind,
        name=name,
        person=person,
        answers=thing.ask(about) if about else [],
        may_view_as=viewing.may_view_as(standing, about.present) if about else False,
        words=words,
        people=people[: queries.FOUND_AT_MOST],
        more=len(people) > queries.FOUND_AT_MOST,
    )


@pages.post("/manage/view-as/<int:person_id>")
@allow.signed_in
def view_as(person_id: int) -> ResponseReturnValue:
    """See the product as somebody else, reading only."""
    sign_in = current_sign_in()
    if sign_in is None:
        raise SignedOut
    viewing.begin(sign_in, access.colleague(standing_of(the_person()), person_id))
    return redirect(url_for("web.home"), 303)


@pages.app_context_processor
def _offers() -> dict[str, object]:
    """Templates ask by `may_view_as(person)` whether to offer it."""
    return {"may_view_as": _may_view_as}


def _may_view_as(person: Person) -> bool:
    return viewing.may_view_as(managing_already(the_person()), standing_of(person))


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
