"""Terms, holidays, bells, a class' week and what changes in it, from the first page to the teacher's week."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from foundation.clock import travel_to
from foundation.database import db
from notices.kinds import sentence_of
from notices.models import Notice
from schools.models import AuditEntry, Campus, Person, Role, SchoolClass, Subject
from tests.factories import grant, make_campus, make_class, make_group, make_person, make_subject
from tests.lessons.queries_counted import queries_counted
from timetable.models import CalendarDay, DayKind, TimetableChange, TimetableEntry

HOLIDAYS = Path(__file__).parents[2] / "samples" / "中国法定节假日2026.ics"
WEDNESDAY = datetime(2026, 9, 9, 2, tzinfo=UTC)

Browser = Callable[[Person], FlaskClient]


class School:
    """A campus with a class, two teachers and somebody who arranges their week."""

    def __init__(self, signed_in: Browser) -> None:
        self.group = make_group()
        self.campus: Campus = make_campus(self.group, "丹江路校区")
        self.maths: Subject = make_subject("数学")
        self.chinese: Subject = make_subject("语文")
        self.wang = make_person(self.campus, "王芳")
        self.li = make_person(self.campus, "李强")
        self.third: SchoolClass = make_class(self.campus, number=2)
        self.office = make_person(self.campus, "教务")
        grant(self.office, Role.ACADEMIC_OFFICE, group_id=self.group.id)
        self.client = signed_in(self.office)

    def add_term(self) -> None:
        days = {"semester": "1", "from_day": "2026-09-01", "last_day": "2027-01-22"}
        assert self.client.post("/manage/timetables/terms", data=days).status_code == 303

    def add_bell(self, **more: str) -> None:
        form = {"name": "统一作息", "from_day": "2026-09-01", **more}
        for row, (label, kind, starts, ends) in enumerate(
            [
                ("上午第1节", "lesson", "8:00", "8:40"),
                ("大课间", "break", "8:40", "9:10"),
                ("上午第2节", "lesson", "9:10", "9:50"),
                ("上午第3节", "lesson", "10:00", "10:40"),
            ]
        ):
            form |= {f"label-{row}": label, f"kind-{row}": kind, f"starts-{row}": starts, f"ends-{row}": ends}
        assert self.client.post("/manage/timetables/bells/new", data=form).status_code == 303

    def set_cell(self, weekday: int, period: int, subject: Subject, teacher: Person) -> int:
        self.client.post(
            f"/manage/timetables/classes/{self.third.id}/{weekday}/{period}",
            data={
                "subject-1": str(subject.id),
                "parity-1": "every",
                "person-1": teacher.name,
                "from_day": "2026-09-01",
            },
        )
        return db.session.query(TimetableEntry).order_by(TimetableEntry.id.desc()).first().id  # type: ignore[union-attr]


@pytest.fixture
def school(signed_in: Browser) -> School:
    with travel_to(WEDNESDAY):
        made = School(signed_in)
        made.add_term()
        made.add_bell()
        return made


def test_a_lesson_entered_for_a_class_stands_in_the_teachers_week_by_the_clock(
    school: School, signed_in: Browser
) -> None:
    with travel_to(WEDNESDAY):
        school.set_cell(3, 2, school.maths, school.wang)
        page = signed_in(school.wang).get("/timetable").get_data(as_text=True)
    assert "第2周 双周" in page
    assert "9:10–9:50" in page
    assert school.third.name in page


def test_a_swap_is_shown_with_whom_it_concerns_then_moves_both_lessons(school: School, signed_in: Browser) -> None:
    with travel_to(WEDNESDAY):
        maths = school.set_cell(3, 2, school.maths, school.wang)
        chinese = school.set_cell(4, 3, school.chinese, school.li)
        address = f"/manage/timetables/lessons/{maths}?day=2026-09-16"
        form = {"what": "swap", "swap": f"{chinese}@2026-09-17", "reason": "外出教研"}
        asked = school.client.post(address, data=form).get_data(as_text=True)
        assert f"{school.third.name}、王芳、李强" in asked
        assert db.session.query(TimetableChange).count() == 0
        assert school.client.post(address, data={**form, "go": "1"}).status_code == 303
        mine = signed_in(school.wang).get("/timetable?week=2026-09-16").get_data(as_text=True)
        assert "调到9月17日 周四第3节" in mine
        assert "外出教研" in mine
        change = db.session.query(TimetableChange).first()
        assert change is not None
        school.client.post(f"/manage/timetables/changes/{change.id}/withdraw")
        assert db.session.query(TimetableChange).count() == 0
        done = [each.action for each in db.session.query(AuditEntry) if each.object_kind == "class"]
    assert done == ["lesson_changed", "lesson_changed", "lesson_restored", "lesson_restored"]


def test_whom_a_change_concerns_is_told_also_of_its_withdrawal_and_its_history_stays(
    school: School, signed_in: Browser
) -> None:
    with travel_to(WEDNESDAY):
        zhao, qian, sun = (make_person(school.campus, name) for name in ("赵老师", "钱老师", "孙主任"))
        school.third.homeroom_teacher_id = sun.id
        maths = school.set_cell(3, 2, school.maths, school.wang)
        address = f"/manage/timetables/lessons/{maths}?day=2026-09-16"

        def change(**form: str) -> None:
            assert school.client.post(address, data={**form, "go": "1"}).status_code == 303

        def told(person: Person) -> list[str]:
            rows = db.session.query(Notice).filter_by(person_id=person.id)
            return [sentence_of(each.kind, each.facts) for each in rows]

        lesson = f"{school.third.name} 数学：9月16日 周三 上午第2节"
        change(what="substitute", person="赵老师", reason="外出教研")
        assert told(zhao) == told(sun) == told(school.wang) == [f"{lesson}由赵老师代课。原因：外出教研。"]
        change(what="substitute", person="钱老师")
        assert told(zhao) == told(qian) == told(sun) == [f"{lesson}由钱老师代课。"]
        made = db.session.query(TimetableChange).one()
        school.client.post(f"/manage/timetables/changes/{made.id}/withdraw")
        assert told(qian) == told(school.wang) == [f"{lesson}的调整已撤回，照原课表上。"]
        assert told(school.office) == []
        assert not db.session.query(Notice).filter_by(urgent=True).count()
        page = school.client.get(address).get_data(as_text=True)
        history = page[page.index("这一节调整过") :]
        assert history.index("撤回") < history.index("钱老师代课") < history.index("赵老师代课")
        assert "外出教研" in history
    with travel_to(datetime(2026, 9, 16, 0, 50, tzinfo=UTC)):  # 8:50, twenty minutes before it
        change(what="cancelled")
    assert {each.person_id for each in db.session.query(Notice).filter_by(urgent=True)} == {school.wang.id, sun.id}


def test_a_substitute_who_has_a_lesson_then_is_named_before_it_is_entered(school: School) -> None:
    with travel_to(WEDNESDAY):
        other = make_class(school.campus, number=3)
        maths = school.set_cell(3, 2, school.maths, school.wang)
        school.third = other
        school.set_cell(3, 2, school.chinese, school.li)
        form = {"what": "substitute", "person": "李强"}
        page = school.client.post(f"/manage/timetables/lessons/{maths}?day=2026-09-16", data=form).get_data(
            as_text=True
        )
    assert f"李强在9月16日 周三 上午第2节（9:10–9:50）已有课：{other.name} 语文" in page


def test_a_teacher_entered_twice_at_one_time_is_said(school: School) -> None:
    with travel_to(WEDNESDAY):
        school.set_cell(3, 2, school.maths, school.wang)
        first, school.third = school.third, make_class(school.campus, number=3)
        school.set_cell(3, 2, school.maths, school.wang)
        page = school.client.get(f"/manage/timetables/classes/{school.third.id}").get_data(as_text=True)
    assert "请留意：王芳" in page
    assert first.name in page


def test_the_state_councils_holidays_come_in_with_the_weekdays_that_make_up_days_follow(school: School) -> None:
    text = HOLIDAYS.read_bytes()
    with travel_to(WEDNESDAY):
        sent = {"file": (BytesIO(text), "2026.ics"), "group": str(school.group.id)}
        asked = school.client.post("/manage/timetables/holidays", data=sent).get_data(as_text=True)
        assert "读到放假 33 天，调休上班 6 天。" in asked
        assert db.session.query(CalendarDay).count() == 0
        form = {"ics": text.decode(), "follows-2026-10-10": "3"}
        assert school.client.post("/manage/timetables/holidays", data=form).status_code == 303
    made_up = db.session.query(CalendarDay).filter_by(day=date(2026, 10, 10)).one()
    assert (made_up.kind, made_up.follows, made_up.name) == (DayKind.MAKE_UP, 3, "补国庆节假期")
    assert db.session.query(CalendarDay).count() == 39


@pytest.mark.parametrize("text", ["", "你好", "BEGIN:VCALENDAR\nEND:VEVENT", "BEGIN:VCALENDAR\nEND:VCALENDAR"])
def test_what_is_no_calendar_of_holidays_ends_in_a_sentence(school: School, text: str) -> None:
    with travel_to(WEDNESDAY):
        sent = {"file": (BytesIO(text.encode()), "x.ics")}
        answer = school.client.post("/manage/timetables/holidays", data=sent)
    assert answer.status_code == 422
    assert "日历" in answer.get_data(as_text=True)


def test_overlapping_periods_and_terms_are_refused_with_their_names(school: School) -> None:
    with travel_to(WEDNESDAY):
        form = {"name": "乱", "label-0": "第1节", "kind-0": "lesson", "starts-0": "8:00", "ends-0": "8:40"}
        form |= {"label-1": "第2节", "kind-1": "lesson", "starts-1": "8:30", "ends-1": "9:10"}
        page = school.client.post("/manage/timetables/bells/new", data=form)
        assert page.status_code == 422
        assert "“第1节”和“第2节”的时间重叠了。" in page.get_data(as_text=True)
        term = {"semester": "2", "from_day": "2027-01-04", "last_day": "2027-07-01"}
        assert "2026—2027学年第一学期的日期重叠" in school.client.post("/manage/timetables/terms", data=term).get_data(
            as_text=True
        )


def test_nobody_else_arranges_and_other_groups_see_nothing(school: School, signed_in: Browser) -> None:
    with travel_to(WEDNESDAY):
        school.set_cell(3, 2, school.maths, school.wang)
        teacher, stranger = signed_in(school.wang), signed_in(make_person())
        for address in ("/manage/timetables", f"/manage/timetables/classes/{school.third.id}"):
            assert teacher.get(address).status_code == 404
            assert stranger.get(address).status_code == 404
        assert teacher.get(f"/timetable/classes/{school.third.id}").status_code == 200
        assert stranger.get(f"/timetable/classes/{school.third.id}").status_code == 404
        assert stranger.get(f"/timetable/people/{school.wang.id}").status_code == 404


def test_a_campus_day_and_campuses_side_by_side_stand_by_the_clock(school: School, signed_in: Browser) -> None:
    with travel_to(WEDNESDAY):
        school.set_cell(3, 2, school.maths, school.wang)
        rural = make_campus(school.group, "山里教学点")
        school.add_bell(campus=str(rural.id), name="冬季")
        browser = signed_in(school.wang)
        day = browser.get("/timetable/campuses").get_data(as_text=True)
        beside = browser.get(f"/timetable/beside?subject={school.maths.id}").get_data(as_text=True)
    assert school.third.name in day
    assert "山里教学点" in beside
    assert school.third.name in beside


def test_a_week_and_a_campus_day_ask_the_same_few_questions_however_many_lessons_there_are(
    school: School, signed_in: Browser
) -> None:
    with travel_to(WEDNESDAY):
        browser = signed_in(school.wang)

        def asked(address: str) -> int:
            with queries_counted() as queries:
                assert browser.get(address).status_code == 200
            return len(queries)

        pages = ("/timetable", f"/timetable/classes/{school.third.id}", "/timetable/campuses", "/timetable/beside")
        for period in (1, 2, 3):
            school.set_cell(3, period, school.maths, school.wang)
        few = [asked(address) for address in pages]
        for number in range(4, 8):
            school.third = make_class(school.campus, number=number)
            for period in (1, 2, 3):
                school.set_cell(3, period, school.chinese, school.li)
        assert [asked(address) for address in pages] == few
        assert max(few) <= 28
