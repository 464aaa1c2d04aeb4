"""From a form to a session as it would be: who, where and when, looked up and checked, kept nowhere yet."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from flask_babel import gettext
from sqlalchemy import select

from curriculum.models import LessonTopic, TextbookEdition, TextbookVolume, Unit
from foundation.database import db
from foundation.errors import Invalid, NotFound
from lessons.access import plan_for_reading
from lessons.models import Plan
from live.models import Answer, ClassroomRole, LiveClassroom, LiveSession, SessionKind
from live.scheduling.clocks import Bells, Fit, chosen_minutes, moment_of
from live.scheduling.conflicts import Draft, DraftClassroom
from live.scheduling.forms import ClassroomForm, SessionForm, TimeForm
from live.terms import KINDS, WITH_CLASSES
from manage.finding import colleague_named, said
from schools.access import Standing, campuses_of_my_groups
from schools.models import Campus, Membership, Person, Room, SchoolClass, TeachingAssignment

NEEDS_TWO: Final = frozenset({SessionKind.SAME_LESSON, SessionKind.DELIVERED})


@dataclass(frozen=True)
class End:
    """One end of a session: a class of a campus, or only people there."""

    campus: Campus
    school_class: SchoolClass | None
    room: Room | None
    helper: Person | None
    fit: Fit

    @property
    def key(self) -> tuple[int, int | None]:
        """What makes it the same end after a change."""
        return self.campus.id, self.school_class.id if self.school_class else None


@dataclass(frozen=True)
class Shape:
    """A session as it would be. `ends` begin with the main classroom."""

    kind: SessionKind
    title: str
    note: str
    link: str
    group_id: int
    subject_id: int | None
    topic_id: int | None
    plan: Plan | None
    lead: Person
    day: date
    starts: int
    ends: int
    starts_at: datetime
    ends_at: datetime
    places: tuple[End, ...]

    @property
    def minutes(self) -> int:
        """How long it lasts."""
        return self.ends - self.starts

    def draft(self, code: str | None = None, guest_ids: Collection[int] = ()) -> Draft:
        """The same for the search for conflicts; `code` is that of the session that it is to become."""
        return Draft(
            day=self.day,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            lead_id=self.lead.id,
            classrooms=tuple(
                DraftClassroom(
                    each.campus.id,
                    each.school_class.id if each.school_class else None,
                    each.room.id if each.room else None,
                    each.helper.id if each.helper else None,
                )
                for each in self.places
            ),
            guest_ids=tuple(guest_ids),
            subject_id=self.subject_id,
            topic_id=self.topic_id,
            code=code,
        )


def shape_of(by: Person, standing: Standing, form: SessionForm) -> Shape:
    """Raises Invalid with the field that is missing or wrong."""
    places = _places(standing, form)
    group_id = _group(standing, [campus for campus, _, _ in places])
    subject_id, topic = _topic(form)
    bells_day = form.time.required_day()
    campuses = {campus.id: campus for campus, _, _ in places}
    bells = Bells(campuses.values(), bells_day, bells_day)
    day, starts, ends = _when(bells, places[0][0], form.time)
    starts_at, ends_at = (moment_of(day, minutes, places[0][0].zone) for minutes in (starts, ends))
    found = colleague_named(form.lead, campuses_of_my_groups(standing), "lead") if form.lead else by
    if form.link and not form.link.startswith(("https://", "http://")):
        raise Invalid(link=gettext("链接请以 https:// 开头。"))
    shape = Shape(
        kind=form.kind,
        title=form.title or (topic.title if topic else ""),
        note=form.note,
        link=form.link,
        group_id=group_id,
        subject_id=subject_id,
        topic_id=topic.id if topic else None,
        plan=_plan(standing, form.plan),
        lead=found,
        day=day,
        starts=starts,
        ends=ends,
        starts_at=starts_at,
        ends_at=ends_at,
        places=tuple(
            End(campus, school_class, room, None, bells.fit(campus.id, starts_at, ends_at))
            for campus, school_class, room in places
        ),
    )
    shape = replace(shape, places=_with_helpers(standing, form, shape))
    return shape if shape.title else replace(shape, title=_title(shape))


def moved(session: LiveSession, time: TimeForm) -> tuple[date, int, int, datetime, datetime, list[Fit]]:
    """The day, minutes and moments of a session at another time, with what each of its ends makes of it. Raises Invalid."""
    main = session.classrooms[0].campus
    bells = Bells([each.campus for each in session.classrooms], time.required_day(), time.required_day())
    day, starts, ends = _when(bells, main, time)
    starts_at, ends_at = (moment_of(day, minutes, main.zone) for minutes in (starts, ends))
    fits = [bells.fit(each.campus_id, starts_at, ends_at) for each in session.classrooms]
    return day, starts, ends, starts_at, ends_at, fits


def form_of(session: LiveSession) -> SessionForm:
    """A session as its form would have it."""
    main = session.classrooms[0]
    bells = Bells([main.campus], session.day, session.day)
    clock = bells.period(main.campus_id, session.day, main.period) if main.period else None
    in_period = clock is not None and (clock.starts, clock.ends) == (session.starts, session.ends)
    minutes = session.ends - session.starts
    return SessionForm(
        kind=session.kind,
        title=session.title,
        note=session.note,
        subject=session.subject_id,
        volume=session.topic.unit.volume_id if session.topic else None,
        topic=session.topic_id,
        plan=session.plan.code if session.plan and session.plan.removed_at is None else "",
        lead=said(session.lead),
        classrooms=tuple(
            ClassroomForm(
                None if each.class_id else each.campus_id,
                each.class_id,
                each.room_id,
                said(each.helper) if each.helper else "",
            )
            for each in session.classrooms
        ),
        time=TimeForm(session.day, main.period if in_period else None, session.starts, minutes),
        link=session.link,
    )


def transient(by: Person, shape: Shape) -> LiveSession:
    """The session that a shape would become, for questions of rights only: it is not in the unit of work."""
    return LiveSession(
        group_id=shape.group_id,
        subject_id=shape.subject_id,
        lead_id=shape.lead.id,
        made_by_id=by.id,
        classrooms=[classroom_of(shape, number) for number in range(len(shape.places))],
    )


def classroom_of(shape: Shape, number: int) -> LiveClassroom:
    """One end as it is kept."""
    end = shape.places[number]
    classroom = LiveClassroom(campus_id=end.campus.id, class_id=end.key[1], answer=Answer.WAITING, campus=end.campus)
    fill(classroom, end, number)
    return classroom


def fill(classroom: LiveClassroom, end: End, number: int) -> None:
    """Let an end be as the shape says; its answer stays."""
    classroom.rank = number
    classroom.role = ClassroomRole.LISTENING if number else ClassroomRole.MAIN
    classroom.school_class = end.school_class
    classroom.room, classroom.helper = end.room, end.helper
    classroom.room_id = end.room.id if end.room else None
    classroom.helper_id = end.helper.id if end.helper else None
    classroom.period, classroom.starts, classroom.ends = end.fit.period, end.fit.starts, end.fit.ends


Place = tuple[Campus, SchoolClass | None, Room | None]


def _places(standing: Standing, form: SessionForm) -> list[Place]:
    chosen = form.chosen
    lesson = form.kind in WITH_CLASSES
    if not form.classrooms or not form.classrooms[0].place:
        raise Invalid(place=gettext("请选择主讲班级。") if lesson else gettext("请选择主会场。"))
    if form.kind in NEEDS_TWO and len(chosen) < 2:
        raise Invalid(place=gettext("请至少选择一个听讲班级。"))
    campuses = {
        each.id: each
        for each in db.session.scalars(select(Campus).where(Campus.id.in_(campuses_of_my_groups(standing))))
    }
    places = [_place(campuses, each, needs_class=lesson and not number) for number, each in enumerate(chosen)]
    keys = [(campus.id, school_class.id if school_class else None) for campus, school_class, _ in places]
    if len(set(keys)) < len(keys):
        raise Invalid(place=gettext("同一个班级选了两次。"))
    rooms = [room.id for _, _, room in places if room]
    if len(set(rooms)) < len(rooms):
        raise Invalid(room=gettext("同一间教室选了两次。"))
    return places


def _place(campuses: dict[int, Campus], form: ClassroomForm, *, needs_class: bool) -> Place:
    school_class = db.session.get(SchoolClass, form.class_id) if form.class_id else None
    campus = campuses.get(school_class.campus_id if school_class else form.campus_id or 0)
    if campus is None or (form.class_id and school_class is None):
        raise Invalid(place=gettext("请从列表里选择班级。"))
    if needs_class and school_class is None:
        raise Invalid(place=gettext("请选择主讲班级。"))
    room = db.session.get(Room, form.room_id) if form.room_id else None
    return campus, school_class, room if room is not None and room.campus_id == campus.id else None


def _group(standing: Standing, campuses: Sequence[Campus]) -> int:
    """The group in which all of them are: one of the person's own."""
    rows = db.session.execute(
        select(Membership.group_id, Membership.campus_id)
        .where(
            Membership.campus_id.in_([campus.id for campus in campuses]),
            Membership.group_id.in_(standing.group_ids),
            Membership.holding_on(standing.day),
        )
        .order_by(Membership.primary.desc(), Membership.group_id)
    ).all()
    present = {(group_id, campus_id) for group_id, campus_id in rows}
    for group_id, _ in rows:
        if all((group_id, campus.id) in present for campus in campuses):
            return int(group_id)
    raise Invalid(place=gettext("这些校区不在同一个集团里。"))


def _when(bells: Bells, main: Campus, time: TimeForm) -> tuple[date, int, int]:
    day = time.required_day()
    return day, *chosen_minutes(bells, main.id, day, time.period, time.starts, time.minutes)


def _topic(form: SessionForm) -> tuple[int | None, LessonTopic | None]:
    if form.topic is None:
        if form.subject is None and form.kind in WITH_CLASSES:
            raise Invalid(subject=gettext("请选择学科。"))
        return form.subject, None
    row = db.session.execute(
        select(LessonTopic, TextbookEdition.subject_id)
        .join(Unit, Unit.id == LessonTopic.unit_id)
        .join(TextbookVolume, TextbookVolume.id == Unit.volume_id)
        .join(TextbookEdition, TextbookEdition.id == TextbookVolume.edition_id)
        .where(LessonTopic.id == form.topic)
    ).first()
    if row is None:
        raise Invalid(topic=gettext("请从目录里选择课题。"))
    return row.subject_id, row.LessonTopic


def _plan(standing: Standing, code: str) -> Plan | None:
    if not code:
        return None
    try:
        return plan_for_reading(standing, code)
    except NotFound as refusal:
        raise Invalid(plan=gettext("这份教案已经不在，或者您无权查看，请另选一份。")) from refusal


def _with_helpers(standing: Standing, form: SessionForm, shape: Shape) -> tuple[End, ...]:
    """Those named, and where nobody was: who teaches the subject to the class."""
    usual = usual_teachers(
        [each.school_class for each in shape.places if each.school_class], shape.subject_id, shape.day
    )
    ends = []
    for number, (each, end) in enumerate(zip(form.chosen, shape.places, strict=True)):
        helper = None
        if each.helper:
            helper = colleague_named(each.helper, campuses_of_my_groups(standing), f"helper-{number}")
        elif number and end.school_class:
            helper = usual.get(end.school_class.id)
        ends.append(replace(end, helper=helper if helper is not shape.lead else None))
    return tuple(ends)


def usual_teachers(classes: Sequence[SchoolClass], subject_id: int | None, day: date) -> dict[int, Person]:
    """Who teaches a subject to classes on a day, by class."""
    if subject_id is None or not classes:
        return {}
    rows = db.session.execute(
        select(TeachingAssignment.class_id, Person)
        .join(Person, Person.id == TeachingAssignment.person_id)
        .where(
            TeachingAssignment.class_id.in_([each.id for each in classes]),
            TeachingAssignment.subject_id == subject_id,
            TeachingAssignment.holding_on(day),
        )
        .order_by(TeachingAssignment.id.desc())
    )
    return dict(rows.tuples().all())


def _title(shape: Shape) -> str:
    main = shape.places[0]
    return gettext(
        "%(where)s %(kind)s",
        where=main.school_class.name if main.school_class else main.campus.short_name,
        kind=KINDS[shape.kind],
    )
