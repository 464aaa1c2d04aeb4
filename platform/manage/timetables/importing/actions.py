"""What is done with timetable files: looked at without changing anything, imported, given up. Each begins a long job or is one."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path, PurePath
from typing import Any, Final

from flask import current_app, url_for
from flask_babel import gettext, lazy_gettext

from foundation.clock import now
from foundation.config import Settings
from foundation.database import commit, db
from foundation.errors import Conflict, Invalid, NotFound
from foundation.jobs import Job, JobState, Tell, folder_of, job, new_job
from manage import access as manage_access
from manage.importing import dry_runs
from manage.importing.files import read_file
from manage.importing.refusing import Fault, Unreadable, refusal
from manage.jobs import KINDS, KindOfJob
from manage.timetables.access import Reach, reach_of
from manage.timetables.actions import end_entry
from manage.timetables.importing.planning import CHANGING, Outcome, Plan, World, plan_import
from manage.timetables.importing.reading import Lesson, Written, find_weeks
from manage.timetables.queries import term_for
from schools.audit import record as write_down
from schools.models import Campus, Person
from timetable.models import Term, TimetableEntry

LOOK: Final = "timetable_look"
APPLY: Final = "timetable_apply"
_WRITTEN: Final = "written.json"
_FATES: Final = "fates.json"


def begin_import(
    by: Person, reach: Reach, campus_id: int, from_day: date, name: str, data: bytes, language: str
) -> Job:
    """Keep a file and let the worker look at it; nothing is changed. Raises Invalid, NotFound."""
    reach.must_hold(campus_id)
    if not data:
        raise refusal(name, Unreadable(Fault.EMPTY))
    _term(reach, from_day)
    begun = new_job(
        LOOK,
        by.id,
        language,
        group_id=reach.group.id,
        campus_id=campus_id,
        from_day=from_day.isoformat(),
        name=PurePath(name).name[:120],
    )
    (folder_of(begun) / dry_runs.UPLOAD).write_bytes(data)
    commit()
    return begun


def apply_import(by: Person, code: str) -> Job:
    """Let the worker import what was looked at. Raises Conflict when it was imported, Invalid when there is nothing to do."""
    looked = _not_imported(by, code)
    if looked.state is not JobState.DONE:
        raise Conflict(gettext("这份文件没有通过核对，不能导入。请改好后重新上传。"))
    if not any(looked.outcome["counts"].get(fate) for fate in CHANGING):
        raise Invalid(gettext("没有要导入的改动。"))
    begun = new_job(APPLY, by.id, looked.language, code=code, name=looked.asked["name"])
    commit()
    return begun


def give_up_import(by: Person, code: str) -> None:
    """Forget a file that was looked at, or could not be, and was not imported. Raises Conflict, NotFound."""
    dry_runs.forget(_not_imported(by, code))
    commit()


def import_of(by: Person, code: str) -> Job:
    """The dry run of that code which somebody asked for; raises NotFound."""
    looked = manage_access.job_of(by, code)
    if looked.kind != LOOK:
        raise NotFound
    return looked


def outcomes_of(looked: Job) -> list[Outcome]:
    """The fate of every cell."""
    told = json.loads((folder_of(looked) / _FATES).read_text(encoding="utf-8"))
    return [Outcome(**each) for each in told]


def _not_imported(by: Person, code: str) -> Job:
    return dry_runs.not_imported(import_of(by, code))


def _term(reach: Reach, day: date) -> Term:
    """The term that the timetable is for. Raises Invalid."""
    term = term_for(reach.group.id, day)
    if term is None or term.to_day is None or not term.from_day <= day < term.to_day:
        raise Invalid(from_day=gettext("这一天不在任何学期里，请先登记学期，或者换一天。"))
    return term


@job(LOOK)
def look(asked_for: Job, tell: Tell) -> dict[str, Any]:
    """The dry run: the fate of every cell, kept in the job's folder."""
    asked, folder, person_id = asked_for.asked, folder_of(asked_for), asked_for.person_id
    db.session.rollback()
    tell(0, 0, gettext("正在读取文件……"))
    settings: Settings = current_app.config["SETTINGS"]
    found = find_weeks(read_file(asked["name"], (folder / dry_runs.UPLOAD).read_bytes(), settings))
    if not found.written:
        nothing = gettext("“%(name)s”里没有课：只有表头，或者每一格都是空的。", name=asked["name"])
        raise Invalid(file=" ".join([nothing, *found.notes])[:600])
    (folder / _WRITTEN).write_text(json.dumps([asdict(each) for each in found.written]), encoding="utf-8")
    tell(1, 2, gettext("正在核对每一格……"))
    plan, _ = _planned(person_id, asked, found.written)
    db.session.rollback()
    return _keep(folder, plan, found.notes)


@job(APPLY)
def apply(asked_for: Job, tell: Tell) -> dict[str, Any]:
    """Import what was looked at, in one transaction; when the data has changed since, look at it anew instead."""
    looked = db.session.query(Job).filter_by(code=asked_for.asked["code"], person_id=asked_for.person_id).one_or_none()
    if looked is None:
        raise NotFound
    if "applied_at" in looked.outcome:  # the worker was stopped after it had committed
        return {"code": looked.code}
    folder = folder_of(looked)
    told = json.loads((folder / _WRITTEN).read_text(encoding="utf-8"))
    written = [Written(**{**each, "lessons": tuple(Lesson(**one) for one in each["lessons"])}) for each in told]
    tell(0, 1, gettext("正在写入……"))
    plan, term = _planned(looked.person_id, looked.asked, written)
    if plan.fingerprint() != looked.outcome["fingerprint"]:
        looked.outcome = {**_keep(folder, plan, looked.outcome["notes"]), "anew": True}
        commit()
        return {"code": looked.code}
    _write(plan, term, date.fromisoformat(looked.asked["from_day"]))
    person, campus = db.session.get(Person, looked.person_id), db.session.get_one(Campus, looked.asked["campus_id"])
    write_down(
        person,
        "timetable_imported",
        "campus",
        campus,
        campus_id=campus.id,
        count=len(plan.cells),
        from_day=looked.asked["from_day"],
    )
    looked.outcome = {**looked.outcome, "applied_at": now().isoformat(), "anew": False}
    commit()
    return {"code": asked_for.asked["code"]}


def _planned(person_id: int | None, asked: dict[str, Any], written: Sequence[Written]) -> tuple[Plan, Term]:
    """The plan as the data stands now, for whoever may still arrange the campus."""
    person = db.session.get(Person, person_id)
    if person is None:
        raise NotFound
    reach = reach_of(person, asked["group_id"])
    day = date.fromisoformat(asked["from_day"])
    term = _term(reach, day)
    return plan_import(World(reach.campus(asked["campus_id"]), term, day), written), term


def _write(plan: Plan, term: Term, from_day: date) -> None:
    for cell in plan.cells:
        for entry in cell.before:
            end_entry(entry, from_day)
        for parity, subject_id, person_id, room_id in cell.lessons:
            db.session.add(
                TimetableEntry(
                    class_id=cell.class_id,
                    weekday=cell.weekday,
                    period=cell.period,
                    parity=parity,
                    subject_id=subject_id,
                    person_id=person_id,
                    room_id=room_id,
                    from_day=from_day,
                    to_day=term.to_day,
                )
            )


def _keep(folder: Path, plan: Plan, notes: list[str]) -> dict[str, Any]:
    (folder / _FATES).write_text(json.dumps([asdict(each) for each in plan.outcomes]), encoding="utf-8")
    return {"counts": plan.counts(), "notes": notes, "fingerprint": plan.fingerprint()}


KINDS[LOOK] = KindOfJob(
    lazy_gettext("核对课表文件"),
    before=lambda asked_for: url_for("timetables.new_import", campus=asked_for.asked["campus_id"]),
    after=lambda asked_for: url_for("timetables.show_import", code=asked_for.code),
    give_up=lambda asked_for: url_for("timetables.give_up_import", code=asked_for.code),
)
KINDS[APPLY] = KindOfJob(
    lazy_gettext("导入课表"),
    before=lambda asked_for: url_for("timetables.show_import", code=asked_for.asked["code"]),
    after=lambda asked_for: url_for("timetables.show_import", code=asked_for.asked["code"]),
)
