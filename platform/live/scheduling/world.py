"""What a conflict check and the slot finder have to know, out of the database in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from foundation.database import db
from live.models import CampusTravel, DeviceCheck, LiveClassroom, LiveGuest, LiveSession, SessionState
from live.scheduling.occupancy import DAY, Held, Occupancy, minute_of, moment_of
from schools.models import Campus, Person, Posting, Room, RoomKind, SchoolClass, Subject
from timetable.pace import Standings, standings
from timetable.queries import timetable_of_all
from timetable.teaching_days import SchoolDay

ONE_DAY = timedelta(days=1)
FRIDAY = 5
SESSION_COLUMNS = (
    LiveSession.id,
    LiveSession.code,
    LiveSession.title,
    LiveSession.starts_at,
    LiveSession.ends_at,
    LiveSession.lead_id,
)
END_COLUMNS = (
    LiveClassroom.session_id,
    LiveClassroom.campus_id,
    LiveClassroom.class_id,
    LiveClassroom.room_id,
    LiveClassroom.helper_id,
)
HOLDING = (SessionState.DRAFT, SessionState.ASKED, SessionState.SETTLED, SessionState.RUNNING, SessionState.ENDED)
"""The states in which a session keeps anybody busy; in this order, so that the index of states and moments is used."""


@dataclass(frozen=True)
class CampusFacts:
    """A campus as far as time and line go."""

    id: int
    name: str
    zone: ZoneInfo
    uplink_mbps: float | None = None


@dataclass(frozen=True)
class ClassFacts:
    """A class with its campus."""

    id: int
    name: str
    campus_id: int
    grade: int = 0


@dataclass(frozen=True)
class RoomFacts:
    """A room; `level` is that of its newest check of the line, None before the first."""

    id: int
    name: str
    campus_id: int
    kind: RoomKind = RoomKind.ORDINARY
    cameras: int = 0
    level: int | None = None


@dataclass(frozen=True)
class World:
    """Everything that is asked about. `travel` has minutes by pairs of campuses, `postings` where people work, from when until when."""

    occupancy: Occupancy
    campuses: Mapping[int, CampusFacts]
    classes: Mapping[int, ClassFacts] = field(default_factory=dict)
    rooms: Mapping[int, RoomFacts] = field(default_factory=dict)
    people: Mapping[int, str] = field(default_factory=dict)
    subjects: Mapping[int, Subject] = field(default_factory=dict)
    travel: Mapping[frozenset[int], int] = field(default_factory=dict)
    postings: Mapping[int, list[tuple[int, date, date]]] = field(default_factory=dict)
    pace: Standings = field(default_factory=Standings)

    def posted(self, person_id: int, campus_id: int, day: date) -> bool:
        """Whether somebody works at a campus on a day."""
        there = self.postings.get(person_id, ())
        return any(campus_id == where and from_day <= day < to_day for where, from_day, to_day in there)

    def in_school(self, class_id: int, day: SchoolDay) -> bool:
        """Whether a class has school on a day: at weekends only when it has lessons."""
        if day.weekday <= FRIDAY:
            return day.weekday > 0
        return bool(self.occupancy.lessons("class", class_id, day.day))


@dataclass(frozen=True)
class Asked:
    """Whom and what a world is made for, from a day up to, not including, another."""

    from_day: date
    to_day: date
    class_ids: Collection[int]
    person_ids: Collection[int]
    campus_ids: Collection[int]
    room_ids: Collection[int] = ()
    topic_id: int | None = None
    all_rooms: bool = False


def world_of(asked: Asked) -> World:
    """Load it. `all_rooms`: those with cameras at the campuses too."""
    campuses = _campuses(asked.campus_ids)
    rooms = _rooms(asked)
    room_ids = set(rooms)
    timetable = timetable_of_all(
        {"class": asked.class_ids, "person": asked.person_ids, "room": room_ids},
        asked.from_day,
        asked.to_day,
        asked.campus_ids,
    )
    campuses |= _campuses(set(timetable.days) - set(campuses))
    zones = {campus.id: campus.zone for campus in campuses.values()}
    sessions = _sessions(asked, room_ids)
    entries = timetable.entries.values()
    people = {*asked.person_ids, *(entry.person_id for entry in entries if entry.person_id)}
    return World(
        Occupancy(timetable, zones, sessions),
        campuses,
        _classes({*asked.class_ids, *(entry.class_id for entry in entries)}),
        rooms,
        dict(db.session.execute(select(Person.id, Person.name).where(Person.id.in_(people))).tuples().all()),
        {row.id: row for row in db.session.scalars(select(Subject))},
        _travel(campuses),
        _postings(asked),
        standings(asked.class_ids, asked.topic_id),
    )


def _campuses(ids: Collection[int]) -> dict[int, CampusFacts]:
    if not ids:
        return {}
    rows = db.session.execute(
        select(Campus.id, Campus.short_name, Campus.zone, Campus.uplink_mbps).where(Campus.id.in_(ids))
    )
    return {id: CampusFacts(id, name, ZoneInfo(zone), uplink) for id, name, zone, uplink in rows}


def _classes(ids: Collection[int]) -> dict[int, ClassFacts]:
    rows = db.session.execute(
        select(SchoolClass.id, SchoolClass.name, SchoolClass.campus_id, SchoolClass.grade).where(
            SchoolClass.id.in_(ids)
        )
    )
    return {row[0]: ClassFacts(*row) for row in rows}


def _rooms(asked: Asked) -> dict[int, RoomFacts]:
    wanted: ColumnElement[bool] = Room.id.in_(asked.room_ids)
    if asked.all_rooms:
        wanted |= and_(Room.campus_id.in_(asked.campus_ids), Room.cameras > 0)
    rows = db.session.execute(
        select(Room.id, Room.name, Room.campus_id, Room.kind, Room.cameras).where(wanted).order_by(Room.id)
    ).all()
    levels = _levels({row.id for row in rows})
    return {
        row.id: RoomFacts(row.id, row.name, row.campus_id, row.kind, row.cameras, levels.get(row.id)) for row in rows
    }


def _levels(room_ids: Collection[int]) -> dict[int, int]:
    if not room_ids:
        return {}
    newest = select(func.max(DeviceCheck.id)).where(DeviceCheck.room_id.in_(room_ids)).group_by(DeviceCheck.room_id)
    rows = db.session.execute(select(DeviceCheck.room_id, DeviceCheck.level).where(DeviceCheck.id.in_(newest)))
    return dict(rows.tuples().all())


def _travel(campus_ids: Iterable[int]) -> dict[frozenset[int], int]:
    ids = set(campus_ids)
    rows = db.session.execute(
        select(CampusTravel.one_id, CampusTravel.other_id, CampusTravel.minutes).where(
            CampusTravel.one_id.in_(ids), CampusTravel.other_id.in_(ids)
        )
    )
    return {frozenset((one, other)): minutes for one, other, minutes in rows}


def _postings(asked: Asked) -> dict[int, list[tuple[int, date, date]]]:
    rows = db.session.execute(
        select(Posting.person_id, Posting.campus_id, Posting.from_day, Posting.to_day).where(
            Posting.person_id.in_(asked.person_ids)
        )
    )
    found: dict[int, list[tuple[int, date, date]]] = defaultdict(list)
    for person_id, campus_id, from_day, to_day in rows:
        found[person_id].append((campus_id, from_day, to_day or date.max))
    return found


def _sessions(asked: Asked, room_ids: Collection[int]) -> list[Held]:
    """Those of these days that concern somebody or something of it, with all their ends."""
    within = and_(
        LiveSession.state.in_(HOLDING),
        LiveSession.starts_at >= moment_of((asked.from_day - ONE_DAY).toordinal() * DAY),
        LiveSession.starts_at < moment_of((asked.to_day + ONE_DAY).toordinal() * DAY),
    )
    concerned = or_(
        LiveSession.lead_id.in_(asked.person_ids),
        LiveSession.id.in_(select(LiveGuest.session_id).where(LiveGuest.person_id.in_(asked.person_ids))),
        _takes_part(asked, room_ids),
    )
    connection = db.session.connection()
    sessions = connection.execute(select(*SESSION_COLUMNS).where(within, concerned)).all()
    ends: dict[int, list[tuple[int, int | None, int | None, int | None]]] = defaultdict(list)
    rows = connection.execute(
        select(*END_COLUMNS)
        .join(LiveSession, LiveSession.id == LiveClassroom.session_id)
        .where(within, concerned)
        .order_by(LiveClassroom.session_id, LiveClassroom.rank)
    )
    for session_id, campus_id, class_id, room_id, helper_id in rows.tuples().all():
        ends[session_id].append((campus_id, class_id, room_id, helper_id))
    guests: dict[int, list[int]] = defaultdict(list)
    for session_id, person_id in db.session.execute(
        select(LiveGuest.session_id, LiveGuest.person_id).where(LiveGuest.person_id.in_(asked.person_ids))
    ).tuples():
        guests[session_id].append(person_id)
    return [
        Held(code, title, minute_of(starts_at), minute_of(ends_at), lead_id, tuple(ends[id]), tuple(guests.get(id, ())))
        for id, code, title, starts_at, ends_at, lead_id in sessions
    ]


def _takes_part(asked: Asked, room_ids: Collection[int]) -> ColumnElement[bool]:
    """Whether an end of a session is at one of the campuses, or has one of the classes, rooms and people."""
    end = aliased(LiveClassroom)
    return exists().where(
        end.session_id == LiveSession.id,
        or_(
            end.campus_id.in_(asked.campus_ids),
            end.class_id.in_(asked.class_ids),
            end.room_id.in_(room_ids),
            end.helper_id.in_(asked.person_ids),
        ),
    )
