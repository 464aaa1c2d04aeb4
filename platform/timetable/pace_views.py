"""Pages of 教学进度: the classes of a grade against the line, the line itself, and what a class has had."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from curriculum.models import TextbookVolume
from foundation import allow
from foundation.config import Settings
from foundation.database import db
from foundation.errors import NotFound
from foundation.sent import number, numbers
from schools.access import Standing, standing_of
from schools.names import grade_name
from schools.signing_in import the_person
from timetable import access, pace_access, pace_actions, pace_pages
from timetable.models import Term
from timetable.pace import weeks_of
from timetable.words import short_day, term_name

pages = Blueprint("pace", __name__, template_folder="templates", url_prefix="/timetable/pace")


@pages.context_processor
def _words() -> dict[str, object]:
    return {"grade_name": grade_name, "term_name": term_name, "ahead_in_words": ahead_in_words, "short_day": short_day}


def ahead_in_words(ahead: int) -> str:
    """How a class stands to the line: 比计划快 2 课."""
    if ahead > 0:
        return ngettext("比计划快 %(num)d 课", "比计划快 %(num)d 课", ahead)
    if ahead < 0:
        return ngettext("比计划慢 %(num)d 课", "比计划慢 %(num)d 课", -ahead)
    return gettext("和计划一致")


@pages.get("")
@allow.signed_in
def show() -> ResponseReturnValue:
    """How far the classes of a grade are, campus by campus."""
    standing = standing_of(the_person())
    term = pace_pages.term_of(standing)
    volumes = pace_pages.volumes_of(term)
    chosen = number(request.args.get("volume"))
    volume = next((each for each in volumes if each.id == chosen), None) or pace_pages.usual_volume(standing, volumes)
    settings: Settings = current_app.config["SETTINGS"]
    found = None
    if term is not None and volume is not None:
        found = pace_pages.radar(standing, volume, term, request.args.get("page", 1, int), settings.page_size)
    return render_template(
        "timetable/pace.html",
        term=term,
        volumes=volumes,
        volume=volume,
        radar=found,
        mine=pace_pages.my_classes(standing, volumes),
        may_set=term is not None
        and volume is not None
        and pace_access.may_set_line(standing, term.group_id, volume.edition.subject_id),
    )


@pages.route("/line/<int:volume_id>", methods=["GET", "POST"])
@allow.signed_in
def line(volume_id: int) -> ResponseReturnValue:
    """The weeks in which the units of a book are to be taught."""
    person = the_person()
    standing = standing_of(person)
    volume, term = _volume(volume_id), _term(standing)
    if not pace_access.may_set_line(standing, term.group_id, volume.edition.subject_id):
        raise NotFound
    if request.method == "GET":
        return render_template(
            "timetable/pace_line.html",
            volume=volume,
            term=term,
            units=pace_pages.line_units(term, volume),
            weeks=weeks_of(term),
            this_week=pace_pages.week_now(term, standing.day),
        )
    if "spread" in request.form:
        pace_actions.spread_line(person, term, volume)
        flash(gettext("已按课时平均排到各周。"))
        return redirect(url_for(".line", volume_id=volume.id), 303)
    sent = {key.removeprefix("unit-"): number(week) for key, week in request.form.items() if key.startswith("unit-")}
    begins = {int(unit): week for unit, week in sent.items() if unit.isdigit() and week is not None}
    pace_actions.set_line(person, term, volume, begins)
    flash(gettext("进度计划已保存。"))
    return redirect(url_for(".show", volume=volume.id), 303)


@pages.route("/classes/<int:class_id>/<int:volume_id>", methods=["GET", "POST"])
@allow.signed_in
def show_class(class_id: int, volume_id: int) -> ResponseReturnValue:
    """The lessons of a book, those that a class has had ticked."""
    person = the_person()
    standing = standing_of(person)
    school_class = access.class_to_see(standing, class_id)
    volume = _volume(volume_id)
    if request.method == "POST":
        pace_actions.tick(person, school_class, volume, numbers(request.form.getlist("topic")))
        flash(gettext("进度已保存。"))
        return redirect(url_for(".show", volume=volume.id), 303)
    term = pace_pages.term_of(standing)
    return render_template(
        "timetable/pace_class.html",
        school_class=school_class,
        volume=volume,
        marks=pace_pages.marks_of(school_class, volume, term),
        may_mark=pace_access.may_mark(standing, school_class, volume.edition.subject_id),
    )


def _volume(volume_id: int) -> TextbookVolume:
    volume = db.session.get(TextbookVolume, volume_id)
    if volume is None:
        raise NotFound
    return volume


def _term(standing: Standing) -> Term:
    term = pace_pages.term_of(standing)
    if term is None:
        raise NotFound
    return term
