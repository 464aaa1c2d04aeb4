"""Every page that a browser can open: in both languages, on a desk and on a phone, light and dark, for everybody."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, ViewportSize
from sqlalchemy import insert, select

from app import create_app
from foundation.config import Settings
from foundation.database import db, writing
from schools.models import Enrolment, Group, Pupil, SchoolClass, Stage
from tests.factories import LONG_AGO, make_campus, make_person
from tests.sites import Site

DESK: ViewportSize = {"width": 1366, "height": 768}
PHONE: ViewportSize = {"width": 390, "height": 844}
WINDOWS = (("zh-CN", "zh-CN", DESK, PHONE), ("en-GB", "en", PHONE, DESK))
"""A browser's language and what the page then says it is in; the size in which a page is opened, and that to which it changes."""
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
NO_PAGE = re.compile(r"/(markdown|original|download)$|\.(svg|webmanifest|xlsx|zip|ics|css)(\?|$)|/static/")
MOST_KINDS = 200
FIRST_VISIT = ("/welcome", "/welcome/group", "/help", "/nowhere")


BARRIERS = """async ([only, read]) => {
    const known = new Set(read), kinds = new Map([[null, 0]]), chosen = new Map();
    const look = ["color", "backgroundColor", "backgroundImage", "fontSize", "fontWeight", "opacity", "textShadow"];
    const kindOf = part => {
        if (!kinds.has(part)) {
            const style = getComputedStyle(part);
            let kind = kindOf(part.parentElement);
            for (const letter of [part.tagName, part.className, ...look.map(name => style[name])].join()) {
                kind = (kind * 31 + letter.codePointAt()) % 9007199254739;
            }
            kinds.set(part, kind);
        }
        return kinds.get(part);
    };
    const words = part => part.value
        ?? [...part.childNodes].map(child => child.nodeType === Node.TEXT_NODE ? child.data.trim() : "").join("");
    for (const part of document.querySelectorAll("body *")) {
        delete part.dataset.chosen;
        if (!words(part) || !part.checkVisibility()) continue;
        const rival = chosen.get(kindOf(part));
        if (!rival || String(words(part)).length > String(words(rival)).length) chosen.set(kindOf(part), part);
    }
    for (const kind of known) chosen.delete(kind);
    for (const part of chosen.values()) part.dataset.chosen = "";
    axe.configure({rules: [{id: "color-contrast", selector: "[data-chosen]"}]});

    if (only.length && !chosen.size) return {found: [], read: []};
    const mild = axe._audit.rules.filter(rule => ["minor", "moderate"].includes(rule.impact));
    const told = await axe.run({
        resultTypes: ["violations", "incomplete"],
        elementRef: true,
        preload: false,
        rules: Object.fromEntries(mild.map(rule => [rule.id, {enabled: false}])),
        ...(only.length && {runOnly: only}),
    });
    const unsure = new Set(told.incomplete.flatMap(({nodes}) => nodes.map(({element}) => element)));
    return {
        found: told.violations.filter(({impact}) => ["serious", "critical"].includes(impact))
            .map(({id, nodes}) => `axe ${id}: ${JSON.stringify(nodes.slice(0, 4).map(({target}) => target))}`),
        read: [...chosen].filter(([, part]) => !unsure.has(part) && String(words(part)).length > 1).map(([kind]) => kind),
    };
}"""
"""Reading a text against its background takes axe longer than all else. What has the same colours, sizes and surroundings is read
once: of those that do, the one with most words (axe does not judge a single character), and no more on later pages. And the
impact of a rule is that of all it finds: of rules that can find nothing serious, none need be asked."""


@dataclass(frozen=True)
class Demo:
    """A running site with the demo group, and the cookies of somebody who is signed in."""

    site: Site
    cookies: Path


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site without anything in it, until a test asks for the demo group."""
    site = Site(tmp_path_factory.mktemp("site"))
    yield site.start()
    site.stop()


@pytest.fixture(scope="module")
def demo(empty: Site, tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Demo:
    """The demo group as its administrator finds it, grown by classes of many pupils and by people with long names."""
    site, cookies = empty, tmp_path_factory.mktemp("demo") / "cookies.json"
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    page.goto(f"{site.address}/welcome")
    page.locator('form[action="/welcome/demo"] button').click()
    page.locator('form[action="/sign-in"]', has=page.locator(f'[value="{ADMINISTRATOR}"]')).locator("button").click()
    page.wait_for_url(f"{site.address}/")
    context.storage_state(path=cookies)
    context.close()
    _grow(site)
    return Demo(site, cookies)


def _grow(site: Site) -> None:
    """40,000 pupils, and names of thirty characters for a campus, a class and people."""
    app = create_app(Settings(data_dir=site.data_dir))
    with app.app_context(), writing():
        group = db.session.scalars(select(Group)).one()
        campus = make_campus(group, LONG_NAME)
        for number in range(40):
            make_person(campus, f"{LONG_NAME}{number}"[-30:], staff_number=f"L{number:03}")
        classes = range(1_000_000, 1_000_600)
        primary = {"campus_id": campus.id, "stage": Stage.PRIMARY, "entry_year": 2020, "grade": 1}
        rows = [primary | {"id": id, "number": id % 1000, "name": f"一（{id % 1000}）班"} for id in classes]
        db.session.execute(insert(SchoolClass), rows)
        pupils = range(1_000_000, 1_040_000)
        db.session.execute(insert(Pupil), [{"id": id, "name": LONG_NAME, "pin_hash": ""} for id in pupils])
        places = [{"pupil_id": id, "class_id": classes[id % 600], "from_day": LONG_AGO} for id in pupils]
        db.session.execute(insert(Enrolment), places)
        db.session.commit()
        db.engine.dispose()


def _kind_of(path: str) -> str:
    """What addresses of one kind of page have in common: not the code or number of a thing, nor what is filtered."""
    address, filtered, _ = path.partition("?")
    address = re.sub(
        r"/(plans|jobs|why/plan|why/resource|moving|resources|resources/collections|live|live/courses)/[a-z0-9]{10}(?=/|$)",
        r"/\1/<code>",
        address,
    )
    return re.sub(r"/\d+(?=/|$)", "/<number>", address) + filtered


def _new_kinds(links: list[str], paths: list[str]) -> list[str]:
    """Those of `links` that lead to a kind of page that is not among `paths`."""
    known = {_kind_of(path) for path in paths}
    new = {_kind_of(link): link for link in reversed(links) if not NO_PAGE.search(link)}
    return [new[kind] for kind in reversed(new) if kind not in known]


class Watched:
    """A page whose complaints are collected: what the console says, what the content security policy forbids."""

    def __init__(self, context: BrowserContext) -> None:
        context.add_init_script(
            Axe().axe_script
        )  # half a megabyte: sending it to every page takes as long as running it
        self.page = context.new_page()
        self.complaints: list[str] = []
        self._read: set[int] = set()
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
        return [f"console: {complaint}" for complaint in self.complaints] + self.overflow()

    def overflow(self) -> list[str]:
        """Whether the page is wider than its window."""
        width, room = self.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        return [f"{width} px wide in a window of {room} px"] if width > room else []

    def links(self) -> list[str]:
        """Where the page leads to on this site."""
        links: list[str] = self.page.locator("a[href^='/']").evaluate_all(
            "links => links.map(link => link.getAttribute('href').split('#')[0])"
        )
        return links

    def barriers(self, *rules: str) -> list[str]:
        """What keeps people out of the page, by axe: serious and critical findings (of `rules` only, if any are named)."""
        told = self.page.evaluate(BARRIERS, [list(rules), list(self._read)])
        self._read.update(told["read"])
        found: list[str] = told["found"]
        return found


def _faults(
    browser: Browser,
    address: str,
    paths: list[str],
    cookies: Path | None = None,
    follow_links: bool = False,
) -> list[str]:
    """What is wrong with pages: each is opened in two languages, each time in another size and then changed to the other.

    With `follow_links`, `paths` grow by every kind of page that they lead to.
    """
    faults = []
    for locale, language, size, other in WINDOWS:
        context = browser.new_context(locale=locale, viewport=size, storage_state=cookies)
        watched = Watched(context)
        for path in paths:
            found = watched.look_at(address + path)
            if watched.page.locator("html").get_attribute("lang") != language:
                found.append("not in this language")
            found += watched.barriers()
            if size == DESK:
                watched.page.emulate_media(color_scheme="dark")
                found += [f"dark: {fault}" for fault in watched.barriers("color-contrast")]
                watched.page.emulate_media(color_scheme="light")
            watched.page.set_viewport_size(other)
            found += watched.overflow()
            watched.page.set_viewport_size(size)
            faults += [f"{path} ({language}, opened at {size['width']} px): {fault}" for fault in found]
            if follow_links:
                paths += _new_kinds(watched.links(), paths)
                assert len(paths) < MOST_KINDS, f"too many kinds of pages: {sorted(map(_kind_of, paths))}"
        context.close()
    return faults


def test_the_pages_of_an_empty_site(browser: Browser, empty: Site) -> None:
    assert _faults(browser, empty.address, [*FIRST_VISIT]) == []


def test_the_pages_of_who_is_not_signed_in(browser: Browser, demo: Demo) -> None:
    assert _faults(browser, demo.site.address, [*OPEN]) == []


def test_the_pages_of_an_administrator_who_also_teaches(browser: Browser, demo: Demo) -> None:
    paths = ["/", "/nowhere", "/search?q=面积"]
    assert _faults(browser, demo.site.address, paths, demo.cookies, follow_links=True) == []
    assert len(paths) > 8
