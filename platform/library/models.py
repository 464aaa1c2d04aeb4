"""Resources and their versions, uploads, reviews, collections and what people keep for themselves."""

import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from curriculum.models import LessonTopic
from foundation.clock import now
from foundation.database import NEVER_AGAIN, Base, Made, named
from schools.models import (
    Campus,
    Group,
    Person,
    PrepGroup,
    Stage,
    Subject,
    Visibility,
    day_left,
    day_withdrawn,
)


class ResourceKind(enum.StrEnum):
    """What a resource is, as teachers call it."""

    LESSON_PLAN = "lesson_plan"  # 教案
    SLIDES = "slides"  # 课件
    STUDY_GUIDE = "study_guide"  # 学案
    EXERCISES = "exercises"  # 习题
    TEST_PAPER = "test_paper"  # 试卷
    MICRO_LESSON = "micro_lesson"  # 微课
    RECORDING = "recording"  # 课堂实录
    MATERIAL = "material"  # 素材
    PAPER = "paper"  # 论文
    CASE = "case"  # 案例
    BOARD_PHOTO = "board_photo"  # 板书照片


class Licence(enum.StrEnum):
    """What others may do with a resource."""

    WITHIN_GROUP = "within_group"  # 本集团内使用
    CC_BY_NC_SA = "cc_by_nc_sa"  # CC BY-NC-SA
    NAME_SOURCE = "name_source"  # 注明来源


class PreviewState(enum.StrEnum):
    """How far the preview of a version is."""

    WAITING = "waiting"  # 排队
    WORKING = "working"  # 处理中
    READY = "ready"  # 可预览
    NONE = "none"  # 无法预览


class UploadState(enum.StrEnum):
    """The life of an upload."""

    OPEN = "open"  # parts are coming in
    CHECKING = "checking"  # all are there; size and sha256 are being checked
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class ReviewState(enum.StrEnum):
    """What has become of a wish to show a resource to more people."""

    WAITING = "waiting"
    PASSED = "passed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Resource(Made, Base):
    """资源: one address for all versions of a file, with what is said about it.

    `visibility` is the present one; `wanted` a wider one that waits for its reviewer (the `Review` tells more). `number` is that of the newest version.
    `term` is like "2026-1" (school year and half). `uses`, `opens` and `downloads` are counts, for sorting.
    """

    __tablename__ = "resource"
    __table_args__ = (
        Index(None, "owner_id", "removed_at", "changed_at"),
        Index(None, "campus_id", "removed_at", "changed_at"),
        Index(None, "group_id", "removed_at", "changed_at"),
        Index(None, "prep_group_id", "removed_at", "changed_at"),
        NEVER_AGAIN,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    kind: Mapped[ResourceKind] = mapped_column(named(ResourceKind))
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    group_id: Mapped[int] = mapped_column(ForeignKey("group_of_schools.id"))
    campus_id: Mapped[int] = mapped_column(ForeignKey("campus.id"))
    prep_group_id: Mapped[int | None] = mapped_column(ForeignKey("prep_group.id", ondelete="SET NULL"))
    subject_id: Mapped[int | None] = mapped_column(ForeignKey("subject.id"), index=True)
    stage: Mapped[Stage | None] = mapped_column(named(Stage), default=None)
    grade: Mapped[int | None] = mapped_column(default=None)
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("lesson_topic.id", ondelete="SET NULL"), index=True)
    term: Mapped[str] = mapped_column(String(10), default="")
    tags: Mapped[list[str]] = mapped_column(JSON, default=list)
    language: Mapped[str] = mapped_column(String(10), default="zh")
    licence: Mapped[Licence] = mapped_column(named(Licence), default=Licence.WITHIN_GROUP)
    source: Mapped[str] = mapped_column(String(200), default="")
    note: Mapped[str] = mapped_column(String(600), default="")
    visibility: Mapped[Visibility] = mapped_column(named(Visibility), default=Visibility.PERSONAL)
    wanted: Mapped[Visibility | None] = mapped_column(named(Visibility), default=None)
    derived_from_id: Mapped[int | None] = mapped_column(ForeignKey("resource.id", ondelete="SET NULL"), index=True)
    number: Mapped[int] = mapped_column(default=1)
    uses: Mapped[int] = mapped_column(default=0)
    opens: Mapped[int] = mapped_column(default=0)
    downloads: Mapped[int] = mapped_column(default=0, server_default="0")
    removed_at: Mapped[datetime | None] = mapped_column(default=None, index=True)

    owner: Mapped[Person] = relationship()
    group: Mapped[Group] = relationship()
    campus: Mapped[Campus] = relationship()
    prep_group: Mapped[PrepGroup | None] = relationship()
    subject: Mapped[Subject | None] = relationship()
    topic: Mapped[LessonTopic | None] = relationship()
    derived_from: Mapped["Resource | None"] = relationship(remote_side=[id])
    versions: Mapped[list["ResourceVersion"]] = relationship(
        back_populates="resource", order_by="ResourceVersion.number", cascade="all, delete-orphan"
    )

    left_on: Mapped[date | None] = column_property(day_left(group_id, campus_id))
    withdrawn_on: Mapped[date | None] = column_property(day_withdrawn(group_id, campus_id))


class ResourceVersion(Base):
    """资源版本: one file, which never changes. `key` is its place in the file store, `name` what people call it.

    `reason` says why it cannot be previewed. `pages` counts its `ResourcePage` rows; `width`, `height` are pixels of an image
    or film, `seconds` the length of a film or sound. `poster_key` and `stream_key` are made by the worker.
    """

    __tablename__ = "resource_version"
    __table_args__ = (UniqueConstraint("resource_id", "number"), NEVER_AGAIN)

    id: Mapped[int] = mapped_column(primary_key=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    key: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(255))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    media_type: Mapped[str] = mapped_column(String(120), default="")
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    made_at: Mapped[datetime] = mapped_column(default=now)
    preview: Mapped[PreviewState] = mapped_column(named(PreviewState), default=PreviewState.WAITING, index=True)
    reason: Mapped[str] = mapped_column(String(200), default="")
    attempts: Mapped[int] = mapped_column(default=0)
    pages: Mapped[int] = mapped_column(default=0)
    width: Mapped[int | None] = mapped_column(default=None)
    height: Mapped[int | None] = mapped_column(default=None)
    seconds: Mapped[float | None] = mapped_column(default=None)
    poster_key: Mapped[str] = mapped_column(String(80), default="")
    stream_key: Mapped[str] = mapped_column(String(80), default="")

    resource: Mapped[Resource] = relationship(back_populates="versions")


class ResourcePage(Base):
    """One page, slide or sheet of a version: its text for the search, and its picture, large and small, where there is one."""

    __tablename__ = "resource_page"
    __table_args__ = (UniqueConstraint("version_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("resource_version.id", ondelete="CASCADE"))
    number: Mapped[int]
    heading: Mapped[str] = mapped_column(String(200), default="")
    text: Mapped[str] = mapped_column(Text, default="")
    image_key: Mapped[str] = mapped_column(String(80), default="")
    small_key: Mapped[str] = mapped_column(String(80), default="")
    width: Mapped[int | None] = mapped_column(default=None)
    height: Mapped[int | None] = mapped_column(default=None)


class Upload(Made, Base):
    """上传任务: a file on its way in, in parts of `part_bytes`; it survives closed tabs and restarts.

    `fingerprint` is what the browser recognises the same file by, so that it goes on where it stopped. `store_upload` is the file
    store's own name for it. `about` is what to do with the file: the metadata of a new resource, the code of the resource
    that gets a new version, or the plan that it is put into.
    """

    __tablename__ = "upload"
    __table_args__ = (Index(None, "person_id", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    campus_id: Mapped[int] = mapped_column(ForeignKey("campus.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(255))
    size: Mapped[int] = mapped_column(BigInteger)
    media_type: Mapped[str] = mapped_column(String(120), default="")
    fingerprint: Mapped[str] = mapped_column(String(80), default="")
    sha256: Mapped[str] = mapped_column(String(64), default="")
    part_bytes: Mapped[int]
    key: Mapped[str] = mapped_column(String(80), unique=True)
    store_upload: Mapped[str] = mapped_column(String(300), default="")
    state: Mapped[UploadState] = mapped_column(named(UploadState), default=UploadState.OPEN)
    reason: Mapped[str] = mapped_column(String(300), default="")
    about: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    resource_id: Mapped[int | None] = mapped_column(ForeignKey("resource.id", ondelete="SET NULL"), default=None)

    person: Mapped[Person] = relationship()
    resource: Mapped[Resource | None] = relationship()


class Review(Made, Base):
    """审核: somebody wants `resource` to be seen by more people, and one reviewer says yes or no, with a reason."""

    __tablename__ = "review"

    id: Mapped[int] = mapped_column(primary_key=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"), index=True)
    wanted: Mapped[Visibility] = mapped_column(named(Visibility))
    state: Mapped[ReviewState] = mapped_column(named(ReviewState), default=ReviewState.WAITING, index=True)
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), default=None)
    reason: Mapped[str] = mapped_column(String(300), default="")
    decided_at: Mapped[datetime | None] = mapped_column(default=None)

    resource: Mapped[Resource] = relationship()
    asked_by: Mapped[Person | None] = relationship(foreign_keys=[asked_by_id])
    reviewer: Mapped[Person | None] = relationship(foreign_keys=[reviewer_id])


class Collection(Made, Base):
    """合集: resources in an order of their own, seen by whoever its visibility says."""

    __tablename__ = "collection"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    title: Mapped[str] = mapped_column(String(120))
    note: Mapped[str] = mapped_column(String(600), default="")
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("group_of_schools.id"), index=True)
    campus_id: Mapped[int] = mapped_column(ForeignKey("campus.id"))
    prep_group_id: Mapped[int | None] = mapped_column(ForeignKey("prep_group.id", ondelete="SET NULL"))
    visibility: Mapped[Visibility] = mapped_column(named(Visibility), default=Visibility.PERSONAL)
    removed_at: Mapped[datetime | None] = mapped_column(default=None, index=True)

    owner: Mapped[Person] = relationship()
    campus: Mapped[Campus] = relationship()
    prep_group: Mapped[PrepGroup | None] = relationship()
    items: Mapped[list["CollectionItem"]] = relationship(order_by="CollectionItem.rank", cascade="all, delete-orphan")

    left_on: Mapped[date | None] = column_property(day_left(group_id, campus_id))
    withdrawn_on: Mapped[date | None] = column_property(day_withdrawn(group_id, campus_id))


class CollectionItem(Base):
    """A resource in a collection."""

    __tablename__ = "collection_item"
    __table_args__ = (UniqueConstraint("collection_id", "resource_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    collection_id: Mapped[int] = mapped_column(ForeignKey("collection.id", ondelete="CASCADE"))
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id", ondelete="CASCADE"), index=True)
    rank: Mapped[int] = mapped_column(default=0)

    resource: Mapped[Resource] = relationship()


class Favourite(Base):
    """收藏: somebody wants to find a resource again."""

    __tablename__ = "favourite"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    resource_id: Mapped[int] = mapped_column(
        ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    made_at: Mapped[datetime] = mapped_column(default=now)


class Opened(Base):
    """最近打开: when somebody last opened a resource."""

    __tablename__ = "opened"
    __table_args__ = (Index(None, "person_id", "at"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    resource_id: Mapped[int] = mapped_column(
        ForeignKey("resource.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    at: Mapped[datetime] = mapped_column(default=now)
