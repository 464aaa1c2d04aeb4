"""Teaching days against a reading of the same facts that is slow and plain."""

from collections.abc import Sequence
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from timetable.models import ChangeKind, DayKind, Parity, PeriodKind
from timetable.teaching_days import (
    OPEN_END,
    Bell,
    CampusDays,
    Change,
    Clock,
    Entry,
    Lesson,
    Span,
    Special,
    Timetable,
    Whose,
    week_of,
)

TERM = Span(date(2026, 9, 1), date(2027, 1, 23))
SEPTEMBER = date(2026, 9, 1)
PERIODS = tuple(Clock(n, f"第{n}节", PeriodKind.LESSON, 460 + n * 50, 500 + n * 50) for n in range(1, 8))
LATER = tuple(clock._replace(starts=clock.starts + 10, ends=clock.ends + 10) for clock in PERIODS)
GROUP_BELL = Bell(Span(date(2020, 1, 1), OPEN_END), False, "统一作息", PERIODS)
WINTER = Bell(Span(date(2026, 10, 1), OPEN_END), False, "冬季作息", LATER[:6])
OWN_BELL = Bell(Span(date(2020, 1, 1), OPEN_END), True, "本校作息", LATER)


def entry(id: int = 1, **more: object) -> Entry:
    usual = Entry(id, 1, 1, 3, 2, Parity.EVERY, 1, 10, 20, date(2020, 1, 1), OPEN_END)
    return usual._replace(**more)


def asked(
    entries: Sequence[Entry],
    changes: Sequence[Change] = (),
    *,
    special: dict[date, Special] | None = None,
    bells: Sequence[Bell] = (GROUP_BELL,),
) -> Timetable:
    return Timetable({1: CampusDays([TERM], special or {}, bells)}, entries, changes)


def days_of(lessons: Sequence[Lesson]) -> list[tuple[int, int]]:
    return [(lesson.day.month, lesson.day.day) for lesson in lessons if lesson.held]


def test_week_one_begins_on_the_monday_of_the_first_day_of_term() -> None:
    numbers = [(week_of(day, [TERM]) or (None, 0))[1] for day in (TERM.from_day, date(2026, 9, 6), date(2026, 9, 7))]
    assert numbers == [1, 1, 2]
    assert week_of(date(2026, 8, 31), [TERM]) is None
    assert week_of(TERM.to_day, [TERM]) is None


def test_odd_and_even_weeks_alternate_through_the_term() -> None:
    odd, even = entry(1, parity=Parity.ODD), entry(2, parity=Parity.EVEN, period=3)
    lessons = asked([odd, even]).lessons("class", 1, SEPTEMBER, date(2026, 9, 24))
    assert [(lesson.day.day, lesson.entry.id) for lesson in lessons] == [(2, 1), (9, 2), (16, 1), (23, 2)]


def test_a_make_up_day_has_the_lessons_of_the_weekday_it_follows_and_a_holiday_none() -> None:
    special = {
        date(2026, 9, 9): Special(DayKind.HOLIDAY, None, "放假"),
        date(2026, 9, 12): Special(DayKind.MAKE_UP, 3, "补周三"),
        date(2026, 9, 13): Special(DayKind.MAKE_UP, None, "只上班"),
        date(2026, 9, 16): Special(DayKind.EXAM, None, "期中"),
    }
    lessons = asked([entry()], special=special).lessons("class", 1, SEPTEMBER, date(2026, 9, 24))
    assert days_of(lessons) == [(9, 2), (9, 12), (9, 23)]


def test_a_campus_own_bell_goes_before_the_group_and_the_later_season_before_the_earlier() -> None:
    def first(bells: Sequence[Bell], day: date) -> int:
        return asked([entry(weekday=day.isoweekday())], bells=bells).lessons_on("class", 1, day)[0].starts

    assert first([GROUP_BELL, WINTER], date(2026, 9, 30)) == 560
    assert first([GROUP_BELL, WINTER], date(2026, 10, 8)) == 570
    assert first([GROUP_BELL, WINTER, OWN_BELL], date(2026, 9, 30)) == 570


def test_a_substitute_is_busy_and_the_teacher_is_free() -> None:
    change = Change(1, 1, date(2026, 9, 9), ChangeKind.SUBSTITUTE, person_id=11)
    timetable = asked([entry()], [change])
    week = (date(2026, 9, 7), date(2026, 9, 14))
    assert days_of(timetable.lessons("person", 10, *week)) == []
    assert days_of(timetable.lessons("person", 11, *week)) == [(9, 9)]
    assert [lesson.person_id for lesson in timetable.lessons("class", 1, *week)] == [11]


def test_a_moved_lesson_leaves_its_place_and_keeps_class_teacher_and_room_busy_at_the_new_one() -> None:
    change = Change(1, 1, date(2026, 9, 9), ChangeKind.MOVED, date(2026, 9, 11), 5, room_id=21)
    timetable = asked([entry()], [change])
    week = (date(2026, 9, 7), date(2026, 9, 14))
    for whose, id in (("class", 1), ("person", 10), ("room", 21), ("campus", 1)):
        assert days_of(timetable.lessons(whose, id, *week)) == [(9, 11)], whose
    assert timetable.clashes("person", 10, date(2026, 9, 9), 0, 1440) == []
    assert timetable.clashes("room", 20, date(2026, 9, 9), 0, 1440) == []
    assert len(timetable.clashes("person", 10, date(2026, 9, 11), 749, 760)) == 1
    assert timetable.clashes("person", 10, date(2026, 9, 11), 750, 760) == []


FEW_DAYS = st.dates(date(2026, 8, 29), date(2026, 10, 20))
ENTRIES = st.lists(
    st.builds(
        Entry,
        id=st.just(0),
        class_id=st.integers(1, 3),
        campus_id=st.just(1),
        weekday=st.integers(1, 7),
        period=st.integers(1, 7),
        parity=st.sampled_from(Parity),
        subject_id=st.integers(1, 2),
        person_id=st.sampled_from([None, 10, 11]),
        room_id=st.sampled_from([None, 20, 21]),
        from_day=FEW_DAYS,
        to_day=st.sampled_from([OPEN_END, date(2026, 10, 1)]),
    ),
    max_size=8,
).map(lambda entries: [each._replace(id=number) for number, each in enumerate(entries)])
CHANGES = st.lists(
    st.builds(
        Change,
        id=st.just(0),
        entry_id=st.integers(0, 7),
        day=FEW_DAYS,
        kind=st.sampled_from(ChangeKind),
        new_day=FEW_DAYS,
        new_period=st.integers(1, 7),
        person_id=st.sampled_from([None, 10, 11]),
        room_id=st.sampled_from([None, 20, 21]),
    ),
    max_size=8,
    unique_by=lambda change: (change.entry_id, change.day),
).map(lambda changes: [each._replace(id=number) for number, each in enumerate(changes)])
SPECIAL = st.dictionaries(
    FEW_DAYS,
    st.builds(Special, st.sampled_from(DayKind), st.sampled_from([None, 1, 2, 3, 4, 5]), st.just("")),
    max_size=9,
)


def naive(
    entries: Sequence[Entry], changes: Sequence[Change], special: dict[date, Special], whose: Whose, id: int, day: date
) -> list[tuple[int, int, int]]:
    """Every lesson of everybody on the day, one after the other, then only those asked for."""

    def weekday_held(day: date) -> int:
        if not TERM.from_day <= day < TERM.to_day:
            return 0
        if day not in special:
            return day.weekday() + 1
        return (special[day].follows or 0) if special[day].kind == "make_up" else 0

    def bell(day: date) -> dict[int, int]:
        periods = LATER[:6] if day >= date(2026, 10, 1) else PERIODS
        return {clock.number or 0: clock.starts for clock in periods}

    held = []
    monday = TERM.from_day - timedelta(days=TERM.from_day.weekday())
    for each in entries:
        parity = "even" if ((day - monday).days // 7) % 2 else "odd"
        usual = (
            weekday_held(day) == each.weekday
            and each.from_day <= day < each.to_day
            and each.parity in ("every", parity)
            and each.period in bell(day)
        )
        change = next((change for change in changes if change.entry_id == each.id and change.day == day), None)
        if usual and (change is None or change.kind == "substitute"):
            person, room = (change.person_id, change.room_id) if change else (None, None)
            held.append((each, each.period, person or each.person_id, room or each.room_id))
        for change in changes:
            arrives = change.entry_id == each.id and change.kind == "moved" and change.new_day == day
            if arrives and change.new_period in bell(day):
                person, room = change.person_id or each.person_id, change.room_id or each.room_id
                held.append((each, change.new_period, person, room))
    return sorted(
        (bell(day)[period], period, each.id)
        for each, period, person, room in held
        if {"class": each.class_id, "person": person, "room": room, "campus": each.campus_id}[whose] == id
    )


@settings(max_examples=60, deadline=None)
@given(ENTRIES, CHANGES, SPECIAL, FEW_DAYS)
def test_every_day_is_as_a_plain_reading_has_it(
    entries: list[Entry], changes: list[Change], special: dict[date, Special], day: date
) -> None:
    timetable = asked(entries, changes, special=special, bells=[GROUP_BELL, WINTER])
    asks: list[tuple[Whose, int]] = [("class", 1), ("person", 10), ("person", 11), ("room", 20), ("campus", 1)]
    for whose, id in asks:
        for each in (day, day + timedelta(days=7)):
            found = timetable.lessons_on(whose, id, each)
            told = [(lesson.starts, lesson.period, lesson.entry.id) for lesson in found if lesson.held]
            assert told == naive(entries, changes, special, whose, id, each)
