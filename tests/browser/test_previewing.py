"""A teacher looks at a colleague's slides without downloading them."""

import io
import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from pptx import Presentation

from schools.models import Visibility
from tests.browser.school import School
from tests.factories import make_resource
from tests.programs import needs_office


def _slides() -> bytes:
    slides = Presentation()
    for number in range(1, 5):
        slide = slides.slides.add_slide(slides.slide_layouts[5])
        slide.shapes.title.text = f"分数的意义 {number}"
    file = io.BytesIO()
    slides.save(file)
    return file.getvalue()


@needs_office
def test_slides_are_looked_at_page_by_page(school: School) -> None:
    resource = make_resource(school.wang, name="分数的意义.pptx", data=_slides(), visibility=Visibility.GROUP)
    desk = school.office.desk_of(school.li)
    page = desk.page
    page.goto(f"{desk.line.address}/resources/{resource.code}/preview?page=2")
    picture = page.locator("#preview-picture")
    expect(picture).to_have_attribute("alt", "第 2 页 分数的意义 2", timeout=60_000)  # the page looks again by itself
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("image => image.naturalWidth") == 1600
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}).response["violations"]
    assert not [finding["id"] for finding in found]
    page.keyboard.press("ArrowRight")
    expect(picture).to_have_attribute("alt", "第 3 页 分数的意义 3")
    expect(page).to_have_url(re.compile(r"page=3$"))
    page.keyboard.press("End")
    page.keyboard.press("PageDown")
    expect(page.get_by_label("第几页")).to_have_value("4")
    page.get_by_role("link", name="第 1 页").click()
    expect(picture).to_have_attribute("alt", "第 1 页 分数的意义 1")
    page.get_by_label("第几页").fill("3")
    page.keyboard.press("Enter")
    expect(picture).to_have_attribute("alt", "第 3 页 分数的意义 3")
    whole = picture.bounding_box()
    page.locator("#preview-stage").focus()
    page.keyboard.press("+")
    page.keyboard.press("+")
    expect(page.get_by_role("button", name="200%")).to_have_attribute("aria-pressed", "true")
    doubled = picture.bounding_box()
    assert whole
    assert doubled
    assert doubled["width"] > 1.5 * whole["width"]
    with page.expect_download() as downloading:
        page.get_by_role("link", name="下载原文件").click()
    assert downloading.value.suggested_filename == "分数的意义.pptx"
