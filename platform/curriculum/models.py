"""The textbook tree: 版本 → 册 → 单元 → 课, the anchor of plans and, later, of everything else."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from foundation.database import Base, named
from schools.models import Stage, Subject


class TextbookEdition(Base):
    """版本: one publisher's books for a subject and stage."""

    __tablename__ = "textbook_edition"

    id: Mapped[int] = mapped_column(primary_key=True)
    subject_id: Mapped[int] = mapped_column(ForeignKey("subject.id"), index=True)
    stage: Mapped[Stage] = mapped_column(named(Stage))
    name: Mapped[str] = mapped_column(String(60))
    publisher: Mapped[str] = mapped_column(String(60), default="")

    subject: Mapped[Subject] = relationship()
    volumes: Mapped[list["TextbookVolume"]] = relationship(
        back_populates="edition", order_by="TextbookVolume.rank", cascade="all, delete-orphan"
    )


class TextbookVolume(Base):
    """册: the book of one grade and semester (1 上册, 2 下册, none 全一册)."""

    __tablename__ = "textbook_volume"

    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("textbook_edition.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    grade: Mapped[int]
    semester: Mapped[int | None] = mapped_column(default=None)
    rank: Mapped[int] = mapped_column(default=0)

    edition: Mapped[TextbookEdition] = relationship(back_populates="volumes")
    units: Mapped[list["Unit"]] = relationship(
        back_populates="volume", order_by="Unit.rank", cascade="all, delete-orphan"
    )


class Unit(Base):
    """单元 of a volume; `theme` is its 大单元 theme."""

    __tablename__ = "unit"

    id: Mapped[int] = mapped_column(primary_key=True)
    volume_id: Mapped[int] = mapped_column(ForeignKey("textbook_volume.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(80))
    theme: Mapped[str] = mapped_column(String(80), default="")
    rank: Mapped[int] = mapped_column(default=0)

    volume: Mapped[TextbookVolume] = relationship(back_populates="units")
    topics: Mapped[list["LessonTopic"]] = relationship(
        back_populates="unit", order_by="LessonTopic.rank", cascade="all, delete-orphan"
    )


class LessonTopic(Base):
    """课 / 课题: one lesson of the textbook; `periods` is the suggested 课时."""

    __tablename__ = "lesson_topic"

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(80))
    periods: Mapped[int] = mapped_column(default=1)
    rank: Mapped[int] = mapped_column(default=0)

    unit: Mapped[Unit] = relationship(back_populates="topics")


class StandardItem(Base):
    """课程标准条目: one line of the curriculum standard."""

    __tablename__ = "standard_item"

    id: Mapped[int] = mapped_column(primary_key=True)
    subject_id: Mapped[int] = mapped_column(ForeignKey("subject.id"), index=True)
    stage: Mapped[Stage] = mapped_column(named(Stage))
    code: Mapped[str] = mapped_column(String(30))
    text: Mapped[str] = mapped_column(String(600))
