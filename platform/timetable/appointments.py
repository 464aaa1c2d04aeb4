"""What stands in a week besides the timetable. Packages above know of it and say so here: `@appointments`."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from schools.access import Standing
from timetable.teaching_days import Whose


@dataclass(frozen=True)
class Appointment:
    """Something that a class, a person or a room has on a day besides lessons, by the clock of a campus (`zone`).

    `uid` names it for calendar programs, to which `sequence` says which word is the newest. `period` is that of the campus, if it
    lies in one, `subject_id` that of the lesson that it is. `people` and `place` are said as they stand. `url` is empty for whoever may not open it.
    """

    uid: str
    sequence: int
    day: date
    starts: int
    ends: int
    period: int | None
    zone: str
    title: str
    people: str
    place: str
    url: str
    settled: bool = True
    cancelled: bool = False
    subject_id: int | None = None


Source = Callable[[Whose, Collection[int], date, date, Standing | None], Iterable[tuple[int, Appointment]]]
"""Asked for those of classes, people, rooms or campuses (their ids) from a day up to, not including, another, and who looks."""

_sources: list[Source] = []


def appointments(source: Source) -> Source:
    """Decorate a function that knows of some."""
    if source not in _sources:
        _sources.append(source)
    return source


def appointments_of(
    whose: Whose, ids: Collection[int], from_day: date, to_day: date, viewer: Standing | None = None
) -> Mapping[int, list[Appointment]]:
    """Those of each id, by the clock."""
    found: dict[int, list[Appointment]] = defaultdict(list)
    for source in _sources:
        for id, appointment in source(whose, ids, from_day, to_day, viewer):
            found[id].append(appointment)
    for each in found.values():
        each.sort(key=lambda one: (one.day, one.starts, one.uid))
    return found
