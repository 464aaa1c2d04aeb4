"""A time that was found, as a proposal in words: rooms, helpers, lessons to move and where to, how far each class is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import gettext

from live.scheduling import conflict_words as words
from live.scheduling.conflicts import Check, ConflictKind, Draft, DraftClassroom, displaced
from live.scheduling.finding import Obstacle, Seat, Slot, Wanted
from live.scheduling.giving_way import Displaced
from live.scheduling.occupancy import DAY, Busy, Clash, Occupancy, local, moment_of
from live.scheduling.pace_words import pace_in_words
from live.scheduling.world import Asked, RoomFacts, World, world_of
from schools.models import RoomKind
from schools.names import subject_name
from timetable.teaching_days import Week, monday_of
from timetable.words import short_day, week_name

WEEK = timedelta(days=7)
UNCHECKED = 2.5
"""Where the line of a room stands that was never checked: behind a good one, before a weak one."""
TOLD = frozenset(
    {
        ConflictKind.TRAVEL,
        ConflictKind.NOT_POSTED,
        ConflictKind.NO_CAMERA,
        ConflictKind.WEAK_LINE,
        ConflictKind.UPLINK,
        ConflictKind.OUTSIDE_BELLS,
    }
)
"""What a proposal says of itself besides the lessons to move."""


@dataclass(frozen=True)
class Move:
    """A lesson to move, in words with where to, and as what leads there."""

    words: str
    lesson: Displaced


@dataclass(frozen=True)
class Place:
    """A class in a proposal, in words."""

    seat: Seat
    name: str
    period: str
    room: RoomFacts | None
    room_words: str
    helper: str
    moves: Sequence[Move]
    pace: str
    apart: bool


@dataclass(frozen=True)
class Proposal:
    """A time, in words; `notes` are what one should know besides."""

    slot: Slot
    week: Week | None
    when: str
    together: str
    places: Sequence[Place]
    notes: Sequence[str]


def proposals_of(world: World, wanted: Wanted, slots: Sequence[Slot]) -> list[Proposal]:
    """Put times into words, with rooms chosen, and for what has to be moved with times when its teachers are free."""
    moved = {lesson.person_id for slot in slots for seat in slot.seats for lesson in seat.lessons if lesson.person_id}
    teachers = world_of(Asked(wanted.from_day - WEEK, wanted.to_day + WEEK, (), moved, ()))
    return [_proposal(world, teachers.occupancy, wanted, slot) for slot in slots]


def _proposal(world: World, teachers: Occupancy, wanted: Wanted, slot: Slot) -> Proposal:
    taken: set[int] = set()
    places = []
    for number, seat in enumerate(slot.seats):
        room = _room(world, seat, slot, taken)
        if room is not None:
            taken.add(room.id)
        day = local(slot.starts, world.campuses[seat.campus_id].zone)[0]
        moves = [_class_move(world, teachers, wanted, seat.class_id, Clash(day, each)) for each in seat.lessons]
        moves += [_teacher_move(world, Clash(day, each)) for each in seat.teacher_lessons]
        places.append(_place(world, wanted, slot, seat, room, moves, lead=number == 0))
    week = world.occupancy.school_day(slot.seats[0].campus_id, slot.day).week
    ends = slot.clock.starts + slot.ends - slot.starts
    return Proposal(
        slot,
        week,
        f"{week_name(week)} {words.when(slot.day, slot.clock.label, slot.clock.starts, ends)}",
        _together(slot),
        places,
        _notes(world, wanted, slot, places),
    )


def _together(slot: Slot) -> str:
    campuses = len({seat.campus_id for seat in slot.seats})
    return gettext("%(campuses)d 个校区一起上 %(minutes)d 分钟", campuses=campuses, minutes=slot.overlap)


def _place(
    world: World,
    wanted: Wanted,
    slot: Slot,
    seat: Seat,
    room: RoomFacts | None,
    moves: Sequence[Move],
    *,
    lead: bool,
) -> Place:
    teacher_id = wanted.lead_id if lead else seat.teacher_id
    gap = world.pace.gaps.get(seat.class_id)
    return Place(
        seat,
        words.class_name(world, seat.class_id),
        _period(seat, slot.ends - slot.starts),
        room,
        _room_words(room),
        world.people[teacher_id] if teacher_id else gettext("助教待定"),
        moves,
        pace_in_words(gap) if gap is not None else "",
        bool(world.pace.apart(seat.class_id)),
    )


def _period(seat: Seat, minutes: int) -> str:
    """第3节 晚 10 分钟：可用 30 分钟."""
    part = seat.part
    if part.minutes == minutes:
        return gettext("%(period)s，全程", period=part.label)
    if seat.late > 0:
        return gettext(
            "%(period)s晚 %(late)d 分钟：可用 %(minutes)d 分钟", period=part.label, late=seat.late, minutes=part.minutes
        )
    return gettext("%(period)s先下课：可用 %(minutes)d 分钟", period=part.label, minutes=part.minutes)


def _room_words(room: RoomFacts | None) -> str:
    if room is None:
        return gettext("没有空着的带摄像头教室")
    if room.level is None:
        return gettext("%(room)s空闲，网络未检测", room=room.name)
    return gettext("%(room)s空闲", room=room.name)


def _room(world: World, seat: Seat, slot: Slot, taken: set[int]) -> RoomFacts | None:
    """The best free room with a camera at the campus: 录播教室 first, then by its line."""
    rooms = sorted(
        (room for room in world.rooms.values() if room.campus_id == seat.campus_id and room.cameras),
        key=lambda room: (
            room.kind is not RoomKind.RECORDING,
            -(UNCHECKED if room.level is None else room.level),
            room.id,
        ),
    )
    return next((room for room in rooms if room.id not in taken and _free(world, room, seat, slot)), None)


def _free(world: World, room: RoomFacts, seat: Seat, slot: Slot) -> bool:
    if world.occupancy.sessions("room", room.id, slot.starts, slot.ends):
        return False
    there = world.occupancy.clashes("room", room.id, slot.starts, slot.ends)
    return all(clash.lesson.entry.class_id == seat.class_id for clash in there)


def _class_move(world: World, teachers: Occupancy, wanted: Wanted, class_id: int, clash: Clash) -> Move:
    """五（1）班 英语（李老师）→ 周四第2节（与数学对调）."""
    what = f"{world.classes[class_id].name} {words.lesson_name(world, clash)}"
    for day, own in _own_lessons(world, wanted, class_id, clash.day):
        midnight = day.toordinal() * DAY
        if _free_then(teachers, clash.lesson, own.starts + midnight, own.ends + midnight, class_id):
            said = gettext(
                "%(what)s → %(day)s%(period)s，和%(subject)s对调",
                what=what,
                day=short_day(day),
                period=own.label,
                subject=subject_name(world.subjects[wanted.subject_id]),
            )
            return Move(said, displaced(clash, swap=f"{own.entry.id}@{day}"))
    return Move(gettext("%(what)s，要另找时间补", what=what), displaced(clash))


def _own_lessons(world: World, wanted: Wanted, class_id: int, meant: date) -> list[tuple[date, Busy]]:
    """The lessons of the subject that a class has in the same week: one of them is what the shared lesson stands for."""
    monday = monday_of(meant)
    found = [
        (day, each)
        for day in (monday + timedelta(days=number) for number in range(7))
        for each in world.occupancy.lessons("class", class_id, day)
        if each.entry.subject_id == wanted.subject_id
    ]
    return sorted(found, key=lambda each: abs((each[0] - meant).days))


def _free_then(teachers: Occupancy, lesson: Busy, starts: int, ends: int, class_id: int) -> bool:
    """Whether the teacher of a lesson could hold it at another time, in which its class has another one so far."""
    if lesson.person_id is None:
        return True
    if teachers.sessions("person", lesson.person_id, starts, ends):
        return False
    there = teachers.clashes("person", lesson.person_id, starts, ends)
    return all(clash.lesson.entry.class_id == class_id for clash in there)


def _teacher_move(world: World, clash: Clash) -> Move:
    """王老师 五（2）班 数学，要调课或请人代课."""
    entry = clash.lesson.entry
    said = gettext(
        "%(teacher)s的%(place)s %(subject)s，要调课或请人代课",
        teacher=world.people[clash.lesson.person_id or 0],
        place=words.class_name(world, entry.class_id),
        subject=subject_name(world.subjects[entry.subject_id]),
    )
    return Move(said, displaced(clash))


def draft_of(wanted: Wanted, slot: Slot, places: Sequence[Place]) -> Draft:
    """The session that a proposal would become."""
    return Draft(
        slot.day,
        moment_of(slot.starts),
        moment_of(slot.ends),
        wanted.lead_id,
        tuple(
            DraftClassroom(
                place.seat.campus_id,
                place.seat.class_id,
                place.room.id if place.room else None,
                place.seat.teacher_id if number else wanted.lead_id,
            )
            for number, place in enumerate(places)
        ),
        subject_id=wanted.subject_id,
        topic_id=wanted.topic_id,
    )


def _notes(world: World, wanted: Wanted, slot: Slot, places: Sequence[Place]) -> list[str]:
    found = Check(world, draft_of(wanted, slot, places)).found()
    return list(dict.fromkeys(each.say() for each in found if each.kind in TOLD))


def obstacle_in_words(world: World, obstacle: Obstacle, times: int) -> str:
    """What stood in the way, and of how many periods."""
    if obstacle.kind == "closed":
        return gettext(
            "%(campus)s放假、考试或不在学期内：%(times)d 次", campus=world.campuses[obstacle.id].name, times=times
        )
    if obstacle.kind == "bells":
        return gettext(
            "%(campus)s的作息对不上，一起上课不到 20 分钟：%(times)d 节",
            campus=world.campuses[obstacle.id].name,
            times=times,
        )
    if obstacle.kind == "lead":
        return gettext("%(name)s已有别的场次：%(times)d 节", name=world.people[obstacle.id], times=times)
    return gettext("%(name)s已有别的场次：%(times)d 节", name=words.class_name(world, obstacle.id), times=times)
