"""What the page after a lesson, its forms and the list of 巡课 show."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from foundation.clock import now
from foundation.database import db
from foundation.paging import nearest_page
from library.models import Resource, ResourcePage, ResourceVersion
from live.access import OPEN_TO_ENTER
from live.after.access import Reader
from live.after.attendance import AdultTimes, Attendance, ClassroomTimes, attendance_of
from live.after.boards import RATIO, Board, boards_of
from live.after.log import lines_of, state_after
from live.after.words import MODES, REFLECTION, Line, log_said, place_said
from live.models import (
    LiveClassroom,
    LiveSession,
    ObservationNote,
    Patrol,
    Recording,
    RollMark,
    SessionEvent,
    SessionState,
)
from live.room.events import visible
from live.room.state import State
from schools.models import Enrolment, Person, Pupil

PRESENT: Final = "present"
ABSENT: Final = "absent"
MISSING: Final = frozenset({"absent", "leave"})


@dataclass(frozen=True)
class PupilMark:
    """A pupil of a class with the mark that counts, and who has put it right, from what and when."""

    pupil: Pupil
    seat: int | None
    mark: str
    corrected_by: str = ""
    corrected_at: datetime | None = None
    before: str = ""


@dataclass(frozen=True)
class ClassroomRow:
    """A classroom in the attendance. `pupils` is empty for those who may not know their names; the counts are for all."""

    classroom: LiveClassroom
    place: str
    times: ClassroomTimes
    count: int
    missing: int
    late: int
    pupils: Sequence[PupilMark]
    may_correct: bool

    @property
    def modes(self) -> list[tuple[str, timedelta]]:
        """How long it was taught in which way."""
        return [(str(MODES[mode]), time) for mode, time in self.times.modes.items() if mode in MODES]


@dataclass(frozen=True)
class AdultRow:
    """Somebody who was in the room: who, as what, when they came first and went last, how long they were there."""

    person: Person
    times: AdultTimes


@dataclass(frozen=True)
class StepRow:
    """A step of the run-sheet with how long it was to take and how long it took; None when it was not held."""

    id: str
    title: str
    planned: int | None
    took: timedelta | None
    second: float | None

    @property
    def over(self) -> bool:
        """Whether it took at least a minute more than planned."""
        return bool(self.planned and self.took and self.took >= timedelta(minutes=self.planned + 1))


@dataclass(frozen=True)
class BoardShown:
    """A picture of what was written, with the page under it."""

    number: int
    board: Board
    height: float
    page_url: tuple[str, int, int] | None


@dataclass(frozen=True)
class Said:
    """A message of the chat."""

    at: datetime
    who: str
    text: str


@dataclass(frozen=True)
class Fairness:
    """How a classroom was heard: how often it was called, and for how long it was on air."""

    place: str
    called: int
    on_air: timedelta


class Record:
    """Everything about a lesson that was held, as one person sees it. Read piece by piece, each piece once."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.session = reader.session

    @cached_property
    def _lines(self) -> Sequence[SessionEvent]:
        return lines_of(self.session.id)

    @cached_property
    def _seen(self) -> list[SessionEvent]:
        viewer = self.reader.viewer()
        return [line for line in self._lines if visible(line.audience, viewer)]

    @cached_property
    def _state(self) -> State:
        return state_after(self.session, self._lines)

    @cached_property
    def attendance(self) -> Attendance:
        """Who was there when."""
        return attendance_of(self._lines, until=now() if self.session.state is SessionState.RUNNING else None)

    @cached_property
    def began(self) -> datetime:
        """When the lesson began; before it did, when it is to."""
        lesson = self.attendance.lesson
        return lesson[0].begin if lesson else self.session.starts_at

    @cached_property
    def ended(self) -> datetime | None:
        """When it ended."""
        lesson = self.attendance.lesson
        return lesson[-1].end if lesson else None

    @cached_property
    def opened(self) -> datetime:
        """When the room was opened: second 0 of the replay."""
        return next((line.at for line in self._lines if line.kind == "open"), self.began)

    def second(self, moment: datetime) -> float:
        """The second of the lesson."""
        return (moment - self.began).total_seconds()

    def film_second(self, second: float) -> int:
        """The second of the replay at some second of the lesson; it begins with the opening of the room."""
        return max(0, round(second + (self.began - self.opened).total_seconds()))

    @cached_property
    def titles(self) -> dict[str, str]:
        """What the steps are called."""
        return {step.id: step.title for step in self.steps}

    @cached_property
    def places(self) -> dict[int, str]:
        """What the classrooms are called."""
        return {each.id: place_said(each) for each in self.session.classrooms}

    @cached_property
    def steps(self) -> list[StepRow]:
        """The run-sheet with its real times."""
        spent = self._state["spent"]
        first: dict[str, datetime] = {}
        for line in self._lines:
            if line.kind == "step":
                first.setdefault(str(line.data["step"]), line.at)
        return [
            StepRow(
                step["id"],
                step["title"],
                step["minutes"],
                timedelta(milliseconds=spent[step["id"]]) if step["id"] in spent else None,
                self.second(first[step["id"]]) if step["id"] in first else None,
            )
            for step in self.session.run_sheet.get("steps", [])
        ]

    @cached_property
    def longest_step(self) -> float:
        """Minutes of the longest step, planned or real: what the bars are measured by."""
        real = [step.took.total_seconds() / 60 for step in self.steps if step.took]
        return max([1.0, *real, *(float(step.planned or 0) for step in self.steps)])

    @cached_property
    def classrooms(self) -> list[ClassroomRow]:
        """The attendance by classroom."""
        pupils = _pupils_of(self.session)
        corrections = _corrections_of(self.session)
        rows = []
        for each in self.session.classrooms:
            marks = self._marks(each, pupils.get(each.class_id or 0, []), corrections)
            knows = self.reader.knows_pupils_of(each)
            rows.append(
                ClassroomRow(
                    each,
                    self.places[each.id],
                    self.attendance.of(each.id),
                    len(marks),
                    sum(mark.mark in MISSING for mark in marks),
                    sum(mark.mark == "late" for mark in marks),
                    marks if knows else (),
                    knows,
                )
            )
        return rows

    def _marks(
        self,
        classroom: LiveClassroom,
        pupils: Sequence[tuple[Pupil, int | None]],
        corrections: Mapping[tuple[int, int], RollMark],
    ) -> list[PupilMark]:
        in_room = self.attendance.roll.get(classroom.id, {})
        marks = []
        for pupil, seat in pupils:
            before = in_room.get(pupil.id, PRESENT)
            made = corrections.get((classroom.id, pupil.id))
            if made is None:
                marks.append(PupilMark(pupil, seat, before))
            else:
                who = made.by.name if made.by else ""
                marks.append(PupilMark(pupil, seat, made.mark, who, made.made_at, before))
        return marks

    @cached_property
    def adults(self) -> list[AdultRow]:
        """The adults who were in the room, the first to come first."""
        times = sorted(self.attendance.adults, key=lambda each: each.present[0].begin) if self.attendance.adults else []
        people = _people([each.person_id for each in times])
        return [AdultRow(people[each.person_id], each) for each in times if each.person_id in people and each.present]

    @cached_property
    def checks(self) -> list[dict[str, Any]]:
        """The quick checks, each with its answers by classroom."""
        state = self._state
        return [*state["checks"], *([state["check"]] if state["check"] else [])]

    @cached_property
    def chat(self) -> list[Said]:
        """What was written to each other, as far as this person may read it."""
        removed = {line.data["id"] for line in self._lines if line.kind == "chat_removed"}
        return [
            Said(line.at, line.data.get("name") or self.places.get(line.classroom_id or 0, ""), line.data["text"])
            for line in self._seen
            if line.kind == "chat" and line.data["id"] not in removed
        ]

    @cached_property
    def log(self) -> list[Line]:
        """What was out of the ordinary."""
        return log_said(self._seen, self.places)

    @cached_property
    def boards(self) -> list[BoardShown]:
        """What was written, in the order of the steps."""
        order = {step.id: number for number, step in enumerate(self.steps)}
        boards = sorted(boards_of(self._state["strokes"]), key=lambda board: order.get(board.step, len(order)))
        ratios = _ratios([board.page for board in boards if board.page], self.session)
        shown = []
        for number, board in enumerate(boards):
            ratio, url = RATIO, None
            page = board.page
            if page is not None and page in ratios:
                ratio, version = ratios[page]
                url = (page[0], version, page[1])
            shown.append(BoardShown(number, board, 1000 / ratio, url))
        return shown

    @cached_property
    def fairness(self) -> list[Fairness]:
        """How evenly the classrooms were heard; for lead and helpers."""
        if not self.reader.teaches:
            return []
        rooms = self._state["classrooms"]
        listening = [each for each in self.session.classrooms if each.rank]
        return [
            Fairness(
                self.places[each.id],
                rooms[str(each.id)]["called"],
                timedelta(milliseconds=rooms[str(each.id)]["air_ms"]),
            )
            for each in listening
        ]

    @cached_property
    def _all_notes(self) -> Sequence[ObservationNote]:
        return _notes_of(self.session)

    @cached_property
    def notes(self) -> list[ObservationNote]:
        """The notes that this person reads, by the second of the lesson; no reflections."""
        return [note for note in self._all_notes if note.kind != REFLECTION and self.reader.reads(note)]

    @cached_property
    def removed_notes(self) -> list[ObservationNote]:
        """Their own notes that can still be brought back."""
        own = self.reader.standing.person_id
        return [note for note in self._all_notes if note.person_id == own and note.removed_at is not None]

    @cached_property
    def own_unshared(self) -> int:
        """How many of their own notes nobody else reads yet."""
        own = self.reader.standing.person_id
        return sum(note.person_id == own and note.shared_at is None for note in self.notes)

    @cached_property
    def reflections(self) -> list[ObservationNote]:
        """What the lead wrote about it afterwards: theirs alone here; in the plan it is read by whoever reads the plan."""
        return [
            note
            for note in self._all_notes
            if note.kind == REFLECTION and note.person_id == self.reader.standing.person_id and self.reader.reads(note)
        ]

    def notes_at(self, step: str) -> list[ObservationNote]:
        """Those of a step; with an empty name those of none that is on the run-sheet."""
        known = {each.id for each in self.steps}
        return [note for note in self.notes if (note.step_id if note.step_id in known else "") == step]

    @cached_property
    def patrols(self) -> Sequence[Patrol]:
        """Who has looked in, for the heads."""
        if not self.reader.sees_patrols:
            return []
        found = select(Patrol).where(Patrol.session_id == self.session.id).options(joinedload(Patrol.person))
        return db.session.scalars(found.order_by(Patrol.id)).all()

    @cached_property
    def recordings(self) -> Sequence[Recording]:
        """What was recorded."""
        return recordings_of(self.session)


def recordings_of(session: LiveSession) -> Sequence[Recording]:
    """The recordings of a session with their films."""
    found = select(Recording).where(Recording.session_id == session.id).options(joinedload(Recording.resource))
    return db.session.scalars(found.order_by(Recording.id)).all()


def _pupils_of(session: LiveSession) -> Mapping[int, list[tuple[Pupil, int | None]]]:
    """Who sat in the classes of the session on its day, by seat."""
    classes = [each.class_id for each in session.classrooms if each.class_id is not None]
    rows = db.session.execute(
        select(Enrolment.class_id, Pupil, Enrolment.seat)
        .join(Pupil, Pupil.id == Enrolment.pupil_id)
        .where(Enrolment.class_id.in_(classes), Enrolment.holding_on(session.day))
        .order_by(Enrolment.class_id, Enrolment.seat, Pupil.name)
    )
    found: defaultdict[int, list[tuple[Pupil, int | None]]] = defaultdict(list)
    for class_id, pupil, seat in rows:
        found[class_id].append((pupil, seat))
    return found


def _corrections_of(session: LiveSession) -> dict[tuple[int, int], RollMark]:
    """The newest correction of each pupil."""
    found = select(RollMark).where(RollMark.session_id == session.id).options(joinedload(RollMark.by))
    return {(mark.classroom_id, mark.pupil_id): mark for mark in db.session.scalars(found.order_by(RollMark.id))}


def _people(ids: Sequence[int]) -> dict[int, Person]:
    return {person.id: person for person in db.session.scalars(select(Person).where(Person.id.in_(ids)))}


def _notes_of(session: LiveSession) -> Sequence[ObservationNote]:
    found = select(ObservationNote).where(ObservationNote.session_id == session.id)
    order = (func.coalesce(ObservationNote.second, 1_000_000), ObservationNote.id)
    return db.session.scalars(found.options(joinedload(ObservationNote.person)).order_by(*order)).all()


def _ratios(pages: Sequence[tuple[str, int]], session: LiveSession) -> dict[tuple[str, int], tuple[float, int]]:
    """The proportions of pages that were written on, and the versions of the files that they are in."""
    versions = {
        file["resource"]: file["version"] for step in session.run_sheet.get("steps", []) for file in step["files"]
    }
    if not pages:
        return {}
    rows = db.session.execute(
        select(Resource.code, ResourceVersion.number, ResourcePage)
        .join(ResourceVersion, ResourceVersion.resource_id == Resource.id)
        .join(ResourcePage, ResourcePage.version_id == ResourceVersion.id)
        .where(
            Resource.code.in_({code for code, _ in pages}),
            ResourcePage.number.in_({number for _, number in pages}),
            ResourcePage.width > 0,
        )
    )
    return {
        (code, page.number): ((page.width or 16) / (page.height or 9), version)
        for code, version, page in rows
        if versions.get(code) == version
    }


def picture_of(resource: str, version: int, page: int) -> str:
    """The key of the picture of a page; empty when there is none."""
    found = db.session.scalar(
        select(ResourcePage.image_key)
        .join(ResourceVersion, ResourceVersion.id == ResourcePage.version_id)
        .join(Resource, Resource.id == ResourceVersion.resource_id)
        .where(Resource.code == resource, ResourceVersion.number == version, ResourcePage.number == page)
    )
    return found or ""


# 巡课


@dataclass(frozen=True)
class PatrolPage:
    """Sessions that a head may look into: those that run now, and a page of those that are over, with who has looked in."""

    running: Sequence[LiveSession]
    past: Sequence[LiveSession]
    visits: Mapping[int, Sequence[Patrol]]
    count: int
    page: int
    pages: int


def patrolled(reader_campuses: frozenset[int], page: int, page_size: int) -> PatrolPage:
    """Those of the campuses that somebody heads."""
    of_campus = select(LiveClassroom.session_id).where(LiveClassroom.campus_id.in_(reader_campuses))
    wanted = (
        select(LiveSession)
        .where(LiveSession.id.in_(of_campus), OPEN_TO_ENTER.sql())
        .options(
            joinedload(LiveSession.lead),
            joinedload(LiveSession.subject),
            selectinload(LiveSession.classrooms).joinedload(LiveClassroom.campus),
            selectinload(LiveSession.classrooms).joinedload(LiveClassroom.school_class),
        )
    )
    soon = now() + timedelta(minutes=10)
    is_now = or_(
        LiveSession.state == SessionState.RUNNING,
        (LiveSession.state == SessionState.SETTLED) & (LiveSession.starts_at <= soon) & (LiveSession.ends_at > now()),
    )
    running = db.session.scalars(wanted.where(is_now).order_by(LiveSession.starts_at)).all()
    over = wanted.where(LiveSession.state == SessionState.ENDED)
    count = db.session.scalar(select(func.count()).select_from(over.with_only_columns(LiveSession.id).subquery())) or 0
    page, pages = nearest_page(page, count, page_size)
    past = db.session.scalars(
        over.order_by(LiveSession.starts_at.desc()).limit(page_size).offset((page - 1) * page_size)
    ).all()
    return PatrolPage(running, past, _visits([each.id for each in (*running, *past)]), count, page, pages)


def _visits(session_ids: Sequence[int]) -> dict[int, list[Patrol]]:
    found: defaultdict[int, list[Patrol]] = defaultdict(list)
    rows = select(Patrol).where(Patrol.session_id.in_(session_ids)).options(joinedload(Patrol.person))
    for visit in db.session.scalars(rows.order_by(Patrol.id)):
        found[visit.session_id].append(visit)
    return found
