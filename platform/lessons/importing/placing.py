"""Puts the blocks of a file where they belong in a plan: sections and steps. What fits nowhere goes to `other`."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lessons.importing.durations import lessons_of, minutes_of, without_minutes
from lessons.importing.labels import (
    LONGEST_LABEL,
    Numbering,
    column_of,
    is_closing_label,
    is_plain_label,
    label_in_line,
    numbered,
    place_of,
)
from lessons.importing.notes import Note
from lessons.text.content import Blocks, Node, PlanContent, StepContent, new_step_id, paragraph, plain_text
from lessons.text.schema import SECTIONS, STEP_FIELDS
from lessons.text.tidy import tidy

_LONGEST_TITLE = 60
_LONGEST_STEP_TITLE = 40
_NO_TITLE = re.compile(r"(电子|导)?教?学?(案|设计|方案|简案)([（(].*[)）])?|备课.*|lessonplan.*", re.IGNORECASE)
_STEP_NUMBERINGS = (Numbering.HAN, Numbering.HAN_IN_BRACKETS, Numbering.WORD)
_FULL_STOPS = re.compile(r"[。；;！？]$|[，。；].{8,}")
_LESSON_LENGTHS = (45, 40)


@dataclass(slots=True)
class _Rank:
    """What makes a line the head of a step: the level of the heading, or how it is numbered."""

    level: int | None
    numbering: Numbering | None


def place_blocks(blocks: Iterable[Node]) -> tuple[PlanContent, list[Note]]:
    """The plan that the blocks describe, and what to tell about it. The title is empty where the file has none."""
    placing = _Placing()
    placing.place(blocks)
    return placing.plan(), placing.notes()


class _Placing:
    def __init__(self) -> None:
        self._title = ""
        self._title_block: Node | None = None
        self._begun = False
        self._periods: int | None = None
        self._duration: int | None = None
        self._sections: dict[str, Blocks] = {}
        self._steps: list[StepContent] = []
        self._placed: dict[str, str] = {}
        self._target = self._section("other")
        self._level = 0
        self._in_steps = False
        self._steps_rank = _Rank(None, None)
        self._step_rank: _Rank | None = None
        self._field_level = 0
        self._empty: list[str] = []

    # ---- results ----

    def plan(self) -> PlanContent:
        """The plan, its texts valid and without empty lines."""
        if self._title_block is not None:
            if not self._title:
                self._title = _words(self._title_block)
            elif _words(self._title_block) != self._title:
                self._sections["other"].insert(0, self._title_block)
        plan = PlanContent(self._title)
        for key, blocks in self._sections.items():
            text = _tidy(blocks)
            if text:
                plan.sections[key] = text
        for step in self._steps:
            for name in STEP_FIELDS:
                setattr(step, name, _tidy(getattr(step, name)))
        plan.steps = [step for step in self._steps if step.title or step.teacher or step.pupils or step.intent]
        plan.periods, plan.minutes = self._lessons(plan.steps)
        return plan

    def notes(self) -> list[Note]:
        """What went where."""
        told = [Note("placed", label=label, place=place) for label, place in self._placed.items()]
        steps = [step for step in self._steps if step.title or step.teacher or step.pupils or step.intent]
        if steps:
            told.append(Note("steps", count=len(steps)))
        minutes = sum(step.minutes or 0 for step in steps)
        if minutes:
            told.append(Note("minutes", count=minutes))
        empty = [label for label in self._empty if label not in self._placed]
        if empty:
            told.append(Note("empty", label="、".join(dict.fromkeys(empty))))
        other = _tidy(self._sections["other"])
        if other:
            told.append(Note("other", count=len(other)))
        return told

    def _lessons(self, steps: Sequence[StepContent]) -> tuple[int, int]:
        total = self._duration or sum(step.minutes or 0 for step in steps)
        for length in _LESSON_LENGTHS:
            if total and total % length == 0:
                return (self._periods or total // length), length
        if 40 < total <= 50:
            return self._periods or 1, 45
        return self._periods or 1, 40

    # ---- blocks ----

    def place(self, blocks: Iterable[Node]) -> None:
        """Puts the blocks where they belong, in the order they come in."""
        for block in blocks:
            if _is_blank(block):
                continue
            self._place_one(block)
            self._begun = True

    def _place_one(self, block: Node) -> None:
        if block.name == "table" and self._table(block):
            return
        if block.name in ("heading", "paragraph") and (self._heading(block) or self._labelled_line(block)):
            return
        self._append(block)

    def _append(self, block: Node) -> None:
        if block.name == "heading":
            base = (self._step_rank.level or self._level) if self._in_steps and self._step_rank else self._level
            block.attrs["level"] = max(block.number("level") - base, 1)
        if block.name != "horizontalRule" or not self._in_steps or self._steps:
            self._take(block)

    def _section(self, key: str) -> Blocks:
        return self._sections.setdefault(key, [])

    def _open(self, place: str, label: str, level: int = 0) -> None:
        """Makes the section the place where what follows goes."""
        self._told(label, place)
        self._in_steps = False
        self._level = level
        self._target = self._section(place)

    def _told(self, label: str, place: str) -> None:
        if label.strip():
            self._placed.setdefault(_squeezed(label), place)

    # ---- headings, and lines that are headings by what they say ----

    def _heading(self, block: Node) -> bool:
        words = _words(block)
        level = block.number("level") if block.name == "heading" else None
        title, minutes = without_minutes(words)
        line = numbered(title)
        if self._is_title(block, words, level):
            return True
        if self._in_steps and self._heading_in_steps(block, level, minutes):
            return True
        place = place_of(title) if not (self._in_steps and level is None and not is_closing_label(title)) else None
        if (
            place is not None
            and place in SECTIONS
            and minutes is None
            and not (self._in_steps and self._is_inside_step(level))
        ):
            self._open(place, words, level or 0)
            if not is_plain_label(words):
                self._append(block)
            return True
        if place == "steps" and not self._in_steps:
            self._open_steps(words, _Rank(level, line.numbering))
            return True
        if level is not None and minutes is not None and not self._in_steps:
            self._open_steps("", _Rank(level - 1, None))
            return self._heading_in_steps(block, level, minutes)
        if level is not None and level <= self._level and not self._is_inside_step(level):
            self._in_steps = False
            self._target, self._level = self._section("other"), level - 1
        return False

    def _is_title(self, block: Node, words: str, level: int | None) -> bool:
        if self._begun or self._title_block is not None or place_of(words) or len(words) > _LONGEST_TITLE:
            return False
        if level is None and not _is_plain_line(block, words):
            return False
        if level is not None and level > 2:
            return False
        if _NO_TITLE.fullmatch(re.sub(r"\s", "", words)):
            return False
        self._title_block = block
        return True

    def _is_inside_step(self, level: int | None) -> bool:
        rank = self._step_rank
        return (
            self._in_steps and rank is not None and rank.level is not None and level is not None and level > rank.level
        )

    def _open_steps(self, label: str, rank: _Rank) -> None:
        self._told(label, "steps")
        if not self._in_steps:
            self._in_steps = True
            self._steps_rank = rank
            self._step_rank = None if not self._steps else self._step_rank
            self._level = rank.level or 0
        if self._steps:
            self._target = self._steps[-1].teacher

    def _take(self, block: Node) -> None:
        """Puts the block into the text that is open; words before the first step get a step of their own."""
        if self._in_steps and not self._steps:
            self._open_step()
        self._target.append(block)

    def _open_step(self, title: str = "", minutes: int | None = None) -> StepContent:
        step = StepContent(new_step_id(), " ".join(title.split()), minutes)
        self._steps.append(step)
        self._target = step.teacher
        self._field_level = 0
        return step

    def _heading_in_steps(self, block: Node, level: int | None, minutes: int | None) -> bool:
        words = _words(block)
        title = without_minutes(words)[0]
        line = numbered(title)
        if place_of(title) == "steps" and not self._is_inside_step(level):
            self._open_steps(words, self._steps_rank)
            return True
        if self._closes(title, level, line.numbering):
            return False
        if self._begins_step(title, level, line.numbering, minutes):
            self._step_rank = self._step_rank or _Rank(level, line.numbering)
            self._open_step(_step_title(title), minutes)
            return True
        return self._begins_field(block, title, level)

    def _closes(self, title: str, level: int | None, numbering: Numbering | None) -> bool:
        """Whether the steps are over with this line."""
        if self._is_inside_step(level):
            return False
        if level is not None and self._steps_rank.level is not None and level <= self._steps_rank.level:
            timed_sibling = level == self._steps_rank.level and place_of(title) is None and self._step_rank is None
            return not timed_sibling or place_of(title) in SECTIONS
        if is_closing_label(title):
            return True
        same_number = numbering is not None and numbering is self._steps_rank.numbering
        return same_number and place_of(title) in SECTIONS

    def _begins_step(self, title: str, level: int | None, numbering: Numbering | None, minutes: int | None) -> bool:
        if level is None and (len(title) > _LONGEST_STEP_TITLE or _FULL_STOPS.search(title)):
            return False
        rank = self._step_rank
        if rank is None:
            return level is not None or numbering in _STEP_NUMBERINGS or minutes is not None
        if level is not None and level == rank.level:
            return True
        return numbering in _STEP_NUMBERINGS and numbering is rank.numbering and not self._is_inside_step(level)

    def _begins_field(self, block: Node, title: str, level: int | None) -> bool:
        """A heading inside a step: of one of its texts, or of something that stays with what the teacher does."""
        if not self._steps:
            return False
        step = self._steps[-1]
        field = column_of(title)
        if place_of(title) == "objectives":
            field = "intent"
        exact = is_plain_label(_words(block)) and title == _words(block)
        if field is not None and field in STEP_FIELDS and (level is not None or exact):
            self._target = getattr(step, field)
            self._field_level = level or 0
            if not exact or place_of(title) == "objectives":
                self._append(block)
            return True
        if level is not None and level <= self._field_level:
            self._target = step.teacher
        return False

    # ---- lines with a label in front ----

    def _labelled_line(self, block: Node) -> bool:
        words = _words(block)
        found = label_in_line(numbered(words).words)
        if block.name != "paragraph" or found is None:
            return False
        label, length = found
        rest = _without_front(block, len(words) - len(numbered(words).words) + length)
        if self._in_steps:
            return self._line_in_step(block, label, rest)
        place = place_of(label)
        if place is not None and place in SECTIONS:
            self._open(place, label, self._level)
            self._take(rest)
            return True
        return place is not None and place != "steps" and self._fill(place, label, [rest])

    def _line_in_step(self, block: Node, label: str, rest: Node) -> bool:
        field = column_of(label)
        if is_closing_label(label):
            self._open(place_of(label) or "other", label)
            self._take(rest)
            return True
        if field is None or field not in STEP_FIELDS or not self._steps or label.strip() in ("过程", "内容"):
            return False
        target: Blocks = getattr(self._steps[-1], field)
        target.append(rest)
        self._told(label, field)
        if field != "intent" or _is_blank(rest):
            self._target = target
        return True

    # ---- values ----

    def _fill(self, place: str, label: str, blocks: Blocks) -> bool:
        """Takes what belongs to a label; False where the value is not what the label promises."""
        words = " ".join(plain_text(blocks).split())
        if place == "steps":
            self._open_steps(label, _Rank(None, None))
            self.place(blocks)
            return True
        if not words and all(_is_blank(block) for block in blocks):
            self._empty.append(_squeezed(label))
            return True
        if place not in SECTIONS:
            taken = self._take_value(place, words)
            if taken:
                self._told(label, place)
            return taken
        self._open(place, label)
        if not is_plain_label(label):
            self._take(paragraph(f"{label}："))
        for block in blocks:
            if not _is_blank(block) and not (block.name == "paragraph" and self._sub_line(block)):
                self._append(block)
        return True

    def _take_value(self, place: str, words: str) -> bool:
        if place == "title" and not self._title:
            self._title = words
            return True
        if place == "periods" and (lessons := lessons_of(words)):
            self._periods = lessons
            return True
        if place == "minutes" and (minutes := minutes_of(words)):
            self._duration = minutes
            return True
        return False

    def _sub_line(self, block: Node) -> bool:
        """重点：… and 难点：… in one cell go to their two sections."""
        found = label_in_line(numbered(_words(block)).words)
        return bool(found and place_of(found[0]) in ("key_points", "difficulties") and self._labelled_line(block))

    # ---- tables ----

    def _table(self, table: Node) -> bool:
        """Takes a form or a table of steps apart; False for any other table."""
        rows = _grid(table)
        if not _is_form(rows):
            self._read_durations(rows)
            return False
        columns: dict[int, str] = {}
        headings: dict[int, str] = {}
        carried: tuple[str, str] | None = None
        carried_rows = 0
        for row in rows:
            header = _header_of(row)
            if header:
                columns, headings = header, {column: _words(cell) for column, cell in row}
                self._open_steps("", _Rank(None, None))
                for column, place in columns.items():
                    self._told(headings[column], place)
                continue
            if columns and not _is_section_row(row):
                self._step_row(row, columns, headings)
                continue
            columns = {}
            carried = self._form_row(row, carried if carried_rows > 0 else None)
            carried_rows = carried_rows - 1 if carried_rows > 0 else _rows_of_label(row) - 1
        self._in_steps, self._target, self._level = False, self._section("other"), 0
        return True

    def _read_durations(self, rows: list[list[tuple[int, Node]]]) -> None:
        for row in rows:
            if len(row) == 2 and place_of(_words(row[0][1])) == "minutes" and self._duration is None:
                self._duration = minutes_of(_words(row[1][1]))

    def _form_row(self, row: list[tuple[int, Node]], carried: tuple[str, str] | None) -> tuple[str, str] | None:
        """Fills in the labels of one row of a form; returns the label that rows below may still belong to."""
        pending = carried
        loose: list[Node] = []
        for _, cell in row:
            words = _words(cell)
            place = place_of(words) if len(words) <= 2 * LONGEST_LABEL else None
            if place is not None and not (pending is not None and pending[0] not in SECTIONS):
                pending = (place, words)
                if place == "steps":
                    self._open_steps(words, _Rank(None, None))
            elif pending is None:
                loose.append(cell)
            elif not self._fill(*pending, cell.content):
                self._section("other").append(paragraph(f"{pending[1]}：{words}"))
                pending = None
            elif pending[0] not in SECTIONS and pending[0] != "steps":
                pending = None
        self._place_loose(loose, alone=len(row) == 1)
        return pending

    def _place_loose(self, cells: list[Node], alone: bool) -> None:
        if alone:
            for cell in cells:
                self.place(cell.content)
            return
        self._in_steps, self._target = False, self._section("other")
        while cells:
            label = cells.pop(0)
            first = next((block for block in label.content if not _is_blank(block)), None)
            value = cells.pop(0) if cells and _is_short(label) and first and not label_in_line(_words(first)) else None
            if value is not None and len(value.content) == 1 and value.content[0].name == "paragraph":
                joined = [*_inline(label), Node("text", text="："), *value.content[0].content]
                self._section("other").append(Node("paragraph", joined))
            else:
                self.place(label.content)
                self.place(value.content if value is not None else [])
                self._target = self._section("other")

    def _step_row(self, row: list[tuple[int, Node]], columns: dict[int, str], headings: dict[int, str]) -> None:
        parts = [(columns.get(column, ""), headings.get(column, ""), cell) for column, cell in row]
        if len(row) == 1 and len(columns) > 1:
            self._whole_row(row[0][1])
            return
        named = next((cell for place, _, cell in parts if place == "step" and _words(cell)), None)
        if named is not None or not self._steps or "step" not in columns.values():
            self._step_named(named)
        step = self._steps[-1]
        for place, heading, cell in parts:
            if place == "time":
                self._time_cell(step, cell)
            elif place == "resources":
                step.resources = "\n".join(filter(None, [step.resources, plain_text(cell.content)]))
            elif place in STEP_FIELDS:
                getattr(step, place).extend(cell.content)
            elif place != "step" and _words(cell):
                step.teacher.extend([paragraph(f"{heading}：")] if heading else [])
                step.teacher.extend(cell.content)

    def _whole_row(self, cell: Node) -> None:
        words = _words(cell)
        if len(words) <= _LONGEST_STEP_TITLE and not _FULL_STOPS.search(words):
            self._step_named(cell)
        else:
            step = self._steps[-1] if self._steps else self._open_step()
            step.teacher.extend(cell.content)

    def _step_named(self, cell: Node | None) -> None:
        """Opens a step with the first line of the cell as its title; a line of minutes alone belongs to it too."""
        lines = plain_text(cell.content).split("\n") if cell is not None else [""]
        title, minutes = without_minutes(lines[0])
        step = self._open_step(_step_title(title), minutes)
        rest = []
        for line in lines[1:]:
            if step.minutes is None and minutes_of(line.strip("（）() ")) is not None:
                step.minutes = minutes_of(line.strip("（）() "))
            elif len(step.title) + len(line) <= _LONGEST_STEP_TITLE // 2 and not _FULL_STOPS.search(line):
                title, minutes = without_minutes(line)
                step.title = f"{step.title} {title}".strip()
                step.minutes = step.minutes if step.minutes is not None else minutes
            else:
                rest.append(paragraph(line))
        step.teacher.extend(rest)

    def _time_cell(self, step: StepContent, cell: Node) -> None:
        words = _words(cell)
        minutes = minutes_of(words)
        if minutes is not None:
            step.minutes = minutes + (step.minutes or 0) if step.teacher or step.pupils else minutes
        elif words:
            step.teacher.extend(cell.content)


# ---- looking at blocks ----


def _tidy(blocks: Blocks) -> Blocks:
    kept = [whole for block in blocks if (whole := _without_blanks(block)) is not None]
    while kept and kept[-1].name == "horizontalRule":
        kept.pop()
    while kept and kept[0].name == "horizontalRule":
        kept.pop(0)
    return tidy(kept)


def _squeezed(label: str) -> str:
    """The label without the spaces that spread it over its cell."""
    return re.sub(r"(?<=[^\x00-\x7f])\s+(?=[^\x00-\x7f])", "", " ".join(label.split()))


def _step_title(words: str) -> str:
    """The words without a bare number in front, as the steps have an order of their own; 环节一 or Step 1 is a name."""
    line = numbered(words)
    return words if line.numbering is Numbering.WORD else line.words


def _without_blanks(block: Node) -> Node | None:
    if _is_blank(block):
        return None
    if block.name in ("table", "tableRow"):
        for child in block.content:
            for cell in child.content if block.name == "table" else []:
                cell.content = [kept for each in cell.content if (kept := _without_blanks(each)) is not None]
    return block


def _is_blank(block: Node) -> bool:
    if block.name not in ("paragraph", "heading"):
        return False
    return not any(node.name in ("inlineMath", "ruby") or node.text.strip() for node in block.walk())


def _words(node: Node) -> str:
    return plain_text([node] if node.name in ("paragraph", "heading") else node.content).strip()


def _is_plain_line(block: Node, words: str) -> bool:
    """Whether the paragraph may be a title: no sentence, no label, nothing but words in it."""
    only_words = all(node.name == "text" for node in block.content)
    return (
        only_words and len(words) <= _LONGEST_STEP_TITLE and not _FULL_STOPS.search(words) and not label_in_line(words)
    )


def _is_short(cell: Node) -> bool:
    return 0 < len(_words(cell)) <= 12


def _inline(cell: Node) -> list[Node]:
    return [node for block in cell.content for node in block.content if node.name in ("text", "ruby", "inlineMath")]


def _without_front(block: Node, length: int) -> Node:
    """The paragraph without its first characters."""
    content: list[Node] = []
    for node in block.content:
        if length > 0 and node.name == "text":
            cut = min(length, len(node.text))
            length -= cut
            if cut < len(node.text):
                content.append(Node("text", text=node.text[cut:], marks=node.marks))
        elif length > 0 and node.name == "hardBreak":
            length -= 1
        else:
            content.append(node)
    return Node("paragraph", content)


# ---- looking at tables ----


def _grid(table: Node) -> list[list[tuple[int, Node]]]:
    """The cells that begin in each row, with the columns they begin at."""
    taken: dict[tuple[int, int], bool] = {}
    rows = []
    for number, row in enumerate(table.content):
        cells = []
        column = 0
        for cell in row.content:
            while (number, column) in taken:
                column += 1
            cells.append((column, cell))
            for below in range(cell.number("rowspan")):
                for across in range(cell.number("colspan")):
                    taken[number + below, column + across] = True
            column += cell.number("colspan")
        rows.append(cells)
    return rows


def _header_of(row: list[tuple[int, Node]]) -> dict[int, str]:
    """What the columns hold, if the row is the head of a table of steps; else nothing."""
    found = {column: place for column, cell in row if (place := column_of(_words(cell)))}
    places = set(found.values())
    teaching = places & {"teacher", "pupils"}
    if len(found) < 2 or not teaching or len(places & {"step", "pupils", "intent", "time"}) < 1:
        return {}
    labels = [place_of(_words(cell)) for _, cell in row[1:]]
    return {} if any(label in SECTIONS for label in labels if label not in ("textbook", "preparation")) else found


def _is_form(rows: list[list[tuple[int, Node]]]) -> bool:
    if any(_header_of(row) for row in rows[:12]):
        return True
    labels = [place for row in rows for _, cell in row if (place := place_of(_words(cell)))]
    first = next((row for row in rows if len(row) > 1), rows[0] if rows else [])
    begins = any(place_of(_words(cell)) or _begins_with_label(cell) for _, cell in first)
    return begins and (len(labels) > 1 or (len(rows[0]) == 1 and bool(labels)))


def _begins_with_label(cell: Node) -> bool:
    found = label_in_line(_words(cell))
    return bool(found and place_of(found[0]))


def _is_section_row(row: list[tuple[int, Node]]) -> bool:
    """Whether a row below the steps belongs to the form again: 板书设计 | …"""
    words = _words(row[0][1])
    return is_closing_label(words) and (len(row) == 2 or len(row) == 1)


def _rows_of_label(row: list[tuple[int, Node]]) -> int:
    return row[0][1].number("rowspan") if row and place_of(_words(row[0][1])) else 1
