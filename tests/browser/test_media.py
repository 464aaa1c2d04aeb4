"""Sound and pictures between real browsers, whose cameras are Chromium's."""

import os
import shutil
import signal
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from live.models import MediaKind
from tests.browser.media_stand import Stand, fake_devices
from tests.conftest import CHROMIUM

MOVING = """([endpoints, camera]) => endpoints.every((end) =>
    performance.now() - (told.moving[`${end}-${camera}`] ?? -Infinity) < 5000)"""
SHOWS = "(media.streams.get('{}')?.main?.getVideoTracks().length > 0)"
WIDTH = "document.getElementById('{}-main')?.videoWidth"

needs_janus = pytest.mark.skipif(shutil.which("janus") is None, reason="Janus is not installed (Debian package janus)")


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    stand = Stand(tmp_path_factory.mktemp("media"), janus_ports="21000-21999").start()
    yield stand
    stand.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium with two cameras and a microphone."""
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not installed (Debian package chromium)")
    with sync_playwright() as playwright:
        args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*args, *fake_devices(5)])
        yield browser
        browser.close()


@pytest.fixture
def pages(browser: Browser) -> Iterator[list[Page]]:
    """Pages of a test, closed at its end: their cameras would go on."""
    made: list[Page] = []
    yield made
    for page in made:
        page.context.close()


def classrooms(stand: Stand, browser: Browser, room: str, count: int) -> list[Page]:
    made = [stand.page(browser, room, number) for number in range(1, count + 1)]
    for page in made:
        page.evaluate("enter()")
    return made


def see(page: Page, *numbers: int, camera: str = "main") -> None:
    """Wait until the pictures of these classrooms move on a page."""
    page.wait_for_function(MOVING, arg=[[f"c{number}" for number in numbers], camera])


def see_each_other(pages: list[Page]) -> None:
    numbers = range(1, len(pages) + 1)
    for number, page in zip(numbers, pages, strict=True):
        see(page, *(other for other in numbers if other != number))


def test_four_classrooms_see_each_other_without_a_server_between(
    stand: Stand, browser: Browser, pages: list[Page]
) -> None:
    stand.open("mesh", MediaKind.AUTO, 4)
    pages += classrooms(stand, browser, "mesh", 4)
    see_each_other(pages)
    assert [page.evaluate("media.state.kind") for page in pages] == ["mesh"] * 4
    assert [page.evaluate("media.state.heard") for page in pages] == [True, False, False, False]

    # who is on air is heard, and closes nobody's picture
    stand.do(stand.media.hear("mesh", ["c1", "c3"]))
    pages[2].wait_for_function("media.state.heard")
    pages[1].wait_for_function("media.streams.get('c3').main.getAudioTracks()[0]?.enabled")

    # a weak line: the lead's picture only, then the voice only
    pages[3].evaluate("media.setMode(2)")
    pages[3].wait_for_function(f"!{SHOWS.format('c2')} && {SHOWS.format('c1')}")
    pages[0].wait_for_function(f"!{SHOWS.format('c4')}")
    pages[3].evaluate("media.setMode(3)")
    pages[3].wait_for_function(f"!{SHOWS.format('c1')} && media.streams.get('c1').main.getAudioTracks().length === 1")
    pages[3].evaluate("media.setMode(1)")
    see(pages[3], 1, 2, 3)

    # a camera that is turned off goes from the others' screens
    pages[1].evaluate("media.camera('main', false)")
    pages[0].wait_for_function(f"!{SHOWS.format('c2')}")

    # a page that is loaded anew is seen again, one that is closed is gone
    pages[2].reload()
    pages[2].wait_for_function("window.ready")
    pages[2].evaluate("enter()")
    see(pages[2], 1, 4)
    see(pages[0], 3)
    pages[3].evaluate("media.close()")
    pages[0].wait_for_function("!media.streams.has('c4')")


@needs_janus
def test_six_classrooms_see_each_other_through_janus_and_go_on_when_it_dies(
    stand: Stand, browser: Browser, pages: list[Page]
) -> None:
    stand.open("large", MediaKind.AUTO, 6)
    pages += classrooms(stand, browser, "large", 6)
    see_each_other(pages)
    assert [page.evaluate("media.state.kind") for page in pages] == ["janus"] * 6

    process = stand.media.janus_server.process_id
    assert process
    os.kill(process, signal.SIGKILL)
    pages[5].wait_for_function("media.state.kind === 'mesh'")
    assert "视频服务中断" in pages[5].evaluate("told.states.map(({ why }) => why).join()")
    # six are too many for the mesh: they return when it has been started again
    pages[0].wait_for_function("media.state.kind === 'janus'")
    see_each_other(pages)
    assert [change[1:] for change in stand.changes if change[0] == "large"] == [
        ("janus", ""),
        ("mesh", "janus_gone"),
        ("janus", "janus_back"),
    ]


@pytest.mark.parametrize("kind", [MediaKind.MESH, pytest.param(MediaKind.JANUS, marks=needs_janus)])
def test_a_picture_is_as_large_as_its_place_and_none_is_sent_where_there_is_no_place(
    stand: Stand, browser: Browser, pages: list[Page], kind: MediaKind
) -> None:
    room = f"places-{kind}"
    stand.open(room, kind, 3)
    pages.append(stand.page(browser, room, 1, places="c2:200,c3:0"))
    pages.extend(stand.page(browser, room, number, places="c1:640") for number in (2, 3))
    for page in pages:
        page.evaluate("enter()")
    for page in pages[1:]:
        see(page, 1)
    pages[0].wait_for_function(f"{WIDTH.format('c2')} <= 320 && {WIDTH.format('c2')} > 0")
    assert not pages[0].evaluate(SHOWS.format("c3"))

    # on air: the one grows, the other appears
    pages[0].evaluate("for (const end of ['c2', 'c3']) document.getElementById(end).style.width = '640px'")
    pages[0].wait_for_function(f"{WIDTH.format('c2')} > 320")
    see(pages[0], 3)
    pages[0].evaluate("document.getElementById('c3').style.display = 'none'")
    pages[0].wait_for_function(f"!{SHOWS.format('c3')}")


def test_two_cameras_of_a_classroom_arrive_apart(stand: Stand, browser: Browser, pages: list[Page]) -> None:
    stand.open("two", MediaKind.MESH, 2)
    pages.append(stand.page(browser, "two", 1, cameras="main,second"))
    pages.append(stand.page(browser, "two", 2, watches="1"))
    for page in pages:
        page.evaluate("enter()")
    see(pages[1], 1)
    pages[0].wait_for_function("media.local.second")
    pages[0].evaluate("""async () => {  // Chromium's second camera measures distances, its third makes pictures
        const camera = (await media.devices()).find(({ label }) => label === "fake_device_2");
        media.choose("second", camera.deviceId);
    }""")
    see(pages[1], 1, camera="second")
    assert pages[0].evaluate("media.streams.size") == 0


def test_a_camera_that_may_not_be_used_is_told_and_the_rest_goes_on(
    stand: Stand, browser: Browser, pages: list[Page]
) -> None:
    stand.open("refused", MediaKind.MESH, 2)
    pages.append(stand.page(browser, "refused", 1))
    pages.append(stand.page(browser, "refused", 2, allowed=False))
    for page in pages:
        page.evaluate("enter()")
    pages[1].wait_for_function("told.sentences.length === 2")
    assert [("获准" in said, said[-1]) for said in pages[1].evaluate("told.sentences")] == [(True, "。")] * 2
    see(pages[1], 1)


def test_a_computer_without_a_camera_is_told_and_watches(stand: Stand, browser: Browser) -> None:
    stand.open("bare", MediaKind.MESH, 2)
    bare = browser.browser_type.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
    page = stand.page(bare, "bare", 2)
    page.evaluate("enter()")
    page.wait_for_function("told.sentences.length === 2")
    assert {said[:4] for said in page.evaluate("told.sentences")} == {"没有找到"}
    bare.close()
