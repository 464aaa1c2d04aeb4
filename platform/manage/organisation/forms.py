"""What the browser may send about campuses, divisions and departments, cleaned and checked."""

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from manage.sent import Sent, check_span
from schools.models import MemberKind, RoomKind, Stage

_SCHOOL_CODE = re.compile(r"\d{10}\Z", re.ASCII)


class UnitKind(enum.StrEnum):
    """What a department calls itself."""

    DEPARTMENT = "department"  # 部门
    WORKING_GROUP = "working_group"  # 工作组
    COMMITTEE = "committee"  # 委员会
    COUNCIL = "council"  # 理事会


@dataclass(frozen=True)
class Profile:
    """What is told about a campus."""

    name: str
    short_name: str
    former_names: list[str]
    school_code: str
    stages: list[str]
    rural: bool
    address: str
    strengths: str
    uplink_mbps: float | None

    @classmethod
    def read(cls, form: MultiDict[str, str]) -> "Profile":
        """Raises Invalid with a sentence for every field that cannot be used."""
        sent = Sent(form)
        name = sent.line("name", 80, missing=gettext("请填写校区名称。"))
        code = sent.line("school_code", 10)
        if code and not _SCHOOL_CODE.match(code):
            sent.faults["school_code"] = gettext("学校标识码是 10 位数字。")
        former = [line.strip() for line in sent.text("former_names", 400).splitlines() if line.strip()]
        stages = [stage.value for stage in Stage if stage in form.getlist("stages")]
        if not stages:
            sent.faults["stages"] = gettext("请至少选一个学段。")
        profile = cls(
            name=name,
            short_name=sent.line("short_name", 20) or name[:20],
            former_names=former,
            school_code=code,
            stages=stages,
            rural=sent.ticked("rural"),
            address=sent.line("address", 200),
            strengths=sent.text("strengths", 400),
            uplink_mbps=sent.number("uplink_mbps", range(1, 100_001)),
        )
        sent.check()
        return profile


@dataclass(frozen=True)
class MembershipForm:
    """How and for how long a campus belongs to a group."""

    kind: MemberKind
    from_day: date
    to_day: date | None

    @classmethod
    def read(cls, form: Mapping[str, str], start: date) -> "MembershipForm":
        """`start` stands for a day that was not filled in. Raises Invalid."""
        sent = Sent(form)
        read = cls(sent.one_of("kind", MemberKind), sent.day("from_day") or start, sent.day("to_day"))
        sent.check()
        check_span(read.from_day, read.to_day)
        return read


@dataclass(frozen=True)
class RoomForm:
    """A room."""

    name: str
    kind: RoomKind
    seats: int | None
    cameras: int

    @classmethod
    def read(cls, form: Mapping[str, str]) -> "RoomForm":
        """Raises Invalid."""
        sent = Sent(form)
        read = cls(
            name=sent.line("room_name", 40, missing=gettext("请填写教室名称。")),
            kind=sent.one_of("room_kind", RoomKind),
            seats=sent.number("seats", range(1, 5001)),
            cameras=sent.number("cameras", range(21)) or 0,
        )
        sent.check()
        return read


@dataclass(frozen=True)
class DivisionForm:
    """A division: its grades and campuses."""

    name: str
    grades: list[int]
    campus_ids: frozenset[int]

    @classmethod
    def read(cls, form: MultiDict[str, str]) -> "DivisionForm":
        """Raises Invalid."""
        sent = Sent(form)
        name = sent.line("name", 60, missing=gettext("请填写级部名称。"))
        grades = sorted(
            {int(each) for each in form.getlist("grades") if each.isdecimal() and int(each) in range(1, 13)}
        )
        campus_ids = frozenset(int(each) for each in form.getlist("campuses") if each.isdecimal() and len(each) < 10)
        if not grades:
            sent.faults["grades"] = gettext("请至少选一个年级。")
        if not campus_ids:
            sent.faults["campuses"] = gettext("请至少选一个校区。")
        sent.check()
        return cls(name, grades, campus_ids)


@dataclass(frozen=True)
class UnitForm:
    """A department or committee."""

    name: str
    kind: UnitKind
    duties: str
    parent_id: int | None

    @classmethod
    def read(cls, form: Mapping[str, str]) -> "UnitForm":
        """Raises Invalid."""
        sent = Sent(form)
        read = cls(
            name=sent.line("name", 60, missing=gettext("请填写部门名称。")),
            kind=sent.one_of("kind", UnitKind),
            duties=sent.text("duties", 400),
            parent_id=sent.record("parent"),
        )
        sent.check()
        return read


@dataclass(frozen=True)
class UnitMemberForm:
    """Somebody as a member of a department; `person` is who they are in words."""

    person: str
    duty: str
    from_day: date
    to_day: date | None

    @classmethod
    def read(cls, form: Mapping[str, str], start: date) -> "UnitMemberForm":
        """`start` stands for a day that was not filled in. Raises Invalid."""
        sent = Sent(form)
        read = cls(
            person=sent.line("person", 80, missing=gettext("请填写姓名或工号。")),
            duty=sent.line("duty", 40),
            from_day=sent.day("from_day") or start,
            to_day=sent.day("to_day"),
        )
        sent.check()
        check_span(read.from_day, read.to_day)
        return read


def place_sent(form: Mapping[str, str]) -> tuple[int | None, int | None]:
    """The group or the campus that a department is made for, sent as `group-3` or `campus-5`."""
    kind, _, number = form.get("place", "").partition("-")
    id = int(number) if number.isdecimal() and len(number) < 10 else None
    return (id, None) if kind == "group" else (None, id if kind == "campus" else None)
