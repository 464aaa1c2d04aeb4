"""The field's own words for terms, weeks, periods and changes."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from flask_babel import format_date, gettext, lazy_gettext
from flask_babel.speaklater import LazyString

from timetable.models import ChangeKind, DayKind, Parity, PeriodKind, Term
from timetable.teaching_days import Week

WEEKDAY_NAMES: Final[Mapping[int, LazyString]] = {
    1: lazy_gettext("周一"),
    2: lazy_gettext("周二"),
    3: lazy_gettext("周三"),
    4: lazy_gettext("周四"),
    5: lazy_gettext("周五"),
    6: lazy_gettext("周六"),
    7: lazy_gettext("周日"),
}

PARITY_NAMES: Final[Mapping[Parity, LazyString]] = {
    Parity.EVERY: lazy_gettext("每周"),
    Parity.ODD: lazy_gettext("单周"),
    Parity.EVEN: lazy_gettext("双周"),
}

PERIOD_KIND_NAMES: Final[Mapping[PeriodKind, LazyString]] = {
    PeriodKind.LESSON: lazy_gettext("课"),
    PeriodKind.BREAK: lazy_gettext("大课间"),
    PeriodKind.STUDY: lazy_gettext("自习"),
    PeriodKind.EXTENDED: lazy_gettext("延时服务"),
}

DAY_KIND_NAMES: Final[Mapping[DayKind, LazyString]] = {
    DayKind.HOLIDAY: lazy_gettext("放假"),
    DayKind.MAKE_UP: lazy_gettext("调休补课"),
    DayKind.EXAM: lazy_gettext("考试"),
}

CHANGE_KIND_NAMES: Final[Mapping[ChangeKind, LazyString]] = {
    ChangeKind.MOVED: lazy_gettext("调课"),
    ChangeKind.SUBSTITUTE: lazy_gettext("代课"),
    ChangeKind.CANCELLED: lazy_gettext("停课"),
}


def clock_time(minutes: int) -> str:
    """Minutes after midnight as a clock shows them: 8:05."""
    return f"{minutes // 60}:{minutes % 60:02}"


def term_name(term: Term) -> str:
    """What a term is called: 2026—2027学年第一学期."""
    if term.semester == 1:
        return gettext("%(year)s—%(next)s学年第一学期", year=term.year, next=term.year + 1)
    return gettext("%(year)s—%(next)s学年第二学期", year=term.year, next=term.year + 1)


def week_name(week: Week | None) -> str:
    """A teaching week in words: 第9周 单周; nothing outside the terms."""
    if week is None:
        return gettext("不在学期内")
    if week.parity is Parity.ODD:
        return gettext("第%(number)s周 单周", number=week.number)
    return gettext("第%(number)s周 双周", number=week.number)


def short_day(day: date) -> str:
    """A day without its year: 10月8日 周四."""
    return str(format_date(day, gettext("M月d日 EEE")))


def period_name(number: int) -> str:
    """A period that no bell has a label for."""
    return gettext("第%(number)s节", number=number)
