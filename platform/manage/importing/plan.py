"""The dry run: what would become of every row, and the changes that all rows together would make.

It reads nothing and writes nothing: everything is looked up in a `World`. What a row would change counts for the rows after
it, and a row that is refused or asked about changes nothing.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from flask_babel import format_date, gettext

from foundation.database import Base
from manage.importing import values
from manage.importing.columns import Row
from manage.importing.records import Record
from manage.importing.texts import plain, tidy
from manage.importing.world import World
from schools.models import SourcedId, Stage


class Fate(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"
    ASKED = "asked"


class Refused(Exception):
    """The row cannot be imported, and the sentence says why."""


@dataclass
class Question:
    """Who is meant, when several could be. `options`: what is answered, and in words whom it means."""

    key: str
    text: str
    options: list[tuple[str, str]]
    rows: list[str] = field(default_factory=list)


class Asked(Exception):
    """The row waits for the answer to a question."""

    def __init__(self, question: Question) -> None:
        super().__init__(question.text)
        self.question = question


@dataclass(frozen=True)
class Outcome:
    """What would become of a row: its fate, whom or what it is about, and in words what changes or why not."""

    kind: str
    sheet: str
    number: int
    fate: Fate
    label: str
    says: list[str]


@dataclass(frozen=True)
class Right:
    """A change of rights, of `person` or with no one in particular, for the audit; without an `action` it is only announced."""

    action: str
    person: Record | None
    campus: Record | None
    record: Record
    details: dict[str, Any]


@dataclass
class Step:
    """What one row would do. Nothing of it counts before the row is through."""

    row: Row
    label: str = ""
    says: list[str] = field(default_factory=list)
    makes: bool = False
    campus: Record | None = None
    new: list[Record] = field(default_factory=list)
    changes: list[tuple[Record, str, Any]] = field(default_factory=list)
    rights: list[Right] = field(default_factory=list)
    seen: list[Record] = field(default_factory=list)

    def add(self, model: type[Base], **columns: Any) -> Record:
        """A record that the row would make."""
        record = Record(model, columns, row=self.row.number)
        self.new.append(record)
        return record

    def change(self, record: Record, column: str, value: Any, what: str, before: str, after: str) -> None:
        """Let a column of `record` be `value`; says so in words."""
        self.changes.append((record, column, value))
        self.says.append(
            gettext("%(what)s：%(before)s → %(after)s", what=what, before=before or gettext("空"), after=after)
        )

    def fate(self) -> Fate:
        """What becomes of the row once it is through."""
        if self.makes:
            return Fate.NEW
        visible = [record for record in self.new if record.model is not SourcedId]
        return Fate.CHANGED if self.changes or visible else Fate.SAME


class Plan:
    """Everything that a file would do. `answers` are those to the questions of a former dry run, by their keys."""

    def __init__(self, world: World, answers: Mapping[str, str]) -> None:
        self.world = world
        self.answers = answers
        self.outcomes: list[Outcome] = []
        self.campus_of_row: list[Record | None] = []
        self.questions: dict[str, Question] = {}
        self.new: list[Record] = []
        self.changed: dict[Record, None] = {}
        self.rights: list[Right] = []

    @contextmanager
    def step(self, row: Row) -> Iterator[Step]:
        """A row is looked at inside; what it would do counts when the block is through."""
        step = Step(row)
        try:
            yield step
        except Refused as refused:
            self._note(step, Fate.REFUSED, [str(refused)])
        except Asked as asked:
            question = self.questions.setdefault(asked.question.key, asked.question)
            question.rows.append(gettext("“%(sheet)s”第 %(row)s 行", sheet=row.sheet, row=row.number))
            self._note(step, Fate.ASKED, [asked.question.text])
        else:
            self._take(step)
            self._note(step, step.fate(), step.says)

    def _take(self, step: Step) -> None:
        for record, column, value in step.changes:
            record.change(column, value)
            if record.id is not None:
                self.changed[record] = None
        for record in step.new:
            self.new.append(record)
            self.world.add(record)
        self.rights += step.rights

    def _note(self, step: Step, fate: Fate, says: list[str]) -> None:
        row = step.row
        label = step.label or next((value for value in row.values.values() if value), "")
        self.outcomes.append(Outcome(row.kind, row.sheet, row.number, fate, label, says))
        self.campus_of_row.append(step.campus)

    def remember_source(self, step: Step, kind: str, record: Record) -> None:
        """Keep the name that the outside system has for `record`, once."""
        sourced_id = step.row.given.get("sourced_id", "")
        if sourced_id and (kind, sourced_id) not in self.world.sourced:
            step.add(SourcedId, kind=kind, record_id=record, sourced_id=sourced_id)
            self.world.sourced[kind, sourced_id] = record

    def answer(self, question: Question) -> str:
        """The answer to the question; raises Asked while there is none that it offers."""
        answer = self.answers.get(question.key, "")
        if answer not in {value for value, _ in question.options}:
            raise Asked(question)
        return answer

    def fingerprint(self) -> str:
        """The same for two plans that would do the same to the same rows."""
        told = [(each.kind, each.sheet, each.number, each.fate, each.says) for each in self.outcomes]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def refuse_cell(row: Row, key: str, why: str) -> Refused:
    """The refusal of what stands in a column."""
    return Refused(
        gettext("“%(column)s”一栏的“%(text)s”%(why)s", column=row.heading(key), text=row.values.get(key, ""), why=why)
    )


def text(row: Row, key: str, most: int, *, required: bool = False) -> str:
    """What stands in a column, at most `most` characters long."""
    written = tidy(row.values.get(key, ""))
    if required and not written:
        raise Refused(gettext("“%(column)s”一栏是空的。", column=row.heading(key)))
    if len(written) > most:
        raise Refused(gettext("“%(column)s”一栏最多 %(count)s 个字。", column=row.heading(key), count=most))
    return written


def name(row: Row, key: str, *, required: bool = False) -> str:
    """Somebody's name."""
    return values.name(text(row, key, 40, required=required))


def number(row: Row, key: str) -> str:
    """A staff number."""
    return plain(text(row, key, 40))


def day(row: Row, key: str) -> Any:
    """A day, None where nothing stands."""
    written = row.values.get(key, "")
    found = values.day(written) if written else None
    if written and found is None:
        raise refuse_cell(row, key, gettext("认不出是哪一天，请写成 2025-09-01。"))
    return found


def whole(row: Row, key: str, allowed: range) -> int | None:
    """A whole number, None where nothing stands."""
    written = row.values.get(key, "")
    if not written:
        return None
    found = values.whole(written)
    if found is None or found not in allowed:
        raise refuse_cell(
            row, key, gettext("不是 %(low)s 到 %(high)s 之间的整数。", low=allowed.start, high=allowed.stop - 1)
        )
    return found


def yes(row: Row, key: str) -> bool | None:
    """是 or 否, None where nothing stands."""
    if not row.values.get(key):
        return None
    found = values.yes(row.values[key])
    if found is None:
        raise refuse_cell(row, key, gettext("应写“是”或“否”。"))
    return found


def stage(row: Row) -> Stage | None:
    """The stage beside a class or a grade, None where nothing stands."""
    if not row.values.get("stage"):
        return None
    found = values.stage(row.values["stage"])
    if found is None:
        raise refuse_cell(row, "stage", gettext("不是学段，应写幼儿园、小学、初中、高中或中职。"))
    return found


def shown_day(value: Any) -> str:
    """A day in words, nothing for none."""
    return format_date(value) if value else ""
