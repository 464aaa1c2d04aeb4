"""What events amount to: for everybody the same, whenever they came, in Python and in the browser."""

import json
import shutil
import subprocess
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foundation.errors import Conflict
from live.room.events import Draft, drafts, visible
from live.room.rooms import GRACE_MS, RETURN_MS, LastBeat, Room
from live.room.state import apply, beginning, fold_all
from live.room.store import Kept
from tests.live.room.lessons import CLASSROOMS, EVERYBODY, LEAD, SCREENS, Lesson, facts, member

SOURCE = Path(__file__).parents[3]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 60), st.integers(0, 60))
def test_whoever_was_cut_off_and_comes_back_sees_what_a_newcomer_sees(seed: int, before: int, after: int) -> None:
    lesson = Lesson(Random(seed))
    lesson.go_on(before)
    left_with = {viewer: lesson.room.view(viewer) for viewer in EVERYBODY}
    lesson.go_on(after)
    newly_opened = Room(facts())
    newly_opened.load(lesson.kept, LastBeat(), lesson.at, lesson.at)
    for viewer, state in left_with.items():
        missed = lesson.room.missed(viewer, state["seq"])
        assert missed is not None
        back = {**fold_all(state, missed), "seq": len(lesson.kept)}
        assert back == lesson.room.view(viewer) == newly_opened.view(viewer)


def test_nobody_is_sent_what_is_not_for_them() -> None:
    lesson = Lesson(Random(7))
    lesson.go_on(600)
    seen = {viewer: json.dumps(lesson.room.view(viewer), ensure_ascii=False) for viewer in EVERYBODY}
    others = [viewer for viewer in EVERYBODY if viewer.role != "lead"]
    assert "赵小兰" not in "".join(seen[viewer] for viewer in others if viewer.classroom != 13)
    assert not any('"called": 1' in seen[viewer] for viewer in others)
    assert '"to": "lead"' in seen[LEAD]
    pupils = [viewer for viewer in others if viewer.role == "pupil"]
    assert not any('"to": "lead"' in seen[viewer] or '"roll": {"' in seen[viewer] for viewer in pupils)


def test_the_browser_folds_as_the_server_does() -> None:
    lists = []
    for seed in range(40):
        lesson = Lesson(Random(seed))
        lesson.go_on(150)
        viewer = EVERYBODY[seed % len(EVERYBODY)]
        events = [event for event, audience in lesson.room.log if visible(audience, viewer)]
        lists.append((CLASSROOMS, viewer is LEAD, events))
    node = shutil.which("node")
    assert node, "Node is needed: see README"
    done = subprocess.run(
        [node, "tests/js/fold.mjs"], input=json.dumps(lists), capture_output=True, text=True, cwd=SOURCE, check=True
    )
    here = [fold_all(beginning(rooms, fair=fair), events) for rooms, fair, events in lists]
    kinds = {event.kind for _, _, events in lists for event in events}
    assert len(kinds) > 28, "the lists are too poor to tell anything"
    assert json.loads(done.stdout) == here


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32))
def test_the_minutes_of_a_classroom_are_those_that_its_screens_were_there_in_the_lesson(seed: int) -> None:
    lesson = Lesson(Random(seed))
    lesson.go_on(120)
    log = [event for event, _ in lesson.room.log]
    for classroom in CLASSROOMS:
        minutes = _minutes(lesson.room.state, classroom, log[-1].at if log else 0)
        assert _counted(log, classroom) <= minutes <= _counted(log, classroom, bridged=GRACE_MS)


def _minutes(state: dict, classroom: int, at: int) -> int:  # type: ignore[type-arg]
    room = state["classrooms"][str(classroom)]
    running = state["phase"] == "running" and room["present_since"] is not None
    return int(room["minutes_ms"] + (max(0, at - max(room["present_since"], state["began"])) if running else 0))


def _counted(log: list, classroom: int, bridged: int = 0) -> int:  # type: ignore[type-arg]
    """The same, counted another way: every millisecond once that lies in the lesson and in the stay of a screen.

    From one screen's end to the next one's beginning, or to the bell, up to `bridged` are none away.
    """
    lesson, stays, there, began = [], [], {}, None
    for event in log:
        if event.kind in ("begin", "reopen"):
            began = event.at
        elif event.kind == "end" and began is not None:
            lesson.append((began, event.at))
            began = None
        elif event.kind == "enter" and event.classroom == classroom and _counts(event.data):
            there[event.data["screen"]] = event.at
        elif event.kind == "leave" and event.data["screen"] in there:
            stays.append((there.pop(event.data["screen"]), event.data["until"]))
    end = log[-1].at if log else 0
    lesson += [(began, end)] if began is not None else []
    stays += [(since, end) for since in there.values()]
    bells = [until for _, until in lesson]
    stays = [
        (since, next((bell for bell in bells if until <= bell <= until + bridged), until)) for since, until in stays
    ]
    together: list[tuple[int, int]] = []
    for since, until in sorted(stays):
        if together and since - together[-1][1] <= bridged:
            since, until = together[-1][0], max(until, together.pop()[1])
        together.append((since, until))
    overlaps = [(max(a, c), min(b, d)) for a, b in lesson for c, d in together if max(a, c) < min(b, d)]
    total, upto = 0, 0
    for since, until in sorted(overlaps):
        total += max(0, until - max(since, upto))
        upto = max(upto, until)
    return total


def _counts(data: dict) -> bool:  # type: ignore[type-arg]
    return data["role"] in ("pupil", "lead") and "pupil" not in data


@pytest.mark.parametrize(("after", "minutes"), [(RETURN_MS, 100), (RETURN_MS + 1, 10)])
def test_a_lesson_goes_on_without_the_server_for_those_who_come_back_soon_after_it(after: int, minutes: int) -> None:
    """The room is opened when its first screen is back, however long after the server."""
    wall, begins = member(SCREENS[1], "wall", 0), 1_000_000
    died, up = begins + 10_000, begins + 60_000
    before, room = Room(facts()), Room(facts())
    happened = [*before.arrive(wall, begins), Draft("open", {}), Draft("begin", {})]
    kept = [Kept(line.event, line.audience, None) for line in before.take(happened, begins)]
    back = up + after
    room.load(kept, LastBeat(died), back, up)
    room.take(room.arrive(member(SCREENS[1], "wall", back, "again"), back), back)
    room.take([Draft("end", {})], begins + 100_000)
    lost = 0 if minutes == 100 else begins + 100_000 - back
    assert room.state["classrooms"]["12"]["minutes_ms"] == minutes * 1000 + lost


@pytest.mark.parametrize(("ended_after", "minutes"), [(11_000, 100), (RETURN_MS + 1, 10)])
def test_who_was_still_awaited_when_the_server_ended_again_is_awaited_again(ended_after: int, minutes: int) -> None:
    wall, begins = member(SCREENS[1], "wall", 0), 1_000_000
    before, between, room = Room(facts()), Room(facts()), Room(facts())
    happened = [*before.arrive(wall, begins), Draft("open", {}), Draft("begin", {})]
    kept = [Kept(line.event, line.audience, None) for line in before.take(happened, begins)]
    up = begins + 15_000
    between.load(kept, LastBeat(begins + 10_000), up, up)
    beat, up_again = between.beat(up + ended_after), begins + 50_000
    room.load(kept, beat, up_again, up_again)
    back = up_again + RETURN_MS
    room.take(room.arrive(member(SCREENS[1], "wall", back, "again"), back), back)
    room.take([Draft("end", {})], begins + 100_000)
    lost = 0 if minutes == 100 else begins + 100_000 - back
    assert room.state["classrooms"]["12"]["minutes_ms"] == minutes * 1000 + lost


def test_who_was_away_when_the_server_ended_had_left_before_it() -> None:
    wall, begins = member(SCREENS[1], "wall", 0), 1_000_000
    before, room = Room(facts()), Room(facts())
    happened = [*before.arrive(wall, begins), Draft("open", {}), Draft("begin", {})]
    kept = [Kept(line.event, line.audience, None) for line in before.take(happened, begins)]
    room.load(kept, LastBeat(begins + 10_000, {"wall": begins + 6_000}), begins + 60_000, begins + 50_000)
    room.take(room.overdue(begins + 90_000), begins + 90_000)
    assert room.state["classrooms"]["12"]["minutes_ms"] == 6_000


def test_a_line_that_is_cut_soon_after_the_server_came_back_is_cut() -> None:
    wall, begins = member(SCREENS[1], "wall", 0), 1_000_000
    before, room = Room(facts()), Room(facts())
    happened = [*before.arrive(wall, begins), Draft("open", {}), Draft("begin", {})]
    kept = [Kept(line.event, line.audience, None) for line in before.take(happened, begins)]
    room.load(kept, LastBeat(begins + 10_000), begins + 20_000, begins + 20_000)
    back = member(SCREENS[1], "wall", begins + 21_000, "again")
    assert room.arrive(back, begins + 21_000) == []
    room.depart(back, begins + 22_000)
    room.take(room.overdue(begins + 28_000), begins + 28_000)
    assert room.state["classrooms"]["12"]["minutes_ms"] == 22_000


def test_a_lesson_of_thousands_of_events_is_folded_in_no_time() -> None:
    lesson = Lesson(Random(3))
    lesson.go_on(5_000)
    state = beginning(CLASSROOMS, fair=True)
    for event, _ in lesson.room.log:
        state = apply(state, event)
    assert state == lesson.room.state


def test_one_screen_records_until_it_has_stopped_or_was_lost() -> None:
    room, at = Room(facts()), 1_000
    first, second = (member(LEAD, screen, at) for screen in ("first", "second"))
    for each in (first, second):
        room.take(room.arrive(each, at), at)

    def said(screen: str, state: str) -> None:
        wanted = drafts("recording", {"state": state, "why": ""}, LEAD, room.state, room.facts, at, screen)
        room.take(wanted, at)

    said("first", "on")
    for state in ("on", "failed"):
        with pytest.raises(Conflict, match="另一台电脑正在录这节课"):
            said("second", state)
    said("first", "off")
    said("second", "on")
    assert room.state["recording"]["screen"] == "second"
    room.depart(second, at)
    room.take(room.overdue(at + GRACE_MS + 1), at)
    said("first", "on")
    assert room.state["recording"]["screen"] == "first"
