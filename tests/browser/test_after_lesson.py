"""What a browser recorded and had not sent goes on its way from the page after the lesson, becomes a film, and plays in step with the log."""

import re

from playwright.sync_api import Page, expect

from library.previewing import programs
from tests.browser.school import School
from tests.live.lessons import BEGAN, hold, make_lesson
from tests.programs import needs_ffmpeg

SECONDS = 3
RECORDED_FROM = 58
"""Seconds after the opening of the room, two before the lesson begins."""

RECORD = """async ([name, took, seconds]) => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 180 });
  const paint = canvas.getContext("2d");
  let frame = 0;
  const painting = setInterval(() => { paint.fillStyle = `hsl(${frame++ * 9} 60% 50%)`; paint.fillRect(0, 0, 320, 180); }, 40);
  const parts = [];
  const media = new MediaRecorder(canvas.captureStream(25), { mimeType: "video/webm;codecs=vp8" });
  media.ondataavailable = ({ data }) => { if (data.size) parts.push(data); };
  media.start(1000);
  await new Promise((done) => setTimeout(done, seconds * 1000 + 200));
  const stopped = new Promise((done) => { media.onstop = done; });
  media.stop();
  await stopped;
  clearInterval(painting);
  const asked = indexedDB.open(name, 1);
  asked.onupgradeneeded = () => asked.result.createObjectStore("parts", { keyPath: ["took", "index"] });
  const database = await new Promise((done) => { asked.onsuccess = () => done(asked.result); });
  const kept = database.transaction("parts", "readwrite");
  parts.forEach((data, index) => kept.objectStore("parts").put({ took, index, at: took + index * 1000, data }));
  await new Promise((done) => { kept.oncomplete = done; });
  database.close();
  return parts.length;
}"""


def wait_for_film(page: Page, what: str) -> None:
    """Until something is so of the film."""
    for _ in range(100):
        if page.evaluate(f"document.querySelector('#replay-film').{what}"):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"never {what}")


@needs_ffmpeg
def test_what_was_left_of_a_recording_becomes_a_film_that_plays_with_the_log(school: School) -> None:
    assert programs.ffmpeg()
    session = make_lesson(school.wang, school.li.postings[0].campus)
    hold(session)
    desk = school.office.desk_of(school.wang)
    page = desk.page
    address = f"{desk.line.address}/live/{session.code}"
    took = int((BEGAN.timestamp() - 60 + RECORDED_FROM) * 1000)

    page.goto(f"{address}/after")
    expect(page.get_by_text("这节课没有录像")).to_be_visible()
    assert page.evaluate(RECORD, [f"tongke:recording:{session.code}", took, SECONDS]) >= SECONDS
    page.reload()
    expect(page.locator("#recording-left")).to_have_text("录像已经全部传到服务器。")

    for _ in range(60):
        page.reload()
        if page.get_by_text("可以回看").count():
            break
        page.wait_for_timeout(500)
    page.locator(".record-chapters a", has_text="情境导入").click()
    expect(page).to_have_url(re.compile(r"/replay\?at=60$"))
    film = page.locator("#replay-film")
    expect(film).to_be_visible()
    wait_for_film(page, "readyState >= 2")
    assert abs(page.evaluate("document.querySelector('#replay-film').currentTime") - 2) < 0.3

    page.get_by_role("button", name="播放").click()
    wait_for_film(page, "currentTime > 2.4")
    expect(page.locator("#replay-time")).to_have_text(re.compile(r"1:0[1-9]"))
    page.locator("#replay-chapters button", has_text="认识四分之一").click()
    expect(film).to_be_hidden()
    expect(page.locator("#replay-chapters [aria-current]")).to_contain_text("认识四分之一")
