"""The teaching modes: quickly worse, slowly better."""

from live.room.ladder import Ladder, passed, reported


def after(*reports: tuple[int, int]) -> Ladder:
    """The ladder after (second, level) reports."""
    ladder = Ladder()
    for second, level in reports:
        ladder = reported(ladder, level, second * 1000)
    return ladder


def test_one_bad_moment_changes_nothing() -> None:
    assert after((0, 4), (10, 1), (20, 4), (30, 1), (40, 4)).mode == 1


def test_two_bad_reports_or_six_bad_seconds_lead_down() -> None:
    assert after((0, 4), (3, 1), (5, 1)).mode == 3
    once = after((0, 4), (3, 1))
    assert passed(once, 8_900).mode == 1
    assert passed(once, 9_000).mode == 3


def test_better_comes_after_half_a_minute_of_good_and_no_higher_than_its_worst() -> None:
    down = ((0, 0), (1, 0))
    assert after(*down).mode == 4
    assert after(*down, (10, 4), (20, 4), (39, 4)).mode == 4
    assert after(*down, (10, 4), (20, 2), (40, 4)).mode == 2
    assert after(*down, (10, 4), (20, 0), (40, 4), (60, 4)).mode == 4


def test_a_level_is_shown_when_it_has_been_measured_twice() -> None:
    assert after((0, 4), (10, 3)).level == 4
    assert after((0, 4), (10, 3), (20, 3)).level == 3
