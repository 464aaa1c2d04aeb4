"""Every page that a browser can open: in both languages, on a desk and on a phone, light and dark, for everybody."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, ViewportSize
from sqlalchemy import insert, select

from app import create_app
from foundation.config import Settings
from foundation.database import db, writing
from schools.models import Enrolment, Group, Pupil
from tests.factories import LONG_AGO, make_campus, make_class, make_person
from tests.sites import Site

DESK: ViewportSize = {"width": 1366, "height": 768}
PHONE: ViewportSize = {"width": 390, "height": 844}
LANGUAGES = {"zh-CN": "zh-CN", "en-GB": "en"}
OPEN = (
    "/sign-in",
    "/sign-in/pupil",
    "/sign-in/forgotten",
    "/help",
    "/plans?scope=public",
    "/nowhere",
    "/sign-in?next=/plans/new",
)
ADMINISTRATOR = "1002"
LONG_NAME = "阿不都热西提·买买提依明·阿卜杜拉·图尔荪江·玉素甫艾力"
NO_PAGE = re.compile(r"/(markdown|original)$|\.(svg|webmanifest|xlsx|zip|css)$|/static/")
MOST_KINDS = 150
FIRST_VISIT = ("/welcome", "/welcome/group", "/help", "/nowhere")


@dataclass(frozen=True)
class Demo:
    """A running site with the demo group: addresses of all pages for somebody who is signed in, and their cookies."""

    site: Site
    pages: tuple[str, ...]
    cookies: Path


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = Site(tmp_path_factory.mktemp("empty"))
    yield site.start()
    site.stop()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Demo]:
    """The demo group as its administrator finds it, grown by a class of many pupils and by people with long names."""
    folder = tmp_path_factory.mktemp("demo")
    site = Site(folder)
    site.start()
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    page.goto(f"{site.address}/welcome")
    page.locator('form[action="/welcome/demo"] button').click()
    page.locator('form[action="/sign-in"]', has=page.locator(f'[value="{ADMINISTRATOR}"]')).locator("button").click()
    page.wait_for_url(f"{site.address}/")
    context.storage_state(path=folder / "cookies.json")
    _grow(site)
    pages = _pages_from(page, site.address)
    context.close()
    yield Demo(site, pages, folder / "cookies.json")
    site.stop()


def _grow(site: Site) -> None:
    """40,000 pupils, and names of thirty characters for a campus, a class and people."""
    app = create_app(Settings(data_dir=site.data_dir))
    with app.app_context(), writing():
        group = db.session.scalars(select(Group)).one()
        campus = make_campus(group, LONG_NAME)
        for number in range(40):
            make_person(campus, f"{LONG_NAME}{number}"[-30:], staff_number=f"L{number:03}")
        classes = [make_class(campus, grade=1 + number % 6, number=1 + number).id for number in range(600)]
        pupils = range(1_000_000, 1_040_000)
        db.session.execute(insert(Pupil), [{"id": id, "name": LONG_NAME, "pin_hash": ""} for id in pupils])
        places = [{"pupil_id": id, "class_id": classes[id % 600], "from_day": LONG_AGO} for id in pupils]
        db.session.execute(insert(Enrolment), places)
        db.session.commit()
        db.engine.dispose()


def _kind_of(path: str) -> str:
    """What addresses of one kind of page have in common: not the code or number of a thing, nor the values of a filter."""
    if re.search(r"scope=\w+$", path):
        return path
    path = re.sub(r"/(plans|jobs|why/plan|moving)/[a-z0-9]{10}(?=/|$|\?)", r"/\1/<code>", path)
    return re.sub(r"(?<==)[^&]+", "…", re.sub(r"/\d+(?=/|$|\?)", "/<number>", path))


def _pages_from(page: Page, address: str) -> tuple[str, ...]:
    """Every page that links lead to, one of each kind."""
    kinds: dict[str, str] = {}
    waiting = ["/", "/nowhere"]
    while waiting:
        path = waiting.pop(0)
        if _kind_of(path) in kinds or NO_PAGE.search(path):
            continue
        kinds[_kind_of(path)] = path
        if len(kinds) > MOST_KINDS:
            raise AssertionError(f"too many kinds of pages: {sorted(kinds)}")
        page.goto(address + path)
        links = page.locator("a[href^='/']").evaluate_all("links => links.map(link => link.getAttribute('href'))")
        waiting += [link.partition("#")[0] for link in links]
    return tuple(kinds.values())


class Watched:
    """A page whose complaints are collected: what the console says, what the content security policy forbids."""

    def __init__(self, context: BrowserContext) -> None:
        self.page = context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _note(self, message: ConsoleMessage) -> None:
        missing_on_purpose = "404" in message.text and message.location.get("url", "").endswith("/nowhere")
        if message.type in ("error", "warning") and not missing_on_purpose:
            self.complaints.append(message.text)

    def look_at(self, address: str) -> list[str]:
        """Open a page and give back everything that is wrong with it."""
        self.complaints.clear()
        self.page.goto(address)
        self.page.wait_for_load_state("load")
        wrong = [f"console: {complaint}" for complaint in self.complaints]
        width, room = self.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        if width > room:
            wrong.append(f"{width} px wide in a window of {room} px")
        return wrong

    def barriers(self, *rules: str) -> list[str]:
        """What keeps people out of the page, by axe: serious and critical findings (of `rules` only, if any are named)."""
        options: dict[str, object] = {"resultTypes": ["violations"]}
        if rules:
            options["runOnly"] = list(rules)
        found = Axe().run(self.page, options=options).response["violations"]
        return [
            f"axe {finding['id']}: {[node['target'] for node in finding['nodes']][:4]}"
            for finding in found
            if finding["impact"] in ("serious", "critical")
        ]


def _faults(
    browser: Browser,
    address: str,
    paths: tuple[str, ...],
    cookies: Path | None = None,
) -> list[str]:
    faults = []
    for locale, html in LANGUAGES.items():
        for size in (DESK, PHONE):
            context = browser.new_context(locale=locale, viewport=size, storage_state=cookies)
            watched = Watched(context)
            for path in paths:
                where = f"{path} ({html}, {size['width']} px)"
                faults += [f"{where}: {fault}" for fault in watched.look_at(address + path)]
                if watched.page.locator("html").get_attribute("lang") != html:
                    faults.append(f"{where}: not in this language")
                if (locale == "zh-CN") == (size == DESK):  # every layout and every language once
                    faults += [f"{where}: {fault}" for fault in watched.barriers()]
                if locale == "zh-CN" and size == DESK:
                    watched.page.emulate_media(color_scheme="dark")
                    faults += [f"{where}, dark: {fault}" for fault in watched.barriers("color-contrast")]
                    watched.page.emulate_media(color_scheme="light")
            context.close()
    return faults


def test_the_pages_of_an_empty_site(browser: Browser, empty: Site) -> None:
    assert _faults(browser, empty.address, FIRST_VISIT) == []


def test_the_pages_of_who_is_not_signed_in(browser: Browser, demo: Demo) -> None:
    assert _faults(browser, demo.site.address, OPEN) == []


def test_the_pages_of_an_administrator_who_also_teaches(browser: Browser, demo: Demo) -> None:
    assert len(demo.pages) > 8
    assert _faults(browser, demo.site.address, demo.pages, demo.cookies) == []
