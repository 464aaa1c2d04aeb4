"""The field's own words for the kinds that models name in short: groups, roles, visibilities, stages, grades, subjects."""

from collections.abc import Mapping
from typing import Final

from flask_babel import get_locale, gettext, lazy_gettext
from flask_babel.speaklater import LazyString

from schools.models import GroupKind, MemberKind, PostingKind, Role, RoomKind, Stage, Subject, Visibility

GROUP_KIND_NAMES: Final[Mapping[GroupKind, LazyString]] = {
    GroupKind.EDUCATION_GROUP: lazy_gettext("教育集团"),
    GroupKind.DISTRICT: lazy_gettext("学区"),
    GroupKind.COUNTY_ALLIANCE: lazy_gettext("教联体"),
    GroupKind.AREA: lazy_gettext("片区"),
    GroupKind.GREATER_DISTRICT: lazy_gettext("大学区"),
    GroupKind.COMMUNITY: lazy_gettext("共同体"),
}

MEMBER_KIND_NAMES: Final[Mapping[MemberKind, LazyString]] = {
    MemberKind.CORE: lazy_gettext("核心校"),
    MemberKind.MEMBER: lazy_gettext("成员校"),
}

ROOM_KIND_NAMES: Final[Mapping[RoomKind, LazyString]] = {
    RoomKind.ORDINARY: lazy_gettext("普通教室"),
    RoomKind.RECORDING: lazy_gettext("录播教室"),
    RoomKind.COMPUTER: lazy_gettext("机房"),
    RoomKind.LAB: lazy_gettext("实验室"),
    RoomKind.HALL: lazy_gettext("报告厅"),
}

POSTING_KIND_NAMES: Final[Mapping[PostingKind, LazyString]] = {
    PostingKind.HOME: lazy_gettext("本校"),
    PostingKind.ROTATION: lazy_gettext("轮岗"),
    PostingKind.TRAVELLING: lazy_gettext("走教"),
    PostingKind.CROSS_CAMPUS: lazy_gettext("跨校执教"),
}

ROLE_NAMES: Final[Mapping[Role, LazyString]] = {
    Role.HEAD: lazy_gettext("校长"),
    Role.EXECUTIVE_HEAD: lazy_gettext("执行校长"),
    Role.ACADEMIC_OFFICE: lazy_gettext("教务"),
    Role.SUBJECT_LEAD: lazy_gettext("教研组长"),
    Role.PREP_LEAD: lazy_gettext("备课组长"),
    Role.TEACHER: lazy_gettext("教师"),
    Role.GUEST_RESEARCHER: lazy_gettext("教研员"),
    Role.GUEST_INSPECTOR: lazy_gettext("视导员"),
    Role.GROUP_ADMIN: lazy_gettext("集团管理员"),
    Role.CAMPUS_ADMIN: lazy_gettext("校区管理员"),
}

VISIBILITY_NAMES: Final[Mapping[Visibility, LazyString]] = {
    Visibility.PERSONAL: lazy_gettext("个人"),
    Visibility.PREP_GROUP: lazy_gettext("备课组"),
    Visibility.CAMPUS: lazy_gettext("校区"),
    Visibility.GROUP: lazy_gettext("集团"),
    Visibility.PUBLIC: lazy_gettext("公开"),
}

STAGE_NAMES: Final[Mapping[Stage, LazyString]] = {
    Stage.KINDERGARTEN: lazy_gettext("幼儿园"),
    Stage.PRIMARY: lazy_gettext("小学"),
    Stage.JUNIOR: lazy_gettext("初中"),
    Stage.SENIOR: lazy_gettext("高中"),
    Stage.VOCATIONAL: lazy_gettext("中职"),
}

# Grades count on from primary school (初一 is 7, 高一 is 10); kindergarten counts its own years.
GRADES_OF_STAGE: Final[Mapping[Stage, range]] = {
    Stage.KINDERGARTEN: range(1, 4),
    Stage.PRIMARY: range(1, 7),
    Stage.JUNIOR: range(7, 10),
    Stage.SENIOR: range(10, 13),
    Stage.VOCATIONAL: range(10, 13),
}

_KINDERGARTEN_NAMES: Final = (lazy_gettext("小班"), lazy_gettext("中班"), lazy_gettext("大班"))
_SCHOOL_YEAR_NAMES: Final = (
    lazy_gettext("一年级"),
    lazy_gettext("二年级"),
    lazy_gettext("三年级"),
    lazy_gettext("四年级"),
    lazy_gettext("五年级"),
    lazy_gettext("六年级"),
    lazy_gettext("七年级"),
    lazy_gettext("八年级"),
    lazy_gettext("九年级"),
)
_SENIOR_NAMES: Final = (lazy_gettext("高一"), lazy_gettext("高二"), lazy_gettext("高三"))
_VOCATIONAL_NAMES: Final = (lazy_gettext("中职一年级"), lazy_gettext("中职二年级"), lazy_gettext("中职三年级"))

_GRADE_NAMES: Final[Mapping[Stage, tuple[tuple[LazyString, ...], int]]] = {
    Stage.KINDERGARTEN: (_KINDERGARTEN_NAMES, 1),
    Stage.PRIMARY: (_SCHOOL_YEAR_NAMES, 1),
    Stage.JUNIOR: (_SCHOOL_YEAR_NAMES, 1),
    Stage.SENIOR: (_SENIOR_NAMES, 10),
    Stage.VOCATIONAL: (_VOCATIONAL_NAMES, 10),
}

# What stands before the number in the name of a class.
_CLASS_NUMERALS: Final = "一二三四五六七八九"
_CLASS_GRADES: Final[Mapping[Stage, tuple[str, ...]]] = {
    Stage.KINDERGARTEN: ("小", "中", "大"),
    Stage.PRIMARY: tuple(_CLASS_NUMERALS[:6]),
    Stage.JUNIOR: tuple(_CLASS_NUMERALS[6:]),
    Stage.SENIOR: ("高一", "高二", "高三"),
    Stage.VOCATIONAL: ("中职一", "中职二", "中职三"),
}

# Code, name and English name of the subjects that nearly every school teaches, in the order of a report book.
USUAL_SUBJECTS: Final = (
    ("chinese", "语文", "Chinese"),
    ("mathematics", "数学", "Mathematics"),
    ("english", "英语", "English"),
    ("morality", "道德与法治", "Morality and Law"),
    ("politics", "思想政治", "Politics"),
    ("history", "历史", "History"),
    ("geography", "地理", "Geography"),
    ("science", "科学", "Science"),
    ("physics", "物理", "Physics"),
    ("chemistry", "化学", "Chemistry"),
    ("biology", "生物学", "Biology"),
    ("information", "信息科技", "Information Technology"),
    ("sport", "体育与健康", "Physical Education and Health"),
    ("music", "音乐", "Music"),
    ("art", "美术", "Art"),
    ("labour", "劳动", "Labour"),
    ("practice", "综合实践活动", "Integrated Practice"),
    ("psychology", "心理健康", "Mental Health"),
)


def grade_name(stage: Stage | None, grade: int) -> str:
    """A grade as teachers say it: 三年级, 七年级, 高一, 大班. Without a stage a kindergarten's cannot be meant.

    A number outside the usual years is said as a number.
    """
    names, first = _GRADE_NAMES[stage or (Stage.SENIOR if grade >= 10 else Stage.PRIMARY)]
    if first <= grade < first + len(names):
        return str(names[grade - first])
    return gettext("%(grade)s年级", grade=grade)


def class_name(stage: Stage, grade: int, number: int) -> str:
    """What a class is called, in every language: 三(2)班, 七(1)班, 高一(3)班, 大(1)班."""
    grades = GRADES_OF_STAGE[stage]
    return f"{_CLASS_GRADES[stage][grades.index(grade)] if grade in grades else grade}({number})班"


def subject_name(subject: Subject) -> str:
    """A subject's name in the language of the page."""
    locale = get_locale()
    return subject.name_en if locale and locale.language == "en" and subject.name_en else subject.name
