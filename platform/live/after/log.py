"""The list of what happened in a session's room, read after it."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import select

from foundation.clock import to_milliseconds
from foundation.database import db
from lessons.held import tells_times
from lessons.models import Plan
from live.models import LiveSession, SessionEvent, SessionState
from live.room.state import Event, State, beginning, fold_all

STEP_KINDS: Final = ("open", "begin", "step", "end", "reopen")


def lines_of(session_id: int, kinds: Sequence[str] = ()) -> Sequence[SessionEvent]:
    """What happened, in order; only of these `kinds`, if any are given."""
    found = select(SessionEvent).where(SessionEvent.session_id == session_id).order_by(SessionEvent.seq)
    return db.session.scalars(found.where(SessionEvent.kind.in_(kinds)) if kinds else found).all()


def as_event(line: SessionEvent) -> Event:
    """A line as screens are given it."""
    return Event(line.seq, to_milliseconds(line.at), line.kind, line.by_person_id, line.classroom_id, line.data)


def state_after(session: LiveSession, lines: Sequence[SessionEvent]) -> State:
    """What it all amounted to, with what only the lead is told."""
    classrooms = [each.id for each in session.classrooms]
    return fold_all(beginning(classrooms, fair=True), (as_event(line) for line in lines))


def step_times(session: LiveSession) -> Mapping[str, timedelta]:
    """How long each step of the lesson really took."""
    lines = lines_of(session.id, STEP_KINDS)
    spent = state_after(session, lines)["spent"]
    return {step: timedelta(milliseconds=took) for step, took in spent.items()}


@tells_times
def times_of_plan(plan: Plan) -> Mapping[str, timedelta]:
    """How long the steps of a plan took when it was last taught; nothing while it never was."""
    last = db.session.scalar(
        select(LiveSession)
        .where(LiveSession.plan_id == plan.id, LiveSession.state == SessionState.ENDED)
        .order_by(LiveSession.starts_at.desc())
        .limit(1)
    )
    return step_times(last) if last else {}
