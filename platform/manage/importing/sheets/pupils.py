"""学生: names and seats in classes. Children of one name are told apart by seat; where that does not help, it is asked."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext

from manage.importing import finding
from manage.importing import plan as looking
from manage.importing.columns import Row
from manage.importing.plan import Plan, Question, Refused, Step, refuse_cell
from manage.importing.records import Record
from schools.models import Enrolment, Pupil

SEATS = range(1, 1000)


@dataclass(eq=False)
class _Line:
    """A row as far as it could be read."""

    row: Row
    campus: Record | None = None
    school_class: Record | None = None
    name: str = ""
    seat: int | None = None
    present: Record | None = None
    refused: str = ""


class Pupils:
    """The rows of 学生, all at once: who is in the file already is nobody else's double."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.taken: set[Record] = set()

    def look_at_all(self, rows: Sequence[Row]) -> None:
        """What the rows would do."""
        lines = [self._read(row) for row in rows]
        by_class: defaultdict[Record, list[_Line]] = defaultdict(list)
        for line in lines:
            if line.school_class is not None and not line.refused:
                by_class[line.school_class].append(line)
        for school_class, those in by_class.items():
            self._refuse_doubles(those)
            self._match(school_class, [line for line in those if not line.refused])
        self._elsewhere = self._by_campus_and_name()
        self._seats = self._by_seat()
        for line in lines:
            self._look_at(line)

    def _read(self, row: Row) -> _Line:
        line = _Line(row)
        step = Step(row)
        try:
            line.name = looking.name(row, "name", required=True)
            line.campus = finding.campus(self.plan, step, self.plan.world.reach.administered)
            written = looking.text(row, "class", 30, required="class" not in row.given)
            line.school_class = finding.school_class(self.plan, row, line.campus, "class", written)
            line.seat = looking.whole(row, "seat", SEATS)
        except Refused as refused:
            line.refused = str(refused)
            line.campus = step.campus
        return line

    def _refuse_doubles(self, lines: list[_Line]) -> None:
        seats: dict[int, _Line] = {}
        names: defaultdict[str, list[_Line]] = defaultdict(list)
        for line in lines:
            former = seats.get(line.seat) if line.seat is not None else None
            alike = next((each for each in names[line.name] if None in (each.seat, line.seat)), None)
            if former is not None:
                line.refused = gettext("座号 %(seat)s 和第 %(row)s 行重复。", seat=line.seat, row=former.row.number)
            elif alike is not None and line.row.given.get("sourced_id") is None:
                line.refused = gettext(
                    "第 %(row)s 行也是“%(name)s”，同班同名时请给两人都填上座号。", row=alike.row.number, name=line.name
                )
            else:
                names[line.name].append(line)
                if line.seat is not None:
                    seats[line.seat] = line

    def _match(self, school_class: Record, lines: list[_Line]) -> None:
        """Find those who sit in the class already, by name; of several of one name, those on the same seat first."""
        present: defaultdict[str, list[Record]] = defaultdict(list)
        for enrolment in self.plan.world.enrolments[school_class]:
            present[enrolment["pupil_id"]["name"]].append(enrolment)
        for line in lines:
            pupil = self.plan.world.sourced.get(("pupil", line.row.given.get("sourced_id", "")))
            self._sit(line, [each for each in present[line.name] if each["pupil_id"] is pupil])
        for line in lines:
            same_seat = [each for each in present[line.name] if line.seat is not None and each["seat"] == line.seat]
            self._sit(line, same_seat)
        waiting: defaultdict[str, list[_Line]] = defaultdict(list)
        for line in lines:
            if line.present is None:
                waiting[line.name].append(line)
        for name, those in waiting.items():
            left = [each for each in present[name] if each not in self.taken]
            if len(those) == 1 and len(left) == 1:
                self._sit(those[0], left)

    def _sit(self, line: _Line, enrolments: Sequence[Record]) -> None:
        free = [each for each in enrolments if each not in self.taken]
        if line.present is None and len(free) == 1:
            line.present = free[0]
            self.taken.add(free[0])

    def _by_campus_and_name(self) -> dict[tuple[Record, str], list[Record]]:
        """Those whom no row has named so far, by campus and name: one of them may have changed classes."""
        found: defaultdict[tuple[Record, str], list[Record]] = defaultdict(list)
        for school_class, enrolments in self.plan.world.enrolments.items():
            for enrolment in enrolments:
                if enrolment not in self.taken:
                    found[school_class["campus_id"], enrolment["pupil_id"]["name"]].append(enrolment)
        return found

    def _by_seat(self) -> dict[tuple[Record, int | None], list[Record]]:
        """Who sits where before the import."""
        found: defaultdict[tuple[Record, int | None], list[Record]] = defaultdict(list)
        for school_class, enrolments in self.plan.world.enrolments.items():
            for enrolment in enrolments:
                if enrolment["seat"] is not None:
                    found[school_class, enrolment["seat"]].append(enrolment)
        return found

    def _look_at(self, line: _Line) -> None:
        with self.plan.step(line.row) as step:
            step.campus, step.label = line.campus, line.name
            if line.refused or line.school_class is None or line.campus is None:
                raise Refused(line.refused)
            step.label = f"{line.name} · {finding.class_words(line.school_class)}"
            if line.present is None:
                line.present = self._from_elsewhere(line, line.school_class, line.campus)
            self._refuse_taken_seat(line, line.school_class)
            if line.present is None:
                self._enrol_new(step, line, line.school_class)
            else:
                self._seat(step, line, line.present, line.school_class)

    def _from_elsewhere(self, line: _Line, school_class: Record, campus: Record) -> Record | None:
        """The child of that name who sits elsewhere in the campus, if it is the same: asked."""
        pupil = self.plan.world.sourced.get(("pupil", line.row.given.get("sourced_id", "")))
        known = [each for each in self._elsewhere.get((campus, line.name), []) if each not in self.taken]
        if pupil is not None:
            return next((each for each in known if each["pupil_id"] is pupil), None)
        if not known:
            return None
        options = [(str(each["pupil_id"].id), self._described(each)) for each in known]
        options.append((finding.NEW, gettext("都不是，是新来的学生")))
        key = f"pupil|{campus['code']}|{finding.class_words(school_class)}|{line.name}|{line.seat or ''}"
        text = gettext(
            "“%(name)s”要编入%(class_name)s，校区里已有同名的学生，请选择是不是同一个人。",
            name=line.name,
            class_name=finding.class_words(school_class),
        )
        answer = self.plan.answer(Question(key, text, options))
        found = next((each for each in known if str(each["pupil_id"].id) == answer), None)
        if found is not None:
            self.taken.add(found)
        return found

    def _described(self, enrolment: Record) -> str:
        words = finding.class_words(enrolment["class_id"])
        if enrolment["seat"] is None:
            return gettext("现在%(class_name)s的学生", class_name=words)
        return gettext("现在%(class_name)s %(seat)s 号", class_name=words, seat=enrolment["seat"])

    def _refuse_taken_seat(self, line: _Line, school_class: Record) -> None:
        """Who has a row of their own moves to another seat by it; nobody else gives theirs up."""
        for enrolment in self._seats.get((school_class, line.seat), ()):
            if enrolment is not line.present and enrolment not in self.taken:
                raise refuse_cell(
                    line.row, "seat", gettext("已经是“%(name)s”的座号。", name=enrolment["pupil_id"]["name"])
                )

    def _enrol_new(self, step: Step, line: _Line, school_class: Record) -> None:
        step.makes = True
        pupil = step.add(Pupil, name=line.name)
        self.plan.remember_source(step, "pupil", pupil)
        self._enrol(step, pupil, line, school_class)

    def _enrol(self, step: Step, pupil: Record, line: _Line, school_class: Record) -> None:
        enrolment = step.add(
            Enrolment, pupil_id=pupil, class_id=school_class, seat=line.seat, from_day=self.plan.world.day, to_day=None
        )
        self.taken.add(enrolment)

    def _seat(self, step: Step, line: _Line, present: Record, school_class: Record) -> None:
        pupil, before = present["pupil_id"], present["class_id"]
        self.plan.remember_source(step, "pupil", pupil)
        if before is not school_class:
            step.change(
                present, "to_day", self.plan.world.day,
                gettext("班级"), finding.class_words(before), finding.class_words(school_class),
            )  # fmt: skip
            self._enrol(step, pupil, line, school_class)
        elif line.seat is not None and line.seat != present["seat"]:
            step.change(
                present, "seat", line.seat, gettext("座号"), str(present["seat"] or ""), str(line.seat)
            )  # fmt: skip
