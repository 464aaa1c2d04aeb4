"""The first page of Manage, and the page on which long jobs are watched."""

from flask import Blueprint, current_app, jsonify, redirect, render_template
from flask.typing import ResponseReturnValue

from foundation import allow
from foundation.backups import last_backup
from foundation.config import Settings
from foundation.jobs import Job, JobState, progress_of
from manage import access, jobs, navigation, queries
from schools.signing_in import the_person

pages = Blueprint("manage", __name__, template_folder="templates")


@pages.get("/manage")
@allow.signed_in
def home() -> ResponseReturnValue:
    """What there is to manage."""
    standing = access.managing(the_person())
    settings: Settings = current_app.config["SETTINGS"]
    return render_template(
        "manage/home.html",
        counts=queries.counts_for(standing),
        ending=queries.ending_soon(standing),
        days=queries.SOON.days,
        backup=last_backup(settings),
        backs_up_daily=bool(settings.backup_dir),
        reach={section.url for section in navigation.sections(standing)},
    )


@pages.get("/jobs/<code>")
@allow.signed_in
def show_job(code: str) -> ResponseReturnValue:
    """How far a long job has come; once it is done, on to what it made."""
    job = access.job_of(the_person(), code)
    after = jobs.page_after(job)
    if job.state is JobState.DONE and after:
        return redirect(after)
    return render_template(
        "manage/show_job.html",
        job=job,
        title=jobs.title_of(job),
        back=jobs.page_before(job),
        give_up=jobs.giving_up(job),
        **_told(job),
    )


@pages.get("/jobs/<code>/progress")
@allow.signed_in
def job_progress(code: str) -> ResponseReturnValue:
    """The same for a script: `percent` is null while the total is not known."""
    job = access.job_of(the_person(), code)
    return jsonify(ended=job.ended, **_told(job))


def _told(job: Job) -> dict[str, object]:
    progress = progress_of(job)
    return {"percent": progress.percent, "doing": progress.doing, "state": job.state.value}


@pages.app_context_processor
def _sections() -> dict[str, object]:
    """Templates of Manage ask for its sections by `manage_sections()`."""
    return {"manage_sections": lambda: navigation.sections(access.managing_already(the_person()))}
