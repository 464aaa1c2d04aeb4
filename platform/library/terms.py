"""What resources are called: their kinds, licences, languages, terms, and how far a preview is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString

from library.models import Licence, PreviewState, ResourceKind, ReviewState
from schools.models import Visibility

KINDS: Final[Mapping[ResourceKind, LazyString]] = {
    ResourceKind.SLIDES: lazy_gettext("课件"),
    ResourceKind.LESSON_PLAN: lazy_gettext("教案"),
    ResourceKind.STUDY_GUIDE: lazy_gettext("学案"),
    ResourceKind.EXERCISES: lazy_gettext("习题"),
    ResourceKind.TEST_PAPER: lazy_gettext("试卷"),
    ResourceKind.MICRO_LESSON: lazy_gettext("微课"),
    ResourceKind.RECORDING: lazy_gettext("课堂实录"),
    ResourceKind.MATERIAL: lazy_gettext("素材"),
    ResourceKind.BOARD_PHOTO: lazy_gettext("板书照片"),
    ResourceKind.CASE: lazy_gettext("案例"),
    ResourceKind.PAPER: lazy_gettext("论文"),
}
"""In the order in which teachers look for them."""

LICENCES: Final[Mapping[Licence, LazyString]] = {
    Licence.WITHIN_GROUP: lazy_gettext("本集团内使用"),
    Licence.CC_BY_NC_SA: lazy_gettext("CC BY-NC-SA"),
    Licence.NAME_SOURCE: lazy_gettext("注明来源"),
}

LICENCE_MEANINGS: Final[Mapping[Licence, LazyString]] = {
    Licence.WITHIN_GROUP: lazy_gettext("本集团的老师上课、备课都能用，不要传到集团外。"),
    Licence.CC_BY_NC_SA: lazy_gettext("谁都能用和修改：写明作者，不用来赚钱，改过的也照此分享。"),
    Licence.NAME_SOURCE: lazy_gettext("转用时写明作者和出处就可以。"),
}

LANGUAGES: Final[Mapping[str, LazyString]] = {
    "zh": lazy_gettext("中文"),
    "en": lazy_gettext("英语"),
    "minority": lazy_gettext("少数民族语言"),
    "other": lazy_gettext("其他语言"),
}

PREVIEWS: Final[Mapping[PreviewState, LazyString]] = {
    PreviewState.WAITING: lazy_gettext("排队"),
    PreviewState.WORKING: lazy_gettext("处理中"),
    PreviewState.READY: lazy_gettext("可预览"),
    PreviewState.NONE: lazy_gettext("无法预览"),
}

REVIEWS: Final[Mapping[ReviewState, LazyString]] = {
    ReviewState.WAITING: lazy_gettext("等待审核"),
    ReviewState.PASSED: lazy_gettext("已同意"),
    ReviewState.REFUSED: lazy_gettext("未同意"),
    ReviewState.WITHDRAWN: lazy_gettext("已撤回"),
}

VISIBLE_TO: Final[Mapping[Visibility, LazyString]] = {
    Visibility.PERSONAL: lazy_gettext("只有您自己能看到。"),
    Visibility.PREP_GROUP: lazy_gettext("备课组的老师能看到，也能改资料、传新版本。"),
    Visibility.CAMPUS: lazy_gettext("本校区的老师能看到。"),
    Visibility.GROUP: lazy_gettext("全集团的老师能看到。"),
    Visibility.PUBLIC: lazy_gettext("任何人打开链接就能看到，不用登录。"),
}


COLLECTION_VISIBLE_TO: Final[Mapping[Visibility, LazyString]] = {
    Visibility.PERSONAL: lazy_gettext("只有您自己能看到。"),
    Visibility.PREP_GROUP: lazy_gettext("备课组的老师能看到这个合集。"),
    Visibility.CAMPUS: lazy_gettext("本校区的老师能看到这个合集。"),
    Visibility.GROUP: lazy_gettext("全集团的老师能看到这个合集。"),
    Visibility.PUBLIC: lazy_gettext("任何人打开链接就能看到这个合集，不用登录。"),
}
"""Of the resources in it everybody sees only those that they may read."""


@dataclass(frozen=True)
class _Look:
    """Which picture stands for files whose names end so."""

    endings: tuple[str, ...]
    picture: str


_LOOKS: Final = (
    _Look(("ppt", "pptx", "dps", "odp"), picture="presentation"),
    _Look(("doc", "docx", "wps", "odt", "md", "txt"), picture="file-text"),
    _Look(("pdf",), picture="file-type-pdf"),
    _Look(("xls", "xlsx", "et", "ods", "csv"), picture="table"),
    _Look(("png", "jpg", "jpeg", "webp", "gif", "bmp", "heic"), picture="photo"),
    _Look(("mp4", "webm", "mov", "avi", "mkv"), picture="movie"),
    _Look(("mp3", "m4a", "wav", "aac"), picture="headphones"),
    _Look(("zip",), picture="file-zip"),
    _Look((), picture="file"),
)
_PICTURES: Final = {ending: look.picture for look in _LOOKS for ending in look.endings}


def picture_of(name: str) -> str:
    """The picture that stands for a file of that name."""
    return _PICTURES.get(name.rpartition(".")[2].lower(), _LOOKS[-1].picture)


def length_said(seconds: float) -> str:
    """The length of a film or a sound: 4:05."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"


def term_name(term: str) -> str:
    """A term as it is said: 2026-1 is 2026—2027学年上学期."""
    year, _, half = term.partition("-")
    if not (year.isdecimal() and half in ("1", "2")):
        return term
    if half == "1":
        return gettext("%(year)s—%(next)s学年上学期", year=year, next=int(year) + 1)
    return gettext("%(year)s—%(next)s学年下学期", year=year, next=int(year) + 1)


def recent_terms(day: date, years: int = 4) -> list[str]:
    """The terms to choose from on that day: the present school year and those before it, the newest first."""
    year = day.year if day.month >= 8 else day.year - 1
    return [f"{each}-{half}" for each in range(year, year - years, -1) for half in (2, 1)]
