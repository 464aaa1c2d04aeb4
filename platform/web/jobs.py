"""The worker: its timed jobs, and beside them the long jobs that people ask for, the previews of files, and mail.

A timed job that fails is logged and done again at its next time.
"""

import threading
from collections.abc import Callable
from datetime import timedelta

from flask import Flask
from huey import SqliteHuey, crontab
from huey.consumer import Consumer

from foundation.clock import now
from foundation.config import Settings
from foundation.database import writing
from foundation.jobs import forget_old_jobs as forget_jobs_that_ended_before
from foundation.jobs import keep_doing_jobs
from lessons import actions as lesson_actions
from library import actions as library_actions
from library import orphans, uploading
from library.collecting import actions as collecting_actions
from library.previewing.actions import keep_previewing
from live.after import actions as after_actions
from live.after.concluding import conclude_ended
from live.recording import actions as recording_actions
from manage.slips import papers
from notices import actions as notice_actions
from notices.mailing import keep_mailing
from schools import actions as school_actions
from schools import audit, pupils, viewing
from search import indexing
from search.service import the_index
from web import backup
from web.health import heartbeat_file


def empty_recycle_bin(settings: Settings) -> None:
    """Plans, resources, collections and notes that lay in the recycle bin for `recycle_days` are gone for good."""
    before = now() - timedelta(days=settings.recycle_days)
    lesson_actions.purge_bin(before)
    library_actions.purge_bin(before)
    collecting_actions.purge_bin(before)
    after_actions.purge_notes(before)


def forget_old_uploads(settings: Settings) -> None:
    """Uploads that nobody has gone on with for a week are forgotten, and files that belong to nobody removed."""
    uploading.forget_old_uploads(now() - timedelta(days=uploading.KEPT_DAYS))
    orphans.remove_orphans(now())


def forget_old_sign_ins(settings: Settings) -> None:
    """Expired sign-ins and refused passwords that no longer count are not kept."""
    school_actions.forget_old_sign_ins()
    pupils.forget_old_sign_ins()


def forget_old_jobs(settings: Settings) -> None:
    """What long jobs read and wrote is not kept for longer than the recycle bin."""
    forget_jobs_that_ended_before(now() - timedelta(days=settings.recycle_days))


def forget_old_audit(settings: Settings) -> None:
    """What was done is kept for `audit_days`."""
    audit.forget_before(now() - timedelta(days=settings.audit_days))


def end_viewing(settings: Settings) -> None:
    """Nobody sees as somebody else for longer than allowed, also where the page was just closed."""
    viewing.end_overdue()


def back_up(settings: Settings) -> None:
    """One backup a day, where the settings name a folder for it."""
    if settings.backup_dir:
        backup.make_daily(settings, lambda *told: beat(settings))


def forget_papers(settings: Settings) -> None:
    """Password slips and pupils' cards are kept for a day."""
    papers.destroy_old()


def conclude_lessons(settings: Settings) -> None:
    """Lessons that have ended count as taught, and their leads hear that the record is there."""
    conclude_ended()


def end_recordings(settings: Settings) -> None:
    """What was recorded of a lesson is joined, also where the browser was just closed."""
    recording_actions.end_abandoned()


def forget_recordings(settings: Settings) -> None:
    """Films of lessons are kept for `recording_days`."""
    recording_actions.forget_kept()


def check_search(settings: Settings) -> None:
    """What the search has missed is indexed anew."""
    if the_index().index.usable():
        indexing.repair()


def forget_old_notices(settings: Settings) -> None:
    """Notices are kept for 90 days."""
    notice_actions.forget_old()


def beat(settings: Settings) -> None:
    """Show that the worker works, for `/healthz`."""
    heartbeat_file(settings).touch()


# Hourly, not nightly: many schools switch their server off in the evening.
TIMES: dict[Callable[[Settings], None], Callable[..., bool]] = {
    beat: crontab(minute="*"),
    empty_recycle_bin: crontab(minute="7"),
    forget_old_uploads: crontab(minute="23"),
    forget_old_sign_ins: crontab(minute="37"),
    forget_old_jobs: crontab(minute="47"),
    forget_papers: crontab(minute="27"),
    forget_old_audit: crontab(minute="57"),
    forget_old_notices: crontab(minute="33"),
    end_viewing: crontab(minute="*/5"),
    conclude_lessons: crontab(minute="*"),
    end_recordings: crontab(minute="*/5"),
    forget_recordings: crontab(minute="33"),
    back_up: crontab(minute="17"),
    check_search: crontab(minute="*/10"),
}


def create_jobs(app: Flask) -> SqliteHuey:
    """The jobs of `app` at their times, with their queue in its data folder."""
    settings: Settings = app.config["SETTINGS"]
    jobs = SqliteHuey("tongke", filename=str(settings.made_data_dir() / "jobs.sqlite3"), results=False)
    for job, times in TIMES.items():
        jobs.periodic_task(times, name=job.__name__)(_within(app, job))
    jobs.on_startup("beat")(lambda: beat(settings))
    return jobs


def _within(app: Flask, job: Callable[[Settings], None]) -> Callable[[], None]:
    def run() -> None:
        with app.app_context(), writing():
            job(app.config["SETTINGS"])

    return run


def work(app: Flask) -> None:
    """Do the jobs until SIGTERM (the timed job in hand is finished) or SIGINT (it is not).

    A long job that is cut short is done again by the next worker.
    """
    stop = threading.Event()
    threading.Thread(target=keep_doing_jobs, args=(app, stop), name="long-jobs", daemon=True).start()
    for name, films in (("previews", False), ("films", True)):
        threading.Thread(
            target=keep_previewing, args=(app, stop), kwargs={"films": films}, name=name, daemon=True
        ).start()
    for name, keep in (
        ("search", indexing.keep_indexing),
        ("segments", indexing.keep_gathering),
        ("mail", keep_mailing),
    ):
        threading.Thread(target=keep, args=(app, stop), name=name, daemon=True).start()
    try:
        Consumer(create_jobs(app), workers=1, shutdown_timeout=5, graceful_signal="TERM").run()
    finally:
        stop.set()
