"""What one teacher does with a plan, from the list to the printed page, at a desk and on a phone."""

import re
from pathlib import Path

from playwright.sync_api import Locator, Page, WebSocketRoute, expect

from lessons.text.schema import SCHEMA_NUMBER
from tests.browser.desks import Desk
from tests.browser.school import OBJECTIVES, School

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
BOARD = "section:board"
OUR_SCHEMA = b"\xa6schema" + bytes([SCHEMA_NUMBER])  # as it stands in a packet


class Board:
    """The table in 板书设计 and what the toolbar does to it."""

    def __init__(self, desk: Desk) -> None:
        self._page = desk.page
        self._text = desk.text(BOARD)

    def cell(self, row: int, column: int) -> Locator:
        return self._text.locator("tr").nth(row).locator("th, td").nth(column)

    def click(self, row: int, column: int) -> None:
        self.cell(row, column).click()
        expect(self._page.locator(".text.focused")).to_have_attribute("data-field", BOARD)

    def choose(self, command: str) -> None:
        self._page.get_by_role("toolbar").get_by_role("button", name="表格").click()
        self._page.get_by_role("menuitem", name=command).click()
        expect(self._page.get_by_role("menu")).to_have_count(0)

    def is_(self, *rows: str) -> None:
        """Wait until the cells are these: a cell that spans others is followed by how many it spans (`↔`, `↕`)."""
        for _ in range(50):
            if table_in(self._text) == list(rows):
                return
            self._page.wait_for_timeout(100)
        assert table_in(self._text) == list(rows)


def table_in(place: Locator) -> list[str]:
    """The rows of a table as people see them."""
    rows: list[str] = place.locator("tr").evaluate_all(
        """rows => rows.map(row => [...row.cells].map(cell => cell.innerText.replace(/\\s+/g, "")
            + (cell.colSpan > 1 ? "↔" + cell.colSpan : "") + (cell.rowSpan > 1 ? "↕" + cell.rowSpan : "")).join("|"))"""
    )
    return rows


def tool(page: Page, name: str) -> Locator:
    return page.get_by_role("toolbar").get_by_role("button", name=name)


def test_from_the_list_to_the_first_typed_word(school: School) -> None:
    desk = school.office.desk_of(school.wang, **PHONE)
    page = desk.page
    page.goto(f"{desk.line.address}/plans?scope=mine")
    page.get_by_role("main").get_by_role("link", name="新建教案").first.tap()
    page.get_by_label("学科").select_option(index=1)
    page.wait_for_url("**/plans/new?subject=*")
    page.get_by_role("textbox", name="课题").fill("秋天")
    page.get_by_role("button", name="开始写").tap()
    desk.ready().write(OBJECTIVES, "认识秋天。")
    desk.is_saved()
    page.get_by_role("link", name="阅读").tap()
    expect(page.get_by_role("heading", name="秋天").first).to_be_visible()
    expect(page.locator("#objectives")).to_contain_text("认识秋天。")


def test_pinyin_and_a_link_stay_what_they_are(school: School) -> None:
    desk = school.office.desk_of(school.wang).open(school.plan.code)
    page, text = desk.page, desk.text(OBJECTIVES)
    desk.write(OBJECTIVES, "会读")
    tool(page, "拼音").click()
    page.get_by_label("汉字").fill("平行")
    page.get_by_label("拼音（").fill("p")
    page.get_by_role("button", name="í", exact=True).click()
    page.keyboard.type("ng xing")
    page.keyboard.press("Enter")
    expect(text.locator("ruby")).to_have_count(2)
    page.keyboard.type("二字。")
    text.locator("ruby").last.click()
    page.get_by_label("拼音（").fill("xíng")
    page.keyboard.press("Enter")
    expect(text.locator("rt")).to_have_text(["píng", "xíng"])
    page.keyboard.press("End")
    page.keyboard.type("见")
    tool(page, "链接").click()
    page.get_by_label("地址").fill("javascript:alert(1)")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text(re.compile("这个地址打不开"))
    page.get_by_label("地址").fill("www.smartedu.cn")
    page.get_by_label("显示的文字").fill("智慧教育平台")
    page.keyboard.press("Enter")
    expect(text.get_by_role("link", name="智慧教育平台")).to_have_attribute("href", "https://www.smartedu.cn")
    page.keyboard.type("。")
    tool(page, "更多").click()
    page.keyboard.press("Escape")
    page.keyboard.type("完")
    desk.is_saved()
    page.reload()
    desk.ready().sees(OBJECTIVES, "会读平píng行xíng二字。见智慧教育平台。完")
    read = '会读<ruby>平<rt>píng</rt></ruby><ruby>行<rt>xíng</rt></ruby>二字。见<a href="https://www.smartedu.cn"'
    for way in ("", "/print"):
        page.goto(f"{desk.line.address}/plans/{school.plan.code}{way}")
        assert read in page.content()
    assert "[智慧教育平台](https://www.smartedu.cn)。完" in school.office.markdown_of(school.plan)


def test_a_table_is_made_and_changed_by_mouse_and_by_keyboard(school: School) -> None:
    desk = school.office.desk_of(school.wang).open(school.plan.code)
    page, board = desk.page, Board(desk)
    desk.go_to(BOARD)
    tool(page, "表格").click()
    page.get_by_role("button", name="2 行 3 列").click()
    for words in ("图形", "底", "高", "平行四边形", "六", "四"):
        page.keyboard.type(words)
        page.keyboard.press("Tab")
    board.is_("图形|底|高", "平行四边形|六|四", "||")  # Tab in the last cell adds a row

    board.cell(1, 1).hover()
    page.mouse.down()
    board.cell(1, 2).hover()
    page.mouse.up()
    board.choose("合并单元格")
    board.is_("图形|底|高", "平行四边形|六四↔2", "||")
    board.choose("拆分单元格")
    board.is_("图形|底|高", "平行四边形|六四|", "||")

    board.click(1, 0)
    page.wait_for_timeout(100)  # what a person needs between two keys
    page.keyboard.press("Shift+ArrowDown")
    expect(desk.text(BOARD).locator(".selectedCell")).to_have_count(2)
    page.keyboard.press("Alt+F10")
    while page.locator(":focus").inner_text().strip() != "表格":
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    while page.locator(":focus").inner_text().strip() != "合并单元格":
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    board.is_("图形|底|高", "平行四边形↕2|六四|", "|")

    board.click(0, 1)
    for command in ("下方加一行", "右边加一列", "左边加一列", "删除这一列"):
        board.choose(command)
    wanted = ["图形|||高", "|||", "平行四边形↕2|||", "||"]
    board.is_(*wanted)
    desk.is_saved()
    page.reload()
    desk.ready()
    board.is_(*wanted)
    for way in ("", "/print"):
        page.goto(f"{desk.line.address}/plans/{school.plan.code}{way}")
        table = page.locator(".prose:has(table)")
        assert table_in(table) == wanted
        heights = table.locator("tr").evaluate_all("rows => rows.map(row => row.getBoundingClientRect().height)")
        assert min(heights) > 20, "an empty row has no room to be filled in"
    assert 'rowspan="2"' in school.office.markdown_of(school.plan)


def test_a_page_of_an_older_version_asks_for_a_reload_and_shows_no_empty_plan(school: School) -> None:
    desk = school.office.desk_of(school.wang)

    def as_an_old_page(line: WebSocketRoute) -> None:
        server = line.connect_to_server()
        line.on_message(
            lambda said: server.send(said if isinstance(said, str) else said.replace(OUR_SCHEMA, b"\xa6schema\x00"))
        )

    desk.page.route_web_socket("**/socket.io/**", as_an_old_page)
    desk.page.goto(f"{desk.line.address}/plans/{school.plan.code}/write")
    expect(desk.page.locator(".closed-pen")).to_contain_text("同课已经更新，这个页面是旧的。")
    expect(desk.page.locator(".save-state")).to_have_text("请刷新页面")
    expect(desk.page.get_by_role("heading", name="秋天的雨")).to_be_visible()
    expect(desk.page.locator(".plan-sheet")).to_be_hidden()
    desk.page.unroute_all()
    desk.page.get_by_role("button", name="刷新页面").click()


def test_on_the_phone_a_finger_moves_a_step_and_a_lost_line_leaves_room_to_write(school: School) -> None:
    desk = school.office.desk_of(school.wang, **PHONE).open(school.plan.code)
    colleague = school.office.desk_of(school.li).open(school.plan.code)
    page, order = desk.page, desk.steps()
    handle = page.locator(".step-handle").first
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    finger = page.context.new_cdp_session(page)
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for way in range(10, 110, 10):
        finger.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x, "y": y + way}]})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(colleague.page.locator("[data-step]").first).to_have_attribute("data-step", order[1])
    assert desk.steps() == order[::-1]

    desk.line.cut()
    desk.write(OBJECTIVES, "山里信号不好。")
    expect(page.locator(".save-state")).to_have_text("离线，已存本机（1 处未同步）")
    bars = page.locator(".write-bars").bounding_box()
    assert bars
    assert bars["y"] + bars["height"] < 844 / 4
    desk.line.mend()
    colleague.sees(OBJECTIVES, "山里信号不好。")


def test_every_sample_becomes_a_plan_or_a_sentence(school: School) -> None:
    desk = school.office.desk_of(school.wang)
    page = desk.page
    samples = sorted(
        file for file in SAMPLES.iterdir() if file.suffix in (".docx", ".docm", ".md") and file.stem != "README"
    )
    page.goto(f"{desk.line.address}/plans/import")
    page.get_by_label("文件").set_input_files(samples)
    page.get_by_label("学科").select_option(index=1)
    page.get_by_role("button", name="导入").click(no_wait_after=True)
    expect(page.get_by_role("heading", name="导入结果")).to_be_visible(timeout=200_000)
    results = page.locator(".imported > li")
    expect(results).to_have_count(len(samples))
    for sample, result in zip(samples, results.all(), strict=True):
        expect(result).to_contain_text(sample.name)
    refused = {
        sample.name
        for sample, result in zip(samples, results.all(), strict=True)
        if result.locator(".field-error").count()
    }
    assert refused == {
        sample.name for sample in samples if re.match(r"edge_(encrypted|external_entity|fuzz|truncated)", sample.name)
    }
    results.get_by_role("link", name="Windows server 搭建DNS服务").click()
    expect(page.locator("#key_points")).to_contain_text("DNS服务角色的安装与正向查找区域")
    expect(page.locator("#steps h3, #steps .step-title").first).to_contain_text("导入")
