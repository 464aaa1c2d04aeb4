"""Remote courses: the same lesson every week, except where one of the campuses has no school that day."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

from flask_babel import gettext
from sqlalchemy import select

from foundation.clock import today
from foundation.codes import new_code
from foundation.database import commit, db
from foundation.errors import Conflict, Invalid, NotAllowed, NotFound
from live import access
from live.models import Answer, LiveClassroom, LiveSession, RemoteCourse, SessionChange
from live.scheduling import actions, conflicts, telling
from live.scheduling.conflicts import Alternative
from live.scheduling.finding import free_dates
from live.scheduling.forms import SessionForm, StaffForm, TimeForm
from live.scheduling.shaping import Shape, form_of, shape_of
from manage.finding import colleague_named
from schools.access import Standing, campuses_of_my_groups, standing_of
from schools.models import Campus, Person, Room
from timetable.models import Parity
from timetable.queries import calendars
from timetable.teaching_days import ONE_DAY, CampusDays, SchoolDay
from timetable.words import DAY_KIND_NAMES

ONE_WEEK: Final = timedelta(days=7)
LONGEST: Final = timedelta(days=400)
MOST_SESSIONS: Final = 60

Skipped = dict[str, Any]
"""A day left out, as `RemoteCourse.skipped` keeps it."""


def dates_of(
    campuses: Sequence[Campus], weekday: int, parity: Parity, from_day: date, to_day: date
) -> tuple[list[date], list[Skipped]]:
    """The days on which a course is held, up to and including `to_day`, and those left out; the first campus is the main one.

    A make-up day on which every campus has the lessons of the weekday counts as that weekday.
    """
    days = calendars([campus.id for campus in campuses], from_day, to_day + ONE_DAY)
    held: list[date] = []
    skipped: list[Skipped] = []
    day = from_day
    while day <= to_day:
        main = days[campuses[0].id].day(day)
        wanted = weekday in (main.weekday, day.isoweekday()) and _in_weeks(main, parity)
        if wanted:
            absent = _absent(campuses, days, day, weekday)
            if absent is None:
                held.append(day)
            elif day.isoweekday() == weekday:
                skipped.append(absent)
        day += ONE_DAY
    return held, skipped


def _in_weeks(day: SchoolDay, parity: Parity) -> bool:
    return day.week is not None and parity in (Parity.EVERY, day.week.parity)


def _absent(campuses: Sequence[Campus], days: Mapping[int, CampusDays], day: date, weekday: int) -> Skipped | None:
    """The first campus that does not have the lessons of the weekday on a day, and why."""
    for campus in campuses:
        there = days[campus.id].day(day)
        if there.weekday != weekday:
            special = there.special
            why = special.kind.value if special else "no_term"
            name = special.name if special else ""
            return {"day": day.isoformat(), "campus": campus.id, "why": why, "name": name, "made_up": None}
    return None


def schedule_course(by: Person, form: SessionForm) -> RemoteCourse:
    """A series is made: one session for each day, asked about as a whole. Asked a second time with the same key, it is the same one.

    A day on which somebody or a room is in another session is left out, too. Raises Invalid, InTheWay, NotAllowed.
    """
    standing = standing_of(by)
    shape = actions.shape_to_schedule(by, standing, form)
    parity, until = form.repeat or Parity.EVERY, form.until
    if until is None or not shape.day <= until <= shape.day + LONGEST:
        raise Invalid(until=gettext("结束日期要在第一次之后，一年以内。"))
    campuses = [each.campus for each in shape.places]
    held, skipped = dates_of(campuses, shape.day.isoweekday(), parity, shape.day, until)
    actions.one_after_another(shape.group_id)
    present = actions.made_before(RemoteCourse, by, form.request_key)
    if present is not None:
        return present
    shapes, taken = _free(by, standing, form, held[:MOST_SESSIONS])
    if not shapes:
        raise Invalid(until=gettext("这段时间里没有一天能上，请换个时间。"))
    course = RemoteCourse(
        code=new_code(actions.CODE_LETTERS),
        request_key=form.request_key,
        group_id=shape.group_id,
        title=shape.title,
        kind=shape.kind,
        subject_id=shape.subject_id,
        weekday=shape.day.isoweekday(),
        period=form.time.period or 0,
        parity=parity.value,
        from_day=shape.day,
        to_day=until,
        skipped=sorted([*skipped, *taken], key=lambda each: str(each["day"])),
        made_by_id=by.id,
    )
    db.session.add(course)
    db.session.flush()
    made = [_hold(by, standing, course, each, form.anyway) for each in shapes]
    _tell(by, course, made)
    commit()
    return course


def _free(by: Person, standing: Standing, form: SessionForm, days: Sequence[date]) -> tuple[list[Shape], list[Skipped]]:
    """The sessions of days on which nothing hard is in the way. Raises InTheWay for what wants a reason, when none was given."""
    shapes: list[Shape] = []
    taken: list[Skipped] = []
    for day in days:
        shape = shape_of(by, standing, replace(form, time=replace(form.time, day=day)))
        found = conflicts.conflicts_of(shape.draft())
        if any(each.hard for each in found):
            taken.append(
                {"day": day.isoformat(), "campus": None, "why": "taken", "name": found[0].sentence, "made_up": None}
            )
        elif found and not form.anyway:
            raise actions.InTheWay(found)
        else:
            shapes.append(shape)
    return shapes, taken


def _hold(by: Person, standing: Standing, course: RemoteCourse, shape: Shape, note: str = "") -> LiveSession:
    session = actions.make(by, shape)
    session.course = course
    db.session.add(SessionChange(session_id=session.id, by_id=by.id, kind="made", note=note, details={}))
    actions.open_to_campuses(by, standing, session)
    return session


def _tell(by: Person, course: RemoteCourse, made: Sequence[LiveSession]) -> None:
    """One notice for the whole course."""
    first = made[0]
    asked = {each.campus_id for each in first.classrooms if each.answer is Answer.WAITING}
    telling.tell_course(by, course, first, "course_asked", telling.arrangers(first, asked), len(made))
    telling.tell_course(by, course, first, "course_planned", telling.part_takers(first), len(made))


def course_to_see(standing: Standing, code: str) -> tuple[RemoteCourse, Sequence[LiveSession]]:
    """A course with those of its sessions that exist for somebody, in their order; raises NotFound where there are none."""
    course = db.session.scalar(select(RemoteCourse).where(RemoteCourse.code == code))
    if course is None:
        raise NotFound
    sessions = db.session.scalars(
        access.seen_sessions(standing).where(LiveSession.course_id == course.id).order_by(LiveSession.starts_at)
    ).all()
    if not sessions:
        raise NotFound
    return course, sessions


def to_come(sessions: Sequence[LiveSession], from_day: date) -> list[LiveSession]:
    """Those from a day on that have not begun and were not cancelled."""
    return [each for each in sessions if each.day >= from_day and each.state in actions.TO_COME]


def confirm_course(by: Person, sessions: Sequence[LiveSession]) -> int:
    """A campus says yes to all that it is still asked about; returns to how many sessions."""
    standing = standing_of(by)
    count = 0
    for session in to_come(sessions, today()):
        mine = [each for each in session.classrooms if access.may_answer_for(standing, each)]
        asked = [each for each in mine if each.answer is Answer.WAITING]
        for classroom in asked:
            actions.confirm(by, session, classroom)
        count += bool(asked)
    if not count:
        raise Conflict(gettext("没有要您确认的课了。"))
    commit()
    return count


def move_following(by: Person, sessions: Sequence[LiveSession], from_day: date, time: TimeForm, reason: str) -> int:
    """All sessions from a day on are held at another weekday and period of their weeks; returns how many.

    `time.day` is any day of the new weekday. Raises Invalid, InTheWay; then nothing has moved.
    """
    weekday = time.required_day().isoweekday()
    moving = to_come(sessions, from_day)
    if not moving:
        raise Conflict(gettext("从这一天起没有还没上的课了。"))
    for session in moving:
        day = session.day + timedelta(days=weekday - session.day.isoweekday())
        actions.move(by, session, replace(time, day=day), reason)
    commit()
    return len(moving)


@dataclass(frozen=True)
class Staffed:
    """To how many sessions a change of people or rooms came, and the dates at which somebody or something is taken: why."""

    count: int
    taken: Sequence[tuple[date, str]]


def staff_following(
    by: Person, course: RemoteCourse, sessions: Sequence[LiveSession], from_day: date, form: StaffForm
) -> Staffed:
    """Lead, helpers and rooms of all sessions from a day on; everyone concerned is told once.

    Where somebody is taken on some dates, nothing changes at all unless the `rest` is wanted. Raises Invalid, Conflict, NotAllowed.
    """
    coming = to_come(sessions, from_day)
    if not coming:
        raise Conflict(gettext("从这一天起没有还没上的课了。"))
    wanted = _staffing(standing_of(by), coming, form)
    actions.one_after_another(course.group_id)
    told: set[int | None] = set()
    taken: list[tuple[date, str]] = []
    changed: list[LiveSession] = []
    for session in coming:
        before = telling.part_takers(session)
        try:
            if actions.staff(by, session, wanted, form.reason):
                changed.append(session)
                told |= before | telling.part_takers(session)
        except actions.InTheWay as refusal:
            taken.append((session.day, refusal.message))
    if taken and not form.rest:
        db.session.rollback()
        return Staffed(0, taken)
    if not changed:
        raise Conflict(gettext("这些课都已经是这样了，没有要改的。"))
    told |= telling.arrangers(changed[0], {each.campus_id for each in changed[0].classrooms})
    _tell_staffing(by, course, changed, told, wanted, form.reason)
    commit()
    return Staffed(len(changed), taken)


def _tell_staffing(
    by: Person,
    course: RemoteCourse,
    changed: Sequence[LiveSession],
    people: Collection[int | None],
    wanted: actions.Staffing,
    reason: str,
) -> None:
    """One notice for the whole course."""
    names = {actions.place_of(each): actions.name_of(each) for session in changed for each in session.classrooms}
    telling.tell_course(
        by,
        course,
        changed[0],
        "course_staffed",
        people,
        len(changed),
        lead=wanted.lead.name if wanted.lead else "",
        helpers=[[names[place], person.name] for place, person in wanted.helpers.items() if place in names],
        rooms=[[names[place], room.name] for place, room in wanted.rooms.items() if place in names],
        reason=reason,
    )


def _staffing(standing: Standing, sessions: Sequence[LiveSession], form: StaffForm) -> actions.Staffing:
    """Who and where was meant. Raises Invalid, NotAllowed for who may not change that end of it."""
    may_change = access.may_change_session(standing, sessions[0])
    places = {actions.place_of(each): each for session in sessions for each in session.classrooms}
    chosen = [places[each] for each in {*form.rooms, *form.helpers} if each in places]
    if not may_change and (form.lead or not all(access.may_answer_for(standing, each) for each in chosen)):
        raise NotAllowed(gettext("您可以换本校区的助教和教室；其余请主讲或者排课的人来改。"))
    mine = campuses_of_my_groups(standing)
    lead = colleague_named(form.lead, mine, "lead") if form.lead else None
    helpers = {
        place: colleague_named(words, mine, f"helper-{place}")
        for place, words in form.helpers.items()
        if place in places
    }
    rooms = {place: _room(places[place], room_id) for place, room_id in form.rooms.items() if place in places}
    if lead is not None and lead in helpers.values():
        raise Invalid(lead=gettext("主讲不能同时做助教。"))
    return actions.Staffing(lead, helpers, rooms)


def _room(classroom: LiveClassroom, room_id: int) -> Room:
    room = db.session.get(Room, room_id)
    if room is None or room.campus_id != classroom.campus_id:
        raise Invalid(**{f"room-{actions.place_of(classroom)}": gettext("请从列表里选择教室。")})
    return room


def cancel_following(by: Person, sessions: Sequence[LiveSession], from_day: date, reason: str) -> int:
    """All sessions from a day on are not held; returns how many."""
    ending = to_come(sessions, from_day)
    if not ending:
        raise Conflict(gettext("从这一天起没有还没上的课了。"))
    for session in ending:
        actions.cancel(by, session, reason)
    commit()
    return len(ending)


def free_for(by: Person, sessions: Sequence[LiveSession], skipped: date) -> list[Alternative]:
    """Times at which a day that was left out could be made up: within two weeks of it, and not before today."""
    form = form_of(sessions[0])
    start = max(skipped - ONE_WEEK, today() + ONE_DAY)
    shape = shape_of(by, standing_of(by), replace(form, time=replace(form.time, day=sessions[0].day)))
    return free_dates(shape.draft(), start, max(start, skipped) + 2 * ONE_WEEK)


def make_up(
    by: Person, course: RemoteCourse, sessions: Sequence[LiveSession], skipped: date, time: TimeForm
) -> LiveSession:
    """A day that was left out is made up at another time. Raises Conflict when it was already, Invalid, InTheWay."""
    entry = next((each for each in course.skipped if each["day"] == skipped.isoformat()), None)
    if entry is None:
        raise NotFound
    if entry["made_up"]:
        raise Conflict(gettext("这一次已经补过了。"))
    standing = standing_of(by)
    shape = shape_of(by, standing, replace(form_of(sessions[0]), time=time))
    actions.one_after_another(shape.group_id)
    found = conflicts.conflicts_of(shape.draft())
    if any(each.hard for each in found):
        raise actions.InTheWay(found)
    session = _hold(by, standing, course, shape)
    course.skipped = [
        each | {"made_up": shape.day.isoformat()} if each["day"] == entry["day"] else each for each in course.skipped
    ]
    telling.tell(by, session, "session_planned", telling.concerned(session))
    commit()
    return session


def skipped_words(entry: Skipped, campuses: Mapping[int, Campus]) -> str:
    """Why a day was left out: 丹江路 放假 国庆节."""
    campus = campuses.get(entry["campus"] or 0)
    if entry["why"] == "taken":
        return str(entry["name"])
    kind = next((name for kind, name in DAY_KIND_NAMES.items() if kind.value == entry["why"]), None)
    said = [campus.short_name if campus else "", str(kind) if kind else gettext("不在学期内"), str(entry["name"])]
    return " ".join(each for each in said if each)
