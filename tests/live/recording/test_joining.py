"""Parts of a recording become one film in the library, with the steps as its chapters, or say why not."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from foundation.config import ROOT
from foundation.database import db, writing
from foundation.errors import Conflict
from foundation.jobs import PROGRESS, Job, do_waiting_jobs, folder_of
from library.models import Resource, ResourceKind
from library.previewing import programs
from library.storage import the_store
from live.models import LiveSession, Recording, RecordingPart, RecordingState
from live.recording import actions
from schools.models import Visibility
from tests.factories import make_resource
from tests.live.lessons import BEGAN, hold, make_lesson
from tests.programs import needs_ffmpeg

OPENED = BEGAN - timedelta(seconds=60)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Two seconds as Chromium records them: without length or index."""
    file: Path = tmp_path_factory.mktemp("film") / "take.webm"
    made = ["-f", "lavfi", "-i", "testsrc=size=160x120:rate=10:duration=2", "-f", "lavfi", "-i", "sine=duration=2"]
    coded = ["-c:v", "libvpx", "-b:v", "100k", "-c:a", "libopus", "-live", "1", "-f", "webm"]
    subprocess.run(["ffmpeg", "-v", "error", *made, *coded, str(file)], check=True)
    return file.read_bytes()


def begun(session: LiveSession) -> Recording:
    return actions.begin_recording(session.lead, session, "video/webm;codecs=vp8,opus", consent=True)


def sent(recording: Recording, film: bytes, second: float) -> None:
    third = len(film) // 3
    for index, data in enumerate((film[:third], film[third : 2 * third], film[2 * third :])):
        began = OPENED + timedelta(seconds=second)
        actions.take_part(recording, began, index, began + timedelta(seconds=index), data)


def joined(recording: Recording) -> None:
    actions.end_recording(None, recording)
    with writing():
        assert do_waiting_jobs() == 1
    db.session.refresh(recording)


@needs_ffmpeg
def test_two_takes_become_one_film_that_knows_its_steps(app: Flask, film: bytes) -> None:
    session = make_lesson()
    with writing():
        hold(session)
        recording = begun(session)
        sent(recording, film, 58)
        sent(recording, film, 420)
        keys = [part.key for part in recording.parts]

    joined(recording)

    assert (recording.state, recording.reason) == (RecordingState.READY, "")
    first, second = recording.takes
    assert (first["second"], first["at"]) == (58, 0)
    assert second["second"] == 420
    assert second["at"] == pytest.approx(2, abs=0.2)
    assert [(each["title"], each["second"]) for each in recording.chapters] == [
        ("情境导入", 60),
        ("认识四分之一", 420),
        ("课堂小结", 1560),
    ]
    assert recording.chapters[0]["at"] == pytest.approx(2, abs=0.1)
    resource = recording.resource
    assert resource is not None
    assert (resource.kind, resource.visibility, resource.owner_id) == (
        ResourceKind.RECORDING,
        Visibility.PERSONAL,
        session.lead_id,
    )
    assert recording.kept_until == session.day + timedelta(days=365)
    assert db.session.scalars(select(RecordingPart)).all() == []
    assert not set(keys) & set(the_store().keys())
    assert _seconds(resource, app) == pytest.approx(4, abs=0.3)


def _seconds(resource: Resource, app: Flask) -> float:
    folder = Path(app.config["SETTINGS"].data_dir)
    file = folder / "film.webm"
    with the_store().open(resource.versions[0].key) as kept:
        file.write_bytes(kept.read())
    found = programs.look_at_film(file, folder)
    return found.seconds if found else 0


@needs_ffmpeg
def test_a_worker_killed_while_it_joins_leaves_everything_for_the_next_which_makes_one_film(
    app: Flask, film: bytes, tmp_path: Path
) -> None:
    with writing():
        recording = begun(make_lesson())
        sent(recording, film, 58)
        actions.end_recording(None, recording)
    kept = sorted(the_store().keys())
    begun_file = tmp_path / "joining"
    worker = _worker_with_a_slow_ffmpeg(app, tmp_path, begun_file)
    try:
        wait_for(begun_file.exists)
    finally:
        worker.kill()
        worker.wait()

    assert do_waiting_jobs() == 0, "its worker may be alive still"
    job = db.session.scalars(select(Job)).one()
    os.utime(folder_of(job) / PROGRESS, (0, 0))
    assert sorted(the_store().keys()) == kept
    with writing():
        assert do_waiting_jobs() == 1
        assert do_waiting_jobs() == 0
    db.session.refresh(recording)

    assert (recording.state, recording.reason) == (RecordingState.READY, "")
    resource = db.session.scalars(select(Resource).where(Resource.kind == ResourceKind.RECORDING)).one()
    assert list(the_store().keys()) == [resource.versions[0].key]
    assert _seconds(resource, app) == pytest.approx(2, abs=0.2)


def _worker_with_a_slow_ffmpeg(app: Flask, folder: Path, begun_file: Path) -> subprocess.Popen[bytes]:
    """A process of its own that does jobs, whose ffmpeg says that it has begun and then takes its time."""
    programs_of_it = folder / "bin"
    programs_of_it.mkdir()
    slow = programs_of_it / "ffmpeg"
    slow.write_text(f"#!/bin/sh\ntouch {begun_file}\nexec sleep 60\n")
    slow.chmod(0o755)
    settings = app.config["SETTINGS"]
    work = (
        f"import sys; sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / 'platform')!r}]\n"
        "from pathlib import Path\n"
        "from app import create_app\n"
        "from foundation.config import Settings\n"
        "from foundation.database import writing\n"
        "from foundation.jobs import do_waiting_jobs\n"
        f"folder, database = Path({str(settings.data_dir)!r}), {settings.database_url!r}\n"
        "app = create_app(Settings(data_dir=folder, database_url=database, secret_key='k'))\n"
        "with app.app_context(), writing():\n    do_waiting_jobs()\n"
    )
    path = f"{programs_of_it}{os.pathsep}{os.environ['PATH']}"
    return subprocess.Popen([sys.executable, "-c", work], env={**os.environ, "PATH": path})


def wait_for(happened: Callable[[], bool]) -> None:
    """Until something has happened, a minute at most: other programs may want the machine too."""
    until = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_without_ffmpeg_the_parts_stay_and_it_is_said(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "ffmpeg", lambda: None)
    session = make_lesson()
    with writing():
        recording = begun(session)
        sent(recording, b"abc", 0)

    joined(recording)

    assert recording.state is RecordingState.FAILED
    assert "ffmpeg" in recording.reason
    assert len(recording.parts) == 3


def test_the_same_part_twice_is_kept_once(app: Flask) -> None:
    with writing():
        recording = begun(make_lesson())
        first = actions.take_part(recording, OPENED, 0, OPENED, b"abc")
        again = actions.take_part(recording, OPENED, 0, OPENED, b"abc")

    assert first.id == again.id
    assert len(list(the_store().keys())) == 1


def test_a_recording_that_has_ended_takes_no_more(app: Flask) -> None:
    with writing():
        recording = begun(make_lesson())
        actions.end_recording(None, recording)
        with pytest.raises(Conflict):
            actions.take_part(recording, OPENED, 0, OPENED, b"abc")


def test_going_on_after_a_reload_is_the_same_recording(app: Flask) -> None:
    session = make_lesson()
    with writing():
        assert begun(session).id == begun(session).id


def test_a_recording_that_nobody_ended_is_joined_by_itself(app: Flask) -> None:
    session = make_lesson(ended_at=BEGAN)
    with writing():
        recording = begun(session)
        recording.changed_at = BEGAN
        db.session.commit()
        actions.end_abandoned()

    assert recording.state is RecordingState.JOINING


def test_when_its_time_is_over_it_goes_into_the_recycle_bin(app: Flask) -> None:
    session = make_lesson()
    with writing():
        resource = _kept(session)
        actions.forget_kept(session.day + timedelta(days=400))

    assert resource.removed_at is not None


def _kept(session: LiveSession) -> Resource:
    resource = make_resource(session.lead)
    recording = begun(session)
    recording.state, recording.resource_id = RecordingState.READY, resource.id
    recording.kept_until = session.day + timedelta(days=365)
    db.session.commit()
    return resource
