"""Plans and texts of every shape the schema allows, for hypothesis."""

from typing import Any

from hypothesis import strategies as st

from lessons.text.content import Blocks, Mark, Node, PlanContent, StepContent
from lessons.text.schema import SECTIONS
from lessons.text.tidy import tidy

words = st.text(
    st.sampled_from("分数的初步认识，。：“”（）、　 ab_1.*|$<>#-+~`[]()!&;\\/=:x\n\t\u00a0é😀𠮟{}^\"'"),
    min_size=1,
    max_size=8,
) | st.sampled_from(
    [
        "教学目标",
        "# 标题",
        "- 条目",
        "1. 一",
        "2) 二",
        "> 引",
        "---",
        "===",
        "```",
        "$$",
        "&nbsp;",
        "&#65;",
        "<b>",
        "</p>",
        "[a](b)",
        "[a]: b",
        "**",
        "~~x~~",
        "http://a.b/c_d_e",
        "| a | b |",
        "3~5分钟",
        "（5 分钟）",
        "<!-- 环节 x -->",
        "    缩进",
        "[ ] ",
        "第一行\n第二行",
    ]
)
latex = st.sampled_from(
    ["\\frac{1}{2}", "x", "a_1^2", "x < y", " x ", "a|b", "$", "", "a\\", "\\text{元}\\$", "a\n\nb", "\\\\", "1"]
)
link = st.sampled_from(["https://a.b/c?d=1&e=%20", "/files/图 片", "http://a/(b)", "#x", "http://a/<b>|c"]).map(
    lambda href: Mark("link", {"href": href})
)
mark = link | st.sampled_from(
    [Mark(name) for name in ("bold", "italic", "underline", "strike", "superscript", "subscript", "code")]
)
text = st.builds(lambda w, m: Node("text", text=w, marks=tuple(m)), words, st.lists(mark, max_size=3))
inline_atom = st.one_of(
    st.just(Node("hardBreak")),
    latex.map(lambda formula: Node("inlineMath", attrs={"latex": formula})),
    st.builds(lambda base, above: Node("ruby", attrs={"base": base, "text": above}), words, words),
)
inline = st.lists(st.one_of(text, text, inline_atom), max_size=4)


def _node(name: str, **attrs: Any) -> Any:
    return lambda content: Node(name, list(content), {key: value for key, value in attrs.items() if value is not None})


paragraph = inline.map(_node("paragraph"))
heading = st.builds(lambda content, level: Node("heading", content, {"level": level}), inline, st.integers(1, 4))
code = st.builds(
    lambda code, language: Node(
        "codeBlock", [Node("text", text=code)] if code else [], {"language": language} if language else {}
    ),
    st.just("") | words | st.sampled_from(["print(1/2)\n\n  x = 1", "```\n", "\n"]),
    st.sampled_from(["", "python", "c++", "类型"]),
)
leaf = st.one_of(
    paragraph,
    paragraph,
    heading,
    code,
    st.just(Node("horizontalRule")),
    latex.map(lambda formula: Node("blockMath", attrs={"latex": formula})),
    st.builds(
        lambda data: Node("block", attrs={"kind": "quiz", "data": data}), st.just("") | st.just('{"问": 1}') | words
    ),
    st.builds(
        lambda resource, alt, width, upload: Node(
            "image", attrs={"resource": resource, "alt": alt, "width": width, **upload}
        ),
        st.sampled_from(["k3x9abcd27", "k3x9abcd27", ""]),
        st.just("") | words,
        st.sampled_from([25, 50, 75, 100, 33]),
        st.sampled_from([{}, {"upload": "m19dfb1mne"}]),
    ),
)


def _lists(blocks: Any) -> Any:
    inside = st.builds(lambda first, rest: [first, *rest], paragraph, st.lists(blocks, max_size=2))
    items = st.lists(inside.map(_node("listItem")), min_size=1, max_size=3)
    tasks = st.lists(
        st.builds(lambda content, checked: Node("taskItem", content, {"checked": checked}), inside, st.booleans()),
        min_size=1,
        max_size=3,
    )
    return st.one_of(
        items.map(_node("bulletList")),
        st.builds(
            lambda content, start: _node("orderedList", start=start)(content),
            items,
            st.integers(0, 12),
        ),
        tasks.map(_node("taskList")),
    )


def _tables(blocks: Any) -> Any:
    def cell(name: str, content: Any) -> Any:
        return st.builds(
            lambda inside, across, down, width: _node(
                name, colspan=across, rowspan=down, colwidth=[width] if width and across == 1 else None
            )(inside),
            content,
            st.sampled_from([1, 1, 1, 2]),
            st.sampled_from([1, 1, 1, 2]),
            st.sampled_from([None, None, None, 120]),
        )

    wild = st.lists(
        st.lists(
            cell("tableCell", st.lists(blocks, min_size=1, max_size=2))
            | cell("tableHeader", paragraph.map(lambda p: [p])),
            min_size=1,
            max_size=3,
        ),
        min_size=1,
        max_size=3,
    )
    plain = (
        st.integers(1, 3)
        .flatmap(lambda width: st.lists(st.lists(paragraph, min_size=width, max_size=width), min_size=1, max_size=3))
        .map(
            lambda rows: [
                [Node("tableCell" if number else "tableHeader", [p]) for p in row] for number, row in enumerate(rows)
            ]
        )
    )
    return (wild | plain).map(lambda rows: Node("table", [Node("tableRow", row) for row in rows]))


block = st.recursive(
    leaf,
    lambda blocks: st.one_of(
        _lists(blocks), _tables(blocks), st.lists(blocks, min_size=1, max_size=3).map(_node("blockquote"))
    ),
    max_leaves=4,
)
texts: st.SearchStrategy[Blocks] = st.lists(block, max_size=3).map(tidy)
campus = st.sampled_from(["dong", "xi-2", "本部"])
step = st.builds(
    StepContent,
    id=st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=10, max_size=10),
    title=st.just("") | words | st.just("导入（5 分钟）"),
    minutes=st.none() | st.integers(0, 90),
    teacher=texts,
    pupils=st.just([]) | texts,
    intent=st.just([]) | texts,
    resources=st.sampled_from(["", "课件", "https://a.b/c_d\n学习单\n", "\n", "- x\n\n y"]),
    campuses=st.dictionaries(campus, texts.filter(bool), max_size=1),
)
plans = st.builds(
    PlanContent,
    title=st.just("") | words,
    periods=st.integers(1, 9),
    minutes=st.sampled_from([40, 45]),
    sections=st.dictionaries(st.sampled_from(list(SECTIONS)), texts.filter(bool), max_size=2),
    steps=st.lists(step, max_size=2, unique_by=lambda each: each.id),
)
