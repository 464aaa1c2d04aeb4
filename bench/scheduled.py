"""A county whose timetables and sessions stand, to measure with: 50,400 lessons of the week and 5,000 sessions.

`fill_timetables()` needs an application context that may write.
"""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from county import SINCE, Size, fill, insert_rows
from sqlalchemy import text

from foundation.database import db
from live.models import ClassroomRole, LiveClassroom, LiveSession, MediaKind, SessionKind, SessionState
from schools.models import Room, RoomKind
from timetable.models import BellSchedule, Parity, Period, PeriodKind, Term, TimetableEntry

COUNTY = Size(campuses=32, staff=3200, pupils=0)
CLASSES_OF_A_CAMPUS = 45
ROOMS_OF_A_CAMPUS = 48
FIRST = date(2026, 8, 31)
LAST = date(2027, 1, 23)
SCHOOL_DAYS = 100


def fill_timetables(sessions: int = 5000, seed: int = 7) -> int:
    """Make it; the id of the group. Class, room and teachers of a campus have numbers that follow each other."""
    group_id = fill(COUNTY, seed)
    draw = random.Random(seed)
    insert_rows(Term, [{"group_id": group_id, "year": 2026, "semester": 1, "from_day": FIRST, "to_day": LAST}])
    insert_rows(BellSchedule, [_bell(group_id, n) for n in range(4)])
    insert_rows(Period, [period for bell in range(1, 5) for period in _periods(bell)])
    insert_rows(Room, [_room(campus, n) for campus in range(1, COUNTY.campuses + 1) for n in range(ROOMS_OF_A_CAMPUS)])
    insert_rows(TimetableEntry, _lessons())
    rows = [_session(group_id, n, draw) for n in range(1, sessions + 1)]
    insert_rows(LiveSession, [row for row, _ in rows])
    insert_rows(LiveClassroom, [end for _, ends in rows for end in ends])
    db.session.commit()
    with db.engine.connect() as connection:
        connection.execute(text("ANALYZE"))
        connection.commit()
    return group_id


def staff_of(campus_id: int) -> list[int]:
    """The people posted at a campus, see `county`."""
    return [n for n in range(4, COUNTY.staff + 1) if n % COUNTY.campuses + 1 == campus_id]


def class_of(campus_id: int, number: int) -> int:
    return (campus_id - 1) * CLASSES_OF_A_CAMPUS + number + 1


def room_of(campus_id: int, number: int) -> int:
    return (campus_id - 1) * ROOMS_OF_A_CAMPUS + number + 1


def _bell(group_id: int, number: int) -> dict[str, Any]:
    """The group's, and those of three campuses that begin a little later."""
    return {"group_id": group_id, "campus_id": number or None, "name": f"作息{number}", "from_day": SINCE}


def _periods(bell: int) -> Iterator[dict[str, Any]]:
    late = (bell - 1) * 5
    for n in range(1, 8):
        starts = 450 + n * 50 + (100 if n > 4 else 0) + late
        yield {
            "bell_schedule_id": bell,
            "number": n,
            "label": f"第{n}节",
            "kind": PeriodKind.LESSON,
            "starts": starts,
            "ends": starts + 40,
        }


def _room(campus_id: int, number: int) -> dict[str, Any]:
    recording = number >= CLASSES_OF_A_CAMPUS
    return {
        "id": room_of(campus_id, number),
        "campus_id": campus_id,
        "name": f"教室{number + 1}",
        "kind": RoomKind.RECORDING if recording else RoomKind.ORDINARY,
        "cameras": 2 if recording else 0,
    }


def _lessons() -> Iterator[dict[str, Any]]:
    for campus_id in range(1, COUNTY.campuses + 1):
        staff = staff_of(campus_id)
        for number in range(CLASSES_OF_A_CAMPUS):
            for slot in range(35):
                subject = (slot + number) % 7 + 1
                yield {
                    "class_id": class_of(campus_id, number),
                    "weekday": slot // 7 + 1,
                    "period": slot % 7 + 1,
                    "parity": Parity.EVERY,
                    "subject_id": subject,
                    "person_id": staff[(subject * 13 + number // 3) % len(staff)],
                    "room_id": room_of(campus_id, number),
                    "from_day": FIRST,
                    "to_day": LAST,
                }


def _session(group_id: int, number: int, draw: random.Random) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    week, weekday = divmod(number % SCHOOL_DAYS, 5)
    day = FIRST + timedelta(weeks=week, days=weekday)
    starts = 450 + draw.randrange(1, 8) * 50
    begins = datetime.combine(day, time(), UTC) + timedelta(minutes=starts - 480)
    campuses = draw.sample(range(1, COUNTY.campuses + 1), 3)
    row = {
        "id": number,
        "code": f"bench{number:06}",
        "group_id": group_id,
        "kind": SessionKind.SAME_LESSON,
        "state": SessionState.SETTLED,
        "title": f"同上一堂课{number}",
        "lead_id": draw.choice(staff_of(campuses[0])),
        "day": day,
        "starts": starts,
        "ends": starts + 40,
        "starts_at": begins,
        "ends_at": begins + timedelta(minutes=40),
        "media": MediaKind.AUTO,
        "subject_id": 2,
    }
    ends = [
        {
            "session_id": number,
            "rank": rank,
            "role": ClassroomRole.LISTENING if rank else ClassroomRole.MAIN,
            "campus_id": campus_id,
            "class_id": class_of(campus_id, draw.randrange(CLASSES_OF_A_CAMPUS)),
            "room_id": room_of(campus_id, draw.randrange(ROOMS_OF_A_CAMPUS)),
            "helper_id": draw.choice(staff_of(campus_id)),
            "starts": starts,
            "ends": starts + 40,
        }
        for rank, campus_id in enumerate(campuses)
    ]
    return row, ends
