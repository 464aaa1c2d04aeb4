"""The kinds of long jobs that pages ask for: what each is called, and where its page leads."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import url_for
from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from foundation.jobs import Job
from library.collecting import packing


@dataclass(frozen=True)
class KindOfJob:
    """How a kind of job is shown: its title, the page that it was asked for on, the page that shows its outcome.

    `give_up`: where one that failed is given up with its file.
    """

    title: LazyString
    before: Callable[[Job], str]
    after: Callable[[Job], str]
    give_up: Callable[[Job], str] | None = None


KINDS: dict[str, KindOfJob] = {
    packing.KIND: KindOfJob(
        lazy_gettext("打包成课前包"),
        before=lambda asked: url_for("library.show_collection", code=asked.asked["collection"]),
        after=lambda asked: url_for("library.show_pack", code=asked.code),
    ),
}
"""By the name under which `foundation.jobs.job` knows the work; the parts of this package add their own."""


def title_of(job: Job) -> str:
    """What the job does, in words."""
    return str(KINDS[job.kind].title)


def page_before(job: Job) -> str:
    """The page on which such a job is asked for."""
    return KINDS[job.kind].before(job)


def page_after(job: Job) -> str:
    """The page that shows what the job made."""
    return KINDS[job.kind].after(job)


def giving_up(job: Job) -> str:
    """Where the job is given up with its file; empty for a kind of which nothing is kept."""
    give_up = KINDS[job.kind].give_up
    return give_up(job) if give_up else ""
