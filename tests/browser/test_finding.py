"""A word that stands on one slide only is found by those who may see it, and by nobody else."""

import io
import re
import time

from playwright.sync_api import Page, expect
from pptx import Presentation

from library.models import Resource, ResourceKind
from schools.models import Visibility
from tests.browser.desks import Desk
from tests.browser.school import School
from tests.factories import make_person, make_resource

WORD = "割补转化"
GONE_SECONDS = 6.0
"""2 on a machine of its own; other programs may want this one too."""


def slides() -> bytes:
    """Nine slides; the word stands on the seventh."""
    made = Presentation()
    for number in range(1, 10):
        slide = made.slides.add_slide(made.slide_layouts[5])
        slide.shapes.title.text = f"{WORD}的办法" if number == 7 else f"多边形的面积 {number}"
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def wait_until_found(page: Page, desk: Desk) -> None:
    """The worker reads the file and indexes it meanwhile."""
    for _ in range(200):
        page.goto(f"{desk.line.address}/search?q={WORD}")
        if page.locator(".hit").count():
            return
        page.wait_for_timeout(300)
    raise AssertionError("nothing is found")


def test_a_word_of_slide_seven_leads_there_those_who_may_see_it(school: School) -> None:
    wang, li = school.office.desk_of(school.wang), school.office.desk_of(school.li)
    stranger = school.office.desk_of(make_person(name="陌生人"))
    resource: Resource = make_resource(
        school.wang, name="多边形的面积.pptx", data=slides(), kind=ResourceKind.SLIDES, visibility=Visibility.GROUP
    )

    page = li.page
    wait_until_found(page, li)
    expect(page.locator(".hit-place")).to_have_text("第 7 页")
    expect(page.locator(".hit-snippet mark").first).to_have_text(WORD)
    page.locator(".hit-title").click()
    expect(page).to_have_url(re.compile(rf"/resources/{resource.code}/preview\?page=7$"))

    # By the keyboard, from any page: quick results, and a title typed in pinyin.
    page.goto(f"{li.line.address}/")
    page.keyboard.press("/")
    box = page.get_by_role("combobox", name="搜索")
    expect(box).to_be_focused()
    page.keyboard.type("duobianxing")
    expect(page.get_by_role("option").first).to_contain_text("多边形的面积")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option", selected=True)).to_contain_text("多边形的面积")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"/resources/{resource.code}$"))
    page.goto(f"{li.line.address}/search")
    page.keyboard.type(WORD)
    page.keyboard.press("Enter")
    expect(page.locator(".hit")).to_have_count(1)
    page.go_back()
    expect(page.get_by_role("link", name=WORD)).to_be_visible()  # 最近搜过

    other = stranger.page
    other.goto(f"{stranger.line.address}/search?q={WORD}")
    expect(other.get_by_role("heading", name=f"没有找到“{WORD}”")).to_be_visible()
    counts = other.locator(".tabs .hint").all_inner_texts()
    assert set(counts) == {"0"}

    owner = wang.page
    owner.goto(f"{wang.line.address}/resources/{resource.code}")
    owner.locator(".page .menu > summary").last.click()
    owner.get_by_role("button", name="撤回", exact=True).click()
    owner.get_by_role("dialog").get_by_role("button", name="撤回", exact=True).click()
    withdrawn = time.monotonic()
    while page.goto(f"{li.line.address}/search?q={WORD}") and page.locator(".hit").count():
        assert time.monotonic() - withdrawn < GONE_SECONDS, "still found"
    expect(page.locator(".tabs .hint").first).to_have_text("0")
    owner.goto(f"{wang.line.address}/search?q={WORD}")
    expect(owner.locator(".hit")).to_have_count(1)
