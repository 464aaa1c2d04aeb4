"""What the browser may send about groups and people, cleaned and checked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from schools.actions import NewCampus, NewGroup, NewPerson
from schools.models import GroupKind, Stage
from schools.names import GRADES_OF_STAGE, USUAL_SUBJECTS
from schools.passwords import fault_of_password

FIRST_STEP: Final = 1
LAST_STEP: Final = 3
MOST_CAMPUSES: Final = 60
LESSON_MINUTES: Final = range(10, 121)

_GRADE = re.compile(r"([a-z]+)-(\d+)\Z")


@dataclass
class CampusRow:
    """One line of the campuses' step."""

    name: str = ""
    rural: bool = False


@dataclass
class FirstVisit:
    """The three steps of the first visit as they were filled in so far. Passwords are never written back into a page."""

    name: str = ""
    kind: str = GroupKind.EDUCATION_GROUP.value
    lesson_minutes: str = "40"
    campuses: list[CampusRow] = field(default_factory=lambda: [CampusRow() for _ in range(3)])
    core: int = 0
    person_name: str = ""
    staff_number: str = ""
    subject: str = ""
    grade: str = ""
    password: str = ""
    password_again: str = ""

    @classmethod
    def sent(cls, form: MultiDict[str, str]) -> "FirstVisit":
        """What a browser has sent, spaces tidied; what it has not sent stays as on an empty page."""
        visit = cls()
        for name in ("name", "kind", "lesson_minutes", "person_name", "staff_number", "subject", "grade"):
            setattr(visit, name, " ".join(form.get(name, getattr(visit, name)).split()))
        visit.password, visit.password_again = form.get("password", ""), form.get("password_again", "")
        names = form.getlist("campus")[:MOST_CAMPUSES]
        if names:
            rural = set(form.getlist("rural"))
            visit.campuses = [
                CampusRow(" ".join(name.split()), rural=str(place) in rural) for place, name in enumerate(names)
            ]
        core = form.get("core", "0")
        visit.core = int(core) if core.isdecimal() and int(core) < len(visit.campuses) else 0
        return visit

    def add_rows(self) -> None:
        """Room for more campuses."""
        self.campuses += [CampusRow() for _ in range(min(2, MOST_CAMPUSES - len(self.campuses)))]

    def faults_of(self, step: int) -> Mapping[str, str]:
        """What is wrong with a step: the name of each field in question, as they stand on the page, and its sentence."""
        return (self._faults_of_group, self._faults_of_campuses, self._faults_of_person)[step - 1]()

    def first_faulty_step(self) -> int | None:
        """The first step with something wrong, None when all is well."""
        return next((step for step in range(FIRST_STEP, LAST_STEP + 1) if self.faults_of(step)), None)

    def new_group(self) -> NewGroup:
        """The group, once nothing is wrong; lines without a name are left out."""
        kept = [place for place, row in enumerate(self.campuses) if row.name]
        return NewGroup(
            name=self.name,
            kind=GroupKind(self.kind),
            lesson_minutes=int(self.lesson_minutes),
            campuses=[NewCampus(self.campuses[place].name, self.campuses[place].rural) for place in kept],
            core=kept.index(self.core),
        )

    def new_person(self) -> NewPerson:
        """The administrator, once nothing is wrong."""
        if not self.subject:
            return NewPerson(self.person_name, self.staff_number, self.password)
        stage, grade = _stage_and_grade(self.grade) or (Stage.PRIMARY, 1)
        return NewPerson(self.person_name, self.staff_number, self.password, self.subject, stage, grade)

    def _faults_of_group(self) -> Mapping[str, str]:
        faults = {}
        if not self.name:
            faults["name"] = gettext("请填写集团名称。")
        elif len(self.name) > 80:
            faults["name"] = gettext("集团名称最多 %(count)s 个字。", count=80)
        if self.kind not in list(GroupKind):
            faults["kind"] = gettext("请选择集团类型。")
        if not self.lesson_minutes.isdecimal() or int(self.lesson_minutes) not in LESSON_MINUTES:
            faults["lesson_minutes"] = gettext("一节课的时长应在 10 到 120 分钟之间。")
        return faults

    def _faults_of_campuses(self) -> Mapping[str, str]:
        faults = {}
        names = [row.name for row in self.campuses]
        for place, name in enumerate(names):
            if len(name) > 80:
                faults[f"campus-{place}"] = gettext("校区名称最多 %(count)s 个字。", count=80)
            elif name and name in names[:place]:
                faults[f"campus-{place}"] = gettext("这个校区和上面的重名了。")
        if not any(names):
            faults["campus-0"] = gettext("请至少填写一个校区。")
        elif not names[self.core]:
            faults[f"campus-{self.core}"] = gettext("这一行选作了核心校，请填写它的名称，或另选一行。")
        return faults

    def _faults_of_person(self) -> Mapping[str, str]:
        faults = {}
        if not self.person_name:
            faults["person_name"] = gettext("请填写您的姓名。")
        elif len(self.person_name) > 40:
            faults["person_name"] = gettext("姓名最多 %(count)s 个字。", count=40)
        if not self.staff_number:
            faults["staff_number"] = gettext("请填写您的工号，以后可以用它登录。")
        elif len(self.staff_number) > 40:
            faults["staff_number"] = gettext("工号最多 %(count)s 个字。", count=40)
        poor = fault_of_password(self.password, self.person_name, self.staff_number)
        if poor:
            faults["password"] = poor
        elif self.password != self.password_again:
            faults["password_again"] = gettext("两次输入的密码不一样。")
        if self.subject and self.subject not in {code for code, _, _ in USUAL_SUBJECTS}:
            faults["subject"] = gettext("请从列表里选择学科。")
        if self.subject and _stage_and_grade(self.grade) is None:
            faults["grade"] = gettext("选了学科，请再选年级。")
        return faults


def _stage_and_grade(text: str) -> tuple[Stage, int] | None:
    """`junior-7` as the page names it."""
    found = _GRADE.match(text)
    if found is None or found[1] not in list(Stage):
        return None
    stage, grade = Stage(found[1]), int(found[2])
    return (stage, grade) if grade in GRADES_OF_STAGE[stage] else None
