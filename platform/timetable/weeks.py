"""Lessons laid out for pages: a week as a grid of periods, a campus' day, and several campuses by the clock."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from foundation.paging import nearest_page
from schools.access import Standing
from schools.models import Campus, SchoolClass
from timetable.appointments import Appointment, appointments_of
from timetable.models import DayKind
from timetable.queries import Names, classes_of, names_of, timetable_of
from timetable.teaching_days import Clock, Lesson, SchoolDay, Week, Whose, monday_of

ONE_DAY = timedelta(days=1)
ONE_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class WeekPage:
    """A week: its days as they are at the campus, the periods as rows, and the lessons of each day; `besides` what else there is."""

    monday: date
    days: Sequence[SchoolDay]
    rows: Sequence[Clock | int]
    lessons: Mapping[tuple[date, int], Sequence[Lesson]]
    names: Names
    besides: Mapping[tuple[date, int], Sequence[Appointment]]

    @property
    def week(self) -> Week | None:
        """Which teaching week it is."""
        return next((day.week for day in self.days if day.week), None)

    @property
    def empty(self) -> bool:
        """Whether there is nothing at all."""
        return not self.lessons and not self.besides

    def on(self, day: date) -> list[Lesson]:
        """The lessons of a day by the clock."""
        found = [lesson for (each, _), lessons in self.lessons.items() if each == day for lesson in lessons]
        return sorted(found, key=lambda lesson: (lesson.starts, lesson.period))

    def besides_on(self, day: date) -> list[Appointment]:
        """What else there is on a day."""
        return [each for (on, _), found in self.besides.items() if on == day for each in found]


def week_page(whose: Whose, id: int, campus_id: int | None, day: date, viewer: Standing | None = None) -> WeekPage:
    """The week around a day of a class, a person or a room; `campus_id` is whose bell gives the rows."""
    monday = monday_of(day)
    at = () if campus_id is None else (campus_id,)
    timetable = timetable_of(whose, {id}, monday, monday + ONE_WEEK, at)
    lessons: dict[tuple[date, int], list[Lesson]] = defaultdict(list)
    for lesson in timetable.lessons(whose, id, monday, monday + ONE_WEEK):
        lessons[lesson.day, lesson.period].append(lesson)
    calendar = timetable.days.get(campus_id or 0) or next(iter(timetable.days.values()), None)
    dates = [monday + number * ONE_DAY for number in range(7)]
    days = [calendar.day(each) if calendar else SchoolDay(each, None, 0, None, None) for each in dates]
    besides: dict[tuple[date, int], list[Appointment]] = defaultdict(list)
    for each in appointments_of(whose, {id}, monday, monday + ONE_WEEK, viewer).get(id, ()):
        besides[each.day, _row_of(each, days)].append(each)
    taught = {day for day, _ in (*lessons, *besides)}
    return WeekPage(
        monday,
        [each for each in days if each.day.weekday() < 5 or each.day in taught or _made_up(each)],
        _rows(days, {period for _, period in (*lessons, *besides)}),
        lessons,
        names_of(each for found in lessons.values() for each in found),
        besides,
    )


def _row_of(appointment: Appointment, days: Sequence[SchoolDay]) -> int:
    """The row in which it stands: its own period, else the last one that has begun by then."""
    if appointment.period is not None:
        return appointment.period
    bell = next((day.bell for day in days if day.day == appointment.day), None)
    begun = [number for number, clock in bell.by_number.items() if clock.starts <= appointment.starts] if bell else []
    return max(begun, default=1)


def _made_up(day: SchoolDay) -> bool:
    return day.special is not None and day.special.kind is DayKind.MAKE_UP


def _rows(days: Sequence[SchoolDay], besides: Collection[int]) -> list[Clock | int]:
    """The periods of the week's first bell, and the numbers of lessons that it does not have."""
    bell = next((day.bell for day in days if day.bell), None)
    rows: dict[int, Clock | int] = dict(bell.by_number) if bell else {}
    for number in besides:
        rows.setdefault(number, number)
    return [rows[number] for number in sorted(rows)]


@dataclass(frozen=True)
class CampusPage:
    """A day of a campus: a page of its classes as rows, its periods as columns."""

    day: SchoolDay
    periods: Sequence[Clock]
    classes: Sequence[SchoolClass]
    lessons: Mapping[tuple[int, int], Sequence[Lesson]]
    names: Names
    page: int
    pages: int
    besides: Mapping[tuple[int, int], Sequence[Appointment]]


def campus_page(campus: Campus, day: date, page: int, page_size: int, viewer: Standing | None = None) -> CampusPage:
    """The classes of a campus on a day."""
    classes = classes_of(campus.id, day)
    page, pages = nearest_page(page, len(classes), page_size)
    shown = classes[(page - 1) * page_size : page * page_size]
    timetable = timetable_of("class", {each.id for each in shown}, day, day + ONE_DAY, {campus.id})
    lessons: dict[tuple[int, int], list[Lesson]] = defaultdict(list)
    for each in shown:
        for lesson in timetable.lessons_on("class", each.id, day):
            lessons[each.id, lesson.period].append(lesson)
    school_day = timetable.days[campus.id].day(day)
    periods = [clock for clock in school_day.bell.periods if clock.number] if school_day.bell else []
    names = names_of(each for found in lessons.values() for each in found)
    besides: dict[tuple[int, int], list[Appointment]] = defaultdict(list)
    there = appointments_of("class", {each.id for each in shown}, day, day + ONE_DAY, viewer)
    for class_id, found in there.items():
        for one in found:
            besides[class_id, _row_of(one, [school_day])].append(one)
    return CampusPage(school_day, periods, shown, lessons, names, page, pages, besides)


@dataclass(frozen=True)
class Block:
    """A piece of a campus' column: a period with the lessons asked for and how many there are, or a gap; so many `rows` tall."""

    rows: int
    clock: Clock | None
    lessons: Sequence[Lesson] = ()
    count: int = 0


@dataclass(frozen=True)
class SideBySide:
    """Several campuses by the clock: `times` begins each row, `columns[n]` has the blocks of a campus by the row they begin in."""

    times: Sequence[int]
    days: Sequence[SchoolDay]
    columns: Sequence[Mapping[int, Block]]
    names: Names


def side_by_side(campuses: Sequence[Campus], day: date, subject_id: int | None) -> SideBySide:
    """The periods of campuses on a day beside each other, with the lessons of a subject where one is chosen."""
    timetable = timetable_of("campus", {campus.id for campus in campuses}, day, day + ONE_DAY)
    days = [timetable.days[campus.id].day(day) for campus in campuses]
    times = sorted({minute for each in days if each.bell for clock in each.bell.periods for minute in clock[3:5]})
    shown: list[Lesson] = []
    columns = []
    for campus, school_day in zip(campuses, days, strict=True):
        lessons = [each for each in timetable.lessons_on("campus", campus.id, day) if each.held]
        wanted = [each for each in lessons if each.entry.subject_id == subject_id]
        shown += wanted
        columns.append(_column(times, school_day, lessons, wanted))
    return SideBySide(times, days, columns, names_of(shown))


def _column(
    times: Sequence[int], day: SchoolDay, lessons: Sequence[Lesson], wanted: Sequence[Lesson]
) -> dict[int, Block]:
    """The blocks from the first time to the last, gaps among them."""
    place = {minute: number for number, minute in enumerate(times)}
    blocks: dict[int, Block] = {}
    row = 0
    for clock in day.bell.periods if day.bell else ():
        begins, ends = place[clock.starts], place[clock.ends]
        if begins > row:
            blocks[row] = Block(begins - row, None)
        here = [each for each in wanted if each.period == clock.number]
        count = sum(each.period == clock.number for each in lessons)
        blocks[begins] = Block(ends - begins, clock, here, count)
        row = ends
    if row < len(times) - 1:
        blocks[row] = Block(len(times) - 1 - row, None)
    return blocks
