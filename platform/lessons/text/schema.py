"""Names and defaults that every writer of a plan's document keeps: server, editor, importers.

The same names stand in `static/src/lessons/schema.ts`. The schema only grows: an editor deletes what it does not know.
"""

import re
from collections.abc import Mapping
from typing import Final, TypeAlias

from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

SCHEMA_NUMBER: Final = 2
"""2 brought pictures. A page that was loaded before is asked to load again: it would delete what it does not know."""

Attr: TypeAlias = str | int | float | bool | list["Attr"] | dict[str, "Attr"]
"""What an attribute of a node or mark may hold; also any value JSON can say."""

SECTIONS: Final[Mapping[str, LazyString]] = {
    "standards": lazy_gettext("课标要求"),
    "textbook": lazy_gettext("教材分析"),
    "learners": lazy_gettext("学情分析"),
    "objectives": lazy_gettext("教学目标·核心素养"),
    "key_points": lazy_gettext("教学重点"),
    "difficulties": lazy_gettext("教学难点"),
    "preparation": lazy_gettext("教学准备"),
    "board": lazy_gettext("板书设计"),
    "homework": lazy_gettext("作业设计"),
    "reflection": lazy_gettext("教学反思"),
    "other": lazy_gettext("其他"),
}
"""The sections with text of their own, in the usual order: key in the document, name for people."""

STEP_FIELDS: Final[Mapping[str, LazyString]] = {
    "teacher": lazy_gettext("教师活动"),
    "pupils": lazy_gettext("学生活动"),
    "intent": lazy_gettext("设计意图"),
}
"""The texts every step has. Beside them a step has one text for each campus that wants to do it its own way."""

NODES: Final[Mapping[str, Mapping[str, Attr]]] = {
    "paragraph": {},
    "heading": {"level": 1},
    "bulletList": {},
    "orderedList": {"start": 1},
    "listItem": {},
    "taskList": {},
    "taskItem": {"checked": False},
    "blockquote": {},
    "codeBlock": {},
    "horizontalRule": {},
    "hardBreak": {},
    "table": {},
    "tableRow": {},
    "tableHeader": {"colspan": 1, "rowspan": 1},
    "tableCell": {"colspan": 1, "rowspan": 1},
    "inlineMath": {"latex": ""},
    "blockMath": {"latex": ""},
    "ruby": {"base": "", "text": ""},
    "image": {"resource": "", "alt": "", "width": 100},
    "block": {"kind": "", "data": ""},
}
"""Every kind of node with those attributes the editor always writes, and what they are when nobody said otherwise."""

IMAGE_WIDTHS: Final = (25, 50, 75, 100)
"""How wide a picture stands in its text, in hundredths."""

RESOURCE_CODE: Final = re.compile("[a-z0-9]{1,16}")
"""What names the resource that a picture shows. Empty while it is on its way; then `upload` names that way."""

INLINE_NODES: Final = frozenset({"text", "hardBreak", "inlineMath", "ruby"})

MARKS: Final = ("link", "bold", "italic", "underline", "strike", "superscript", "subscript", "code")
"""Every mark, the outermost first. `code` allows no other mark beside it."""


SAFE_ADDRESS: Final = re.compile(r"https?:|mailto:|tel:|/(?!/)|#", re.IGNORECASE)
"""How the address of a link may begin."""


def section_name(key: str) -> str:
    """The name of the field `section:<key>` in the document."""
    return f"section:{key}"


def step_field_name(step_id: str, field: str) -> str:
    """The name of a step's text in the document; `field` is a key of `STEP_FIELDS`."""
    return f"step:{step_id}:{field}"


def campus_field_name(step_id: str, campus: str) -> str:
    """The name of the text that says how the campus with that code does this step."""
    return f"step:{step_id}:campus:{campus}"
