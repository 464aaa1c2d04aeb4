"""What the pages of schedules show. Every list costs the same number of queries however long it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from curriculum.queries import TreeChoices, tree_choices
from foundation.clock import now
from foundation.database import db
from foundation.paging import nearest_page
from lessons.access import readable_plans
from lessons.models import Plan, PlanUpdate
from live import access
from live.models import Answer, LiveClassroom, LiveGuest, LiveSession, SessionChange, SessionState
from live.scheduling.clocks import Bells, clock_of
from live.scheduling.forms import Scope, SessionFilter, SessionForm, Whose
from live.terms import WITH_CLASSES
from manage.classes.queries import STAGE_ORDER
from manage.finding import colleagues
from schools.access import Standing, campuses_of_my_groups
from schools.models import Campus, Room, RoomKind, SchoolClass, Subject
from timetable.queries import campuses_in
from timetable.teaching_days import Clock, monday_of

SOON: Final = timedelta(minutes=10)
"""So long before its start the room of a session can be entered."""

PLANS_OFFERED: Final = 60
_OPEN: Final = (SessionState.ASKED, SessionState.SETTLED, SessionState.RUNNING)


@dataclass(frozen=True)
class SessionPage:
    """One page of a list, how many there are on all pages, and how many wait for an answer or are drafts."""

    sessions: Sequence[LiveSession]
    count: int
    page: int
    pages: int
    to_answer: int
    drafts: int


_FOR_LISTS: Final = (
    joinedload(LiveSession.lead),
    joinedload(LiveSession.subject),
    selectinload(LiveSession.classrooms).joinedload(LiveClassroom.campus),
    selectinload(LiveSession.classrooms).joinedload(LiveClassroom.school_class),
)


def sessions_of(standing: Standing, wanted: SessionFilter, page_size: int) -> SessionPage:
    """The sessions that exist for the person and that the filter wants, the nearest first. A page beyond the last shows the last."""
    seen = access.seen_sessions(standing)
    chosen = _narrowed(seen.where(_of_scope(standing, wanted.scope)), standing, wanted)
    count = _count(chosen)
    page, pages = nearest_page(wanted.page, count, page_size)
    order = LiveSession.starts_at.desc() if wanted.scope is Scope.PAST else LiveSession.starts_at.asc()
    sessions = db.session.scalars(
        chosen.options(*_FOR_LISTS).order_by(order, LiveSession.id).limit(page_size).offset((page - 1) * page_size)
    ).all()
    waiting, drafts = (_count(seen.where(_of_scope(standing, each))) for each in (Scope.ANSWER, Scope.DRAFTS))
    return SessionPage(sessions, count, page, pages, waiting, drafts)


def _count(chosen: Select[tuple[LiveSession]]) -> int:
    return db.session.scalar(select(func.count()).select_from(chosen.with_only_columns(LiveSession.id).subquery())) or 0


def _of_scope(standing: Standing, scope: Scope) -> ColumnElement[bool]:
    today = standing.day
    next_monday = monday_of(today) + timedelta(days=7)
    public = LiveSession.state != SessionState.DRAFT
    match scope:
        case Scope.TODAY:
            return and_(public, LiveSession.day == today)
        case Scope.WEEK:
            return and_(public, LiveSession.day >= monday_of(today), LiveSession.day < next_monday)
        case Scope.LATER:
            return and_(public, LiveSession.day >= next_monday)
        case Scope.PAST:
            return and_(public, or_(LiveSession.ends_at < now(), LiveSession.state == SessionState.ENDED))
        case Scope.ANSWER:
            return _waiting_for(standing)
        case Scope.DRAFTS:
            return LiveSession.state == SessionState.DRAFT


def _waiting_for(standing: Standing) -> ColumnElement[bool]:
    """What somebody has to answer: for a campus that is asked, or as its maker to a campus that wants it otherwise."""
    campuses = access.campuses_answered_for(standing)
    asked = select(LiveClassroom.session_id).where(
        LiveClassroom.campus_id.in_(campuses), LiveClassroom.answer == Answer.WAITING
    )
    otherwise = select(LiveClassroom.session_id).where(LiveClassroom.answer.in_((Answer.OTHER_TIME, Answer.DECLINED)))
    mine = or_(LiveSession.made_by_id == standing.person_id, LiveSession.lead_id == standing.person_id)
    return and_(
        LiveSession.state == SessionState.ASKED,
        LiveSession.ends_at >= now(),
        or_(LiveSession.id.in_(asked), and_(mine, LiveSession.id.in_(otherwise))),
    )


def _narrowed(
    sessions: Select[tuple[LiveSession]], standing: Standing, wanted: SessionFilter
) -> Select[tuple[LiveSession]]:
    if wanted.whose is Whose.MINE:
        own = access.own_sessions(standing).with_only_columns(LiveSession.id)
        sessions = sessions.where(LiveSession.id.in_(own))
    if wanted.whose is Whose.LED:
        sessions = sessions.where(LiveSession.lead_id == standing.person_id)
    if wanted.whose is Whose.SUBJECT:
        sessions = sessions.where(access.of_my_subjects(standing))
    if wanted.kind is not None:
        sessions = sessions.where(LiveSession.kind == wanted.kind)
    if wanted.subject is not None:
        sessions = sessions.where(LiveSession.subject_id == wanted.subject)
    if wanted.campus is not None:
        there = select(LiveClassroom.session_id).where(LiveClassroom.campus_id == wanted.campus)
        sessions = sessions.where(LiveSession.id.in_(there))
    for word in wanted.words.split():
        sessions = sessions.where(LiveSession.title.icontains(word, autoescape=True))
    return sessions


def with_everything(session: LiveSession) -> LiveSession:
    """The same session, with all that its page shows of it read in the same few queries however many take part."""
    rooms = selectinload(LiveSession.classrooms)
    wanted = select(LiveSession).where(LiveSession.id == session.id)
    return db.session.scalars(
        wanted.options(
            selectinload(LiveSession.guests).joinedload(LiveGuest.person),
            rooms.joinedload(LiveClassroom.campus),
            rooms.joinedload(LiveClassroom.school_class),
            rooms.joinedload(LiveClassroom.room),
            rooms.joinedload(LiveClassroom.helper),
        ).execution_options(populate_existing=True)
    ).one()


def next_session(standing: Standing) -> LiveSession | None:
    """The next session in which somebody has a part, from its beginning until it has ended, today or within a week."""
    return db.session.scalar(
        access.own_sessions(standing)
        .where(
            LiveSession.state.in_(_OPEN),
            LiveSession.ends_at > now(),
            LiveSession.starts_at < now() + timedelta(days=7),
        )
        .options(*_FOR_LISTS)
        .order_by(LiveSession.starts_at, LiveSession.id)
        .limit(1)
    )


def may_be_entered(session: LiveSession) -> bool:
    """Whether the room is open by the clock: from ten minutes before the start until it has ended."""
    return session.state in _OPEN and now() >= session.starts_at - SOON


def changes_of(session: LiveSession) -> Sequence[SessionChange]:
    """The history of a session, the newest first."""
    return db.session.scalars(
        select(SessionChange)
        .options(joinedload(SessionChange.by))
        .where(SessionChange.session_id == session.id)
        .order_by(SessionChange.id.desc())
        .limit(100)
    ).all()


def plan_changed_at(session: LiveSession) -> datetime | None:
    """When the plan was changed after it was taken over into the run-sheet; None when it was not."""
    if session.plan_id is None or session.plan_taken_at is None:
        return None
    return db.session.scalar(
        select(func.max(PlanUpdate.made_at)).where(
            PlanUpdate.plan_id == session.plan_id, PlanUpdate.made_at > session.plan_taken_at
        )
    )


@dataclass(frozen=True)
class CampusChoices:
    """What may be chosen of a campus: its classes, its rooms with those for recording first."""

    campus: Campus
    classes: Sequence[SchoolClass]
    rooms: Sequence[Room]


@dataclass(frozen=True)
class FormChoices:
    """What the form of a session offers, around what was chosen."""

    tree: TreeChoices
    campuses: Sequence[CampusChoices]
    periods: Sequence[Clock]
    plans: Sequence[Plan]
    people: Sequence[str]

    def campus_of(self, class_id: int | None, campus_id: int | None) -> CampusChoices | None:
        """The campus of what was chosen for one end."""
        for each in self.campuses:
            if each.campus.id == campus_id or any(one.id == class_id for one in each.classes):
                return each
        return None


def form_choices(standing: Standing, form: SessionForm) -> FormChoices:
    """The campuses, classes and rooms of the person's groups, the periods of the chosen day, plans for the chosen topic."""
    found_campuses = campuses_in(campuses_of_my_groups(standing))
    campuses = sorted(found_campuses, key=lambda campus: campus.id not in standing.campus_ids)
    ids = [campus.id for campus in campuses]
    classes, rooms = _classes(ids, standing.day), rooms_of(ids)
    choices = [CampusChoices(each, classes.get(each.id, ()), rooms.get(each.id, ())) for each in campuses]
    found = FormChoices(tree_choices(form.subject, form.volume), choices, (), _plans(standing, form), ())
    main = found.campus_of(form.chosen[0].class_id, form.chosen[0].campus_id) if form.chosen else None
    if main is None:
        return found
    day = form.time.day or standing.day
    people = colleagues(*(each.id for each in _chosen_campuses(found, form)))
    return FormChoices(
        found.tree, choices, Bells([main.campus], day, day).lessons(main.campus.id, day), found.plans, people
    )


def _chosen_campuses(found: FormChoices, form: SessionForm) -> list[Campus]:
    chosen = [found.campus_of(each.class_id, each.campus_id) for each in form.chosen]
    return list(dict.fromkeys(each.campus for each in chosen if each is not None))


def _classes(campus_ids: Sequence[int], day: date) -> Mapping[int, list[SchoolClass]]:
    rows = db.session.scalars(
        select(SchoolClass)
        .where(SchoolClass.campus_id.in_(campus_ids), or_(SchoolClass.left_on.is_(None), SchoolClass.left_on > day))
        .order_by(STAGE_ORDER, SchoolClass.grade, SchoolClass.number, SchoolClass.id)
    )
    found: dict[int, list[SchoolClass]] = {}
    for each in rows:
        found.setdefault(each.campus_id, []).append(each)
    return found


def rooms_of(campus_ids: Sequence[int]) -> Mapping[int, list[Room]]:
    """The rooms of campuses, those for recording first, then those with cameras."""
    rows = db.session.scalars(
        select(Room)
        .where(Room.campus_id.in_(campus_ids))
        .order_by(Room.kind != RoomKind.RECORDING, Room.cameras == 0, Room.name, Room.id)
    )
    found: dict[int, list[Room]] = {}
    for each in rows:
        found.setdefault(each.campus_id, []).append(each)
    return found


def _plans(standing: Standing, form: SessionForm) -> Sequence[Plan]:
    """The plans that may be run: of the topic if one is chosen, else one's own of the subject, the last changed first."""
    if form.kind not in WITH_CLASSES and not form.subject:
        return ()
    plans = readable_plans(standing)
    if form.topic is not None:
        plans = plans.where(or_(Plan.topic_id == form.topic, Plan.code == form.plan))
    elif form.subject is not None:
        own = and_(Plan.subject_id == form.subject, Plan.owner_id == standing.person_id)
        plans = plans.where(or_(own, Plan.code == form.plan))
    else:
        plans = plans.where(Plan.code == form.plan)
    return db.session.scalars(
        plans.options(joinedload(Plan.owner)).order_by(Plan.changed_at.desc(), Plan.id.desc()).limit(PLANS_OFFERED)
    ).all()


def subjects_taught(standing: Standing) -> Sequence[Subject]:
    """The subjects of the sessions that exist for somebody, for the filter."""
    seen = access.seen_sessions(standing).with_only_columns(LiveSession.subject_id)
    return db.session.scalars(select(Subject).where(Subject.id.in_(seen)).order_by(Subject.rank, Subject.id)).all()


def minutes_between(session: LiveSession, classroom: LiveClassroom) -> int:
    """By how many minutes the clock of a campus goes before that of the main one when the session begins."""
    here, there = (clock_of(session.starts_at, each.campus.zone) for each in (classroom, session.classrooms[0]))
    return (here[0] - there[0]).days * 24 * 60 + here[1] - there[1]
