"""教材目录: editions, volumes, units and lessons, in the order of the file."""

import re
from typing import Final

from flask_babel import gettext

from curriculum.models import LessonTopic, TextbookEdition, TextbookVolume, Unit
from manage.importing import finding, values
from manage.importing import plan as looking
from manage.importing.columns import Row
from manage.importing.plan import Plan, Refused, Step, refuse_cell
from manage.importing.records import Record
from manage.importing.texts import plain
from schools.models import Stage

PERIODS: Final = range(1, 100)
_GRADE: Final = re.compile(r"((?:初|高)?(?:[一二三四五六七八九]|1[0-2]|[1-9])(?:年级)?)")
_SEMESTERS: Final = {"上": 1, "下": 2}


class Textbooks:
    """The rows of 教材目录; what is missing of the tree above a lesson is made with it."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.rows_of: dict[Record, int] = {}

    def look_at(self, row: Row) -> None:
        """What the row would do."""
        with self.plan.step(row) as step:
            title = step.label = looking.text(row, "topic", 80, required=True)
            reach = self.plan.world.reach
            if not (reach.arranges_group or reach.arranged):
                raise Refused(gettext("教材目录要由教务或管理员登记。"))
            periods = looking.whole(row, "periods", PERIODS)
            unit = self._unit(step, self._volume(step))
            topic = self.plan.world.topics.get((unit, title))
            if topic is None:
                step.makes = True
                topic = self._add(step, LessonTopic, unit, unit_id=unit, title=title, periods=periods or 1)
            elif topic in self.rows_of:
                raise Refused(gettext("和第 %(row)s 行是同一课，没有再导入。", row=self.rows_of[topic]))
            elif periods is not None and periods != topic["periods"]:
                step.change(topic, "periods", periods, row.heading("periods"), str(topic["periods"]), str(periods))
            self.rows_of[topic] = row.number

    def _volume(self, step: Step) -> Record:
        row, world = step.row, self.plan.world
        subject, given = finding.subject(self.plan, row), looking.stage(row)
        edition_name = looking.text(row, "edition", 60, required=True)
        name = looking.text(row, "volume", 60, required=True)
        stage, grade = self._grade(row, given, plain(name))
        edition = world.editions.get((subject, stage, edition_name))
        if edition is None:
            edition = step.add(TextbookEdition, subject_id=subject, stage=stage, name=edition_name, publisher="")
        volume = world.volumes.get((edition, name))
        if volume is None:
            semester = next((number for word, number in _SEMESTERS.items() if word in name), None)
            return self._add(
                step, TextbookVolume, edition, edition_id=edition, name=name, grade=grade, semester=semester
            )
        return volume

    def _grade(self, row: Row, given: Stage | None, name: str) -> tuple[Stage, int]:
        found = _GRADE.search(name.replace("第一册", "").replace("第二册", "").replace("第三册", ""))
        written = values.grade(found[1]) if found else None
        if "必修" in name and written is None:
            written = values.Grade(1, given or Stage.SENIOR)
        placed = values.placed(written, given, []) if written else None
        if placed is None:
            raise refuse_cell(row, "volume", gettext("看不出是哪个年级，请写成“三年级上册”。"))
        return placed

    def _unit(self, step: Step, volume: Record) -> Record:
        row = step.row
        title = looking.text(row, "unit", 80, required=True)
        theme = looking.text(row, "theme", 80)
        unit = self.plan.world.units.get((volume, title))
        if unit is None:
            return self._add(step, Unit, volume, volume_id=volume, title=title, theme=theme)
        if theme and theme != unit["theme"]:
            step.change(unit, "theme", theme, row.heading("theme"), unit["theme"], theme)
        return unit

    def _add(self, step: Step, model: type, parent: Record, **columns: object) -> Record:
        return step.add(model, rank=self.plan.world.children[parent], **columns)
