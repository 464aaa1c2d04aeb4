"""The files of a run-sheet as screens show them. Needs an application context."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from foundation.database import db
from foundation.errors import NotFound
from library.models import Resource, ResourcePage, ResourceVersion
from library.previewing.showing import SHOWN_AS_ITSELF
from live.room.run_sheet import RunSheet, files_on, versions_on

PICTURE: Final = "image/webp"


@dataclass(frozen=True)
class Shown:
    """A file of the store as it is sent. `is_long`: a film or sound, of which browsers ask for parts."""

    key: str
    name: str
    media_type: str
    is_long: bool


@dataclass(frozen=True)
class Packed:
    """One thing of the pack. Page 0 is the file itself."""

    resource: str
    version: int
    page: int
    size: int | None


def pages_now(run_sheet: RunSheet) -> dict[tuple[str, int], int]:
    """How many pages the previews of its files have by now."""
    return {(code, version.number): version.pages for code, version in versions_on(run_sheet)}


def pack_of(run_sheet: RunSheet) -> list[Packed]:
    """Everything of its files that is shown: pictures of pages, pictures, films, sounds."""
    return [packed for code, version in versions_on(run_sheet) for packed in _parts(code, version)]


def _parts(code: str, version: ResourceVersion) -> Iterator[Packed]:
    whole = _whole(version)
    if whole is not None and whole.is_long:
        yield Packed(code, version.number, 0, version.size if whole.key == version.key else None)
        return
    numbers = db.session.scalars(
        select(ResourcePage.number)
        .where(ResourcePage.version_id == version.id, ResourcePage.image_key != "")
        .order_by(ResourcePage.number)
    ).all()
    for number in numbers or ([1] if whole else []):
        yield Packed(code, version.number, number, None)


def shown_in(run_sheet: RunSheet, resource: str, version: int, page: int) -> Shown:
    """What is sent for a page of a file of the run-sheet. Raises NotFound for what is not on it.

    A picture is its own page 1 while it has no smaller one.
    """
    if (resource, version) not in files_on(run_sheet):
        raise NotFound
    found = db.session.scalar(
        select(ResourceVersion)
        .join(Resource, Resource.id == ResourceVersion.resource_id)
        .where(Resource.code == resource, ResourceVersion.number == version)
    )
    if found is None:
        raise NotFound
    key = db.session.scalar(
        select(ResourcePage.image_key).where(ResourcePage.version_id == found.id, ResourcePage.number == page)
    )
    if key:
        return Shown(key, "page.webp", PICTURE, is_long=False)
    whole = _whole(found)
    if whole is None or (page and whole.is_long):
        raise NotFound
    return whole


def _whole(version: ResourceVersion) -> Shown | None:
    """The file itself where browsers can show it."""
    kind = version.media_type.partition("/")[0]
    if version.stream_key and kind in ("video", "audio"):
        return Shown(version.stream_key, version.name, "video/mp4" if version.width else "audio/mp4", is_long=True)
    if version.media_type in SHOWN_AS_ITSELF:
        return Shown(version.key, version.name, version.media_type, is_long=kind != "image")
    return None
