"""A lesson plan as plain Python values, and the small tree that its texts are made of.

A text is a list of block `Node`s: what ProseMirror calls the content of a document, with the same names.
Two equal plans compare equal. Attributes at their default (see `schema.NODES`) and attributes without a value are
left out of a node, and only text carries marks.
"""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from lessons.text.schema import NODES, Attr

Blocks: TypeAlias = "list[Node]"
"""The text of one section or of one field of a step."""

STEP_ID_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
STEP_ID_LENGTH = 10


@dataclass(frozen=True, slots=True)
class Mark:
    """How a run of text stands out: a name from `schema.MARKS`; a link carries `href`."""

    name: str
    attrs: dict[str, Attr] = field(default_factory=dict)


@dataclass(slots=True)
class Node:
    """One node of a text.

    `name` is a key of `schema.NODES`, or `text`; then `text` is not empty and `marks` are in the order of `schema.MARKS`.
    """

    name: str
    content: list["Node"] = field(default_factory=list)
    attrs: dict[str, Attr] = field(default_factory=dict)
    text: str = ""
    marks: tuple[Mark, ...] = ()

    def attr(self, name: str) -> Attr | None:
        """The attribute's value, its default where nothing was said, None where it has neither."""
        return self.attrs.get(name, NODES.get(self.name, {}).get(name))

    def number(self, name: str) -> int:
        """The attribute as a whole number; 1 where it is none (spans, levels and list starts count from there)."""
        value = self.attr(name)
        return int(value) if isinstance(value, int | float) else 1

    def string(self, name: str) -> str:
        """The attribute as a string, empty where it is none."""
        value = self.attr(name)
        return value if isinstance(value, str) else ""

    def walk(self) -> Iterator["Node"]:
        """This node and everything inside it, in reading order."""
        yield self
        for child in self.content:
            yield from child.walk()


@dataclass(slots=True)
class StepContent:
    """One step (环节) of the teaching process.

    `minutes` is None while nobody has said how long it takes. `resources` holds one link or note per line.
    `campuses` maps a campus code to what that campus does differently.
    """

    id: str
    title: str = ""
    minutes: int | None = None
    teacher: Blocks = field(default_factory=list)
    pupils: Blocks = field(default_factory=list)
    intent: Blocks = field(default_factory=list)
    resources: str = ""
    campuses: dict[str, Blocks] = field(default_factory=dict)


@dataclass(slots=True)
class PlanContent:
    """A whole lesson plan: `periods` lessons of `minutes` each, sections by key (empty ones left out), steps in order."""

    title: str = ""
    periods: int = 1
    minutes: int = 40
    sections: dict[str, Blocks] = field(default_factory=dict)
    steps: list[StepContent] = field(default_factory=list)


def new_step_id() -> str:
    """An id for a new step, not taken by any other (36 ** 10 of them)."""
    return "".join(secrets.choice(STEP_ID_LETTERS) for _ in range(STEP_ID_LENGTH))


def text(words: str, *marks: Mark) -> Node:
    """A run of text. `words` may not be empty."""
    return Node("text", text=words, marks=marks)


def paragraph(*content: Node | str) -> Node:
    """A paragraph; strings become plain text."""
    return Node("paragraph", [text(part) if isinstance(part, str) else part for part in content if part])


def plain_text(nodes: Sequence[Node]) -> str:
    """All words of the nodes, one line per block, without any marks: for summaries, search and comparisons."""
    lines: list[str] = []
    for node in nodes:
        if node.name == "paragraph" or any(child.name == "text" for child in node.content):
            lines.append("".join(_inline_words(child) for child in node.content))
        elif node.content:
            lines.append(plain_text(node.content))
        else:
            lines.append(_inline_words(node))
    return "\n".join(line for line in lines if line.strip())


def _inline_words(node: Node) -> str:
    match node.name:
        case "text":
            return node.text
        case "hardBreak":
            return "\n"
        case "inlineMath" | "blockMath":
            return node.string("latex")
        case "ruby":
            return f"{node.string('base')}({node.string('text')})"
        case "image":
            return node.string("alt")
        case _:
            return ""
