"""Groups of schools, campuses, people, postings, roles, classes and prep groups, in the field's own terms."""

import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    ScalarSelect,
    Select,
    String,
    UniqueConstraint,
    case,
    func,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from foundation.clock import now
from foundation.database import NEVER_AGAIN, Base, Made, named
from foundation.days import Dated
from schools.pinyin import pinyin_of


class GroupKind(enum.StrEnum):
    """What a group of schools calls itself."""

    EDUCATION_GROUP = "education_group"  # 教育集团
    DISTRICT = "district"  # 学区
    COUNTY_ALLIANCE = "county_alliance"  # 教联体
    AREA = "area"  # 片区
    GREATER_DISTRICT = "greater_district"  # 大学区
    COMMUNITY = "community"  # 共同体


class MemberKind(enum.StrEnum):
    """A campus' place in its group."""

    CORE = "core"  # 核心校
    MEMBER = "member"  # 成员校


class PostingKind(enum.StrEnum):
    """How somebody comes to work at a campus."""

    HOME = "home"  # 本校
    ROTATION = "rotation"  # 轮岗
    TRAVELLING = "travelling"  # 走教
    CROSS_CAMPUS = "cross_campus"  # 跨校执教


class Role(enum.StrEnum):
    """What somebody is trusted with, within the scope of a grant."""

    HEAD = "head"  # 校长
    EXECUTIVE_HEAD = "executive_head"  # 执行校长
    ACADEMIC_OFFICE = "academic_office"  # 教务
    SUBJECT_LEAD = "subject_lead"  # 教研组长
    PREP_LEAD = "prep_lead"  # 备课组长
    TEACHER = "teacher"  # 教师
    GUEST_RESEARCHER = "guest_researcher"  # 教研员
    GUEST_INSPECTOR = "guest_inspector"  # 视导员
    GROUP_ADMIN = "group_admin"  # 集团管理员
    CAMPUS_ADMIN = "campus_admin"  # 校区管理员


class Stage(enum.StrEnum):
    """学段, after the code list of GB/T 33782."""

    KINDERGARTEN = "kindergarten"
    PRIMARY = "primary"
    JUNIOR = "junior"
    SENIOR = "senior"
    VOCATIONAL = "vocational"


class Visibility(enum.StrEnum):
    """Who beyond its writers may read a plan or a resource."""

    PERSONAL = "personal"  # 个人
    PREP_GROUP = "prep_group"  # 备课组
    CAMPUS = "campus"  # 校区
    GROUP = "group"  # 集团
    PUBLIC = "public"  # 公开


class Group(Made, Base):
    """A group of schools: 教育集团, 学区, 教联体 … Many live in one installation, and a campus may belong to several.

    `accent` is its colour (#rrggbb, empty for the usual one); `limits` holds what its administrators set otherwise than
    the settings say, by the names of `schools.limits`.
    """

    __tablename__ = "group_of_schools"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    kind: Mapped[GroupKind] = mapped_column(named(GroupKind))
    lesson_minutes: Mapped[int] = mapped_column(default=40)
    accent: Mapped[str] = mapped_column(String(7), default="")
    logo: Mapped[bytes | None] = mapped_column(LargeBinary, default=None, deferred=True)
    logo_type: Mapped[str] = mapped_column(String(20), default="")
    limits: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    from_day: Mapped[date | None] = mapped_column(default=None)
    to_day: Mapped[date | None] = mapped_column(default=None)

    memberships: Mapped[list["Membership"]] = relationship(back_populates="group", cascade="all, delete-orphan")


class Campus(Made, Base):
    """A campus, or member school; it owns its people and their work, also after leaving a group."""

    __tablename__ = "campus"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    short_name: Mapped[str] = mapped_column(String(20))
    former_names: Mapped[list[str]] = mapped_column(JSON, default=list)
    school_code: Mapped[str] = mapped_column(String(10), default="")
    category: Mapped[str] = mapped_column(String(20), default="")
    stages: Mapped[list[str]] = mapped_column(JSON, default=list)
    rural: Mapped[bool] = mapped_column(default=False)
    address: Mapped[str] = mapped_column(String(200), default="")
    strengths: Mapped[str] = mapped_column(String(400), default="")
    uplink_mbps: Mapped[float | None] = mapped_column(default=None)
    zone: Mapped[str] = mapped_column(String(40), default="Asia/Shanghai")

    memberships: Mapped[list["Membership"]] = relationship(back_populates="campus", cascade="all, delete-orphan")


class Membership(Dated, Base):
    """A campus belongs to a group for a time, as its core or a member.

    `group_manages`: the group's administrators may also change the campus' own people, classes and pupils; a campus that
    keeps these to itself says no. `keeps_shared`: what its people have shared with the group stays readable there after
    the campus has left, under `licence_note`.
    """

    __tablename__ = "membership"
    __table_args__ = (Index(None, "group_id", "campus_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("group_of_schools.id", ondelete="CASCADE"))
    campus_id: Mapped[int] = mapped_column(ForeignKey("campus.id", ondelete="CASCADE"), index=True)
    kind: Mapped[MemberKind] = mapped_column(named(MemberKind), default=MemberKind.MEMBER)
    primary: Mapped[bool] = mapped_column(default=True)
    group_manages: Mapped[bool] = mapped_column(default=True)
    keeps_shared: Mapped[bool] = mapped_column(default=True)
    licence_note: Mapped[str] = mapped_column(String(200), default="")

    group: Mapped[Group] = relationship(back_populates="memberships")
    campus: Mapped[Campus] = relationship(back_populates="memberships")


# Of all memberships of one campus in one group: the day after which none counts any more, and whether one of them says that
# what was shared leaves with the campus.
END_OF_MEMBERSHIP = func.nullif(func.max(func.coalesce(Membership.to_day, date.max)), date.max, type_=Date)
TAKES_ALONG = func.max(case((Membership.keeps_shared, 0), else_=1)) == 1


def day_left(group_id: Mapped[int], campus_id: Mapped[int]) -> ScalarSelect[date]:
    """For a shared thing of a campus and a group: the day from which the campus no longer belongs to the group."""
    return _end_of_membership(group_id, campus_id).scalar_subquery()


def day_withdrawn(group_id: Mapped[int], campus_id: Mapped[int]) -> ScalarSelect[date]:
    """The same where the campus took along what it had shared."""
    return _end_of_membership(group_id, campus_id).having(TAKES_ALONG).scalar_subquery()


def _end_of_membership(group_id: Mapped[int], campus_id: Mapped[int]) -> Select[tuple[date]]:
    return (
        select(END_OF_MEMBERSHIP)
        .where(Membership.group_id == group_id, Membership.campus_id == campus_id)
        .correlate_except(Membership)
    )


class RoomKind(enum.StrEnum):
    """What a room is fit for."""

    ORDINARY = "ordinary"  # 普通教室
    RECORDING = "recording"  # 录播教室
    COMPUTER = "computer"  # 机房
    LAB = "lab"  # 实验室
    HALL = "hall"  # 报告厅


class Room(Base):
    """教室 of a campus; `cameras` and `seats` are counts."""

    __tablename__ = "room"
    __table_args__ = (UniqueConstraint("campus_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campus_id: Mapped[int] = mapped_column(ForeignKey("campus.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(40))
    kind: Mapped[RoomKind] = mapped_column(named(RoomKind), default=RoomKind.ORDINARY)
    seats: Mapped[int | None] = mapped_column(default=None)
    cameras: Mapped[int] = mapped_column(default=0)


class Division(Base):
    """级部: grades led together across campuses, a second scope beside the campus."""

    __tablename__ = "division"

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("group_of_schools.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    grades: Mapped[list[int]] = mapped_column(JSON, default=list)

    campuses: Mapped[list[Campus]] = relationship(secondary="division_campus")


class DivisionCampus(Base):
    """A campus takes part in a division."""

    __tablename__ = "division_campus"

    division_id: Mapped[int] = mapped_column(ForeignKey("division.id", ondelete="CASCADE"), primary_key=True)
    campus_id: Mapped[int] = mapped_column(ForeignKey("campus.id", ondelete="CASCADE"), primary_key=True)


class OrgUnit(Base):
    """部门, 工作组, 委员会 or 理事会 of a group or a campus."""

    __tablename__ = "org_unit"

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int | None] = mapped_column(ForeignKey("group_of_schools.id", ondelete="CASCADE"), index=True)
    campus_id: Mapped[int | None] = mapped_column(ForeignKey("campus.id", ondelete="CASCADE"), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("org_unit.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(24), default="department")
    duties: Mapped[str] = mapped_column(String(400), default="")


class OrgUnitMember(Dated, Base):
    """Somebody belongs to a department or committee for a time."""

    __tablename__ = "org_unit_member"

    id: Mapped[int] = mapped_column(primary_key=True)
    org_unit_id: Mapped[int] = mapped_column(ForeignKey("org_unit.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    duty: Mapped[str] = mapped_column(String(40), default="")


class Person(Made, Base):
    """Somebody who signs in: staff or a guest. `password_hash` is argon2id; empty means they cannot sign in with one.

    `pinyin` is how the name may be typed (see `schools.pinyin`), kept with it. `new_password_due`: the password is from a slip and must be
    replaced at the next sign-in. `totp_secret` is sealed (see `schools.second_step`); it counts once `totp_since` is set, and
    `totp_step` is the last step used, which is not accepted again. `oidc_subject` is the account at the outside
    provider, as "issuer subject".
    """

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), index=True)
    pinyin: Mapped[str] = mapped_column(String(200), default="")
    staff_number: Mapped[str | None] = mapped_column(String(40), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200), default="")
    new_password_due: Mapped[bool] = mapped_column(default=False)
    totp_secret: Mapped[str] = mapped_column(String(200), default="")
    totp_since: Mapped[datetime | None] = mapped_column(default=None)
    totp_step: Mapped[int | None] = mapped_column(default=None)
    oidc_subject: Mapped[str | None] = mapped_column(String(300), unique=True, default=None)
    language: Mapped[str] = mapped_column(String(10), default="")
    theme: Mapped[str] = mapped_column(String(10), default="")
    left_at: Mapped[datetime | None] = mapped_column(default=None)

    postings: Mapped[list["Posting"]] = relationship(back_populates="person", cascade="all, delete-orphan")
    grants: Mapped[list["RoleGrant"]] = relationship(back_populates="person", cascade="all, delete-orphan")

    @validates("name")
    def _keep_pinyin(self, key: str, name: str) -> str:
        self.pinyin = pinyin_of(name)
        return name


class RecoveryCode(Base):
    """A code that replaces the second step once; its SHA-256, which is enough for a long random one."""

    __tablename__ = "recovery_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[str] = mapped_column(String(200))
    used_at: Mapped[datetime | None] = mapped_column(default=None)


class Title(Dated, Base):
    """An honour with its dates: 骨干教师, 学科带头人, 名师 …"""

    __tablename__ = "title"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(40))


class Posting(Dated, Base):
    """Somebody works at a campus for a time; rights begin and end with it. Several at once are usual."""

    __tablename__ = "posting"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    campus_id: Mapped[int] = mapped_column(ForeignKey("campus.id", ondelete="CASCADE"), index=True)
    kind: Mapped[PostingKind] = mapped_column(named(PostingKind), default=PostingKind.HOME)
    share_percent: Mapped[int] = mapped_column(default=100)

    person: Mapped[Person] = relationship(back_populates="postings")
    campus: Mapped[Campus] = relationship()


class RoleGrant(Dated, Base):
    """A role given to somebody for a time, within a scope.

    The scope is the group or the campus named (exactly one of them, or the prep group), narrowed by division, subject
    and grade where these are set.
    """

    __tablename__ = "role_grant"
    __table_args__ = (
        CheckConstraint(
            "(group_id IS NOT NULL) OR (campus_id IS NOT NULL) OR (prep_group_id IS NOT NULL)", name="has_a_scope"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    role: Mapped[Role] = mapped_column(named(Role))
    group_id: Mapped[int | None] = mapped_column(ForeignKey("group_of_schools.id", ondelete="CASCADE"), index=True)
    campus_id: Mapped[int | None] = mapped_column(ForeignKey("campus.id", ondelete="CASCADE"), index=True)
    division_id: Mapped[int | None] = mapped_column(ForeignKey("division.id", ondelete="CASCADE"))
    subject_id: Mapped[int | None] = mapped_column(ForeignKey("subject.id", ondelete="CASCADE"))
    grade: Mapped[int | None] = mapped_column(default=None)
    prep_group_id: Mapped[int | None] = mapped_column(ForeignKey("prep_group.id", ondelete="CASCADE"), index=True)

    person: Mapped[Person] = relationship(back_populates="grants")
    prep_group: Mapped["PrepGroup | None"] = relationship(viewonly=True)

    @property
    def of_group_id(self) -> int | None:
        """The group that the role is about: the one named, or that of its prep group; None for the role of a campus."""
        return self.prep_group.group_id if self.prep_group else self.group_id


class Subject(Base):
    """学科. Stands here because roles and prep groups are scoped by it."""

    __tablename__ = "subject"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(30))
    name_en: Mapped[str] = mapped_column(String(40), default="")
    rank: Mapped[int] = mapped_column(default=0)


class SchoolClass(Base):
    """班级: a class of one campus; its grade in a school year follows from `entry_year` and `stage`.

    `code` is what its pupils type to sign in. `left_on`: the day on which it finished its last year.
    """

    __tablename__ = "school_class"
    __table_args__ = (UniqueConstraint("campus_id", "stage", "entry_year", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campus_id: Mapped[int] = mapped_column(ForeignKey("campus.id", ondelete="CASCADE"), index=True)
    stage: Mapped[Stage] = mapped_column(named(Stage))
    entry_year: Mapped[int]
    grade: Mapped[int]
    number: Mapped[int]
    name: Mapped[str] = mapped_column(String(30))
    homeroom_teacher_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    code: Mapped[str | None] = mapped_column(String(10), unique=True, default=None)
    left_on: Mapped[date | None] = mapped_column(default=None)

    campus: Mapped[Campus] = relationship()


class Moving(Base):
    """升级: the classes of a campus moved up into the school year that begins in `year`; once only."""

    __tablename__ = "moving"
    __table_args__ = (UniqueConstraint("campus_id", "year"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campus_id: Mapped[int] = mapped_column(ForeignKey("campus.id", ondelete="CASCADE"))
    year: Mapped[int]
    on_day: Mapped[date]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))


class Pupil(Base):
    """学生: a name and a seat, nothing more is kept about a child.

    `pin_hash` is argon2id; empty means that the child has no card yet. From `ends_on` on the card no longer counts.
    """

    __tablename__ = "pupil"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    pin_hash: Mapped[str] = mapped_column(String(200), default="")
    ends_on: Mapped[date | None] = mapped_column(default=None)
    enrolments: Mapped[list["Enrolment"]] = relationship(cascade="all, delete-orphan")


class Enrolment(Dated, Base):
    """A pupil sits in a class for a time."""

    __tablename__ = "enrolment"

    id: Mapped[int] = mapped_column(primary_key=True)
    pupil_id: Mapped[int] = mapped_column(ForeignKey("pupil.id", ondelete="CASCADE"), index=True)
    class_id: Mapped[int] = mapped_column(ForeignKey("school_class.id", ondelete="CASCADE"), index=True)
    seat: Mapped[int | None] = mapped_column(default=None)


class TeachingAssignment(Dated, Base):
    """任课: who teaches which subject to which class; fills the prep groups."""

    __tablename__ = "teaching_assignment"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    class_id: Mapped[int] = mapped_column(ForeignKey("school_class.id", ondelete="CASCADE"), index=True)
    subject_id: Mapped[int] = mapped_column(ForeignKey("subject.id", ondelete="CASCADE"), index=True)


class PrepGroup(Base):
    """备课组: the teachers of one subject and stage's grade, of one campus or of all campuses of the group.

    Its members are those who teach `subject` to a class of `stage` and `grade` (no grade: the whole stage) at one of
    its campuses, together with those picked by hand (`PrepGroupPick`).
    """

    __tablename__ = "prep_group"

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("group_of_schools.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    subject_id: Mapped[int] = mapped_column(ForeignKey("subject.id"), index=True)
    stage: Mapped[Stage] = mapped_column(named(Stage))
    grade: Mapped[int | None] = mapped_column(default=None)
    whole_group: Mapped[bool] = mapped_column(default=True)

    subject: Mapped[Subject] = relationship()
    campuses: Mapped[list[Campus]] = relationship(secondary="prep_group_campus")


class PrepGroupCampus(Base):
    """A campus takes part in a prep group that is not of the whole group."""

    __tablename__ = "prep_group_campus"

    prep_group_id: Mapped[int] = mapped_column(ForeignKey("prep_group.id", ondelete="CASCADE"), primary_key=True)
    campus_id: Mapped[int] = mapped_column(ForeignKey("campus.id", ondelete="CASCADE"), primary_key=True)


class PrepGroupPick(Dated, Base):
    """Somebody was put into a prep group by hand for a time."""

    __tablename__ = "prep_group_pick"

    id: Mapped[int] = mapped_column(primary_key=True)
    prep_group_id: Mapped[int] = mapped_column(ForeignKey("prep_group.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)


class SignIn(Base):
    """One signed-in browser. The cookie carries a random token, the row its SHA-256.

    The token is exchanged now and then; `former_hash` is of the one before, good until the new one has come back.
    `viewing_as`: an administrator sees the product as this person since the moment `viewing_since`; see `schools.viewing`.
    """

    __tablename__ = "sign_in"
    __table_args__ = (NEVER_AGAIN,)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    former_hash: Mapped[str | None] = mapped_column(String(64), unique=True, default=None)
    made_at: Mapped[datetime] = mapped_column(default=now)
    renewed_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    device: Mapped[str] = mapped_column(String(120), default="")
    viewing_as_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), default=None)
    viewing_since: Mapped[datetime | None] = mapped_column(default=None)

    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    viewing_as: Mapped[Person | None] = relationship(foreign_keys=[viewing_as_id])


class PupilSignIn(Base):
    """One browser in which a pupil is signed in; the cookie carries a random token, the row its SHA-256."""

    __tablename__ = "pupil_sign_in"
    __table_args__ = (NEVER_AGAIN,)

    id: Mapped[int] = mapped_column(primary_key=True)
    pupil_id: Mapped[int] = mapped_column(ForeignKey("pupil.id", ondelete="CASCADE"), index=True)
    class_id: Mapped[int] = mapped_column(ForeignKey("school_class.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime] = mapped_column(index=True)

    pupil: Mapped[Pupil] = relationship()
    school_class: Mapped[SchoolClass] = relationship()


class SignInFailure(Base):
    """A password that was refused, kept for a while to throttle guessing per account and per address."""

    __tablename__ = "sign_in_failure"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(80), index=True)
    made_at: Mapped[datetime] = mapped_column(default=now, index=True)


class AuditEntry(Base):
    """留痕: who did what to whom or what, written in the transaction that did it; see `schools.audit`.

    Names stand beside the numbers, so that an entry can be read after what it tells of is gone. `campus_id` is the campus
    whose data it concerns, whose heads read it; `group_id` is asked where it concerns none in particular, or is about a membership.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index(None, "campus_id", "made_at"),
        Index(None, "campus_id", "action", "made_at"),
        Index(None, "group_id", "campus_id", "made_at"),
        Index(None, "object_kind", "group_id", "made_at"),
        Index(None, "person_name", "made_at"),
        Index(None, "object_name", "made_at"),
        NEVER_AGAIN,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    made_at: Mapped[datetime] = mapped_column(default=now, index=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)
    person_name: Mapped[str] = mapped_column(String(40), default="")
    action: Mapped[str] = mapped_column(String(40))
    object_kind: Mapped[str] = mapped_column(String(24), default="")
    object_id: Mapped[int | None] = mapped_column(default=None)
    object_name: Mapped[str] = mapped_column(String(120), default="")
    campus_id: Mapped[int | None] = mapped_column(ForeignKey("campus.id", ondelete="SET NULL"))
    group_id: Mapped[int | None] = mapped_column(ForeignKey("group_of_schools.id", ondelete="SET NULL"))
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    address: Mapped[str] = mapped_column(String(45), default="")


class SourcedId(Base):
    """The name that an outside system (OneRoster's `sourcedId`) has for one of our records."""

    __tablename__ = "sourced_id"
    __table_args__ = (UniqueConstraint("kind", "sourced_id"), Index(None, "kind", "record_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(24))
    record_id: Mapped[int]
    sourced_id: Mapped[str] = mapped_column(String(255))
