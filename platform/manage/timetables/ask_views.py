"""Pages: a teacher asks a colleague for a lesson, who answers; what was asked, and what came of it."""

from collections.abc import Sequence

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from foundation import allow
from foundation.config import Settings
from foundation.database import db
from foundation.errors import Invalid
from foundation.sent import line
from manage.finding import colleagues
from manage.timetables import asking, telling
from manage.timetables.access import day_sent
from schools.access import standing_of
from schools.signing_in import the_person
from timetable.models import AskState, LessonAsk
from timetable.queries import names_of

pages = Blueprint("lesson_asks", __name__)

STATES = {
    AskState.ASKED: lazy_gettext("待答复"),
    AskState.AGREED: lazy_gettext("已同意"),
    AskState.REFUSED: lazy_gettext("不方便"),
    AskState.TAKEN_BACK: lazy_gettext("已撤回"),
}
STATE_TAGS = {AskState.ASKED: "tag-amber", AskState.AGREED: "tag-teal", AskState.REFUSED: "tag-red"}


@pages.context_processor
def _words() -> dict[str, object]:
    return {
        "ask_states": STATES,
        "ask_tags": STATE_TAGS,
        "ask_words": asking.words_of,
        "ask_is_over": asking.is_over,
    }


@pages.get("/timetable/asks")
@allow.signed_in
def list_asks() -> ResponseReturnValue:
    """What I asked, was asked, and what was asked at the campuses that I arrange."""
    settings: Settings = current_app.config["SETTINGS"]
    standing = standing_of(the_person())
    found = asking.asks_of(standing, request.args.get("page", 1, type=int), settings.page_size)
    return render_template("manage/list_asks.html", found=found, standing=standing, may_answer=asking.may_answer)


@pages.route("/timetable/lessons/<int:entry_id>/ask", methods=["GET", "POST"])
@allow.signed_in
def ask(entry_id: int) -> ResponseReturnValue:
    """A colleague is asked to teach a lesson of mine, or to change places with me."""
    asked = asking.lesson_to_ask_for(the_person(), entry_id, day_sent(request.args.get("day", "")))
    if request.method == "GET":
        return _ask_page(asked)
    try:
        made = asking.ask(the_person(), asked, asking.AskForm.read(request.form))
    except asking.InTheWay as refusal:
        db.session.rollback()
        return _ask_page(asked, troubles=refusal.found), 422
    except Invalid as refusal:
        db.session.rollback()
        return _ask_page(asked, refusal.fields), 422
    flash(gettext("已经请%(name)s答复；对方同意以后课表才会变。", name=made.person.name))
    return redirect(url_for(".list_asks"), 303)


def _ask_page(asked: asking.Asked, errors: dict[str, str] | None = None, troubles: Sequence[str] = ()) -> str:
    return render_template(
        "manage/ask_for_lesson.html",
        asked=asked,
        names=names_of([asked.lesson, *asked.others]),
        when=telling.when,
        colleagues=colleagues(asked.lesson.entry.campus_id),
        sent=request.form or request.args,
        errors=errors or {},
        troubles=troubles,
    )


@pages.get("/timetable/asks/<code>")
@allow.signed_in
def show_ask(code: str) -> ResponseReturnValue:
    """What was asked, what stands in its way, and what came of it."""
    return _show(asking.ask_to_see(the_person(), code))


def _show(asked: LessonAsk, errors: dict[str, str] | None = None) -> str:
    standing = standing_of(the_person())
    open_now = asked.state is AskState.ASKED and not asking.is_over(asked)
    return render_template(
        "manage/show_ask.html",
        asked=asked,
        may_answer=open_now and asking.may_answer(standing, asked),
        may_take_back=open_now and asked.by_id == standing.person_id and not standing.looked_through,
        for_other=standing.person_id != asked.person_id,
        troubles=asking.troubles_of(asked) if open_now else [],
        sent=request.form,
        errors=errors or {},
    )


@pages.post("/timetable/asks/<code>")
@allow.signed_in
def answer(code: str) -> ResponseReturnValue:
    """Yes, no, or taken back."""
    person = the_person()
    asked = asking.ask_to_see(person, code)
    if "take_back" in request.form:
        asking.take_back(person, asked)
        flash(gettext("已撤回，对方会收到通知。"))
        return redirect(url_for(".list_asks"), 303)
    agrees = "agree" in request.form
    note = line(request.form.get("note"), asking.REASON_LENGTH)
    try:
        asking.answer(person, asked, agrees=agrees, note=note, anyway="anyway" in request.form)
    except Invalid as refusal:
        db.session.rollback()
        return _show(asking.ask_to_see(person, code), {"page": refusal.message, **refusal.fields}), 422
    flash(gettext("已同意，课表已经更新，相关的人都通知了。") if agrees else gettext("已回复不方便，对方会收到通知。"))
    return redirect(url_for(".list_asks"), 303)
