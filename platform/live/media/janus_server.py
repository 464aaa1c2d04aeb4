"""The media server Janus: started by us with our own settings, watched, started again when it dies, and ended with us.

It listens on the loopback only, asks for a secret that is made anew for each start, and has no plugin but the rooms. JANUS_URL names one
that runs elsewhere instead.
"""

import asyncio
import contextlib
import ipaddress
import logging
import os
import secrets
import shutil
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

from foundation.config import ROOT, Settings
from live.media.base import MediaFailed
from live.media.janus_line import JanusLine

log = logging.getLogger(__name__)

START_SECONDS = 15
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0

_NOT_WANTED = "audiobridge duktape echotest lua nosip recordplay sip streaming textroom videocall voicemail"
_OTHER_DOORS = "http rabbitmq mqtt nanomsg pfunix"


class JanusServer:
    """A Janus that is there when asked for. `lost` hears that it is gone, `back` that it is there again."""

    def __init__(self, settings: Settings, lost: Callable[[], None], back: Callable[[], None]) -> None:
        self._settings = settings
        self._folder = settings.data_dir.resolve() / "janus"
        self._lost = lost
        self._back = back
        self._line: JanusLine | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._starting = asyncio.Lock()
        self._again: asyncio.Task[None] | None = None
        self._pause = FIRST_PAUSE
        self._began = 0.0
        self.room_key = ""
        """Whoever has it may make rooms."""

    @property
    def process_id(self) -> int | None:
        """The number of the process that we have started."""
        return self._process.pid if self._process is not None and self._process.returncode is None else None

    def may_be_there(self) -> bool:
        """Whether there is a Janus to ask for at all."""
        return bool(self._settings.janus_url) or shutil.which("janus") is not None

    async def line(self) -> JanusLine:
        """The line to it; it is started first when it is not running. Raises MediaFailed."""
        if self._line is not None:
            return self._line
        if not self.may_be_there():
            raise MediaFailed("the program janus is not installed")
        if self._again is not None:
            raise MediaFailed("Janus has just ended and is started again")
        return await self._connected()

    async def shut(self) -> None:
        """End it."""
        if self._again is not None:
            self._again.cancel()
            await asyncio.gather(self._again, return_exceptions=True)
        if self._line is not None:
            line, self._line = self._line, None
            await line.close()
        await self._end()

    async def _connected(self) -> JanusLine:
        async with self._starting:
            if self._line is None:
                self._began = time.monotonic()
                try:
                    self._line = await (self._elsewhere() if self._settings.janus_url else self._ours())
                except MediaFailed:
                    await self._end()
                    raise
            return self._line

    async def _elsewhere(self) -> JanusLine:
        self.room_key = self._settings.janus_secret
        line = JanusLine(self._settings.janus_secret, self._gone)
        await line.open(self._settings.janus_url)
        return line

    async def _ours(self) -> JanusLine:
        secret, self.room_key = secrets.token_hex(24), secrets.token_hex(24)
        port = _free_port()
        self._configure(port, secret)
        with (self._folder / "janus.log").open("wb") as file:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "live.media.tied", str(os.getpid()), "janus", "-F", str(self._folder)),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                start_new_session=True,  # Ctrl-C is ours
                cwd=self._folder,
                env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT / "platform"), "LANG": "C.UTF-8"},
            )
        until = time.monotonic() + START_SECONDS
        while True:
            line = JanusLine(secret, self._gone)
            try:
                await line.open(f"ws://127.0.0.1:{port}")
            except MediaFailed:
                await line.close()
                if self._process.returncode is not None or time.monotonic() > until:
                    raise
                await asyncio.sleep(0.05)
            else:
                log.info("Janus has started", extra={"number": self._process.pid})
                return line

    def _gone(self) -> None:
        """The line has ended without our doing: the process died, or it will have to."""
        self._line = None
        log.error("Janus has ended by itself")
        self._again = asyncio.get_running_loop().create_task(self._start_again())
        self._lost()

    async def _start_again(self) -> None:
        if time.monotonic() - self._began > LONGEST_PAUSE:
            self._pause = FIRST_PAUSE
        await self._end()
        while True:
            await asyncio.sleep(self._pause)
            self._pause = min(2 * self._pause, LONGEST_PAUSE)
            try:
                await self._connected()
            except MediaFailed as problem:
                log.error("Janus does not start", extra={"problem": str(problem), "in_seconds": self._pause})
            else:
                self._again = None
                self._back()
                return

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
            try:
                async with asyncio.timeout(2):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()

    def _configure(self, port: int, secret: str) -> None:
        """Write its settings; they hold secrets, and nobody else may read them."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder.chmod(0o700)
        files = {
            "janus": f"""
general: {{ configs_folder = "{self._folder}"; api_secret = "{secret}"; session_timeout = 60; debug_level = 3;
            debug_timestamps = true; debug_colors = false; server_name = "tongke"; }}
media: {{ ipv6 = false; rtp_port_range = "{self._settings.janus_ports}"; }}
nat: {{ full_trickle = false; ignore_mdns = false; {_reached_by(self._settings.janus_address)} }}
plugins: {{ disable = "{_files(_NOT_WANTED)}"; }}
transports: {{ disable = "{_files(_OTHER_DOORS)}"; }}
events: {{ broadcast = false; }}
""",
            "janus.transport.websockets": f"""
general: {{ json = "compact"; ws = true; ws_port = {port}; ws_ip = "127.0.0.1"; wss = false; }}
admin: {{ admin_ws = false; }}
""",
            "janus.plugin.videoroom": f"""
general: {{ admin_key = "{self.room_key}"; string_ids = true; events = false; }}
""",
        }
        for name, text in files.items():
            _write(self._folder / f"{name}.jcfg", text)


def _files(names: str) -> str:
    return ",".join(f"libjanus_{name}.so" for name in names.split())


def _write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")
    file.chmod(0o600)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port: int = door.getsockname()[1]
        return port


def _reached_by(address: str) -> str:
    """The line of its settings for JANUS_ADDRESS: one of the machine's own, or one under which a router forwards to it."""
    if not address:
        return ""
    try:
        ipaddress.ip_address(address)
    except ValueError:
        raise MediaFailed(f"JANUS_ADDRESS must be an IP address, not {address!r}") from None
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        try:
            door.bind((address, 0))
        except OSError:
            return f'nat_1_1_mapping = "{address}";'
    return f'ice_enforce_list = "{address}";'
