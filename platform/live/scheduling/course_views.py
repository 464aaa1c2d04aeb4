"""Pages of remote courses: their sessions, the days left out, and what is done to all that follow."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from foundation import allow
from foundation.clock import today
from foundation.database import db
from foundation.errors import Invalid, NotFound
from foundation.sent import number
from live import access
from live.blueprint import pages
from live.models import Answer, LiveClassroom, LiveSession
from live.scheduling import actions, queries, series
from live.scheduling.conflicts import Alternative
from live.scheduling.forms import StaffForm, TimeForm, day_sent, reason_sent
from manage.finding import colleagues
from schools.access import Standing, standing_of
from schools.signing_in import the_person
from timetable.models import Parity
from timetable.teaching_days import ONE_DAY, monday_of
from timetable.words import PARITY_NAMES, WEEKDAY_NAMES, short_day


@pages.get("/courses/<code>")
@allow.signed_in
def show_course(code: str) -> ResponseReturnValue:
    """The sessions of a course, the days that were left out, and where they could be made up."""
    return _page(code)


def _page(code: str, errors: dict[str, str] | None = None, taken: Sequence[tuple[date, str]] = ()) -> str:
    person = the_person()
    standing = standing_of(person)
    course, sessions = series.course_to_see(standing, code)
    may_change = access.may_change_session(standing, sessions[0])
    campuses = {each.campus_id: each.campus for each in sessions[0].classrooms}
    wanted = day_sent(request.args.get("make_up", ""))
    free: Sequence[Alternative] = series.free_for(person, sessions, wanted) if wanted and may_change else ()
    waiting = [
        each
        for session in series.to_come(sessions, standing.day)
        for each in session.classrooms
        if each.answer is Answer.WAITING and access.may_answer_for(standing, each)
    ]
    left = series.to_come(sessions, standing.day)
    staffed = [] if standing.looked_through else _staffed(standing, left, may_change=may_change)
    campus_ids = {each.campus_id for each in staffed}
    return render_template(
        "live/scheduling/show_course.html",
        course=course,
        sessions=sessions,
        parity=PARITY_NAMES[Parity(course.parity)],
        weekday=WEEKDAY_NAMES[course.weekday],
        weekdays=WEEKDAY_NAMES,
        skipped=[(day_sent(each["day"]), series.skipped_words(each, campuses), each) for each in course.skipped],
        made_up_day=lambda each: day_sent(each["made_up"]),
        wanted=wanted,
        free=free,
        may_change=may_change,
        left=left,
        staffed=staffed,
        place_of=actions.place_of,
        rooms=queries.rooms_of(sorted(campus_ids)),
        people=colleagues(*campus_ids),
        taken=taken,
        waiting=len(waiting),
        campuses=campuses,
        errors=errors or {},
        sent=request.form,
    )


def _staffed(standing: Standing, left: Sequence[LiveSession], *, may_change: bool) -> list[LiveClassroom]:
    """The ends of a course whose helper and room somebody changes: all of them, or those of the campuses that they answer for."""
    if not left:
        return []
    return [each for each in left[0].classrooms if may_change or access.may_answer_for(standing, each)]


@pages.post("/courses/<code>/confirm")
@allow.signed_in
def confirm_course(code: str) -> ResponseReturnValue:
    """A campus says yes to the whole course."""
    _, sessions = series.course_to_see(standing_of(the_person()), code)
    count = series.confirm_course(the_person(), sessions)
    flash(ngettext("已确认 %(num)d 节课。", "已确认 %(num)d 节课。", count))
    return _back(code)


@pages.post("/courses/<code>/follow")
@allow.signed_in
def change_following(code: str) -> ResponseReturnValue:
    """All sessions from a day on are moved to another weekday and period, or cancelled."""
    sessions = _to_change(code)
    try:
        reason = reason_sent(request.form, required=True)
        from_day = day_sent(request.form.get("from_day", "")) or today()
        if "cancel" in request.form:
            count = series.cancel_following(the_person(), sessions, from_day, reason)
            flash(ngettext("已取消 %(num)d 节课。", "已取消 %(num)d 节课。", count))
        else:
            count = series.move_following(the_person(), sessions, from_day, _new_time(), reason)
            flash(ngettext("已改期 %(num)d 节课。", "已改期 %(num)d 节课。", count))
    except Invalid as refusal:
        db.session.rollback()
        return _page(code, {"page": refusal.message, **refusal.fields}), 422
    return _back(code)


@pages.post("/courses/<code>/staff")
@allow.signed_in
def staff_following(code: str) -> ResponseReturnValue:
    """Somebody else leads or helps from a day on, or a class sits elsewhere; dates that cannot be are shown first."""
    course, sessions = series.course_to_see(standing_of(the_person()), code)
    try:
        from_day = day_sent(request.form.get("from_day", "")) or today()
        done = series.staff_following(the_person(), course, sessions, from_day, StaffForm.read(request.form))
    except Invalid as refusal:
        db.session.rollback()
        return _page(code, refusal.fields), 422
    if not done.count:
        return _page(code, taken=done.taken), 422
    flash(ngettext("已更新 %(num)d 节课，相关的人都通知了。", "已更新 %(num)d 节课，相关的人都通知了。", done.count))
    for day, sentence in done.taken:
        flash(gettext("%(day)s没有改：%(why)s", day=short_day(day), why=sentence), "warning")
    return _back(code)


def _new_time() -> TimeForm:
    weekday, period = number(request.form.get("weekday")), number(request.form.get("period"))
    if weekday is None or weekday not in WEEKDAY_NAMES or period is None:
        raise Invalid(weekday=gettext("请选择改到周几第几节。"))
    monday = monday_of(today())
    return replace(TimeForm(None, period), day=monday + (weekday - 1) * ONE_DAY)


@pages.post("/courses/<code>/make-up")
@allow.signed_in
def make_up(code: str) -> ResponseReturnValue:
    """A day that was left out is made up."""
    sessions = _to_change(code)
    course = sessions[0].course
    skipped = day_sent(request.form.get("skipped", ""))
    if course is None or skipped is None:
        raise NotFound
    try:
        session = series.make_up(the_person(), course, sessions, skipped, TimeForm.read(request.form))
    except Invalid as refusal:
        db.session.rollback()
        return _page(code, {"page": refusal.message, **refusal.fields}), 422
    flash(gettext("补课已排好，相关的人都通知了。"))
    return redirect(url_for(".show_session", code=session.code), 303)


def _to_change(code: str) -> Sequence[LiveSession]:
    standing = standing_of(the_person())
    _, sessions = series.course_to_see(standing, code)
    if not access.may_change_session(standing, sessions[0]):
        raise NotFound
    return sessions


def _back(code: str) -> ResponseReturnValue:
    return redirect(url_for(".show_course", code=code), 303)
