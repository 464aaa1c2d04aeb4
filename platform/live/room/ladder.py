"""The teaching modes ① to ⑤, chosen from what a classroom's screen measures: quickly worse, slowly better.

① two-way video, ② the lead's picture only, ③ voice and slides, ④ run-sheet, slides and text. ⑤ is the helper's 本地接管 and never chosen here.
"""

from dataclasses import dataclass, replace
from typing import Final

MODE_OF_LEVEL: Final = {4: 1, 3: 1, 2: 2, 1: 3, 0: 4}
BAD_REPORTS: Final = 2
BAD_MS: Final = 6_000
GOOD_MS: Final = 30_000


@dataclass(frozen=True)
class Ladder:
    """Where a classroom stands on it. `level` is what screens are told, `mode` what the level has led to.

    `bad` reports of a line too bad for the mode, since `bad_since`; a better one since `good_since`, at its worst good for mode `good_for`.
    """

    level: int | None = None
    mode: int = 1
    heard: int | None = None
    bad: int = 0
    bad_since: int | None = None
    good_since: int | None = None
    good_for: int = 1


def reported(ladder: Ladder, level: int, at: int) -> Ladder:
    """The ladder after a screen has measured `level` (0 nothing to 4 good) at the moment `at`, in milliseconds."""
    wanted = MODE_OF_LEVEL[level]
    settled = ladder.level if ladder.level is not None and ladder.heard != level else level
    heard = replace(ladder, level=settled, heard=level)
    if wanted > ladder.mode:
        since = at if ladder.bad_since is None else ladder.bad_since
        return passed(replace(heard, bad=ladder.bad + 1, bad_since=since, good_since=None), at)
    quiet = replace(heard, bad=0, bad_since=None)
    if wanted == ladder.mode:
        return replace(quiet, good_since=None)
    if ladder.good_since is None:
        return replace(quiet, good_since=at, good_for=wanted)
    return passed(replace(quiet, good_for=max(ladder.good_for, wanted)), at)


def passed(ladder: Ladder, at: int) -> Ladder:
    """The ladder at the moment `at`, whether or not anything was measured."""
    if ladder.bad_since is not None and (ladder.bad >= BAD_REPORTS or at - ladder.bad_since >= BAD_MS):
        return _in_mode(ladder, MODE_OF_LEVEL[ladder.heard or 0])
    if ladder.good_since is not None and at - ladder.good_since >= GOOD_MS:
        return _in_mode(ladder, ladder.good_for)
    return ladder


def _in_mode(ladder: Ladder, mode: int) -> Ladder:
    return Ladder(level=ladder.heard, heard=ladder.heard, mode=mode)
