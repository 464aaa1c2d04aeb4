"""What is done with rosters: looked at without changing anything, answered, imported, given up, taken out.

The looking and the importing are long jobs; each function here begins one or is one.
"""

from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import Any

from flask import current_app, url_for
from flask_babel import gettext, lazy_gettext

from foundation.clock import now, today
from foundation.config import Settings
from foundation.database import commit, db
from foundation.errors import Invalid, NotFound
from foundation.jobs import Job, JobState, Tell, folder_of, job, new_job
from manage.importing import access, dry_runs, oneroster
from manage.importing.access import APPLY, LOOK, ROSTER
from manage.importing.applying import write
from manage.importing.columns import Found, find_rows
from manage.importing.files import read_file
from manage.importing.plan import Fate, Plan
from manage.importing.refusing import Fault, Unreadable, refusal
from manage.importing.sheets import look_at
from manage.importing.world import read_world
from manage.jobs import KINDS, KindOfJob
from schools.audit import record as write_down
from schools.models import Person


def begin_import(by: Person, group_id: int, name: str, data: bytes, language: str) -> Job:
    """Keep a file and let the worker look at it; nothing is changed. Raises NotFound for a group that is none of theirs."""
    access.reach_of(by, group_id)
    if not data:
        raise refusal(name, Unreadable(Fault.EMPTY))
    begun = new_job(LOOK, by.id, language, group_id=group_id, name=PurePath(name).name[:120])
    (folder_of(begun) / dry_runs.UPLOAD).write_bytes(data)
    commit()
    return begun


def answer_questions(by: Person, code: str, answers: Mapping[str, str]) -> Job:
    """Say who is meant where several have one name; the file is looked at once more. Raises Conflict when it was imported."""
    looked = _not_imported(by, code)
    looked.asked = {**looked.asked, "answers": {**looked.asked.get("answers", {}), **answers}}
    looked.state, looked.attempts, looked.ended_at = JobState.WAITING, 0, None
    commit()
    return looked


def apply_import(by: Person, code: str) -> Job:
    """Let the worker import what was looked at. Raises Conflict when it was imported, Invalid when there is nothing to do."""
    looked = _not_imported(by, code)
    if not _changes(looked.outcome.get("counts", {})):
        raise Invalid(gettext("没有要导入的改动。"))
    begun = new_job(APPLY, by.id, looked.language, code=code, name=looked.asked["name"])
    commit()
    return begun


def give_up_import(by: Person, code: str) -> None:
    """Forget a file that was looked at, or could not be, and was not imported. Raises Conflict, NotFound."""
    dry_runs.forget(_not_imported(by, code))
    commit()


def begin_roster_export(by: Person, group_id: int, language: str) -> Job:
    """Let the worker write the rosters of the campuses that somebody administers as OneRoster 1.2."""
    if not access.reach_of(by, group_id).administered:
        raise NotFound
    begun = new_job(ROSTER, by.id, language, group_id=group_id)
    commit()
    return begun


def _not_imported(by: Person, code: str) -> Job:
    return dry_runs.not_imported(access.import_of(by, code))


def _changes(counts: Mapping[str, int]) -> int:
    return counts.get(Fate.NEW, 0) + counts.get(Fate.CHANGED, 0)


@job(LOOK)
def look(asked_for: Job, tell: Tell) -> dict[str, Any]:
    """The dry run: the fate of every row, kept in the job's folder."""
    asked, folder, person_id = asked_for.asked, folder_of(asked_for), asked_for.person_id
    db.session.rollback()
    tell(0, 0, gettext("正在读取文件……"))
    try:
        found = dry_runs.kept_rows(folder) or _read(folder, asked["name"])
    except Invalid:
        dry_runs.forget_rows(folder)
        raise
    plan = _begun(person_id, asked, found)
    db.session.rollback()
    look_at(plan, found.rows, tell)
    dry_runs.keep_fates(folder, plan)
    return _outcome(plan, found)


@job(APPLY)
def apply(asked_for: Job, tell: Tell) -> dict[str, Any]:
    """Import what was looked at, in one transaction; when the data has changed since, look at it anew instead."""
    looked = db.session.query(Job).filter_by(code=asked_for.asked["code"], person_id=asked_for.person_id).one_or_none()
    if looked is None:
        raise NotFound
    if "applied_at" in looked.outcome:  # the worker was stopped after it had committed
        return {"code": looked.code}
    folder, asked, person_id = folder_of(looked), looked.asked, looked.person_id
    found = dry_runs.kept_rows(folder)
    if found is None:
        raise NotFound
    plan = _begun(person_id, asked, found)
    db.session.rollback()  # others may write while every row is looked at
    look_at(plan, found.rows, tell)
    present = _begun(person_id, asked, found)
    if present.world.digest.digest() != plan.world.digest.digest():
        plan = present
        look_at(plan, found.rows, tell)
    if plan.fingerprint() != looked.outcome["fingerprint"]:
        dry_runs.keep_fates(folder, plan)
        looked.outcome = {**_outcome(plan, found), "anew": True}
        commit()
        return {"code": looked.code}
    tell(1, 1, gettext("正在写入……"))
    write(plan, db.session.get_one(Person, person_id), asked["name"], looked.code)
    looked.outcome = {**looked.outcome, "applied_at": now().isoformat(), "anew": False}
    code = looked.code
    commit()
    dry_runs.forget_rows(folder)
    return {"code": code}


@job(ROSTER)
def export_roster(asked_for: Job, tell: Tell) -> dict[str, Any]:
    """Write the rosters into a .zip in the job's folder."""
    by = db.session.get_one(Person, asked_for.person_id)
    reach = access.reach_of(by, asked_for.asked["group_id"])
    tell(0, 0, gettext("正在整理名单……"))
    package, pupils = oneroster.write_package(reach, today())
    (folder_of(asked_for) / oneroster.PACKAGE).write_bytes(package)
    for campus_id in sorted(reach.administered):
        write_down(by, "roster_exported", "campus", campus_id=campus_id, group_id=reach.group_id, name=reach.group_name)
    commit()
    return {"pupils": pupils, "bytes": len(package)}


def _begun(person_id: int | None, asked: Mapping[str, Any], found: Found) -> Plan:
    person = db.session.get(Person, person_id)
    if person is None:
        raise NotFound
    reach = access.reach_of(person, asked["group_id"])
    return Plan(read_world(reach, today(), {row.kind for row in found.rows}), asked.get("answers", {}))


def _read(folder: Path, name: str) -> Found:
    settings: Settings = current_app.config["SETTINGS"]
    sheets = read_file(name, (folder / dry_runs.UPLOAD).read_bytes(), settings)
    if PurePath(name).suffix.lower() == ".zip":
        try:
            found = oneroster.find_rows(sheets)
        except Unreadable as unreadable:
            raise refusal(name, unreadable) from unreadable
    else:
        found = find_rows(sheets)
    if not found.rows:
        raise Invalid(file=" ".join([refusal(name, Unreadable(Fault.NOTHING)).message, *found.notes])[:600])
    dry_runs.keep_rows(folder, found)
    return found


def _outcome(plan: Plan, found: Found) -> dict[str, Any]:
    return {
        "counts": dry_runs.counted(plan.outcomes),
        "questions": len(plan.questions),
        "notes": found.notes,
        "fingerprint": plan.fingerprint(),
    }


KINDS[LOOK] = KindOfJob(
    lazy_gettext("核对要导入的文件"),
    before=lambda asked_for: url_for("importing.new_import"),
    after=lambda asked_for: url_for("importing.show_import", code=asked_for.code),
    give_up=lambda asked_for: url_for("importing.give_up_import", code=asked_for.code),
)
KINDS[APPLY] = KindOfJob(
    lazy_gettext("导入"),
    before=lambda asked_for: url_for("importing.show_import", code=asked_for.asked["code"]),
    after=lambda asked_for: url_for("importing.show_import", code=asked_for.asked["code"]),
)
KINDS[ROSTER] = KindOfJob(
    lazy_gettext("导出 OneRoster 名单"),
    before=lambda asked_for: url_for("importing.new_import"),
    after=lambda asked_for: url_for("importing.show_roster", code=asked_for.code),
)
