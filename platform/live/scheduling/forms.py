"""What the browser may send about schedules, checked and cleaned."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest
from typing import Final, Self

from flask_babel import gettext

from foundation.errors import Invalid
from foundation.sent import ListFilter, Sent, line, number, one_of
from live.models import Answer, RoomRole, SessionKind
from timetable.models import Parity

TITLE_LENGTH: Final = 120
NOTE_LENGTH: Final = 600
LINE_LENGTH: Final = 200
LINK_LENGTH: Final = 300
NAME_LENGTH: Final = 80
MOST_CLASSROOMS: Final = 24
USUAL_MINUTES: Final = 40
LONGEST_MINUTES: Final = 240


class Scope(enum.StrEnum):
    """Which sessions a list shows."""

    TODAY = "today"
    WEEK = "week"
    LATER = "later"
    PAST = "past"
    ANSWER = "answer"
    DRAFTS = "drafts"


class Whose(enum.StrEnum):
    """Whose sessions a list shows, of those that exist for the person."""

    MINE = "mine"  # in which they have a part
    LED = "led"  # which they lead
    SUBJECT = "subject"  # of the subjects of their prep groups and of those that they head


@dataclass(frozen=True)
class SessionFilter(ListFilter):
    """Which sessions a list shows: all that exist for the person, or of those the ones of `whose`."""

    scope: Scope = Scope.WEEK
    whose: Whose | None = None
    kind: SessionKind | None = None
    subject: int | None = None
    campus: int | None = None
    words: str = ""

    @classmethod
    def read(cls, sent: Sent) -> Self:
        """The filter in an address."""
        return cls(
            scope=one_of(Scope, sent.get("scope")) or Scope.WEEK,
            whose=one_of(Whose, sent.get("whose")),
            kind=one_of(SessionKind, sent.get("kind")),
            subject=number(sent.get("subject")),
            campus=number(sent.get("campus")),
            words=line(sent.get("words"), 60),
            page=number(sent.get("page")) or 1,
        )

    @property
    def narrowed(self) -> bool:
        """Whether it leaves out some of the sessions in its scope."""
        return bool(self.whose or self.kind or self.subject or self.campus or self.words)


@dataclass(frozen=True)
class ClassroomForm:
    """One end of a session as it was filled in: a class, or a campus without one; `helper` as one names a colleague."""

    campus_id: int | None = None
    class_id: int | None = None
    room_id: int | None = None
    helper: str = ""

    @property
    def place(self) -> str:
        """How the choice of a class or campus is sent: `k12` or `c3`."""
        if self.class_id is not None:
            return f"k{self.class_id}"
        return f"c{self.campus_id}" if self.campus_id is not None else ""

    @classmethod
    def read(cls, place: str, room: str = "", helper: str = "") -> Self:
        """What was chosen for one end."""
        chosen = number(place[1:])
        return cls(
            campus_id=chosen if place.startswith("c") else None,
            class_id=chosen if place.startswith("k") else None,
            room_id=number(room),
            helper=line(helper, NAME_LENGTH),
        )


@dataclass(frozen=True)
class TimeForm:
    """When a session shall be, by the main campus' clock: in a period of its bell, or at a time of its own."""

    day: date | None
    period: int | None
    starts: int | None = None
    minutes: int = USUAL_MINUTES

    @classmethod
    def read(cls, sent: Sent) -> Self:
        """Sent as `day`, `period`, and for a time of its own `starts` (8:50) and `minutes`."""
        minutes = number(sent.get("minutes")) or USUAL_MINUTES
        return cls(
            day=day_sent(sent.get("day", "")),
            period=number(sent.get("period")),
            starts=_minutes(sent.get("starts", "")),
            minutes=min(minutes, LONGEST_MINUTES),
        )

    def required_day(self) -> date:
        """The day. Raises Invalid where none was given."""
        if self.day is None:
            raise Invalid(day=gettext("请选择日期。"))
        return self.day


@dataclass(frozen=True)
class SessionForm:
    """A session as it was filled in; the first of `classrooms` is the main one.

    `anyway`: the reason for which it is held although something that can be mended stands in its way. `draft`: kept to oneself.
    `repeat`: held every week, or every other one, `until` a day.
    """

    kind: SessionKind
    title: str
    note: str
    subject: int | None
    volume: int | None
    topic: int | None
    plan: str
    lead: str
    classrooms: tuple[ClassroomForm, ...]
    time: TimeForm
    link: str
    anyway: str = ""
    draft: bool = False
    request_key: str | None = None
    repeat: Parity | None = None
    until: date | None = None

    @classmethod
    def read(cls, sent: Sent) -> Self:
        """What was filled in so far; the ends of the session come as `place`, `room` and `helper`, each as often as there are ends."""
        ends = zip_longest(sent.getlist("place"), sent.getlist("room"), sent.getlist("helper"), fillvalue="")
        rooms = [ClassroomForm.read(place, room, helper) for place, room, helper in ends]
        return cls(
            kind=one_of(SessionKind, sent.get("kind")) or SessionKind.SAME_LESSON,
            title=line(sent.get("title"), TITLE_LENGTH),
            note=sent.get("note", "").replace("\r\n", "\n").strip()[:NOTE_LENGTH],
            subject=number(sent.get("subject")),
            volume=number(sent.get("volume")),
            topic=number(sent.get("topic")),
            plan=line(sent.get("plan"), 16),
            lead=line(sent.get("lead"), NAME_LENGTH),
            classrooms=tuple(rooms[:MOST_CLASSROOMS]),
            time=TimeForm.read(sent),
            link=line(sent.get("link"), LINK_LENGTH),
            anyway=line(sent.get("anyway"), LINE_LENGTH),
            draft="draft" in sent,
            request_key=line(sent.get("request_key"), 40) or None,
            repeat=one_of(Parity, sent.get("repeat")),
            until=day_sent(sent.get("until", "")),
        )

    @property
    def chosen(self) -> tuple[ClassroomForm, ...]:
        """The ends for which a class or campus was chosen."""
        return tuple(each for each in self.classrooms if each.place)


@dataclass(frozen=True)
class AnswerForm:
    """What a campus says to the time of a session."""

    answer: Answer
    note: str
    day: date | None
    period: int | None

    @classmethod
    def read(cls, sent: Sent) -> Self:
        """Raises Invalid for no answer, no reason or no other time."""
        answer = one_of(Answer, sent.get("answer"))
        form = cls(
            answer=answer or Answer.WAITING,
            note=line(sent.get("note"), LINE_LENGTH),
            day=day_sent(sent.get("other_day", "")),
            period=number(sent.get("other_period")),
        )
        if answer is None or answer is Answer.WAITING:
            raise Invalid(answer=gettext("请选择确认、建议改期或者不参加。"))
        if answer is Answer.DECLINED and not form.note:
            raise Invalid(note=gettext("请写明不参加的原因。"))
        if answer is Answer.OTHER_TIME and (form.day is None or form.period is None):
            raise Invalid(other_day=gettext("请填写建议的日期和节次。"))
        return form


@dataclass(frozen=True)
class StaffForm:
    """Who shall lead or help, and where classes shall sit, as it was filled in; what was left empty stays as it is.

    `rooms` and `helpers` by the place of the class. `rest`: where somebody is taken on a date, the other dates are changed all the same.
    """

    lead: str
    rooms: Mapping[str, int]
    helpers: Mapping[str, str]
    reason: str
    rest: bool

    @classmethod
    def read(cls, sent: Sent) -> Self:
        """Sent as `lead`, `room-k12`, `helper-k12`. Raises Invalid where nothing was chosen."""
        rooms = {name[5:]: room for name in sent if name.startswith("room-") and (room := number(sent.get(name)))}
        helpers = {
            name[7:]: words
            for name in sent
            if name.startswith("helper-") and (words := line(sent.get(name), NAME_LENGTH))
        }
        form = cls(line(sent.get("lead"), NAME_LENGTH), rooms, helpers, reason_sent(sent), "rest" in sent)
        if not (form.lead or form.rooms or form.helpers):
            raise Invalid(staff=gettext("请填写要换的主讲、助教或者教室。"))
        return form


def reason_sent(sent: Sent, *, required: bool = False) -> str:
    """Why something is done. Raises Invalid where a reason has to be given."""
    reason = line(sent.get("reason"), LINE_LENGTH)
    if required and not reason:
        raise Invalid(reason=gettext("请写明原因，大家会看到。"))
    return reason


def guest_role_sent(sent: Sent) -> RoomRole:
    """As what somebody is invited."""
    return RoomRole.DIRECTOR if sent.get("role") == RoomRole.DIRECTOR else RoomRole.OBSERVER


def day_sent(text: str) -> date | None:
    """A day; None for what is none."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2100 else None


def _minutes(text: str) -> int | None:
    hours, _, minutes = text.partition(":")
    found = number(hours), number(minutes)
    if found[0] is None or found[1] is None or found[0] > 23 or found[1] > 59:
        return None
    return found[0] * 60 + found[1]
