"""Reads a Markdown file: our own form exactly, any other by its headings and labels."""

from lessons.importing.notes import Note
from lessons.importing.placing import place_blocks
from lessons.importing.refusing import Fault, Unreadable
from lessons.text.content import PlanContent
from lessons.text.markdown import is_own_form, markdown_to_blocks, markdown_to_plan

_ENCODINGS = ("utf-8-sig", "utf-16", "gb18030")


def read_markdown(data: bytes) -> tuple[PlanContent, list[Note]]:
    """The plan in the file and what to tell about it. Raises `Unreadable` for what is no text."""
    text = _decoded(data)
    if is_own_form(text):
        content = markdown_to_plan(text)
        return content, [Note("steps", count=len(content.steps))] if content.steps else []
    return place_blocks(markdown_to_blocks(_without_front_matter(text)))


def _decoded(data: bytes) -> str:
    for encoding in _ENCODINGS:
        if encoding == "utf-16" and data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
            continue
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text.replace("\r\n", "\n").replace("\r", "\n")
    raise Unreadable(Fault.ENCODING)


def _without_front_matter(text: str) -> str:
    """With the lines of a YAML head as ordinary lines: its words are part of the plan too."""
    if not text.startswith("---\n") or "\n---\n" not in text[4:]:
        return text
    head, _, body = text[4:].partition("\n---\n")
    return f"{body}\n\n{head}" if head.strip() else body
