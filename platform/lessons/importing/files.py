"""The door for files from outside."""

from dataclasses import dataclass, field

from lessons.text.content import PlanContent
from lessons.text.markdown import markdown_to_plan


@dataclass(slots=True)
class Imported:
    """A plan read from a file, and in words what was put where and what could not be kept."""

    content: PlanContent
    notes: list[str] = field(default_factory=list)


def read_plan_file(name: str, data: bytes) -> Imported:
    """The plan in the file."""
    return Imported(markdown_to_plan(data.decode(errors="replace")))
