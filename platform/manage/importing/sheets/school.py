"""校区 and 班级: campuses with their profile, and their classes."""

from typing import Any

from flask_babel import gettext

from foundation.codes import new_code
from manage.importing import finding, values
from manage.importing import plan as looking
from manage.importing.columns import Row
from manage.importing.plan import Plan, Refused, Right, Step, refuse_cell
from manage.importing.records import Record
from manage.importing.texts import plain
from schools.models import Campus, MemberKind, Membership, SchoolClass
from schools.names import STAGE_NAMES, class_name

_YES_NO = {True: "是", False: "否"}


class Campuses:
    """The rows of 校区."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.rows_of: dict[Record, int] = {}

    def look_at(self, row: Row) -> None:
        """What the row would do."""
        with self.plan.step(row) as step:
            step.label = looking.text(row, "name", 80, required=True)
            campus = self._campus(step)
            step.campus = campus
            if campus in self.rows_of:
                raise Refused(gettext("和第 %(row)s 行是同一个校区，没有再导入。", row=self.rows_of[campus]))
            self._profile(step, campus)
            self._core(step, campus)
            self.plan.remember_source(step, "campus", campus)
            self.rows_of[campus] = row.number

    def _campus(self, step: Step) -> Record:
        row, world = step.row, self.plan.world
        code = plain(looking.text(row, "code", 20))
        by_code = [each for each in world.campuses_by_name.get(code.casefold(), []) if each["code"] == code]
        sourced = world.sourced.get(("campus", row.given.get("sourced_id", "")))
        found = [sourced] if sourced else by_code or world.campuses_by_name.get(plain(step.label).casefold(), [])
        if len(set(found)) > 1:
            raise refuse_cell(row, "name", gettext("有几个校区都叫这个名字，请写全称或代码。"))
        if found:
            self._must_reach(found[0])
            return found[0]
        if not world.reach.administers_group:
            raise Refused(gettext("新的校区要由集团管理员登记。"))
        return self._new(step, code)

    def _must_reach(self, campus: Record) -> None:
        reach = self.plan.world.reach
        if not (reach.administers_group or campus.id in reach.administered):
            raise Refused(gettext("“%(campus)s”的这项资料不归您管，没有导入。", campus=campus["name"]))

    def _new(self, step: Step, code: str) -> Record:
        step.makes = True
        campus = step.add(
            Campus,
            code=code or new_code(8),
            name=step.label,
            short_name=looking.text(step.row, "short_name", 20) or step.label[:20],
            former_names=[],
            school_code="",
            stages=[],
            rural=False,
            address="",
            strengths="",
        )
        membership = step.add(
            Membership,
            group_id=self.plan.world.reach.group_id,
            campus_id=campus,
            kind=MemberKind.MEMBER,
            from_day=self.plan.world.day,
        )
        step.rights.append(Right("campus_added", None, campus, membership, {}))
        return campus

    def _profile(self, step: Step, campus: Record) -> None:
        row = step.row
        wanted: dict[str, Any] = {
            "name": step.label,
            "short_name": looking.text(row, "short_name", 20),
            "school_code": plain(looking.text(row, "school_code", 10)),
            "stages": self._stages(row),
            "rural": looking.yes(row, "rural"),
            "address": looking.text(row, "address", 200),
            "strengths": looking.text(row, "strengths", 400),
        }
        for column, value in wanted.items():
            called_otherwise = column == "name" and plain(value) in (campus["short_name"], *campus["former_names"])
            if value in (None, "", []) or value == campus[column] or called_otherwise:
                continue
            if step.makes:
                campus.values[column] = value
            else:
                step.change(campus, column, value, row.heading(column), _words(campus[column]), _words(value))

    def _stages(self, row: Row) -> list[str]:
        found = values.stages(row.values.get("stages", ""))
        if found is None:
            raise refuse_cell(row, "stages", gettext("不是学段，应写幼儿园、小学、初中、高中或中职。"))
        return [stage.value for stage in found]

    def _core(self, step: Step, campus: Record) -> None:
        core = looking.yes(step.row, "core")
        membership = next((each for each in step.new if each.model is Membership), None)
        membership = membership or self.plan.world.membership_of.get(campus)
        if core is None or membership is None:
            return
        kind = MemberKind.CORE if core else MemberKind.MEMBER
        if step.makes:
            membership.values["kind"] = kind
        elif membership["kind"] is not kind:
            if not self.plan.world.reach.administers_group:
                raise refuse_cell(step.row, "core", gettext("要由集团管理员更改。"))
            step.change(membership, "kind", kind, step.row.heading("core"), _YES_NO[not core], _YES_NO[core])
            step.rights.append(Right("membership_changed", None, campus, membership, {"member_kind": kind.value}))


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return _YES_NO[value]
    if isinstance(value, list):
        return "、".join(str(STAGE_NAMES[each]) for each in value)
    return str(value)


class Classes:
    """The rows of 班级."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.rows_of: dict[Record, int] = {}

    def look_at(self, row: Row) -> None:
        """What the row would do."""
        with self.plan.step(row) as step:
            written = step.label = looking.text(row, "name", 30, required=True)
            campus = finding.campus(self.plan, step, self.plan.world.reach.arranged)
            step.label = f"{written} · {campus['name']}"
            head = finding.teacher(self.plan, row, campus, "head", "head_number")
            school_class = self._class(step, campus, written)
            if school_class in self.rows_of:
                raise Refused(gettext("和第 %(row)s 行是同一个班，没有再导入。", row=self.rows_of[school_class]))
            if head is not None:
                self._head(step, school_class, head)
            self.plan.remember_source(step, "class", school_class)
            self.rows_of[school_class] = row.number

    def _class(self, step: Step, campus: Record, written: str) -> Record:
        world = self.plan.world
        sourced = world.sourced.get(("class", step.row.given.get("sourced_id", "")))
        if sourced is not None:
            return sourced
        stage, grade, entry_year, number = finding.class_place(self.plan, step.row, campus, "name", written)
        if grade is None:
            found = world.classes.get((campus, stage, entry_year, number))
        else:
            found = world.classes_by_grade.get((campus, stage, grade, number))
        if found is not None and found["left_on"] is not None:
            raise refuse_cell(step.row, "name", gettext("现在没有这一级的班。"))
        if found is not None:
            return found
        grade, entry_year = finding.grade_and_year(self.plan, stage, grade, entry_year)
        if values.placed(values.Grade(grade, stage), stage, []) != (stage, grade):
            raise refuse_cell(step.row, "name", gettext("现在没有这一级的班。"))
        taken = world.classes.get((campus, stage, entry_year, number))
        if taken is not None:
            raise refuse_cell(
                step.row, "name", gettext("和已有的“%(name)s”是同一级，请先升级。", name=finding.class_words(taken))
            )
        step.makes = True
        return step.add(
            SchoolClass, campus_id=campus, stage=stage, entry_year=entry_year, grade=grade, number=number,
            name=class_name(stage, grade, number), homeroom_teacher_id=None, left_on=None,
        )  # fmt: skip

    def _head(self, step: Step, school_class: Record, head: Record) -> None:
        before = school_class["homeroom_teacher_id"]
        if before is head:
            return
        if step.makes:
            school_class.values["homeroom_teacher_id"] = head
        else:
            step.change(
                school_class, "homeroom_teacher_id", head,
                gettext("班主任"), before["name"] if before else "", head["name"],
            )  # fmt: skip
