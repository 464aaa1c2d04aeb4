from datetime import timedelta

import pytest
from flask import Flask
from huey import SqliteHuey

from foundation.clock import now
from foundation.config import Settings
from foundation.database import db
from lessons import actions
from lessons.models import Plan
from schools.models import Person, SignIn, SignInFailure
from tests.databases import on_both_databases
from tests.factories import make_plan
from web import jobs
from web.health import heartbeat_file


def _do_all(app: Flask) -> SqliteHuey:
    """Every job once, through the queue, as the worker does."""
    queue = jobs.create_jobs(app)
    for task in queue._registry.periodic_tasks:
        queue.enqueue(task)
    db.session.commit()
    while (task := queue.dequeue()) is not None:
        queue.execute(task)
    db.session.expire_all()
    return queue


@on_both_databases
def test_plans_leave_the_recycle_bin_after_their_time(app: Flask, person: Person, settings: Settings) -> None:
    def removed(days: float) -> int:
        return make_plan(person, removed_at=now() - timedelta(days=days)).id

    gone, still_there, never_removed = removed(settings.recycle_days + 1), removed(1), make_plan(person).id
    _do_all(app)
    assert set(db.session.scalars(db.select(Plan.id))) == {still_there, never_removed}
    assert gone not in (still_there, never_removed)


def test_expired_sign_ins_and_old_failures_are_forgotten(app: Flask, person: Person) -> None:
    def entry(number: int, days: int) -> SignIn:
        return SignIn(person_id=person.id, token_hash=str(number), expires_at=now() + timedelta(days=days))

    db.session.add_all([entry(1, -1), entry(2, 1)])
    db.session.add_all([SignInFailure(key="old", made_at=now() - timedelta(days=1)), SignInFailure(key="new")])
    _do_all(app)
    assert list(db.session.scalars(db.select(SignIn.token_hash))) == ["2"]
    assert list(db.session.scalars(db.select(SignInFailure.key))) == ["new"]


def test_the_worker_shows_that_it_works(app: Flask, settings: Settings) -> None:
    _do_all(app)
    assert heartbeat_file(settings).exists()


def test_a_job_that_fails_is_logged_and_the_others_are_done(
    app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(before: object) -> None:
        raise RuntimeError("the disk is on fire")

    monkeypatch.setattr(actions, "purge_bin", fail)
    _do_all(app)
    assert heartbeat_file(settings).exists()
    assert "the disk is on fire" in caplog.text
