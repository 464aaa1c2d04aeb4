"""What the name of a file says about it: 五上_第6单元_多边形的面积_课件_v2.pptx."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import contains_eager

from curriculum.models import LessonTopic, TextbookEdition, TextbookVolume, Unit
from foundation.database import db
from library.kinds import usual_kind
from library.models import ResourceKind
from schools.access import Standing
from schools.models import Stage, Subject, TeachingAssignment
from schools.names import GRADES_OF_STAGE

_KIND_WORDS: Final = (
    (ResourceKind.BOARD_PHOTO, "板书"),
    (ResourceKind.RECORDING, "课堂实录|教学实录|实录|公开课录像|录像课"),
    (ResourceKind.MICRO_LESSON, "微课|微视频"),
    (ResourceKind.STUDY_GUIDE, "导学案|学案|学习单|任务单|学历案"),
    (ResourceKind.LESSON_PLAN, "教学设计|教案|说课稿|说课|备课稿|共案|个案"),
    (ResourceKind.SLIDES, "教学课件|课件|幻灯片|PPT"),
    (ResourceKind.TEST_PAPER, "试卷|测试卷|检测卷|单元卷|试题|测试|检测|期中|期末|月考|卷"),
    (ResourceKind.EXERCISES, "习题|练习题|练习|作业|同步练"),
    (ResourceKind.PAPER, "论文"),
    (ResourceKind.CASE, "案例"),
    (ResourceKind.MATERIAL, "素材"),
)
_SPENT: Final = {ResourceKind.LESSON_PLAN, ResourceKind.SLIDES, ResourceKind.STUDY_GUIDE, ResourceKind.MICRO_LESSON}
"""The words of these only say the kind; those of the others are part of the title: 期末试卷."""

_NUMERALS: Final = {letter: number for number, letter in enumerate("一二三四五六七八九", 1)}
_NUMBER: Final = r"(\d{1,2}|[一二三四五六七八九十]{1,3})"
_BREAK: Final = r"[\s_\-—–·.,，、()（）\[\]【】《》]"
_GRADE: Final = re.compile(
    rf"(?:(?:^|(?<={_BREAK}))(?:小学|初中|高中)?|(?=\w年级))(?:(高|初)([一二三])|([一二三四五六七八九1-9])(?=年级|[上下]))(?:年级)?(?:第?([上下])(?:册|学期)?)?"
)
_UNIT: Final = re.compile(rf"(?:第{_NUMBER}单元|[Uu]nit\s*{_NUMBER}|{_NUMBER}单元)")
_LESSON: Final = re.compile(rf"第{_NUMBER}课(?!时)")
_VERSION: Final = re.compile(
    r"(?:[vV]\d+(?:\.\d+)?|版本\d+|第?[一二三四五\d]稿|初稿|终稿|定稿|修改稿|最终版|修改版|副本|\(\d\)|（\d）)(?=$|[\s_\-—.()（）])"
)
_EDITION: Final = re.compile(r"(?:人教|部编|统编|北师大?|苏教|外研|译林|沪教|冀教|鲁教|西师大?|青岛)版?")


@dataclass(frozen=True)
class Guess:
    """What a name says; None and 0 where it says nothing."""

    title: str
    kind: ResourceKind
    grade: int | None = None
    semester: int | None = None
    unit: int | None = None
    lesson: int | None = None
    subject: str = ""


def guess(name: str) -> Guess:
    """What the name of a file says about it."""
    stem = unicodedata.normalize("NFKC", PurePath(name).stem)
    kind, kind_word = _kind_in(stem)
    grade, semester = _grade_in(stem)
    subject = next((word for word in _SUBJECT_WORDS if word in stem), "")
    title = _title(stem, kind_word if kind in _SPENT else "", subject)
    return Guess(
        title=title or stem.strip()[:200] or name,
        kind=kind or usual_kind(name),
        grade=grade,
        semester=semester,
        unit=_number_in(_UNIT, stem),
        lesson=_number_in(_LESSON, stem),
        subject=_SUBJECT_WORDS.get(subject, ""),
    )


_SUBJECT_WORDS: Final = {
    "语文": "chinese",
    "数学": "mathematics",
    "英语": "english",
    "道德与法治": "morality",
    "道法": "morality",
    "思想政治": "politics",
    "政治": "politics",
    "历史": "history",
    "地理": "geography",
    "科学": "science",
    "物理": "physics",
    "化学": "chemistry",
    "生物": "biology",
    "信息科技": "information",
    "信息技术": "information",
    "体育": "sport",
    "音乐": "music",
    "美术": "art",
    "劳动": "labour",
    "心理健康": "psychology",
}
"""The code of a subject by the words for it in names of files."""


def topic_for(said: Guess, subject_ids: Collection[int]) -> LessonTopic | None:
    """The lesson of the textbooks that a name means: by its title, in the books of that grade, of those subjects.

    None when there is none, or when several subjects have such a lesson.
    """
    if len(said.title) < 2:
        return None
    wanted = (
        select(LessonTopic)
        .join(LessonTopic.unit)
        .join(Unit.volume)
        .join(TextbookVolume.edition)
        .options(contains_eager(LessonTopic.unit).contains_eager(Unit.volume).contains_eager(TextbookVolume.edition))
        .where(LessonTopic.title.contains(said.title, autoescape=True), TextbookEdition.subject_id.in_(subject_ids))
        .order_by(LessonTopic.id)
        .limit(50)
    )
    if said.grade is not None:
        wanted = wanted.where(TextbookVolume.grade == said.grade)
    if said.semester is not None:
        wanted = wanted.where(or_(TextbookVolume.semester == said.semester, TextbookVolume.semester.is_(None)))
    found = [each for each in db.session.scalars(wanted) if _bare(each.title) == _bare(said.title)]
    several = {topic.unit.volume.edition.subject_id for topic in found}
    return found[0] if len(several) == 1 else None


def subjects_meant(said: Guess, standing: Standing) -> set[int]:
    """The subjects (their ids) that a name may mean: the one it names, else those that its sender teaches, else all."""
    if said.subject:
        return set(db.session.scalars(select(Subject.id).where(Subject.code == said.subject)))
    teaching = select(TeachingAssignment.subject_id).where(
        TeachingAssignment.person_id == standing.person_id, TeachingAssignment.holding_on(standing.day)
    )
    return set(db.session.scalars(teaching)) or set(db.session.scalars(select(Subject.id)))


def stage_of(grade: int | None) -> Stage | None:
    """The stage of a grade where only its number is known."""
    if grade is None:
        return None
    return next(
        (stage for stage in (Stage.PRIMARY, Stage.JUNIOR, Stage.SENIOR) if grade in GRADES_OF_STAGE[stage]), None
    )


def _bare(title: str) -> str:
    """A title without the number before it: 13 人物描写一组."""
    return re.sub(r"^[\d\s.、*＊]+|\s", "", unicodedata.normalize("NFKC", title))


def _title(stem: str, kind_word: str, subject: str) -> str:
    """What is left of the name when everything that was understood is taken away."""
    for known in (_VERSION, _GRADE, _UNIT, _LESSON, _EDITION):
        stem = known.sub("_", stem)
    pieces = [piece.strip(" .·-—") for piece in re.split(r"[_\s\-—–()]+|[【】\[\]《》]", stem)]
    left = [_without(kind_word, piece) for piece in pieces if piece not in ("", subject, "小学", "初中", "高中")]
    return " ".join(piece for piece in left if piece)[:200]


def _without(word: str, piece: str) -> str:
    bare = piece.removesuffix(word).removeprefix(word) if word else piece
    return bare.strip("()（） ")


def _kind_in(stem: str) -> tuple[ResourceKind | None, str]:
    for kind, words in _KIND_WORDS:
        found = re.search(words, stem, re.IGNORECASE)
        if found:
            return kind, found.group()
    return None, ""


def _grade_in(stem: str) -> tuple[int | None, int | None]:
    found = _GRADE.search(stem)
    if not found:
        return None, None
    school, year, number, half = found.groups()
    semester = {"上": 1, "下": 2}.get(half)
    if school:
        return _NUMERALS[year] + (9 if school == "高" else 6), semester
    return _NUMERALS.get(number) or int(number), semester


def _number_in(pattern: re.Pattern[str], stem: str) -> int | None:
    found = pattern.search(stem)
    text = next((group for group in found.groups() if group), "") if found else ""
    if not text:
        return None
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    return (_NUMERALS.get(tens, 1) * 10 if ten else 0) + _NUMERALS.get(ones, 0)
