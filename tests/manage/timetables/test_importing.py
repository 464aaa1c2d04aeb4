"""Timetable files: what becomes of every cell, and what then stands in the timetable."""

import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import Workbook, load_workbook

from foundation.clock import travel_to
from foundation.database import db, writing
from foundation.jobs import Job, JobState, do_waiting_jobs
from manage.timetables.importing.actions import outcomes_of
from manage.timetables.importing.planning import Outcome
from schools.models import Person, Role
from tests.factories import grant, make_campus, make_class, make_group, make_person, make_subject
from timetable.models import BellSchedule, ChangeKind, Period, PeriodKind, Term, TimetableChange, TimetableEntry

Browser = Callable[[Person], FlaskClient]
NOW = datetime(2026, 9, 9, 2, tzinfo=UTC)
EMPTY = Path(__file__).parents[2] / "samples" / "课表_只有表头.xlsx"


class School:
    """A campus with two classes, teachers, and bells of three periods."""

    def __init__(self, signed_in: Browser) -> None:
        self.group = make_group()
        self.campus = make_campus(self.group, "丹江路校区")
        self.second, self.third = (make_class(self.campus, number=number) for number in (2, 3))
        self.second.name, self.third.name = "三(2)班", "三(3)班"
        self.maths, self.chinese = make_subject("数学"), make_subject("语文")
        self.wang, self.li = make_person(self.campus, "王芳"), make_person(self.campus, "李强")
        make_person(self.campus, "张伟")
        make_person(self.campus, "张伟")
        office = make_person(self.campus, "教务")
        grant(office, Role.ACADEMIC_OFFICE, group_id=self.group.id)
        bell = BellSchedule(group_id=self.group.id, name="作息", from_day=date(2020, 1, 1))
        bell.periods = [
            Period(number=n, label=f"上午第{n}节", kind=PeriodKind.LESSON, starts=420 + 60 * n, ends=460 + 60 * n)
            for n in (1, 2, 3)
        ]
        term = Term(group_id=self.group.id, year=2026, semester=1, from_day=date(2026, 9, 1), to_day=date(2027, 1, 23))
        db.session.add_all([bell, term])
        db.session.commit()
        self.client = signed_in(office)

    def look(self, data: bytes, name: str = "课表.xlsx") -> Job:
        form = {"file": (io.BytesIO(data), name), "campus": str(self.campus.id), "from_day": "2026-09-09"}
        answer = self.client.post("/manage/timetables/import", data=form)
        assert answer.status_code == 303, answer.get_data(as_text=True)
        return self._done(answer.location.rpartition("/")[2])

    def apply(self, looked: Job) -> Job:
        answer = self.client.post(f"/manage/timetables/import/{looked.code}/apply")
        return self._done(answer.location.rpartition("/")[2])

    def _done(self, code: str) -> Job:
        with writing():
            do_waiting_jobs()
        db.session.expire_all()
        return db.session.query(Job).filter_by(code=code).one()

    def week(self) -> set[tuple[str, int, int, str, str]]:
        return {
            (
                each.school_class.name,
                each.weekday,
                each.period,
                each.subject.name,
                each.person.name if each.person else "",
            )
            for each in db.session.query(TimetableEntry).filter(TimetableEntry.to_day > date(2026, 9, 9))
        }


@pytest.fixture
def school(app: Flask, signed_in: Browser) -> School:
    with travel_to(NOW):
        return School(signed_in)


def workbook(**sheets: list[list[str | None]]) -> bytes:
    made = Workbook()
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    made.remove(made.worksheets[0])
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def grid(*rows: list[str | None]) -> list[list[str | None]]:
    return [["", "星期一", "星期二", "星期三", "星期四", "星期五"], *rows]


def told(looked: Job) -> dict[str, Outcome]:
    return {each.cell: each for each in outcomes_of(looked)}


def test_a_class_sheet_becomes_the_week_of_the_class_and_nothing_before_it_is_agreed(school: School) -> None:
    with travel_to(NOW):
        rows = grid(["上午第1节", "数学\n王芳", None, "语文 李强"], ["第2节", "语文(单周) 李强 / 数学(双周) 王芳"])
        looked = school.look(workbook(**{"三(2)班": rows}))
        assert school.week() == set()
        assert {cell: each.fate for cell, each in told(looked).items()} == {"B2": "new", "D2": "new", "B3": "new"}
        school.apply(looked)
    assert school.week() == {
        ("三(2)班", 1, 1, "数学", "王芳"),
        ("三(2)班", 3, 1, "语文", "李强"),
        ("三(2)班", 1, 2, "语文", "李强"),
        ("三(2)班", 1, 2, "数学", "王芳"),
    }


def test_every_cell_that_cannot_be_used_says_why_and_the_others_are_imported(school: School) -> None:
    heading = ["班级", "星期", "节次", "学科", "教师"]
    rows = [
        heading,
        ["三(2)班", "周一", "1", "数学", "王芳"],
        ["三(2)班、三(3)班", "周一", "2", "数学", "王芳"],
        ["三(2)班", "周二", "2", "数学", "赵云"],
        ["三(2)班", "周三", "2", "数学", "张伟"],
        ["三(2)班", "周四", "9", "数学", "王芳"],
        ["三(2)班", "周五", "1", "剑术", "王芳"],
        ["九(9)班", "周五", "1", "数学", "王芳"],
        ["三(3)班", "周一", "1", "数学", "王芳"],
    ]
    with travel_to(NOW):
        looked = school.look(workbook(清单=rows))
        cells = told(looked)
        school.apply(looked)
    assert "一格里有两个班" in cells["D3"].says
    assert "“赵云”不在老师名单里" in cells["D4"].says
    assert "有 2 位老师叫“张伟”" in cells["D5"].says
    assert "作息时间里没有“9”" in cells["D6"].says
    assert "“剑术”不是已有的学科" in cells["D7"].says
    assert "没有“九(9)班”" in cells["D8"].says
    assert "王芳这一节还在三(2)班" in cells["D9"].says
    assert school.week() == {("三(2)班", 1, 1, "数学", "王芳"), ("三(3)班", 1, 1, "数学", "王芳")}


def test_merged_cells_hold_for_every_period_and_a_lunch_break_is_no_lesson(school: School) -> None:
    made = Workbook()
    sheet = made.worksheets[0]
    sheet.title = "Sheet1"
    for row in [["三(2)班课程表"], [], *grid(["上午第1节", "数学 王芳"], ["上午第2节"], ["午休", "午休"])]:
        sheet.append(row)
    sheet.merge_cells("A1:F1")
    sheet.merge_cells("B4:B5")
    sheet.merge_cells("B6:F6")
    file = io.BytesIO()
    made.save(file)
    with travel_to(NOW):
        school.apply(school.look(file.getvalue()))
    assert school.week() == {("三(2)班", 1, 1, "数学", "王芳"), ("三(2)班", 1, 2, "数学", "王芳")}


def test_a_second_import_keeps_what_was_changed_by_hand_or_for_a_day(school: School) -> None:
    first = workbook(**{"三(2)班": grid(["1", "数学 王芳", "数学 王芳", "数学 王芳", "数学 王芳"])})
    second = workbook(**{"三(2)班": grid(["1", "语文 李强", "语文 李强", "语文 李强", None])})
    with travel_to(NOW):
        school.apply(school.look(first))
        by_hand, changed = db.session.query(TimetableEntry).order_by(TimetableEntry.weekday).limit(2)
        by_hand.by_hand = True
        day = date(2026, 9, 15)
        db.session.add(TimetableChange(entry_id=changed.id, day=day, kind=ChangeKind.CANCELLED))
        db.session.commit()
        looked = school.look(second)
        fates = {cell: each.fate for cell, each in told(looked).items()}
        assert fates == {"B2": "kept", "C2": "kept", "D2": "changed", "E2": "removed"}
        school.apply(looked)
    assert school.week() == {
        ("三(2)班", 1, 1, "数学", "王芳"),
        ("三(2)班", 2, 1, "数学", "王芳"),
        ("三(2)班", 3, 1, "语文", "李强"),
    }
    assert db.session.query(TimetableChange).count() == 1


def test_what_is_exported_comes_back_unchanged(school: School) -> None:
    rows = grid(["1", "数学 王芳", None, "语文 李强"], ["2", "语文(单) 李强 / 数学(双) 王芳"])
    with travel_to(NOW):
        school.apply(school.look(workbook(**{"三(2)班": rows})))
        for form in ("grid", "list"):
            file = school.client.get(f"/manage/timetables/{form}.xlsx").data
            assert load_workbook(io.BytesIO(file)).sheetnames
            assert school.look(file).outcome["counts"] == {"same": 3}, form


@pytest.mark.parametrize(
    ("data", "name", "sentence"),
    [
        (EMPTY.read_bytes(), EMPTY.name, "里没有课：只有表头"),
        (workbook(人员=[["姓名", "工号"], ["王芳", "T1"]]), "x.xlsx", "工作表“人员”认不出"),
        (b"PK not a workbook", "x.xlsx", "已损坏"),
        (b"hello", "x.docx", "不是表格文件"),
    ],
)
def test_a_file_without_lessons_ends_in_a_sentence(school: School, data: bytes, name: str, sentence: str) -> None:
    with travel_to(NOW):
        looked = school.look(data, name)
    assert sentence in looked.sentence


def test_a_file_is_checked_anew_when_the_timetable_has_changed_since(school: School) -> None:
    data = workbook(**{"三(2)班": grid(["1", "数学 王芳"])})
    with travel_to(NOW):
        looked, other = school.look(data), school.look(data)
        school.apply(other)
        school.apply(looked)
        page = school.client.get(f"/manage/timetables/import/{looked.code}").get_data(as_text=True)
    assert "核对以后课表又有了改动" in page
    assert len(school.week()) == 1


def test_a_file_that_could_not_be_read_can_be_given_up(school: School) -> None:
    with travel_to(NOW):
        looked = school.look(b"no workbook")
        assert looked.state is JobState.FAILED
        address = f"/manage/timetables/import/{looked.code}"
        assert f'action="{address}/give-up"' in school.client.get(f"/jobs/{looked.code}").get_data(as_text=True)
        assert school.client.post(f"{address}/apply").status_code == 409
        assert school.client.post(f"{address}/give-up").status_code == 303
        assert db.session.query(Job).count() == 0
