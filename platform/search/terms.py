"""What the search calls things: kinds of hits, filters, orders."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString

from lessons.layout import NAMES as SECTIONS
from library.models import ResourceKind
from search.documents import CHAPTER, Kind
from search.index import Place, Sort

KINDS: Final[Mapping[Kind, LazyString]] = {
    Kind.PLAN: lazy_gettext("教案"),
    Kind.RESOURCE: lazy_gettext("资源"),
    Kind.PERSON: lazy_gettext("人员"),
    Kind.SESSION: lazy_gettext("课堂"),
}

FILTERS: Final[Mapping[str, LazyString]] = {
    "kind": lazy_gettext("种类"),
    "type": lazy_gettext("类型"),
    "stage": lazy_gettext("学段"),
    "grade": lazy_gettext("年级"),
    "subject": lazy_gettext("学科"),
    "edition": lazy_gettext("版本"),
    "volume": lazy_gettext("册"),
    "unit": lazy_gettext("单元"),
    "topic": lazy_gettext("课"),
    "campus": lazy_gettext("校区"),
    "term": lazy_gettext("学期"),
    "person": lazy_gettext("老师"),
}
"""By what the search is narrowed, in the order of the page."""

SORTS: Final[Mapping[Sort, LazyString]] = {
    Sort.RELEVANCE: lazy_gettext("最相关"),
    Sort.USE: lazy_gettext("用得最多"),
    Sort.DATE: lazy_gettext("最近改动"),
}


@dataclass(frozen=True)
class _Look:
    """How a kind of thing is shown."""

    picture: str


_LOOKS: Final[Mapping[str, _Look]] = {
    ResourceKind.LESSON_PLAN: _Look(picture="notebook"),
    ResourceKind.SLIDES: _Look(picture="presentation"),
    ResourceKind.STUDY_GUIDE: _Look(picture="file-text"),
    ResourceKind.EXERCISES: _Look(picture="list-check"),
    ResourceKind.TEST_PAPER: _Look(picture="clipboard-text"),
    ResourceKind.MICRO_LESSON: _Look(picture="video"),
    ResourceKind.RECORDING: _Look(picture="movie"),
    ResourceKind.MATERIAL: _Look(picture="photo"),
    ResourceKind.PAPER: _Look(picture="file-description"),
    ResourceKind.CASE: _Look(picture="bulb"),
    ResourceKind.BOARD_PHOTO: _Look(picture="chalkboard"),
    Kind.PLAN: _Look(picture="notebook"),
    Kind.RESOURCE: _Look(picture="file"),
    Kind.PERSON: _Look(picture="user"),
    Kind.SESSION: _Look(picture="device-tv"),
}


def picture_of(kind: Kind, type: str = "") -> str:
    """The icon of a hit."""
    return _LOOKS.get(type, _LOOKS[kind]).picture


def place_of(part: Place) -> str:
    """Where in a file or a plan words were found."""
    if part.kind == "page":
        return gettext("第 %(number)s 页", number=part.key)
    if part.kind == CHAPTER:
        return gettext("回看：%(title)s", title=part.heading or gettext("未命名的环节"))
    if part.kind == "step":
        return gettext("环节：%(title)s", title=part.heading or gettext("未命名的环节"))
    return part.heading or str(SECTIONS.get(part.key, ""))
