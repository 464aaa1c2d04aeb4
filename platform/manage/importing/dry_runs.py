"""What a dry run leaves in the folder of its job: the rows of the file, and the fate of each."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from manage.importing.columns import Found, Row
from manage.importing.plan import Fate, Outcome, Plan, Question

UPLOAD: Final = "upload"
_ROWS: Final = "rows.json"
_FATES: Final = "fates.json"


@dataclass(frozen=True)
class DryRun:
    """The fate of every row, sheet by sheet, and what is asked."""

    outcomes: list[Outcome]
    questions: list[Question]

    def sheets(self) -> dict[str, int]:
        """The sheets in their order, with their numbers of rows."""
        return Counter(outcome.sheet for outcome in self.outcomes)

    def fates(self, sheet: str) -> Counter[str]:
        """How many rows of a sheet (all, when it is empty) have which fate."""
        return Counter(outcome.fate.value for outcome in self.outcomes if sheet in ("", outcome.sheet))

    def of(self, sheet: str, fate: str) -> list[Outcome]:
        """The rows of a sheet with a fate; empty means all."""
        return [
            outcome for outcome in self.outcomes if sheet in ("", outcome.sheet) and fate in ("", outcome.fate.value)
        ]


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
    kept = {
        "outcomes": [vars(outcome) for outcome in plan.outcomes],
        "questions": [vars(question) for question in plan.questions.values()],
    }
    _write(folder / _FATES, kept)


def kept_fates(folder: Path) -> DryRun:
    """The fate of every row as it was found."""
    kept = _read(folder / _FATES)
    outcomes = [Outcome(**{**each, "fate": Fate(each["fate"])}) for each in kept["outcomes"]]
    questions = [
        Question(**{**each, "options": [tuple(pair) for pair in each["options"]]}) for each in kept["questions"]
    ]
    return DryRun(outcomes, questions)


def forget_rows(folder: Path) -> None:
    """What the file held is not kept once it was imported."""
    for name in (UPLOAD, _ROWS):
        (folder / name).unlink(missing_ok=True)


def counted(outcomes: Iterable[Outcome]) -> dict[str, int]:
    """How many rows have which fate."""
    return dict(Counter(outcome.fate.value for outcome in outcomes))


def shown(outcomes: Sequence[Outcome], page: int, size: int) -> Sequence[Outcome]:
    """One page of rows."""
    return outcomes[(page - 1) * size : page * size]


def _write(file: Path, kept: Any) -> None:
    file.write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")


def _read(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))
