"""The shared document means the same to the server and to the editor in the browser."""

import base64
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pycrdt import Doc, Map

from lessons.text.content import Blocks, Mark, Node, PlanContent, StepContent, paragraph, text
from lessons.text.document import add_step, build_plan, read_plan, write_section
from lessons.text.ordering import keys_after
from lessons.text.schema import NODES
from tests.lessons.text.strategies import plans, texts

ROOT = Path(__file__).resolve().parents[3]
QUICK = [phase for phase in Phase if phase is not Phase.shrink]
with_editor = settings(
    deadline=None,
    max_examples=25,
    phases=QUICK,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

Ask = Callable[[dict[str, Any]], dict[str, Any]]


@pytest.fixture(scope="module")
def editor() -> Iterator[Ask]:
    """The editor of the page in a Node process; a question gets one answer."""
    node = shutil.which("node")
    assert node, "Node is needed: see README"
    process = subprocess.Popen(
        [node, "tests/js/agreement.mjs"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    assert process.stdin
    assert process.stdout
    assert json.loads(process.stdout.readline()) == {"ready": True}

    def ask(question: dict[str, Any]) -> dict[str, Any]:
        assert process.stdin
        assert process.stdout
        process.stdin.write(json.dumps(question) + "\n")
        process.stdin.flush()
        answer: dict[str, Any] = json.loads(process.stdout.readline())
        assert "problem" not in answer, answer["problem"]
        return answer

    yield ask
    process.stdin.close()
    process.wait(timeout=20)
    process.stdout.close()


def as_json(node: Node) -> dict[str, Any]:
    """The node as ProseMirror writes it."""
    if node.name == "text":
        marks = [{"type": mark.name, **({"attrs": mark.attrs} if mark.attrs else {})} for mark in node.marks]
        return {"type": "text", "text": node.text, **({"marks": marks} if marks else {})}
    attrs: dict[str, Any] = {**NODES[node.name], **node.attrs}
    return {
        "type": node.name,
        **({"attrs": attrs} if attrs else {}),
        **({"content": [as_json(child) for child in node.content]} if node.content else {}),
    }


def without_empty(value: Any) -> Any:
    """JSON without attributes that hold nothing: whether they are left out or null means the same."""
    if isinstance(value, list):
        return [without_empty(each) for each in value]
    if isinstance(value, dict):
        cleaned = {key: without_empty(each) for key, each in value.items() if each is not None}
        return {key: each for key, each in cleaned.items() if each != {}}
    return value


def encoded(doc: Doc[Any]) -> str:
    return base64.b64encode(doc.get_update()).decode()


@with_editor
@given(plan=plans)
def test_a_document_made_here_opens_in_the_editor_with_nothing_to_repair(editor: Ask, plan: PlanContent) -> None:
    opened = editor({"open": encoded(build_plan(plan))})
    assert opened["writes"] == 0
    for key, blocks in plan.sections.items():
        assert without_empty(opened["texts"][f"section:{key}"]) == [without_empty(as_json(block)) for block in blocks]


@with_editor
@given(blocks=texts.filter(bool))
def test_typing_below_a_text_made_here_writes_only_what_was_typed(editor: Ask, blocks: Blocks) -> None:
    assert editor({"open": encoded(build_plan(PlanContent(sections={"board": blocks})))})["typed"] < 120


@with_editor
@given(blocks=texts.filter(bool))
def test_a_text_written_in_the_editor_reads_back_the_same(editor: Ask, blocks: Blocks) -> None:
    written = editor({"write": {"section:board": [as_json(block) for block in blocks]}})
    doc: Doc[Any] = Doc()
    doc.apply_update(base64.b64decode(written["update"]))
    assert read_plan(doc).sections == {"board": blocks}


def test_order_keys_are_those_of_the_editor(editor: Ask) -> None:
    assert editor({"keys": [None, 4000]})["keys"] == keys_after(None, 4000)
    for last in ("a0V", "Zz", "Zy", "YzZ", "az", "bzz"):
        assert editor({"keys": [last, 3]})["keys"] == keys_after(last, 3)


@settings(deadline=None, max_examples=30, phases=QUICK)
@given(plans)
def test_a_plan_reads_back_from_its_document_as_it_was(plan: PlanContent) -> None:
    copy: Doc[Any] = Doc()
    copy.apply_update(build_plan(plan).get_update())
    assert read_plan(copy) == plan


@settings(deadline=None, max_examples=30, phases=QUICK)
@given(texts, texts)
def test_a_section_written_again_says_the_new_text(before: Blocks, after: Blocks) -> None:
    doc = build_plan(PlanContent(sections={"board": before}))
    write_section(doc, "board", after)
    assert read_plan(doc).sections.get("board", []) == after


def test_writing_what_is_there_already_changes_nothing() -> None:
    link = Mark("link", {"href": "https://a.cn/"})
    blocks = [paragraph(text("分数", link)), Node("heading", [text("二")], {"level": 2}), paragraph("尾")]
    doc = build_plan(PlanContent(sections={"board": blocks}))
    before = doc.get_state()
    write_section(doc, "board", blocks)
    assert doc.get_state() == before


def test_a_changed_paragraph_leaves_its_neighbours_to_those_who_write_in_them() -> None:
    doc = build_plan(PlanContent(sections={"board": [paragraph("一"), paragraph("二"), paragraph("三")]}))
    colleague: Doc[Any] = Doc()
    colleague.apply_update(doc.get_update())
    write_section(colleague, "board", [paragraph("一！"), paragraph("二"), paragraph("三")])
    write_section(doc, "board", [paragraph("一"), paragraph("二"), paragraph("三！")])
    doc.apply_update(colleague.get_update())
    assert read_plan(doc).sections["board"] == [paragraph("一！"), paragraph("二"), paragraph("三！")]


def test_a_step_taken_away_is_not_read_but_can_come_back() -> None:
    doc = build_plan(PlanContent(steps=[StepContent("a" * 10, "导入", 5, teacher=[paragraph("讲")])]))
    step = doc.get("steps", type=Map)["a" * 10]
    step["removed"] = True
    assert read_plan(doc).steps == []
    step["removed"] = False
    assert [each.title for each in read_plan(doc).steps] == ["导入"]


def test_steps_come_in_their_order_and_new_ones_last() -> None:
    doc = build_plan(PlanContent(steps=[StepContent("z" * 10, "一"), StepContent("a" * 10, "二")]))
    add_step(doc, StepContent("m" * 10, "三"))
    assert [step.title for step in read_plan(doc).steps] == ["一", "二", "三"]


def test_values_of_the_wrong_kind_do_no_harm() -> None:
    doc: Doc[Any] = Doc()
    doc["meta"] = Map({"title": 3, "periods": "x", "minutes": None})
    doc["steps"] = Map({"x": 1, "y": Map({"title": None, "minutes": "五", "order": 2})})
    plan = read_plan(doc)
    assert (plan.title, plan.periods, plan.minutes) == ("", 1, 40)
    assert [(step.id, step.title, step.minutes) for step in plan.steps] == [("y", "", 0)]


@given(st.lists(st.integers(1, 30), min_size=1, max_size=5))
def test_order_keys_rise(counts: list[int]) -> None:
    keys: list[str] = []
    for count in counts:
        keys += keys_after(keys[-1] if keys else None, count)
    assert keys == sorted(set(keys))
