"""What stands in the way of a session, in words: who, what, where and when, and what would be the nearest way out."""

import enum
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple


class ConflictKind(enum.StrEnum):
    """What a conflict is about."""

    CLASS_BUSY = "class_busy"  # the class is in another session
    PERSON_BUSY = "person_busy"  # lead, helper or guest is in another session
    ROOM_BUSY = "room_busy"  # the room has another session
    LESSON_FALLS_AWAY = "lesson_falls_away"  # the class has another lesson then, or another subject
    PERSON_TEACHES = "person_teaches"  # lead or helper teaches another class then
    ROOM_TAKEN = "room_taken"  # another class has a lesson in the room
    TRAVEL = "travel"  # not enough time from the campus before, or to the one after
    NOT_POSTED = "not_posted"  # lead or helper does not work there that day
    NO_CAMERA = "no_camera"
    NO_SCHOOL = "no_school"  # holiday, exam or outside the term at the campus
    OUTSIDE_BELLS = "outside_bells"  # before or after lessons, or over a long break
    UPLINK = "uplink"  # too many sessions at once for the campus' line
    WEAK_LINE = "weak_line"  # the room's last check was weak
    PACE = "pace"  # the class is more than a lesson behind or ahead


@dataclass(frozen=True)
class DraftClassroom:
    """One end of a session that is being thought of. Meetings may have neither class nor room."""

    campus_id: int
    class_id: int | None = None
    room_id: int | None = None
    helper_id: int | None = None


@dataclass(frozen=True)
class Draft:
    """A session that is being thought of; `code` is that of one that is there already, which is in nobody's way itself.

    `day` is that of the main classroom, the first one. `starts_at` and `ends_at` are moments, as they are for everybody.
    """

    day: date
    starts_at: datetime
    ends_at: datetime
    lead_id: int
    classrooms: tuple[DraftClassroom, ...]
    guest_ids: tuple[int, ...] = ()
    subject_id: int | None = None
    topic_id: int | None = None
    code: str | None = None


class Alternative(NamedTuple):
    """The nearest time that would do, by the clock and bell of the main classroom."""

    words: str
    day: date
    period: int | None
    starts: int
    ends: int


@dataclass(frozen=True)
class Conflict:
    """Something in the way. A `hard` one cannot be: the same class, teacher or room would be in two sessions at once."""

    kind: ConflictKind
    hard: bool
    sentence: str
    campus_id: int | None = None
    alternative: Alternative | None = None


def conflicts_of(draft: Draft) -> list[Conflict]:
    """What stands in the way of a session, the hard ones first; nothing when all is free."""
    raise NotImplementedError
