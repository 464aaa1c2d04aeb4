import os
import threading
import time
from datetime import timedelta

import pytest
from flask import Flask

from foundation import jobs
from foundation.clock import now
from foundation.database import commit, db, writing
from foundation.errors import Refusal
from foundation.jobs import Job, JobState, Tell
from tests.databases import on_both_databases


@pytest.fixture(autouse=True)
def _kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kinds of jobs made by a test are forgotten after it."""
    monkeypatch.setattr(jobs, "_work_of", {})


def _asked(kind: str, **asked: object) -> Job:
    with writing():
        db.session.commit()
        made = jobs.new_job(kind, None, "zh_Hans", **asked)
        commit()
    return made


def _state(of: Job) -> JobState:
    db.session.expire_all()
    return of.state


def _touched(of: Job, seconds_ago: float) -> None:
    at = time.time() - seconds_ago
    os.utime(jobs.folder_of(of) / jobs.PROGRESS, (at, at))


@on_both_databases
def test_a_job_is_done_with_what_it_was_asked_and_its_outcome_is_kept(app: Flask) -> None:
    @jobs.job("count")
    def count(job: Job, tell: Tell) -> dict[str, object]:
        tell(1, 4, "数到一")
        told = jobs.progress_of(job)
        return {"counted": job.asked["to"], "percent": told.percent, "doing": told.doing}

    asked = _asked("count", to=3)
    assert asked.state is JobState.WAITING
    with writing():
        assert jobs.do_waiting_jobs() == 1
        assert jobs.do_waiting_jobs() == 0
    assert _state(asked) is JobState.DONE
    assert asked.ended
    assert asked.outcome == {"counted": 3, "percent": 25, "doing": "数到一"}


def test_a_refusal_ends_a_job_with_its_sentence_and_undoes_what_it_wrote(app: Flask) -> None:
    @jobs.job("refuse")
    def refuse(job: Job, tell: Tell) -> dict[str, object]:
        job.asked = {"half": "done"}
        raise Refusal("第 3 行没有姓名。")

    asked = _asked("refuse")
    with writing():
        jobs.do_waiting_jobs()
    assert _state(asked) is JobState.FAILED
    assert asked.sentence == "第 3 行没有姓名。"
    assert asked.asked == {}


def test_an_unexpected_fault_ends_a_job_in_plain_words_and_the_next_job_is_done(app: Flask) -> None:
    @jobs.job("break")
    def break_down(job: Job, tell: Tell) -> dict[str, object]:
        raise ZeroDivisionError

    @jobs.job("work")
    def work(job: Job, tell: Tell) -> dict[str, object]:
        return {}

    broken, fine = _asked("break"), _asked("work")
    with writing():
        assert jobs.do_waiting_jobs() == 2
    assert _state(broken) is JobState.FAILED
    assert "再试一次" in broken.sentence
    assert _state(fine) is JobState.DONE


def test_a_job_whose_worker_died_is_done_again_but_not_for_ever(app: Flask) -> None:
    done: list[int] = []

    @jobs.job("work")
    def work(job: Job, tell: Tell) -> dict[str, object]:
        done.append(job.attempts)
        return {}

    asked = _asked("work")
    with writing():
        claimed = jobs._claim()
        assert claimed is not None, "a worker took it, and died"
        assert jobs.do_waiting_jobs() == 0, "it may still be at work"
        _touched(asked, jobs.LOST_AFTER + 5)
        assert jobs.do_waiting_jobs() == 1
    assert done == [2]

    asked = _asked("work")
    with writing():
        for _ in range(jobs.MOST_ATTEMPTS):
            assert jobs._claim()
            _touched(asked, jobs.LOST_AFTER + 5)
        jobs.do_waiting_jobs()
    assert _state(asked) is JobState.FAILED
    assert done == [2]


def test_two_workers_never_do_the_same_job(app: Flask) -> None:
    asked = _asked("work")
    with writing():
        assert jobs._claim() is asked
        assert jobs._claim() is None


def test_jobs_are_done_as_they_come_until_the_worker_stops(app: Flask) -> None:
    @jobs.job("work")
    def work(job: Job, tell: Tell) -> dict[str, object]:
        return {}

    stop = threading.Event()
    worker = threading.Thread(target=jobs.keep_doing_jobs, args=(app, stop, 0.01))
    worker.start()
    asked = _asked("work")
    until = time.monotonic() + 20
    while _state(asked) is not JobState.DONE and time.monotonic() < until:
        time.sleep(0.02)
        db.session.rollback()
    stop.set()
    worker.join()
    assert asked.state is JobState.DONE


def test_old_jobs_are_forgotten_with_their_files(app: Flask) -> None:
    @jobs.job("work")
    def work(job: Job, tell: Tell) -> dict[str, object]:
        return {}

    asked = _asked("work")
    folder = jobs.folder_of(asked)
    with writing():
        jobs.forget_old_jobs(now())
        assert folder.exists(), "it has not ended"
        jobs.do_waiting_jobs()
        jobs.forget_old_jobs(now() - timedelta(days=1))
        assert folder.exists()
        jobs.forget_old_jobs(now() + timedelta(seconds=1))
    assert not folder.exists()
    assert db.session.scalar(db.select(Job)) is None
