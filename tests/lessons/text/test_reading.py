"""What people read is what the document says, and nothing in it can do harm."""

import re

import pytest
from hypothesis import Phase, given, settings

from lessons.text.content import Blocks, Mark, Node, PlanContent, StepContent, paragraph, plain_text, text
from lessons.text.markdown import markdown_to_blocks
from lessons.text.markup import html_to_blocks
from lessons.text.reading import plan_summary, plan_to_html, resources_in
from tests.lessons.text.strategies import texts

QUICK = [phase for phase in Phase if phase is not Phase.shrink]


def html_of(blocks: Blocks) -> str:
    section = plan_to_html(PlanContent(sections={"other": blocks}), section_level=1).section("other")
    return str(section.html) if section else ""


def words(blocks: Blocks) -> str:
    return re.sub(r"\s", "", plain_text(blocks))


@settings(deadline=None, max_examples=60, phases=QUICK)
@given(texts)
def test_every_word_of_a_text_is_shown(blocks: Blocks) -> None:
    html = re.sub("这张图片(还没有传完|不在这份教案里，或者已被删除)。", "", html_of(blocks))
    assert words(html_to_blocks(html)) == words(blocks)


def test_a_picture_is_shown_only_where_it_may_be() -> None:
    def picture(resource: str, **more: str | int) -> Node:
        return Node("image", attrs={"resource": resource, **more})

    content = PlanContent(
        sections={"other": [picture("k3x9", alt='雨"量<图', width=50), picture("secret"), picture("", upload="m19d")]}
    )
    (section,) = plan_to_html(content, {"k3x9": "/plans/p/files/k3x9"}).sections
    assert str(section.html).count("<img") == 1
    assert 'class="picture picture-50" src="/plans/p/files/k3x9"' in section.html
    assert 'alt="雨&quot;量' in section.html
    assert "不在这份教案里" in section.html
    assert "还没有传完" in section.html
    assert resources_in(content) == {"k3x9", "secret"}


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        "[点我](javascript:alert(1))",
        '<a href="javascript:alert(1)">点我</a>',
        '<div onclick="alert(1)" style="position:fixed">x</div>',
        '<table><tr><td style="background:url(//x)"><iframe src="//x"></iframe></td></tr></table>',
        "<svg><a xlink:href='javascript:alert(1)'>x</a></svg>",
    ],
)
def test_hostile_markdown_becomes_harmless(hostile: str) -> None:
    html = html_of(markdown_to_blocks(hostile))
    assert not re.search(r"<(script|img|iframe|svg)|\son\w+=|href=.javascript|style=", html, re.IGNORECASE)


def test_a_link_with_a_script_typed_into_the_document_loses_its_target() -> None:
    shown = html_of([paragraph(text("点我", Mark("link", {"href": "javascript:alert(1)"})))])
    assert shown == "<p>点我</p>"


def test_tags_written_as_words_are_shown_as_words() -> None:
    assert html_of([paragraph("<script>alert(1)</script>")]) == "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"


def test_a_formula_is_left_for_the_page_to_set() -> None:
    html = html_of(
        [
            paragraph("半个：", Node("inlineMath", attrs={"latex": "\\frac{1}{2}"})),
            Node("blockMath", attrs={"latex": "x<y"}),
        ]
    )
    assert '<span class="math" data-latex="\\frac{1}{2}">\\frac{1}{2}</span>' in html
    assert '<div class="math" data-latex="x&lt;y">x&lt;y</div>' in html


def test_pinyin_stays_above_its_character() -> None:
    assert (
        html_of([paragraph(Node("ruby", attrs={"base": "分", "text": "fēn"}))]) == "<p><ruby>分<rt>fēn</rt></ruby></p>"
    )


def test_a_link_does_not_tell_the_other_side_where_it_came_from() -> None:
    html = html_of([paragraph(text("课标", Mark("link", {"href": "https://a.cn/x"})))])
    assert html == '<p><a href="https://a.cn/x" rel="noopener noreferrer nofollow">课标</a></p>'


def test_headings_fit_under_those_of_the_page() -> None:
    plan = PlanContent(
        sections={"other": [Node("heading", [text("小标题")], {"level": 2})]},
        steps=[StepContent("a" * 10, teacher=[Node("heading", [text("小标题")], {"level": 1})])],
    )
    reading = plan_to_html(plan, section_level=3, step_level=5)
    assert str(reading.sections[0].html) == "<h4>小标题</h4>"
    assert str(reading.steps[0].teacher) == "<h5>小标题</h5>"


def test_the_web_address_of_a_resource_is_found() -> None:
    plan = PlanContent(steps=[StepContent("a" * 10, resources="课件\n视频 https://a.cn/v?x=1，看两遍\n")])
    assert plan_to_html(plan).steps[0].resources == [
        ("课件", ""),
        ("视频 https://a.cn/v?x=1，看两遍", "https://a.cn/v?x=1"),
    ]


def test_a_summary_takes_the_minutes_of_the_steps_and_the_first_words_of_the_objectives() -> None:
    plan = PlanContent(
        "分数", 2, 40, {"objectives": [paragraph("认识几分之一。" * 40)]}, [StepContent("a" * 10, minutes=5)]
    )
    summary = plan_summary(plan)
    assert (summary.title, summary.minutes) == ("分数", 5)
    assert summary.words.startswith("认识几分之一。")
    assert len(summary.words) == 120
    assert plan_summary(PlanContent("分数", 2, 40)).minutes == 80


def test_a_usual_text_goes_through_python_markdown_as_it_is() -> None:
    usual = "- [x] 课件\n- [ ] 学习单\n  - [ ] 彩笔\n\n1. **看**图\n2. ~~背~~ $x^2$\n   - 说\n\n| 甲 | 乙 |\n| --- | --- |\n| 一 | 二 |\n\n> 引"
    html = html_of(markdown_to_blocks(usual))
    assert '<li data-checked="true">课件</li>' in html
    assert "<thead>" in html  # Python-Markdown makes one, our own HTML does not
    assert html_to_blocks(html) == markdown_to_blocks(usual)
