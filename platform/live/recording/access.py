"""Who records a session, and who looks at what was recorded."""

from collections.abc import Iterable

from sqlalchemy import select

from foundation.database import db
from foundation.errors import NotFound
from library.access import may_read_resource
from live.access import main_classroom, role_in, session_to_see
from live.models import LiveSession, Recording, RoomRole, SessionState
from live.room.events import Viewer
from live.room.queries import seen_by
from live.room.rooms import Proof
from schools.access import Standing


def session_to_record(code: str, proofs: Iterable[Proof]) -> LiveSession:
    """The session that a browser records: its lead's, and those of helper and screen in the main classroom. Raises NotFound."""
    for proof in proofs:
        try:
            session, viewer = seen_by(code, (proof,))
        except NotFound:
            continue
        if _records(session, viewer):
            return session
    raise NotFound


def _records(session: LiveSession, viewer: Viewer) -> bool:
    main = main_classroom(session)
    at_main = main is not None and viewer.classroom == main.id
    return viewer.role is RoomRole.LEAD or (at_main and (viewer.role is RoomRole.HELPER or viewer.is_screen))


def session_to_replay(standing: Standing, code: str) -> tuple[LiveSession, RoomRole]:
    """The session that somebody plays again, as what they were in its room: whoever had a part in it. Raises NotFound."""
    session = session_to_see(standing, code)
    role = role_in(session, standing)
    if role is None or session.state not in (SessionState.RUNNING, SessionState.ENDED):
        raise NotFound
    return session, role


def may_decide(standing: Standing, session: LiveSession) -> bool:
    """Whether they say what becomes of the recording: its lead."""
    return role_in(session, standing) is RoomRole.LEAD


def may_watch(standing: Standing, recording: Recording) -> bool:
    """Whether they see the film: whoever may read the resource that it is, which is its lead's alone until they share it."""
    resource = recording.resource
    return resource is not None and resource.removed_at is None and may_read_resource(standing, resource)


def recording_of(session: LiveSession, code: str) -> Recording:
    """The recording of a session with that code. Raises NotFound."""
    found = db.session.scalar(select(Recording).where(Recording.session_id == session.id, Recording.code == code))
    if found is None:
        raise NotFound
    return found


def recording_to_decide(standing: Standing, session_code: str, code: str) -> Recording:
    """The recording of which they say what becomes. Raises NotFound."""
    session = session_to_see(standing, session_code)
    if not may_decide(standing, session):
        raise NotFound
    return recording_of(session, code)
