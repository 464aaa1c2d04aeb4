"""The door for rosters from outside: each file is read in a process of its own, with little time and little memory."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from foundation.config import Settings
from manage.importing.cells import Cells
from manage.importing.refusing import Fault, Unreadable, refusal

MEMORY: Final = 2 * 2**30
"""How many bytes the reading process may ask the system for."""
_SOURCE_ROOT: Final = Path(__file__).resolve().parents[2]


def read_file(name: str, data: bytes, settings: Settings) -> list[Cells]:
    """The sheets of the file of that name. Raises `Invalid` (field `file`) with a sentence that names what is wrong."""
    try:
        if not data:
            raise Unreadable(Fault.EMPTY)
        answer = _read_apart(name, data, settings)
        if "fault" in answer:
            raise Unreadable(Fault(answer["fault"]), answer["where"])
    except Unreadable as unreadable:
        raise refusal(name, unreadable) from unreadable
    only = Path(name).stem if Path(name).suffix.lower() in (".csv", ".txt") else None
    return [Cells(only or title, [(number, cells) for number, cells in rows]) for title, rows in answer["sheets"]]


def _read_apart(name: str, data: bytes, settings: Settings) -> dict[str, Any]:
    seconds = settings.import_seconds
    limits = [str(settings.import_rows), str(seconds), str(MEMORY)]
    try:
        finished = subprocess.run(  # noqa: S603  our own module, the name of the file is an argument
            [sys.executable, "-m", "manage.importing", f"file{Path(name).suffix}", *limits],
            input=data,
            capture_output=True,
            timeout=seconds,
            check=False,
            env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(_SOURCE_ROOT), "PYTHONUTF8": "1"},
            cwd=_SOURCE_ROOT,
        )
    except subprocess.TimeoutExpired as problem:
        raise Unreadable(Fault.TOO_SLOW) from problem
    if finished.returncode != 0:
        raise Unreadable(Fault.FAILED, finished.stderr.decode(errors="replace")[-500:])
    answer: dict[str, Any] = json.loads(finished.stdout)
    return answer
