"""What follows from the end of a lesson: its classes have had the topic, the visits of heads are over, the lead hears that the record is there.

Done by the worker: the room itself only writes its events, and may have been killed right after the last.
"""

from datetime import datetime
from typing import Any, Final

from flask_babel import gettext
from sqlalchemy import or_, select

from foundation.clock import now
from foundation.database import commit, db
from live.after.actions import end_patrols
from live.after.attendance import Attendance, attendance_of
from live.after.log import lines_of
from live.models import LiveSession, RoomRole, SessionState
from live.terms import WITH_CLASSES
from notices.actions import notify
from notices.kinds import sentence
from timetable.pace import mark_taught

NOTICE: Final = "record_ready"
_READ: Final = ("begin", "end", "reopen", "enter", "leave")


@sentence(NOTICE)
def _record_ready(facts: Any) -> str:
    return gettext("“%(title)s”的课后页面好了：考勤、环节用时和记录都在里面。", title=facts["title"])


def conclude_ended() -> int:
    """Do what follows from the end of each lesson that has ended since; how many there were."""
    ended = db.session.scalars(
        select(LiveSession).where(
            LiveSession.state == SessionState.ENDED,
            or_(LiveSession.concluded_at.is_(None), LiveSession.concluded_at < LiveSession.ended_at),
        )
    ).all()
    for session in ended:
        _conclude(session)
    commit()
    return len(ended)


def _conclude(session: LiveSession) -> None:
    first = session.concluded_at is None
    attendance = attendance_of(lines_of(session.id, _READ))
    _note_taught(session, attendance)
    end_patrols(session.id, _last_seen(attendance))
    session.concluded_at = now()
    if first:
        url = (
            f"/live/{session.code}/after"  # the worker serves no requests, so that `url_for` has no address to build on
        )
        notify([session.lead_id], NOTICE, {"title": session.title}, url, about=f"live:{session.code}")


def _note_taught(session: LiveSession, attendance: Attendance) -> None:
    """Only the classes that were there have had the topic."""
    if session.topic_id is None or session.kind not in WITH_CLASSES:
        return
    there = [each.class_id for each in session.classrooms if each.class_id and attendance.of(each.id).time]
    mark_taught(there, session.topic_id, session.day, by=session.lead, session_code=session.code)


def _last_seen(attendance: Attendance) -> dict[int, datetime]:
    """When each head was last in the room."""
    return {
        adult.person_id: adult.present[-1].end
        for adult in attendance.adults
        if adult.role is RoomRole.PATROL and adult.present
    }
