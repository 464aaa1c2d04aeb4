"""The sessions of the demo group: a week of them, one that has been taught, one that can be begun at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import select

from curriculum.models import LessonTopic
from foundation.clock import SCHOOL_ZONE, now, to_milliseconds
from foundation.database import db
from lessons.models import Plan
from live.models import (
    Answer,
    LiveGuest,
    LiveSession,
    ObservationNote,
    RoomRole,
    SessionChange,
    SessionKind,
    SessionState,
)
from live.room import state as folding
from live.room.events import Draft, Facts, Viewer, drafts
from live.room.queries import facts_of
from live.room.state import State
from live.room.store import Line, insert_lines, line_of
from live.scheduling import actions
from live.scheduling.forms import ClassroomForm, SessionForm, TimeForm
from live.scheduling.shaping import shape_of
from schools.access import standing_of
from schools.models import Campus, Enrolment, Person, Room, SchoolClass
from timetable.queries import calendars

Table = Mapping[str, Any]

MINUTE_MS: Final = 60_000
LAST_BEGINNING: Final = 23 * 60 + 15
"""The latest minute of a day at which the session that can be begun at once begins."""


@dataclass(frozen=True)
class Place:
    """What the sessions are made for: people, classes, campuses and plans by the names that the content files give them."""

    today: date
    people: Mapping[str, Person]
    classes: Mapping[str, SchoolClass]
    campuses: Mapping[str, Campus]
    plans: Mapping[str, Plan]


def make_sessions(tables: Table, place: Place) -> None:
    """Make everything, uncommitted."""
    made = {table["name"]: _make_session(table, place) for table in tables["session"]}
    db.session.flush()
    _Story(made[tables["story"]["session"]], tables["story"], place).tell()


def _make_session(table: Table, place: Place) -> LiveSession:
    lead = place.people[table["lead"]]
    standing = standing_of(lead, place.today)
    session = actions.make(lead, shape_of(lead, standing, _form(table, place)))
    actions.give_codes(session)
    asked = {place.campuses[code].id for code in table.get("asks", ())}
    for classroom in session.classrooms:
        if classroom.campus_id not in asked:
            classroom.answer, classroom.answered_by_id, classroom.answered_at = Answer.CONFIRMED, lead.id, now()
    session.state = SessionState.ASKED if asked else SessionState.SETTLED
    kinds = ("made",) if asked else ("made", "settled")
    db.session.add_all(SessionChange(session_id=session.id, by_id=lead.id, kind=kind) for kind in kinds)
    session.guests = [
        LiveGuest(person_id=place.people[number].id, role=RoomRole.OBSERVER) for number in table.get("observers", ())
    ]
    return session


def _form(table: Table, place: Place) -> SessionForm:
    plan = place.plans.get(table.get("plan", ""))
    topic = db.session.get(LessonTopic, plan.topic_id) if plan and plan.topic_id else None
    return SessionForm(
        kind=SessionKind(table["kind"]),
        title=table.get("title", plan.title if plan else ""),
        note=table.get("note", ""),
        subject=plan.subject_id if plan else None,
        volume=topic.unit.volume_id if topic else None,
        topic=topic.id if topic else None,
        plan=plan.code if plan else "",
        lead="",
        classrooms=tuple(_end(end, place) for end in table["classrooms"]),
        time=_time(table, place),
        link="",
    )


def _end(table: Table, place: Place) -> ClassroomForm:
    helper = place.people[table["helper"]].staff_number or "" if "helper" in table else ""
    if "campus" in table:
        return ClassroomForm(campus_id=place.campuses[table["campus"]].id, helper=helper)
    school_class = place.classes[table["class"]]
    room = select(Room.id).where(Room.campus_id == school_class.campus_id, Room.name == table.get("room"))
    return ClassroomForm(class_id=school_class.id, room_id=db.session.scalar(room), helper=helper)


def _time(table: Table, place: Place) -> TimeForm:
    if "starts_in" in table:
        here = (now() + timedelta(minutes=table["starts_in"])).astimezone(SCHOOL_ZONE)
        return TimeForm(here.date(), None, min(here.hour * 60 + here.minute, LAST_BEGINNING), 40)
    day, has_bell = _school_day(place, table["day"])
    if "starts" in table:
        hours, minutes = table["starts"].split(":")
        return TimeForm(day, None, int(hours) * 60 + int(minutes), table["minutes"])
    if not has_bell:
        return TimeForm(day, None, 7 * 60 + 30 + table["period"] * 50, 40)
    return TimeForm(day, table["period"])


def _school_day(place: Place, count: int) -> tuple[date, bool]:
    """So many days with lessons from today, back or ahead, and whether a bell rings on it; in the holidays, days from Monday to Friday."""
    span = timedelta(days=40)
    campus = next(iter(place.campuses.values()))
    known = calendars([campus.id], place.today - span, place.today + span)[campus.id]
    days = [place.today + timedelta(days=offset) for offset in range(-40, 41)]
    taught = [day for day in days if known.day(day).weekday in range(1, 6)] or [
        day for day in days if day.weekday() < 5
    ]
    chosen = (
        [day for day in taught if day < place.today] if count < 0 else [day for day in taught if day >= place.today]
    )
    day = chosen[count]
    return day, known.day(day).bell is not None


class _Story:
    """What happened in a session, event by event, by the very rules of the room."""

    def __init__(self, session: LiveSession, table: Table, place: Place) -> None:
        self._session, self._table, self._place = session, table, place
        self._facts = _facts(session)
        self._rooms = [classroom.id for classroom in session.classrooms]
        steps = session.run_sheet["steps"]
        self._steps = [step["id"] for step in steps]
        files = [file for step in steps for file in step["files"] if file["kind"] == "slides"]
        self._slides = next(((file["resource"], file["version"]) for file in files), ("", 0))
        self._began = to_milliseconds(session.starts_at)
        self._state: State = folding.beginning(self._rooms, fair=True)
        self._lines: list[Line] = []

    def tell(self) -> None:
        """Write it down."""
        for clock, who, kind, data in self._table["events"]:
            self._happens(self._began + _milliseconds(clock), who, kind, dict(data))
        db.session.flush()
        insert_lines(db.session.connection(), self._lines)
        db.session.refresh(self._session)
        for note in self._table["notes"]:
            self._note(*note)

    def _happens(self, at: int, who: str, kind: str, data: dict[str, Any]) -> None:
        viewer = self._viewer(who)
        for draft in self._drafts(kind, who, viewer, data, at):
            line = line_of(self._session.id, len(self._lines) + 1, at, draft, None)
            self._state = folding.apply(self._state, line.event)
            self._lines.append(line)

    def _viewer(self, who: str) -> Viewer:
        if who == "l":
            lead = self._session.lead
            return Viewer(RoomRole.LEAD, self._rooms[0], lead.id, name=lead.name)
        classroom = self._session.classrooms[int(who[1])]
        if who[0] == "s":
            return Viewer(RoomRole.PUPIL, classroom.id, name="")
        helper = classroom.helper
        return Viewer(RoomRole.HELPER, classroom.id, helper.id if helper else None, name=helper.name if helper else "")

    def _drafts(self, kind: str, who: str, viewer: Viewer, data: dict[str, Any], at: int) -> list[Draft]:
        by, classroom = viewer.person, viewer.classroom
        present = {"screen": f"demo-{who}", "role": str(viewer.role), "name": viewer.name}
        match kind:
            case "enter":
                return [Draft("enter", present, by=by, classroom=classroom)]
            case "leave":
                return [Draft("leave", {**present, "until": at}, by=by, classroom=classroom)]
            case "net":
                why = "worse" if data["mode"] > 1 else "better"
                return [Draft("net", {**data, "why": why}, classroom=classroom)]
            case _:
                return drafts(kind, self._filled_in(kind, viewer, data), viewer, self._state, self._facts, at)

    def _filled_in(self, kind: str, viewer: Viewer, data: dict[str, Any]) -> dict[str, Any]:
        """What the story says in short, as screens send it."""
        slides = self._slides
        match kind:
            case "step":
                return {"step": self._steps[data["step"]]}
            case "page":
                return {"resource": slides[0], "version": slides[1], "number": data["page"]}
            case "stroke":
                on = f"page:{slides[0]}:2"
                return {"step": self._steps[1], "stroke": {"tool": "pen", "width": 6, "on": on, **data}}
            case "air":
                return {"classroom": self._rooms[data["classroom"]]} if data else {}
            case "count":
                return {**data, "classroom": viewer.classroom}
            case "check":
                return {**data, "kind": "choice"}
            case "chat":
                return {**data, "id": "c1", "to": "all"}
            case "roll":
                return {"pupil": self._pupil(viewer.classroom, data["seat"]), "mark": data["mark"]}
            case _:
                return data

    def _pupil(self, classroom_id: int | None, seat: int) -> int | None:
        class_id = next(each.class_id for each in self._session.classrooms if each.id == classroom_id)
        wanted = select(Enrolment.pupil_id).where(Enrolment.class_id == class_id).order_by(Enrolment.seat)
        return db.session.scalar(wanted.offset(seat - 1).limit(1))

    def _note(self, number: str, clock: str, classroom: int, kind: str, text: str, shared: bool) -> None:
        second = _milliseconds(clock) // 1000
        at = self._began + second * 1000
        running = [line.event for line in self._lines if line.event.kind == "step" and line.event.at <= at]
        db.session.add(
            ObservationNote(
                session_id=self._session.id,
                person_id=self._place.people[number].id,
                step_id=running[-1].data["step"] if running else "",
                second=second,
                classroom_id=self._rooms[classroom],
                kind=kind,
                text=text,
                shared_at=self._session.ended_at if shared else None,
            )
        )


def _facts(session: LiveSession) -> Facts:
    found = facts_of(session.id)
    if found is None:
        raise LookupError(session.code)
    return found


def _milliseconds(clock: str) -> int:
    """`-1:30` is a minute and a half before."""
    minutes, seconds = clock.removeprefix("-").split(":")
    return (-1 if clock.startswith("-") else 1) * (int(minutes) * MINUTE_MS + int(seconds) * 1000)
