"""People at the writing page: each at a desk of their own, with a line that can be cut."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import Context

from flask import Flask, session
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from app import create_app
from foundation.config import Settings
from foundation.database import db, writing
from lessons.coediting import document_of
from lessons.models import Plan
from lessons.text.document import read_plan
from lessons.text.markdown import plan_to_markdown
from schools import signing_in
from schools.models import Person
from tests.sites import Site

WAIT = 100
WAITS = 150
"""How long to wait, in milliseconds, and how often at most."""

expect.set_options(timeout=WAIT * WAITS)


class Line:
    """The line between a browser and the site, as bytes pass through it. Cut, it takes nobody in and hangs up on everybody."""

    def __init__(self, address: str) -> None:
        host, port = address.removeprefix("http://").split(":")
        self._far_end = (host, int(port))
        self._door = socket.create_server(("127.0.0.1", 0))
        self._cut = False
        self._calls: set[socket.socket] = set()
        self.address = f"http://127.0.0.1:{self._door.getsockname()[1]}"
        threading.Thread(target=self._answer, daemon=True).start()

    def cut(self) -> None:
        """Hang up on everybody, and take no more calls."""
        self._cut = True
        for call in list(self._calls):
            self._hang_up(call)

    def mend(self) -> None:
        """Take calls again."""
        self._cut = False

    def close(self) -> None:
        """End for good."""
        self.cut()
        self._door.close()

    def _answer(self) -> None:
        while True:
            try:
                near, _ = self._door.accept()
            except OSError:
                return
            if self._cut:
                near.close()
                continue
            try:
                far = socket.create_connection(self._far_end, timeout=10)
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            self._calls |= {near, far}
            for source, goal in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(source, goal), daemon=True).start()

    def _carry(self, source: socket.socket, goal: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                goal.sendall(data)
        except OSError:
            pass
        for end in (source, goal):
            self._hang_up(end)

    def _hang_up(self, call: socket.socket) -> None:
        self._calls.discard(call)
        with suppress(OSError):
            call.shutdown(socket.SHUT_RDWR)
        call.close()


class Desk:
    """One person, one browser, one line."""

    def __init__(self, context: BrowserContext, line: Line, person: str) -> None:
        self.line = line
        self.person = person
        self.page: Page = context.new_page()
        self.problems: list[str] = []
        self.page.on("pageerror", lambda problem: self.problems.append(str(problem)))

    def open(self, plan: str) -> "Desk":
        """Open the writing page of the plan with that code, and wait until it can be written in."""
        self.page.goto(f"{self.line.address}/plans/{plan}/write")
        return self.ready()

    def ready(self) -> "Desk":
        """Wait until the plan is there."""
        expect(self.page.locator("#write:not([aria-busy]) .sheet")).to_be_visible()
        return self

    def text(self, field: str) -> Locator:
        """A text of the plan by the name of its fragment."""
        return self.page.locator(f'.text[data-field="{field}"]')

    def go_to(self, field: str) -> None:
        """Put the cursor at the end of a text."""
        text = self.text(field)
        text.scroll_into_view_if_needed()
        text.click()
        expect(text.locator("[contenteditable=true]")).to_be_focused()
        self.page.keyboard.press("Control+End")

    def write(self, field: str, words: str, delay: float = 15) -> None:
        """Type at the end of a text, key by key, `delay` milliseconds apart."""
        self.go_to(field)
        self.page.keyboard.type(words, delay=delay)

    def sees(self, field: str, words: str) -> None:
        """Wait until a text holds `words`, whoever's caret stands between them."""
        for _ in range(WAITS):
            if words in self.words_of(field):
                return
            self.page.wait_for_timeout(WAIT)
        raise AssertionError(f"{self.person} does not see “{words}” but “{self.words_of(field)}”")

    def steps(self) -> list[str]:
        """The ids of the steps in their order."""
        steps: list[str] = self.page.locator("[data-step]").evaluate_all(
            "steps => steps.map(step => step.dataset.step)"
        )
        return steps

    def is_saved(self) -> None:
        """Wait until the page says that everything is saved."""
        expect(self.page.locator('.save-state[data-state="saved"]')).to_have_text("已保存")

    def words_of(self, field: str) -> str:
        """The words of a text as they stand on the page; carets of others are left out."""
        words: str = self.text(field).evaluate(
            """text => {
                const copy = text.cloneNode(true);
                for (const caret of copy.querySelectorAll('[class*="caret"], .ProseMirror-widget')) caret.remove();
                return copy.textContent.replaceAll("\\u2060", "");
            }"""
        )
        return words


class Office:
    """A site, people made beside it, and the desks at which they sit."""

    def __init__(self, site: Site, browser: Browser) -> None:
        self.site = site
        self._browser = browser
        self._lines: list[Line] = []
        self._contexts: list[BrowserContext] = []
        self.desks: list[Desk] = []
        self.app: Flask = create_app(Settings(data_dir=site.data_dir))

    def desk_of(self, person: Person, **more: object) -> Desk:
        """A desk for somebody, who is signed in."""
        line = Line(self.site.address)
        self._lines.append(line)
        context = self._browser.new_context(
            **{"viewport": {"width": 1366, "height": 768}, "locale": "zh-CN", **more}  # type: ignore[arg-type]
        )
        context.add_cookies([{"name": "session", "value": Context().run(self._cookie, person.id), "url": line.address}])
        self._contexts.append(context)
        desk = Desk(context, line, person.name)
        self.desks.append(desk)
        return desk

    def markdown_of(self, plan: Plan) -> str:
        """What the database holds of a plan now, as Markdown."""
        db.session.rollback()
        return plan_to_markdown(read_plan(document_of(plan.id)))

    def close(self) -> None:
        """Everybody goes home."""
        for context in self._contexts:
            context.close()
        for line in self._lines:
            line.close()

    def _cookie(self, person_id: int) -> str:
        """The cookie of somebody who has just signed in, in a transaction that may write. In a context of its own, as a request is."""
        with self.app.test_request_context(), writing():
            signing_in.sign_in(db.session.get_one(Person, person_id))
            signer = self.app.session_interface.get_signing_serializer(self.app)  # type: ignore[attr-defined]
            cookie: str = signer.dumps(dict(session))
        return cookie


@contextmanager
def office(site: Site, browser: Browser) -> Iterator[Office]:
    """An office in a running site, with the application's context for making people and plans."""
    made = Office(site, browser)
    with made.app.app_context():
        try:
            yield made
        finally:
            made.close()
