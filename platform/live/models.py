"""Lessons that several classrooms hold together: when, who with, what happened in them, what is kept of them."""

import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from curriculum.models import LessonTopic
from foundation.clock import now
from foundation.database import NEVER_AGAIN, Base, Made, named
from lessons.models import Plan
from library.models import Resource
from schools.models import Campus, Person, Pupil, Room, SchoolClass, Subject


class SessionKind(enum.StrEnum):
    """What a session is for (features.md §5.5)."""

    SAME_LESSON = "same_lesson"  # 同上一堂课
    DELIVERED = "delivered"  # 专递课堂
    MASTER = "master"  # 名师课堂
    RESEARCH = "research"  # 远程教研
    OPEN_LESSON = "open_lesson"  # 公开课
    MEETING = "meeting"  # 会议


class SessionState(enum.StrEnum):
    """The life of a session (features.md §5.7)."""

    DRAFT = "draft"  # 草案
    ASKED = "asked"  # 待各校区确认
    SETTLED = "settled"  # 已排定
    RUNNING = "running"  # 上课中
    ENDED = "ended"  # 已结束
    CANCELLED = "cancelled"  # 已取消


class ClassroomRole(enum.StrEnum):
    """Which end of a session a classroom is."""

    MAIN = "main"  # 主讲端
    LISTENING = "listening"  # 听讲端


class Answer(enum.StrEnum):
    """What a campus has said to a session's time."""

    WAITING = "waiting"  # 待确认
    CONFIRMED = "confirmed"  # 已确认
    OTHER_TIME = "other_time"  # 建议改期
    DECLINED = "declined"  # 不参加


class RoomRole(enum.StrEnum):
    """What somebody is in the room of a session. It comes from the schedule, never from who enters first."""

    LEAD = "lead"  # 主讲
    HELPER = "helper"  # 助教
    PUPIL = "pupil"  # 学生, also the screen of a classroom
    OBSERVER = "observer"  # 听课
    PATROL = "patrol"  # 巡课
    DIRECTOR = "director"  # 导播


class MediaKind(enum.StrEnum):
    """How sound and pictures travel. `auto`: the mesh while there are few ends, Janus above that when it is there."""

    AUTO = "auto"
    MESH = "mesh"
    JANUS = "janus"
    OUTSIDE = "outside"  # a meeting elsewhere, by its link
    NONE = "none"


class RecordingState(enum.StrEnum):
    """What has become of the sound and pictures of a session."""

    RECORDING = "recording"  # 录制中
    JOINING = "joining"  # 合成中
    READY = "ready"  # 可回看
    FAILED = "failed"  # 未成功


class RemoteCourse(Made, Base):
    """远程课程: a series of sessions, one for each teaching week in which its weekday and period are held.

    `skipped` are the days left out: `[{"day": "2026-10-01", "campus": 3, "why": "holiday", "name": "国庆节", "made_up": "2026-10-10" | null}]`.
    """

    __tablename__ = "remote_course"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    request_key: Mapped[str | None] = mapped_column(String(40), unique=True, default=None)
    group_id: Mapped[int] = mapped_column(ForeignKey("group_of_schools.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(120))
    kind: Mapped[SessionKind] = mapped_column(named(SessionKind))
    subject_id: Mapped[int | None] = mapped_column(ForeignKey("subject.id"), default=None)
    weekday: Mapped[int]
    period: Mapped[int]
    parity: Mapped[str] = mapped_column(String(8), default="every")
    from_day: Mapped[date]
    to_day: Mapped[date]
    skipped: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), default=None)


class LiveSession(Made, Base):
    """场次: one lesson or meeting. `day`, `starts`, `ends` are those of its main classroom, in minutes local to its campus;
    `starts_at`, `ends_at` the same moments in UTC, to compare with anything else.

    `request_key` is the browser's name for the request that made it: asked twice, one session is made. `run_sheet` is the plan as
    it was when it was last taken over (`live.room.run_sheet`), `plan_taken_at` that moment. `sequence` grows with every change that calendars
    must hear of. `link` is a meeting elsewhere. `rules` holds what the lead has set for the room: `{"chat": "open" | "paused", "record": bool}`.
    `concluded_at`: what follows from its end (pace, notices, search) was done then by the worker.
    """

    __tablename__ = "live_session"
    __table_args__ = (
        Index(None, "group_id", "starts_at"),
        Index(None, "lead_id", "starts_at"),
        Index(None, "state", "starts_at"),
        CheckConstraint("0 <= starts AND starts < ends AND ends <= 1440", name="within_a_day"),
        NEVER_AGAIN,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    request_key: Mapped[str | None] = mapped_column(String(40), unique=True, default=None)
    group_id: Mapped[int] = mapped_column(ForeignKey("group_of_schools.id", ondelete="CASCADE"))
    course_id: Mapped[int | None] = mapped_column(ForeignKey("remote_course.id", ondelete="SET NULL"), index=True)
    kind: Mapped[SessionKind] = mapped_column(named(SessionKind))
    state: Mapped[SessionState] = mapped_column(named(SessionState), default=SessionState.DRAFT)
    title: Mapped[str] = mapped_column(String(120))
    note: Mapped[str] = mapped_column(String(600), default="")
    subject_id: Mapped[int | None] = mapped_column(ForeignKey("subject.id"), default=None)
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("lesson_topic.id", ondelete="SET NULL"), index=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), default=None)
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("plan.id", ondelete="SET NULL"), index=True, default=None)
    plan_taken_at: Mapped[datetime | None] = mapped_column(default=None)
    run_sheet: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    day: Mapped[date] = mapped_column(index=True)
    starts: Mapped[int]
    ends: Mapped[int]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    media: Mapped[MediaKind] = mapped_column(named(MediaKind), default=MediaKind.AUTO)
    link: Mapped[str] = mapped_column(String(300), default="")
    rules: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    sequence: Mapped[int] = mapped_column(default=0)
    began_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    concluded_at: Mapped[datetime | None] = mapped_column(default=None)

    lead: Mapped[Person] = relationship(foreign_keys=[lead_id])
    made_by: Mapped[Person | None] = relationship(foreign_keys=[made_by_id])
    subject: Mapped[Subject | None] = relationship()
    topic: Mapped[LessonTopic | None] = relationship()
    plan: Mapped[Plan | None] = relationship()
    course: Mapped[RemoteCourse | None] = relationship()
    classrooms: Mapped[list["LiveClassroom"]] = relationship(
        back_populates="session", cascade="all, delete-orphan", order_by="LiveClassroom.rank"
    )
    guests: Mapped[list["LiveGuest"]] = relationship(back_populates="session", cascade="all, delete-orphan")


class LiveClassroom(Base):
    """参与教室: one end of a session, a class in a room with its helper teacher. Ends of meetings may have neither.

    `period` is the campus' own, `starts` and `ends` the minutes of the session that this class can take part in, local to its campus.
    `entry_code` are the six digits that its screen is let in with.
    """

    __tablename__ = "live_classroom"
    __table_args__ = (
        Index(None, "class_id", "session_id"),
        Index(None, "room_id", "session_id"),
        Index(None, "helper_id", "session_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("live_session.id", ondelete="CASCADE"), index=True)
    rank: Mapped[int] = mapped_column(default=0)
    role: Mapped[ClassroomRole] = mapped_column(named(ClassroomRole))
    campus_id: Mapped[int] = mapped_column(ForeignKey("campus.id", ondelete="CASCADE"), index=True)
    class_id: Mapped[int | None] = mapped_column(ForeignKey("school_class.id", ondelete="SET NULL"), default=None)
    room_id: Mapped[int | None] = mapped_column(ForeignKey("room.id", ondelete="SET NULL"), default=None)
    helper_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), default=None)
    period: Mapped[int | None] = mapped_column(default=None)
    starts: Mapped[int]
    ends: Mapped[int]
    entry_code: Mapped[str | None] = mapped_column(String(6), unique=True, default=None)
    answer: Mapped[Answer] = mapped_column(named(Answer), default=Answer.WAITING)
    answer_note: Mapped[str] = mapped_column(String(200), default="")
    other_day: Mapped[date | None] = mapped_column(default=None)
    other_period: Mapped[int | None] = mapped_column(default=None)
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), default=None)
    answered_at: Mapped[datetime | None] = mapped_column(default=None)

    session: Mapped[LiveSession] = relationship(back_populates="classrooms")
    campus: Mapped[Campus] = relationship()
    school_class: Mapped[SchoolClass | None] = relationship()
    room: Mapped[Room | None] = relationship()
    helper: Mapped[Person | None] = relationship(foreign_keys=[helper_id])
    answered_by: Mapped[Person | None] = relationship(foreign_keys=[answered_by_id])


class LiveGuest(Base):
    """Somebody who is asked to a session besides those who teach in it: to observe or to direct the pictures."""

    __tablename__ = "live_guest"

    session_id: Mapped[int] = mapped_column(ForeignKey("live_session.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True)
    role: Mapped[RoomRole] = mapped_column(named(RoomRole), default=RoomRole.OBSERVER)

    session: Mapped[LiveSession] = relationship(back_populates="guests")
    person: Mapped[Person] = relationship()


class SessionChange(Base):
    """What was done to a session's schedule, by whom and when: `kind` is a word of `live.terms.CHANGES`."""

    __tablename__ = "session_change"
    __table_args__ = (Index(None, "session_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("live_session.id", ondelete="CASCADE"))
    made_at: Mapped[datetime] = mapped_column(default=now)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), default=None)
    kind: Mapped[str] = mapped_column(String(24))
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    note: Mapped[str] = mapped_column(String(200), default="")

    by: Mapped[Person | None] = relationship()


class CampusTravel(Base):
    """Minutes that somebody needs from one campus to the other, either way; `one_id` is the smaller number."""

    __tablename__ = "campus_travel"
    __table_args__ = (CheckConstraint("one_id < other_id", name="once"),)

    one_id: Mapped[int] = mapped_column(ForeignKey("campus.id", ondelete="CASCADE"), primary_key=True)
    other_id: Mapped[int] = mapped_column(ForeignKey("campus.id", ondelete="CASCADE"), primary_key=True)
    minutes: Mapped[int]


class SessionEvent(Base):
    """课堂事件: one line of what happened in a session's room. Never changed, never reordered; `seq` counts from 1 without gaps.

    `audience` says who may see it (`live.room.events`); `by_person_id` and `classroom_id` who did it. Pupils stand in `data` by number.
    """

    __tablename__ = "session_event"
    __table_args__ = (Index(None, "session_id", "kind"),)

    session_id: Mapped[int] = mapped_column(ForeignKey("live_session.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(20))
    audience: Mapped[str] = mapped_column(String(20), default="all")
    by_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), default=None)
    classroom_id: Mapped[int | None] = mapped_column(default=None)
    request_key: Mapped[str | None] = mapped_column(String(24), default=None)
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class ClassroomScreen(Base):
    """The browser on the screen of a classroom, let in by its code. The cookie carries a random token, the row its SHA-256."""

    __tablename__ = "classroom_screen"
    __table_args__ = (NEVER_AGAIN,)

    id: Mapped[int] = mapped_column(primary_key=True)
    classroom_id: Mapped[int] = mapped_column(ForeignKey("live_classroom.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    device: Mapped[str] = mapped_column(String(120), default="")

    classroom: Mapped[LiveClassroom] = relationship()


class Patrol(Base):
    """巡课记录: who looked into a session, from when until when; the heads of the campuses read it."""

    __tablename__ = "patrol"

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("live_session.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    began_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    note: Mapped[str] = mapped_column(String(600), default="")

    person: Mapped[Person] = relationship()


class ObservationNote(Made, Base):
    """听课记录: one note, stamped with the running step, the second of the lesson, and the campus it is about.

    Its writer's alone until `shared_at`; then the lead and the other observers read it.
    """

    __tablename__ = "observation_note"
    __table_args__ = (Index(None, "session_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("live_session.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    request_key: Mapped[str | None] = mapped_column(String(40), unique=True, default=None)
    step_id: Mapped[str] = mapped_column(String(16), default="")
    second: Mapped[int | None] = mapped_column(default=None)
    classroom_id: Mapped[int | None] = mapped_column(ForeignKey("live_classroom.id", ondelete="SET NULL"), default=None)
    kind: Mapped[str] = mapped_column(String(16), default="note")
    text: Mapped[str] = mapped_column(Text)
    shared_at: Mapped[datetime | None] = mapped_column(default=None)
    removed_at: Mapped[datetime | None] = mapped_column(default=None)

    person: Mapped[Person] = relationship()


class Recording(Made, Base):
    """录像: sound and pictures of one end of a session; `resource` is the 课堂实录 that became of them.

    `takes` say which seconds of the event log it shows: `[{"second": 12.5, "at": 0.0, "length": 600.2}]`, `at` being where in the film;
    `chapters` are the steps: `[{"second": 40.0, "at": 27.5, "step": "…", "title": "…"}]`. The log's seconds count from the opening of the room.
    `consent`: everybody who is to be seen has agreed. `kept_until`: deleted after it.
    """

    __tablename__ = "recording"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("live_session.id", ondelete="CASCADE"), index=True)
    classroom_id: Mapped[int | None] = mapped_column(ForeignKey("live_classroom.id", ondelete="SET NULL"), default=None)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), default=None)
    state: Mapped[RecordingState] = mapped_column(named(RecordingState), default=RecordingState.RECORDING, index=True)
    reason: Mapped[str] = mapped_column(String(200), default="")
    began_at: Mapped[datetime] = mapped_column(default=now)
    media_type: Mapped[str] = mapped_column(String(80), default="")
    takes: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    chapters: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    resource_id: Mapped[int | None] = mapped_column(ForeignKey("resource.id", ondelete="SET NULL"), default=None)
    consent: Mapped[bool] = mapped_column(default=False)
    kept_until: Mapped[date | None] = mapped_column(default=None)

    resource: Mapped[Resource | None] = relationship()
    session: Mapped[LiveSession] = relationship()
    parts: Mapped[list["RecordingPart"]] = relationship(cascade="all, delete-orphan", order_by="RecordingPart.number")


class RecordingPart(Base):
    """A stretch of a recording as it came from the browser; each `take` is a recorder of its own, begun after an interruption,
    and named by the second of the event log at which it began.

    `second` is that of the event log at which the part begins.
    """

    __tablename__ = "recording_part"
    __table_args__ = (UniqueConstraint("recording_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    recording_id: Mapped[int] = mapped_column(ForeignKey("recording.id", ondelete="CASCADE"))
    number: Mapped[int]
    take: Mapped[int] = mapped_column(default=0)
    second: Mapped[float]
    key: Mapped[str] = mapped_column(String(80), unique=True)
    size: Mapped[int] = mapped_column(BigInteger)


class DeviceCheck(Base):
    """网络和设备检测 of a room: `result` holds what `live.room.checking` measured, `level` its summary 0 (none) to 4 (good)."""

    __tablename__ = "device_check"
    __table_args__ = (Index(None, "room_id", "made_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("room.id", ondelete="CASCADE"))
    made_at: Mapped[datetime] = mapped_column(default=now)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), default=None)
    level: Mapped[int]
    result: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class RollMark(Base):
    """考勤 as it was put right after the lesson, with its trace: the newest row of a pupil counts, before it the room's events."""

    __tablename__ = "roll_mark"
    __table_args__ = (Index(None, "session_id", "pupil_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("live_session.id", ondelete="CASCADE"))
    classroom_id: Mapped[int] = mapped_column(ForeignKey("live_classroom.id", ondelete="CASCADE"))
    pupil_id: Mapped[int] = mapped_column(ForeignKey("pupil.id", ondelete="CASCADE"))
    mark: Mapped[str] = mapped_column(String(8))
    made_at: Mapped[datetime] = mapped_column(default=now)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), default=None)

    pupil: Mapped[Pupil] = relationship()
    by: Mapped[Person | None] = relationship()
