"""Lesson plans as the lists see them; their text is the shared document kept in `plan_update` and `plan_snapshot`."""

import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, LargeBinary, String, func, select
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from curriculum.models import LessonTopic, TextbookVolume, Unit
from foundation.clock import now
from foundation.database import NEVER_AGAIN, Base, Made, named
from library.models import Resource
from schools.models import Campus, Group, Person, PrepGroup, Subject, Visibility, day_left, day_withdrawn

# Busy schools write millions of lines a day; only an INTEGER key counts by itself in SQLite, where it has 64 bits anyway.
LogNumber = BigInteger().with_variant(Integer, "sqlite")


class PlanState(enum.StrEnum):
    """The life of a plan (features.md §5.7)."""

    DRAFT = "draft"  # 草稿
    DISCUSSING = "discussing"  # 研讨中
    COMMON = "common"  # 共案
    TEACHING = "teaching"  # 执行中
    ARCHIVED = "archived"  # 已归档


class Plan(Made, Base):
    """教案. `title`, `minutes` and `summary` mirror the document and may lag it by seconds.

    `grade` is that of its place in the textbook, else of its prep group. `left_on` is the day from which its campus no longer
    belongs to its group; `withdrawn_on` the same where the campus took along what it had shared.
    """

    __tablename__ = "plan"
    __table_args__ = (
        Index(None, "owner_id", "removed_at", "changed_at"),
        Index(None, "prep_group_id", "removed_at", "changed_at"),
        Index(None, "campus_id", "removed_at", "changed_at"),
        Index(None, "group_id", "removed_at", "changed_at"),
        NEVER_AGAIN,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    group_id: Mapped[int] = mapped_column(ForeignKey("group_of_schools.id"))
    campus_id: Mapped[int] = mapped_column(ForeignKey("campus.id"))
    prep_group_id: Mapped[int | None] = mapped_column(ForeignKey("prep_group.id", ondelete="SET NULL"))
    subject_id: Mapped[int] = mapped_column(ForeignKey("subject.id"), index=True)
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("lesson_topic.id", ondelete="SET NULL"), index=True)
    visibility: Mapped[Visibility] = mapped_column(named(Visibility), default=Visibility.PERSONAL)
    state: Mapped[PlanState] = mapped_column(named(PlanState), default=PlanState.DRAFT)
    title: Mapped[str] = mapped_column(String(200), default="")
    minutes: Mapped[int] = mapped_column(default=0)
    summary: Mapped[str] = mapped_column(String(200), default="")
    removed_at: Mapped[datetime | None] = mapped_column(default=None, index=True)

    owner: Mapped[Person] = relationship()
    group: Mapped[Group] = relationship()
    campus: Mapped[Campus] = relationship()
    prep_group: Mapped[PrepGroup | None] = relationship()
    subject: Mapped[Subject] = relationship()
    topic: Mapped[LessonTopic | None] = relationship()
    writers: Mapped[list["PlanWriter"]] = relationship(cascade="all, delete-orphan")

    grade: Mapped[int | None] = column_property(
        func.coalesce(
            select(TextbookVolume.grade)
            .join(Unit, Unit.volume_id == TextbookVolume.id)
            .join(LessonTopic, LessonTopic.unit_id == Unit.id)
            .where(LessonTopic.id == topic_id)
            .correlate_except(TextbookVolume, Unit, LessonTopic)
            .scalar_subquery(),
            select(PrepGroup.grade).where(PrepGroup.id == prep_group_id).correlate_except(PrepGroup).scalar_subquery(),
        )
    )
    left_on: Mapped[date | None] = column_property(day_left(group_id, campus_id))
    withdrawn_on: Mapped[date | None] = column_property(day_withdrawn(group_id, campus_id))


class PlanWriter(Base):
    """Somebody whom the owner let write in a plan, beyond its prep group."""

    __tablename__ = "plan_writer"

    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True)
    made_at: Mapped[datetime] = mapped_column(default=now)

    person: Mapped[Person] = relationship()


class PlanResource(Base):
    """A resource stands in a plan: as a file at the step `step_id`, or as a picture in its text (`step_id` is empty).

    Whoever reads the plan may see the file there; the resource's own visibility is not widened by it.
    """

    __tablename__ = "plan_resource"

    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"), primary_key=True)
    resource_id: Mapped[int] = mapped_column(
        ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    step_id: Mapped[str] = mapped_column(String(16), primary_key=True, default="")
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    made_at: Mapped[datetime] = mapped_column(default=now)

    plan: Mapped[Plan] = relationship()
    resource: Mapped[Resource] = relationship()


class PlanUpdate(Base):
    """One line of a plan's log: a Yjs v1 update, never changed, never reordered."""

    __tablename__ = "plan_update"
    __table_args__ = (Index(None, "plan_id", "id"), NEVER_AGAIN)

    id: Mapped[int] = mapped_column(LogNumber, primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"))
    data: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime] = mapped_column(default=now)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))


class PlanSnapshot(Base):
    """A plan's whole document up to and including log line `upto`."""

    __tablename__ = "plan_snapshot"

    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"), primary_key=True)
    upto: Mapped[int] = mapped_column(LogNumber)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class PlanOriginal(Base):
    """The file a plan was imported from, as it came; its bytes are in the data folder under `stored_name`."""

    __tablename__ = "plan_original"

    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    stored_name: Mapped[str] = mapped_column(String(60), unique=True)
    notes: Mapped[list[str]] = mapped_column(JSON, default=list)


class PlanTemplate(Made, Base):
    """A group's template: the sections in their order, each `{"key", "hint", "required"}`."""

    __tablename__ = "plan_template"

    group_id: Mapped[int] = mapped_column(ForeignKey("group_of_schools.id", ondelete="CASCADE"), primary_key=True)
    sections: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
