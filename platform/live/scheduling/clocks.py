"""One lesson by several clocks: what the bell of each campus makes of the same minutes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask_babel import gettext

from foundation.errors import Invalid
from schools.models import Campus
from timetable.models import PeriodKind
from timetable.queries import calendars
from timetable.teaching_days import ONE_DAY, CampusDays, Clock
from timetable.words import clock_time, period_name, short_day


def moment_of(day: date, minutes: int, zone: str) -> datetime:
    """The moment of a campus' clock, in UTC."""
    midnight = datetime.combine(day, time(), ZoneInfo(zone))
    return (midnight + timedelta(minutes=minutes)).astimezone(UTC)


def clock_of(moment: datetime, zone: str) -> tuple[date, int]:
    """The day and the minutes after midnight that a campus' clock shows at a moment."""
    here = moment.astimezone(ZoneInfo(zone))
    return here.date(), here.hour * 60 + here.minute


@dataclass(frozen=True)
class Fit:
    """What of a session a campus can take part in: `starts` to `ends` by its own clock, in its own `period` if it has one then.

    `late` and `early` are the minutes by which its lesson begins after the session, and ends before it.
    """

    day: date
    period: int | None
    label: str
    starts: int
    ends: int
    late: int = 0
    early: int = 0

    @property
    def minutes(self) -> int:
        """How long it takes part."""
        return self.ends - self.starts


class Bells:
    """The bells of campuses around some days, asked for once."""

    def __init__(self, campuses: Collection[Campus], from_day: date, to_day: date) -> None:
        self._zones = {campus.id: campus.zone for campus in campuses}
        self._days: Mapping[int, CampusDays] = calendars(list(self._zones), from_day - ONE_DAY, to_day + 2 * ONE_DAY)

    def lessons(self, campus_id: int, day: date) -> Sequence[Clock]:
        """The numbered periods of a day of a campus, whether or not there is school."""
        bell = self._days[campus_id].day(day).bell
        return [clock for clock in bell.periods if clock.number is not None] if bell else []

    def period(self, campus_id: int, day: date, number: int) -> Clock | None:
        """One of them."""
        return next((clock for clock in self.lessons(campus_id, day) if clock.number == number), None)

    def fit(self, campus_id: int, starts_at: datetime, ends_at: datetime) -> Fit:
        """What of a session lies in a lesson of the campus; all of it where no lesson of its bell lies there."""
        day, starts = clock_of(starts_at, self._zones[campus_id])
        ends = starts + int((ends_at - starts_at).total_seconds() // 60)
        best = max(self.lessons(campus_id, day), key=lambda clock: _shared(clock, starts, ends), default=None)
        if best is None or _shared(best, starts, ends) <= 0:
            return Fit(day, None, "", starts, min(ends, 24 * 60))
        begins, over = max(starts, best.starts), min(ends, best.ends)
        return Fit(day, best.number, best.label, begins, over, begins - starts, ends - over)


def _shared(clock: Clock, starts: int, ends: int) -> int:
    """Minutes in common; a lesson goes before a break or a study hour of the same length."""
    minutes = min(clock.ends, ends) - max(clock.starts, starts)
    return 2 * minutes + (clock.kind is PeriodKind.LESSON) if minutes > 0 else minutes


def chosen_minutes(
    bells: Bells, campus_id: int, day: date, period: int | None, starts: int | None, minutes: int
) -> tuple[int, int]:
    """From when until when a session lasts, by the main campus' clock: a period of its bell, or a time of its own. Raises Invalid."""
    if period is not None:
        clock = bells.period(campus_id, day, period)
        if clock is None:
            raise Invalid(period=gettext("%(day)s没有第%(number)s节。", day=short_day(day), number=period))
        return clock.starts, clock.ends
    if starts is None:
        raise Invalid(period=gettext("请选择第几节，或者填写开始的时间。"))
    if starts + minutes > 24 * 60:
        raise Invalid(starts=gettext("要在当天结束。"))
    return starts, starts + minutes


def fit_words(campus: Campus, fit: Fit, minutes: int) -> str:
    """How a campus takes part, in words: 丹江路 第3节 晚 10 分钟：可用 30 分钟."""
    name = campus.short_name
    if fit.period is None:
        return gettext(
            "%(campus)s这时不在上课时间（%(starts)s–%(ends)s）",
            campus=name,
            starts=clock_time(fit.starts),
            ends=clock_time(fit.ends),
        )
    parts = [name, fit.label or period_name(fit.period)]
    if fit.late:
        parts.append(gettext("晚 %(minutes)d 分钟", minutes=fit.late))
    if fit.early:
        parts.append(gettext("早下课 %(minutes)d 分钟", minutes=fit.early))
    if fit.minutes >= minutes:
        return gettext("%(words)s：全程 %(minutes)d 分钟", words=" ".join(parts), minutes=fit.minutes)
    return gettext("%(words)s：可用 %(minutes)d 分钟", words=" ".join(parts), minutes=fit.minutes)


def when_words(day: date, starts: int, ends: int, label: str = "") -> str:
    """When a session is, by one clock: 11月4日 周三 第3节（10:00–10:40）."""
    times = gettext("%(starts)s–%(ends)s", starts=clock_time(starts), ends=clock_time(ends))
    if label:
        return gettext("%(day)s %(label)s（%(times)s）", day=short_day(day), label=label, times=times)
    return gettext("%(day)s %(times)s", day=short_day(day), times=times)
