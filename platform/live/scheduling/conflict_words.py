"""Conflicts in words: who, what, where and when."""

from collections.abc import Sequence
from datetime import date

from flask_babel import gettext, ngettext

from live.scheduling.occupancy import Clash, Held, local
from live.scheduling.world import CampusFacts, RoomFacts, World
from schools.names import subject_name
from timetable.teaching_days import Clock, SchoolDay, Whose
from timetable.words import DAY_KIND_NAMES, clock_time, short_day


def when(day: date, label: str, starts: int, ends: int) -> str:
    """10月14日周三 第3节（10:00–10:40）."""
    return gettext(
        "%(day)s %(period)s（%(starts)s–%(ends)s）",
        day=short_day(day),
        period=label,
        starts=clock_time(starts),
        ends=clock_time(ends),
    )


def class_name(world: World, class_id: int) -> str:
    """西湖五（1）班."""
    found = world.classes[class_id]
    campus = world.campuses.get(found.campus_id)
    return f"{campus.name} {found.name}" if campus else found.name


def in_session(world: World, whose: Whose, id: int, session: Held) -> str:
    """The class, person or room is in another session then."""
    zone = next(iter(world.campuses.values())).zone
    day, starts = local(session.starts, zone)
    return gettext(
        "%(who)s在%(day)s %(starts)s–%(ends)s已有场次“%(title)s”。",
        who=_who(world, whose, id),
        day=short_day(day),
        starts=clock_time(starts),
        ends=clock_time(starts + session.ends - session.starts),
        title=session.title,
    )


def _who(world: World, whose: Whose, id: int) -> str:
    if whose == "class":
        return class_name(world, id)
    return world.people[id] if whose == "person" else room_name(world, world.rooms[id])


def room_name(world: World, room: RoomFacts) -> str:
    """西湖 录播教室."""
    return f"{world.campuses[room.campus_id].name} {room.name}"


def falls_away(world: World, clash: Clash) -> str:
    """The class has another lesson then."""
    return gettext(
        "%(who)s在%(day)s%(period)s是%(lesson)s，要让出来。",
        who=class_name(world, clash.lesson.entry.class_id),
        day=short_day(clash.day),
        period=clash.lesson.label,
        lesson=lesson_name(world, clash),
    )


def lesson_name(world: World, clash: Clash) -> str:
    """英语（李老师）."""
    subject = subject_name(world.subjects[clash.lesson.entry.subject_id])
    if clash.lesson.person_id is None:
        return subject
    return gettext("%(subject)s（%(teacher)s）", subject=subject, teacher=world.people[clash.lesson.person_id])


def teaches(world: World, person_id: int, clash: Clash) -> str:
    """Somebody has a lesson with another class then."""
    return gettext(
        "%(name)s在%(day)s%(period)s给%(place)s上%(subject)s，要调课或请人代课。",
        name=world.people[person_id],
        day=short_day(clash.day),
        period=clash.lesson.label,
        place=class_name(world, clash.lesson.entry.class_id),
        subject=subject_name(world.subjects[clash.lesson.entry.subject_id]),
    )


def not_posted(world: World, person_id: int, campus_id: int, day: date) -> str:
    """Somebody does not work there that day."""
    name, campus = world.people[person_id], world.campuses[campus_id].name
    return gettext("%(name)s在%(day)s不在%(campus)s任教。", name=name, day=short_day(day), campus=campus)


def travel(world: World, person_id: int, here: int, there: int, minutes: int, gap: int, before: bool) -> str:
    """The way takes longer than there is time."""
    given = {
        "name": world.people[person_id],
        "here": world.campuses[here].name,
        "there": world.campuses[there].name,
        "minutes": minutes,
        "gap": gap,
    }
    if before:
        return gettext("%(name)s从%(there)s到%(here)s要 %(minutes)s 分钟，中间只有 %(gap)s 分钟。", **given)
    return gettext("%(name)s随后要到%(there)s，从%(here)s过去要 %(minutes)s 分钟，中间只有 %(gap)s 分钟。", **given)


def room_taken(world: World, room_id: int, clash: Clash) -> str:
    """Another class has a lesson in the room."""
    return gettext(
        "%(room)s在%(day)s%(period)s有%(place)s的%(subject)s课。",
        room=room_name(world, world.rooms[room_id]),
        day=short_day(clash.day),
        period=clash.lesson.label,
        place=class_name(world, clash.lesson.entry.class_id),
        subject=subject_name(world.subjects[clash.lesson.entry.subject_id]),
    )


def no_camera(world: World, room: RoomFacts) -> str:
    """Nobody would see the class."""
    return gettext("%(room)s没有登记摄像头，别的校区看不到这个班。", room=room_name(world, room))


def weak_line(world: World, room: RoomFacts) -> str:
    """What the last check of the room said."""
    return gettext("%(room)s上次检测网络较弱，可能只有声音和课件。", room=room_name(world, room))


def no_school(campus: CampusFacts, day: SchoolDay) -> str:
    """Holiday, exams, or not in the term."""
    given = {"campus": campus.name, "day": short_day(day.day)}
    if day.week is None:
        return gettext("%(campus)s在%(day)s不在学期内。", **given)
    if day.special is None:
        return gettext("%(campus)s在%(day)s不上课。", **given)
    kind = DAY_KIND_NAMES[day.special.kind]
    return gettext("%(campus)s在%(day)s%(kind)s：%(name)s。", kind=kind, name=day.special.name, **given)


def outside_bells(campus: CampusFacts, starts: int, ends: int, over: Sequence[Clock]) -> str:
    """Before or after lessons, or over a long break."""
    given = {"campus": campus.name, "starts": clock_time(starts), "ends": clock_time(ends)}
    if over:
        return gettext("%(campus)s %(starts)s–%(ends)s占到%(label)s。", label=over[0].label, **given)
    return gettext("%(campus)s %(starts)s–%(ends)s不在上课时间内。", **given)


def uplink(campus: CampusFacts, others: int, mine: int) -> str:
    """The campus' line carries no more."""
    return gettext(
        "%(campus)s上行 %(mbps)s Mbps，同一时间已有 %(others)s 间教室上线，再加 %(mine)s 间可能卡顿。",
        campus=campus.name,
        mbps=f"{campus.uplink_mbps:g}",
        others=others,
        mine=mine,
    )


def pace(world: World, class_id: int, apart: int) -> str:
    """A class is not where the topic is."""
    name = class_name(world, class_id)
    if apart > 0:
        return ngettext("%(name)s离这一课还差 %(num)d 课。", "%(name)s离这一课还差 %(num)d 课。", apart, name=name)
    return ngettext(
        "%(name)s已经上过这一课，后面又上了 %(num)d 课。",
        "%(name)s已经上过这一课，后面又上了 %(num)d 课。",
        -apart - 1,
        name=name,
    )
