"""A plan as a shared Y document, in precisely the form that the editor's binding (`@tiptap/y-tiptap`) writes.

Every node is a Y XML element, every unbroken run of text in it one Y XML text whose formats are the marks. The binding
writes an attribute unless it is null, so attributes at their default are written here too, and dropped when read.
"""

import re
from typing import Any

from pycrdt import Doc, Map, XmlElement, XmlFragment, XmlText

from lessons.text.content import Blocks, Mark, Node, PlanContent, StepContent
from lessons.text.ordering import keys_after
from lessons.text.schema import (
    NODES,
    SCHEMA_NUMBER,
    STEP_FIELDS,
    campus_field_name,
    section_name,
    step_field_name,
)
from lessons.text.tidy import tidy

# The binding adds a hash to the names of marks that may overlap with themselves. None of ours may, an older one might have.
_HASHED_MARK = re.compile(r"(.*)--[A-Za-z0-9+/=]{8}")

_ORDER = re.compile("[A-Za-z][0-9A-Za-z]+")


def build_plan(content: PlanContent) -> Doc[Any]:
    """A new document that holds the plan; opened in the editor it needs no repair."""
    doc: Doc[Any] = Doc()
    with doc.transaction():
        doc["meta"] = Map(
            {
                "schema": SCHEMA_NUMBER,
                "title": content.title,
                "periods": content.periods,
                "minutes": content.minutes,
            }
        )
        doc["steps"] = Map()
        for key, blocks in content.sections.items():
            write_section(doc, key, blocks)
        for step in content.steps:
            add_step(doc, step)
    return doc


def read_plan(doc: Doc[Any]) -> PlanContent:
    """What the document says. Steps that were taken away and texts without anything in them are left out."""
    with doc.transaction():
        meta = doc.get("meta", type=Map)
        steps = doc.get("steps", type=Map)
        fields = list(doc.keys())
        sections = {name: read_text(doc, section_name(name)) for name in _suffixes(fields, section_name(""))}
        ordered = sorted(
            (_string(step.get("order")), step_id, step)
            for step_id, step in steps.items()
            if isinstance(step, Map) and not step.get("removed")
        )
        return PlanContent(
            title=_string(meta.get("title")),
            periods=_count(meta.get("periods")) or 1,
            minutes=_count(meta.get("minutes")) or 40,
            sections={name: blocks for name, blocks in sections.items() if blocks},
            steps=[_read_step(doc, step_id, step, fields) for _, step_id, step in ordered],
        )


def write_section(doc: Doc[Any], key: str, blocks: Blocks) -> None:
    """Makes the section's text `blocks`; blocks at its beginning and end that stay the same are not touched."""
    write_text(doc, section_name(key), blocks)


def add_step(doc: Doc[Any], step: StepContent) -> None:
    """Puts the step after all others."""
    with doc.transaction():
        steps = doc.get("steps", type=Map)
        orders = [_string(other.get("order")) for other in steps.values() if isinstance(other, Map)]
        (order,) = keys_after(max(filter(_ORDER.fullmatch, orders), default=None), 1)
        steps[step.id] = Map(
            {"order": order, "title": step.title, "minutes": step.minutes, "resources": step.resources}
        )
        for name in STEP_FIELDS:
            write_text(doc, step_field_name(step.id, name), getattr(step, name))
        for campus, blocks in step.campuses.items():
            write_text(doc, campus_field_name(step.id, campus), blocks)


def read_text(doc: Doc[Any], name: str) -> Blocks:
    """The text in the root fragment of that name; nothing where there is none."""
    return tidy(node for child in doc.get(name, type=XmlFragment).children for node in _read(child))


def write_text(doc: Doc[Any], name: str, blocks: Blocks) -> None:
    """Makes the text of the root fragment `blocks`, changing only from the first to the last block that differs."""
    wanted = tidy(blocks)
    with doc.transaction():
        children = doc.get(name, type=XmlFragment).children
        present = [_read(child) for child in children]
        start = 0
        while start < min(len(present), len(wanted)) and _same(present[start], wanted[start]):
            start += 1
        end = 0
        while end < min(len(present), len(wanted)) - start and _same(present[-1 - end], wanted[-1 - end]):
            end += 1
        del children[start : len(present) - end]
        for position, node in enumerate(wanted[start : len(wanted) - end], start):
            _write(children.insert(position, XmlElement(node.name)), node)


def picture_arrived(doc: Doc[Any], upload: str, resource: str) -> None:
    """Fills the gap that waits for that upload with the resource, wherever in the plan it stands; none may be there any more."""
    with doc.transaction():
        for name in list(doc.keys()):
            if name.startswith((section_name(""), "step:")):
                _fill_gap(doc.get(name, type=XmlFragment), upload, resource)


def _fill_gap(parent: XmlFragment | XmlElement, upload: str, resource: str) -> None:
    for child in parent.children:
        if not isinstance(child, XmlElement):
            continue
        if child.tag == "image" and child.attributes.get("upload") == upload:
            child.attributes["resource"] = resource
            del child.attributes["upload"]
        _fill_gap(child, upload, resource)


def _same(present: list[Node], wanted: Node) -> bool:
    return len(present) == 1 and present[0].name == wanted.name and tidy(present) == tidy([wanted])


def _read_step(doc: Doc[Any], step_id: str, step: Map[Any], fields: list[str]) -> StepContent:
    campuses = {
        code: read_text(doc, campus_field_name(step_id, code))
        for code in _suffixes(fields, campus_field_name(step_id, ""))
    }
    minutes = step.get("minutes")
    return StepContent(
        id=step_id,
        title=_string(step.get("title")),
        minutes=None if minutes is None else _count(minutes),
        teacher=read_text(doc, step_field_name(step_id, "teacher")),
        pupils=read_text(doc, step_field_name(step_id, "pupils")),
        intent=read_text(doc, step_field_name(step_id, "intent")),
        resources=_string(step.get("resources")),
        campuses={code: blocks for code, blocks in campuses.items() if blocks},
    )


def _suffixes(names: list[str], prefix: str) -> list[str]:
    return sorted(name.removeprefix(prefix) for name in names if name.startswith(prefix))


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _count(value: object) -> int:
    return max(int(value), 0) if isinstance(value, int | float) and abs(value) < 1e6 else 0


def _read(child: XmlElement | XmlFragment | XmlText) -> list[Node]:
    if isinstance(child, XmlText):
        return [
            Node("text", text=words, marks=_read_marks(formats or {}))
            for words, formats in child.diff()
            if isinstance(words, str)
        ]
    content = [node for grandchild in child.children for node in _read(grandchild)]
    if not isinstance(child, XmlElement):
        return content
    name = child.tag or ""
    known = NODES.get(name, {})
    pairs = child.attributes.__iter__()  # pycrdt declares an Iterable where an Iterator is asked for
    attrs = {key: value for key, value in pairs if value is not None and value != known.get(key)}
    return [Node(name, content, attrs)]


def _read_marks(formats: dict[str, Any]) -> tuple[Mark, ...]:
    marks = []
    for name, value in formats.items():
        if value is not None:
            hashed = _HASHED_MARK.fullmatch(name)
            marks.append(Mark(hashed.group(1) if hashed else name, value if isinstance(value, dict) else {}))
    return tuple(marks)


def _write(element: XmlElement, node: Node) -> None:
    for key, value in {**NODES[node.name], **node.attrs}.items():
        element.attributes[key] = value
    run: XmlText | None = None
    at = 0
    for child in node.content:
        if child.name != "text":
            run = None
            _write(element.children.append(XmlElement(child.name)), child)
            continue
        if run is None:
            run, at = element.children.append(XmlText()), 0
        run.insert(at, child.text, {mark.name: mark.attrs for mark in child.marks})
        at += len(child.text.encode())  # positions in a Y text count bytes in pycrdt
