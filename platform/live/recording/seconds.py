"""The seconds of a session's log: they count from the moment at which its lead opened the room."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from foundation.database import db
from live.models import LiveSession, SessionEvent


def opening_of(session_id: int) -> datetime:
    """When the room was opened; before it was, when the session is to begin."""
    opened = select(func.min(SessionEvent.at)).where(SessionEvent.session_id == session_id, SessionEvent.kind == "open")
    return db.session.scalar(opened) or db.session.get_one(LiveSession, session_id).starts_at


def second_of(session_id: int, moment: datetime) -> float:
    """The second of the log at some moment; at least 0."""
    return max(0.0, (moment - opening_of(session_id)).total_seconds())


def place_in_film(takes: Sequence[Mapping[str, Any]], second: float) -> float:
    """Where in a film of these takes a second of the log is shown; in a gap, where the film goes on after it."""
    for take in takes:
        if second < take["second"] + take["length"]:
            return float(take["at"] + max(0.0, second - take["second"]))
    return float(takes[-1]["at"] + takes[-1]["length"]) if takes else 0.0
