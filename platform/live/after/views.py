"""Pages after the bell: the record of a lesson, its forms, notes, and 巡课. Thin: the work is elsewhere."""

import io
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from PIL import Image

from foundation import allow
from foundation.codes import new_code
from foundation.config import Settings
from foundation.errors import Invalid, NotFound
from foundation.sent import number
from lessons.access import may_edit_plan, may_read_plan
from library.storage import the_store
from live import terms
from live.after import access, actions, exporting, queries, words
from live.after.access import Reader, record_of, record_to_lead
from live.after.queries import BoardShown, Record
from live.recording import access as recording_access
from schools.access import standing_of
from schools.signing_in import the_person

pages = Blueprint("live_after", __name__, template_folder="../templates", url_prefix="/live")

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pages.context_processor
def _words() -> dict[str, object]:
    return {
        "session_kinds": terms.KINDS,
        "room_roles": terms.ROOM_ROLES,
        "marks": words.MARKS,
        "note_kinds": words.NOTE_KINDS,
        "recording_states": words.RECORDING_STATES,
        "time_said": words.time_said,
        "second_said": words.second_said,
        "clock_said": words.clock_said,
        "place_said": words.place_said,
    }


def _reader(code: str) -> Reader:
    return record_of(the_person(), code)


@pages.get("/<code>/after")
@allow.signed_in
def show(code: str) -> ResponseReturnValue:
    """The record of a lesson: who was there, what took how long, what was written, said and recorded."""
    return _page(_reader(code))


def _page(reader: Reader, errors: dict[str, str] | None = None) -> str:
    plan = reader.session.plan
    standing = reader.standing
    return render_template(
        "live/after/show.html",
        session=reader.session,
        reader=reader,
        record=Record(reader),
        plan=plan if plan and plan.removed_at is None and may_read_plan(standing, plan) else None,
        writes_into_plan=plan is not None and plan.removed_at is None and may_edit_plan(standing, plan),
        may_decide=recording_access.may_decide(standing, reader.session),
        new_key=new_code(12),
        errors=errors or {},
    )


@pages.get("/<code>/print")
@allow.signed_in
def print_record(code: str) -> ResponseReturnValue:
    """课堂记录表: the record as the school's A4 form."""
    reader = _reader(code)
    return render_template("live/after/print_record.html", session=reader.session, reader=reader, record=Record(reader))


@pages.get("/<code>/attendance.xlsx")
@allow.signed_in
def attendance_sheet(code: str) -> ResponseReturnValue:
    """The attendance as a workbook."""
    reader = _reader(code)
    file = io.BytesIO(exporting.attendance_workbook(Record(reader)))
    name = gettext("%(title)s_考勤_%(day)s.xlsx", title=_plain(reader.session.title), day=reader.session.day)
    return send_file(file, SHEET, as_attachment=True, download_name=name)


def _plain(title: str) -> str:
    return "".join("_" if letter in '\\/:*?"<>|' or not letter.isprintable() else letter for letter in title)


# 听课记录


@pages.post("/<code>/notes")
@allow.signed_in
def take_note(code: str) -> ResponseReturnValue:
    """Write a note: from a phone in the room as JSON, from the page as a form."""
    reader = access.writing_in(the_person(), code)
    if not request.is_json:
        try:
            step = request.form.get("step", "")
            key = request.form.get("key")
            actions.take_note(the_person(), reader, request.form.get("text", ""), key=key, step=step)
        except Invalid as refusal:
            return _page(reader, refusal.fields), 422
        return _back(code, "notes")
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict):
        raise Invalid
    note = actions.take_note(
        the_person(),
        reader,
        str(sent.get("text", "")),
        key=str(sent.get("key", "")) or None,
        step=str(sent.get("step") or ""),
        second=_whole(sent.get("second")),
        classroom=_whole(sent.get("classroom")),
        kind=str(sent.get("kind", "note")),
    )
    return {"id": note.id}


def _whole(value: Any) -> int | None:
    return int(value) if isinstance(value, int | float) and abs(value) < 1_000_000_000 else None


@pages.post("/<code>/notes/share")
@allow.signed_in
def share_notes(code: str) -> ResponseReturnValue:
    """Share all of one's notes or one, or take them back."""
    reader = _reader(code)
    one = number(request.form.get("note"))
    shared = request.form.get("shared") != "0"
    count = actions.share_notes(the_person(), reader, None if one is None else {one}, shared=shared)
    if shared:
        flash(ngettext("%(num)d 条记录已给主讲和其他听课老师看。", "%(num)d 条记录已给主讲和其他听课老师看。", count))
    else:
        flash(ngettext("%(num)d 条记录只有您自己能看了。", "%(num)d 条记录只有您自己能看了。", count))
    return _back(code, "notes")


@pages.post("/<code>/notes/<int:note_id>")
@allow.signed_in
def change_note(code: str, note_id: int) -> ResponseReturnValue:
    """Write a note otherwise."""
    reader = access.writing_in(the_person(), code)
    if request.is_json:
        sent = request.get_json(silent=True)
        actions.change_note(the_person(), reader, note_id, str(sent.get("text", "")) if isinstance(sent, dict) else "")
        return {"id": note_id}
    try:
        actions.change_note(the_person(), reader, note_id, request.form.get("text", ""))
    except Invalid as refusal:
        return _page(reader, refusal.fields), 422
    return _back(code, f"note-{note_id}")


@pages.post("/<code>/notes/<int:note_id>/remove")
@allow.signed_in
def remove_note(code: str, note_id: int) -> ResponseReturnValue:
    """Take a note away."""
    actions.remove_note(the_person(), access.writing_in(the_person(), code), note_id)
    if request.is_json:
        return {"id": note_id}
    settings: Settings = current_app.config["SETTINGS"]
    flash(gettext("记录已删除，%(days)d 天内可以在本页找回。", days=settings.recycle_days))
    return _back(code, "notes")


@pages.post("/<code>/notes/<int:note_id>/restore")
@allow.signed_in
def restore_note(code: str, note_id: int) -> ResponseReturnValue:
    """Bring a note back."""
    actions.restore_note(the_person(), _reader(code), note_id)
    return _back(code, f"note-{note_id}")


@pages.get("/<code>/notes/print")
@allow.signed_in
def print_notes(code: str) -> ResponseReturnValue:
    """听课记录表: one's own notes as the A4 form."""
    reader = _reader(code)
    record = Record(reader)
    mine = [note for note in record.notes if note.person_id == reader.standing.person_id]
    return render_template(
        "live/after/print_notes.html", session=reader.session, record=record, notes=mine, person=the_person()
    )


@pages.post("/<code>/reflection")
@allow.signed_in
def reflect(code: str) -> ResponseReturnValue:
    """What the lead thinks of it now."""
    reader = record_to_lead(the_person(), code)
    try:
        written = actions.reflect(the_person(), reader, request.form.get("text", ""), request.form.get("key"))
    except Invalid as refusal:
        return _page(reader, {"reflection": refusal.fields.get("text", refusal.message)}), 422
    flash(gettext("反思已写进教案的“教学反思”。") if written else gettext("反思已保存在本页，只有您自己能看。"))
    return _back(code, "reflection")


def _back(code: str, anchor: str) -> ResponseReturnValue:
    return redirect(url_for(".show", code=code, _anchor=anchor), 303)


# 考勤


@pages.route("/<code>/roll/<int:classroom_id>", methods=["GET", "POST"])
@allow.signed_in
def correct_roll(code: str, classroom_id: int) -> ResponseReturnValue:
    """Put the attendance of a class right."""
    reader = _reader(code)
    classroom = access.classroom_to_correct(reader, classroom_id)
    row = next(row for row in Record(reader).classrooms if row.classroom is classroom)
    if request.method == "GET":
        return render_template("live/after/correct_roll.html", session=reader.session, row=row)
    sent = {mark.pupil.id: request.form.get(f"mark-{mark.pupil.id}", mark.mark) for mark in row.pupils}
    changed = {mark.pupil.id: sent[mark.pupil.id] for mark in row.pupils if sent[mark.pupil.id] != mark.mark}
    count = actions.correct_roll(the_person(), reader, classroom, changed)
    flash(
        ngettext("更正了 %(num)d 名学生的考勤。", "更正了 %(num)d 名学生的考勤。", count)
        if count
        else gettext("考勤没有变化。")
    )
    return _back(code, "attendance")


# 板书


@pages.post("/<code>/boards/<int:number>/save")
@allow.signed_in
def save_board(code: str, number: int) -> ResponseReturnValue:
    """Keep a picture of what was written in the library."""
    reader = record_to_lead(the_person(), code)
    record = Record(reader)
    shown = next((each for each in record.boards if each.number == number), None)
    if shown is None:
        raise NotFound
    step = record.titles.get(shown.board.step) or gettext("未命名的环节")
    resource = actions.save_board(the_person(), reader, shown.board, _ground(shown), step)
    flash(gettext("板书照片已存进资源库，只有您自己能看。"))
    return redirect(url_for("library.show_resource", code=resource.code), 303)


def _ground(shown: BoardShown) -> Image.Image | None:
    """The page that was written on."""
    if shown.page_url is None:
        return None
    key = queries.picture_of(*shown.page_url)
    if not key:
        return None
    with the_store().open(key) as file:
        picture = Image.open(file)
        picture.load()
    return picture


# 巡课


@pages.get("/patrol")
@allow.signed_in
def patrol() -> ResponseReturnValue:
    """Lessons of one's own campuses to look into, and those that are over."""
    standing = standing_of(the_person())
    campuses = access.headed_campuses(standing)
    if not campuses:
        raise NotFound
    settings: Settings = current_app.config["SETTINGS"]
    page = max(1, request.args.get("page", 1, type=int))
    return render_template("live/after/patrol.html", found=queries.patrolled(campuses, page, settings.page_size))


@pages.post("/<code>/patrol")
@allow.signed_in
def write_patrol(code: str) -> ResponseReturnValue:
    """Say something of one's visit."""
    actions.write_patrol(the_person(), _reader(code), request.form.get("note", ""))
    flash(gettext("巡课意见已保存，参加这节课的校区负责人能看到。"))
    return _back(code, "patrols")
