"""Rooms with sound and pictures and nothing else: the media of the product, a page that shows them, and a line between."""

import asyncio
import json
import subprocess
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlencode

import uvicorn
from playwright.sync_api import Browser, Page

from foundation.config import ROOT, Settings
from live.media.base import Payload, Seat
from live.media.service import Media
from live.models import MediaKind

Answer = TypeVar("Answer")

PATIENCE = 90_000
"""Milliseconds to wait for something at most: other tests want the machine, too."""


def fake_devices(pictures: int) -> list[str]:
    """What lets Chromium have three cameras, with so many pictures a second, and a microphone, and nobody to be asked for them."""
    return [
        f"--use-fake-device-for-media-stream=device-count=3,fps={pictures}",
        "--deny-permission-prompts",
        "--autoplay-policy=no-user-gesture-required",
    ]


PAGE = """<!doctype html><html lang="zh-Hans"><meta charset="utf-8"><title>画面</title><body><script type="module">
import { connect, fitPlaces } from "/media.js";
const asked = new URL(location.href).searchParams;
const socket = new WebSocket(`ws://${location.host}/line${location.search}`);
const told = { sentences: [], states: [], nets: [], frames: {}, moving: {}, began: 0 };
const listeners = new Set(), joins = new Set();
socket.onmessage = ({ data }) => { for (const listener of listeners) listener(JSON.parse(data)); };
const line = {
  endpoint: asked.get("endpoint"), screen: asked.get("screen"),
  signal: (payload) => { if (socket.readyState === 1) socket.send(JSON.stringify(payload)); },
  onSignal: (listener) => { listeners.add(listener); return () => listeners.delete(listener); },
  onJoined: (listener) => { joins.add(listener); return () => joins.delete(listener); },
};
const show = (endpoint, camera, stream) => {
  const name = `${endpoint}-${camera}`;
  let picture = document.getElementById(name);
  if (!picture) {
    picture = Object.assign(document.createElement("video"), { id: name, muted: true, playsInline: true, width: 160 });
    (places.get(endpoint) ?? document.body).append(picture);
    const seen = () => {
      told.frames[name] ??= performance.now() - told.began;
      told.moving[name] = performance.now();
      picture.requestVideoFrameCallback(seen);
    };
    picture.requestVideoFrameCallback(seen);
  }
  if (picture.srcObject !== stream) picture.srcObject = stream;
  media.play(picture);
};
const places = new Map();
for (const place of asked.get("places")?.split(",").filter(Boolean) ?? []) {
  const [endpoint, width] = place.split(":");
  const made = Object.assign(document.createElement("div"), { id: endpoint });
  Object.assign(made.style, { width: `${width}px`, height: `${width * 0.56}px`, overflow: "hidden" });
  document.body.append(made);
  places.set(endpoint, made);
}
let media;
window.enter = () => {
  told.began = performance.now();
  media = window.media = connect(line, { send: asked.get("send") ?? "both", cameras: (asked.get("cameras") ?? "main").split(",") });
  media.on("stream", show);
  media.on("gone", (endpoint, camera) => document.getElementById(`${endpoint}-${camera}`)?.remove());
  media.on("trouble", (sentence) => told.sentences.push(sentence));
  media.on("state", (state) => told.states.push(state));
  media.on("net", (report) => told.nets.push(report));
  if (places.size > 0) fitPlaces(media, places);
};
window.told = told;
socket.onopen = () => { window.ready = true; };
</script>"""


def build(folder: Path) -> Path:
    """The browser's part of the product as one module."""
    folder.mkdir()
    entry = folder / "entry.ts"
    parts = (json.dumps(str(ROOT / f"static/src/live/media/{part}.ts")) for part in ("media", "places"))
    entry.write_text("".join(f"export * from {part};" for part in parts))
    order = (
        "import { build } from 'vite';"
        f"await build({{ configFile: false, logLevel: 'error', root: {json.dumps(str(ROOT))}, build: {{"
        f" outDir: {json.dumps(str(folder / 'out'))}, minify: false, target: 'es2022', lib:"
        f" {{ entry: {json.dumps(str(entry))}, formats: ['es'], fileName: () => 'media.js' }} }} }});"
    )
    subprocess.run(["node", "--input-type=module", "-e", order], cwd=ROOT, check=True, timeout=120)
    return folder / "out/media.js"


class Stand:
    """The media in an event loop of their own, reached by pages over plain websockets."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.changes: list[tuple[str, str, str]] = []
        self._folder = folder
        self._script = build(folder / "built").read_bytes()
        self._settings = Settings(data_dir=folder / "data", **settings)
        self._lines: dict[tuple[str, str], asyncio.Queue[Payload]] = {}
        self._server = uvicorn.Server(
            uvicorn.Config(
                self._serve,
                port=0,
                log_config=None,
                lifespan="off",
                interface="asgi3",
                loop="asyncio",
                ws="websockets-sansio",
            )
        )
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._ready = threading.Event()

    def start(self) -> "Stand":
        """Serve from now on."""
        self._thread.start()
        assert self._ready.wait(20)
        return self

    def stop(self) -> None:
        """End everything."""
        self.do(self.media.shut())
        self._server.should_exit = True
        self._server.force_exit = True
        self._thread.join(20)

    def do(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        """The answer of something that the media are asked."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def open(self, room: str, kind: MediaKind, ends: int, heard: tuple[str, ...] = ("c1",)) -> None:
        """Open a room in which these are heard."""
        self.do(self.media.open(room, kind, ends=ends))
        self.do(self.media.hear(room, heard))

    def page(self, browser: Browser, room: str, number: int, allowed: bool = True, **asked: str) -> Page:
        """The screen of a classroom, not yet in the room; `allowed` to use its camera and microphone."""
        page = browser.new_context(permissions=["camera", "microphone"] if allowed else []).new_page()
        page.set_default_timeout(PATIENCE)
        told = {"room": room, "endpoint": f"c{number}", "screen": f"screen{number}", "main": "1" if number == 1 else ""}
        page.goto(f"{self.address}/?{urlencode({**told, **asked})}")
        page.wait_for_function("window.ready")
        return page

    def _run(self) -> None:
        asyncio.run(self._work())

    async def _work(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.media = Media(
            self._settings, self._tell, lambda *news: self.changes.append((news[0], str(news[1]), news[2]))
        )
        serving = asyncio.create_task(self._server.serve())
        while not self._server.started:
            await asyncio.sleep(0.02)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        self._ready.set()
        await serving

    def _tell(self, room: str, screen: str, payload: Payload) -> None:
        line = self._lines.get((room, screen))
        if line is not None:
            line.put_nowait(payload)

    async def _serve(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await self._line(scope, receive, send)
            return
        script = scope["path"] == "/media.js"
        kind = b"text/javascript" if script else b"text/html; charset=utf-8"
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind)]})
        await send({"type": "http.response.body", "body": self._script if script else PAGE.encode()})

    async def _line(self, scope: Any, receive: Any, send: Any) -> None:
        asked = {name: values[0] for name, values in parse_qs(scope["query_string"].decode()).items()}
        room, screen = asked["room"], asked["screen"]
        await receive()
        await send({"type": "websocket.accept"})
        queue = self._lines[room, screen] = asyncio.Queue()
        seat = Seat(screen, asked["endpoint"], sends=asked.get("watches") != "1", main=asked.get("main") == "1")
        await self.media.admit(room, seat)
        writer = asyncio.create_task(self._write(queue, send))
        while (message := await receive())["type"] != "websocket.disconnect":
            await self.media.signal(room, screen, json.loads(message["text"]))
        writer.cancel()
        await self.media.remove(room, screen)

    async def _write(self, queue: asyncio.Queue[Payload], send: Any) -> None:
        while True:
            await send({"type": "websocket.send", "text": json.dumps(await queue.get())})
