"""Pictures and files come into a plan while a colleague writes in it."""

import base64
import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import Route, expect
from sqlalchemy import select

from foundation.database import db
from library.models import Resource
from schools.models import Visibility
from tests.browser.desks import Desk
from tests.browser.school import OBJECTIVES, School
from tests.factories import make_resource

PASTE = """([field, name, type, data]) => {
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    const clipboardData = new DataTransfer();
    clipboardData.items.add(new File([bytes], name, { type }));
    const text = document.querySelector(`.text[data-field="${field}"] [contenteditable=true]`);
    text.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
}"""


def screenshot() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (320, 180), "#2f5d9b").save(file, "PNG")
    return file.getvalue()


def paste(desk: Desk, field: str, name: str = "image.png") -> None:
    desk.go_to(field)
    desk.page.evaluate(PASTE, [field, name, "image/png", base64.b64encode(screenshot()).decode()])


def test_a_screenshot_is_pasted_while_a_colleague_writes(school: School) -> None:
    wang, li = school.both()
    held: list[Route] = []
    wang.page.route("**/files/parts/**", lambda route: held.append(route))
    wang.write(OBJECTIVES, "看图说话。")
    li.sees(OBJECTIVES, "看图说话。")
    paste(wang, OBJECTIVES)
    mine, theirs = (desk.text(OBJECTIVES).locator(".picture-box") for desk in (wang, li))
    expect(mine.get_by_role("progressbar")).to_be_visible()
    expect(theirs).to_contain_text("图片上传中")
    wang.page.keyboard.type("图上有什么？")
    li.write(OBJECTIVES, "李老师接着写。")
    for route in held:
        route.continue_()
    wang.page.unroute("**/files/parts/**")
    picture = theirs.locator("img")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") == 320
    expect(mine.get_by_role("progressbar")).to_have_count(0)
    wang.sees(OBJECTIVES, "李老师接着写。")
    li.sees(OBJECTIVES, "图上有什么？")
    db.session.rollback()  # so that it reads what has been written since
    resource = db.session.scalars(select(Resource).where(Resource.owner_id == school.wang.id)).one()
    assert (resource.title, resource.visibility) == ("《秋天的雨》的图片", Visibility.PREP_GROUP)

    mine.locator("img").click()
    wang.page.get_by_role("button", name="宽 50%").click()
    expect(theirs).to_have_attribute("data-width", "50")
    wang.page.get_by_role("button", name="加描述").click()
    wang.page.get_by_role("textbox", name="说说图上有什么").fill("雨中的校园")
    wang.page.keyboard.press("Enter")
    expect(picture).to_have_attribute("alt", "雨中的校园")

    wang.page.get_by_role("button", name="移除").click()
    expect(theirs).to_have_count(0)
    wang.page.keyboard.press("Control+z")
    expect(theirs.locator("img")).to_have_attribute("alt", "雨中的校园")
    for desk in (wang, li):
        desk.is_saved()
    assert f'![雨中的校园](resource:{resource.code} "50%")' in school.office.markdown_of(school.plan)
    li.page.goto(f"{li.line.address}/plans/{school.plan.code}")
    shown = li.page.locator(".reading .picture")
    expect(shown).to_have_class("picture picture-50")
    assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") == 320


def test_what_cannot_be_sent_says_why_and_is_tried_again_in_place(school: School) -> None:
    wang, li = school.both()
    wang.page.route("**/files/parts/**", lambda route: route.fulfill(status=400, json={"error": "wrong_size"}))
    paste(wang, OBJECTIVES, "实验装置.png")
    box = wang.text(OBJECTIVES).locator(".picture-box")
    expect(box.get_by_role("alert")).to_contain_text("请再试一次")
    wang.page.unroute("**/files/parts/**")
    box.get_by_role("button", name="重试").click()
    expect(li.text(OBJECTIVES).locator(".picture-box img")).to_be_visible()
    wang.page.keyboard.press("Control+z")
    expect(li.text(OBJECTIVES).locator(".picture-box")).to_have_count(0)


def test_files_are_put_at_a_step_by_sending_and_by_choosing(school: School, tmp_path: Path) -> None:
    make_resource(school.wang, name="雨声录音.mp3", data=b"sound")
    wang, li = school.both()
    card, theirs = (desk.page.locator('[data-step="daoru00001"]') for desk in (wang, li))
    card.get_by_role("button", name="附件", exact=True).click()
    wang.page.get_by_role("menuitem", name="从资源库选").click()
    wang.page.get_by_role("searchbox").fill("雨声")
    wang.page.get_by_role("dialog").get_by_role("button", name="雨声录音").click()
    expect(theirs.get_by_role("link", name="雨声录音.mp3")).to_be_visible()
    sheet = tmp_path / "学习单.txt"
    sheet.write_text("边听边想。", encoding="utf-8")
    card.get_by_role("button", name="附件", exact=True).click()
    with wang.page.expect_file_chooser() as chooser:
        wang.page.get_by_role("menuitem", name="上传文件").click()
    chooser.value.set_files(sheet)
    link = theirs.get_by_role("link", name="学习单.txt")
    expect(link).to_be_visible()
    with li.page.expect_download() as download:
        link.click()
    assert download.value.suggested_filename == "学习单.txt"
    assert download.value.path().read_text(encoding="utf-8") == "边听边想。"
    card.get_by_role("button", name="移走“雨声录音.mp3”").click()
    expect(theirs.get_by_role("link", name="雨声录音.mp3")).to_have_count(0)
    wang.page.get_by_role("button", name="撤销").last.click()
    expect(theirs.get_by_role("link", name="雨声录音.mp3")).to_be_visible()
