"""Pages for everybody: my week, and the weeks of classes, rooms and colleagues, a campus' day, campuses side by side."""

from datetime import date

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from foundation import allow
from foundation.clock import today
from foundation.config import Settings
from foundation.errors import NotFound
from schools.access import Standing, campuses_of_my_groups, may_arrange, standing_of
from schools.models import Campus
from schools.queries import subjects
from schools.signing_in import the_person
from schools.staff import campus_of
from timetable import access, actions, queries
from timetable.feeds import Feed, calendar_of
from timetable.teaching_days import Whose, monday_of
from timetable.weeks import ONE_DAY, ONE_WEEK, campus_page, side_by_side, week_page
from timetable.words import (
    CHANGE_KIND_NAMES,
    DAY_KIND_NAMES,
    WEEKDAY_NAMES,
    clock_time,
    period_name,
    short_day,
    week_name,
)

pages = Blueprint("timetable", __name__, template_folder="templates")

MOST_BESIDE = 6
"""So many campuses stand beside each other."""


@pages.context_processor
def _words() -> dict[str, object]:
    return {
        "weekday_names": WEEKDAY_NAMES,
        "day_kinds": DAY_KIND_NAMES,
        "change_kinds": CHANGE_KIND_NAMES,
        "clock_time": clock_time,
        "short_day": short_day,
        "week_name": week_name,
        "period_name": period_name,
    }


def _day(standing: Standing) -> date:
    """The day chosen; today for none and for what is no day."""
    try:
        chosen = date.fromisoformat(request.args.get("week", ""))
    except ValueError:
        return standing.day
    return chosen if 2000 <= chosen.year <= 2100 else standing.day


def _school_day(standing: Standing, campus_ids: set[int]) -> date:
    """The day chosen; for none, today, or the next Monday at a weekend without lessons."""
    day = _day(standing)
    if request.args.get("week") or day.weekday() < 5:
        return day
    specials = [each.day(day).special for each in queries.calendars(campus_ids, day, day + ONE_DAY).values()]
    made_up = any(special is not None and special.follows for special in specials)
    return day if made_up else monday_of(day) + ONE_WEEK


@pages.get("/timetable")
@allow.signed_in
def my_week() -> ResponseReturnValue:
    """What I teach in a week, by the clock."""
    person = the_person()
    return _week_page("person", person.id, gettext("我的课表"), campus_of(person), mine=True)


@pages.get("/timetable/people/<int:person_id>")
@allow.signed_in
def show_person(person_id: int) -> ResponseReturnValue:
    """What a colleague teaches in a week."""
    person = access.person_to_see(standing_of(the_person()), person_id)
    return _week_page("person", person.id, gettext("%(name)s的课表", name=person.name), campus_of(person))


@pages.get("/timetable/classes/<int:class_id>")
@allow.signed_in
def show_class(class_id: int) -> ResponseReturnValue:
    """The week of a class."""
    found = access.class_to_see(standing_of(the_person()), class_id)
    return _week_page("class", found.id, gettext("%(name)s的课表", name=found.name), found.campus_id)


@pages.get("/timetable/rooms/<int:room_id>")
@allow.signed_in
def show_room(room_id: int) -> ResponseReturnValue:
    """The week of a room."""
    room = access.room_to_see(standing_of(the_person()), room_id)
    return _week_page("room", room.id, gettext("%(name)s的课表", name=room.name), room.campus_id)


def _week_page(whose: Whose, id: int, title: str, campus_id: int | None, *, mine: bool = False) -> str:
    standing = standing_of(the_person())
    page = week_page(whose, id, campus_id, _day(standing), standing)
    return render_template(
        "timetable/week.html",
        title=title,
        whose=whose,
        page=page,
        campus_id=campus_id,
        mine=mine,
        today=standing.day,
        this_week=monday_of(standing.day),
        one_week=ONE_WEEK,
        may_change=whose == "class" and may_arrange(standing, campus_id=campus_id),
        id=id,
        may_publish=access.may_publish(standing, whose, id, campus_id),
        feed=queries.feed_of(whose, id),
    )


@pages.post("/timetable/feeds/<kind>/<int:id>")
@allow.signed_in
def renew_feed(kind: str, id: int) -> ResponseReturnValue:
    """Lessons get a secret address for calendar programs, a new one, or none any more."""
    kinds: dict[str, Whose] = {"person": "person", "class": "class", "room": "room"}
    whose = kinds.get(kind)
    if whose is None:
        raise NotFound
    if "end" in request.form:
        actions.end_feed(the_person(), whose, id)
        flash(gettext("日历地址已停用，订阅的日历不再更新。"))
    elif actions.renew_feed(the_person(), whose, id):
        flash(gettext("新的日历地址已生效，旧地址不能再用。"))
    else:
        flash(gettext("日历地址已生成。"))
    if whose == "person":
        return redirect(url_for(".my_week", _anchor="feed"), 303)
    page = url_for(".show_class", class_id=id) if whose == "class" else url_for(".show_room", room_id=id)
    return redirect(f"{page}#feed", 303)


@pages.get("/calendars/<token>.ics")
@allow.anyone
def calendar(token: str) -> ResponseReturnValue:
    """The lessons of whoever the secret address belongs to, for calendar programs."""
    found = queries.feed_with(token, today())
    if found is None:
        raise NotFound
    whose, id, name = found
    file = calendar_of(Feed(whose, id, gettext("%(name)s的课表", name=name), request.host), today())
    return Response(file, mimetype="text/calendar", headers={"Cache-Control": "private, max-age=900"})


@pages.get("/timetable/campuses")
@allow.signed_in
def my_campus() -> ResponseReturnValue:
    """A campus' day: mine, unless another is chosen."""
    standing = standing_of(the_person())
    campuses = _campuses(standing)
    campus_id = request.args.get("campus", campus_of(the_person()), int)
    campus = next((each for each in campuses if each.id == campus_id), campuses[0] if campuses else None)
    if campus is None:
        return render_template("timetable/no_campus.html")
    day = _school_day(standing, {campus.id})
    settings: Settings = current_app.config["SETTINGS"]
    return render_template(
        "timetable/campus.html",
        campus=campus,
        campuses=campuses,
        page=campus_page(campus, day, request.args.get("page", 1, int), settings.page_size, standing),
        day=day,
        rooms=queries.rooms_taught_in(campus.id, day),
        monday=monday_of(day),
        today=standing.day,
        one_week=ONE_WEEK,
    )


@pages.get("/timetable/beside")
@allow.signed_in
def beside() -> ResponseReturnValue:
    """Campuses with their own bells side by side, by the clock."""
    standing = standing_of(the_person())
    campuses = _campuses(standing)
    wanted = set(request.args.getlist("campus", type=int))
    chosen = [each for each in campuses if not wanted or each.id in wanted][:MOST_BESIDE]
    subject_id = request.args.get("subject", type=int)
    day = _school_day(standing, {each.id for each in chosen})
    return render_template(
        "timetable/beside.html",
        campuses=campuses,
        chosen=chosen,
        page=side_by_side(chosen, day, subject_id),
        subjects=subjects(),
        subject_id=subject_id,
        day=day,
        monday=monday_of(day),
        today=standing.day,
        one_week=ONE_WEEK,
    )


def _campuses(standing: Standing) -> list[Campus]:
    return queries.campuses_in(campuses_of_my_groups(standing))
