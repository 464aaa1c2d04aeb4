"""Pages: Terms and holidays, bells, the timetables of classes, and what changes on a day."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO

from flask import Blueprint, current_app, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext, lazy_gettext, ngettext

from foundation import allow
from foundation.config import Settings
from foundation.database import db
from foundation.errors import Conflict, Invalid, NotFound
from foundation.jobs import JobState
from foundation.paging import nearest_page
from manage.finding import colleagues, said
from manage.timetables import access, actions, queries, telling
from manage.timetables.access import Reach, day_sent
from manage.timetables.forms import MOST_PERIODS, BellForm, CellForm, ChangeForm, DaysForm, TermForm
from manage.timetables.holidays import MOST_LETTERS, Holidays, read_holidays
from manage.timetables.importing import actions as importing
from manage.timetables.importing.planning import CHANGING, Fate
from schools.models import Person, SchoolClass
from schools.names import subject_name
from schools.queries import subjects
from schools.signing_in import the_person
from timetable.models import BellSchedule, PeriodKind, Term, TimetableEntry
from timetable.queries import names_of
from timetable.teaching_days import Lesson
from timetable.words import (
    CHANGE_KIND_NAMES,
    DAY_KIND_NAMES,
    PARITY_NAMES,
    PERIOD_KIND_NAMES,
    WEEKDAY_NAMES,
    clock_time,
    period_name,
    short_day,
    term_name,
)

pages = Blueprint("timetables", __name__)

Errors = Mapping[str, str]

FATE_NAMES = {
    Fate.NEW: lazy_gettext("新增"),
    Fate.CHANGED: lazy_gettext("更改"),
    Fate.REMOVED: lazy_gettext("去掉"),
    Fate.SAME: lazy_gettext("不变"),
    Fate.KEPT: lazy_gettext("保留手工"),
    Fate.REFUSED: lazy_gettext("有问题"),
}


@pages.app_context_processor
def _names() -> dict[str, object]:
    return {
        "weekday_names": WEEKDAY_NAMES,
        "parity_names": PARITY_NAMES,
        "period_kinds": PERIOD_KIND_NAMES,
        "day_kinds": DAY_KIND_NAMES,
        "change_kinds": CHANGE_KIND_NAMES,
        "clock_time": clock_time,
        "short_day": short_day,
        "term_name": term_name,
        "period_name": period_name,
    }


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


def _reach() -> Reach:
    return access.reach_of(the_person(), request.values.get("group", type=int))


@pages.get("/manage/timetables")
@allow.signed_in
def list_classes() -> ResponseReturnValue:
    """The classes of a campus with the number of lessons in their week."""
    reach = _reach()
    campus = reach.campus(request.args.get("campus", type=int))
    term = queries.term_for(reach.group.id, reach.standing.day)
    day = reach.standing.day
    return render_template(
        "manage/list_timetables.html",
        reach=reach,
        campus=campus,
        term=term,
        periods=queries.periods_on(campus.id, max(day, term.from_day) if term else day),
        found=queries.class_page(campus, term, day, request.args.get("page", 1, type=int), _settings().page_size),
    )


@pages.get("/manage/timetables/terms")
@allow.signed_in
def list_terms() -> ResponseReturnValue:
    """The terms of a group, and the days of the running one that are not as usual."""
    return _terms_page(_reach())


def _terms_page(reach: Reach, errors: Errors | None = None) -> str:
    terms = queries.terms_of(reach.group.id)
    running = queries.term_for(reach.group.id, reach.standing.day)
    chosen = next((term for term in terms if term.id == request.values.get("term", type=int)), running)
    return render_template(
        "manage/list_terms.html",
        reach=reach,
        terms=terms,
        chosen=chosen,
        spans=queries.days_of(reach, chosen) if chosen else [],
        one_day=timedelta(days=1),
        places=[
            *([("", gettext("全集团"))] if reach.whole else []),
            *((each.id, each.name) for each in reach.campuses),
        ],
        sent=request.form,
        errors=errors or {},
    )


@pages.post("/manage/timetables/terms")
@allow.signed_in
def add_term() -> ResponseReturnValue:
    """A group has one more term."""
    reach = _reach()
    try:
        term = actions.add_term(the_person(), reach, TermForm.read(request.form))
    except Invalid as refusal:
        return _terms_page(reach, refusal.fields), 422
    flash(gettext("已保存%(term)s。", term=term_name(term)))
    return redirect(url_for(".list_terms", group=reach.group.id, term=term.id), 303)


@pages.route("/manage/timetables/terms/<int:term_id>", methods=["GET", "POST"])
@allow.signed_in
def edit_term(term_id: int) -> ResponseReturnValue:
    """The days of a term are changed."""
    reach, term = access.term_of(the_person(), term_id)
    errors: Errors = {}
    if request.method == "POST":
        try:
            actions.change_term(the_person(), reach, term, TermForm.read(request.form))
            flash(gettext("已保存%(term)s。", term=term_name(term)))
            return redirect(url_for(".list_terms", group=reach.group.id, term=term.id), 303)
        except Invalid as refusal:
            db.session.rollback()
            errors = refusal.fields
    page = render_template(
        "manage/edit_term.html",
        reach=reach,
        term=term,
        last_day=(term.to_day or term.from_day) - timedelta(days=1),
        sent=request.form,
        errors=errors,
    )
    return page, 422 if errors else 200


@pages.post("/manage/timetables/terms/<int:term_id>/delete")
@allow.signed_in
def delete_term(term_id: int) -> ResponseReturnValue:
    """A term in which nothing was timetabled is taken away."""
    reach, term = access.term_of(the_person(), term_id)
    actions.delete_term(the_person(), reach, term)
    flash(gettext("学期已删除。"))
    return redirect(url_for(".list_terms", group=reach.group.id), 303)


@pages.post("/manage/timetables/days")
@allow.signed_in
def set_days() -> ResponseReturnValue:
    """Days are holidays, make-up days or exam days."""
    reach = _reach()
    try:
        count = actions.set_days(the_person(), reach, [DaysForm.read(request.form)])
    except Invalid as refusal:
        return _terms_page(reach, refusal.fields), 422
    flash(ngettext("已登记 %(num)d 天。", "已登记 %(num)d 天。", count))
    return _back_to_terms(reach)


@pages.post("/manage/timetables/days/delete")
@allow.signed_in
def delete_days() -> ResponseReturnValue:
    """Days are as usual again."""
    reach = _reach()
    first, last = day_sent(request.form.get("from_day", "")), day_sent(request.form.get("last_day", ""))
    campus_id = request.form.get("campus", type=int)
    actions.delete_days(the_person(), reach, campus_id, first, last + timedelta(days=1))
    flash(gettext("已恢复为平常的日子。"))
    return _back_to_terms(reach)


def _back_to_terms(reach: Reach) -> ResponseReturnValue:
    term_id = request.form.get("term", type=int)
    return redirect(url_for(".list_terms", group=reach.group.id, term=term_id, _anchor="days"), 303)


@pages.route("/manage/timetables/holidays", methods=["GET", "POST"])
@allow.signed_in
def import_holidays() -> ResponseReturnValue:
    """Holidays and make-up days come in from an .ics file: looked at first, then entered."""
    reach = _reach()
    reach.must_hold(None)
    if request.method == "GET":
        return _holidays_page(reach)
    sent = request.files.get("file")
    text = sent.read(MOST_LETTERS * 4).decode("utf-8", "replace") if sent else request.form.get("ics", "")
    try:
        found = read_holidays(text)
    except Invalid as refusal:
        return _holidays_page(reach, error=refusal.message), 422
    if sent:
        return _holidays_page(reach, found, text)
    days = [_followed(each) for each in found.days]
    count = actions.set_days(the_person(), reach, days)
    flash(ngettext("已登记 %(num)d 天。", "已登记 %(num)d 天。", count))
    return redirect(url_for(".list_terms", group=reach.group.id, _anchor="days"), 303)


def _followed(each: DaysForm) -> DaysForm:
    """A make-up day with the weekday that was chosen for it."""
    chosen = request.form.get(f"follows-{each.from_day}", type=int)
    return replace(each, follows=chosen if chosen in WEEKDAY_NAMES else None)


def _holidays_page(reach: Reach, found: Holidays | None = None, text: str = "", error: str = "") -> str:
    return render_template(
        "manage/import_holidays.html", reach=reach, found=found, text=text, error=error, one_day=timedelta(days=1)
    )


@pages.get("/manage/timetables/bells")
@allow.signed_in
def list_bells() -> ResponseReturnValue:
    """The bell schedules of a group and its campuses."""
    reach = _reach()
    return render_template("manage/list_bells.html", reach=reach, bells=queries.bells_of(reach))


@pages.route("/manage/timetables/bells/new", methods=["GET", "POST"])
@allow.signed_in
def new_bell() -> ResponseReturnValue:
    """A bell schedule is made, after the pattern of another one if there is one."""
    reach = _reach()
    campus_id = request.values.get("campus", type=int)
    reach.must_hold(campus_id)
    pattern_id = request.args.get("like", type=int)
    pattern = next((bell for bell in queries.bells_of(reach) if bell.id == pattern_id), None)
    if request.method == "GET":
        return _bell_form(reach, campus_id, pattern=pattern)
    try:
        bell = actions.add_bell(the_person(), reach, campus_id, BellForm.read(request.form, reach.standing.day))
    except Invalid as refusal:
        return _bell_form(reach, campus_id, errors=refusal.fields), 422
    flash(gettext("已保存“%(name)s”。", name=bell.name))
    return redirect(url_for(".list_bells", group=reach.group.id), 303)


@pages.route("/manage/timetables/bells/<int:bell_id>", methods=["GET", "POST"])
@allow.signed_in
def edit_bell(bell_id: int) -> ResponseReturnValue:
    """The periods of a bell schedule and when it counts."""
    reach, bell = access.bell_of(the_person(), bell_id)
    if request.method == "GET":
        return _bell_form(reach, bell.campus_id, bell=bell)
    try:
        actions.change_bell(the_person(), reach, bell, BellForm.read(request.form, bell.from_day))
    except Invalid as refusal:
        return _bell_form(reach, bell.campus_id, bell=bell, errors=refusal.fields), 422
    flash(gettext("已保存“%(name)s”。", name=bell.name))
    return redirect(url_for(".list_bells", group=reach.group.id), 303)


@pages.post("/manage/timetables/bells/<int:bell_id>/delete")
@allow.signed_in
def delete_bell(bell_id: int) -> ResponseReturnValue:
    """A bell schedule is taken away."""
    reach, bell = access.bell_of(the_person(), bell_id)
    actions.delete_bell(the_person(), reach, bell)
    flash(gettext("已删除“%(name)s”。", name=bell.name))
    return redirect(url_for(".list_bells", group=reach.group.id), 303)


def _bell_form(
    reach: Reach,
    campus_id: int | None,
    *,
    bell: BellSchedule | None = None,
    pattern: BellSchedule | None = None,
    errors: Errors | None = None,
) -> str:
    like = bell or pattern
    return render_template(
        "manage/edit_bell.html",
        reach=reach,
        campus=reach.campus(campus_id) if campus_id else None,
        bell=bell,
        like=like,
        last_day=like.to_day - timedelta(days=1) if like and like.to_day else None,
        rows=range(min(MOST_PERIODS, len(like.periods) + 4 if like else 12)),
        kinds=list(PeriodKind),
        sent=request.form if request.method == "POST" else None,
        errors=errors or {},
    )


@pages.get("/manage/timetables/classes/<int:class_id>")
@allow.signed_in
def edit_class(class_id: int) -> ResponseReturnValue:
    """The week of a class, to be changed cell by cell."""
    reach, school_class = access.class_of(the_person(), class_id)
    term = _term(reach)
    day = _day_of(reach, term)
    return render_template(
        "manage/edit_timetable.html",
        reach=reach,
        school_class=school_class,
        week=queries.class_week(school_class, term, day),
    )


def _term(reach: Reach) -> Term:
    term = queries.term_for(reach.group.id, reach.standing.day)
    if term is None:
        raise Conflict(gettext("还没有登记学期，先在“学期与假期”里登记，再排课。"))
    return term


def _day_of(reach: Reach, term: Term) -> date:
    """The day from which a change counts unless another is chosen: today, or the first of a term to come."""
    last = (term.to_day or reach.standing.day) - timedelta(days=1)
    return min(max(reach.standing.day, term.from_day), last)


@pages.route("/manage/timetables/classes/<int:class_id>/<int:weekday>/<int:period>", methods=["GET", "POST"])
@allow.signed_in
def edit_cell(class_id: int, weekday: int, period: int) -> ResponseReturnValue:
    """What a class has at one weekday and period."""
    reach, school_class = access.class_of(the_person(), class_id)
    if not 1 <= weekday <= 7 or not 1 <= period <= 30:
        raise NotFound
    term = _term(reach)
    if request.method == "GET":
        return _cell_form(reach, school_class, term, (weekday, period))
    try:
        form = CellForm.read(request.form)
        made = actions.set_cell(the_person(), reach, school_class, term, (weekday, period), form)
    except Invalid as refusal:
        return _cell_form(reach, school_class, term, (weekday, period), refusal.fields), 422
    flash(gettext("课表已保存。"))
    for sentence in telling.overlaps(made):
        flash(gettext("请留意：%(sentence)s", sentence=sentence), "warning")
    return redirect(url_for(".edit_class", class_id=class_id), 303)


def _cell_form(
    reach: Reach, school_class: SchoolClass, term: Term, place: tuple[int, int], errors: Errors | None = None
) -> str:
    day = _day_of(reach, term)
    week = queries.class_week(school_class, term, day)
    return render_template(
        "manage/edit_cell.html",
        reach=reach,
        school_class=school_class,
        term=term,
        day=day,
        place=place,
        clock=next((clock for clock in week.periods if clock.number == place[1]), None),
        entries=week.cells.get(place, []),
        subjects=[(subject.id, subject_name(subject)) for subject in subjects()],
        rooms=[(room.id, room.name) for room in queries.rooms_of(school_class.campus_id)],
        colleagues=colleagues(school_class.campus_id),
        said=said,
        sent=request.form if request.method == "POST" else None,
        errors=errors or {},
    )


@pages.get("/manage/timetables/changes")
@allow.signed_in
def list_changes() -> ResponseReturnValue:
    """What is changed at a campus, or was."""
    reach = _reach()
    campus = reach.campus(request.args.get("campus", type=int))
    past = "past" in request.args
    page = request.args.get("page", 1, type=int)
    found = queries.changes_of(reach, campus, past=past, page=page, page_size=_settings().page_size)
    return render_template(
        "manage/list_changes.html",
        reach=reach,
        campus=campus,
        past=past,
        found=found,
    )


@pages.route("/manage/timetables/lessons/<int:entry_id>", methods=["GET", "POST"])
@allow.signed_in
def change_lesson(entry_id: int) -> ResponseReturnValue:
    """A lesson of a day is cancelled, moved or taught by another: asked for, shown with whom it concerns, done."""
    reach, entry = access.entry_of(the_person(), entry_id)
    day = day_sent(request.args.get("day", ""))
    timetable, lesson = queries.lesson_on(entry, day)
    if lesson is None:
        return redirect(url_for(".change_lesson", entry_id=entry_id, day=queries.moved_from(entry, day)))
    others = queries.others_to_swap(timetable, lesson, reach.standing.day)
    if request.method == "GET" or "back" in request.form:
        return _change_form(reach, entry, lesson, others)
    try:
        form = ChangeForm.read(request.form)
        other = _other(form, others)
        person = actions.substitute_of(reach, lesson, form)
        said = telling.troubles(lesson, other, person, form)
        concerned = telling.concerned(lesson, other, person)
        if "go" not in request.form:
            return _change_preview(reach, lesson, other, person, form, said, concerned)
        actions.change_lesson(the_person(), reach, lesson, other, form)
    except Invalid as refusal:
        return _change_form(reach, entry, lesson, others, refusal.fields), 422
    flash(gettext("已登记。涉及：%(concerned)s。", concerned=concerned))
    return redirect(url_for(".list_changes", group=reach.group.id, campus=lesson.entry.campus_id), 303)


def _other(form: ChangeForm, others: list[Lesson]) -> Lesson | None:
    if form.swap is None:
        return None
    found = next((each for each in others if (each.entry.id, each.day) == form.swap), None)
    if found is None:
        raise Invalid(swap=gettext("这一节已经变了，请重新选择。"))
    return found


def _change_form(
    reach: Reach, entry: TimetableEntry, lesson: Lesson, others: list[Lesson], errors: Errors | None = None
) -> str:
    names = names_of([lesson, *others])
    return render_template(
        "manage/change_lesson.html",
        reach=reach,
        lesson=lesson,
        others=others,
        names=names,
        when=telling.when,
        periods=[(each.number, each.label) for each in queries.periods_on(lesson.entry.campus_id, lesson.day)],
        rooms=[(room.id, room.name) for room in queries.rooms_of(lesson.entry.campus_id)],
        colleagues=colleagues(lesson.entry.campus_id),
        history=queries.history_of(entry, lesson.day),
        sent=request.form or request.args,
        errors=errors or {},
    )


def _change_preview(
    reach: Reach,
    lesson: Lesson,
    other: Lesson | None,
    person: Person | None,
    form: ChangeForm,
    said: list[str],
    concerned: str,
) -> str:
    return render_template(
        "manage/confirm_change.html",
        reach=reach,
        lesson=lesson,
        other=other,
        names=names_of([lesson, *([other] if other else [])]),
        person=person,
        form=form,
        troubles=said,
        concerned=concerned,
        when=telling.when,
        sent={name: value for name, value in request.form.items() if name not in ("csrf_token", "go")},
    )


@pages.post("/manage/timetables/changes/<int:change_id>/withdraw")
@allow.signed_in
def withdraw_change(change_id: int) -> ResponseReturnValue:
    """A lesson is as in the timetable again."""
    reach, change = access.change_of(the_person(), change_id)
    campus_id = change.entry.school_class.campus_id
    actions.withdraw_change(the_person(), reach, change)
    flash(gettext("已撤回，恢复原课表。"))
    return redirect(url_for(".list_changes", group=reach.group.id, campus=campus_id), 303)


@pages.route("/manage/timetables/import", methods=["GET", "POST"])
@allow.signed_in
def new_import() -> ResponseReturnValue:
    """A workbook of timetables is taken and looked at."""
    reach = _reach()
    campus = reach.campus(request.values.get("campus", type=int))
    errors: Errors = {}
    if request.method == "POST":
        sent = request.files.get("file")
        try:
            if sent is None or not sent.filename:
                raise Invalid(file=gettext("请选择要导入的文件。"))
            day = day_sent(request.form.get("from_day", ""))
            begun = importing.begin_import(
                the_person(), reach, campus.id, day, sent.filename, sent.read(), str(get_locale())
            )
            return redirect(url_for("manage.show_job", code=begun.code), 303)
        except Invalid as refusal:
            errors = refusal.fields
    term = queries.term_for(reach.group.id, reach.standing.day)
    page = render_template(
        "manage/import_timetable.html",
        reach=reach,
        campus=campus,
        places=[(each.id, each.name) for each in reach.campuses],
        day=_day_of(reach, term) if term else reach.standing.day,
        sent=request.form,
        errors=errors,
    )
    return page, 422 if errors else 200


@pages.get("/manage/timetables/import/<code>")
@allow.signed_in
def show_import(code: str) -> ResponseReturnValue:
    """The fate of every cell, before the import and after it."""
    looked = importing.import_of(the_person(), code)
    if looked.state is not JobState.DONE:
        return redirect(url_for("manage.show_job", code=code))
    fate = request.args.get("fate", "")
    outcomes = [each for each in importing.outcomes_of(looked) if fate in ("", each.fate)]
    size = _settings().page_size
    page, pages_in_all = nearest_page(request.args.get("page", 1, type=int), len(outcomes), size)
    counts = looked.outcome["counts"]
    chips = [(gettext("全部"), url_for(".show_import", code=code), not fate, sum(counts.values()))]
    chips += [
        (str(FATE_NAMES[each]), url_for(".show_import", code=code, fate=each), fate == each, counts[each])
        for each in Fate
        if counts.get(each)
    ]
    return render_template(
        "manage/timetable_fates.html",
        looked=looked,
        fate=fate,
        fates=FATE_NAMES,
        chips=chips,
        outcomes=outcomes[(page - 1) * size : page * size],
        page=page,
        pages=pages_in_all,
        changes=sum(counts.get(each, 0) for each in CHANGING),
    )


@pages.post("/manage/timetables/import/<code>/apply")
@allow.signed_in
def apply_import(code: str) -> ResponseReturnValue:
    """What was looked at is imported."""
    begun = importing.apply_import(the_person(), code)
    return redirect(url_for("manage.show_job", code=begun.code), 303)


@pages.post("/manage/timetables/import/<code>/give-up")
@allow.signed_in
def give_up_import(code: str) -> ResponseReturnValue:
    """A file that was looked at is forgotten."""
    importing.give_up_import(the_person(), code)
    flash(gettext("已放弃，文件没有保留，数据没有改动。"))
    return redirect(url_for(".list_classes"), 303)


@pages.get("/manage/timetables/<form>.xlsx")
@allow.signed_in
def export(form: str) -> ResponseReturnValue:
    """The timetables of a campus as a workbook, in the form that schools print (`grid`) or as a list."""
    from manage.timetables import exporting  # only here: openpyxl takes long to load

    write = {"grid": exporting.grid_workbook, "list": exporting.list_workbook}.get(form)
    if write is None:
        raise NotFound
    reach = _reach()
    campus = reach.campus(request.args.get("campus", type=int))
    day = _day_of(reach, _term(reach))
    name = gettext("%(campus)s课表.xlsx", campus=campus.short_name)
    return send_file(BytesIO(write(campus, day)), as_attachment=True, download_name=name)
