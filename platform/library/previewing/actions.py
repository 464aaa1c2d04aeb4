"""What the worker does: takes a version that waits, makes its preview in a folder of its own, and keeps what was made.

A preview is made outside any transaction; the two before and after it are short. A version whose worker died is tried again.
"""

import logging
import shutil
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Final

from flask import Flask, current_app
from sqlalchemy import ColumnElement, delete, or_, select, update

from foundation.beats import beating, beats
from foundation.config import Settings
from foundation.database import announce, commit, db, writing
from library.models import PreviewState, ResourcePage, ResourceVersion
from library.previewing import programs
from library.previewing.faults import MISSING_PROGRAM, Fault, kept
from library.previewing.making import make_preview
from library.previewing.pieces import Made
from library.storage import the_store
from library.storage.base import NoSuchFile, StoreFailed, StoreFull, new_key

log = logging.getLogger(__name__)

MOST_ATTEMPTS: Final = 2
_CHUNK: Final = 1 << 20


@dataclass(frozen=True)
class VersionPreviewed:
    """The preview of a version has ended, and its pages are there for the search."""

    version_id: int


def keep_previewing(app: Flask, stop: threading.Event, *, films: bool, every: float = 1.0) -> None:
    """Make previews as versions come in until `stop` is set: of films and sounds, or of all else.

    Films take long, so that they have a line of their own. What goes wrong is logged and does not end it.
    """
    looked_at_programs = False
    while not stop.wait(every):
        try:
            with app.app_context():
                if not looked_at_programs:
                    try_again_with_new_programs()
                    looked_at_programs = True
                preview_waiting(films=films)
        except Exception:
            log.exception("previews cannot be made at present")
            stop.wait(10)


def preview_waiting(*, films: bool) -> int:
    """Make the previews that wait and those that lost their worker, one after the other; how many were made."""
    made = 0
    while (version_id := _claim(films=films)) is not None:
        _preview(version_id)
        made += 1
    return made


def try_again_with_new_programs() -> None:
    """What could not be shown for lack of a program waits again once the program is installed."""
    there = {
        Fault.NO_OFFICE: programs.office(),
        Fault.NO_OFFICE_OLD: programs.office(),
        Fault.NO_FFMPEG: programs.ffmpeg(),
    }
    reasons = [kept(fault) for fault in MISSING_PROGRAM if there[fault]]
    if not reasons:
        return
    with writing():
        db.session.execute(
            update(ResourceVersion)
            .where(ResourceVersion.preview == PreviewState.NONE, ResourceVersion.reason.in_(reasons))
            .values(preview=PreviewState.WAITING, reason="", attempts=0)
        )
        commit()


def _claim(*, films: bool) -> int | None:
    """The next version to work on. Looking takes no write lock: it is done every second."""
    unended = (
        select(ResourceVersion.id, ResourceVersion.preview, ResourceVersion.attempts)
        .where(ResourceVersion.preview.in_((PreviewState.WAITING, PreviewState.WORKING)), _is_film(films))
        .order_by(ResourceVersion.id)
        .limit(20)
    )
    found = db.session.execute(unended).all()
    db.session.rollback()
    for version_id, state, attempts in found:
        if state is PreviewState.WORKING and beats(_beat_of(version_id)):
            continue
        if _take(version_id, state, attempts):
            return int(version_id)
    return None


def _take(version_id: int, state: PreviewState, attempts: int) -> bool:
    beat = _beat_of(version_id)
    beat.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beat.touch()  # first, so that nobody takes for lost what was just begun
    with writing():
        taken = db.session.execute(
            update(ResourceVersion)
            .where(
                ResourceVersion.id == version_id,
                ResourceVersion.preview == state,
                ResourceVersion.attempts == attempts,
            )
            .values(preview=PreviewState.WORKING, attempts=attempts + 1)
        )
        commit()
    if not taken.rowcount:  # type: ignore[attr-defined]  # an UPDATE counts its rows
        return False
    for left in beat.parent.iterdir():
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        elif left != beat:
            left.unlink()
    return True


def _preview(version_id: int) -> None:
    version = db.session.get_one(ResourceVersion, version_id)
    key, name, attempts = version.key, version.name, version.attempts
    db.session.rollback()
    folder = _folder_of(version_id)
    try:
        with beating(_beat_of(version_id)):
            if attempts > MOST_ATTEMPTS:
                _keep(version_id, Made(reason=kept(Fault.LOST)), folder)
                return
            file = folder / f"file{PurePath(name).suffix.lower()[:12]}"
            _fetch(key, file)
            _keep(version_id, make_preview(file, folder), folder)
    except NoSuchFile:
        _keep(version_id, Made(reason=kept(Fault.GONE)), folder)
    except (StoreFailed, StoreFull):
        _give_back(version_id)
        raise
    except Exception:
        log.exception("a preview failed", extra={"version": version_id})
        _keep(version_id, Made(reason=kept(Fault.FAILED)), folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _fetch(key: str, file: Path) -> None:
    with the_store().open(key) as source, file.open("wb") as target:
        shutil.copyfileobj(source, target, _CHUNK)


def _keep(version_id: int, made: Made, folder: Path) -> None:
    """Put what was made into the store, then its rows in place of those that were there."""
    store = the_store()
    keys: dict[str, str] = {}
    try:
        for name in filter(None, [*_files_of_pages(made), made.poster, made.stream]):
            keys[name] = new_key(PurePath(name).suffix)
            with (folder / name).open("rb") as file:
                store.put(keys[name], file, made.stream_type if name == made.stream else "image/webp")
    except (StoreFailed, StoreFull):
        _remove(keys.values())
        raise
    with writing():
        db.session.rollback()
        version = db.session.get(ResourceVersion, version_id)
        unused = set(keys.values()) if version is None else _replace(version, made, keys)
        announce(VersionPreviewed(version_id))
        commit()
    _remove(unused - {""})


def _files_of_pages(made: Made) -> Iterator[str]:
    for page in made.pages:
        yield page.image
        yield page.small


def _replace(version: ResourceVersion, made: Made, keys: dict[str, str]) -> set[str]:
    """Write down what was made; the keys of what was made before and is used no longer."""
    of_pages = select(ResourcePage.image_key, ResourcePage.small_key).where(ResourcePage.version_id == version.id)
    before = {version.poster_key, version.stream_key, *(key for page in db.session.execute(of_pages) for key in page)}
    db.session.execute(delete(ResourcePage).where(ResourcePage.version_id == version.id))
    db.session.add_all(
        ResourcePage(
            version_id=version.id,
            number=number,
            heading=page.heading[:200],
            text=page.text,
            image_key=keys.get(page.image, ""),
            small_key=keys.get(page.small, ""),
            width=page.width,
            height=page.height,
        )
        for number, page in enumerate(made.pages, 1)
    )
    version.preview = PreviewState.READY if made.shown or (made.pages and not made.reason) else PreviewState.NONE
    version.reason = made.reason
    version.pages = len(made.pages)
    version.width, version.height, version.seconds = made.width, made.height, made.seconds
    version.poster_key = keys.get(made.poster, "")
    version.stream_key = keys.get(made.stream, "")
    return before


def _give_back(version_id: int) -> None:
    """The store is to blame: the version waits for another time, and that attempt does not count."""
    with writing():
        db.session.rollback()
        db.session.execute(
            update(ResourceVersion)
            .where(ResourceVersion.id == version_id)
            .values(preview=PreviewState.WAITING, attempts=ResourceVersion.attempts - 1)
        )
        commit()


def _remove(keys: Iterable[str]) -> None:
    for key in keys:
        with suppress(StoreFailed):  # left behind, it only takes room
            the_store().remove(key)


def _is_film(films: bool) -> ColumnElement[bool]:
    film = or_(ResourceVersion.media_type.like("video/%"), ResourceVersion.media_type.like("audio/%"))
    return film if films else ~film


def _folder_of(version_id: int) -> Path:
    settings: Settings = current_app.config["SETTINGS"]
    return (settings.data_dir / "previewing" / str(version_id)).resolve()


def _beat_of(version_id: int) -> Path:
    return _folder_of(version_id) / "beat"
