"""Who records a session, and who looks at what was recorded."""

from sqlalchemy import select

from foundation.database import db
from foundation.errors import NotFound
from live.access import ScreenVisitor, Visitor, classroom_of, main_classroom, role_in, session_to_enter
from live.models import LiveSession, Recording, RoomRole
from schools.access import Standing


def session_to_record(visitor: Visitor, code: str) -> LiveSession:
    """The session that a visitor records: its lead, and helper and screen of the main classroom. Raises NotFound."""
    session, role = session_to_enter(visitor, code)
    main = main_classroom(session)
    at_main = main is not None and classroom_of(session, visitor) is main
    records = role is RoomRole.LEAD or (at_main and (role is RoomRole.HELPER or isinstance(visitor, ScreenVisitor)))
    if not records:
        raise NotFound
    return session


def may_decide(standing: Standing, session: LiveSession) -> bool:
    """Whether they say what becomes of the recording: its lead."""
    return role_in(session, standing) is RoomRole.LEAD


def recording_of(session: LiveSession, code: str) -> Recording:
    """The recording of a session with that code. Raises NotFound."""
    found = db.session.scalar(select(Recording).where(Recording.session_id == session.id, Recording.code == code))
    if found is None:
        raise NotFound
    return found
