"""任课 and 备课组: who teaches what to which class, and the groups that prepare it together."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext

from manage.importing import finding, values
from manage.importing import plan as looking
from manage.importing.columns import Row
from manage.importing.plan import Asked, Plan, Refused, Right, Step, refuse_cell
from manage.importing.records import Record
from schools.models import PrepGroup, PrepGroupCampus, PrepGroupPick, Role, RoleGrant, Stage, TeachingAssignment
from schools.names import STAGE_NAMES


@dataclass(eq=False)
class _Line:
    """A row as far as it could be read."""

    row: Row
    campus: Record | None = None
    subject: Record | None = None
    person: Record | None = None
    classes: list[Record] = field(default_factory=list)
    from_day: Any = None
    fault: Refused | Asked | None = None


class Teaching:
    """The rows of 任课, all at once: who alone teaches a subject to a class follows whoever alone did so before."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.named: defaultdict[tuple[Record, Record], dict[Record, int]] = defaultdict(dict)

    def look_at_all(self, rows: Sequence[Row]) -> None:
        """What the rows would do."""
        lines = [self._read(row) for row in rows]
        for line in lines:
            self._look_at(line)

    def _read(self, row: Row) -> _Line:
        line = _Line(row)
        step = Step(row)
        try:
            line.campus = finding.campus(self.plan, step, self.plan.world.reach.arranged)
            line.subject = finding.subject(self.plan, row)
            written = looking.text(row, "class", 200, required="class" not in row.given)
            line.classes = [
                finding.school_class(self.plan, row, line.campus, "class", each)
                for each in values.several(written) or [""]
            ]
            line.person = finding.teacher(self.plan, row, line.campus, "name", "number")
            line.from_day = looking.day(row, "from_day")
            for school_class in line.classes:
                self._name(line, school_class, line.subject)
        except (Refused, Asked) as fault:
            line.fault, line.campus = fault, step.campus
        return line

    def _name(self, line: _Line, school_class: Record, subject: Record) -> None:
        if line.person is None:
            raise Refused(gettext("“%(column)s”一栏是空的。", column=line.row.heading("name")))
        former = self.named[school_class, subject].setdefault(line.person, line.row.number)
        if former != line.row.number:
            raise Refused(gettext("和第 %(row)s 行相同，没有再导入。", row=former))

    def _look_at(self, line: _Line) -> None:
        with self.plan.step(line.row) as step:
            step.campus = line.campus
            step.label = " · ".join(
                part for key in ("name", "class", "subject") if (part := line.row.values.get(key, ""))
            )
            if line.fault is not None:
                raise line.fault
            if line.person is None or line.subject is None:
                raise Refused(gettext("“%(column)s”一栏是空的。", column=line.row.heading("name")))
            for school_class in line.classes:
                self._assign(step, line.person, school_class, line.subject, line.from_day)

    def _assign(self, step: Step, person: Record, school_class: Record, subject: Record, from_day: Any) -> None:
        day, world = self.plan.world.day, self.plan.world
        present = world.assignments[school_class, subject]
        own = next((each for each in present if each["person_id"] is person), None)
        if own is not None:
            if from_day is not None and from_day != own["from_day"]:
                before, after = looking.shown_day(own["from_day"]), looking.shown_day(from_day)
                step.change(own, "from_day", from_day, step.row.heading("from_day"), before, after)
            return
        named = self.named[school_class, subject]
        step.add(
            TeachingAssignment, person_id=person, class_id=school_class, subject_id=subject,
            from_day=from_day or day, to_day=None,
        )  # fmt: skip
        step.rights.append(Right("", person, step.campus, school_class, {}))
        alone = present[0] if len(present) == 1 else None
        if alone is not None and len(named) == 1 and alone["person_id"] not in named and alone.id is not None:
            step.change(
                alone, "to_day", max(from_day or day, alone["from_day"]),
                finding.class_words(school_class), alone["person_id"]["name"], person["name"],
            )  # fmt: skip
            step.rights.append(Right("", alone["person_id"], step.campus, school_class, {}))
        else:
            step.makes = True


class PrepGroups:
    """The rows of 备课组."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.rows_of: dict[str, int] = {}

    def look_at(self, row: Row) -> None:
        """What the row would do."""
        with self.plan.step(row) as step:
            name = step.label = looking.text(row, "name", 60, required=True)
            if name in self.rows_of:
                raise Refused(gettext("和第 %(row)s 行是同一个备课组，没有再导入。", row=self.rows_of[name]))
            campuses = self._campuses(step)
            wanted = self._wanted(step, campuses)
            group = self._group(step, name, wanted, campuses)
            self._lead(step, group, campuses)
            self._members(step, group, campuses)
            self.rows_of[name] = row.number

    def _campuses(self, step: Step) -> list[Record]:
        row, reach = step.row, self.plan.world.reach
        named = [
            finding.campus_called(self.plan, row, "campuses", written)
            for written in values.several(row.values.get("campuses", ""))
        ]
        campuses = [] if len(named) == len(reach.campus_ids) and len(named) > 1 else named
        if len(named) == 1:
            step.campus = named[0]
        if not reach.arranges_group and not (campuses and all(each.id in reach.arranged for each in campuses)):
            raise Refused(gettext("跨校区的备课组要由集团管理员或集团教务登记。"))
        return campuses

    def _wanted(self, step: Step, campuses: list[Record]) -> dict[str, Any]:
        row = step.row
        subject, stage = finding.subject(self.plan, row), looking.stage(row)
        grade: int | None = None
        if row.values.get("grade"):
            written = values.grade(row.values["grade"])
            taught = campuses[0]["stages"] if len(campuses) == 1 else []
            placed = values.placed(written, stage, taught) if written else None
            if placed is None:
                raise refuse_cell(row, "grade", gettext("没有这个年级。"))
            stage, grade = placed
        if stage is None:
            raise Refused(gettext("请填写“%(column)s”。", column=row.heading("stage")))
        return {"subject_id": subject, "stage": stage, "grade": grade, "whole_group": not campuses}

    def _group(self, step: Step, name: str, wanted: dict[str, Any], campuses: list[Record]) -> Record:
        world = self.plan.world
        group = world.prep_groups.get(name)
        if group is None:
            step.makes = True
            group = step.add(PrepGroup, group_id=world.reach.group_id, name=name, **wanted)
        else:
            for column, words in (("subject_id", _subject), ("stage", _stage), ("grade", _grade(group, wanted))):
                if group[column] != wanted[column]:
                    what = step.row.heading({"subject_id": "subject"}.get(column, column))
                    step.change(group, column, wanted[column], what, words(group[column]), words(wanted[column]))
            if campuses and group["whole_group"]:
                step.change(
                    group, "whole_group", False, gettext("范围"), gettext("全集团"),
                    "、".join(each["name"] for each in campuses),
                )  # fmt: skip
        for campus in campuses:
            if campus not in world.prep_campuses[group]:
                step.add(PrepGroupCampus, prep_group_id=group, campus_id=campus)
                if not step.makes:
                    step.says.append(gettext("加入%(campus)s", campus=campus["name"]))
        return group

    def _lead(self, step: Step, group: Record, campuses: list[Record]) -> None:
        world = self.plan.world
        lead = finding.teacher(self.plan, step.row, campuses[0] if len(campuses) == 1 else None, "lead", "lead_number")
        present = world.prep_leads[group]
        if lead is None or any(each["person_id"] is lead for each in present):
            return
        reach = world.reach
        if not reach.administers_group and not (campuses and all(each.id in reach.administered for each in campuses)):
            raise refuse_cell(step.row, "lead", gettext("要由管理员指定，教务不能授予角色。"))
        grant = step.add(
            RoleGrant, person_id=lead, role=Role.PREP_LEAD, campus_id=None, group_id=None, prep_group_id=group,
            subject_id=None, grade=None, division_id=None, from_day=world.day, to_day=None,
        )  # fmt: skip
        step.rights.append(Right("grant_made", lead, step.campus, grant, {"role": Role.PREP_LEAD.value}))
        if len(present) == 1 and present[0].id is not None:
            former = present[0]["person_id"]
            step.change(
                present[0], "to_day", max(world.day, present[0]["from_day"]),
                gettext("组长"), former["name"], lead["name"],
            )  # fmt: skip
            step.rights.append(Right("grant_ended", former, step.campus, present[0], {"role": Role.PREP_LEAD.value}))
        else:
            step.says.append(gettext("组长：%(name)s", name=lead["name"]))

    def _members(self, step: Step, group: Record, campuses: list[Record]) -> None:
        world = self.plan.world
        place = campuses[0] if len(campuses) == 1 else None
        for written in values.several(step.row.values.get("members", "")):
            name = values.name(written)
            member = finding.teacher_called(self.plan, step.row, place, "members", name)
            if member not in world.prep_people[group]:
                step.add(PrepGroupPick, prep_group_id=group, person_id=member, from_day=world.day, to_day=None)
                step.rights.append(Right("", member, step.campus, group, {}))
                step.says.append(gettext("加入成员：%(name)s", name=name))


def _subject(record: Record) -> str:
    return str(record["name"])


def _stage(stage: Stage) -> str:
    return str(STAGE_NAMES[stage])


def _grade(group: Record, wanted: dict[str, Any]) -> Any:
    return lambda grade: finding.grade_words(wanted["stage"], grade)
