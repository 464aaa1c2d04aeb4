"""One lesson in three classrooms: a lead with slides and a check, a cut line, a helper who takes over, and the end."""

import io
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from foundation.clock import now, today
from foundation.database import db, writing
from library.models import PreviewState, ResourcePage, ResourceVersion
from library.storage import the_store
from library.storage.base import new_key
from live.models import Answer, ClassroomRole, LiveClassroom, LiveSession, SessionKind, SessionState
from live.scheduling.actions import give_codes
from schools.models import Campus, Person
from tests.browser.desks import Line, Office, office
from tests.factories import make_campus, make_class, make_group, make_person, make_resource
from tests.sites import Site

STEPS = ("看图猜面积", "剪一剪，拼一拼", "说清楚，写下来")
TRUE_AGAIN = 8
"""Seconds from a mended line to the true screen: the longest pause between two tries, and three for everything else."""


@pytest.fixture
def lesson(tmp_path: Path, browser: Browser) -> Iterator["Lesson"]:
    site = Site(tmp_path).start()
    try:
        with office(site, browser) as made:
            lesson = Lesson(made, browser)
            yield lesson
            for line in lesson.lines:
                line.close()
            assert not lesson.problems
    finally:
        site.stop()


class Lesson:
    """A session that can begin now, and the screens that look at it."""

    def __init__(self, made: Office, browser: Browser) -> None:
        self._office, self._browser = made, browser
        self.lines: list[Line] = []
        self.problems: list[str] = []
        group = make_group("砚溪教育集团")
        campuses = [make_campus(group, name) for name in ("滨河校区", "城东小学", "柳树湾小学")]
        self.lead, self.helper = make_person(campuses[0], name="郑海宁"), make_person(campuses[2], name="田守义")
        self.session = _session(self.lead, self.helper, campuses)

    def page_of(self, person: Person, **more: object) -> Page:
        """Somebody's screen of the room."""
        desk = self._office.desk_of(person, **more)
        desk.page.on("pageerror", lambda problem: self.problems.append(str(problem)))
        desk.page.goto(f"{desk.line.address}/live/{self.session.code}/room")
        return desk.page

    def classroom(self, number: int) -> tuple[Page, Line]:
        """The screen of a classroom, let in by its six digits and begun."""
        line = Line(self._office.site.address)
        self.lines.append(line)
        page = self._browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN").new_page()
        page.on("pageerror", lambda problem: self.problems.append(str(problem)))
        page.goto(f"{line.address}/live/enter/{self.session.classrooms[number].entry_code}")
        page.wait_for_url("**/live/screen")
        expect(page.get_by_text("课前包：已下载完")).to_be_visible()
        page.get_by_role("button", name="开始（进入全屏）").click()
        return page, line


def test_a_lesson_runs_in_three_classrooms_through_a_cut_line_and_a_takeover(lesson: Lesson) -> None:
    lead = lesson.page_of(lesson.lead)
    east, _ = lesson.classroom(1)
    village, line = lesson.classroom(2)
    expect(east.get_by_text("请等待主讲老师开课")).to_be_visible()

    expect(lead.get_by_text("3 个教室已就绪")).to_be_visible()
    lead.get_by_role("button", name="开课", exact=True).click()
    lead.get_by_role("button", name=f"开始上课：一 {STEPS[0]}").click()
    _all_see(1, STEPS[0], east, village)
    lead.keyboard.press("PageDown")
    expect(lead.locator(".lead-page")).to_have_text("第 2 页 / 2")
    _all_see(2, STEPS[0], east, village)

    lead.get_by_role("button", name=f"下一环节：{STEPS[1]}").click()
    lead.get_by_role("button", name="小测", exact=True).click()
    lead.get_by_role("menuitem", name="选择：A B C D").click()
    expect(village.locator(".classroom-task")).to_have_text("请选择一个答案")
    lead.get_by_role("button", name="公布结果").click()
    expect(east.locator(".results .tally").first).to_be_visible()
    lead.get_by_role("button", name="收小测").click()
    expect(east.locator(".results .tally")).to_be_hidden()
    lead.keyboard.press("Escape")

    line.cut()
    expect(village.locator(".banner")).to_contain_text("已断开")
    expect(village.locator(".classroom-band .classroom-step")).to_contain_text(STEPS[1])
    lead.get_by_role("button", name=f"下一环节：{STEPS[2]}").click()
    _all_see(1, STEPS[2], east)
    mended = time.monotonic()
    line.mend()
    _all_see(1, STEPS[2], village)
    assert time.monotonic() - mended < TRUE_AGAIN
    expect(village.locator(".banner")).not_to_contain_text("已断开")

    helper = lesson.page_of(lesson.helper, viewport={"width": 390, "height": 844})
    helper.get_by_role("button", name="本地接管", exact=True).click()
    helper.get_by_role("button", name="接管", exact=True).click()
    expect(village.locator(".banner")).to_contain_text("助教老师正在本地上课")
    helper.get_by_role("button", name="上一环节").click()
    expect(village.locator(".classroom-band .classroom-step")).to_contain_text(STEPS[1])
    expect(east.locator(".classroom-band .classroom-step")).to_contain_text(STEPS[2])
    helper.get_by_role("button", name="交还主讲，回到大家那里").click()
    _all_see(1, STEPS[2], village)

    east.reload()  # a computer that was started anew: nobody presses 开始 again
    _all_see(1, STEPS[2], east)

    lead.get_by_role("button", name="结束上课").click()
    lead.get_by_role("dialog").get_by_role("button", name="结束上课").click()
    for screen in (east, village):
        expect(screen.get_by_text("下课了，同学们再见。")).to_be_visible()
    expect(lead.get_by_role("heading", name="这节课已结束")).to_be_visible()


def _all_see(page: int, step: str, *screens: Page) -> None:
    for screen in screens:
        expect(screen.locator(".classroom-band .classroom-step")).to_contain_text(step)
        expect(screen.get_by_role("img", name=f"课件第 {page} 页")).to_be_visible()


def _session(lead: Person, helper: Person, campuses: list[Campus]) -> LiveSession:
    files = [[_slides(lead)], [], [_slides(lead)]]
    steps = [
        {
            "id": f"step{number}", "title": title, "minutes": 10, "teacher": "", "intent": "", "notes": {}, "files": files[number],
            "pupils": "<p>先自己想，再和同桌说。</p>",
        }
        for number, title in enumerate(STEPS)
    ]  # fmt: skip
    begins = now() - timedelta(seconds=1)
    with writing():
        db.session.commit()
        session = LiveSession(
            code="reallesson", group_id=campuses[0].memberships[0].group_id, kind=SessionKind.SAME_LESSON, state=SessionState.SETTLED,
            title="平行四边形的面积", lead=lead, day=today(), starts=0, ends=40, starts_at=begins, ends_at=begins + timedelta(minutes=40),
            run_sheet={"title": "平行四边形的面积", "minutes": 40, "steps": steps},
        )  # fmt: skip
        for rank, campus in enumerate(campuses):
            role = ClassroomRole.LISTENING if rank else ClassroomRole.MAIN
            school_class = make_class(campus, grade=5, number=1)
            session.classrooms.append(
                LiveClassroom(
                    rank=rank, role=role, campus=campus, school_class=school_class, answer=Answer.CONFIRMED, starts=0, ends=40,
                    helper=helper if rank == 2 else None,
                )
            )  # fmt: skip
        db.session.add(session)
        give_codes(session)
        db.session.commit()
    return session


def _slides(owner: Person) -> dict[str, object]:
    resource = make_resource(owner, name="面积.pptx")
    with writing():
        db.session.commit()
        version = db.session.query(ResourceVersion).filter_by(resource_id=resource.id).one()
        version.pages, version.preview = 2, PreviewState.READY  # or the worker looks into the file and finds no slides
        for number, colour in ((1, "teal"), (2, "#2f5d9b")):
            picture, key = io.BytesIO(), new_key("")
            Image.new("RGB", (640, 360), colour).save(picture, "WEBP")
            picture.seek(0)
            the_store().put(key, picture)
            db.session.add(ResourcePage(version_id=version.id, number=number, image_key=key))
        db.session.commit()
    return {"resource": resource.code, "version": 1, "name": "面积.pptx", "kind": "slides", "pages": 2}
