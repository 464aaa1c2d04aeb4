"""What the library keeps of a session."""

from library.arriving import Place
from live.models import LiveSession


def place_of(session: LiveSession, campus_id: int) -> Place:
    """Where something belongs that comes of a session: to a campus, and where the session stands in the textbook."""
    volume = session.topic.unit.volume if session.topic else None
    return Place(
        group_id=session.group_id,
        campus_id=campus_id,
        subject_id=session.subject_id,
        topic_id=session.topic_id,
        stage=volume.edition.stage if volume else None,
        grade=volume.grade if volume else None,
    )
