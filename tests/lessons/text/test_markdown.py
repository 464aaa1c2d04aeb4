"""A plan says the same as Markdown, whatever stands in it."""

from hypothesis import Phase, given, settings

from lessons.text.content import Blocks, PlanContent, plain_text
from lessons.text.document import build_plan, read_plan
from lessons.text.markdown import blocks_to_markdown, markdown_to_blocks, markdown_to_plan, plan_to_markdown
from lessons.text.markup import blocks_to_html, html_to_blocks
from tests.lessons.text.strategies import plans, texts

# Shrinking a plan takes minutes; the failing one is printed whole.
QUICK = [phase for phase in Phase if phase is not Phase.shrink]


@settings(deadline=None, max_examples=60, phases=QUICK)
@given(texts)
def test_a_text_reads_back_from_html_as_it_was(blocks: Blocks) -> None:
    assert html_to_blocks(blocks_to_html(blocks)) == blocks


@settings(deadline=None, max_examples=60, phases=QUICK)
@given(texts)
def test_a_text_reads_back_from_markdown_as_it_was(blocks: Blocks) -> None:
    assert markdown_to_blocks(blocks_to_markdown(blocks)) == blocks


@settings(deadline=None, max_examples=25, phases=QUICK)
@given(plans)
def test_a_plan_reads_back_from_markdown_as_it_was(plan: PlanContent) -> None:
    assert markdown_to_plan(plan_to_markdown(plan)) == plan


@settings(deadline=None, max_examples=25, phases=QUICK)
@given(plans)
def test_markdown_stays_the_same_to_the_byte_over_the_shared_document(plan: PlanContent) -> None:
    markdown = plan_to_markdown(plan)
    assert plan_to_markdown(read_plan(build_plan(markdown_to_plan(markdown)))) == markdown


USUAL = """\
# 分数的初步认识

课时：2　每课时：40 分钟

## 教学目标·核心素养

1. 结合具体情境，初步认识**几分之一**，会读、会写；
2. 能表示 $\\frac{1}{2}$，感受[分数](https://example.org/a_b)与生活的联系。
   - *折纸*、~~背诵~~ → 动手
   - **“平均分”**是关键

## 教学过程

### 情境导入（5 分钟）

<!-- 环节 m19dfb1mne -->

#### 教师活动

出示：把 1 个月饼平均分给 2 人\\
提问：每人分得多少？

| 环节 | 说明 |
| --- | --- |
| 导入<br>（5 分钟） | a \\| b，3~5 人，snake_case |

- [x] 课件
- [ ] 学习单

#### 学生活动

> 独立思考，<ruby>分<rt>fēn</rt></ruby>数，H<sub>2</sub>O。

$$
\\frac{1}{2} + \\frac{1}{2} = 1
$$

#### 资源

- 课件第 3 页
- https://example.org/a_b

#### 校区要点：东校区（dong）

用本地的月饼。

### 小结

<!-- 环节 abcdefghij -->

## 板书设计

##### 分数

```python
print(1/2)
```
"""


def test_a_usual_plan_is_plain_markdown_and_stays_as_it_is() -> None:
    plan = markdown_to_plan(USUAL)
    assert plan_to_markdown(plan, {"dong": "东校区"}) == USUAL
    assert [(step.title, step.minutes) for step in plan.steps] == [("情境导入", 5), ("小结", None)]


def test_words_outside_the_form_are_kept_in_other() -> None:
    plan = markdown_to_plan("前言\n\n# 题目\n\n引子\n\n## 课后延伸\n\n阅读\n\n## 教学过程\n\n说明\n\n### 导入\n\n讲")
    assert plain_text(plan.sections["other"]) == "前言\n引子\n课后延伸\n阅读\n说明"
    assert plain_text(plan.steps[0].teacher) == "讲"


def test_line_breaks_in_a_paragraph_are_line_breaks() -> None:
    (block,) = markdown_to_blocks("年级：三\n课时：1")
    assert [node.name for node in block.content] == ["text", "hardBreak", "text"]


def test_a_merged_cell_makes_an_html_table() -> None:
    table = html_to_blocks('<table><tr><th colspan="2">合并</th></tr><tr><td>一</td><td>二</td></tr></table>')
    markdown = blocks_to_markdown(table)
    assert markdown.startswith("<table>\n<tbody>\n<tr>")
    assert markdown_to_blocks(markdown) == table


def test_bold_beside_chinese_punctuation_is_bold() -> None:
    (block,) = markdown_to_blocks("请**注意：**看“**重点**”")
    assert [node.text for node in block.content if node.marks] == ["注意：", "重点"]


def test_angle_brackets_of_a_program_are_words() -> None:
    assert plain_text(markdown_to_blocks("声明 List<String> 变量")) == "声明 List<String> 变量"
