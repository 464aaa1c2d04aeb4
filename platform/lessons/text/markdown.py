"""A plan as Markdown that teachers can read and edit anywhere, and back without loss.

Written is CommonMark with pipe tables, task lists, ~~strike~~ and $formulas$; what these cannot say stands in HTML.
Every block is read back while it is written and takes the plainest form that still says the same.
The form of a whole plan is fixed and does not follow the language of the page::

    # 分数的初步认识
    课时：1　每课时：40 分钟
    ## 教学目标·核心素养
    …
    ## 教学过程
    ### 情境导入（5 分钟）
    <!-- 环节 m19dfb1mne -->
    #### 教师活动
    …
    #### 校区要点：东校区（dong）
    …
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import groupby
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.tasklists import tasklists_plugin

from lessons.text.content import Blocks, Mark, Node, PlanContent, StepContent, new_step_id
from lessons.text.markup import RESOURCE, blocks_to_html, escape_text, escape_value, html_to_blocks, inline_html
from lessons.text.tidy import tidy

# The words of the form. They are part of the format, like the number signs before them.
SECTION_HEADINGS: Mapping[str, str] = {
    "standards": "课标要求",
    "textbook": "教材分析",
    "learners": "学情分析",
    "objectives": "教学目标·核心素养",
    "key_points": "教学重点",
    "difficulties": "教学难点",
    "preparation": "教学准备",
    "board": "板书设计",
    "homework": "作业设计",
    "reflection": "教学反思",
    "other": "其他",
}
_STEPS_HEADING = "教学过程"
_STEPS_STAND_BEFORE = "board"
_FIELD_HEADINGS: Mapping[str, str] = {"teacher": "教师活动", "pupils": "学生活动", "intent": "设计意图"}
_RESOURCES_HEADING = "资源"
_CAMPUS_HEADING = "校区要点："

_LENGTHS = re.compile(r"课时：(\d{1,3})　每课时：(\d{1,3}) 分钟")
_MINUTES = re.compile(r"(.*?)（(\d{1,4}) 分钟）", re.DOTALL)
_STEP_ID = re.compile(r"\s*<!-- 环节 ([a-z0-9]{1,40}) -->\s*")
_CAMPUS = re.compile(f"{_CAMPUS_HEADING}(?:.*（([^（）]+)）|(.+))")
_SECTION_KEYS = {heading: key for key, heading in SECTION_HEADINGS.items()}
_FIELDS = {heading: name for name, heading in _FIELD_HEADINGS.items()}

_SECTION_SHIFT = 2
"""Headings inside a section stand so many levels deeper than in the text itself."""
_STEP_SHIFT = 4


# ---- a plan ----


def plan_to_markdown(content: PlanContent, campuses: Mapping[str, str] | None = None) -> str:
    """The whole plan as Markdown; `campuses` gives the names that stand beside the campus codes."""
    parts = [f"# {_line(content.title)}".rstrip(), f"课时：{content.periods}　每课时：{content.minutes} 分钟"]
    ordered = sorted(content.sections.items(), key=lambda section: _place(section[0]))
    before = [section for section in ordered if _place(section[0]) < _place(_STEPS_STAND_BEFORE)]
    parts.extend(_section(key, blocks) for key, blocks in before)
    if content.steps:
        parts.append(f"## {_STEPS_HEADING}")
        parts.extend(_step(step, campuses or {}) for step in content.steps)
    parts.extend(_section(key, blocks) for key, blocks in ordered[len(before) :])
    return "\n\n".join(part for part in parts if part) + "\n"


def markdown_to_plan(text: str) -> PlanContent:
    """The plan in a text of the form above.

    Whatever stands outside the form is kept in the section `other`; a step without an id gets a new one.
    """
    reader = _PlanReader()
    for block in _top_level(_MARKDOWN.parse(text, reader.env)):
        reader.take(block)
    return reader.content()


def is_own_form(text: str) -> bool:
    """Whether the text was written by `plan_to_markdown`: so that it can be read exactly instead of by guessing."""
    head = text.lstrip("\ufeff \n").split("\n\n", 2)
    return len(head) > 1 and head[0].startswith("#") and _LENGTHS.fullmatch(head[1].strip()) is not None


def _place(key: str) -> int:
    return list(SECTION_HEADINGS).index(key) if key in SECTION_HEADINGS else len(SECTION_HEADINGS)


def _section(key: str, blocks: Blocks) -> str:
    return f"## {SECTION_HEADINGS.get(key, key)}\n\n{blocks_to_markdown(blocks, _SECTION_SHIFT)}"


def _step(step: StepContent, campuses: Mapping[str, str]) -> str:
    title = _line(step.title)
    if step.minutes is not None:
        title += f"（{step.minutes} 分钟）"
    elif _MINUTES.fullmatch(title):
        title = title.replace("（", "&#65288;")  # these minutes are part of the title
    parts = [f"### {title}".rstrip(), f"<!-- 环节 {step.id} -->"]
    for name, heading in _FIELD_HEADINGS.items():
        blocks: Blocks = getattr(step, name)
        if blocks:
            parts += [f"#### {heading}", blocks_to_markdown(blocks, _STEP_SHIFT)]
    if step.resources:
        lines = "\n".join(f"- {_line(line, '- ')}".rstrip() for line in step.resources.split("\n"))
        parts += [f"#### {_RESOURCES_HEADING}", lines]
    for code, blocks in sorted(step.campuses.items()):
        label = f"{_line(campuses[code])}（{_line(code)}）" if code in campuses else _line(code)
        parts += [f"#### {_CAMPUS_HEADING}{label}", blocks_to_markdown(blocks, _STEP_SHIFT)]
    return "\n\n".join(parts)


class _PlanReader:
    """Takes the top-level blocks of a plan one after the other and remembers where they belong."""

    def __init__(self) -> None:
        self.env: dict[str, Any] = {}
        self._plan = PlanContent()
        self._titled = False
        self._in_steps = False
        self._shift = _SECTION_SHIFT
        self._sections: dict[str, list[Token]] = {"other": []}
        self._fields: list[dict[str, list[Token]]] = []
        self._target = self._sections["other"]

    def take(self, block: list[Token]) -> None:
        """Reads one block: a heading of the form opens a new place, anything else goes to the place that is open."""
        first = block[0]
        raw = block[1].content if len(block) > 1 else first.content
        if not (first.type == "heading_open" and self._open(first.tag, block[1])) and not self._know(first, raw):
            self._target.extend(block)

    def content(self) -> PlanContent:
        """The plan that was read."""
        plan = self._plan
        for key, tokens in self._sections.items():
            blocks = self._read(tokens, _SECTION_SHIFT)
            if blocks:
                plan.sections[key] = blocks
        if "other" in plan.sections:
            plan.sections["other"] = plan.sections.pop("other")
        for step, fields in zip(plan.steps, self._fields, strict=True):
            for name, tokens in fields.items():
                self._fill(step, name, tokens)
        return plan

    def _open(self, tag: str, inline: Token) -> bool:
        words = _plain(inline)
        if tag == "h1" and not self._titled:
            self._plan.title, self._titled = words, True
            return True
        if tag == "h2":
            return self._open_section(words)
        if not self._in_steps or tag not in ("h3", "h4"):
            return False
        return self._open_step(inline) if tag == "h3" else self._open_field(words)

    def _open_section(self, words: str) -> bool:
        key = _SECTION_KEYS.get(words, words if re.fullmatch("[a-z_]{1,40}", words) else None)
        self._in_steps = words == _STEPS_HEADING
        self._target = self._sections.setdefault("other" if self._in_steps else key or "other", [])
        return self._in_steps or key is not None

    def _open_step(self, inline: Token) -> bool:
        timed = _MINUTES.fullmatch(inline.content)
        title = _plain(_MARKDOWN.parseInline(timed[1], self.env)[0]) if timed else _plain(inline)
        self._plan.steps.append(StepContent(new_step_id(), title, int(timed[2]) if timed else None))
        self._fields.append({"teacher": []})
        self._target = self._fields[-1]["teacher"]
        return True

    def _open_field(self, words: str) -> bool:
        campus = _CAMPUS.fullmatch(words)
        name = f"{_CAMPUS_HEADING}{campus[1] or campus[2]}" if campus else _FIELDS.get(words)
        if words == _RESOURCES_HEADING:
            name = "resources"
        if not name or not self._fields:
            return False
        self._target = self._fields[-1].setdefault(name, [])
        return True

    def _know(self, first: Token, raw: str) -> bool:
        lengths = _LENGTHS.fullmatch(raw) if first.type == "paragraph_open" and self._titled else None
        if lengths and not self._target:
            self._plan.periods, self._plan.minutes = int(lengths[1]), int(lengths[2])
            return True
        step_id = _STEP_ID.fullmatch(raw) if first.type == "html_block" else None
        if step_id and self._in_steps and self._plan.steps and not self._target:
            self._plan.steps[-1].id = step_id[1]
            return True
        return False

    def _fill(self, step: StepContent, name: str, tokens: list[Token]) -> None:
        if name == "resources":
            step.resources = "\n".join(_plain(token) for token in _lines(tokens))
        elif name.startswith(_CAMPUS_HEADING):
            blocks = self._read(tokens, _STEP_SHIFT)
            if blocks:
                step.campuses[name.removeprefix(_CAMPUS_HEADING)] = blocks
        else:
            setattr(step, name, self._read(tokens, _STEP_SHIFT))

    def _read(self, tokens: list[Token], shift: int) -> Blocks:
        return _render(tokens, {**self.env, "shift": shift})


def _lines(tokens: list[Token]) -> list[Token]:
    """One inline token for each item of the lists and each paragraph, an empty one for an empty item."""
    lines = []
    for token, following in zip(tokens, [*tokens[1:], Token("", "", 0)], strict=True):
        if token.type == "inline" or (token.type == "list_item_open" and following.type == "list_item_close"):
            lines.append(token)
    return lines


def _top_level(tokens: Sequence[Token]) -> Iterable[list[Token]]:
    block: list[Token] = []
    for token in tokens:
        block.append(token)
        if token.level == 0 and token.nesting <= 0:
            yield block
            block = []


def _plain(inline: Token) -> str:
    words = []
    for token in inline.children or []:
        if token.type in ("text", "code_inline"):
            words.append(token.content)
        elif token.type in ("softbreak", "hardbreak"):
            words.append(" ")
        elif token.type == "math_inline":
            words.append(f"${token.content}$")
        elif token.type == "image":
            words.append(_plain(token))
    return "".join(words)


# ---- reading a text ----


class _Markdown(MarkdownIt):
    """Links are taken as they are written: `tidy` decides which of them are safe."""

    def validateLink(self, url: str) -> bool:
        return True

    def normalizeLink(self, url: str) -> str:
        return url


_HAN = re.compile(
    "[\u2014\u2018-\u201d\u2026\u3001-\u303f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff01-\uff60\uffe0-\uffee\U00020000-\U0003ffff]"
)


def _emphasis(state: StateInline, silent: bool) -> bool:
    """The rule of CommonMark, but **“重点”**也 is bold: Chinese puts no spaces beside punctuation."""
    start = state.pos
    marker = state.src[start]
    if silent or marker not in "*_":
        return False
    opens, closes, length = state.scanDelims(start, marker == "*")
    before = state.src[start - 1] if start else " "
    after = state.src[start + length] if start + length < state.posMax else " "
    if marker == "*" and (_HAN.match(before) or _HAN.match(after)):
        opens, closes = not after.isspace(), not before.isspace()
    for _ in range(length):
        state.push("text", "", 0).content = marker
        state.delimiters.append(Delimiter(ord(marker), length, len(state.tokens) - 1, -1, opens, closes))
    state.pos += length
    return True


class _ToHtml(RendererHTML):
    """HTML in the form that `markup` reads: white space and formulas exactly as they were written."""

    def text(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        words = tokens[idx].content
        if idx and "task-list-item-checkbox" in tokens[idx - 1].content:
            words = words.removeprefix(" ")
        return escape_text(words)

    def code_inline(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return f"<code>{escape_text(tokens[idx].content)}</code>"

    def softbreak(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        broken = idx and re.fullmatch(r"<br\s*/?>", tokens[idx - 1].content, re.IGNORECASE)
        return "" if broken else "<br>"

    def hardbreak(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return "<br>"

    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        source = str(tokens[idx].attrs.get("src", ""))
        alt = escape_value(_plain(tokens[idx]))
        if source.startswith(RESOURCE):
            title = escape_value(str(tokens[idx].attrs.get("title", "")))
            return f'<img src="{escape_value(source)}" alt="{alt}" title="{title}">'
        picture = f'<img alt="{alt}">'
        return f'<a href="{escape_value(source)}">{picture}</a>' if source.startswith("http") else picture

    def math_inline(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return f'<span class="math" data-latex="{escape_value(tokens[idx].content)}"></span>'

    def math_block(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return f'<div class="math" data-latex="{escape_value(tokens[idx].content.strip())}"></div>\n'

    def heading_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return f"<h{max(int(tokens[idx].tag[1]) - env.get('shift', 0), 1)}>"

    def heading_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return f"</h{max(int(tokens[idx].tag[1]) - env.get('shift', 0), 1)}>\n"


def _make_markdown() -> MarkdownIt:
    markdown = _Markdown("commonmark", {"html": True, "maxNesting": 100}, renderer_cls=_ToHtml)
    markdown.enable(["table", "strikethrough"])
    markdown.use(dollarmath_plugin, allow_space=False, allow_labels=False, allow_blank_lines=False)
    markdown.use(tasklists_plugin)
    markdown.inline.ruler.at("emphasis", _emphasis)
    for rule in ("math_inline", "math_block"):  # the plugin has put its own in their place
        markdown.add_render_rule(rule, getattr(_ToHtml, rule))
    return markdown


_MARKDOWN = _make_markdown()


def markdown_to_blocks(text: str, shift: int = 0) -> Blocks:
    """The text that the Markdown says; its headings stand `shift` levels deeper than they count.

    A single line break in a paragraph is a line break: that is how people without a typesetter mean it.
    """
    env: dict[str, Any] = {}
    return _render(_MARKDOWN.parse(text, env), {**env, "shift": shift})


def _render(tokens: Sequence[Token], env: dict[str, Any]) -> Blocks:
    return html_to_blocks(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, env))


# ---- writing a text ----


@dataclass(frozen=True, slots=True)
class _Style:
    """How plainly to write: with the fewest escapes; with every escape; with tags in place of stars."""

    shift: int
    every_escape: bool = False
    tags: bool = False
    in_cell: bool = False


def blocks_to_markdown(blocks: Blocks, shift: int = 0) -> str:
    """The text as Markdown without a line break at the end; its headings are written `shift` levels deeper."""
    wanted = tidy(blocks)
    quick = plain_markdown(wanted, shift)
    if markdown_to_blocks(quick, shift) == wanted:
        return quick
    careful = _joined(wanted, [_faithful(block, shift) for block in wanted])
    return careful if markdown_to_blocks(careful, shift) == wanted else blocks_to_html(wanted)


def plain_markdown(blocks: Blocks, shift: int = 0) -> str:
    """The text, which is valid, in its plainest Markdown: for those who compare with it what became of that."""
    plain = _Style(shift)
    texts = [_block(block, plain) if block.content else None for block in blocks]
    return _joined(blocks, [text or _faithful(block, shift) for text, block in zip(texts, blocks, strict=True)])


def _joined(blocks: Blocks, texts: Iterable[str]) -> str:
    """The texts of the blocks below each other; what would run together is kept apart by an empty comment."""
    parts: list[str] = []
    previous = ""
    for block, text in zip(blocks, texts, strict=True):
        if block.name == previous and block.name in _RUN_TOGETHER:
            parts.append("<!-- -->")
        parts.append(text)
        previous = block.name
    return "\n\n".join(parts)


_RUN_TOGETHER = frozenset({"bulletList", "orderedList", "taskList", "blockquote"})


def _faithful(block: Node, shift: int) -> str:
    """The first form of the block, from the plainest on, that reads back as the same block."""
    if block == Node("paragraph"):
        return "&nbsp;"
    plain = _Style(shift)
    for style in (plain, replace(plain, every_escape=True), replace(plain, every_escape=True, tags=True)):
        text = _block(block, style)
        if text is not None and markdown_to_blocks(text, shift) == [block]:
            return text
    return blocks_to_html([block])


def _line(words: str, sign: str = "# ") -> str:
    """The words as inline Markdown on one line, to stand behind the sign of a heading or an item."""
    for style in (_Style(0), _Style(0, every_escape=True)):
        text = _edges(_escape(words, style))
        if sign != "# ":
            text = _LINE_START.sub(_escape_line_start, text)
        inline = [token for token in _MARKDOWN.parse(sign + text) if token.type == "inline"]
        if "".join(map(_plain, inline)) == words and _is_only_text(inline):
            return text
    return "".join(f"&#{ord(character)};" for character in words)


def _is_only_text(tokens: Sequence[Token]) -> bool:
    return all(child.type == "text" for token in tokens for child in token.children or [])


def _block(node: Node, style: _Style) -> str | None:
    """The block as Markdown; None where Markdown has no form for it."""
    match node.name:
        case "paragraph":
            return _paragraph(node.content, style)
        case "heading":
            level = node.number("level") + style.shift
            words = _inline(node.content, replace(style, in_cell=True))
            return f"{'#' * level} {words}".rstrip() if level <= 6 else None
        case "horizontalRule":
            return "---"
        case "blockMath":
            return f"$$\n{node.string('latex')}\n$$"
        case "codeBlock":
            return _code_block(node)
        case "image":
            return _image(node, style)
        case "table":
            return _table(node, style)
        case "blockquote":
            inside = _sequence(node.content, style)
            return None if inside is None else "\n".join(f"> {line}".rstrip() for line in inside.split("\n"))
        case "bulletList" | "orderedList" | "taskList":
            return _list(node, style)
    return None


def _sequence(nodes: Sequence[Node], style: _Style) -> str | None:
    parts = [_block(node, style) for node in nodes]
    return None if None in parts else "\n\n".join(part for part in parts if part is not None)


def _image(node: Node, style: _Style) -> str | None:
    if node.string("upload"):
        return None
    width = node.number("width")
    title = f' "{width}%"' if width != 100 else ""
    return f"![{_escape(node.string('alt'), style)}]({RESOURCE}{node.string('resource')}{title})"


def _code_block(node: Node) -> str:
    code = "".join(child.text for child in node.content)
    longest = max((len(run) for run in re.findall("`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    return (
        f"{fence}{node.string('language')}\n{code}\n{fence}" if code else f"{fence}{node.string('language')}\n{fence}"
    )


def _list(node: Node, style: _Style) -> str | None:
    items = []
    for number, item in enumerate(node.content, node.number("start")):
        sign = {"bulletList": "- ", "taskList": "- ", "orderedList": f"{number}. "}[node.name]
        inside = _item(item, style)
        if inside is None:
            return None
        if node.name == "taskList":
            inside = f"[{'x' if item.attr('checked') else ' '}] {inside}"
        items.append((sign + inside.replace("\n", "\n" + " " * len(sign))).rstrip())
    text = "\n".join(items)
    return "\n".join(line.rstrip() if not line.strip() else line for line in text.split("\n"))


def _item(item: Node, style: _Style) -> str | None:
    text = _paragraph(item.content[0].content, style)
    for child in item.content[1:]:
        inside = _block(child, style)
        if inside is None:
            return None
        follows_at_once = child.name in ("bulletList", "taskList", "orderedList") and child.number("start") == 1
        text += ("\n" if follows_at_once else "\n\n") + inside
    return text


def _table(node: Node, style: _Style) -> str | None:
    """A pipe table, if the first row and only it is a header and every cell holds one plain paragraph."""
    head, *body = node.content
    if not all(cell.name == "tableHeader" for cell in head.content):
        return None
    cells = [cell for row in node.content for cell in row.content]
    if any(cell.name == "tableHeader" for row in body for cell in row.content):
        return None
    if any(len(cell.content) != 1 or cell.content[0].name != "paragraph" for cell in cells):
        return None
    if any(cell.attrs for cell in cells):
        return None
    in_cell = replace(style, in_cell=True)
    rows = [[_inline(cell.content[0].content, in_cell) for cell in row.content] for row in node.content]
    rows.insert(1, ["---"] * len(head.content))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


# ---- inline ----

_SIGNS = {"bold": "**", "italic": "*", "strike": "~~"}
_PLAIN_HREF = re.compile(r"[^\s()<>\\*`|$\[\]]+")
_PLAIN_LATEX = re.compile(r"[^\s$\\|](?:[^$\n]*[^\s$\\])?|\\[^$\n\\]*[^\s$\\]")
_LINE_START = re.compile(
    r"(?m)^(#{1,6}(?=[ \t]|$)|[-+](?=[ \t]|$)|>|(?:[-=]+|[-:| ]+)[ \t]*$|~~~|\d{1,9}(?=[.)](?:[ \t]|$)))"
)
_ALWAYS = re.compile(
    r"[\\`*$]|<(?=[A-Za-z/!?])|&(?=#|[A-Za-z]\w*;)|\](?=[(\[:])|(?<![^\W_])_|_(?![^\W_])|~(?=~)|(?<=~)~"
)
_EVERY = re.compile(r"[\\`*$<&\[\]_~!|]")
_REFERENCED = re.compile("[\t\n\r\f\v\x1c-\x1f\x85\u2028\u2029]")


def _paragraph(nodes: Sequence[Node], style: _Style) -> str:
    text = _inline(nodes, style)
    return _LINE_START.sub(_escape_line_start, text)


def _escape_line_start(found: re.Match[str]) -> str:
    return f"{found[0]}\\" if found[0].isdigit() else f"\\{found[0]}"


def _inline(nodes: Sequence[Node], style: _Style) -> str:
    text = "".join(_run(list(run), mark, 0, style) for mark, run in groupby(nodes, lambda node: _mark_at(node, 0)))
    return _edges(text)


def _mark_at(node: Node, depth: int) -> Mark | None:
    return node.marks[depth] if len(node.marks) > depth else None


def _run(nodes: list[Node], mark: Mark | None, depth: int, style: _Style) -> str:
    """Neighbours that have the mark at this depth in common, and inside it those that share the next one."""
    if mark is None:
        return "".join(_leaf(node, style) for node in nodes)
    if mark.name == "code":
        return _code("".join(node.text for node in nodes), style)
    inner = "".join(
        _run(list(run), deeper, depth + 1, style)
        for deeper, run in groupby(nodes, lambda node: _mark_at(node, depth + 1))
    )
    words = "".join(node.text for node in nodes)
    if mark.name == "link":
        return _link(inner, str(mark.attrs["href"]), style)
    sign = _SIGNS.get(mark.name)
    if sign is None or style.tags or words != words.strip():
        opening, closing = inline_html([Node("text", text="\x00", marks=(mark,))]).split("\x00")
        return opening + inner + closing
    return sign + inner + sign


def _link(inner: str, href: str, style: _Style) -> str:
    if style.tags:
        return f'<a href="{escape_value(href)}">{inner}</a>'
    return f"[{inner}]({href})" if _PLAIN_HREF.fullmatch(href) else f"[{inner}](<{href}>)"


def _code(words: str, style: _Style) -> str:
    longest = max((len(run) for run in re.findall("`+", words)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if words[0] in "` " or words[-1] in "` " else ""
    if style.tags:
        return f"<code>{_escape(words, style)}</code>"
    if style.in_cell:
        words = words.replace("|", "\\|")
    return fence + pad + words + pad + fence


def _leaf(node: Node, style: _Style) -> str:
    match node.name:
        case "text":
            return _escape(node.text, style)
        case "hardBreak":
            return "<br>" if style.in_cell or style.tags else "\\\n"
        case "ruby":
            return f"<ruby>{_escape(node.string('base'), style)}<rt>{_escape(node.string('text'), style)}</rt></ruby>"
        case _:
            latex = node.string("latex")
            if _PLAIN_LATEX.fullmatch(latex) and not style.tags and not (style.in_cell and "|" in latex):
                return f"${latex}$"
            value = escape(latex).replace("\n", "&#10;").replace("|", "&#124;")
            return f'<span class="math" data-latex="{value}"></span>'


def _escape(words: str, style: _Style) -> str:
    escaped = (_EVERY if style.every_escape else _ALWAYS).sub(lambda found: f"\\{found[0]}", words)
    if style.in_cell and not style.every_escape:
        escaped = escaped.replace("|", "\\|")
    return _REFERENCED.sub(_reference, escaped)


def _edges(text: str) -> str:
    """White space at the edges of lines as character references: Markdown would swallow it."""
    return "\n".join(
        re.sub(r"^\s+|\s+$", lambda found: "".join(map(_character, found[0])), line) for line in text.split("\n")
    )


def _reference(found: re.Match[str]) -> str:
    return "".join(map(_character, found[0]))


def _character(character: str) -> str:
    return f"&#{ord(character)};"
