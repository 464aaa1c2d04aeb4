"""Pages: Bringing people, classes and textbooks in from Excel files and OneRoster, and out again."""

from io import BytesIO

from flask import Blueprint, current_app, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext

from foundation import allow
from foundation.config import Settings
from foundation.errors import Invalid, NotFound
from foundation.jobs import Job, JobState, folder_of
from foundation.paging import nearest_page
from manage import access as manage_access
from manage.importing import access, actions, dry_runs, oneroster, queries
from schools.signing_in import the_person

pages = Blueprint("importing", __name__, url_prefix="/manage/import")

ANSWER = "answer-"


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


@pages.get("")
@allow.signed_in
def new_import() -> ResponseReturnValue:
    """The template, a new file, files that wait, and what was imported."""
    return _page()


def _page(refusal: Invalid | None = None) -> str:
    person = the_person()
    groups = access.groups_to_import(person)
    reaches = [access.reach_of(person, group.id) for group in groups]
    return render_template(
        "manage/import.html",
        groups=groups,
        may_export=[reach for reach in reaches if reach.administered],
        unfinished=queries.unfinished(person),
        past=queries.past_imports(reaches, request.args.get("page", 1, int), _settings().page_size),
        settings=_settings(),
        error=refusal.message if refusal else "",
    )


@pages.post("")
@allow.signed_in
def begin_import() -> ResponseReturnValue:
    """Take a file and look at it."""
    person = the_person()
    group_id = request.form.get("group", access.groups_to_import(person)[0].id, int)
    sent = request.files.get("file")
    try:
        if sent is None or not sent.filename:
            raise Invalid(file=gettext("请选择要导入的文件。"))
        begun = actions.begin_import(person, group_id, sent.filename, sent.read(), str(get_locale()))
    except Invalid as refusal:
        return _page(refusal), 422
    return redirect(url_for("manage.show_job", code=begun.code), 303)


@pages.get("/template.xlsx")
@allow.signed_in
def download_template() -> ResponseReturnValue:
    """The template to fill in."""
    from manage.importing.template import template  # only here: openpyxl takes long to load

    access.groups_to_import(the_person())
    return send_file(BytesIO(template()), as_attachment=True, download_name=gettext("同课名单导入模板.xlsx"))


@pages.get("/<code>")
@allow.signed_in
def show_import(code: str) -> ResponseReturnValue:
    """The fate of every row, before the import and after it."""
    looked = access.import_of(the_person(), code)
    if looked.state is not JobState.DONE:
        return redirect(url_for("manage.show_job", code=code))
    run = dry_runs.kept_fates(folder_of(looked))
    sheet, fate = request.args.get("sheet", ""), request.args.get("fate", "")
    rows = run.of(sheet, fate)
    size = _settings().page_size
    page, last = nearest_page(request.args.get("page", 1, int), len(rows), size)
    return render_template(
        "manage/import_fates.html",
        looked=looked,
        run=run,
        sheet=sheet,
        fate=fate,
        outcomes=run.page(rows, page, size),
        page=page,
        last_page=last,
    )


@pages.post("/<code>/answers")
@allow.signed_in
def answer_questions(code: str) -> ResponseReturnValue:
    """Say who is meant, and look at the file once more."""
    answers = {
        key.removeprefix(ANSWER): value for key, value in request.form.items() if key.startswith(ANSWER) and value
    }
    looked = actions.answer_questions(the_person(), code, answers)
    return redirect(url_for("manage.show_job", code=looked.code), 303)


@pages.post("/<code>/apply")
@allow.signed_in
def apply_import(code: str) -> ResponseReturnValue:
    """Import what was looked at."""
    begun = actions.apply_import(the_person(), code)
    return redirect(url_for("manage.show_job", code=begun.code), 303)


@pages.post("/<code>/give-up")
@allow.signed_in
def give_up_import(code: str) -> ResponseReturnValue:
    """Forget a file that was looked at."""
    actions.give_up_import(the_person(), code)
    flash(gettext("已放弃，文件没有保留，数据没有改动。"))
    return redirect(url_for(".new_import"), 303)


@pages.post("/roster")
@allow.signed_in
def export_roster() -> ResponseReturnValue:
    """Begin to write the rosters as OneRoster."""
    person = the_person()
    group_id = request.form.get("group", access.groups_to_import(person)[0].id, int)
    begun = actions.begin_roster_export(person, group_id, str(get_locale()))
    return redirect(url_for("manage.show_job", code=begun.code), 303)


@pages.get("/roster/<code>")
@allow.signed_in
def show_roster(code: str) -> ResponseReturnValue:
    """The rosters that were written, ready to be fetched."""
    return render_template("manage/import_roster.html", job=_roster(code))


@pages.get("/roster/<code>/oneroster.zip")
@allow.signed_in
def download_roster(code: str) -> ResponseReturnValue:
    """The rosters as a file."""
    package = folder_of(_roster(code)) / oneroster.PACKAGE
    return send_file(package.resolve(), as_attachment=True, download_name=oneroster.PACKAGE)


def _roster(code: str) -> Job:
    job = manage_access.job_of(the_person(), code)
    if job.kind != access.ROSTER or job.state is not JobState.DONE:
        raise NotFound
    return job
