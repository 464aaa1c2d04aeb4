"""The real thing: `python app.py` in a process of its own, on a free port and a data folder of its own."""

import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path
from queue import Empty, Queue

from foundation.config import ROOT

START_SECONDS = 120
"""Long, because other programs may want the machine too."""


class Site:
    """A site that can be started, ended, killed and started again on the same port and data.

    `address` is where it answers, without a slash at its end; `said` the lines that it printed.
    """

    def __init__(self, folder: Path, **settings: str) -> None:
        self.data_dir = folder / "data"
        self.log = folder / "site.log"
        self.address = ""
        self.said: list[str] = []
        self._folder = folder
        self._environment = {
            **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
            "DATA_DIR": str(self.data_dir),
            "HOST": "127.0.0.1",
            "PORT": "0",
            "LANG": "C.UTF-8",
            **settings,
        }
        self._process: subprocess.Popen[str] | None = None

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`python app.py` with a command that ends by itself."""
        return self._run(str(ROOT / "app.py"), *arguments)

    def flask(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command of `flask --app app`."""
        return self._run("-m", "flask", "--app", str(ROOT / "app.py"), *arguments)

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self._folder,  # not ours, whose .env would count
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
            check=False,
        )

    def start(self) -> "Site":
        """Start it and wait until it answers."""
        with self.log.open("a") as log:
            self._process = subprocess.Popen(
                [sys.executable, str(ROOT / "app.py")],
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        lines: Queue[str] = Queue()
        threading.Thread(target=self._read, args=(lines,), daemon=True).start()
        while True:
            try:
                line = lines.get(timeout=START_SECONDS)
            except Empty:
                self.kill()
                raise AssertionError(f"the site did not start:\n{self.log.read_text()}") from None
            if not line:
                raise AssertionError(f"the site ended with {self._process.wait()}:\n{self.log.read_text()}")
            found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
            if found:
                self.address, self._environment["PORT"] = found[0], found[1]
                return self

    @property
    def pid(self) -> int:
        """The process id of the web."""
        assert self._process, "not started"
        return self._process.pid

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End it as Ctrl-C (SIGINT) or an init system (SIGTERM) does; its exit code."""
        if self._process is None:
            return 0
        if self._process.poll() is None:
            self._process.send_signal(how)
        code = self._process.wait(20)
        self._process = None
        return code

    def kill(self) -> None:
        """`kill -9`: no chance to tidy up."""
        if self._process:
            self._process.kill()
            self._process.wait(10)
            self._process = None

    def _read(self, lines: "Queue[str]") -> None:
        assert self._process
        assert self._process.stdout
        with self._process.stdout as output:
            for line in output:
                self.said.append(line.rstrip("\n"))
                lines.put(line)
        lines.put("")
