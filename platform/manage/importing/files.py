"""The door for rosters from outside: each file is read in a process of its own, with little time and little memory."""

from pathlib import Path
from typing import Any, Final

from foundation.apart import Broke, TookTooLong, ask_apart
from foundation.config import Settings
from manage.importing.cells import Cells
from manage.importing.refusing import Fault, Unreadable, refusal

MEMORY: Final = 2 * 2**30
"""How many bytes the reading process may ask the system for."""


def read_file(name: str, data: bytes, settings: Settings) -> list[Cells]:
    """The sheets of the file of that name. Raises `Invalid` (field `file`) with a sentence that names what is wrong."""
    try:
        if not data:
            raise Unreadable(Fault.EMPTY)
        answer = _read_apart(name, data, settings)
    except Unreadable as unreadable:
        raise refusal(name, unreadable) from unreadable
    only = Path(name).stem if Path(name).suffix.lower() in (".csv", ".txt") else None
    return [Cells(only or title, [(number, cells) for number, cells in rows]) for title, rows in answer["sheets"]]


def _read_apart(name: str, data: bytes, settings: Settings) -> dict[str, Any]:
    seconds = settings.import_seconds
    limits = [str(settings.import_rows), str(seconds), str(MEMORY)]
    try:
        answer = ask_apart("manage.importing", [f"file{Path(name).suffix}", *limits], data, seconds)
    except TookTooLong as problem:
        raise Unreadable(Fault.TOO_SLOW) from problem
    except Broke as problem:
        raise Unreadable(Fault.FAILED, str(problem)) from problem
    if "fault" in answer:
        raise Unreadable(Fault(answer["fault"]), answer["where"])
    return answer
