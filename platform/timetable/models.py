"""School terms, days that are not as usual, bells, timetables and what was changed on a day."""

import enum
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from foundation.clock import now
from foundation.database import Base, Made, named
from foundation.days import Dated
from schools.models import Campus, Person, Room, SchoolClass, Subject


class DayKind(enum.StrEnum):
    """Why a day is not as its weekday usually is."""

    HOLIDAY = "holiday"  # 放假
    MAKE_UP = "make_up"  # 调休补课
    EXAM = "exam"  # 考试


class PeriodKind(enum.StrEnum):
    """What a stretch of the school day is for."""

    LESSON = "lesson"  # 课
    BREAK = "break"  # 大课间
    STUDY = "study"  # 自习
    EXTENDED = "extended"  # 延时服务


class Parity(enum.StrEnum):
    """In which teaching weeks a lesson takes place."""

    EVERY = "every"  # 每周
    ODD = "odd"  # 单周
    EVEN = "even"  # 双周


class ChangeKind(enum.StrEnum):
    """What becomes of one lesson on one day."""

    MOVED = "moved"  # 调课
    SUBSTITUTE = "substitute"  # 代课
    CANCELLED = "cancelled"  # 停课


class AskState(enum.StrEnum):
    """What has become of asking a colleague for a lesson."""

    ASKED = "asked"  # 待答复
    AGREED = "agreed"  # 已同意
    REFUSED = "refused"  # 不方便
    TAKEN_BACK = "taken_back"  # 已撤回


class Term(Dated, Base):
    """学期 of a group: semester 1 or 2 of the school year that begins in `year`. Always has a last day.

    Week 1 begins on the Monday on or before `from_day`.
    """

    __tablename__ = "term"
    __table_args__ = (UniqueConstraint("group_id", "year", "semester"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("group_of_schools.id", ondelete="CASCADE"), index=True)
    year: Mapped[int]
    semester: Mapped[int]


class CalendarDay(Base):
    """A day that is not as its weekday usually is, for a group or for one campus, which goes before the group.

    On a make-up day the lessons of the weekday `follows` (1 Monday … 7 Sunday) are held; without it there are none.
    """

    __tablename__ = "calendar_day"
    __table_args__ = (UniqueConstraint("group_id", "campus_id", "day"), Index(None, "group_id", "day"))

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("group_of_schools.id", ondelete="CASCADE"))
    campus_id: Mapped[int | None] = mapped_column(ForeignKey("campus.id", ondelete="CASCADE"), default=None)
    day: Mapped[date]
    kind: Mapped[DayKind] = mapped_column(named(DayKind))
    follows: Mapped[int | None] = mapped_column(default=None)
    name: Mapped[str] = mapped_column(String(40), default="")

    campus: Mapped[Campus | None] = relationship()


class BellSchedule(Dated, Base):
    """作息时间 of a group, or of one campus, which goes before the group's; the one that began last counts."""

    __tablename__ = "bell_schedule"

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("group_of_schools.id", ondelete="CASCADE"), index=True)
    campus_id: Mapped[int | None] = mapped_column(ForeignKey("campus.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(40))

    campus: Mapped[Campus | None] = relationship()
    periods: Mapped[list["Period"]] = relationship(cascade="all, delete-orphan", order_by="Period.starts")


class Period(Base):
    """节次 in minutes after midnight, local to the campus. Breaks have no `number`; lessons are counted through the day."""

    __tablename__ = "period"
    __table_args__ = (
        UniqueConstraint("bell_schedule_id", "number"),
        CheckConstraint("0 <= starts AND starts < ends AND ends <= 1440", name="within_a_day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    bell_schedule_id: Mapped[int] = mapped_column(ForeignKey("bell_schedule.id", ondelete="CASCADE"), index=True)
    number: Mapped[int | None] = mapped_column(default=None)
    label: Mapped[str] = mapped_column(String(20))
    kind: Mapped[PeriodKind] = mapped_column(named(PeriodKind))
    starts: Mapped[int]
    ends: Mapped[int]


class TimetableEntry(Dated, Base):
    """One lesson of a class in the week. `by_hand`: a later import leaves it as it is.

    `sequence` grows with everything that changes one of its days, so that calendars know which word is the newest.
    """

    __tablename__ = "timetable_entry"
    __table_args__ = (
        Index(None, "class_id", "weekday", "period"),
        CheckConstraint("1 <= weekday AND weekday <= 7", name="on_a_weekday"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    class_id: Mapped[int] = mapped_column(ForeignKey("school_class.id", ondelete="CASCADE"))
    weekday: Mapped[int]
    period: Mapped[int]
    parity: Mapped[Parity] = mapped_column(named(Parity), default=Parity.EVERY)
    subject_id: Mapped[int] = mapped_column(ForeignKey("subject.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    room_id: Mapped[int | None] = mapped_column(ForeignKey("room.id", ondelete="SET NULL"), index=True)
    by_hand: Mapped[bool] = mapped_column(default=False)
    sequence: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime] = mapped_column(default=now)

    school_class: Mapped[SchoolClass] = relationship()
    subject: Mapped[Subject] = relationship()
    person: Mapped[Person | None] = relationship()
    room: Mapped[Room | None] = relationship()


class TimetableChange(Made, Base):
    """What becomes of a lesson that the timetable has on `day`: moved to another day and period, taught by another, cancelled.

    `person_id` and `room_id` are set where they differ from the timetable. The two halves of a swap have the same `pair`.
    """

    __tablename__ = "timetable_change"
    __table_args__ = (UniqueConstraint("entry_id", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("timetable_entry.id", ondelete="CASCADE"), index=True)
    day: Mapped[date] = mapped_column(index=True)
    kind: Mapped[ChangeKind] = mapped_column(named(ChangeKind))
    new_day: Mapped[date | None] = mapped_column(index=True, default=None)
    new_period: Mapped[int | None] = mapped_column(default=None)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    room_id: Mapped[int | None] = mapped_column(ForeignKey("room.id", ondelete="SET NULL"), index=True)
    reason: Mapped[str] = mapped_column(String(100), default="")
    pair: Mapped[str | None] = mapped_column(String(10), index=True, default=None)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))

    entry: Mapped[TimetableEntry] = relationship()
    person: Mapped[Person | None] = relationship(foreign_keys=[person_id])
    room: Mapped[Room | None] = relationship()
    by: Mapped[Person | None] = relationship(foreign_keys=[by_id])


class LessonAsk(Made, Base):
    """换课、代课要对方同意: a teacher asks `person` to teach a lesson of `day`, or to change places with theirs (`other_entry` on `other_day`).

    What they agree upon becomes a `TimetableChange`; the row stays as its history.
    """

    __tablename__ = "lesson_ask"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("timetable_entry.id", ondelete="CASCADE"), index=True)
    day: Mapped[date]
    other_entry_id: Mapped[int | None] = mapped_column(
        ForeignKey("timetable_entry.id", ondelete="CASCADE"), index=True, default=None
    )
    other_day: Mapped[date | None] = mapped_column(default=None)
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    reason: Mapped[str] = mapped_column(String(100), default="")
    state: Mapped[AskState] = mapped_column(named(AskState), default=AskState.ASKED)
    answer_note: Mapped[str] = mapped_column(String(100), default="")
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), default=None)
    answered_at: Mapped[datetime | None] = mapped_column(default=None)

    entry: Mapped[TimetableEntry] = relationship(foreign_keys=[entry_id])
    other_entry: Mapped[TimetableEntry | None] = relationship(foreign_keys=[other_entry_id])
    by: Mapped[Person] = relationship(foreign_keys=[by_id])
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    answered_by: Mapped[Person | None] = relationship(foreign_keys=[answered_by_id])


class CalendarFeed(Base):
    """The secret address under which a calendar program reads the lessons of a person, a class or a room (one of them)."""

    __tablename__ = "calendar_feed"
    __table_args__ = (
        CheckConstraint("person_id IS NOT NULL OR class_id IS NOT NULL OR room_id IS NOT NULL", name="of_something"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(String(43), unique=True)
    person_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), unique=True, default=None
    )
    class_id: Mapped[int | None] = mapped_column(
        ForeignKey("school_class.id", ondelete="CASCADE"), unique=True, default=None
    )
    room_id: Mapped[int | None] = mapped_column(ForeignKey("room.id", ondelete="CASCADE"), unique=True, default=None)
    made_at: Mapped[datetime] = mapped_column(default=now)


class PaceLine(Base):
    """教学进度 as a group has planned it: the teaching week of a term in which a topic is to be taught. A line, not an order."""

    __tablename__ = "pace_line"
    __table_args__ = (UniqueConstraint("term_id", "topic_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    term_id: Mapped[int] = mapped_column(ForeignKey("term.id", ondelete="CASCADE"))
    topic_id: Mapped[int] = mapped_column(ForeignKey("lesson_topic.id", ondelete="CASCADE"), index=True)
    week: Mapped[int]


class TaughtTopic(Base):
    """A class has had a topic, on `day`: said by its teacher, or by a session that has ended (`session_code`)."""

    __tablename__ = "taught_topic"
    __table_args__ = (UniqueConstraint("class_id", "topic_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    class_id: Mapped[int] = mapped_column(ForeignKey("school_class.id", ondelete="CASCADE"))
    topic_id: Mapped[int] = mapped_column(ForeignKey("lesson_topic.id", ondelete="CASCADE"), index=True)
    day: Mapped[date]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), default=None)
    session_code: Mapped[str] = mapped_column(String(16), default="")
