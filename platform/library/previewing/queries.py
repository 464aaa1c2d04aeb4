"""What the preview page wants to know of a version."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import load_only

from foundation.database import db
from library.models import PreviewState, Resource, ResourcePage, ResourceVersion
from library.previewing.showing import SHOWN_AS_ITSELF, shown_as
from library.previewing.words import in_words
from library.storage import the_store

TEXTS_AT_ONCE: Final = 20
"""So many pages of plain text stand below each other."""


@dataclass(frozen=True)
class Picture:
    """A page as a picture, with addresses that are good for a while."""

    number: int
    heading: str
    url: str
    small_url: str
    width: int
    height: int


@dataclass(frozen=True)
class Text:
    """A page as text."""

    number: int
    heading: str
    text: str


@dataclass(frozen=True)
class Preview:
    """What there is to show of a version, from `page` on. `media_url` is a film or, without `poster_url`, maybe a sound."""

    version: ResourceVersion
    page: int
    pictures: Sequence[Picture]
    texts: Sequence[Text]
    media_url: str
    media_type: str
    poster_url: str

    @property
    def waits(self) -> bool:
        """Whether the worker has not ended yet."""
        return self.version.preview in (PreviewState.WAITING, PreviewState.WORKING)

    @property
    def sentence(self) -> str:
        """What is to be said about its state; nothing when all is there."""
        return state_sentence(self.version)

    @property
    def windows(self) -> int:
        """How many times `TEXTS_AT_ONCE` pages of text there are."""
        return -(-self.version.pages // TEXTS_AT_ONCE)

    @property
    def window(self) -> int:
        """Which of them is shown, from 1."""
        return (self.page - 1) // TEXTS_AT_ONCE + 1


def state_sentence(version: ResourceVersion) -> str:
    """The state of a version's preview in a sentence; nothing when all is there."""
    if version.preview is PreviewState.WAITING:
        return gettext("正在排队生成预览，通常不到一分钟；这一页会自己更新。")
    if version.preview is PreviewState.WORKING:
        return gettext("正在生成预览；这一页会自己更新。")
    return in_words(version.reason)


def preview_of(version: ResourceVersion, page: int) -> Preview:
    """The preview of a version, opened at `page`, or at its last one when there are not as many."""
    page = max(1, min(page, version.pages))
    pictures = _pictures(version)
    media_url, media_type = _media(version)
    return Preview(
        version=version,
        page=page,
        pictures=pictures,
        texts=[] if pictures or media_url else _texts(version, page),
        media_url=media_url,
        media_type=media_type,
        poster_url=_link(version.poster_key) if version.poster_key else "",
    )


def _pictures(version: ResourceVersion) -> list[Picture]:
    shown = (
        select(ResourcePage)
        .where(ResourcePage.version_id == version.id, ResourcePage.image_key != "")
        .order_by(ResourcePage.number)
        .options(
            load_only(
                ResourcePage.number,
                ResourcePage.heading,
                ResourcePage.image_key,
                ResourcePage.small_key,
                ResourcePage.width,
                ResourcePage.height,
            )
        )
    )
    return [
        Picture(
            number=page.number,
            heading=page.heading,
            url=_link(page.image_key),
            small_url=_link(page.small_key or page.image_key),
            width=page.width or 1,
            height=page.height or 1,
        )
        for page in db.session.scalars(shown)
    ]


def _texts(version: ResourceVersion, page: int) -> list[Text]:
    first = (page - 1) // TEXTS_AT_ONCE * TEXTS_AT_ONCE + 1
    shown = (
        select(ResourcePage.number, ResourcePage.heading, ResourcePage.text)
        .where(ResourcePage.version_id == version.id, ResourcePage.number.between(first, first + TEXTS_AT_ONCE - 1))
        .order_by(ResourcePage.number)
    )
    return [Text(*row) for row in db.session.execute(shown).tuples()]


def _media(version: ResourceVersion) -> tuple[str, str]:
    """The address and type of a film or a sound: the stream, or the file itself where browsers play it."""
    kind = version.media_type.partition("/")[0]
    if kind not in ("video", "audio"):
        return "", ""
    if version.stream_key:
        media_type = "video/mp4" if version.width else "audio/mp4"
        return the_store().link(version.stream_key, shown_as(version.name, media_type)), media_type
    if version.media_type in SHOWN_AS_ITSELF:
        return the_store().link(version.key, shown_as(version.name, version.media_type)), version.media_type
    return "", ""


def _link(key: str) -> str:
    return the_store().link(key, shown_as("page.webp", "image/webp"))


def version_of(resource: Resource, number: int | None) -> ResourceVersion | None:
    """The version of that number, or the newest."""
    wanted = select(ResourceVersion).where(ResourceVersion.resource_id == resource.id)
    if number is not None:
        wanted = wanted.where(ResourceVersion.number == number)
    return db.session.scalar(wanted.order_by(ResourceVersion.number.desc()).limit(1))
