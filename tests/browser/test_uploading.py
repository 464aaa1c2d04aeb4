"""Ten files dropped into the library, over a line that breaks, with the tab closed on the way."""

import hashlib

from playwright.sync_api import Route, expect
from sqlalchemy import select

from foundation.database import db
from library.models import Resource, ResourceVersion
from library.storage import the_store
from tests.browser.school import School

SLIDES = "五上_第6单元_多边形的面积_课件_v2.pptx"
FILM = "课堂实录_秋天的雨.mp4"
FILM_BYTES = 20 << 20
FRAMES = (bytes(range(251)) * (FILM_BYTES // 251 + 1))[:FILM_BYTES]

DROP = """([names, film, bytes]) => {
    const dropped = new DataTransfer();
    for (const name of names) dropped.items.add(new File([`《${name}》里的字`], name, {lastModified: 1}));
    if (film) {
        const frames = new Uint8Array(bytes).map((_, index) => index % 251);
        dropped.items.add(new File([frames], film, {lastModified: 1}));
    }
    for (const kind of ["dragenter", "dragover", "drop"]) {
        document.body.dispatchEvent(new DragEvent(kind, {dataTransfer: dropped, bubbles: true, cancelable: true}));
    }
}"""


def test_ten_files_arrive_although_the_line_breaks_and_the_tab_is_closed(school: School) -> None:
    desk = school.office.desk_of(school.wang)
    page = desk.page
    page.goto(f"{desk.line.address}/resources/upload")
    names = [SLIDES, *(f"三年级下册语文《荷花》第{number}课时教案.docx" for number in range(1, 10))]
    page.evaluate(DROP, [names, "", 0])
    tray = page.get_by_role("region", name="上传")
    expect(tray).to_contain_text("10 个文件已传完")
    expect(page.locator("[data-arrived]")).to_have_count(10)
    expect(page.locator("[data-arrived]").filter(has_text=SLIDES).get_by_label("类型")).to_have_value("slides")

    taken: list[str] = []

    def take_one(route: Route) -> None:
        taken.append(route.request.url)
        route.continue_() if len(taken) == 1 else route.abort()

    page.context.route("**/files/parts/**", take_one)
    page.evaluate(DROP, [[], FILM, FILM_BYTES])
    expect(tray.locator(".tray-row").filter(has_text=FILM)).to_contain_text("网络断了")
    page.wait_for_timeout(1500)
    context = page.context
    page.close()
    context.unroute("**/files/parts/**")

    page = context.new_page()
    page.goto(f"{desk.line.address}/plans")
    tray = page.get_by_role("region", name="上传")
    expect(tray).to_contain_text("11 个文件已传完")
    tray.get_by_role("button", name="收走已传完的").click()
    expect(tray).to_be_hidden()

    db.session.rollback()
    version = db.session.scalars(select(ResourceVersion).where(ResourceVersion.name == FILM)).one()
    assert version.sha256 == hashlib.sha256(FRAMES).hexdigest()
    with the_store().open(version.key) as file:
        assert hashlib.sha256(file.read()).hexdigest() == version.sha256

    page.goto(f"{desk.line.address}/resources/upload")
    expect(page.locator("[data-arrived]")).to_have_count(11)
    page.get_by_label("全部改成这个可见范围").select_option(label=school.prep_group.name)
    page.get_by_role("button", name="全部确认").click()
    expect(page.get_by_text("11 份资源已确认")).to_be_visible()
    db.session.rollback()
    shown = set(db.session.scalars(select(Resource.visibility).where(Resource.owner_id == school.wang.id)))
    assert shown == {"prep_group"}
