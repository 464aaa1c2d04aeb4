"""What is done with recordings. Each function is one unit of work and commits it; the acting person comes first.

The store is never asked while a transaction is open: it may be slow, and SQLite has one writer at a time.
"""

import io
from datetime import date, datetime, timedelta
from typing import Final

from flask_babel import gettext
from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from foundation.clock import now, today
from foundation.codes import new_code
from foundation.database import announce, commit, db
from foundation.errors import Conflict, Invalid
from foundation.jobs import Job, new_job
from lessons.files import take_out_of_plans
from library import orphans
from library.actions import ResourceChanged, take_back
from library.hindrances import hindrance
from library.models import Resource
from library.storage import the_store
from library.storage.base import new_key
from live.access import main_classroom
from live.models import LiveSession, Recording, RecordingPart, RecordingState, SessionEvent, SessionState
from live.recording.joining import JOB, PARTS_OF_A_TAKE
from live.recording.seconds import second_of
from schools.models import Person

PART_BYTES: Final = 16 * 2**20
"""Parts are of 5 seconds; a larger one is none of ours."""
MOST_PARTS: Final = 10_000
GIVEN_UP_AFTER: Final = timedelta(minutes=15)
"""So long after the lesson nobody sends what is missing any more."""

orphans.KEY_COLUMNS.append(RecordingPart.key)


def begin_recording(by: Person | None, session: LiveSession, media_type: str, *, consent: bool) -> Recording:
    """Be ready for the parts of a recording, or go on with the one that is under way."""
    recording = db.session.scalar(
        select(Recording).where(Recording.session_id == session.id, Recording.state == RecordingState.RECORDING)
    )
    if recording is None:
        main = main_classroom(session)
        recording = Recording(
            code=new_code(12),
            session_id=session.id,
            classroom_id=main.id if main else None,
            by_id=by.id if by else None,
            media_type=media_type[:80],
        )
        db.session.add(recording)
    recording.consent = recording.consent or consent
    commit()
    return recording


def take_part(recording: Recording, began: datetime, index: int, at: datetime, data: bytes) -> RecordingPart:
    """Keep a part: number `index` of the take that began at that moment, showing what was from `at` on. The same part twice is kept once.

    Raises Conflict when the recording has ended, Invalid for what cannot be a part.
    """
    if not data or len(data) > PART_BYTES or not 0 <= index < PARTS_OF_A_TAKE:
        raise Invalid(gettext("这一段录像是空的，或者太大。"))
    take = int(second_of(recording.session_id, began))
    number = take * PARTS_OF_A_TAKE + index
    kept = _part(recording.id, number)
    if kept is not None:
        return kept
    _refuse_when_ended(recording)
    second, recording_id, key = second_of(recording.session_id, at), recording.id, new_key(".webm")
    db.session.rollback()
    the_store().put(key, io.BytesIO(data))
    part = RecordingPart(recording_id=recording_id, number=number, take=take, second=second, key=key, size=len(data))
    db.session.add(part)
    try:
        commit()
    except IntegrityError:  # the same part came in twice at once; its file is found as belonging to nobody
        twin = _part(recording_id, number)
        if twin is None:
            raise
        return twin
    return part


def _part(recording_id: int, number: int) -> RecordingPart | None:
    return db.session.scalar(
        select(RecordingPart).where(RecordingPart.recording_id == recording_id, RecordingPart.number == number)
    )


def _refuse_when_ended(recording: Recording) -> None:
    if recording.state is not RecordingState.RECORDING:
        raise Conflict(gettext("这次录像已经结束，不再接收新的部分。"))
    count = select(func.count()).where(RecordingPart.recording_id == recording.id)
    if (db.session.scalar(count) or 0) >= MOST_PARTS:
        raise Invalid(gettext("录像太长，后面的不再保存。"))


def end_recording(by: Person | None, recording: Recording) -> None:
    """Everything has been sent: have the worker make a film of it.

    Nothing happens when it has ended already, and while another screen has gone on with it: that one ends it.
    """
    if recording.state is RecordingState.RECORDING and not _is_recorded(recording.session_id):
        _have_joined(by, recording)
        commit()


def _is_recorded(session_id: int) -> bool:
    """Whether a screen records now, by what the room has heard last."""
    last = db.session.scalar(
        select(SessionEvent.data)
        .where(SessionEvent.session_id == session_id, SessionEvent.kind == "recording")
        .order_by(SessionEvent.seq.desc())
        .limit(1)
    )
    return last is not None and last["state"] == "on"


def try_again(by: Person, recording: Recording) -> None:
    """Have a recording joined once more that could not be. Raises Conflict when there is nothing to try."""
    if recording.state is not RecordingState.FAILED or not recording.parts:
        raise Conflict(gettext("没有可以再次合成的录像。"))
    _have_joined(by, recording)
    commit()


def _have_joined(by: Person | None, recording: Recording) -> Job:
    recording.state, recording.reason = RecordingState.JOINING, ""
    return new_job(JOB, by.id if by else None, "", recording=recording.code)


def set_consent(by: Person, recording: Recording, *, given: bool) -> None:
    """Write down whether everybody who is to be seen, or their guardians, have agreed. Without it the film is shown to nobody else."""
    recording.consent = given
    resource = recording.resource
    if resource is not None and not given:
        take_back(by, resource)
        take_out_of_plans(resource)
    commit()


@hindrance
def waits_for_consent(resource: Resource) -> str:
    """Why a film of a lesson may not be shared: not everybody who is seen in it has agreed."""
    waiting = select(Recording.id).where(Recording.resource_id == resource.id, Recording.consent.is_(False))
    if db.session.scalar(waiting.limit(1)) is None:
        return ""
    return gettext("这段课堂实录的出镜同意还没有确认，不能给别人看。请先在课后页面确认师生和监护人都已同意，再分享。")


def end_abandoned() -> None:
    """Join what was recorded by somebody who did not come back to end it: the browser was closed, the machine switched off."""
    over = now() - GIVEN_UP_AFTER
    left = db.session.scalars(
        select(Recording)
        .join(Recording.session)
        .where(
            Recording.state == RecordingState.RECORDING,
            Recording.changed_at < over,
            LiveSession.state.in_((SessionState.ENDED, SessionState.CANCELLED)),
            LiveSession.ended_at.is_(None) | (LiveSession.ended_at < over),
        )
    )
    for recording in left:
        _have_joined(None, recording)
    commit()


def forget_kept(day: date | None = None) -> None:
    """Recordings whose time is over go into the recycle bin of their owner; what was left of their parts goes at once."""
    over = db.session.scalars(select(Recording).where(Recording.kept_until < (day or today()))).all()
    keys: list[str] = []
    for recording in over:
        keys += [part.key for part in recording.parts]
        resource = db.session.get(Resource, recording.resource_id) if recording.resource_id else None
        if resource is not None and resource.removed_at is None:
            resource.removed_at = now()
            announce(ResourceChanged(resource.id))
        recording.kept_until = None
        db.session.execute(delete(RecordingPart).where(RecordingPart.recording_id == recording.id))
    commit()
    for key in keys:
        the_store().remove(key)
