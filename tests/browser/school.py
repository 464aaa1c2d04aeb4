"""Two teachers of two campuses who write one plan."""

import re

from lessons.models import Plan
from lessons.text.content import PlanContent, StepContent
from schools.models import Person, Visibility
from tests.browser.desks import Desk, Office
from tests.factories import make_campus, make_group, make_person, make_plan, make_prep_group

TEACHER = "step:daoru00001:teacher"
PUPILS = "step:xinzhi0001:pupils"
OBJECTIVES = "section:objectives"


class School:
    """Two campuses, a teacher at each, their prep group and a plan of it."""

    def __init__(self, office: Office) -> None:
        self.office = office
        group = make_group()
        self.wang: Person = make_person(make_campus(group, "桐江小学"), "王敏")
        self.li: Person = make_person(make_campus(group, "青石岭小学"), "李秀兰")
        self.prep_group = make_prep_group(group, members=[self.wang, self.li])
        content = PlanContent(
            title="秋天的雨",
            minutes=40,
            periods=1,
            steps=[
                StepContent(id="daoru00001", title="情境导入", minutes=5),
                StepContent(id="xinzhi0001", title="新知探究"),
            ],
        )
        self.plan: Plan = make_plan(
            self.wang, content=content, prep_group=self.prep_group, visibility=Visibility.PREP_GROUP
        )

    def both(self) -> tuple[Desk, Desk]:
        """王敏 and 李秀兰 with the plan open."""
        return (
            self.office.desk_of(self.wang).open(self.plan.code),
            self.office.desk_of(self.li).open(self.plan.code),
        )

    def agree(self, *fields: str) -> None:
        """Everybody's page says the same, and so does the database."""
        for desk in self.office.desks:
            desk.is_saved()
        first, *others = self.office.desks
        stored = re.sub(r"\s|\\", "", self.office.markdown_of(self.plan))
        for field in fields:
            words = first.words_of(field)
            for desk in others:
                desk.sees(field, words)
                assert desk.words_of(field) == words
            assert re.sub(r"\s", "", words) in stored
