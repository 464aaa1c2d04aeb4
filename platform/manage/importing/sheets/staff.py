"""教师: people, their postings, the roles they hold at the campus, their honours."""

from collections import defaultdict
from typing import Any, Final

from flask_babel import gettext

from manage.importing import finding, values
from manage.importing import plan as looking
from manage.importing.columns import Row
from manage.importing.plan import Plan, Refused, Right, Step, refuse_cell, shown_day
from manage.importing.records import Record
from manage.importing.texts import plain
from schools.models import Person, Posting, PostingKind, Role, RoleGrant, Title
from schools.names import POSTING_KIND_NAMES, ROLE_NAMES
from schools.pinyin import pinyin_of

_POSTINGS: Final = {
    "本校": PostingKind.HOME,
    "在编": PostingKind.HOME,
    "轮岗": PostingKind.ROTATION,
    "交流": PostingKind.ROTATION,
    "走教": PostingKind.TRAVELLING,
    "跨校执教": PostingKind.CROSS_CAMPUS,
    "跨校": PostingKind.CROSS_CAMPUS,
    "兼课": PostingKind.CROSS_CAMPUS,
}
_ROLES: Final = {
    "校长": Role.HEAD,
    "执行校长": Role.EXECUTIVE_HEAD,
    "教务": Role.ACADEMIC_OFFICE,
    "教务主任": Role.ACADEMIC_OFFICE,
    "教研组长": Role.SUBJECT_LEAD,
    "校区管理员": Role.CAMPUS_ADMIN,
}
_NO_ROLES: Final = frozenset({"教师", "老师", "任课教师", "班主任"})
_LONGEST_TITLE: Final = 40


class Staff:
    """The rows of 教师, one after the other."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.rows_of: defaultdict[tuple[str, Record], dict[str, int]] = defaultdict(dict)
        self.numbers: dict[str, tuple[str, int]] = {}

    def look_at(self, row: Row) -> None:
        """What the row would do."""
        with self.plan.step(row) as step:
            name = step.label = looking.name(row, "name", required=True)
            number = looking.number(row, "number")
            campus = finding.campus(self.plan, step, self.plan.world.reach.administered)
            step.label = f"{name} · {campus['name']}"
            self._refuse_twice(row, name, number, campus)
            person = self._person(step, name, number, campus)
            self.plan.remember_source(step, "person", person)
            self._posting(step, person, campus)
            self._roles(step, person, campus)
            self._titles(step, person)
            self.rows_of[name, campus][number] = row.number
            if number:
                self.numbers.setdefault(number, (name, row.number))

    def _refuse_twice(self, row: Row, name: str, number: str, campus: Record) -> None:
        former = self.numbers.get(number)
        if former is not None and former[0] != name:
            raise refuse_cell(
                row, "number", gettext("在第 %(row)s 行是“%(name)s”的工号。", row=former[1], name=former[0])
            )
        alike = self.rows_of.get((name, campus), {})
        if number and number in alike:
            raise Refused(gettext("和第 %(row)s 行是同一个人、同一个校区，没有再导入。", row=alike[number]))
        if alike and (not number or "" in alike):
            row_of_other = next(iter(alike.values()))
            raise Refused(gettext("第 %(row)s 行也是“%(name)s”，请给两人都填上工号。", row=row_of_other, name=name))

    def _person(self, step: Step, name: str, number: str, campus: Record) -> Record:
        world = self.plan.world
        person = world.sourced.get(("person", step.row.given.get("sourced_id", "")))
        if person is None and number:
            person = world.people_by_number.get(number)
        if person is None:
            person = self._same_name(name, number, campus)
        if person is None:
            step.makes = True
            return step.add(
                Person, name=name, staff_number=number or None, pinyin=pinyin_of(name), left_at=None, language="", theme=""
            )  # fmt: skip
        if person["left_at"] is not None:
            raise Refused(gettext("“%(name)s”已经离岗，请先在“人员”里恢复在岗。", name=person["name"]))
        ours = person.id is None or any(each.id in world.reach.administered for each in world.posted_at(person))
        if person["name"] != name:
            if not ours:
                raise refuse_cell(step.row, "number", gettext("已经有人使用，姓名也不一样。"))
            step.change(person, "name", name, gettext("姓名"), person["name"], name)
            step.changes.append((person, "pinyin", pinyin_of(name)))
        if number and person["staff_number"] != number:
            if not ours or number in world.people_by_number:
                raise refuse_cell(step.row, "number", gettext("已经有人使用。"))
            step.change(person, "staff_number", number, gettext("工号"), person["staff_number"] or "", number)
        return person

    def _same_name(self, name: str, number: str, campus: Record) -> Record | None:
        """Whom a row means that brings no number that is known: asked where more than one could be meant."""
        world = self.plan.world
        known = [each for each in finding.present(self.plan, world.people_by_name.get(name, ())) if each.id is not None]
        if number:
            known = [each for each in known if not each["staff_number"] and campus in world.posted_at(each)]
        else:
            known = [each for each in known if world.postings[each]]
            here = [each for each in known if campus in world.posted_at(each)]
            if len(here) == 1:
                return here[0]
            known = here or known
        if not known:
            return None
        question = finding.who(self.plan, f"staff|{campus['code']}|{name}|{number}", name, known, with_new=True)
        if len(known) == 1:
            question.text = gettext("已经有一位“%(name)s”，请选择是不是同一个人。", name=name)
        answer = self.plan.answer(question)
        return next((each for each in known if str(each.id) == answer), None)

    def _posting(self, step: Step, person: Record, campus: Record) -> None:
        row, world = step.row, self.plan.world
        from_day, to_day = looking.day(row, "from_day"), looking.day(row, "to_day")
        kind = self._posting_kind(row)
        present = next((each for each in world.postings[person] if each["campus_id"] is campus), None)
        begins = from_day or (present["from_day"] if present else world.day)
        if to_day is not None and to_day <= begins:
            raise Refused(gettext("结束日期不晚于起始日期。"))
        if present is None:
            elsewhere = any(each["kind"] is PostingKind.HOME for each in world.postings[person])
            kind = kind or (PostingKind.CROSS_CAMPUS if elsewhere else PostingKind.HOME)
            posting = step.add(
                Posting, person_id=person, campus_id=campus, kind=kind, from_day=begins, to_day=to_day, share_percent=100
            )  # fmt: skip
            words = gettext("派驻%(campus)s（%(kind)s）", campus=campus["name"], kind=POSTING_KIND_NAMES[kind])
            step.says.append(words)
            step.rights.append(Right("posting_made", person, campus, posting, {"posting": kind.value}))
            return
        before = len(step.changes)
        if kind is not None and kind is not present["kind"]:
            names = POSTING_KIND_NAMES
            step.change(present, "kind", kind, gettext("派驻方式"), str(names[present["kind"]]), str(names[kind]))
        for column, value, what in (
            ("from_day", from_day, gettext("起始日期")),
            ("to_day", to_day, gettext("结束日期")),
        ):
            if value is not None and value != present[column]:
                step.change(present, column, value, what, shown_day(present[column]), shown_day(value))
        if len(step.changes) > before:
            step.rights.append(Right("posting_changed", person, campus, present, {}))

    def _posting_kind(self, row: Row) -> PostingKind | None:
        written = plain(row.values.get("posting", ""))
        if written and written not in _POSTINGS:
            raise refuse_cell(row, "posting", gettext("应写本校、轮岗、走教或跨校执教。"))
        return _POSTINGS.get(written)

    def _roles(self, step: Step, person: Record, campus: Record) -> None:
        for written in values.several(step.row.values.get("roles", "")):
            role = _ROLES.get(written.removeprefix("副")) if not written.startswith("副") else None
            if role is None:
                if written not in _NO_ROLES:
                    step.says.append(gettext("“%(role)s”不是表格能授予的角色，没有授予。", role=written))
                continue
            subject = finding.subject(self.plan, step.row) if role is Role.SUBJECT_LEAD else None
            self._role(step, person, campus, role, subject)

    def _role(self, step: Step, person: Record, campus: Record, role: Role, subject: Record | None) -> None:
        subject_id = subject.id if subject else None
        scope: dict[str, Any] = {"role": role, "subject_id": subject_id, "grade": None, "division_id": None}
        if any(
            grant["campus_id"] is campus and all(grant[column] == value for column, value in scope.items())
            for grant in self.plan.world.grants[person]
        ):
            return
        grant = step.add(
            RoleGrant, person_id=person, campus_id=campus, group_id=None, prep_group_id=None,
            from_day=self.plan.world.day, to_day=None, **scope,
        )  # fmt: skip
        step.says.append(gettext("授予角色：%(role)s", role=ROLE_NAMES[role]))
        step.rights.append(Right("grant_made", person, campus, grant, {"role": role.value}))

    def _titles(self, step: Step, person: Record) -> None:
        for title in values.several(step.row.values.get("titles", "")):
            if len(title) > _LONGEST_TITLE:
                raise refuse_cell(step.row, "titles", gettext("太长了。"))
            if title not in self.plan.world.titles[person]:
                step.add(Title, person_id=person, name=title, from_day=self.plan.world.day, to_day=None)
                step.says.append(gettext("荣誉称号：%(title)s", title=title))
