"""Times, sizes and people in words, for templates."""

from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date
from flask import Flask
from flask_babel import format_decimal, get_locale, gettext, ngettext

from foundation.clock import SCHOOL_ZONE, now
from schools.names import subject_name


def set_up(app: Flask) -> None:
    """Add the filters to the templates."""
    app.jinja_env.filters.update(
        moment=moment, day=day, day_in_words=day_in_words, filesize=filesize, subject_name=subject_name
    )


def moment(value: datetime, zone: ZoneInfo = SCHOOL_ZONE) -> str:
    """When something happened, as one says it: 刚刚, 5分钟前, 今天 14:05, 昨天 9:20, 11月3日, 2025年11月3日."""
    here, present = value.astimezone(zone), now().astimezone(zone)
    minutes = int((present - here).total_seconds() // 60)
    clock = f"{here.hour}:{here.minute:02}"
    days = (present.date() - here.date()).days
    if 0 <= minutes < 1:
        return gettext("刚刚")
    if 1 <= minutes < 60:
        return ngettext("%(num)d分钟前", "%(num)d分钟前", minutes)
    if days == 0:
        return gettext("今天 %(clock)s", clock=clock)
    if days == 1:
        return gettext("昨天 %(clock)s", clock=clock)
    if here.year == present.year:
        return _written(here.date(), gettext("M月d日"), get_locale())
    return day(here.date())


def filesize(count: int) -> str:
    """A number of bytes in the largest unit that leaves at least one: 512 B, 1.4 MB."""
    size, units = float(count), ["B", "KB", "MB", "GB"]
    while size >= 1024 and len(units) > 1:
        size, units = size / 1024, units[1:]
    return f"{format_decimal(round(size, 1) if units[0] != 'B' else count)} {units[0]}"


def day(value: date) -> str:
    """A day in short: 2026年11月4日."""
    return _written(value, gettext("y年M月d日"), get_locale())


def day_in_words(value: date) -> str:
    """A day with its weekday: 2026年11月4日 星期三."""
    return _written(value, gettext("y年M月d日 EEEE"), get_locale())


@lru_cache(maxsize=2000)
def _written(value: date, pattern: str, locale: Locale) -> str:
    """Lists show the same few days over and over."""
    return format_date(value, pattern, locale)
