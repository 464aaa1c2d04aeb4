"""Files as schools send them, and the way from a file to what it did."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

from flask.testing import FlaskClient
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from foundation.database import db, writing
from foundation.jobs import Job, do_waiting_jobs, folder_of
from manage.importing import dry_runs
from manage.importing.plan import Outcome

Sheets = Mapping[str, Sequence[Sequence[Any]]]


def workbook(sheets: Sheets) -> bytes:
    """An .xlsx with those sheets."""
    made = Workbook()
    made.remove(made.active)  # type: ignore[arg-type]  # a new workbook has a sheet
    for name, rows in sheets.items():
        sheet: Worksheet = made.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    return saved(made)


def saved(made: Workbook) -> bytes:
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def work() -> None:
    """The worker does what waits."""
    db.session.commit()
    with writing():
        do_waiting_jobs()
    db.session.commit()


def upload(client: FlaskClient, file: bytes, name: str = "名单.xlsx") -> Job:
    """Upload a file and let the worker look at it."""
    answer = client.post("/manage/import", data={"file": (io.BytesIO(file), name)})
    assert answer.status_code == 303, answer.text
    work()
    return job_of(answer.location)


def apply(client: FlaskClient, looked: Job) -> Job:
    """Import what was looked at."""
    answer = client.post(f"/manage/import/{looked.code}/apply")
    assert answer.status_code == 303, answer.text
    work()
    db.session.refresh(looked)
    return job_of(answer.location)


def bring_in(client: FlaskClient, sheets: Sheets | bytes, name: str = "名单.xlsx") -> dict[str, int]:
    """Look at the sheets and import them at once; gives back how many rows had which fate."""
    looked = upload(client, sheets if isinstance(sheets, bytes) else workbook(sheets), name)
    assert looked.state == "done", looked.sentence
    counts = dict(looked.outcome["counts"])
    if counts.get("new") or counts.get("changed"):
        apply(client, looked)
        assert "applied_at" in looked.outcome
    return counts


def outcomes(looked: Job) -> list[Outcome]:
    run = dry_runs.kept_fates(folder_of(looked))
    rows = run.of("", "")
    return run.page(rows, 1, len(rows))


def fates(looked: Job) -> list[tuple[str, int, str]]:
    """Sheet, row and fate of every row."""
    return [(each.sheet, each.number, each.fate.value) for each in outcomes(looked)]


def says(looked: Job, number: int) -> str:
    """What is said about a row."""
    return " ".join(words for each in outcomes(looked) if each.number == number for words in each.says)


def job_of(address: str) -> Job:
    job = db.session.scalar(db.select(Job).where(Job.code == address.rpartition("/")[2]))
    assert job is not None
    return job
