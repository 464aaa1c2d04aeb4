"""What the browser may send about classes, pupils and who teaches them, cleaned and checked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from foundation.errors import Invalid
from manage.sent import Sent, check_span
from schools.models import Stage
from schools.names import GRADES_OF_STAGE

MOST_PASTED = 200
_SEAT = re.compile(r"\d{1,3}\Z")
_BETWEEN = re.compile(r"[\s,，、;；\t]+")


@dataclass(frozen=True)
class ClassFilter:
    """Which classes a list shows; `left`: those that have finished their last year."""

    campus: int | None = None
    grade: int | None = None
    left: bool = False
    words: str = ""
    page: int = 1

    @classmethod
    def read(cls, args: MultiDict[str, str]) -> "ClassFilter":
        """The filter in an address; what makes no sense is left out."""
        return cls(
            campus=_number(args.get("campus")),
            grade=_number(args.get("grade")),
            left=args.get("left") == "1",
            words=" ".join(args.get("words", "").split())[:40],
            page=_number(args.get("page")) or 1,
        )

    @property
    def narrowed(self) -> bool:
        """Whether it leaves out classes."""
        return replace(self, page=1, left=False) != ClassFilter()

    def address(self, **changed: object) -> dict[str, object]:
        """The parts of an address that say this filter, with `changed` fields."""
        values = {field.name: getattr(self, field.name) for field in fields(self)} | {"page": 1} | changed
        default = ClassFilter()
        return {name: _sent(value) for name, value in values.items() if value != getattr(default, name)}


@dataclass(frozen=True)
class ClassForm:
    """A class; `name` is empty where the usual one shall stand, `homeroom` says who leads it in words."""

    stage: Stage
    grade: int
    number: int
    name: str
    homeroom: str

    @classmethod
    def read(cls, form: Mapping[str, str]) -> "ClassForm":
        """The grade is sent as `primary-3`. Raises Invalid."""
        sent = Sent(form)
        stage, grade = stage_and_grade(form.get("grade", ""))
        if not grade:
            sent.faults["grade"] = gettext("请选择年级。")
        number = sent.number("number", range(1, 100), missing=gettext("请填写班号。"))
        name = sent.line("name", 30)
        homeroom = sent.line("homeroom", 80)
        sent.check()
        return cls(stage, grade, number or 1, name, homeroom)


@dataclass(frozen=True)
class NewPupil:
    """A pupil as written down: `line` is where it stands in what was pasted."""

    name: str
    seat: int | None
    line: int


@dataclass(frozen=True)
class PupilForm:
    """A pupil's name and seat."""

    name: str
    seat: int | None

    @classmethod
    def read(cls, form: Mapping[str, str]) -> "PupilForm":
        """Raises Invalid."""
        sent = Sent(form)
        read = cls(
            sent.line("pupil_name", 40, missing=gettext("请填写学生姓名。")), sent.number("seat", range(1, 1000))
        )
        sent.check()
        return read


@dataclass(frozen=True)
class AssignmentForm:
    """Who teaches what, in words, for a time."""

    person: str
    subject_id: int
    from_day: date
    to_day: date | None

    @classmethod
    def read(cls, form: Mapping[str, str], start: date) -> "AssignmentForm":
        """`start` stands for a day that was not filled in. Raises Invalid."""
        sent = Sent(form)
        person = sent.line("person", 80, missing=gettext("请填写姓名或工号。"))
        subject_id = sent.record("subject", missing=gettext("请选择学科。"))
        from_day, to_day = sent.day("from_day") or start, sent.day("to_day")
        sent.check()
        check_span(from_day, to_day)
        return cls(person, subject_id or 0, from_day, to_day)


def pupils_pasted(text: str) -> list[NewPupil]:
    """One pupil a line: a name, a seat before or behind it or none. Raises Invalid naming the first line that cannot be read."""
    pupils: list[NewPupil] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        if len(pupils) == MOST_PASTED:
            raise Invalid(pupils=gettext("一次最多 %(count)d 行。", count=MOST_PASTED))
        pupils.append(_pupil(line, number))
    if not pupils:
        raise Invalid(pupils=gettext("请每行写一名学生。"))
    return pupils


def _pupil(line: str, number: int) -> NewPupil:
    parts = [part for part in _BETWEEN.split(line.strip()) if part]
    seats = [part for part in parts if _SEAT.match(part)]
    name = " ".join(part for part in parts if part not in seats)
    if not name or len(seats) > 1:
        raise Invalid(
            pupils=gettext("第 %(line)d 行看不懂：“%(text)s”。每行写座号和姓名。", line=number, text=line[:30])
        )
    if len(name) > 40 or any(mark.isdecimal() for mark in name):
        raise Invalid(
            pupils=gettext("第 %(line)d 行不像姓名：“%(text)s”。这里只记姓名和座号。", line=number, text=line[:30])
        )
    return NewPupil(name, int(seats[0]) if seats else None, number)


def stage_and_grade(text: str) -> tuple[Stage, int]:
    """`junior-7` as pages name a grade; grade 0 for what is none."""
    stage, _, grade = text.partition("-")
    if stage not in list(Stage) or not grade.isdecimal() or int(grade[:3]) not in GRADES_OF_STAGE[Stage(stage)]:
        return Stage.PRIMARY, 0
    return Stage(stage), int(grade)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 10 else None


def _sent(value: object) -> object:
    return "1" if value is True else value
