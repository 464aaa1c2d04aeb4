"""Pages that schedule sessions: the list, one sheet to make or change one, the session itself. Thin: rights and work are elsewhere."""

from dataclasses import replace
from typing import Final

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from foundation import allow
from foundation.clock import today
from foundation.codes import new_code
from foundation.config import Settings
from foundation.database import db
from foundation.errors import Conflict, Invalid, NotFound
from foundation.sent import Sent, line, number, numbers
from live import access, terms
from live.blueprint import pages
from live.models import LiveClassroom, LiveSession, RoomRole, SessionState
from live.room import run_sheet
from live.room.checking import latest_checks, measured_of, verdict
from live.scheduling import actions, appointments, course_views, following, queries, series
from live.scheduling.clocks import Bells, Fit, fit_words, when_words
from live.scheduling.conflicts import Conflict as InTheWayOfIt
from live.scheduling.conflicts import conflicts_of
from live.scheduling.forms import (
    MOST_CLASSROOMS,
    AnswerForm,
    ClassroomForm,
    Scope,
    SessionFilter,
    SessionForm,
    TimeForm,
    Whose,
    guest_role_sent,
    reason_sent,
)
from live.scheduling.giving_way import Around, lessons_around, movers_for
from live.scheduling.history import change_words
from live.scheduling.shaping import Shape, form_of, moved, shape_of
from manage.finding import colleagues, said
from schools.access import Standing, campuses_of_my_groups, standing_of
from schools.signing_in import the_person
from timetable.queries import campuses_in
from timetable.words import clock_time, period_name, short_day

__all__ = ["appointments", "course_views", "following", "pages"]

KEY_LETTERS: Final = 20
SPARE_ROWS: Final = 1


@pages.app_context_processor
def _words() -> dict[str, object]:
    return {
        "session_kinds": terms.KINDS,
        "session_states": terms.STATES,
        "session_state_tags": terms.STATE_TAGS,
        "answer_names": terms.ANSWERS,
        "answer_tags": terms.ANSWER_TAGS,
        "room_roles": terms.ROOM_ROLES,
        "session_when": when_words,
        "may_be_entered": queries.may_be_entered,
    }


@pages.context_processor
def _clocks() -> dict[str, object]:
    return {
        "clock_time": clock_time,
        "short_day": short_day,
        "period_name": period_name,
        "change_names": terms.CHANGES,
        "classroom_roles": terms.CLASSROOM_ROLES,
        "lessons_kinds": terms.WITH_CLASSES,
        "change_words": change_words,
        "endpoints": current_app.view_functions,
    }


@pages.get("")
@allow.signed_in
def list_sessions() -> ResponseReturnValue:
    """Today's, this week's, later and past sessions, what waits for an answer, and drafts."""
    standing = standing_of(the_person())
    wanted = SessionFilter.read(request.args)
    settings: Settings = current_app.config["SETTINGS"]
    return render_template(
        "live/scheduling/list_sessions.html",
        wanted=wanted,
        found=queries.sessions_of(standing, wanted, settings.page_size),
        subjects=queries.subjects_taught(standing),
        campuses=campuses_in(campuses_of_my_groups(standing)),
        today=standing.day,
        may_schedule=_may_begin(standing),
        whose=_whose(standing),
        person_id=standing.person_id,
        scopes={
            Scope.TODAY: gettext("今天"),
            Scope.WEEK: gettext("本周"),
            Scope.LATER: gettext("以后"),
            Scope.PAST: gettext("过去"),
            Scope.ANSWER: gettext("待我确认"),
            Scope.DRAFTS: gettext("草案"),
        },
    )


def _whose(standing: Standing) -> dict[Whose | None, str]:
    """Whose sessions may be chosen, in words."""
    found: dict[Whose | None, str] = {
        None: gettext("我能看到的"),
        Whose.MINE: gettext("和我有关的"),
        Whose.LED: gettext("我主讲的"),
    }
    return found | {Whose.SUBJECT: gettext("我的学科组")} if access.has_subjects(standing) else found


def _may_begin(standing: Standing) -> bool:
    return bool(standing.campus_ids or standing.scopes) and not standing.looked_through


@pages.route("/new", methods=["GET", "POST"])
@allow.signed_in
def new_session() -> ResponseReturnValue:
    """One sheet: what, who with, where and when. What was chosen elsewhere stands in the address."""
    if request.method == "GET":
        return _sheet(_prefilled(request.args))
    form = SessionForm.read(request.form)
    if "refresh" in request.form:
        return _sheet(form)
    try:
        if form.repeat is not None:
            course = series.schedule_course(the_person(), form)
            flash(gettext("远程课程已排好，各校区和相关的人都通知了。"))
            return redirect(url_for(".show_course", code=course.code), 303)
        session = actions.schedule_session(the_person(), form)
    except Invalid as refusal:
        db.session.rollback()
        return _sheet(form, refusal=refusal), 422
    flash(_scheduled(session))
    return redirect(url_for(".show_session", code=session.code), 303)


def _scheduled(session: LiveSession) -> str:
    if session.state is SessionState.DRAFT:
        return gettext("草案已保存，只有您和主讲能看到。")
    if session.state is SessionState.SETTLED:
        return gettext("已排定，相关的人都通知了。")
    return gettext("已发给各校区确认，相关的人都通知了。")


@pages.post("/new/check")
@allow.signed_in
def check_session() -> ResponseReturnValue:
    """The sheet as it would be now, with what stands in the way: asked while it is filled in."""
    code = line(request.form.get("session"), 16)
    session = access.session_to_change(the_person(), code) if code else None
    return _sheet(SessionForm.read(request.form), session=session, template="live/scheduling/sheet.html")


@pages.route("/<code>/change", methods=["GET", "POST"])
@allow.signed_in
def change_session(code: str) -> ResponseReturnValue:
    """The same sheet for a session that is there."""
    session = access.session_to_change(the_person(), code)
    if request.method == "GET":
        if session.state not in actions.TO_COME:
            raise Conflict(gettext("这节课已经开始、结束或者取消，不能再改。"))
        return _sheet(form_of(session), session=session)
    form = SessionForm.read(request.form)
    if "refresh" in request.form:
        return _sheet(form, session=session)
    try:
        actions.change_session(the_person(), session, form)
    except Invalid as refusal:
        db.session.rollback()
        return _sheet(form, session=session, refusal=refusal), 422
    flash(gettext("已保存，相关的人都通知了。"))
    return _back(session)


def _sheet(
    form: SessionForm,
    *,
    session: LiveSession | None = None,
    refusal: Invalid | None = None,
    template: str = "live/scheduling/edit_session.html",
) -> str:
    standing = standing_of(the_person())
    rows = [*form.chosen, *[ClassroomForm()] * SPARE_ROWS]
    if not form.chosen or (len(form.chosen) == 1 and form.kind in terms.WITH_CLASSES):
        rows += [ClassroomForm()] * (2 - len(rows))
    shape, problem = _shape(standing, form)
    found: list[InTheWayOfIt] = []
    if shape is not None:
        guests = [guest.person_id for guest in session.guests] if session else []
        found = conflicts_of(shape.draft(session.code if session else None, guests))
    return render_template(
        template,
        form=form,
        session=session,
        rows=rows[:MOST_CLASSROOMS],
        options=queries.form_choices(standing, form),
        request_key=form.request_key or new_code(KEY_LETTERS),
        shape=shape,
        problem=problem,
        fits=[fit_words(each.campus, each.fit, shape.minutes) for each in shape.places] if shape else [],
        conflicts=found,
        movers=movers_for(standing, [each.lesson for each in found if each.lesson]),
        errors=refusal.fields if refusal else {},
        me=said(the_person()),
        works_somewhere=_may_begin(standing),
    )


def _shape(standing: Standing, form: SessionForm) -> tuple[Shape | None, str]:
    """The session as it would be, or the sentence that says what is still missing."""
    try:
        return shape_of(the_person(), standing, form), ""
    except Invalid as refusal:
        return None, refusal.message


def _prefilled(sent: Sent) -> SessionForm:
    """What an address says: a lesson found elsewhere comes with `lead_class`, `classes`, `day`, `period` and `topic`."""
    form = SessionForm.read(sent)
    places = [*form.chosen]
    if not places:
        main, others = number(sent.get("lead_class")), numbers(",".join(sent.getlist("classes")).split(","))
        chosen = [each for each in dict.fromkeys([main, *others]) if each is not None]
        places = [ClassroomForm(class_id=each) for each in chosen]
    day = form.time.day or today()
    return replace(form, classrooms=tuple(places), time=replace(form.time, day=day))


@pages.get("/<code>")
@allow.signed_in
def show_session(code: str) -> ResponseReturnValue:
    """Who, where and when; what the campuses say; codes for the screens; what was done to it."""
    return _session_page(access.session_to_see(the_person(), code))


def _session_page(session: LiveSession, errors: dict[str, str] | None = None) -> str:
    session = queries.with_everything(session)
    standing = standing_of(the_person())
    may_change = access.may_change_session(standing, session)
    answering = access.campuses_answered_for(standing)
    to_come = session.state in actions.TO_COME
    minutes = session.ends - session.starts
    role = access.role_in(session, standing)
    campus_ids = {each.campus_id for each in session.classrooms}
    changing = may_change or bool(answering & campus_ids)
    staff = changing or role in (RoomRole.LEAD, RoomRole.HELPER)
    part = access.part_given(session, standing.person_id) if to_come and not standing.looked_through else None
    unable = actions.lead_unable(session) if to_come and staff else None
    around = lessons_around(session) if to_come and staff else Around()
    return render_template(
        "live/scheduling/show_session.html",
        session=session,
        when=when_words(session.day, session.starts, session.ends, _label(session)),
        fits={each.id: fit_words(each.campus, _fit(session, each), minutes) for each in session.classrooms},
        role=role,
        part=part,
        unable=unable,
        staff=staff,
        may_change=may_change,
        may_answer=[
            each.id for each in session.classrooms if each.campus_id in answering and not standing.looked_through
        ],
        to_come=to_come,
        open_to_change=session.state not in (SessionState.ENDED, SessionState.CANCELLED),
        plan_gone=session.plan is None or actions.is_withdrawn(session.plan, session.lead),
        plan_opens=session.plan is not None and not actions.is_withdrawn(session.plan, the_person()),
        plan_changed_at=queries.plan_changed_at(session),
        files_changed=session.plan is not None and run_sheet.has_other_files(session.run_sheet, session.plan),
        checks=latest_checks([each.room_id for each in session.classrooms if each.room_id]),
        verdict=lambda check: verdict(measured_of(check)),
        changes=queries.changes_of(session),
        changed_lessons=around.changed,
        giving_way=around.giving_way if changing else (),
        movers=movers_for(
            standing, [*(each.lesson for each in around.giving_way), *(each.lesson for each in around.changed)]
        ),
        named=said,
        rooms=queries.rooms_of(sorted(campus_ids)) if changing else {},
        people=colleagues(*campus_ids) if changing else (),
        periods=range(1, 13),
        errors=errors or {},
        sent=request.form,
    )


def _label(session: LiveSession) -> str:
    main = session.classrooms[0]
    return period_name(main.period) if main.period else ""


def _fit(session: LiveSession, classroom: LiveClassroom) -> Fit:
    """How a classroom takes part, from what is kept of it."""
    shift = queries.minutes_between(session, classroom)
    late = max(0, classroom.starts - session.starts - shift)
    early = max(0, session.ends + shift - classroom.ends)
    label = period_name(classroom.period) if classroom.period else ""
    return Fit(session.day, classroom.period, label, classroom.starts, classroom.ends, late, early)


@pages.route("/<code>/move", methods=["GET", "POST"])
@allow.signed_in
def move_session(code: str) -> ResponseReturnValue:
    """Another day and period, looked at before it is done."""
    session = access.session_to_change(the_person(), code)
    if session.state not in actions.TO_COME:
        raise Conflict(gettext("这节课已经开始、结束或者取消，不能改期。"))
    time = TimeForm.read(request.values)
    if "day" not in request.values:
        main = session.classrooms[0]
        time = TimeForm(session.day, main.period, session.starts, session.ends - session.starts)
    if request.method == "GET":
        return _move_page(session, time)
    try:
        actions.move_session(
            the_person(), session, time, reason_sent(request.form, required=True), anyway="anyway" in request.form
        )
    except Invalid as refusal:
        db.session.rollback()
        return _move_page(session, time, refusal), 422
    flash(gettext("已改期，相关的人都通知了。"))
    return _back(session)


def _move_page(session: LiveSession, time: TimeForm, refusal: Invalid | None = None) -> str:
    main = session.classrooms[0]
    day = time.day or session.day
    in_way = refusal.found if isinstance(refusal, actions.InTheWay) else []
    fits: list[str] = []
    if time.day is not None:
        try:
            _, starts, ends, _, _, found = moved(session, time)
            pairs = zip(session.classrooms, found, strict=True)
            fits = [fit_words(each.campus, fit, ends - starts) for each, fit in pairs]
        except Invalid as missing:
            refusal = refusal or missing
    return render_template(
        "live/scheduling/move_session.html",
        session=session,
        time=time,
        day=day,
        periods=Bells([main.campus], day, day).lessons(main.campus_id, day),
        when=when_words(session.day, session.starts, session.ends, _label(session)),
        fits=fits,
        conflicts=in_way,
        movers=movers_for(standing_of(the_person()), [each.lesson for each in in_way if each.lesson]),
        errors=refusal.fields if refusal else {},
        sent=request.form,
    )


@pages.post("/<code>/cancel")
@allow.signed_in
def cancel_session(code: str) -> ResponseReturnValue:
    """It is not held."""
    session = access.session_to_change(the_person(), code)
    try:
        actions.cancel_session(the_person(), session, reason_sent(request.form, required=True))
    except Invalid as refusal:
        return _refused(session, refusal)
    flash(gettext("已取消，相关的人都通知了。"))
    return _back(session)


@pages.post("/<code>/publish")
@allow.signed_in
def publish_draft(code: str) -> ResponseReturnValue:
    """A draft goes to the campuses."""
    session = access.session_to_change(the_person(), code)
    try:
        actions.publish_draft(the_person(), session)
    except Invalid as refusal:
        return _refused(session, refusal)
    flash(_scheduled(session))
    return _back(session)


@pages.post("/<code>/delete")
@allow.signed_in
def delete_draft(code: str) -> ResponseReturnValue:
    """A draft is given up."""
    actions.delete_draft(the_person(), access.session_to_change(the_person(), code))
    flash(gettext("草案已删除。"))
    return redirect(url_for(".list_sessions", scope=Scope.DRAFTS), 303)


@pages.post("/<code>/plan")
@allow.signed_in
def retake_plan(code: str) -> ResponseReturnValue:
    """The run-sheet is taken from the plan anew."""
    session = access.session_to_change(the_person(), code)
    actions.retake_plan(the_person(), session)
    flash(gettext("运行单已更新。"))
    return _back(session)


@pages.post("/<code>/lead")
@allow.signed_in
def set_lead(code: str) -> ResponseReturnValue:
    """Somebody else leads."""
    session = access.session_to_change(the_person(), code)
    try:
        actions.set_lead(the_person(), session, line(request.form.get("lead"), 80), reason_sent(request.form))
    except Invalid as refusal:
        return _refused(session, refusal)
    flash(gettext("已更换主讲，相关的人都通知了。"))
    return _back(session)


@pages.post("/<code>/decline")
@allow.signed_in
def decline_part(code: str) -> ResponseReturnValue:
    """Who was put down as lead or helper cannot."""
    session = access.session_to_see(the_person(), code)
    actions.decline_part(the_person(), session, reason_sent(request.form))
    flash(gettext("已回复不方便，排课的人和教务会收到通知。"))
    return redirect(url_for(".list_sessions"), 303)


@pages.post("/<code>/guests")
@allow.signed_in
def add_guest(code: str) -> ResponseReturnValue:
    """Somebody is invited, or not any more."""
    session = access.session_to_change(the_person(), code)
    gone = number(request.form.get("remove"))
    try:
        if gone is not None:
            actions.remove_guest(the_person(), session, gone)
        else:
            actions.add_guest(the_person(), session, line(request.form.get("guest"), 80), guest_role_sent(request.form))
    except Invalid as refusal:
        return _refused(session, refusal)
    return redirect(url_for(".show_session", code=code, _anchor="guests"), 303)


@pages.post("/<code>/classrooms/<int:classroom_id>/answer")
@allow.signed_in
def answer(code: str, classroom_id: int) -> ResponseReturnValue:
    """A campus confirms, asks for another time or declines."""
    session, classroom = _classroom(code, classroom_id)
    try:
        actions.answer_for_campus(the_person(), session, classroom, AnswerForm.read(request.form))
    except Invalid as refusal:
        return _refused(session, refusal)
    flash(gettext("已答复，主讲和排课的人都通知了。"))
    return _back(session)


@pages.post("/<code>/classrooms/<int:classroom_id>/take")
@allow.signed_in
def take_other_time(code: str, classroom_id: int) -> ResponseReturnValue:
    """The time that a campus proposes is taken."""
    session = access.session_to_change(the_person(), code)
    try:
        actions.take_other_time(the_person(), session, _one_of(session, classroom_id))
    except Invalid as refusal:
        return _refused(session, refusal)
    flash(gettext("已改到建议的时间，相关的人都通知了。"))
    return _back(session)


@pages.post("/<code>/classrooms/<int:classroom_id>/drop")
@allow.signed_in
def drop_classroom(code: str, classroom_id: int) -> ResponseReturnValue:
    """A class does not take part."""
    session = access.session_to_change(the_person(), code)
    actions.drop_classroom(the_person(), session, _one_of(session, classroom_id))
    flash(gettext("已去掉这个班，其余照常。"))
    return _back(session)


@pages.post("/<code>/classrooms/<int:classroom_id>/helper")
@allow.signed_in
def set_helper(code: str, classroom_id: int) -> ResponseReturnValue:
    """Somebody else helps in a class, or the class sits in another room."""
    session, classroom = _classroom(code, classroom_id)
    try:
        room_id = number(request.form.get("room"))
        if room_id is not None and room_id != classroom.room_id:
            actions.change_room(the_person(), session, classroom, room_id)
        words = line(request.form.get("helper"), 80)
        if words != (said(classroom.helper) if classroom.helper else ""):
            actions.set_helper(the_person(), session, classroom, words)
    except Invalid as refusal:
        return _refused(session, refusal)
    flash(gettext("已保存，相关的人都通知了。"))
    return _back(session)


def _classroom(code: str, classroom_id: int) -> tuple[LiveSession, LiveClassroom]:
    """An end of a session that one changes, or whose campus one answers for."""
    standing = standing_of(the_person())
    session = access.session_to_see(standing, code)
    classroom = _one_of(session, classroom_id)
    if not access.may_change_session(standing, session) and not access.may_answer_for(standing, classroom):
        raise NotFound
    return session, classroom


def _one_of(session: LiveSession, classroom_id: int) -> LiveClassroom:
    found = next((each for each in session.classrooms if each.id == classroom_id), None)
    if found is None:
        raise NotFound
    return found


def _refused(session: LiveSession, refusal: Invalid) -> ResponseReturnValue:
    code = session.code
    db.session.rollback()
    errors = {"page": refusal.message, **refusal.fields}
    return _session_page(access.session_to_see(the_person(), code), errors), 422


def _back(session: LiveSession) -> ResponseReturnValue:
    return redirect(url_for(".show_session", code=session.code), 303)
