"""The worker's part: versions that wait are taken one by one, tried again when their worker died, and end with a state."""

import io
import os
import threading
import time
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select

from foundation.database import db
from foundation.happenings import subscribe
from library.models import PreviewState, Resource, ResourcePage, ResourceVersion
from library.previewing import actions, programs
from library.previewing.actions import VersionPreviewed, keep_previewing, preview_waiting
from library.storage import the_store
from library.storage.base import StoreFailed
from tests.factories import make_resource

SAMPLES = Path(__file__).resolve().parents[2] / "samples"


def _version(resource: Resource) -> ResourceVersion:
    db.session.rollback()
    return db.session.scalars(select(ResourceVersion).where(ResourceVersion.resource_id == resource.id)).one()


def _pages(version: ResourceVersion) -> list[ResourcePage]:
    wanted = select(ResourcePage).where(ResourcePage.version_id == version.id).order_by(ResourcePage.number)
    return list(db.session.scalars(wanted))


def _photograph() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (300, 200), "teal").save(file, "PNG")
    return file.getvalue()


def _left_behind(resource: Resource, app: Flask, seconds: float) -> Path:
    """As if a worker had begun and not been heard of for so long."""
    version = _version(resource)
    version.preview = PreviewState.WORKING
    version.attempts += 1
    db.session.commit()
    beat = Path(app.config["SETTINGS"].data_dir) / "previewing" / str(version.id) / "beat"
    beat.parent.mkdir(parents=True, exist_ok=True)
    (beat.parent / "half.webp").touch()
    beat.touch()
    os.utime(beat, (time.time() - seconds, time.time() - seconds))
    return beat


def test_what_was_made_is_kept_and_announced(app: Flask) -> None:
    told: list[VersionPreviewed] = []
    subscribe(VersionPreviewed)(told.append)
    photograph = make_resource(name="板书.png", data=_photograph())
    text = make_resource(name="说明.txt", data="先分一分，再说一说".encode())
    assert preview_waiting(films=False) == 2
    version = _version(photograph)
    assert (version.preview, version.width, version.pages) == (PreviewState.READY, 300, 1)
    with the_store().open(_pages(version)[0].image_key) as picture:
        assert picture.read(16)[8:12] == b"WEBP"
    assert the_store().size(version.poster_key)
    assert [page.text for page in _pages(_version(text))] == ["先分一分，再说一说"]
    assert {each.version_id for each in told} == {version.id, _version(text).id}
    assert preview_waiting(films=False) == 0
    assert not list((app.config["SETTINGS"].data_dir / "previewing").iterdir())


def test_a_hostile_file_does_not_stop_the_next_one(app: Flask) -> None:
    hostile = make_resource(name="卷子.docx", data=(SAMPLES / "edge_fuzz_a.docx").read_bytes())
    text = make_resource(name="说明.txt")
    stop = threading.Event()
    db.session.commit()
    working = threading.Thread(target=keep_previewing, args=(app, stop), kwargs={"films": False, "every": 0.05})
    working.start()
    for _ in range(200):
        if _version(text).preview is PreviewState.READY:
            break
        time.sleep(0.05)
    stop.set()
    working.join()
    assert _version(text).preview is PreviewState.READY
    assert (_version(hostile).preview, _version(hostile).reason) == (PreviewState.NONE, "damaged:")


def test_a_version_whose_worker_died_is_tried_again_but_not_for_ever(app: Flask) -> None:
    text = make_resource(name="说明.txt")
    _left_behind(text, app, seconds=1)
    assert preview_waiting(films=False) == 0, "somebody works on it"
    _left_behind(text, app, seconds=60)
    assert preview_waiting(films=False) == 1
    assert _version(text).reason == "lost:"
    again = make_resource(name="说明.txt")
    _left_behind(again, app, seconds=60)
    preview_waiting(films=False)
    assert (_version(again).preview, _version(again).attempts) == (PreviewState.READY, 2)


def test_a_store_that_does_not_answer_is_not_the_files_fault(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    text = make_resource(name="说明.txt")

    def fail(key: str) -> None:
        raise StoreFailed

    with monkeypatch.context() as broken:
        broken.setattr(the_store(), "open", fail)
        with pytest.raises(StoreFailed):
            preview_waiting(films=False)
    assert (_version(text).preview, _version(text).attempts) == (PreviewState.WAITING, 0)
    the_store().remove(_version(text).key)
    preview_waiting(films=False)
    assert _version(text).reason == "gone:"


def test_films_have_a_line_of_their_own(app: Flask) -> None:
    make_resource(name="课堂实录.mp4", data=b"nothing that plays")
    text = make_resource(name="说明.txt")
    assert preview_waiting(films=False) == 1
    assert _version(text).preview is PreviewState.READY


def test_once_libreoffice_is_installed_what_lacked_it_is_made(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    slides = make_resource(name="课件.ppt", data=(SAMPLES / "cjk_mixed_width.ppt").read_bytes())
    with monkeypatch.context() as bare:
        bare.setattr(programs, "office", lambda: None)
        preview_waiting(films=False)
        actions.try_again_with_new_programs()
        assert _version(slides).preview is PreviewState.NONE
    monkeypatch.setattr(programs, "office", lambda: "/usr/bin/soffice")
    actions.try_again_with_new_programs()
    assert _version(slides).preview is PreviewState.WAITING
