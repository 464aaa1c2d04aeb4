"""A plan for people to read: safe HTML, part by part, for pages to lay out.

The way is Y → Markdown → Python-Markdown → nh3. What came out is read back and compared, once, at the end of that way;
where it would show something else than the text, our own HTML of the text stands in. Texts that went it lately are kept: a
plan that was changed in one place goes it in that place only.
"""

import re
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from threading import local
from typing import Final, NamedTuple
from xml.etree.ElementTree import Element

import nh3
from flask_babel import gettext
from markdown import Extension, Markdown
from markdown.blockprocessors import BlockProcessor
from markdown.extensions.fenced_code import FencedCodeExtension
from markdown.extensions.sane_lists import SaneListExtension
from markdown.extensions.tables import TableExtension
from markdown.inlinepatterns import InlineProcessor, SimpleTagInlineProcessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString
from markupsafe import Markup, escape

from lessons.text.content import Blocks, Node, PlanContent, StepContent, plain_text
from lessons.text.markdown import plain_markdown
from lessons.text.markup import RESOURCE, blocks_to_html, html_to_blocks
from lessons.text.schema import SECTIONS
from lessons.text.tidy import tidy

_SUMMARY_LENGTH = 120
_SUMMARY_FROM = ("objectives", "key_points", "textbook", "standards", "other")
_WEB_ADDRESS = re.compile(r"https?://[^\s，。；、（）]+")


class PlanSummary(NamedTuple):
    """What lists show of a plan; `minutes` is the sum of its steps, or of its lessons while no step says how long."""

    title: str
    minutes: int
    words: str


class Resource(NamedTuple):
    """One line of a step's resources; `address` is the web address in it, empty where there is none."""

    words: str
    address: str


@dataclass(frozen=True, slots=True)
class ReadingSection:
    """A section that holds text: its key, its name for people in the language of the page, its HTML."""

    key: str
    name: str
    html: Markup


@dataclass(frozen=True, slots=True)
class ReadingStep:
    """A step; texts without words are empty. `campuses` maps a campus code to that campus' own way."""

    id: str
    title: str
    minutes: int | None
    teacher: Markup
    pupils: Markup
    intent: Markup
    resources: list[Resource] = field(default_factory=list)
    campuses: dict[str, Markup] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReadingPlan:
    """A plan with all its texts as safe HTML. `total` is the sum of the steps' minutes."""

    title: str
    periods: int
    minutes: int
    total: int
    sections: list[ReadingSection]
    steps: list[ReadingStep]

    def section(self, key: str) -> ReadingSection | None:
        """The section with that key, None where it holds nothing."""
        return next((section for section in self.sections if section.key == key), None)


Pictures = Mapping[str, str]
"""The addresses of the pictures that may be shown, by their resource."""


def images_in(content: PlanContent) -> list[Node]:
    """The pictures that stand in the plan's texts."""
    texts = [*content.sections.values()]
    for step in content.steps:
        texts += [step.teacher, step.pupils, step.intent, *step.campuses.values()]
    nodes = (node for blocks in texts for block in blocks for node in block.walk())
    return [node for node in nodes if node.name == "image"]


def resources_in(content: PlanContent) -> set[str]:
    """The resources that these pictures show."""
    return {node.string("resource") for node in images_in(content)} - {""}


def plan_to_html(
    content: PlanContent, pictures: Pictures | None = None, section_level: int = 3, step_level: int = 5
) -> ReadingPlan:
    """The plan for a page. A heading of the first level inside a section becomes `<h{section_level}>`, in a step
    `<h{step_level}>`. A formula is `<span class="math" data-latex="…">` or `<div class="math" …>` with its LaTeX
    as words, for KaTeX to take over; an item of a task list is `<li data-checked="true">`. A picture that is not among
    `pictures` is a box that says so.
    """
    order = list(SECTIONS)
    keys = sorted(content.sections, key=lambda key: order.index(key) if key in SECTIONS else len(order))

    def html(blocks: Blocks, level: int) -> Markup:
        return _safe_html(blocks, level, pictures or {})

    def step(each: StepContent) -> ReadingStep:
        return ReadingStep(
            id=each.id,
            title=each.title,
            minutes=each.minutes,
            teacher=html(each.teacher, step_level),
            pupils=html(each.pupils, step_level),
            intent=html(each.intent, step_level),
            resources=list(_resources(each.resources)),
            campuses={code: html(blocks, step_level) for code, blocks in each.campuses.items()},
        )

    return ReadingPlan(
        title=content.title,
        periods=content.periods,
        minutes=content.minutes,
        total=sum(each.minutes or 0 for each in content.steps),
        sections=[
            ReadingSection(key, str(SECTIONS.get(key, key)), html(content.sections[key], section_level)) for key in keys
        ],
        steps=[step(each) for each in content.steps],
    )


def plan_summary(content: PlanContent) -> PlanSummary:
    """The title, the minutes and the first words of the plan, those of its objectives first."""
    sections = [content.sections.get(key, []) for key in _SUMMARY_FROM]
    texts = [*sections, *(step.teacher for step in content.steps)]
    words = " ".join(next((found for found in map(plain_text, texts) if found.strip()), "").split())
    if len(words) > _SUMMARY_LENGTH:
        words = words[: _SUMMARY_LENGTH - 1] + "…"
    minutes = sum(step.minutes or 0 for step in content.steps) or content.periods * content.minutes
    return PlanSummary(content.title, minutes, words)


def _resources(lines: str) -> Iterator[Resource]:
    for line in lines.splitlines():
        if line.strip():
            address = _WEB_ADDRESS.search(line)
            yield Resource(line.strip(), address[0] if address else "")


# ---- Python-Markdown, and cleaning ----

_TAGS = set(
    re.findall(
        r"\w+",
        "p h1 h2 h3 h4 h5 h6 ul ol li blockquote pre code hr br table thead tbody tr th td "
        "strong em u s sup sub a ruby rt span div img",
    )
)
_CELL = {"colspan", "rowspan"}
_ATTRIBUTES = {
    "a": {"href"},
    "ol": {"start"},
    "ul": {"data-type"},
    "li": {"data-checked"},
    "th": _CELL,
    "td": _CELL,
    "span": {"data-latex"},
    "div": {"data-latex", "data-kind"},
    "img": {"src", "alt", "title"},
}
_CLASSES = {"span": {"math"}, "div": {"math"}}
_BOX = re.compile(r"\[([ xX])\] ")
_HEADING_TAG = re.compile(r"<(/?)h([1-4])>")
_IMAGE = re.compile(r'<img((?: [\w-]+="[^"]*")*)>')
_VALUE = re.compile(r'([\w-]+)="([^"]*)"')


_KEPT_TEXTS: Final = 2000
_LONGEST_KEPT: Final = 20_000


@dataclass(frozen=True)
class _Text:
    """Blocks to be shown, the same as others of the same HTML, and the level of their first headings."""

    html: str
    level: int
    blocks: Blocks = field(compare=False)


def _safe_html(blocks: Blocks, level: int, pictures: Pictures) -> Markup:
    blocks = tidy(blocks)
    if not blocks:
        return Markup()
    text = _Text(blocks_to_html(blocks), level, blocks)
    clean = _kept_html(text) if len(text.html) < _LONGEST_KEPT else _clean_html(text)
    shown = _IMAGE.sub(lambda image: _picture(dict(_VALUE.findall(image[1])), pictures), clean)
    return Markup(shown)  # noqa: S704  cleaned above, and what was put in is escaped


def _clean_html(text: _Text) -> str:
    html = _python_markdown().reset().convert(plain_markdown(text.blocks))
    if _on_one_line(html) != _on_one_line(text.html) and html_to_blocks(html) != text.blocks:
        html = text.html
    html = _HEADING_TAG.sub(lambda tag: f"<{tag[1]}h{min(int(tag[2]) + text.level - 1, 6)}>", html)
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        allowed_classes=_CLASSES,
        url_schemes={"http", "https", "mailto", "tel", RESOURCE.removesuffix(":")},
        link_rel="noopener noreferrer nofollow",
    )


_kept_html = lru_cache(_KEPT_TEXTS)(_clean_html)


def _on_one_line(html: str) -> str:
    """For a first comparison, which costs less than reading: the same as another only where the text is the same."""
    return html.replace(">\n<", "><").replace("<br />\n", "<br>")


def _picture(attributes: dict[str, str], pictures: Pictures) -> str:
    """A picture as a page shows it; `attributes` are values of HTML, escaped as they stand."""
    source, alt, title = (attributes.get(name, "") for name in ("src", "alt", "title"))
    address = pictures.get(source.removeprefix(RESOURCE))
    if address is None or not source.startswith(RESOURCE):
        arriving = source == RESOURCE
        said = gettext("这张图片还没有传完。") if arriving else gettext("这张图片不在这份教案里，或者已被删除。")
        return f'<span class="picture-missing">{escape(said)}{alt}</span>'
    width = title.removesuffix("%") or "100"
    return f'<img class="picture picture-{width}" src="{escape(address)}" alt="{alt}" loading="lazy">'


_of_this_thread = local()


def _python_markdown() -> Markdown:
    """The converter of this thread: it remembers what it reads while it does."""
    if not hasattr(_of_this_thread, "markdown"):
        markdown = Markdown(
            extensions=[TableExtension(), FencedCodeExtension(), SaneListExtension(), _Ours()],
            tab_length=2,
        )
        markdown.ESCAPED_CHARS = list(string.punctuation)
        _of_this_thread.markdown = markdown
    found: Markdown = _of_this_thread.markdown
    return found


_NEVER_WRITTEN = (
    "reference",
    "image_reference",
    "short_reference",
    "short_image_ref",
    "autolink",
    "automail",
    "linebreak",
)
"""What our Markdown has no use for. Every pattern is tried on every run of words."""


class _Ours(Extension):
    """Formulas, task lists, ~~strike~~ and line breaks after a backslash; no code by indentation."""

    def extendMarkdown(self, md: Markdown) -> None:
        md.parser.blockprocessors.deregister("code")
        for never_written in _NEVER_WRITTEN:
            md.inlinePatterns.deregister(never_written)
        md.treeprocessors.register(_TaskLists(md), "task_lists", 25)  # before the words inside are read
        md.parser.blockprocessors.register(_BlockMath(md.parser), "block_math", 95)
        md.inlinePatterns.register(
            _InlineMath(r"(?<![\\$])\$(?!\s)((?:\\.|[^$\\\n])+?)(?<!\s)\$(?!\$)", md), "math", 185
        )
        md.inlinePatterns.register(SimpleTagInlineProcessor(r"()~~(.+?)~~", "s"), "strike", 65)
        md.inlinePatterns.register(_LineBreak(r"\\\n", md), "backslash_break", 182)


class _TaskLists(Treeprocessor):
    def run(self, root: Element) -> None:
        for items in root.iter("ul"):
            holders = [item[0] if len(item) and item[0].tag == "p" and not item.text else item for item in items]
            boxes = [_BOX.match(holder.text or "") for holder in holders]
            if not boxes or None in boxes:
                continue
            items.set("data-type", "taskList")
            for item, holder, box in zip(items, holders, boxes, strict=True):
                item.set("data-checked", "false" if box and box[1] == " " else "true")
                holder.text = (holder.text or "")[box.end() if box else 0 :]


class _BlockMath(BlockProcessor):
    def test(self, parent: Element, block: str) -> bool:
        return block.startswith("$$\n") and block.rstrip().endswith("\n$$")

    def run(self, parent: Element, blocks: list[str]) -> None:
        latex = blocks.pop(0).strip()[2:-2].strip()
        element = Element("div", {"class": "math", "data-latex": latex})
        element.text = AtomicString(latex)
        parent.append(element)


class _InlineMath(InlineProcessor):
    def handleMatch(self, m: re.Match[str], data: str) -> tuple[Element, int, int]:  # type: ignore[override]
        element = Element("span", {"class": "math", "data-latex": m[1]})
        element.text = AtomicString(m[1])
        return element, m.start(), m.end()


class _LineBreak(InlineProcessor):
    def handleMatch(self, m: re.Match[str], data: str) -> tuple[Element, int, int]:  # type: ignore[override]
        return Element("br"), m.start(), m.end()
