"""What a dry run leaves in the folder of its job: the rows of the file, and the fate of each; and giving it up."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import Any, BinaryIO, Final

from flask_babel import gettext

from foundation.database import db
from foundation.errors import Conflict
from foundation.jobs import Job, folder_of
from manage.importing.columns import Found, Row
from manage.importing.plan import Fate, Outcome, Plan, Question

UPLOAD: Final = "upload"
_ROWS: Final = "rows.json"
_FATES: Final = "fates.json"
_OUTCOMES: Final = "outcomes.jsonl"


@dataclass(frozen=True)
class DryRun:
    """The fate of every row, sheet by sheet, and what is asked.

    `places` says where in the file of outcomes the rows of a sheet with a fate begin. What is said about a row is read
    when it is shown: whoever turns pages does not wait for tens of thousands of rows.
    """

    folder: Path
    places: dict[str, dict[str, list[int]]]
    questions: list[Question]

    def sheets(self) -> dict[str, int]:
        """The sheets in their order, with their numbers of rows."""
        return {sheet: sum(map(len, fates.values())) for sheet, fates in self.places.items()}

    def fates(self, sheet: str) -> Counter[str]:
        """How many rows of a sheet (all, when it is empty) have which fate."""
        counts: Counter[str] = Counter()
        for name, fates in self.places.items():
            if sheet in ("", name):
                counts.update({fate: len(begins) for fate, begins in fates.items()})
        return counts

    def of(self, sheet: str, fate: str) -> list[int]:
        """Where the rows of a sheet with a fate begin, in the order of the file; empty means all."""
        return sorted(
            begin
            for name, fates in self.places.items()
            for each, begins in fates.items()
            if sheet in ("", name) and fate in ("", each)
            for begin in begins
        )

    def page(self, begins: Sequence[int], page: int, size: int) -> list[Outcome]:
        """The outcomes of one page of those rows."""
        with (self.folder / _OUTCOMES).open("rb") as file:
            return [_outcome_at(file, begin) for begin in begins[(page - 1) * size : page * size]]


def keep_rows(folder: Path, found: Found) -> None:
    """Keep what the file holds, so that it is read once only."""
    _write(folder / _ROWS, {"rows": [vars(row) for row in found.rows], "notes": found.notes})


def kept_rows(folder: Path) -> Found | None:
    """What the file holds, if it was read already."""
    if not (folder / _ROWS).exists():
        return None
    kept = _read(folder / _ROWS)
    return Found([Row(**row) for row in kept["rows"]], kept["notes"])


def keep_fates(folder: Path, plan: Plan) -> None:
    """Keep the fate of every row, and what is asked."""
    places: dict[str, dict[str, list[int]]] = {}
    begin = 0
    with (folder / _OUTCOMES).open("wb") as file:
        for outcome in plan.outcomes:
            places.setdefault(outcome.sheet, {}).setdefault(outcome.fate, []).append(begin)
            begin += file.write(json.dumps(vars(outcome), ensure_ascii=False).encode() + b"\n")
    questions = [vars(question) for question in plan.questions.values()]
    _write(folder / _FATES, {"places": places, "questions": questions})


def kept_fates(folder: Path) -> DryRun:
    """The fate of every row as it was found."""
    kept = _read(folder / _FATES)
    questions = [
        Question(**{**each, "options": [tuple(pair) for pair in each["options"]]}) for each in kept["questions"]
    ]
    return DryRun(folder, kept["places"], questions)


def forget_rows(folder: Path) -> None:
    """What the file held is not kept once it was imported."""
    for name in (UPLOAD, _ROWS):
        (folder / name).unlink(missing_ok=True)


def not_imported(looked: Job) -> Job:
    """The same dry run, if it has ended and nothing of it was imported. Raises Conflict."""
    if "applied_at" in looked.outcome:
        raise Conflict(gettext("这份文件已经导入了。"))
    if not looked.ended:
        raise Conflict(gettext("这份文件正在核对，请稍候。"))
    return looked


def forget(looked: Job) -> None:
    """Uncommitted: a dry run and its file are no more."""
    rmtree(folder_of(looked), ignore_errors=True)
    db.session.delete(looked)


def counted(outcomes: Iterable[Outcome]) -> dict[str, int]:
    """How many rows have which fate."""
    return dict(Counter(outcome.fate.value for outcome in outcomes))


def _outcome_at(file: BinaryIO, begin: int) -> Outcome:
    file.seek(begin)
    kept = json.loads(file.readline())
    return Outcome(**{**kept, "fate": Fate(kept["fate"])})


def _write(file: Path, kept: Any) -> None:
    file.write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")


def _read(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))
