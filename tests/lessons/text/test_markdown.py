"""A plan says the same as Markdown, whatever stands in it."""

from hypothesis import given, settings

from lessons.text.content import Blocks, PlanContent
from lessons.text.document import build_plan, read_plan
from lessons.text.markdown import blocks_to_markdown, markdown_to_blocks, markdown_to_plan, plan_to_markdown
from lessons.text.markup import blocks_to_html, html_to_blocks
from tests.lessons.text.strategies import plans, texts


@settings(deadline=None)
@given(texts)
def test_a_text_reads_back_from_html_as_it_was(blocks: Blocks) -> None:
    assert html_to_blocks(blocks_to_html(blocks)) == blocks


@settings(deadline=None)
@given(texts)
def test_a_text_reads_back_from_markdown_as_it_was(blocks: Blocks) -> None:
    assert markdown_to_blocks(blocks_to_markdown(blocks)) == blocks


@settings(deadline=None, max_examples=40)
@given(plans)
def test_a_plan_reads_back_from_markdown_as_it_was(plan: PlanContent) -> None:
    assert markdown_to_plan(plan_to_markdown(plan)) == plan


@settings(deadline=None, max_examples=40)
@given(plans)
def test_markdown_stays_the_same_to_the_byte_over_the_shared_document(plan: PlanContent) -> None:
    markdown = plan_to_markdown(plan)
    assert plan_to_markdown(read_plan(build_plan(markdown_to_plan(markdown)))) == markdown
