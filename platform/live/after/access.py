"""Who sees what of a lesson that was held, down to the names of pupils."""

from dataclasses import dataclass
from functools import cached_property

from foundation.database import db
from foundation.errors import NotFound
from live.access import (
    HEADING,
    classroom_of,
    role_in,
    session_to_enter,
    session_to_see,
)
from live.models import LiveClassroom, LiveSession, ObservationNote, RoomRole, SessionState
from live.room.events import Viewer
from schools.access import Standing, overseen_campuses, standing_of
from schools.models import Person

WRITERS: frozenset[RoomRole] = frozenset({RoomRole.OBSERVER, RoomRole.DIRECTOR, RoomRole.PATROL, RoomRole.HELPER})
"""Who takes notes of a lesson besides its lead."""


@dataclass(frozen=True)
class Reader:
    """Somebody who looks at the record of a session."""

    standing: Standing
    session: LiveSession

    @cached_property
    def role(self) -> RoomRole | None:
        """What they are in the room; None for those who only see the session."""
        return role_in(self.session, self.standing)

    @cached_property
    def classroom(self) -> LiveClassroom | None:
        """The classroom in which they teach or help."""
        return classroom_of(self.session, self.standing)

    @property
    def leads(self) -> bool:
        """Whether it is their lesson."""
        return self.role is RoomRole.LEAD

    @property
    def teaches(self) -> bool:
        """Lead and helpers: those who are told how evenly the classrooms were heard."""
        return self.role in (RoomRole.LEAD, RoomRole.HELPER)

    @cached_property
    def headed(self) -> frozenset[int]:
        """The campuses (their ids) of which they look after the teaching."""
        return headed_campuses(self.standing)

    @property
    def sees_patrols(self) -> bool:
        """Heads of a campus that takes part read who has looked in."""
        return any(each.campus_id in self.headed for each in self.session.classrooms)

    @property
    def takes_notes(self) -> bool:
        """Whether they may write notes of the lesson."""
        return self.role in WRITERS

    def knows_pupils_of(self, classroom: LiveClassroom) -> bool:
        """Whether they may see the names of a class: the lead, the helpers of its campus, and its heads."""
        helps_there = (
            self.role is RoomRole.HELPER
            and self.classroom is not None
            and self.classroom.campus_id == classroom.campus_id
        )
        return self.leads or helps_there or classroom.campus_id in self.headed

    def viewer(self) -> Viewer:
        """As the room knows them, for what each event's audience is."""
        number = self.classroom.id if self.classroom else None
        return Viewer(self.role or RoomRole.OBSERVER, number, self.standing.person_id)

    def reads(self, note: ObservationNote) -> bool:
        """Whether they read a note: their own, and of others what was shared with the lead and the other observers."""
        if note.removed_at is not None:
            return False
        mine = note.person_id == self.standing.person_id and not self.standing.looked_through
        return mine or (note.shared_at is not None and (self.leads or self.takes_notes))


def record_of(person: Person, code: str) -> Reader:
    """The record of the session with `code`, as a person sees it. Raises NotFound when there is none for them."""
    standing = standing_of(person)
    session = session_to_see(standing, code)
    if session.state not in (SessionState.RUNNING, SessionState.ENDED):
        raise NotFound
    return Reader(standing, session)


def writing_in(person: Person, code: str) -> Reader:
    """The same for whoever writes notes, before the lesson has begun too."""
    standing = standing_of(person)
    return Reader(standing, session_to_enter(standing, code)[0])


def record_to_lead(person: Person, code: str) -> Reader:
    """The same for the lead only."""
    reader = record_of(person, code)
    if not reader.leads:
        raise NotFound
    return reader


def classroom_to_correct(reader: Reader, classroom_id: int) -> LiveClassroom:
    """The classroom whose attendance they put right. Raises NotFound."""
    found = next((each for each in reader.session.classrooms if each.id == classroom_id), None)
    if found is None or not reader.knows_pupils_of(found):
        raise NotFound
    return found


def headed_campuses(standing: Standing) -> frozenset[int]:
    """The campuses (their ids) whose classes they look after, as heads or offices; none while somebody else sees as them."""
    if standing.looked_through or not any(scope.role in HEADING for scope in standing.scopes):
        return frozenset()
    return frozenset(db.session.scalars(overseen_campuses(standing)))
