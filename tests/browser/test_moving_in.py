"""A new administrator moves a group in, and on other browsers a teacher and a pupil sign in for the first time."""

import re
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.manage.importing.sheets import workbook
from tests.sites import Site

WAIT = 60_000
"""Milliseconds: the worker's turn may take a while on a busy machine."""

PASSWORD = "牡丹江 42 条鱼"
LONG_NAME = "阿不都热西提·买买提依明·阿卜杜拉·图尔荪江·玉素甫艾力·库尔班尼亚孜"

ROSTER = {
    "教师": [
        ["砚溪县教联体教师名册（2026年秋）"],
        ["姓名", "工号", "校区"],
        ["周文静", "１００２", "丹江路校区 "],
        [LONG_NAME, 2001, "西湖校区"],
    ],
    "班级": [["校区", "班级", "班主任"], ["西湖校区", "三(2)班", LONG_NAME], ["丹江路校区", "三年级1班", "周文静"]],
    "学生": [
        ["校区", "班级", "姓名", "座号"],
        ["丹江路校区", "三（1）班", "张小禾", 1],
        ["丹江路校区", "3.1班", "张小禾", 2],
        ["没有的校区", "三（1）班", "李小满", 3],
    ],
    "任课": [["校区", "班级", "学科", "教师"], ["丹江路校区", "三(1)班", "语文", "周文静"]],
}


def test_a_group_moves_in_and_a_teacher_and_a_pupil_sign_in_for_the_first_time(
    browser: Browser, live_site: Site, tmp_path: Path
) -> None:
    admin = _desk(browser)
    _set_up(admin, live_site.address)
    _import(admin, live_site.address, tmp_path)
    password = _slip_of(admin, live_site.address, "周文静")
    class_code, pin = _card(admin, live_site.address)
    _teacher_begins(_desk(browser), live_site.address, password)
    _pupil_begins(_desk(browser), live_site.address, class_code, pin)


def _desk(browser: Browser) -> Page:
    page = browser.new_context(locale="zh-CN", viewport={"width": 1366, "height": 768}).new_page()
    page.set_default_timeout(WAIT)
    return page


def _set_up(page: Page, address: str) -> None:
    """Empty product, three steps."""
    page.goto(address)
    page.get_by_role("link", name="开始新建").click()
    page.fill("[name=name]", "砚溪县教联体")
    page.select_option("[name=kind]", "county_alliance")
    _go_on(page)
    for place, name in enumerate(("丹江路校区", "西湖校区", "柳树湾小学")):
        page.locator("[name=campus]").nth(place).fill(name)
    _go_on(page)
    for field, value in {"person_name": "陆文彬", "staff_number": "1001", "password": PASSWORD}.items():
        page.fill(f"[name={field}]", value)
    page.fill("[name=password_again]", PASSWORD)
    _go_on(page)
    expect(page.locator(".message")).to_contain_text("砚溪县教联体")


def _go_on(page: Page) -> None:
    page.locator("main form button.btn-primary").click()


def _import(page: Page, address: str, folder: Path) -> None:
    """A workbook of the school's own: every row's fate is shown, one is refused with its reason, the rest come in."""
    file = folder / "2026年秋 教师和学生名册.xlsx"
    file.write_bytes(workbook(ROSTER))
    page.goto(f"{address}/manage/import")
    page.set_input_files("[name=file]", file)
    page.get_by_role("button", name="上传并核对").click()
    expect(page.get_by_role("heading", name="核对", exact=True)).to_be_visible(timeout=WAIT)
    expect(page.locator("main")).to_contain_text("没有的校区")
    page.locator("[data-opens=apply]").click()
    page.locator("dialog#apply button.btn-primary").click()
    expect(page.get_by_role("heading", name="导入结果")).to_be_visible(timeout=WAIT)
    page.goto(f"{address}/manage/people?q=zwj")
    expect(page.get_by_role("link", name="周文静")).to_be_visible()
    page.goto(f"{address}/manage/people")
    expect(page.get_by_role("link", name=LONG_NAME)).to_be_visible()


def _slip_of(page: Page, address: str, name: str) -> str:
    """The password on the slip that was printed for somebody."""
    page.goto(f"{address}/manage/slips")
    page.get_by_label(f"选择{name}").check()
    page.get_by_role("button", name="给勾选的人制作").click()
    paper = page.locator(".paper", has_text=name)
    expect(paper).to_be_visible(timeout=WAIT)
    expect(page.locator(".paper")).to_have_count(1)
    return paper.locator(".paper-secret").inner_text()


def _card(page: Page, address: str) -> tuple[str, str]:
    """The class code and the PIN on the card of the pupil in the second seat."""
    page.goto(f"{address}/manage/cards")
    page.get_by_role("link", name=re.compile("1.班")).click()
    page.get_by_role("button", name="给全班 2 人制作").click()
    paper = page.locator(".paper", has_text="座号 2")
    expect(paper).to_be_visible(timeout=WAIT)
    code, pin = paper.locator(".paper-secret").all_inner_texts()
    return code, pin


def _teacher_begins(page: Page, address: str, password: str) -> None:
    """She types what the slip says, chooses a password of her own, and can write."""
    page.goto(address)
    page.fill("#login", "1002")
    page.fill("#password", password)
    page.locator("main form button.btn-primary").click()
    expect(page.get_by_role("heading", name="设置自己的密码")).to_be_visible()
    page.goto(f"{address}/account")
    expect(page).to_have_url(re.compile("/sign-in"))
    page.goto(address)
    page.fill("#login", "1002")
    page.fill("#password", password)
    page.locator("main form button.btn-primary").click()
    page.fill("[name=new_password]", PASSWORD)
    page.fill("[name=new_password_again]", PASSWORD)
    page.get_by_role("button", name="保存密码并进入").click()
    expect(page.locator(".topbar")).to_contain_text("周文静")
    page.goto(f"{address}/plans/new")
    expect(page.locator("main")).to_contain_text("语文")
    expect(page.get_by_role("link", name="管理")).to_have_count(0)


def _pupil_begins(page: Page, address: str, class_code: str, pin: str) -> None:
    """Two pupils have one name, so the card's seat is asked for; a pupil sees the class and nothing else."""
    page.goto(f"{address}/sign-in/pupil")
    _sign_in_as_pupil(page, class_code, "张小禾", pin)
    expect(page.get_by_role("alert")).to_contain_text("座号")
    _sign_in_as_pupil(page, class_code, "2", pin)
    expect(page.get_by_role("heading", level=1)).to_contain_text("张小禾")
    for path in ("/plans", "/manage", "/account"):
        page.goto(address + path)
        expect(page.get_by_role("heading", level=1)).to_contain_text("张小禾")


def _sign_in_as_pupil(page: Page, class_code: str, who: str, pin: str) -> None:
    page.fill("#class_code", class_code)
    page.fill("#who", who)
    page.fill("#pin", pin)
    page.locator("main form button.btn-primary").click()
