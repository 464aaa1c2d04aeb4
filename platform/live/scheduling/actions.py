"""What is done to the schedule of sessions. Each function makes one change, tells everyone concerned, and commits it."""

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, TypeVar

from flask_babel import gettext
from sqlalchemy import and_, or_, select

from foundation.clock import now
from foundation.codes import new_code
from foundation.database import announce, commit, db
from foundation.errors import Conflict, Invalid, NotAllowed, NotFound
from lessons.access import may_read_plan
from lessons.models import Plan
from live import access
from live.happenings import SessionChanged
from live.models import (
    Answer,
    LiveClassroom,
    LiveGuest,
    LiveSession,
    RemoteCourse,
    RoomRole,
    SessionChange,
    SessionState,
)
from live.room import run_sheet
from live.scheduling import conflicts, telling
from live.scheduling.clocks import Bells, Fit, clock_of, moment_of
from live.scheduling.conflicts import Draft, DraftClassroom
from live.scheduling.forms import AnswerForm, SessionForm, TimeForm
from live.scheduling.shaping import Shape, classroom_of, fill, moved, shape_of, transient
from live.terms import WITH_CLASSES
from manage.finding import colleague_named
from schools.access import Standing, campuses_of_my_groups, standing_of
from schools.audit import record
from schools.models import Group, Person, Room

CODE_LETTERS: Final = 10
ENTRY_DIGITS: Final = 6

TO_COME: Final = frozenset({SessionState.DRAFT, SessionState.ASKED, SessionState.SETTLED})

Asked = TypeVar("Asked", LiveSession, RemoteCourse)


class InTheWay(Invalid):
    """Something stands in the way; `found` says what. What is not hard may be passed over with a reason."""

    def __init__(self, found: Sequence[conflicts.Conflict]) -> None:
        super().__init__(found[0].sentence, anyway=found[0].sentence)
        self.found = found


def schedule_session(by: Person, form: SessionForm) -> LiveSession:
    """A session is made; asked a second time with the same key, it is the same one. Raises Invalid, InTheWay, NotAllowed."""
    standing = standing_of(by)
    shape = shape_to_schedule(by, standing, form)
    one_after_another(shape.group_id)
    present = made_before(LiveSession, by, form.request_key)
    if present is not None:
        return present
    _pass(shape.draft(), form.anyway)
    session = make(by, shape, draft=form.draft, key=form.request_key)
    _log(by, session, "made", note=form.anyway)
    _announce(by, standing, session)
    commit()
    return session


def made_before(kind: type[Asked], by: Person, key: str | None) -> Asked | None:
    """What the same request of `by` has made already; asked behind `one_after_another`, also when both came at the same moment."""
    if key is None:
        return None
    return db.session.scalar(select(kind).where(kind.request_key == key, kind.made_by_id == by.id))


def shape_to_schedule(by: Person, standing: Standing, form: SessionForm) -> Shape:
    """The shape of what was filled in. Raises Invalid, and NotAllowed for who may not schedule it."""
    shape = shape_of(by, standing, form)
    if not access.may_schedule_session(standing, transient(by, shape)):
        raise NotAllowed(gettext("您可以排自己主讲的课；替别人排课请联系备课组长、教研组长或者教务。"))
    return shape


def make(by: Person, shape: Shape, *, draft: bool = False, key: str | None = None) -> LiveSession:
    """Uncommitted: a session of this shape. Nobody has been asked or told yet."""
    session = LiveSession(
        code=new_code(CODE_LETTERS),
        request_key=key,
        state=SessionState.DRAFT if draft else SessionState.ASKED,
        made_by_id=by.id,
        rules={"chat": "open", "record": True},
        classrooms=[classroom_of(shape, number) for number in range(len(shape.places))],
    )
    _describe(session, shape)
    db.session.add(session)
    _take_plan(session, shape)
    db.session.flush()
    return session


def _describe(session: LiveSession, shape: Shape) -> None:
    session.group_id, session.kind = shape.group_id, shape.kind
    session.title, session.note, session.link = shape.title, shape.note, shape.link
    session.subject_id, session.topic_id = shape.subject_id, shape.topic_id
    session.lead, session.lead_id = shape.lead, shape.lead.id
    session.day, session.starts, session.ends = shape.day, shape.starts, shape.ends
    session.starts_at, session.ends_at = shape.starts_at, shape.ends_at


def _take_plan(session: LiveSession, shape: Shape) -> None:
    if shape.plan is None:
        session.plan_id, session.plan_taken_at, session.run_sheet = None, None, {}
    elif session.plan_id != shape.plan.id or not session.run_sheet:
        session.plan_id, session.plan_taken_at = shape.plan.id, now()
        session.run_sheet = run_sheet.take(shape.plan)


def _announce(by: Person, standing: Standing, session: LiveSession) -> None:
    """Codes for the screens; campuses are asked, the others told. A draft is nobody's business yet."""
    if session.state is SessionState.DRAFT:
        return
    if not open_to_campuses(by, standing, session):
        asked = {each.campus_id for each in session.classrooms if each.answer is Answer.WAITING}
        telling.tell(by, session, "session_asked", telling.arrangers(session, asked))
    telling.tell(by, session, "session_planned", telling.part_takers(session))


def open_to_campuses(by: Person, standing: Standing, session: LiveSession) -> bool:
    """Uncommitted: screens get their codes, campuses are asked; whether all have said yes already."""
    give_codes(session)
    _ask(by, standing, session, session.classrooms)
    return _settle(by, session)


def give_codes(session: LiveSession) -> None:
    """Uncommitted: six digits for every classroom's screen that has none yet."""
    for classroom in session.classrooms:
        if classroom.entry_code is None:
            classroom.entry_code = _free_code()


def _free_code() -> str:
    """Six digits that no lesson still to come has; one that is over gives them up when they are drawn again."""
    while True:
        code = f"{secrets.randbelow(10**ENTRY_DIGITS):0{ENTRY_DIGITS}}"
        holder = db.session.scalar(select(LiveClassroom).where(LiveClassroom.entry_code == code))
        if holder is None:
            return code
        if holder.session.state is SessionState.ENDED:
            holder.entry_code = None
            db.session.flush()
            return code


def _ask(by: Person, standing: Standing, session: LiveSession, classrooms: Iterable[LiveClassroom]) -> None:
    """Who arranges a campus has said yes by scheduling there; so have colleagues of the main classroom's own campus."""
    answering = access.campuses_answered_for(standing)
    for classroom in classrooms:
        classroom.other_day = classroom.other_period = None
        lesson = session.kind in WITH_CLASSES and classroom.class_id is not None
        elsewhere = classroom.rank or classroom.campus_id not in standing.campus_ids
        if elsewhere and lesson and classroom.campus_id not in answering:
            classroom.answer, classroom.answered_by_id, classroom.answered_at = Answer.WAITING, None, None
        else:
            _say_yes(by, classroom)
        classroom.answer_note = ""


def _say_yes(by: Person, classroom: LiveClassroom) -> None:
    classroom.answer, classroom.answered_by_id, classroom.answered_at = Answer.CONFIRMED, by.id, now()


def _settle(by: Person, session: LiveSession) -> bool:
    """Once every campus has said yes, it is settled; when one no longer has, it is not."""
    agreed = all(each.answer is Answer.CONFIRMED for each in session.classrooms)
    if session.state is SessionState.SETTLED and not agreed:
        session.state = SessionState.ASKED
    if session.state is not SessionState.ASKED or not agreed:
        return session.state is SessionState.SETTLED
    session.state = SessionState.SETTLED
    _log(by, session, "settled")
    telling.tell(by, session, "session_settled", telling.concerned(session))
    return True


def one_after_another(group_id: int) -> None:
    """Whoever schedules in a group waits here until those before them have committed, so that two never see the same room free.

    SQLite lets only one write at a time anyway. People and rooms that are shared with another group are not covered: the search for
    conflicts finds them a moment later.
    """
    db.session.execute(select(Group.id).where(Group.id == group_id).with_for_update(key_share=True))


def _pass(draft: Draft, anyway: str) -> None:
    """Raise InTheWay for what cannot be, and for what can be mended unless there is a reason to do it all the same."""
    found = conflicts.conflicts_of(draft)
    if any(each.hard for each in found) or (found and not anyway):
        raise InTheWay(found)


def publish_draft(by: Person, session: LiveSession) -> None:
    """A draft is sent to the campuses. Raises Conflict, InTheWay for what cannot be."""
    if session.state is not SessionState.DRAFT:
        raise Conflict(gettext("这份草案已经发出了。"))
    one_after_another(session.group_id)
    found = [each for each in conflicts.conflicts_of(draft_of(session)) if each.hard]
    if found:
        raise InTheWay(found)
    session.state = SessionState.ASKED
    session.sequence += 1
    _log(by, session, "published")
    _announce(by, standing_of(by), session)
    commit()


def delete_draft(by: Person, session: LiveSession) -> None:
    """A draft that nobody has seen is gone. Raises Conflict."""
    if session.state is not SessionState.DRAFT:
        raise Conflict(gettext("已经发出的课不能删除，请取消。"))
    db.session.delete(session)
    commit()


def change_session(by: Person, session: LiveSession, form: SessionForm) -> None:
    """Anything of it is changed. Campuses are asked again when the time has changed, and those that are new to it.

    Raises Conflict once it has begun, Invalid, InTheWay, NotAllowed.
    """
    _must_be_to_come(session)
    standing = standing_of(by)
    shape = shape_of(by, standing, form)
    if not access.may_schedule_session(standing, transient(by, shape)) and shape.lead.id != session.lead_id:
        raise NotAllowed(gettext("只有备课组长、教研组长、教务和校长能把课交给别人主讲。"))
    one_after_another(shape.group_id)
    _pass(shape.draft(session.code, [guest.person_id for guest in session.guests]), form.anyway)
    was = telling.concerned(session)
    before = _said(session)
    old_lead, old_time = session.lead_id, _time(session)
    _describe(session, shape)
    _take_plan(session, shape)
    fresh = _rearrange(session, shape)
    session.sequence += 1
    retimed = _time(session) != old_time
    if old_lead != session.lead_id:
        _record(by, session, "session_lead_changed", person=session.lead.name)
    after = _said(session)
    changed = [name for name, value in after.items() if before[name] != value]
    _log(by, session, "moved" if retimed else "changed", note=form.anyway, changed=changed, **_moves(old_time, session))
    if session.state is not SessionState.DRAFT:
        give_codes(session)
        _ask(by, standing, session, session.classrooms if retimed else fresh)
        _settle(by, session)
        asked = {each.campus_id for each in session.classrooms if each.answer is Answer.WAITING}
        telling.tell(by, session, "session_asked", telling.arrangers(session, asked))
        people = was | telling.concerned(session)
        if retimed:
            telling.tell(by, session, "session_moved", people, reason=form.anyway, **_before(old_time))
        elif changed:
            telling.tell(by, session, "session_changed", people)
    commit()


def _rearrange(session: LiveSession, shape: Shape) -> list[LiveClassroom]:
    """Let the ends be those of the shape, the ones that stay keeping codes and answers; returns those that are new."""
    present = {(each.campus_id, each.class_id): each for each in session.classrooms}
    fresh = []
    kept = []
    for number, end in enumerate(shape.places):
        classroom = present.get(end.key)
        if classroom is None:
            classroom = classroom_of(shape, number)
            fresh.append(classroom)
        else:
            fill(classroom, end, number)
        kept.append(classroom)
    session.classrooms[:] = kept
    db.session.flush()
    return fresh


def move_session(by: Person, session: LiveSession, time: TimeForm, reason: str, *, anyway: bool = False) -> None:
    """It is held at another time, and every campus is asked again. Raises Conflict once it has begun, Invalid, InTheWay."""
    _must_be_to_come(session)
    move(by, session, time, reason, anyway=anyway)
    commit()


def move(
    by: Person,
    session: LiveSession,
    time: TimeForm,
    reason: str,
    *,
    anyway: bool = True,
    agreeing: Collection[int] = (),
) -> None:
    """Uncommitted: the same; `agreeing` are the classrooms (their ids) whose campuses have asked for that time."""
    one_after_another(session.group_id)
    day, starts, ends, starts_at, ends_at, fits = moved(session, time)
    old_time = _time(session)
    was = telling.concerned(session)
    session.day, session.starts, session.ends = day, starts, ends
    session.starts_at, session.ends_at = starts_at, ends_at
    for classroom, fit in zip(session.classrooms, fits, strict=True):
        _fit(classroom, fit)
    if _time(session) == old_time:
        raise Invalid(day=gettext("这就是现在的时间，请另选一个。"))
    with db.session.no_autoflush:
        _pass(draft_of(session), reason if anyway else "")
    session.sequence += 1
    _log(by, session, "moved", note=reason, **_moves(old_time, session))
    if session.state is SessionState.DRAFT:
        return
    _ask(by, standing_of(by), session, session.classrooms)
    for classroom in session.classrooms:
        if classroom.id in agreeing:
            _say_yes(by, classroom)
    telling.tell(by, session, "session_moved", was, reason=reason, **_before(old_time))
    if not _settle(by, session):
        asked = {each.campus_id for each in session.classrooms if each.answer is Answer.WAITING}
        telling.tell(by, session, "session_asked", telling.arrangers(session, asked))


def _fit(classroom: LiveClassroom, fit: Fit) -> None:
    classroom.period, classroom.starts, classroom.ends = fit.period, fit.starts, fit.ends


def answer_for_campus(by: Person, session: LiveSession, classroom: LiveClassroom, form: AnswerForm) -> None:
    """A campus says yes, asks for another time, or declines. Raises Conflict once it has begun, NotAllowed."""
    _must_be_to_come(session)
    if not access.may_answer_for(standing_of(by), classroom):
        raise NotAllowed(gettext("请由这个校区的教务或者校区管理员答复。"))
    _answer(by, session, classroom, form)
    commit()


def confirm(by: Person, session: LiveSession, classroom: LiveClassroom) -> None:
    """Uncommitted: a campus says yes."""
    _answer(by, session, classroom, AnswerForm(Answer.CONFIRMED, "", None, None))


def _answer(by: Person, session: LiveSession, classroom: LiveClassroom, form: AnswerForm) -> None:
    classroom.answer, classroom.answer_note = form.answer, form.note
    classroom.answered_by_id, classroom.answered_at = by.id, now()
    other = form.answer is Answer.OTHER_TIME
    classroom.other_day, classroom.other_period = (form.day, form.period) if other else (None, None)
    campus = classroom.campus.short_name
    _log(by, session, "answered", note=form.note, campus=campus, answer=form.answer.value)
    _record(by, session, "session_answered", campus_id=classroom.campus_id, answer=form.answer.value)
    telling.tell(
        by,
        session,
        "session_answered",
        {session.lead_id, session.made_by_id},
        campus=campus,
        answer=form.answer.value,
        reason=form.note,
    )
    _settle(by, session)


def take_other_time(by: Person, session: LiveSession, classroom: LiveClassroom) -> None:
    """The time that a campus would rather have is taken; the others are asked again. Raises Conflict, Invalid, InTheWay."""
    _must_be_to_come(session)
    if classroom.answer is not Answer.OTHER_TIME or classroom.other_day is None or classroom.other_period is None:
        raise Conflict(gettext("这个校区没有建议别的时间。"))
    time = time_proposed(session, classroom)
    reason = gettext("%(campus)s建议", campus=classroom.campus.short_name)
    move(by, session, time, reason, agreeing={classroom.id})
    commit()


def time_proposed(session: LiveSession, classroom: LiveClassroom) -> TimeForm:
    """The period that a campus proposes, by the main campus' clock: its own period then, else the same moment. Raises Invalid."""
    day, period = classroom.other_day, classroom.other_period
    main = session.classrooms[0]
    if day is None or period is None:
        raise Invalid(other_day=gettext("请填写建议的日期和节次。"))
    bells = Bells([classroom.campus, main.campus], day, day)
    clock = bells.period(classroom.campus_id, day, period)
    if clock is None:
        raise Invalid(other_period=gettext("这一天没有第%(number)s节。", number=period))
    starts_at = moment_of(day, clock.starts, classroom.campus.zone)
    fit = bells.fit(main.campus_id, starts_at, moment_of(day, clock.ends, classroom.campus.zone))
    minutes = session.ends - session.starts
    if fit.period is not None and 2 * fit.minutes >= minutes:
        return TimeForm(fit.day, fit.period)
    here, starts = clock_of(starts_at, main.campus.zone)
    return TimeForm(here, None, starts, minutes)


def drop_classroom(by: Person, session: LiveSession, classroom: LiveClassroom) -> None:
    """A class no longer takes part. Raises Conflict for the main one and once it has begun."""
    _must_be_to_come(session)
    if not classroom.rank:
        raise Conflict(gettext("主讲端不能去掉；不上了请取消整节课。"))
    helper, name = classroom.helper_id, name_of(classroom)
    session.classrooms.remove(classroom)
    for number, each in enumerate(session.classrooms):
        each.rank = number
    session.sequence += 1
    _log(by, session, "dropped", where=name)
    told = telling.arrangers(session, {classroom.campus_id}) | {helper}
    telling.tell(by, session, "session_changed", told | {session.lead_id})
    _settle(by, session)
    commit()


def set_helper(by: Person, session: LiveSession, classroom: LiveClassroom, words: str) -> None:
    """Somebody else helps in a class, also while the lesson runs. Raises Invalid, Conflict when it is over, InTheWay."""
    _must_not_be_over(session)
    one_after_another(session.group_id)
    standing = standing_of(by)
    person = colleague_named(words, campuses_of_my_groups(standing), "helper") if words else None
    if person is not None and person.id == session.lead_id:
        raise Invalid(helper=gettext("%(name)s是主讲，请填写另一位老师。", name=person.name))
    old = classroom.helper_id
    classroom.helper = person
    classroom.helper_id = person.id if person else None
    _refuse_double(session)
    session.sequence += 1
    _log(by, session, "helper", where=name_of(classroom), name=person.name if person else "")
    _record(by, session, "session_helper_changed", campus_id=classroom.campus_id, person=person.name if person else "")
    telling.tell_helper(by, session, classroom)
    telling.tell(by, session, "session_changed", {old, session.lead_id} - {classroom.helper_id})
    commit()


def set_lead(by: Person, session: LiveSession, words: str, reason: str) -> None:
    """Somebody else leads, also while the lesson runs. Raises Invalid, Conflict when it is over, InTheWay."""
    _must_not_be_over(session)
    one_after_another(session.group_id)
    person = colleague_named(words, campuses_of_my_groups(standing_of(by)), "lead")
    if person.id == session.lead_id:
        raise Invalid(lead=gettext("%(name)s已经是主讲。", name=person.name))
    was = telling.part_takers(session)
    old = session.lead.name
    session.lead, session.lead_id = person, person.id
    for classroom in session.classrooms:
        if classroom.helper_id == person.id:
            classroom.helper, classroom.helper_id = None, None
    _refuse_double(session)
    session.sequence += 1
    _log(by, session, "lead", note=reason, was=old, name=person.name)
    _record(by, session, "session_lead_changed", person=person.name, was=old)
    telling.tell(by, session, "session_lead", (was | telling.concerned(session)) - {person.id}, lead=person.name)
    telling.tell(by, session, "session_lead_given", {person.id})
    commit()


def decline_part(by: Person, session: LiveSession, note: str) -> None:
    """Somebody whom others have put down as lead or helper cannot: who scheduled it is told, and the campus.

    The place of a helper is open then; a lead stays until there is another. Raises NotFound for who has no such part, Conflict once it
    has begun and when it was said before.
    """
    _must_be_to_come(session)
    part = access.part_given(session, by.id)
    if part is None:
        raise NotFound
    if lead_unable(session) is not None and part[0] is RoomRole.LEAD:
        raise Conflict(gettext("您已经回复过不方便，排课的人会换人。"))
    role, classroom = part
    if role is RoomRole.HELPER:
        classroom.helper, classroom.helper_id = None, None
        session.sequence += 1
    _log(by, session, "unable", note=note, where=name_of(classroom), name=by.name, role=role.value)
    told = {session.made_by_id, session.lead_id} | telling.arrangers(session, {classroom.campus_id})
    telling.tell(by, session, "session_part_declined", told, role=role.value, where=name_of(classroom), reason=note)
    commit()


def lead_unable(session: LiveSession) -> SessionChange | None:
    """What the present lead has said of not being able to; None when nothing was said, or somebody else leads since."""
    declined = and_(SessionChange.kind == "unable", SessionChange.details["role"].as_string() == RoomRole.LEAD)
    last = db.session.scalar(
        select(SessionChange)
        .where(SessionChange.session_id == session.id, or_(declined, SessionChange.kind == "lead"))
        .order_by(SessionChange.id.desc())
        .limit(1)
    )
    return last if last is not None and last.kind == "unable" and last.by_id == session.lead_id else None


def change_room(by: Person, session: LiveSession, classroom: LiveClassroom, room_id: int | None) -> None:
    """A class sits in another room. Raises Invalid, Conflict when it is over, InTheWay when that is taken."""
    _must_not_be_over(session)
    one_after_another(session.group_id)
    room = db.session.get(Room, room_id) if room_id else None
    if room is None or room.campus_id != classroom.campus_id:
        raise Invalid(room=gettext("请从列表里选择教室。"))
    classroom.room, classroom.room_id = room, room.id
    _refuse_double(session)
    session.sequence += 1
    _log(by, session, "room", where=name_of(classroom), name=room.name)
    people = {session.lead_id, classroom.helper_id, session.made_by_id}
    telling.tell(by, session, "session_room", people, campus=classroom.campus.short_name, room=room.name)
    commit()


@dataclass(frozen=True)
class Staffing:
    """Who shall lead, and by the place of a class (`k12`, `c3`) who shall help there and where it shall sit; what is missing stays."""

    lead: Person | None
    helpers: Mapping[str, Person]
    rooms: Mapping[str, Room]


def staff(by: Person, session: LiveSession, wanted: Staffing, reason: str) -> bool:
    """Uncommitted: a session is staffed as wanted; whether anything of it has changed. Raises InTheWay, then nothing has."""
    before = _staff_of(session)
    _set_staff(session, wanted)
    after = _staff_of(session)
    if after == before:
        return False
    try:
        _refuse_double(session)
    except InTheWay:
        _put_back(session, before)
        raise
    session.sequence += 1
    if after.lead is not before.lead:
        _log(by, session, "lead", note=reason, was=before.lead.name, name=after.lead.name)
        _record(by, session, "session_lead_changed", person=after.lead.name, was=before.lead.name)
    for classroom, (old_helper, old_room) in zip(session.classrooms, before.ends, strict=True):
        if classroom.helper is not old_helper:
            name = classroom.helper.name if classroom.helper else ""
            _log(by, session, "helper", note=reason, where=name_of(classroom), name=name)
            _record(by, session, "session_helper_changed", campus_id=classroom.campus_id, person=name)
        if classroom.room is not None and classroom.room is not old_room:
            _log(by, session, "room", note=reason, where=name_of(classroom), name=classroom.room.name)
    return True


@dataclass(frozen=True)
class _Staff:
    """Who leads a session, and of each of its ends helper and room."""

    lead: Person
    ends: tuple[tuple[Person | None, Room | None], ...]


def _staff_of(session: LiveSession) -> _Staff:
    return _Staff(session.lead, tuple((each.helper, each.room) for each in session.classrooms))


def _set_staff(session: LiveSession, wanted: Staffing) -> None:
    lead = wanted.lead or session.lead
    ends = []
    for classroom in session.classrooms:
        place = place_of(classroom)
        helper = wanted.helpers.get(place, classroom.helper)
        ends.append((None if helper is lead else helper, wanted.rooms.get(place, classroom.room)))
    _put_back(session, _Staff(lead, tuple(ends)))


def _put_back(session: LiveSession, kept: _Staff) -> None:
    session.lead, session.lead_id = kept.lead, kept.lead.id
    for classroom, (helper, room) in zip(session.classrooms, kept.ends, strict=True):
        classroom.helper, classroom.helper_id = helper, helper.id if helper else None
        classroom.room, classroom.room_id = room, room.id if room else None


def place_of(classroom: LiveClassroom) -> str:
    """What a class, or a campus without one, is called in forms: `k12` or `c3`."""
    return f"k{classroom.class_id}" if classroom.class_id else f"c{classroom.campus_id}"


def _refuse_double(session: LiveSession) -> None:
    """Nobody and no room is in two sessions at once. What else is in the way is for whoever changes it to weigh."""
    if session.state is SessionState.DRAFT:
        return
    with db.session.no_autoflush:
        hard = [each for each in conflicts.conflicts_of(draft_of(session)) if each.hard]
    if hard:
        raise InTheWay(hard)


def cancel_session(by: Person, session: LiveSession, reason: str) -> None:
    """It is not held; its history stays. Raises Conflict once it has begun."""
    cancel(by, session, reason)
    commit()


def cancel(by: Person, session: LiveSession, reason: str) -> None:
    """Uncommitted: the same."""
    _must_be_to_come(session)
    if session.state is SessionState.DRAFT:
        raise Conflict(gettext("草案不用取消，请直接删除。"))
    session.state = SessionState.CANCELLED
    session.sequence += 1
    for classroom in session.classrooms:
        classroom.entry_code = None
    _log(by, session, "cancelled", note=reason)
    _record(by, session, "session_cancelled", reason=reason)
    telling.tell(by, session, "session_cancelled", telling.concerned(session), reason=reason)


def retake_plan(by: Person, session: LiveSession) -> None:
    """The run-sheet is the plan as it is now. Raises Conflict once it has begun, and when the plan is gone."""
    _must_be_to_come(session)
    if session.plan is None or is_withdrawn(session.plan, by):
        raise Conflict(gettext("教案已经删除或者撤回，运行单保持原样。"))
    session.run_sheet, session.plan_taken_at = run_sheet.take(session.plan), now()
    _log(by, session, "plan")
    telling.tell(by, session, "session_changed", telling.part_takers(session))
    commit()


def is_withdrawn(plan: Plan, person: Person) -> bool:
    """Whether a plan is in the recycle bin, or no longer shown to somebody."""
    return plan.removed_at is not None or not may_read_plan(standing_of(person), plan)


def add_guest(by: Person, session: LiveSession, words: str, role: RoomRole) -> None:
    """Somebody is invited to observe, or to direct the pictures. Raises Invalid, Conflict when it is over."""
    _must_not_be_over(session)
    person = colleague_named(words, campuses_of_my_groups(standing_of(by)), "guest")
    if person.id in telling.part_takers(session) - {session.made_by_id}:
        raise Invalid(guest=gettext("%(name)s已经在这节课里了。", name=person.name))
    session.guests.append(LiveGuest(person=person, person_id=person.id, role=role))
    _log(by, session, "guest", name=person.name, role=role.value)
    _record(by, session, "session_guest_added", person=person.name, role=role.value)
    if session.state is not SessionState.DRAFT:
        telling.tell(by, session, "session_guest", {person.id})
    commit()


def remove_guest(by: Person, session: LiveSession, person_id: int) -> None:
    """Somebody is not invited any more. Raises NotFound."""
    _must_not_be_over(session)
    guest = next((each for each in session.guests if each.person_id == person_id), None)
    if guest is None:
        raise NotFound
    session.guests.remove(guest)
    _log(by, session, "guest_gone", name=guest.person.name)
    _record(by, session, "session_guest_removed", person=guest.person.name)
    commit()


def draft_of(session: LiveSession) -> Draft:
    """A session for the search for conflicts."""
    return Draft(
        day=session.day,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        lead_id=session.lead_id,
        classrooms=tuple(
            DraftClassroom(each.campus_id, each.class_id, each.room_id, each.helper_id) for each in session.classrooms
        ),
        guest_ids=tuple(guest.person_id for guest in session.guests),
        subject_id=session.subject_id,
        topic_id=session.topic_id,
        code=session.code,
    )


def _must_be_to_come(session: LiveSession) -> None:
    if session.state is SessionState.CANCELLED:
        raise Conflict(gettext("这节课已经取消。"))
    if session.state not in TO_COME:
        raise Conflict(gettext("这节课已经开始或者结束，不能再改。"))


def _must_not_be_over(session: LiveSession) -> None:
    if session.state in (SessionState.CANCELLED, SessionState.ENDED):
        raise Conflict(gettext("这节课已经取消或者结束，不能再改。"))


def _log(by: Person, session: LiveSession, kind: str, note: str = "", **details: Any) -> None:
    db.session.add(SessionChange(session_id=session.id, by_id=by.id, kind=kind, note=note, details=details))
    announce(SessionChanged(session.id))


def _record(by: Person, session: LiveSession, action: str, *, campus_id: int | None = None, **details: Any) -> None:
    campus_id = campus_id or session.classrooms[0].campus_id
    record(by, action, "session", session, name=session.title, campus_id=campus_id, **details)


Time = tuple[date, int, int]


def _time(session: LiveSession) -> Time:
    return session.day, session.starts, session.ends


def _before(time: Time) -> dict[str, Any]:
    return {"was_day": time[0].isoformat(), "was_starts": time[1], "was_ends": time[2]}


def _moves(old: Time, session: LiveSession) -> Mapping[str, Any]:
    if old == _time(session):
        return {}
    return _before(old) | {"day": session.day.isoformat(), "starts": session.starts, "ends": session.ends}


def _said(session: LiveSession) -> dict[str, Any]:
    """What a change may change, by its name in the history."""
    return {
        "title": (session.title, session.kind, session.topic_id, session.subject_id),
        "note": (session.note, session.link),
        "lead": session.lead_id,
        "plan": session.plan_id,
        "classrooms": [(each.campus_id, each.class_id) for each in session.classrooms],
        "room": [each.room_id for each in session.classrooms],
        "helper": [each.helper_id for each in session.classrooms],
    }


def name_of(classroom: LiveClassroom) -> str:
    """丹江路 5（1）班."""
    campus = classroom.campus.short_name
    return f"{campus} {classroom.school_class.name}" if classroom.school_class else campus
