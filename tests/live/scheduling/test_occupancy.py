"""Who is busy when, with no database: bells, zones, changed days, sessions in the way."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from live.scheduling.occupancy import Held, Occupancy, local, minute_at, minute_of, moment_of, part_of
from timetable.models import ChangeKind, DayKind, Parity, PeriodKind
from timetable.teaching_days import OPEN_END, Bell, CampusDays, Change, Clock, Entry, Span, Special, Timetable

TERM = Span(date(2026, 9, 1), date(2027, 1, 23))
ALWAYS = Span(date(2020, 1, 1), OPEN_END)
PERIODS = tuple(Clock(n, f"第{n}节", PeriodKind.LESSON, 460 + n * 50, 500 + n * 50) for n in range(1, 8))
LATER = tuple(clock._replace(starts=clock.starts + 10, ends=clock.ends + 10) for clock in PERIODS)
SHANGHAI, URUMQI = ZoneInfo("Asia/Shanghai"), ZoneInfo("Asia/Urumqi")
WEDNESDAY = date(2026, 10, 14)


def lesson(id: int, class_id: int, campus_id: int, **more: object) -> Entry:
    usual = Entry(id, class_id, campus_id, 3, 2, Parity.EVERY, 1, 10, 20, date(2020, 1, 1), OPEN_END)
    return usual._replace(**more)


def occupancy(
    *entries: Entry,
    changes: tuple[Change, ...] = (),
    special: dict[date, Special] | None = None,
    sessions: tuple[Held, ...] = (),
) -> Occupancy:
    bell = Bell(ALWAYS, False, "统一作息", PERIODS)
    days = {
        1: CampusDays([TERM], special or {}, [bell]),
        2: CampusDays([TERM], {}, [Bell(ALWAYS, True, "本校作息", LATER)]),
        3: CampusDays([TERM], {}, [bell]),
    }
    return Occupancy(Timetable(days, entries, changes), {1: SHANGHAI, 2: SHANGHAI, 3: URUMQI}, sessions)


def minutes(starts: int, ends: int, zone: ZoneInfo = SHANGHAI, day: date = WEDNESDAY) -> tuple[int, int]:
    return minute_at(day, starts, zone), minute_at(day, ends, zone)


def test_minutes_are_moments_and_clocks() -> None:
    moment = datetime(2026, 10, 13, 23, 50, tzinfo=UTC)
    assert moment_of(minute_of(moment)) == moment
    assert local(minute_of(moment), SHANGHAI) == (WEDNESDAY, 7 * 60 + 50)
    assert minute_at(WEDNESDAY, 7 * 60 + 50, SHANGHAI) == minute_of(moment)


def test_lessons_clash_by_the_clock_and_not_by_the_number_of_the_period() -> None:
    both = occupancy(lesson(1, 1, 1), lesson(2, 2, 2, person_id=11, room_id=21))
    assert both.clashes("class", 1, *minutes(560, 570))
    assert not both.clashes("class", 1, *minutes(600, 610))
    assert not both.clashes("class", 2, *minutes(560, 570))
    assert both.clashes("class", 2, *minutes(600, 610))


def test_the_same_clock_in_another_zone_is_another_time() -> None:
    west = occupancy(lesson(1, 5, 3))
    assert west.clashes("class", 5, *minutes(560, 600, URUMQI))
    assert not west.clashes("class", 5, *minutes(560, 600))
    assert west.clashes("class", 5, *minutes(680, 720))


def test_days_that_differ_are_not_taken_for_usual_ones() -> None:
    moved = Change(1, 1, WEDNESDAY, ChangeKind.MOVED, date(2026, 10, 15), 4)
    found = occupancy(
        lesson(1, 1, 1), changes=(moved,), special={date(2026, 10, 21): Special(DayKind.HOLIDAY, None, "放假")}
    )
    busy = [day for day in range(7, 29) if found.lessons("class", 1, date(2026, 10, day))]
    assert busy == [7, 15, 28]


def test_a_lesson_gives_way_to_a_session_of_its_class_but_not_to_the_one_that_is_moved() -> None:
    starts, ends = minutes(560, 600)
    found = occupancy(lesson(1, 1, 1), sessions=(Held("s", "同课", starts, ends, 99, ((1, 1, 30, 31),)),))
    assert not found.clashes("person", 10, starts, ends)
    assert found.clashes("person", 10, starts, ends, "s")
    assert [each.code for each in found.sessions("room", 30, starts, ends)] == ["s"]
    assert not found.sessions("room", 30, starts, ends, "s")


def test_a_class_takes_part_in_the_period_that_shares_most_minutes() -> None:
    part = part_of(Bell(ALWAYS, True, "本校作息", LATER), 560, 600)
    assert part is not None
    assert (part.period, part.starts, part.minutes) == (2, 570, 30)
    assert part_of(Bell(ALWAYS, True, "本校作息", LATER), 1200, 1240) is None
