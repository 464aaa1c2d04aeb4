"""Reading what comes from outside in a process of its own, with little time and memory: what goes wrong there ends there."""

import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SOURCE_ROOT = Path(__file__).resolve().parents[1]
_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000  # CLONE_NEWUSER and CLONE_NEWNET of Linux


class TookTooLong(Exception):
    """The process was ended because its time was over."""


class Broke(Exception):
    """The process ended without an answer; says what it printed last."""


def ask_apart(module: str, arguments: Sequence[str], data: bytes, seconds: float) -> dict[str, Any]:
    """What `python -m module …` answers, as JSON, to `data`. It gets none of our settings. Raises TookTooLong, Broke."""
    try:
        finished = subprocess.run(  # noqa: S603  our own modules, the name of the file is an argument
            [sys.executable, "-m", module, *arguments],
            input=data,
            capture_output=True,
            timeout=seconds,
            check=False,
            env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(_SOURCE_ROOT), "PYTHONUTF8": "1"},
            cwd=_SOURCE_ROOT,
        )
    except subprocess.TimeoutExpired as problem:
        raise TookTooLong from problem
    if finished.returncode != 0:
        raise Broke(finished.stderr.decode(errors="replace")[-500:])
    answer: dict[str, Any] = json.loads(finished.stdout)
    return answer


@dataclass(frozen=True)
class Limits:
    """What a program may use: seconds by the clock, as many of the processor, bytes of memory, bytes of one file it writes."""

    seconds: int
    memory: int
    output: int


def run_apart(command: Sequence[str], folder: Path, limits: Limits) -> bytes:
    """What another program prints, run in `folder`, its home, with little priority. It gets none of our settings.

    Whatever it started ends with it, and it ends with us, however we do. Raises TookTooLong, Broke.
    """
    theirs, ours = os.pipe()  # the system closes ours when we are no more
    try:
        return _run(command, folder, limits, theirs)
    finally:
        os.close(ours)
        os.close(theirs)


def _run(command: Sequence[str], folder: Path, limits: Limits, until_closed: int) -> bytes:
    within = [str(limits.seconds), str(limits.memory), str(limits.output)]
    with subprocess.Popen(  # noqa: S603  a program of the system, told by us what to do
        [sys.executable, "-m", "foundation.limited", *within, *command],
        stdin=until_closed,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={
            "PATH": os.environ.get("PATH", ""),
            "PYTHONPATH": str(_SOURCE_ROOT),
            "HOME": str(folder),
            "TMPDIR": str(folder),
            "LANG": "C.UTF-8",
        },
        cwd=folder,
        start_new_session=True,
    ) as process:
        try:
            printed, complaints = process.communicate(timeout=limits.seconds)
        except subprocess.TimeoutExpired as problem:
            raise TookTooLong from problem
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    if process.returncode != 0:
        raise Broke(complaints.decode(errors="replace")[-500:])
    return printed


def stay_within(seconds: int, memory: int) -> None:
    """Let this process, which reads, be ended when it uses more time or more bytes of memory, and reach no network."""
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    leave_network()


def leave_network() -> bool:
    """Have no network but an empty one of its own, for this process and what it starts; whether the system allows that."""
    unshare = getattr(ctypes.CDLL(None), "unshare", None)
    return unshare is not None and (unshare(_NEW_NETWORK) == 0 or unshare(_NEW_USER | _NEW_NETWORK) == 0)
