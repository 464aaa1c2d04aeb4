"""Attendance is read off the room's events, and says what anybody would who reads them second by second."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from live.after.attendance import Attendance, attendance_of
from live.models import SessionEvent

EIGHT = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
LONGEST = 60


def happened(second: int, kind: str, classroom: int | None = None, by: int | None = None, **data: Any) -> SessionEvent:
    return SessionEvent(
        at=EIGHT + timedelta(seconds=second), kind=kind, classroom_id=classroom, by_person_id=by, data=data
    )


def enter(second: int, screen: str, classroom: int | None, role: str = "pupil", by: int | None = None) -> SessionEvent:
    return happened(second, "enter", classroom, by, screen=screen, role=role)


def test_a_classroom_is_there_from_its_coming_to_its_leaving_within_the_lesson() -> None:
    found = attendance_of(
        [
            enter(0, "a", 7),
            happened(10, "begin"),
            enter(15, "b", 8),
            happened(100, "leave", 8, screen="b"),
            enter(160, "b", 8),
            happened(310, "end"),
            happened(400, "leave", 7, screen="a"),
        ]
    )

    assert found.time == timedelta(seconds=300)
    assert found.of(7).time == timedelta(seconds=300)
    assert found.of(8).time == timedelta(seconds=85 + 150)


def test_a_screen_that_was_lost_was_there_until_it_was_last_heard_of() -> None:
    lost = int((EIGHT + timedelta(seconds=50)).timestamp() * 1000)

    found = attendance_of(
        [happened(0, "begin"), enter(0, "a", 7), happened(55, "leave", 7, screen="a", until=lost), happened(90, "end")]
    )

    assert found.of(7).time == timedelta(seconds=50)


def test_a_helper_with_a_phone_is_in_the_room_but_is_not_the_class() -> None:
    found = attendance_of(
        [
            happened(0, "begin"),
            enter(5, "p", 7, "helper", by=3),
            happened(25, "leave", 7, screen="p"),
            happened(30, "end"),
        ]
    )

    assert found.of(7).time == timedelta()
    assert [(adult.person_id, adult.time) for adult in found.adults] == [(3, timedelta(seconds=20))]


def test_the_last_word_about_a_pupil_counts() -> None:
    found = attendance_of(
        [happened(0, "roll", 7, pupil=1, mark="absent"), happened(9, "roll", 7, pupil=1, mark="late")]
    )

    assert found.roll == {7: {1: "late"}}


events = st.lists(
    st.one_of(
        st.tuples(st.just("enter"), st.sampled_from("abcd"), st.sampled_from([7, 8])),
        st.tuples(st.just("leave"), st.sampled_from("abcd"), st.just(0)),
        st.tuples(st.just("net"), st.sampled_from("1234"), st.sampled_from([7, 8])),
        st.tuples(st.just("takeover"), st.sampled_from(["", "on"]), st.sampled_from([7, 8])),
        st.tuples(st.sampled_from(["begin", "end", "reopen"]), st.just(""), st.just(0)),
    ),
    max_size=30,
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.integers(0, LONGEST), min_size=30, max_size=30), events)
def test_it_is_the_naive_reading_second_by_second(moments: list[int], drawn: list[tuple[str, str, int]]) -> None:
    log = [_event(second, *each) for second, each in zip(sorted(moments), drawn, strict=False)]
    end = EIGHT + timedelta(seconds=LONGEST)

    found = attendance_of(log, until=end)

    assert _counted(found) == _naive(log)


def _event(second: int, kind: str, what: str, classroom: int) -> SessionEvent:
    data: dict[str, Any] = {"screen": what, "role": "pupil"} if kind in ("enter", "leave") else {}
    if kind == "net":
        data = {"mode": int(what)}
    if kind == "takeover":
        data = {"on": what == "on"}
    return happened(second, kind, classroom or None, **data)


def _counted(found: Attendance) -> dict[tuple[object, ...], int]:
    counted: dict[tuple[object, ...], int] = {("lesson",): int(found.time.total_seconds())}
    for classroom, times in found.classrooms.items():
        counted["there", classroom] = int(times.time.total_seconds())
        counted["taken over", classroom] = sum(int(span.length.total_seconds()) for span in times.takeovers)
        for mode, time in times.modes.items():
            counted["mode", classroom, mode] = int(time.total_seconds())
    return {what: seconds for what, seconds in counted.items() if seconds}


def _naive(log: list[SessionEvent]) -> dict[tuple[object, ...], int]:
    counted: Counter[tuple[object, ...]] = Counter()
    running, here = False, dict[str, int | None]()
    mode, taken = dict[int | None, int](), dict[int | None, bool]()
    for second in range(LONGEST):
        for event in (each for each in log if each.at == EIGHT + timedelta(seconds=second)):
            if event.kind in ("begin", "reopen", "end"):
                running = event.kind != "end"
            elif event.kind == "enter":
                here[event.data["screen"]] = event.classroom_id
            elif event.kind == "leave":
                here.pop(event.data["screen"], None)
            elif event.kind == "net":
                mode[event.classroom_id] = event.data["mode"]
            else:
                taken[event.classroom_id] = event.data["on"]
        if running:
            counted["lesson",] += 1
            for classroom in set(here.values()):
                counted["there", classroom] += 1
                counted["mode", classroom, mode.get(classroom, 1)] += 1
            for classroom in (each for each, on in taken.items() if on):
                counted["taken over", classroom] += 1
    return dict(counted)
