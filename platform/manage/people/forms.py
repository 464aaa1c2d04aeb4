"""What the browser may send about people: the filter of the list, and each form of a person's card."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Self

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from foundation.errors import Invalid
from foundation.sent import ListFilter
from manage.sent import Sent, check_span
from schools.models import PostingKind, Role
from schools.roles import PRESETS, Narrowing, PlaceKind

Form = MultiDict[str, str]

SHARES = range(1, 101)
GRADES = range(1, 13)
_WORDS_LENGTH = 60


class State(enum.StrEnum):
    """Who of the staff a list shows."""

    PRESENT = "present"
    LEAVING = "leaving"
    COMING = "coming"
    GONE = "gone"
    ALL = "all"


@dataclass(frozen=True)
class PeopleFilter(ListFilter):
    """Which people a list shows. `words` is looked for in names, their pinyin and initials, and staff numbers."""

    words: str = ""
    campus: int | None = None
    subject: int | None = None
    role: Role | None = None
    state: State = State.PRESENT

    @classmethod
    def read(cls, sent: Mapping[str, str]) -> Self:
        """The filter in an address; what makes no sense is left out."""
        form = Sent(sent)
        return cls(
            words=" ".join(sent.get("words", "").split())[:_WORDS_LENGTH],
            campus=form.record("campus"),
            subject=form.record("subject"),
            role=next((role for role in PRESETS if role.value == sent.get("role")), None),
            state=next((state for state in State if state.value == sent.get("state")), State.PRESENT),
            page=form.record("page") or 1,
        )

    @property
    def narrowed(self) -> bool:
        """Whether it leaves out any of the present staff."""
        return replace(self, page=1) != type(self)()


@dataclass(frozen=True)
class PersonForm:
    """Who somebody is."""

    name: str
    staff_number: str

    @classmethod
    def read(cls, form: Form) -> Self:
        """Raises Invalid."""
        sent = Sent(form)
        name = sent.line("name", 40, missing=gettext("请填写姓名。"))
        number = sent.line("staff_number", 40)
        sent.check()
        return cls(name, number)


@dataclass(frozen=True)
class PostingForm:
    """How, how much and from when until when somebody works at a campus."""

    campus_id: int | None
    kind: PostingKind
    share_percent: int
    from_day: date
    to_day: date | None

    @classmethod
    def read(cls, form: Form, day: date) -> Self:
        """`day` is the first day where none was sent. Raises Invalid."""
        sent = Sent(form)
        read = cls(
            campus_id=sent.record("campus"),
            kind=sent.one_of("kind", PostingKind),
            share_percent=sent.number("share", SHARES) or 100,
            from_day=sent.day("from_day") or day,
            to_day=sent.day("to_day"),
        )
        sent.check()
        check_span(read.from_day, read.to_day)
        return read


@dataclass(frozen=True)
class TitleForm:
    """An honour with its days."""

    name: str
    from_day: date
    to_day: date | None

    @classmethod
    def read(cls, form: Form, day: date) -> Self:
        """Raises Invalid."""
        sent = Sent(form)
        name = sent.line("name", 40, missing=gettext("请填写荣誉名称，如“骨干教师”。"))
        from_day, to_day = sent.day("from_day") or day, sent.day("to_day")
        sent.check()
        check_span(from_day, to_day)
        return cls(name, from_day, to_day)


@dataclass(frozen=True)
class RoleForm:
    """A role with what it is given for: exactly one of a group, a campus and a prep group, narrowed where its preset allows."""

    role: Role
    group_id: int | None
    campus_id: int | None
    prep_group_id: int | None
    division_id: int | None
    subject_id: int | None
    grade: int | None
    from_day: date
    to_day: date | None

    @classmethod
    def read(cls, form: Form, day: date, among: frozenset[Role] = frozenset(PRESETS)) -> Self:
        """The place is sent as `group-3`, `campus-5` or `prep_group-7`; the role is one of `among`. Raises Invalid."""
        sent = Sent(form)
        role = next((role for role in PRESETS if role in among and role.value == form.get("role")), None)
        if role is None:
            raise Invalid(role=gettext("请选择角色。"))
        preset = PRESETS[role]
        kind, place_id = _place_sent(form.get("place", ""))
        if kind not in preset.places:
            sent.faults["place"] = gettext("请选择这个角色用在哪里。")
        read = cls(
            role=role,
            group_id=place_id if kind is PlaceKind.GROUP else None,
            campus_id=place_id if kind is PlaceKind.CAMPUS else None,
            prep_group_id=place_id if kind is PlaceKind.PREP_GROUP else None,
            division_id=sent.record("division") if Narrowing.DIVISION in preset.narrowings else None,
            subject_id=sent.record("subject") if Narrowing.SUBJECT in preset.narrowings else None,
            grade=sent.number("grade", GRADES) if Narrowing.GRADE in preset.narrowings else None,
            from_day=sent.day("from_day") or day,
            to_day=sent.day("to_day"),
        )
        if preset.needs_subject and read.subject_id is None:
            sent.faults["subject"] = gettext("教研组长要选定一个学科。")
        if preset.must_end and read.to_day is None and "to_day" not in sent.faults:
            sent.faults["to_day"] = gettext("校外来的教研员和视导员，请填写到哪天为止。")
        sent.check()
        check_span(read.from_day, read.to_day)
        return read


def _place_sent(text: str) -> tuple[PlaceKind | None, int | None]:
    kind, _, number = text.partition("-")
    known = next((each for each in PlaceKind if each.value == kind), None)
    return (known, int(number)) if known and number.isdecimal() and len(number) <= 9 else (None, None)


def day_sent(form: Form, name: str, *, missing: str) -> date:
    """A day that must be given. Raises Invalid."""
    sent = Sent(form)
    day = sent.day(name, missing=missing)
    sent.check()
    if day is None:
        raise Invalid(**{name: missing})
    return day


@dataclass(frozen=True)
class HandOverForm:
    """What goes over to whom: prep groups to lead, classes to be homeroom teacher of, assignments; from which day."""

    successor: str
    on: date
    grant_ids: frozenset[int]
    class_ids: frozenset[int]
    assignment_ids: frozenset[int]

    @classmethod
    def read(cls, form: Form, day: date) -> Self:
        """Raises Invalid."""
        sent = Sent(form)
        successor = sent.line("successor", 80, missing=gettext("请填写接手老师的姓名或工号。"))
        on = sent.day("on") or day
        read = cls(successor, on, _ids(form, "grant"), _ids(form, "class"), _ids(form, "assignment"))
        if not read.grant_ids | read.class_ids | read.assignment_ids:
            sent.faults["lines"] = gettext("请至少勾选一项要交接的工作。")
        sent.check()
        return read


def _ids(form: Form, name: str) -> frozenset[int]:
    return frozenset(int(text) for text in form.getlist(name) if text.isdecimal() and len(text) <= 9)
