"""What the replay of a session is made of: the list of events as one person saw them, and the films that show it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from foundation.clock import to_milliseconds
from foundation.database import db
from library.models import Resource, ResourceVersion
from library.previewing.queries import preview_of
from live import access as live_access
from live.models import LiveSession, Recording, RoomRole, SessionEvent
from live.recording import access
from live.recording.seconds import opening_of
from live.room import files, queries, run_sheet
from live.room.events import Viewer, visible
from schools.access import Standing

NOT_PLAYED = frozenset({"roll", "net", "ready", "hand_of", "enter", "leave"})
"""What the replay does not show, and what names pupils."""


def config_of(standing: Standing, session: LiveSession, role: RoomRole, file_address: str) -> dict[str, Any]:
    """Everything that the page plays; moments are in milliseconds, as in the room."""
    classroom = live_access.classroom_of(session, standing)
    viewer = Viewer(role, classroom.id if classroom else None, standing.person_id)
    return {
        "session": {"code": session.code, "title": session.title},
        "classrooms": queries.classrooms_told(session),
        "run_sheet": run_sheet.for_screen(
            session.run_sheet,
            session.code,
            adult=True,
            campuses=queries.campuses_of_notes(session, viewer),
            pages=files.pages_now(session.run_sheet),
        ),
        "opened": to_milliseconds(opening_of(session.id)),
        "events": _events(session.id, viewer),
        "films": [film for film in (_film(standing, each) for each in _recordings(session)) if film],
        "file": file_address,
    }


def _events(session_id: int, viewer: Viewer) -> list[list[Any]]:
    lines = db.session.scalars(
        select(SessionEvent)
        .where(SessionEvent.session_id == session_id, SessionEvent.kind.not_in(NOT_PLAYED))
        .order_by(SessionEvent.seq)
    )
    return [
        [line.seq, to_milliseconds(line.at), line.kind, line.by_person_id, line.classroom_id, line.data]
        for line in lines
        if visible(line.audience, viewer)
    ]


def _recordings(session: LiveSession) -> Sequence[Recording]:
    wanted = select(Recording).where(Recording.session_id == session.id, Recording.resource_id.is_not(None))
    near = joinedload(Recording.resource).joinedload(Resource.owner)
    return db.session.scalars(wanted.options(near).order_by(Recording.id)).all()


def _film(standing: Standing, recording: Recording) -> dict[str, Any] | None:
    if not access.may_watch(standing, recording) or recording.resource is None:
        return None
    version = db.session.scalar(
        select(ResourceVersion)
        .where(ResourceVersion.resource_id == recording.resource_id)
        .order_by(ResourceVersion.number)
        .limit(1)
    )
    url = preview_of(version, 1).media_url if version else ""
    return {"url": url, "takes": recording.takes} if url else None
