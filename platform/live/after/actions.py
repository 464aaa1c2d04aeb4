"""What is done with the record of a lesson. Each function is one unit of work and commits it; the acting person comes first."""

import hashlib
import io
from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final

from flask_babel import format_date, gettext
from PIL import Image
from pycrdt import Doc
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from foundation.clock import now
from foundation.codes import new_code
from foundation.database import announce, commit, db, writing
from foundation.errors import Conflict, Invalid, NotFound
from lessons.access import may_edit_plan
from lessons.coediting import change_document
from lessons.models import Plan
from lessons.text.content import paragraph
from lessons.text.document import read_text, write_section
from lessons.text.schema import section_name
from library.actions import ResourceChanged
from library.arriving import keep_version
from library.models import Resource, ResourceKind, ResourceVersion
from library.storage import the_store
from library.storage.base import new_key
from live.access import main_classroom
from live.after.access import Reader
from live.after.boards import Board
from live.after.words import MARKS, NOTE_KINDS, REFLECTION
from live.models import LiveClassroom, LiveSession, ObservationNote, Patrol, RollMark
from live.resources import place_of
from schools import audit
from schools.models import Enrolment, Person

NOTE_LENGTH: Final = 4000
MOST_NOTES: Final = 1000
_SECTION: Final = "reflection"


# 听课记录


def take_note(
    by: Person,
    reader: Reader,
    text: str,
    *,
    key: str | None = None,
    step: str = "",
    second: int | None = None,
    classroom: int | None = None,
    kind: str = "note",
) -> ObservationNote:
    """Write a note of the lesson; with the same `key` it is the same note. Raises NotFound, Invalid."""
    if not reader.takes_notes and not reader.leads:
        raise NotFound
    here = {each.id for each in reader.session.classrooms}
    return _note(
        by,
        reader.session,
        text,
        request_key=key,
        step_id=step[:16],
        second=second,
        classroom_id=classroom if classroom in here else None,
        kind=kind if kind in NOTE_KINDS else "note",
    )


def _note(by: Person, session: LiveSession, text: str, *, request_key: str | None, **more: Any) -> ObservationNote:
    text = _tidy(text)
    key = f"{by.id}:{request_key}"[:40] if request_key else None
    made = _with_key(key)
    if made is not None:
        return made
    mine = select(func.count()).where(ObservationNote.session_id == session.id, ObservationNote.person_id == by.id)
    if (db.session.scalar(mine) or 0) >= MOST_NOTES:
        raise Invalid(gettext("这节课的记录太多了，请先删掉一些。"))
    note = ObservationNote(session_id=session.id, person_id=by.id, text=text, request_key=key, **more)
    db.session.add(note)
    try:
        commit()
    except IntegrityError:  # the phone has sent it twice at once
        twin = _with_key(key)
        if twin is None:
            raise
        return twin
    return note


def _with_key(key: str | None) -> ObservationNote | None:
    if key is None:
        return None
    return db.session.scalar(select(ObservationNote).where(ObservationNote.request_key == key))


def _tidy(text: str) -> str:
    text = "\n".join(line.rstrip() for line in text.replace("\r", "").split("\n")).strip()
    if not text:
        raise Invalid(text=gettext("请先写内容。"))
    if len(text) > NOTE_LENGTH:
        raise Invalid(text=gettext("一条记录最多 %(count)d 个字，请分成几条。", count=NOTE_LENGTH))
    return text


def change_note(by: Person, reader: Reader, note_id: int, text: str) -> ObservationNote:
    """Write one's own note otherwise. Raises NotFound, Invalid."""
    note = own_note(by, reader, note_id)
    note.text = _tidy(text)
    commit()
    return note


def remove_note(by: Person, reader: Reader, note_id: int) -> ObservationNote:
    """Take one's own note away; it can be brought back while the recycle bin keeps it."""
    note = own_note(by, reader, note_id)
    note.removed_at = now()
    commit()
    return note


def restore_note(by: Person, reader: Reader, note_id: int) -> ObservationNote:
    """Bring one's own note back."""
    note = own_note(by, reader, note_id, removed=True)
    note.removed_at = None
    commit()
    return note


def share_notes(by: Person, reader: Reader, note_ids: Collection[int] | None, *, shared: bool = True) -> int:
    """Let the lead and the other observers read one's own notes (all of them without `note_ids`), or no more; how many."""
    mine = (
        ObservationNote.session_id == reader.session.id,
        ObservationNote.person_id == by.id,
        ObservationNote.removed_at.is_(None),
        ObservationNote.kind != REFLECTION,
        ObservationNote.shared_at.is_(None) if shared else ObservationNote.shared_at.is_not(None),
    )
    chosen = update(ObservationNote).where(*mine)
    if note_ids is not None:
        chosen = chosen.where(ObservationNote.id.in_(note_ids))
    done = db.session.execute(chosen.values(shared_at=now() if shared else None))
    commit()
    return int(done.rowcount)  # type: ignore[attr-defined]  # an UPDATE counts its rows


def own_note(by: Person, reader: Reader, note_id: int, *, removed: bool = False) -> ObservationNote:
    """A note of theirs in this session. Raises NotFound."""
    note = db.session.get(ObservationNote, note_id)
    if note is None or (note.session_id, note.person_id) != (reader.session.id, by.id):
        raise NotFound
    if (note.removed_at is not None) is not removed:
        raise NotFound
    return note


def purge_notes(before: datetime) -> None:
    """Delete for good the notes that were taken away before that moment."""
    db.session.execute(delete(ObservationNote).where(ObservationNote.removed_at < before))
    commit()


# 反思


def reflect(by: Person, reader: Reader, text: str, key: str | None) -> bool:
    """Keep what the lead thinks of the lesson, and write it into the plan where they may; whether it stands there now."""
    if not reader.leads:
        raise NotFound
    session = reader.session
    text = _tidy(text)
    if key is not None and _with_key(f"{by.id}:{key}"[:40]) is not None:
        return False
    plan = session.plan
    writes = plan is not None and plan.removed_at is None and may_edit_plan(reader.standing, plan)
    if plan is not None and writes:
        _write_into(plan, session, text, by)
    _note(by, session, text, request_key=key, kind=REFLECTION)
    return writes


def _write_into(plan: Plan, session: LiveSession, text: str, by: Person) -> None:
    main = main_classroom(session)
    where = main.school_class.name if main and main.school_class else session.title
    day = format_date(session.day, gettext("y年M月d日"), rebase=False)
    head = gettext("%(day)s %(where)s：", day=day, where=where)

    def append(doc: Doc[Any]) -> None:
        lines = [paragraph(line) for line in (head, *text.split("\n")) if line]
        write_section(doc, _SECTION, [*read_text(doc, section_name(_SECTION)), *lines])

    change_document(plan.id, append, by.id)


# 考勤


def correct_roll(by: Person, reader: Reader, classroom: LiveClassroom, marks: dict[int, str]) -> int:
    """Put right how pupils are marked, leaving a trace of each change; how many were changed. `marks` are as they stand on the page."""
    pupils = set(
        db.session.scalars(
            select(Enrolment.pupil_id).where(
                Enrolment.class_id == classroom.class_id, Enrolment.holding_on(reader.session.day)
            )
        )
    )
    changed = {pupil: mark for pupil, mark in marks.items() if pupil in pupils and mark in MARKS}
    for pupil, mark in changed.items():
        db.session.add(
            RollMark(session_id=reader.session.id, classroom_id=classroom.id, pupil_id=pupil, mark=mark, by_id=by.id)
        )
    if changed:
        audit.record(
            by, "roll_corrected", "session", reader.session,
            name=reader.session.title, campus_id=classroom.campus_id, group_id=reader.session.group_id, count=len(changed),
        )  # fmt: skip
    commit()
    return len(changed)


# 板书


def save_board(by: Person, reader: Reader, board: Board, ground: Image.Image | None, step_title: str) -> Resource:
    """Keep a picture of what was written as a 板书照片 of the lead's own; the same picture is kept once. Raises NotFound."""
    if not reader.leads:
        raise NotFound
    session = reader.session
    data = board.png(ground)
    sha256 = hashlib.sha256(data).hexdigest()
    there = db.session.scalar(
        select(Resource)
        .join(Resource.versions)
        .where(Resource.owner_id == by.id, Resource.removed_at.is_(None), ResourceVersion.sha256 == sha256)
    )
    if there is not None:
        return there
    main = main_classroom(session)
    if main is None:
        raise Conflict(gettext("这节课没有教室，不能保存板书。"))
    title = gettext("%(title)s（板书 %(step)s）", title=session.title, step=step_title)[:200]
    place = asdict(place_of(session, main.campus_id))
    key = new_key(".png")
    db.session.rollback()
    the_store().put(key, io.BytesIO(data), "image/png")
    resource = Resource(code=new_code(12), title=title, kind=ResourceKind.BOARD_PHOTO, owner_id=by.id, **place)
    keep_version(
        resource,
        key=key,
        name=f"{title}.png",
        size=len(data),
        sha256=sha256,
        media_type="image/png",
        person_id=by.id,
    )
    announce(ResourceChanged(resource.id))
    commit()
    return resource


# 巡课

_SAME_VISIT: Final = timedelta(minutes=30)


def begin_patrol(by: Person, session: LiveSession) -> None:
    """Write down that somebody looks into a lesson of a campus that they head; loading the page again is the same visit.

    It is committed by itself: pages that only look call it.
    """
    with writing(), Session(db.engine) as own:
        last = own.scalar(
            select(Patrol)
            .where(Patrol.session_id == session.id, Patrol.person_id == by.id)
            .order_by(Patrol.id.desc())
            .limit(1)
        )
        if last is not None and now() - (last.ended_at or last.began_at) < _SAME_VISIT:
            return
        own.add(Patrol(session_id=session.id, person_id=by.id))
        own.commit()
    main = main_classroom(session)
    campus_id = main.campus_id if main else None
    audit.record_at_once(
        by,
        "session_patrolled",
        "session",
        session,
        name=session.title,
        campus_id=campus_id,
        group_id=session.group_id,
    )


def end_patrols(session_id: int, last_seen: dict[int, datetime]) -> None:
    """Write down until when they looked: `last_seen` by person; of whom nothing is known, until now. The caller commits."""
    for visit in db.session.scalars(select(Patrol).where(Patrol.session_id == session_id, Patrol.ended_at.is_(None))):
        visit.ended_at = max(visit.began_at, last_seen.get(visit.person_id, now()))


def write_patrol(by: Person, reader: Reader, text: str) -> None:
    """Say something of one's own last visit. Raises NotFound when there was none."""
    visit = db.session.scalar(
        select(Patrol)
        .where(Patrol.session_id == reader.session.id, Patrol.person_id == by.id)
        .order_by(Patrol.id.desc())
        .limit(1)
    )
    if visit is None:
        raise NotFound
    visit.note = text.strip()[:600]
    commit()
