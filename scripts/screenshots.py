"""The pictures of the README: starts the demo in a throw-away folder and looks at it as two of its teachers do.

Run it from the project's folder, after `make build`: `.venv/bin/python scripts/screenshots.py [FOLDER]`
"""

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "platform")]

from playwright.sync_api import Browser, Page, sync_playwright

from tests.sites import Site
from web.demo import FIXED_PASSWORD

DESK = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
FAMILIAR = "2007", "1008"
"""Two teachers of two campuses who prepare grade 5 together."""


def main(folder: Path) -> None:
    """Write the pictures into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, sync_playwright() as playwright:
        site = Site(Path(data), DEMO="1").start()
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        try:
            take(browser, site.address, folder)
        finally:
            browser.close()
            site.stop()


def take(browser: Browser, site: str, folder: Path) -> None:
    """Look at the pages one after the other."""
    mine, hers = (signed_in(browser, site, number, DESK) for number in FAMILIAR)
    phone = signed_in(browser, site, FAMILIAR[0], PHONE)
    mine.goto(f"{site}/")
    mine.screenshot(path=folder / "today.png")
    mine.goto(f"{site}/plans?scope=group")
    mine.screenshot(path=folder / "list.png")
    mine.goto(f"{site}/plans?scope=prep")
    mine.get_by_role("link", name="我的心爱之物").first.click()
    mine.wait_for_load_state("networkidle")
    plan = mine.url
    mine.screenshot(path=folder / "reading.png")
    for page in (mine, hers):
        page.goto(f"{plan}/write")
        page.locator("#write:not([aria-busy])").wait_for()
    place = hers.locator("[data-step]").nth(1).locator("[data-field$=':teacher']")
    place.scroll_into_view_if_needed()
    place.click()
    hers.keyboard.press("Control+End")
    mine.locator("[data-step]").nth(1).locator("[data-field$=':pupils']").click()
    mine.locator("[data-step]").nth(1).scroll_into_view_if_needed()
    mine.wait_for_timeout(1500)
    mine.screenshot(path=folder / "writing.png")
    phone.goto(f"{plan}/write")
    phone.locator("#write:not([aria-busy])").wait_for()
    phone.wait_for_timeout(1500)
    phone.screenshot(path=folder / "phone.png")


def signed_in(browser: Browser, site: str, staff_number: str, size: dict[str, int]) -> Page:
    """A browser of somebody of the demo."""
    page = browser.new_context(viewport=size, locale="zh-CN").new_page()  # type: ignore[arg-type]
    page.goto(f"{site}/sign-in")
    page.locator("input[name=login]").fill(staff_number)
    page.locator("input[name=password]").fill(FIXED_PASSWORD)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(f"{site}/")
    return page


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "screenshots")
