"""What the browser may send about prep groups, cleaned and checked."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from foundation.sent import ListFilter
from manage.sent import Sent, check_span
from schools.models import Stage
from schools.names import GRADES_OF_STAGE


@dataclass(frozen=True)
class PrepGroupFilter(ListFilter):
    """Which prep groups a list shows."""

    group: int | None = None
    subject: int | None = None
    grade: int | None = None
    words: str = ""

    @classmethod
    def read(cls, args: MultiDict[str, str]) -> "PrepGroupFilter":
        """The filter in an address; what makes no sense is left out."""
        return cls(
            group=_number(args.get("group")),
            subject=_number(args.get("subject")),
            grade=_number(args.get("grade")),
            words=" ".join(args.get("words", "").split())[:40],
            page=_number(args.get("page")) or 1,
        )

    @property
    def narrowed(self) -> bool:
        """Whether it leaves out prep groups of the group."""
        return replace(self, page=1, group=None) != PrepGroupFilter()


@dataclass(frozen=True)
class PrepGroupForm:
    """A prep group; no grade: the whole stage; no campuses: the whole group."""

    name: str
    subject_id: int
    stage: Stage
    grade: int | None
    campus_ids: frozenset[int]

    @classmethod
    def read(cls, form: MultiDict[str, str]) -> "PrepGroupForm":
        """The grade is sent as `primary-3`, `primary-0` for the whole stage. Raises Invalid."""
        sent = Sent(form)
        name = sent.line("name", 60)
        subject_id = sent.record("subject", missing=gettext("请选择学科。"))
        stage, _, grade = form.get("grade", "").partition("-")
        if (
            stage not in list(Stage)
            or not grade.isdecimal()
            or int(grade[:3]) not in (0, *GRADES_OF_STAGE[Stage(stage)])
        ):
            sent.faults["grade"] = gettext("请选择年级。")
        campus_ids = frozenset(int(each) for each in form.getlist("campuses") if each.isdecimal() and len(each) < 10)
        if form.get("reach") == "campuses" and not campus_ids:
            sent.faults["campuses"] = gettext("请至少选一个校区。")
        sent.check()
        reach = campus_ids if form.get("reach") == "campuses" else frozenset[int]()
        return cls(name, subject_id or 0, Stage(stage), int(grade) or None, reach)


@dataclass(frozen=True)
class PickForm:
    """Somebody, in words, picked by hand for a time."""

    person: str
    from_day: date
    to_day: date | None

    @classmethod
    def read(cls, form: Mapping[str, str], start: date) -> "PickForm":
        """`start` stands for a day that was not filled in. Raises Invalid."""
        sent = Sent(form)
        person = sent.line("person", 80, missing=gettext("请填写姓名或工号。"))
        from_day, to_day = sent.day("from_day") or start, sent.day("to_day")
        sent.check()
        check_span(from_day, to_day)
        return cls(person, from_day, to_day)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 10 else None
