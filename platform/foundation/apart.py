"""Reading what comes from outside in a process of its own, with little time and memory: what goes wrong there ends there."""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_SOURCE_ROOT = Path(__file__).resolve().parents[1]


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


def stay_within(seconds: int, memory: int) -> None:
    """Let this process, which reads, be ended when it uses more time or more bytes of memory."""
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
