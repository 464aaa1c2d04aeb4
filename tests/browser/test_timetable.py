"""The office imports a week and moves a lesson; the teacher whose page is open hears of it, and so does her calendar."""

import io
from datetime import date, timedelta

from openpyxl import Workbook
from playwright.sync_api import Browser, Page, expect

from foundation.clock import today
from foundation.database import commit, db, writing
from notices.actions import notify
from notices.models import Notice
from schools.models import Person, Role
from tests.browser.desks import office
from tests.factories import grant, make_campus, make_class, make_group, make_person, make_subject
from tests.sites import Site
from timetable.models import BellSchedule, Period, PeriodKind, Term

WAIT_MINUTE = 65_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Campus:
    """A class, two teachers, bells and a running term; nothing is in the timetable yet."""

    def __init__(self) -> None:
        group = make_group()
        self.campus = make_campus(group, "丹江路校区")
        self.third = make_class(self.campus, number=2)
        self.third.name = "三（2）班"
        make_subject("数学"), make_subject("语文")
        self.wang: Person = make_person(self.campus, "王芳")
        make_person(self.campus, "李强")
        self.office: Person = make_person(self.campus, "教务")
        grant(self.office, Role.ACADEMIC_OFFICE, group_id=group.id)
        self.monday: date = today() + timedelta(days=7 - today().weekday())
        begin, end = self.monday - timedelta(weeks=6), self.monday + timedelta(weeks=12)
        bell = BellSchedule(group_id=group.id, name="作息", from_day=begin)
        bell.periods = [
            Period(number=n, label=f"上午第{n}节", kind=PeriodKind.LESSON, starts=420 + 60 * n, ends=460 + 60 * n)
            for n in (1, 2, 3)
        ]
        with writing():
            db.session.add_all([bell, Term(group_id=group.id, year=begin.year, semester=1, from_day=begin, to_day=end)])
            db.session.commit()


def week_file() -> dict[str, object]:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "三（2）班"
    sheet.append(["", "星期一", "星期二", "星期三", "星期四", "星期五"])
    sheet.append(["第1节", "数学 王芳", "语文 李强", None, None, None])
    sheet.append(["第2节", "语文 李强", None, "数学 王芳", None, None])
    file = io.BytesIO()
    book.save(file)
    return {"name": "课表.xlsx", "mimeType": XLSX, "buffer": file.getvalue()}


def unread(page: Page) -> str:
    return page.locator(".bell-count > span").first.inner_text()


def test_a_week_comes_in_a_lesson_moves_and_its_teacher_hears_of_it(busy_site: Site, browser: Browser) -> None:
    with office(busy_site, browser) as made:
        campus = Campus()
        desk, home = made.desk_of(campus.office), made.desk_of(campus.wang)
        page, hers = desk.page, home.page
        page.goto(f"{desk.line.address}/manage/timetables/import?campus={campus.campus.id}")
        page.set_input_files("#file", week_file())  # type: ignore[arg-type]
        page.get_by_role("button", name="核对").click()
        page.get_by_role("button", name="写入 4 格").click()
        expect(page.get_by_text("已导入。")).to_be_visible()

        hers.clock.install()
        hers.goto(f"{home.line.address}/timetable?week={campus.monday}")
        expect(hers.locator(".week-grid .lesson")).to_have_count(2)
        hers.get_by_role("button", name="生成日历地址").click()
        feed = hers.locator("#feed-address").input_value()
        before = hers.request.get(feed).text()
        assert before.count("BEGIN:VEVENT") == 2

        page.goto(f"{desk.line.address}/timetable/classes/{campus.third.id}?week={campus.monday}")
        page.locator(".week-grid .lesson", has_text="王芳").first.click()
        page.get_by_text("调到另一个时间").click()
        page.fill("#new_day", (campus.monday + timedelta(days=1)).isoformat())
        page.select_option("#new_period", "3")
        page.fill("#reason", "外出教研")
        page.get_by_role("button", name="看看涉及谁").click()
        page.get_by_role("button", name="登记", exact=True).click()
        expect(page.locator(".message", has_text="王芳")).to_be_visible()

        hers.clock.run_for(WAIT_MINUTE)
        expect(hers.locator(".bell-count")).to_be_visible()
        assert unread(hers) == "1"
        _shout(campus.wang)
        hers.clock.run_for(WAIT_MINUTE)
        expect(hers.locator(".shouts")).to_contain_text("三（2）班 数学")
        hers.get_by_role("button", name="知道了").click()
        expect(hers.locator(".shout")).to_have_count(0)
        hers.locator(".bell").click()
        hers.get_by_role("link", name="上午第1节调到").click()
        expect(hers).to_have_url(f"{home.line.address}/timetable?week={campus.monday}")
        expect(hers.locator(".week-grid")).to_contain_text("外出教研")
        assert hers.locator(".bell-count").is_hidden()
        after = hers.request.get(feed).text()
        assert after != before
        assert f"T{8 + 2:02}0000" in after.replace("\r\n ", "")
        assert not desk.problems + home.problems


def _shout(person: Person) -> None:
    """What begins within half an hour."""
    with writing():
        db.session.rollback()
        moved = db.session.query(Notice).filter_by(person_id=person.id).one()
        notify([person.id], moved.kind, {**moved.facts, "what": "cancelled"}, moved.url, urgent=True)
        commit()
