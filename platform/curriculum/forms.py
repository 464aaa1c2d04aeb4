"""What the browser may send about the textbook tree, cleaned and checked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Self

from flask_babel import gettext

from curriculum.outline import MOST_PERIODS, TITLE_LENGTH
from curriculum.queries import TreeChoices
from foundation.errors import Invalid
from foundation.sent import ListFilter
from schools.models import Stage
from schools.names import GRADES_OF_STAGE

NAME_LENGTH: Final = 60

_FIELD = re.compile(r"(unit|topic)-(\d{1,9})-(title|theme|periods)\Z")
_STEP = re.compile(r"(up|down|delete):(unit|topic):(\d{1,9})\Z|(add):(unit|topic):(\d{0,9})\Z")


@dataclass(frozen=True)
class EditionForm:
    """版本: one publisher's books for a subject and stage."""

    subject_id: int
    stage: Stage
    name: str
    publisher: str

    @classmethod
    def read(cls, form: Mapping[str, str]) -> "EditionForm":
        """Raises Invalid."""
        faults = {}
        name, publisher = _line(form, "name"), _line(form, "publisher")
        subject, stage = form.get("subject", ""), form.get("stage", "")
        if not subject.isdecimal() or len(subject) > 9:
            faults["subject"] = gettext("请选择学科。")
        if stage not in list(Stage):
            faults["stage"] = gettext("请选择学段。")
        if not name:
            faults["name"] = gettext("请填写版本名称，如“统编版”。")
        for key, words in (("name", name), ("publisher", publisher)):
            if len(words) > NAME_LENGTH:
                faults[key] = gettext("最多 %(count)d 个字。", count=NAME_LENGTH)
        if faults:
            raise Invalid(**faults)
        return cls(int(subject), Stage(stage), name, publisher)


@dataclass(frozen=True)
class VolumeForm:
    """册: the book of one grade and semester; `name` is empty where the usual one shall stand."""

    grade: int
    semester: int | None
    name: str

    @classmethod
    def read(cls, form: Mapping[str, str], stage: Stage) -> "VolumeForm":
        """Raises Invalid."""
        grade, semester, name = form.get("grade", ""), form.get("semester", ""), _line(form, "name")
        if not grade.isdecimal() or int(grade[:3]) not in GRADES_OF_STAGE[stage]:
            raise Invalid(grade=gettext("请选择年级。"))
        if len(name) > NAME_LENGTH:
            raise Invalid(name=gettext("最多 %(count)d 个字。", count=NAME_LENGTH))
        return cls(int(grade), int(semester) if semester in ("1", "2") else None, name)


@dataclass(frozen=True)
class Step:
    """One thing to do with the tree besides the titles: what, to a unit or a topic, which one (0: to a new one)."""

    what: str
    kind: str
    id: int


@dataclass(frozen=True)
class TreeForm:
    """The titles of a volume's units and topics as they were sent, by id, and the step asked for."""

    units: dict[int, dict[str, str]] = field(default_factory=dict)
    topics: dict[int, dict[str, str]] = field(default_factory=dict)
    step: Step | None = None

    @classmethod
    def read(cls, form: Mapping[str, str]) -> "TreeForm":
        """Raises Invalid with a sentence for every field that cannot be used."""
        read = cls(step=_step(form.get("step", "")))
        faults = {}
        for name in form:
            found = _FIELD.match(name)
            if not found:
                continue
            words, key = _line(form, name), found[3]
            fault = _fault(key, words)
            if fault:
                faults[name] = fault
            sent = read.units if found[1] == "unit" else read.topics
            sent.setdefault(int(found[2]), {})[key] = words
        if faults:
            raise Invalid(**faults)
        return read


def _fault(key: str, words: str) -> str:
    if key == "periods":
        wanted = words.isdecimal() and len(words) < 4 and 1 <= int(words) <= MOST_PERIODS
        return "" if wanted else gettext("课时是 1 到 %(count)d 之间的整数。", count=MOST_PERIODS)
    if len(words) > TITLE_LENGTH:
        return gettext("最多 %(count)d 个字。", count=TITLE_LENGTH)
    return gettext("名称不能空着；不要的请删除。") if key == "title" and not words else ""


def _step(text: str) -> Step | None:
    found = _STEP.match(text)
    if not found:
        return None
    what, kind, id = (found[1], found[2], found[3]) if found[1] else (found[4], found[5], found[6])
    return Step(what, kind, int(id or 0))


def _line(form: Mapping[str, str], name: str) -> str:
    return " ".join(form.get(name, "").split())


@dataclass(frozen=True)
class TreeFilter(ListFilter):
    """Which plans or resources a list shows: whose they are (`scope`), where they lie in the textbook tree, words of their titles."""

    scope: str = "mine"
    subject: int | None = None
    volume: int | None = None
    unit: int | None = None
    topic: int | None = None
    words: str = ""

    @property
    def narrowed(self) -> bool:
        """Whether it leaves out anything of its scope."""
        return replace(self, page=1) != type(self)(scope=self.scope)

    def address(self, **changed: object) -> dict[str, object]:
        """See ListFilter; the scope is always said."""
        return {"scope": changed.get("scope", self.scope)} | super().address(**changed)

    def within(self, tree: TreeChoices) -> Self:
        """The same without what does not lie below what was chosen above it, as after choosing another subject."""
        volume = self.volume if any(each.id == self.volume for each in tree.volumes) else None
        unit = self.unit if any(each.id == self.unit for each in tree.units) else None
        topic = self.topic if any(each.id == self.topic for each in tree.topics(unit)) else None
        return replace(self, volume=volume, unit=unit, topic=topic)
