"""An ordinary Tuesday in the demo group: a slot is found, the other campuses confirm, the lesson is held, and its record is there."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, ViewportSize, expect, sync_playwright
from sqlalchemy import select

from app import create_app
from foundation.clock import now, today
from foundation.config import Settings
from foundation.database import db, writing
from live.models import LiveSession
from tests.browser.desks import Line
from tests.browser.media_stand import fake_devices
from tests.conftest import CHROMIUM
from tests.programs import needs_ffmpeg
from tests.sites import Site

PASSWORD = "yiqibeike"
LEAD, OBSERVER, HEAD_EAST, HELPER_VILLAGE = "2009", "1003", "3001", "4001"
STEPS = ("两块菜地哪块大", "猜想：到底乘哪一条", "剪、移、拼")
DESK: ViewportSize = {"width": 1366, "height": 768}
PHONE: ViewportSize = {"width": 390, "height": 844}
LATE = """() => {
  const ask = window.fetch;
  window.fetch = async (...given) => {
    window.fetch = ask;
    const answer = await ask(...given);
    await new Promise((done) => document.addEventListener("change", () => setTimeout(done, 50), { once: true }));
    return answer;
  };
}"""
"""The next answer comes right after the next choice."""


@pytest.fixture
def browser() -> Iterator[Browser]:
    """Chromium with cameras and a microphone."""
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not installed (Debian package chromium)")
    with sync_playwright() as playwright:
        args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", *fake_devices(5)]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=args)
        yield browser
        browser.close()


class Group:
    """The demo group in a site of its own, and who sits at its computers."""

    def __init__(self, site: Site, browser: Browser) -> None:
        self.site, self._browser = site, browser
        self.problems: list[str] = []

    def page_of(self, login: str, size: ViewportSize = DESK) -> Page:
        """The first page of somebody who has signed in."""
        page = self._watched(self._context(size))
        page.goto(f"{self.site.address}/sign-in")
        page.fill("input[name=login]", login)
        page.fill("input[name=password]", PASSWORD)
        page.locator("main button[type=submit]").click()
        page.wait_for_url(lambda address: "/sign-in" not in address)
        return page

    def classroom(self, address: str, digits: str) -> Page:
        """A classroom's screen: six digits, and 开始 pressed once."""
        page = self._watched(self._context(DESK))
        page.goto(f"{address}/live/enter/{digits}")
        page.wait_for_url("**/live/screen")
        page.get_by_role("button", name="开始（进入全屏）").click()
        return page

    def change(self, work: Callable[[LiveSession], None], code: str) -> None:
        """Something about the session that only time does."""
        app = create_app(Settings(data_dir=self.site.data_dir))
        with app.app_context(), writing():
            work(db.session.scalars(select(LiveSession).where(LiveSession.code == code)).one())
            db.session.commit()
            db.engine.dispose()

    def _context(self, size: ViewportSize) -> BrowserContext:
        return self._browser.new_context(viewport=size, locale="zh-CN", permissions=["camera", "microphone"])

    def _watched(self, context: BrowserContext) -> Page:
        page = context.new_page()
        page.on("pageerror", lambda problem: self.problems.append(str(problem)))
        return page


@pytest.fixture
def group(tmp_path: Path, browser: Browser) -> Iterator[Group]:
    site = Site(tmp_path, DEMO="1").start()
    try:
        group = Group(site, browser)
        yield group
        assert not group.problems
    finally:
        site.stop()


@pytest.fixture
def village_line(group: Group) -> Iterator[Line]:
    line = Line(group.site.address)
    yield line
    line.close()


def find_a_slot(page: Page, address: str) -> None:
    """五年级数学 with two other campuses: the first proposal, taken over into the sheet of a session."""
    page.goto(f"{address}/live/find")
    page.locator("select[name=subject]").select_option(label="数学")
    page.locator("select[name=grade]").select_option(label="五年级")
    for campus in ("城东小学", "柳树湾小学"):
        page.get_by_label(campus, exact=True).check()
    page.get_by_role("button", name="找时间").click()
    page.get_by_role("link", name=re.compile("^用这个时间")).first.click()
    page.wait_for_url("**/live/new?*")


def change_while_the_answer_is_late(page: Page) -> None:
    """What is chosen while the server still thinks about the choice before is not taken back by its answer."""
    page.evaluate(LATE)
    with page.expect_response("**/live/new/check"):
        page.locator("select[name=plan]").select_option(index=1)
    page.locator("select[name=repeat]").select_option(index=1)
    until = page.locator("[name=until]")
    expect(until).to_be_visible()
    page.locator("select[name=repeat]").select_option(index=0)
    expect(until).to_have_count(0)


def digits_of(page: Page, campus: str) -> str:
    """The six digits of a classroom on the page of a session."""
    row: Locator = page.locator("li", has_text=campus).filter(has_text="教室进入码")
    found = re.search(r"教室进入码\s*(\d{3}) (\d{3})", row.inner_text())
    assert found
    return found[1] + found[2]


def it_is_time(session: LiveSession) -> None:
    """The day has come, and the hour."""
    session.day, session.starts_at = today(), now() - timedelta(seconds=1)
    session.ends_at = session.starts_at + timedelta(minutes=40)


def all_see(step: str, *screens: Page) -> None:
    for screen in screens:
        expect(screen.locator(".classroom-band .classroom-step")).to_contain_text(step)


@needs_ffmpeg
def test_from_the_slot_that_fits_to_the_record_of_the_lesson(group: Group, village_line: Line) -> None:
    address = group.site.address
    lead = group.page_of(LEAD)
    find_a_slot(lead, address)
    change_while_the_answer_is_late(lead)
    expect(lead.locator("select[name=plan] option:checked")).to_contain_text("平行四边形的面积")
    lead.get_by_role("button", name="排定并通知").click()
    lead.wait_for_url(re.compile(r"/live/\w{10}$"))
    code = lead.url.rpartition("/")[2]
    lead.get_by_text("邀请听课或导播").click()
    lead.locator("input[name=guest]").fill(f"顾明远 {OBSERVER}")
    lead.get_by_role("button", name="邀请", exact=True).click()

    for person in (HEAD_EAST, HELPER_VILLAGE):
        office = group.page_of(person)
        office.goto(f"{address}/live/{code}")
        office.get_by_role("button", name="确认", exact=True).click()
        office.context.close()
    lead.reload()
    expect(lead.get_by_text("已排定").first).to_be_visible()
    east_digits, village_digits = digits_of(lead, "城东小学"), digits_of(lead, "柳树湾小学")

    group.change(it_is_time, code)
    observer = group.page_of(OBSERVER, PHONE)
    observer.goto(f"{address}/live/{code}/room")
    lead.goto(f"{address}/live/{code}/room")
    east, village = group.classroom(address, east_digits), group.classroom(village_line.address, village_digits)
    lead.get_by_role("button", name="开课", exact=True).click()
    lead.get_by_role("button", name=re.compile("^开始上课")).click()
    all_see(STEPS[0], east, village)
    lead.locator(".lead-recording").click()
    lead.get_by_role("button", name="开始录制").click()
    expect(lead.locator(".lead-recording")).to_have_text("录制中")
    expect(east.get_by_role("img", name="课件第 1 页")).to_be_visible()
    observer.get_by_placeholder("看到了什么，想到了什么").first.fill("学生先猜后验，节奏好。")
    observer.get_by_role("button", name="亮点").first.click()

    lead.get_by_role("button", name=f"下一环节：{STEPS[1]}").click()
    all_see(STEPS[1], east, village)
    lead.get_by_role("button", name="小测", exact=True).click()
    lead.get_by_role("menuitem", name="选择：A B C D").click()
    expect(east.locator(".classroom-asks")).to_be_visible()
    lead.get_by_role("button", name="收小测").click()
    lead.keyboard.press("Escape")

    village_line.cut()
    expect(village.locator(".banner")).to_contain_text("已断开")
    lead.get_by_role("button", name=f"下一环节：{STEPS[2]}").click()
    all_see(STEPS[2], east)
    village_line.mend()
    all_see(STEPS[2], village)
    helper = group.page_of(HELPER_VILLAGE, PHONE)
    helper.goto(f"{address}/live/{code}/room")
    helper.get_by_role("button", name="本地接管", exact=True).click()
    helper.get_by_role("button", name="接管", exact=True).click()
    expect(village.locator(".banner")).to_contain_text("助教老师正在本地上课")
    helper.get_by_role("button", name="交还主讲，回到大家那里").click()
    all_see(STEPS[2], village)

    lead.get_by_role("button", name="结束", exact=True).click()
    lead.get_by_role("dialog").get_by_role("button", name="结束上课").click()
    expect(lead.get_by_role("heading", name="这节课已结束")).to_be_visible()
    record_is_there(lead, address, code)


def record_is_there(page: Page, address: str, code: str) -> None:
    """Attendance, notes, the recording with its chapters, and the real times on the page after the lesson; the latter in the plan, too."""
    for _ in range(60):
        page.goto(f"{address}/live/{code}/after")
        if page.get_by_text("可以回看").count():
            break
        page.wait_for_timeout(500)
    for campus in ("滨河校区", "城东小学", "柳树湾小学"):
        expect(page.locator("section", has_text="考勤").locator("li, tr, div", has_text=campus).first).to_contain_text(
            "应到"
        )
    chapters = page.locator(".record-chapters a")
    expect(chapters).to_have_count(len(STEPS))
    for chapter, step in zip(chapters.all(), STEPS, strict=True):
        expect(chapter).to_contain_text(step)
    times = page.locator(".record-step-times")
    expect(times.first).to_contain_text("秒")
    expect(times.last).to_contain_text("没有上到")
    page.get_by_role("link", name="看教案").click()
    expect(page.get_by_text(re.compile("上次实际用时")).first).to_be_visible()
