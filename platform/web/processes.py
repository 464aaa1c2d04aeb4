"""The two processes of an installation: the web, which people speak with, and the worker, which it starts and watches over."""

import errno
import fcntl
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from foundation.config import ROOT, Settings

log = logging.getLogger(__name__)

STOP_SECONDS = 4
"""A process that was asked to end has this long to do so."""

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds before a worker that died is started again; doubled each time that it dies soon."""


class AlreadyRunning(Exception):
    """Another web process works on the same data folder."""


class PortInUse(Exception):
    """Somebody else listens at the address."""


class PortNotAllowed(Exception):
    """The system keeps the port for its administrator."""


class NoSuchAddress(Exception):
    """The address to listen at is not one of this machine."""


class Worker:
    """The worker process, kept alive until `stop`."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep_alive, name="worker-watch", daemon=True)

    def start(self) -> None:
        """Start it, and again whenever it dies."""
        self._thread.start()

    def stop(self) -> None:
        """End it after the job in hand, or by force when that takes too long."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(2 * STOP_SECONDS)

    def _keep_alive(self) -> None:
        pause = FIRST_PAUSE
        while not self._stopping.is_set():
            began = time.monotonic()
            code = self._run()
            if self._stopping.is_set():
                return
            if time.monotonic() - began > LONGEST_PAUSE:
                pause = FIRST_PAUSE
            log.error("the worker ended by itself and is started again", extra={"code": code, "in_seconds": pause})
            self._stopping.wait(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def _run(self) -> int:
        # The pipe tells the worker of our death, however sudden. Its own session keeps Ctrl-C from it: it is told by us.
        command = [sys.executable, str(ROOT / "app.py"), "worker", "--until-stdin-ends"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True) as process:  # noqa: S603
            while process.poll() is None:
                if self._stopping.wait(0.2):
                    process.terminate()
                    try:
                        process.wait(STOP_SECONDS)
                    except subprocess.TimeoutExpired:
                        process.kill()
        return process.returncode


def end_with_stdin() -> None:
    """Let this process be terminated when its stdin ends, which it does when the process at the other end dies."""

    def wait() -> None:
        # not through sys.stdin, whose lock this thread would hold when the interpreter ends
        while os.read(sys.stdin.fileno(), 1024):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="stdin", daemon=True).start()


class _Server(uvicorn.Server):
    """Calls `ready` once it listens."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self.ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.ready()


def serve(settings: Settings, make_asgi: Callable[[], Any], ready: Callable[[str], None]) -> None:
    """Be the web, with a worker, until Ctrl-C or SIGTERM. `ready` is told the address once pages can be fetched.

    Raises AlreadyRunning, PortInUse, PortNotAllowed or NoSuchAddress.
    """
    with only_one(settings), _listening(settings) as listener:
        host, port = listener.getsockname()[:2]
        shown = "localhost" if host in ("0.0.0.0", "::") else f"[{host}]" if ":" in host else host  # noqa: S104
        config = uvicorn.Config(
            make_asgi(),
            loop="uvloop",
            http="httptools",
            ws="websockets-sansio",
            ws_per_message_deflate=False,  # cost a third more CPU on many small updates
            proxy_headers=False,  # web.serving believes them as far as the settings say
            server_header=False,
            access_log=False,
            log_config=None,
            timeout_graceful_shutdown=STOP_SECONDS,
        )
        worker = Worker()

        def listening() -> None:
            ready(f"http://{shown}:{port}")
            worker.start()  # not before: it would take half of the machine while people wait for the first page

        server = _Server(config, listening)
        # uvicorn raises a signal again once it has stopped; ours ends here, without a traceback
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda number, frame: None)
        try:
            server.run(sockets=[listener])
        finally:
            worker.stop()


@contextmanager
def only_one(settings: Settings) -> Iterator[None]:
    """Hold the data folder: two webs on one folder would each keep its own copy of an open plan. Raises AlreadyRunning."""
    with (settings.made_data_dir() / "web.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning from None
        yield


def _listening(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as problem:
        meaning = {errno.EADDRINUSE: PortInUse, errno.EACCES: PortNotAllowed}
        raise meaning.get(problem.errno or 0, NoSuchAddress) from problem
