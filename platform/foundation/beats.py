"""Whoever works on something for long touches a file now and then, so that others see whether it is still being done."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

BEAT_SECONDS: Final = 5
LOST_AFTER: Final = 30
"""Work whose file was not touched for so many seconds has lost its worker."""


@contextmanager
def beating(file: Path) -> Iterator[None]:
    """Touch `file`, which is there, again and again."""
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(BEAT_SECONDS):
            with suppress(FileNotFoundError):
                os.utime(file)

    thread = threading.Thread(target=beat, name="beat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def beats(file: Path) -> bool | None:
    """Whether the file was touched a short while ago; None when it is not there."""
    try:
        return time.time() - file.stat().st_mtime <= LOST_AFTER
    except OSError:
        return None
