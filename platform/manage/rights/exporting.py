"""What was done as a file: a long job, itself written down."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from flask import url_for
from flask_babel import format_datetime, get_locale, gettext, lazy_gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from foundation.clock import SCHOOL_ZONE
from foundation.database import commit, db, reading
from foundation.errors import Refusal
from foundation.jobs import Job, Tell, folder_of, job, new_job
from manage.jobs import KINDS, KindOfJob
from manage.rights import access, queries
from manage.rights.forms import AuditFilter
from manage.rights.words import action_said, details_said
from schools import audit
from schools.access import standing_of
from schools.models import AuditEntry, Campus, Group, Person

KIND: Final = "audit_export"
FORMATS: Final = ("xlsx", "csv")
MOST_ROWS_OF_A_SHEET: Final = 200_000
_BEGINS_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")

Write = Callable[[Sequence[str]], None]


def ask_for_export(by: Person, wanted: AuditFilter, kind: str) -> Job:
    """Have the entries that `by` reads and the filter wants written to a file. Raises NotFound."""
    places = access.audited_by(standing_of(by))
    asked = new_job(KIND, by.id, str(get_locale()), filter=wanted.address(), format=kind)
    campus_id = wanted.campus if wanted.campus in places.campus_ids else min(places.campus_ids, default=None)
    group_id = min(places.group_ids, default=None)
    audit.record(
        by, "audit_exported", "audit", campus_id=None if group_id else campus_id, group_id=group_id, format=kind
    )
    commit()
    return asked


def file_of(asked: Job) -> Path:
    """The file that the job has made."""
    return folder_of(asked) / f"audit.{asked.asked['format']}"


@job(KIND)
def export(asked: Job, tell: Tell) -> dict[str, Any]:
    """Write the file; rights are those of the moment."""
    person_id, wanted = asked.person_id, AuditFilter.read(asked.asked["filter"])
    file = file_of(asked)
    db.session.rollback()
    with reading(), Session(db.engine) as session:
        person = db.session.get_one(Person, person_id)
        places = access.audited_by(standing_of(person))
        names = _Names(session)
        with (_sheet if file.suffix == ".xlsx" else _text)(file) as write:
            write(_header())
            count = 0
            for entries in queries.all_entries(session, places, wanted):
                count += len(entries)
                if file.suffix == ".xlsx" and count > MOST_ROWS_OF_A_SHEET:
                    raise Refusal(
                        gettext(
                            "超过 %(count)d 行，Excel 文件放不下。请缩小范围，或者导出 CSV。",
                            count=MOST_ROWS_OF_A_SHEET,
                        )
                    )
                for row in _rows(entries, names):
                    write(row)
                tell(0, 0, gettext("已写 %(count)d 行……", count=count))
        db.session.rollback()
    return {"count": count}


class _Names:
    """The names of campuses and groups by their numbers."""

    def __init__(self, session: Session) -> None:
        self.campuses = dict(session.execute(select(Campus.id, Campus.name)).tuples().all())
        self.groups = dict(session.execute(select(Group.id, Group.name)).tuples().all())


def _header() -> list[str]:
    return [
        gettext("时间"),
        gettext("谁"),
        gettext("做了什么"),
        gettext("对象"),
        gettext("校区"),
        gettext("集团"),
        gettext("详情"),
        gettext("来源地址"),
    ]


def _rows(entries: Iterable[AuditEntry], names: _Names) -> Iterator[list[str]]:
    for entry in entries:
        yield [
            format_datetime(entry.made_at.astimezone(SCHOOL_ZONE), "yyyy-MM-dd HH:mm:ss", rebase=False),
            entry.person_name,
            action_said(entry),
            entry.object_name,
            names.campuses.get(entry.campus_id or 0, ""),
            names.groups.get(entry.group_id or 0, ""),
            details_said(entry),
            entry.address,
        ]


def _harmless(words: str) -> str:
    """Nothing that a spreadsheet would calculate: names are typed by anybody."""
    return f"'{words}" if words.startswith(_BEGINS_A_FORMULA) else words


@contextmanager
def _text(file: Path) -> Iterator[Write]:
    with file.open("w", encoding="utf-8-sig", newline="") as opened:
        writer = csv.writer(opened)
        yield lambda row: writer.writerow([_harmless(words) for words in row])


@contextmanager
def _sheet(file: Path) -> Iterator[Write]:
    from openpyxl import Workbook  # only here: it takes long to load

    book = Workbook(write_only=True)
    sheet = book.create_sheet(gettext("留痕"))
    sheet.freeze_panes = "A2"
    for column, width in zip("ABCDEFGH", (20, 12, 18, 28, 22, 22, 60, 16), strict=True):
        sheet.column_dimensions[column].width = width
    yield lambda row: sheet.append([_harmless(words) for words in row])
    book.save(file)


KINDS[KIND] = KindOfJob(
    lazy_gettext("导出留痕"),
    before=lambda asked: url_for("rights.list_audit", **asked.asked["filter"]),
    after=lambda asked: url_for("rights.show_export", code=asked.code),
)
