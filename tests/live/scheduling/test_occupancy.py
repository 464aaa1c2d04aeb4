"""Who is busy when, with no database: bells, zones, changed days, sessions in the way."""

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from live.scheduling.finding import Slot, Wanted, find
from live.scheduling.occupancy import Held, Occupancy, local, minute_at, minute_of, moment_of, part_of
from live.scheduling.world import CampusFacts, ClassFacts, World
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


def random_world(draw: random.Random) -> World:
    """Four classes at three campuses, with lessons in some weeks only, holidays, make-up days, changes and sessions."""
    term_days = [TERM.from_day + timedelta(days=number) for number in range(42)]
    entries = [
        lesson(
            number,
            draw.randrange(1, 5),
            0,
            weekday=draw.randrange(1, 6),
            period=draw.randrange(1, 8),
            parity=draw.choice(list(Parity)),
            subject_id=draw.randrange(1, 4),
            person_id=draw.choice([None, 11, 12, 13, 14]),
            to_day=draw.choice([OPEN_END, draw.choice(term_days)]),
        )
        for number in range(1, 50)
    ]
    entries = [each._replace(campus_id=min(each.class_id, 3)) for each in entries]
    changes = [
        Change(number, draw.randrange(1, 50), draw.choice(term_days), kind, draw.choice(term_days), 4, 12)
        for number, kind in enumerate(draw.choices(list(ChangeKind), k=6), start=1)
    ]
    special = {draw.choice(term_days): Special(DayKind.HOLIDAY, None, "放假") for _ in range(3)} | {
        draw.choice(term_days): Special(DayKind.MAKE_UP, draw.randrange(1, 6), "调休")
    }
    sessions = []
    for number in range(12):
        starts = minute_at(draw.choice(term_days), draw.randrange(510, 800), SHANGHAI)
        ends = ((2, 2, None, draw.choice([11, 12, 13])), (3, draw.choice([3, 4]), None, None))
        sessions.append(Held(str(number), "同课", starts, starts + 40, draw.randrange(11, 15), ends))
    found = occupancy(*entries, changes=tuple(changes), special=special, sessions=tuple(sessions))
    campuses = {id: CampusFacts(id, str(id), zone) for id, zone in ((1, SHANGHAI), (2, SHANGHAI), (3, URUMQI))}
    return World(found, campuses, {id: ClassFacts(id, str(id), min(id, 3)) for id in range(1, 5)})


def test_looking_at_weeks_finds_what_looking_at_each_day_alone_finds() -> None:
    found = 0
    for seed in range(12):
        wanted = Wanted(1, 11, 1, ((2,), (3, 4)), TERM.from_day, TERM.from_day + timedelta(days=42))
        teachers = {2: 12, 3: 13, 4: 14}
        alone: list[Slot] = []
        for number in range(42):
            day = TERM.from_day + timedelta(days=number)
            one_day = Wanted(1, 11, 1, wanted.ends, day, day + timedelta(days=1))
            alone += find(random_world(random.Random(seed)), one_day, teachers).slots
        together = find(random_world(random.Random(seed)), wanted, teachers).slots
        assert sorted(together, key=lambda slot: slot.starts) == sorted(alone, key=lambda slot: slot.starts)
        found += len(together)
    assert found > 500
