"""The door for files from outside: each is read in a process of its own, with little time and little memory."""

import base64
import json
from dataclasses import asdict, dataclass, field
from pathlib import PurePath
from typing import Any

from pycrdt import Doc

from foundation.apart import Broke, TookTooLong, ask_apart
from lessons.importing.markdown_files import read_markdown
from lessons.importing.notes import Note
from lessons.importing.package import MAX_FILE
from lessons.importing.placing import place_blocks
from lessons.importing.refusing import Fault, Unreadable, refusal
from lessons.importing.word import read_word
from lessons.text.content import PlanContent
from lessons.text.document import build_plan, read_plan

SECONDS = 30
MEMORY = 2**30
"""How many bytes the reading process may ask the system for."""

_WORD_NAMES = (".docx", ".docm")
_MARKDOWN_NAMES = (".md", ".markdown", ".txt")


@dataclass(slots=True)
class Imported:
    """A plan read from a file, and in words what was put where and what could not be kept.

    `pictures` are those that its texts wait for, by the `upload` of their nodes.
    """

    content: PlanContent
    notes: list[str] = field(default_factory=list)
    pictures: dict[str, bytes] = field(default_factory=dict)


def read_plan_file(name: str, data: bytes) -> Imported:
    """The plan in a `.docx`, `.docm` or `.md` file of that name.

    Nothing the file says is dropped: what fits no section is in `other`, what cannot be kept is in the notes. The
    title is empty where the file has none. Raises `Invalid` (field `file`) with a sentence that names what is wrong.
    """
    try:
        _check(name, data)
        answer = _read_apart(name, data)
    except Unreadable as unreadable:
        raise refusal(name, unreadable) from unreadable
    doc: Doc[Any] = Doc()
    doc.apply_update(base64.b64decode(answer["plan"]))
    pictures = {gap: base64.b64decode(picture) for gap, picture in answer["pictures"].items()}
    return Imported(read_plan(doc), [Note(**note).sentence() for note in answer["notes"]], pictures)


def read_here(name: str, data: bytes) -> tuple[PlanContent, list[Note], dict[str, bytes]]:
    """The same in this very process, without limits of time or memory; raises `Unreadable`."""
    pictures: dict[str, bytes] = {}
    if PurePath(name).suffix.lower() in _WORD_NAMES:
        word = read_word(data)
        content, notes = place_blocks(word.blocks)
        notes += [Note(kind, count=count) for kind, count in word.counts.items()]
        pictures = word.pictures
    else:
        content, notes = read_markdown(data)
    if not (content.title or content.sections or content.steps):
        raise Unreadable(Fault.NO_TEXT)
    return content, notes, pictures


def answer_for(name: str, data: bytes) -> str:
    """What the reading process answers, as JSON."""
    try:
        content, notes, pictures = read_here(name, data)
    except Unreadable as unreadable:
        return json.dumps({"fault": unreadable.fault, "where": unreadable.where})
    update = base64.b64encode(build_plan(content).get_update()).decode()
    sent = {gap: base64.b64encode(picture).decode() for gap, picture in pictures.items()}
    return json.dumps({"plan": update, "notes": [asdict(note) for note in notes], "pictures": sent})


def _check(name: str, data: bytes) -> None:
    if PurePath(name).suffix.lower() not in _WORD_NAMES + _MARKDOWN_NAMES:
        old_word = PurePath(name).suffix.lower() in (".doc", ".wps")
        raise Unreadable(Fault.OLD_WORD if old_word else Fault.KIND)
    if not data:
        raise Unreadable(Fault.EMPTY)
    if len(data) > MAX_FILE:
        raise Unreadable(Fault.TOO_LARGE)


def _read_apart(name: str, data: bytes) -> dict[str, Any]:
    limits = [str(SECONDS), str(MEMORY)]
    try:
        answer = ask_apart("lessons.importing", [PurePath(name).suffix, *limits], data, SECONDS)
    except TookTooLong as problem:
        raise Unreadable(Fault.TOO_SLOW) from problem
    except Broke as problem:
        raise Unreadable(Fault.FAILED, str(problem)) from problem
    if "fault" in answer:
        raise Unreadable(Fault(answer["fault"]), answer["where"])
    return answer
