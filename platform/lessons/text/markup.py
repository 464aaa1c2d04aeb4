"""A text as HTML and back, without loss: what Markdown cannot say is written so, and every reader of text ends here.

Whitespace follows HTML's rules (runs collapse, edges vanish) except where it is written as a character reference,
which always means that very character.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from html import escape, unescape
from html.parser import HTMLParser

from lessons.text.content import Blocks, Mark, Node
from lessons.text.schema import INLINE_NODES, Attr
from lessons.text.tidy import tidy

_MARK_TAGS = {
    "bold": "strong",
    "italic": "em",
    "underline": "u",
    "strike": "s",
    "superscript": "sup",
    "subscript": "sub",
    "code": "code",
}
_TAG_MARKS = {tag: mark for mark, tag in _MARK_TAGS.items()} | {
    "b": "bold",
    "i": "italic",
    "ins": "underline",
    "del": "strike",
    "strike": "strike",
    "kbd": "code",
    "samp": "code",
    "tt": "code",
}
_BLOCK_TAGS = {
    "paragraph": "p",
    "bulletList": "ul",
    "orderedList": "ol",
    "listItem": "li",
    "taskItem": "li",
    "blockquote": "blockquote",
    "tableRow": "tr",
    "tableHeader": "th",
    "tableCell": "td",
}
_LINE_BY_LINE = frozenset({"table", "tableRow", "bulletList", "orderedList", "taskList"})

RESOURCE = "resource:"
"""How the address of a picture of the library begins; its resource follows."""

_WIDTH = re.compile(r"(\d{1,3})%")

_VOID = re.compile("area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr")
_UNSEEN = re.compile("script|style|template|head|title|noscript")
_FLOW = re.compile(
    "address|article|aside|blockquote|body|caption|center|dd|details|dialog|div|dl|dt|fieldset|figcaption|figure|footer|"
    "form|h[1-6]|header|hr|html|li|main|nav|ol|p|pre|section|summary|table|tbody|td|tfoot|th|thead|tr|ul"
)
_PHRASE = re.compile(
    "a|abbr|acronym|audio|b|bdi|bdo|big|button|canvas|cite|code|data|del|dfn|em|font|i|iframe|ins|kbd|label|map|mark|math|"
    "meter|nobr|object|option|output|picture|progress|q|rb|rp|rt|rtc|ruby|s|samp|select|small|span|strike|strong|sub|sup|"
    "svg|textarea|time|tt|u|var|video|colgroup|optgroup|legend|menu|nav|hgroup|[a-z]+:.*"
)
_CLOSED_BY = {
    "li": frozenset({"li"}),
    "tr": frozenset({"tr", "td", "th"}),
    "td": frozenset({"td", "th"}),
    "th": frozenset({"td", "th"}),
    "dt": frozenset({"dt", "dd"}),
    "dd": frozenset({"dt", "dd"}),
    "rt": frozenset({"rt", "rp"}),
    "rp": frozenset({"rt", "rp"}),
}
_MAX_OPEN = 100

_SPACE = "\x1f"  # a run of white space of the source; no text holds this character
_RUN_OF_SPACES = re.compile(f"{_SPACE}{{2,}}")
_SPACES = re.compile("[ \t\n\r\f]+")
_HELD_SPACE = re.compile("(?<= ) |[\t\n\r\f]")


# ---- writing ----


def blocks_to_html(blocks: Iterable[Node]) -> str:
    """The text as HTML, one block under the other, never with an empty line inside."""
    return "\n".join(_block_html(block) for block in blocks)


def inline_html(nodes: Sequence[Node]) -> str:
    """The inline nodes as HTML on one line."""
    parts = []
    before = " "
    for place, node in enumerate(nodes):
        last = place + 1 == len(nodes) or nodes[place + 1].name != "text"
        parts.append(_inline_node_html(node, before, last))
        before = node.text[-1:] or " "
    return "".join(parts)


def escape_text(words: str, before: str = " ", last: bool = True) -> str:
    """The words as HTML text, white space that HTML would swallow as character references.

    `before` is the character in front of them; `last` says that no other words follow at once.
    """
    escaped = _HELD_SPACE.sub(_reference, escape(words, quote=False))
    if escaped.startswith(" ") and before.isspace():
        escaped = "&#32;" + escaped[1:]
    return escaped[:-1] + "&#32;" if escaped.endswith(" ") and last else escaped


def _reference(found: re.Match[str]) -> str:
    return f"&#{ord(found[0])};"


def escape_value(value: str) -> str:
    """The value between the quotes of an attribute, on one line."""
    return escape(value).replace("\n", "&#10;").replace("\r", "&#13;")


def _block_html(node: Node) -> str:
    match node.name:
        case "heading":
            return f"<h{node.number('level')}>{inline_html(node.content)}</h{node.number('level')}>"
        case "codeBlock":
            language = node.string("language")
            opening = f'<code class="language-{escape_value(language)}">' if language else "<code>"
            return f"<pre>{opening}{''.join(escape_text(child.text) for child in node.content)}</code></pre>"
        case "horizontalRule":
            return "<hr>"
        case "blockMath":
            latex = node.string("latex")
            return f'<div class="math" data-latex="{escape_value(latex)}">{escape_text(latex)}</div>'
        case "block":
            return _generic_block_html(node)
        case "image":
            return image_html(node.string("resource"), node.string("alt"), node.number("width"), node.string("upload"))
        case "table":
            return "<table>\n<tbody>\n" + "\n".join(_block_html(row) for row in node.content) + "\n</tbody>\n</table>"
        case "paragraph":
            return f"<p>{inline_html(node.content)}</p>"
        case _:
            return _container_html(node)


def _generic_block_html(node: Node) -> str:
    kind, data = escape_value(node.string("kind")), escape_value(node.string("data"))
    return f'<div class="later-block" data-kind="{kind}" data-data="{data}"></div>'


def image_html(resource: str, alt: str, width: int, upload: str = "") -> str:
    """A picture of the library, as both ways of Markdown write it: its width is its title."""
    title = f' title="{width}%"' if width != 100 else ""
    on_its_way = f' data-upload="{escape_value(upload)}"' if upload else ""
    return f'<img src="{RESOURCE}{escape_value(resource)}" alt="{escape_value(alt)}"{title}{on_its_way}>'


def _container_html(node: Node) -> str:
    tag = "ul" if node.name == "taskList" else _BLOCK_TAGS[node.name]
    line = "\n" if node.name in _LINE_BY_LINE else ""
    inside = line.join(_block_html(child) for child in node.content)
    return f"<{tag}{_attributes(node)}>{line}{inside}{line}</{tag}>"


def _attributes(node: Node) -> str:
    attrs: dict[str, Attr | None] = {}
    if node.name == "taskList":
        attrs["data-type"] = "taskList"
    if node.name == "taskItem":
        attrs["data-checked"] = "true" if node.attr("checked") else "false"
    for name in ("colspan", "rowspan", "start"):
        attrs[name] = node.attrs.get(name)
    widths = node.attr("colwidth")
    if isinstance(widths, list):
        attrs["data-colwidth"] = ",".join(str(width) for width in widths)
    return "".join(f' {name}="{escape_value(str(value))}"' for name, value in attrs.items() if value is not None)


def _inline_node_html(node: Node, before: str, last: bool) -> str:
    match node.name:
        case "hardBreak":
            return "<br>"
        case "inlineMath":
            latex = node.string("latex")
            return f'<span class="math" data-latex="{escape_value(latex)}">{escape_text(latex)}</span>'
        case "ruby":
            return f"<ruby>{escape_text(node.string('base'))}<rt>{escape_text(node.string('text'))}</rt></ruby>"
    html = escape_text(node.text, before, last)
    for mark in reversed(node.marks):
        if mark.name == "link":
            html = f'<a href="{escape_value(str(mark.attrs["href"]))}">{html}</a>'
        else:
            html = f"<{_MARK_TAGS[mark.name]}>{html}</{_MARK_TAGS[mark.name]}>"
    return html


# ---- reading ----


def html_to_blocks(html: str) -> Blocks:
    """The text that the HTML shows. Tags nobody knows are passed over, what stands in them is kept.

    Scripts, styles and comments are not text. A picture from elsewhere leaves a visible mark with its description.
    """
    tree = _TreeBuilder()
    tree.feed(html)
    tree.close()
    return tidy(_flow(tree.root.children, ()))


class _Exactly(str):
    """Characters that were written as a reference: white space among them stays as it is."""

    __slots__ = ()


class _Element:
    def __init__(self, tag: str, attrs: dict[str, str]) -> None:
        self.tag = tag
        self.attrs = attrs
        self.children: list[_Element | str] = []

    def inside(self) -> Iterator["_Element"]:
        for child in self.children:
            if isinstance(child, _Element):
                yield child
                yield from child.inside()

    def words(self) -> str:
        return "".join(child if isinstance(child, str) else child.words() for child in self.children)


class _TreeBuilder(HTMLParser):
    """Builds the tree of elements, forgiving what people leave open."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.root = _Element("", {})
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not _is_known(tag):  # somebody wrote about List<String> and meant the words
            self.handle_data(self.get_starttag_text() or "")
            return
        if tag in _CLOSED_BY:
            self._close_siblings(_CLOSED_BY[tag])
        if _FLOW.fullmatch(tag) and self._open[-1].tag == "p":
            self._open.pop()
        element = _Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(element)
        if not _VOID.fullmatch(tag) and len(self._open) < _MAX_OPEN:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if not _is_known(tag):
            self.handle_data(f"</{tag}>")
            return
        for place in range(len(self._open) - 1, 0, -1):
            if self._open[place].tag == tag:
                del self._open[place:]
                return
            if self._open[place].tag == "table":
                return

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)

    def handle_charref(self, name: str) -> None:
        self._open[-1].children.append(_Exactly(unescape(f"&#{name};")))

    def handle_entityref(self, name: str) -> None:
        self._open[-1].children.append(_Exactly(unescape(f"&{name};")))

    def _close_siblings(self, tags: frozenset[str]) -> None:
        for place in range(len(self._open) - 1, 0, -1):
            if self._open[place].tag in tags:
                del self._open[place:]
                return
            if self._open[place].tag in ("table", "ul", "ol", "dl", "ruby"):
                return


@lru_cache(maxsize=512)
def _is_known(tag: str) -> bool:
    return any(kind.fullmatch(tag) for kind in (_FLOW, _PHRASE, _VOID, _UNSEEN))


def _flow(children: Sequence[_Element | str], marks: tuple[Mark, ...]) -> Blocks:
    """Blocks and loose inline nodes as paragraphs, in the order they stand in."""
    result: Blocks = []
    loose: list[Node] = []
    for node in _nodes(children, marks):
        if node.name in INLINE_NODES:
            loose.append(node)
        else:
            result.extend(_paragraph(loose))
            loose.clear()
            result.append(node)
    result.extend(_paragraph(loose))
    return result


def _paragraph(loose: list[Node]) -> Blocks:
    content = _collapse(loose)
    return [Node("paragraph", content)] if content else []


def _collapse(nodes: Iterable[Node]) -> list[Node]:
    """White space as a browser shows it: runs as one space, none at the edges and beside line breaks."""
    result: list[Node] = []
    space = False
    for node in nodes:
        words = node.text
        if node.name != "text":
            _end_line(result, node.name == "hardBreak")
            space = node.name == "hardBreak"
            result.append(node)
            continue
        kept = _RUN_OF_SPACES.sub(_SPACE, words)
        if space or not result:
            kept = kept.removeprefix(_SPACE)
        if kept:
            space = kept.endswith(_SPACE)
            result.append(Node("text", text=kept, marks=node.marks))
    _end_line(result, True)
    return [
        Node("text", text=node.text.replace(_SPACE, " "), marks=node.marks) if node.name == "text" else node
        for node in result
    ]


def _end_line(nodes: list[Node], ends: bool) -> None:
    if ends and nodes and nodes[-1].text.endswith(_SPACE):
        last = nodes.pop()
        if last.text != _SPACE:
            nodes.append(Node("text", text=last.text[:-1], marks=last.marks))


def _nodes(children: Iterable[_Element | str], marks: tuple[Mark, ...]) -> Iterator[Node]:
    for child in children:
        if isinstance(child, _Exactly):
            yield Node("text", text=str(child), marks=marks)
        elif isinstance(child, str):
            yield Node("text", text=_SPACES.sub(_SPACE, child), marks=marks)
        else:
            yield from _element(child, marks)


def _element(element: _Element, marks: tuple[Mark, ...]) -> Iterable[Node]:
    tag = element.tag
    if _UNSEEN.fullmatch(tag):
        return []
    if tag in _TAG_MARKS:
        return _nodes(element.children, (*marks, Mark(_TAG_MARKS[tag])))
    if tag == "a" and element.attrs.get("href"):
        return _nodes(element.children, (*marks, Mark("link", {"href": element.attrs["href"]})))
    if tag in _READERS:
        return _READERS[tag](element, marks)
    if "data-latex" in element.attrs:
        return [Node("blockMath" if tag == "div" else "inlineMath", attrs={"latex": element.attrs["data-latex"]})]
    if "data-kind" in element.attrs:
        return [Node("block", attrs={"kind": element.attrs["data-kind"], "data": element.attrs.get("data-data", "")})]
    return _flow(element.children, marks) if _FLOW.fullmatch(tag) else _nodes(element.children, marks)


def _line_break(_element: _Element, _marks: tuple[Mark, ...]) -> Iterable[Node]:
    return [Node("hardBreak")]


def _rule(_element: _Element, _marks: tuple[Mark, ...]) -> Iterable[Node]:
    return [Node("horizontalRule")]


def _picture(element: _Element, marks: tuple[Mark, ...]) -> Iterable[Node]:
    source, alt = element.attrs.get("src", ""), element.attrs.get("alt", "")
    if source.startswith(RESOURCE):
        width = _WIDTH.fullmatch(element.attrs.get("title", ""))
        attrs: dict[str, Attr] = {"resource": source.removeprefix(RESOURCE), "alt": alt}
        attrs["width"] = int(width[1]) if width else 100
        if element.attrs.get("data-upload"):
            attrs["upload"] = element.attrs["data-upload"]
        return [Node("image", attrs=attrs)]
    return [Node("text", text=picture_mark(alt), marks=marks)]


def picture_mark(description: str) -> str:
    """What stands where a picture was that is not in the library."""
    description = " ".join(description.split())
    return f"[图片：{description}]" if description else "[图片]"


def _checkbox(element: _Element, marks: tuple[Mark, ...]) -> Iterable[Node]:
    if element.attrs.get("type") != "checkbox":
        return []
    return [Node("text", text="☑ " if "checked" in element.attrs else "☐ ", marks=marks)]


def _text_block(element: _Element, marks: tuple[Mark, ...]) -> Iterable[Node]:
    level = int(element.tag[1]) if element.tag != "p" else 0
    block = Node("heading", attrs={"level": level}) if level else Node("paragraph")
    nodes = list(_nodes(element.children, marks))
    if any(node.name not in INLINE_NODES for node in nodes):
        return _flow(element.children, marks)
    block.content = _collapse(nodes)
    return [block]


def _code_block(element: _Element, _marks: tuple[Mark, ...]) -> Iterable[Node]:
    classes = " ".join(each.attrs.get("class", "") for each in (element, *element.inside())).split()
    language = next((name.removeprefix("language-") for name in classes if name.startswith("language-")), None)
    code = _code_words(element.children)
    if code.endswith("\n") and not _ends_exactly(element):
        code = code[:-1]
    attrs: dict[str, Attr] = {"language": language} if language else {}
    return [Node("codeBlock", [Node("text", text=code)] if code else [], attrs)]


def _ends_exactly(element: _Element) -> bool:
    last = element.children[-1] if element.children else ""
    return _ends_exactly(last) if isinstance(last, _Element) else isinstance(last, _Exactly)


def _code_words(children: Sequence[_Element | str]) -> str:
    parts = []
    for child in children:
        if isinstance(child, str):
            parts.append(child)
        else:
            parts.append("\n" if child.tag == "br" else _code_words(child.children))
    return "".join(parts)


def _list(element: _Element, marks: tuple[Mark, ...]) -> Iterable[Node]:
    items = [child for child in element.children if isinstance(child, _Element) or child.strip()]
    boxes = [_box(item) for item in items]
    tasks = element.attrs.get("data-type") == "taskList" or (bool(boxes) and None not in boxes)
    name = "taskList" if tasks else {"ul": "bulletList", "ol": "orderedList"}[element.tag]
    content = []
    for item, checked in zip(items, boxes, strict=True):
        children = item.children if isinstance(item, _Element) and item.tag == "li" else [item]
        if tasks:
            _take_box(item)
            content.append(Node("taskItem", _flow(children, marks), {"checked": bool(checked)}))
        else:
            content.append(Node("listItem", _flow(children, marks)))
    return [Node(name, content, _list_attrs(element) if name == "orderedList" else {})]


def _list_attrs(element: _Element) -> dict[str, Attr]:
    attrs: dict[str, Attr] = {}
    start = element.attrs.get("start", "")
    if re.fullmatch(r"-?\d{1,9}", start):
        attrs["start"] = int(start)
    return attrs


def _box(item: _Element | str) -> bool | None:
    """Whether the item of a task list is ticked; None for an item without a box."""
    if isinstance(item, str):
        return None
    if "data-checked" in item.attrs:
        return item.attrs["data-checked"] != "false"
    box = _first(item)
    is_box = box.tag == "input" and box.attrs.get("type") == "checkbox"
    return "checked" in box.attrs if is_box else None


def _take_box(item: _Element | str) -> None:
    if isinstance(item, _Element) and (box := _first(item)).tag == "input":
        box.tag = "col"  # a tag that shows nothing


def _first(item: _Element) -> _Element:
    """The element that the item begins with, inside its paragraph or label."""
    while item.tag in ("li", "p", "label") and item.children and isinstance(item.children[0], _Element):
        item = item.children[0]
    return item


def _quote(element: _Element, marks: tuple[Mark, ...]) -> Iterable[Node]:
    return [Node("blockquote", _flow(element.children, marks))]


def _table(element: _Element, marks: tuple[Mark, ...]) -> Iterable[Node]:
    before: Blocks = []
    rows: list[Node] = []
    for child in _rows(element):
        if isinstance(child, _Element) and child.tag == "tr":
            rows.append(Node("tableRow", [_cell(cell, marks) for cell in child.children if isinstance(cell, _Element)]))
        else:
            before.extend(_flow([child], marks))
    return [*before, Node("table", rows)]


def _rows(element: _Element) -> Iterator[_Element | str]:
    for child in element.children:
        if isinstance(child, _Element) and child.tag in ("thead", "tbody", "tfoot"):
            yield from _rows(child)
        elif not isinstance(child, _Element) or child.tag not in ("colgroup", "col"):
            yield child


def _cell(element: _Element, marks: tuple[Mark, ...]) -> Node:
    attrs: dict[str, Attr] = {}
    for name in ("colspan", "rowspan"):
        if re.fullmatch(r"\d{1,4}", element.attrs.get(name, "")):
            attrs[name] = int(element.attrs[name])
    widths = element.attrs.get("data-colwidth") or element.attrs.get("colwidth") or ""
    if re.fullmatch(r"\d{1,5}(,\d{1,5})*", widths):
        attrs["colwidth"] = [int(width) for width in widths.split(",")]
    content = _flow(element.children if element.tag in ("td", "th") else [element], marks)
    return Node("tableHeader" if element.tag == "th" else "tableCell", content, attrs)


def _ruby(element: _Element, marks: tuple[Mark, ...]) -> Iterable[Node]:
    base = ""
    result = []
    for child in element.children:
        if isinstance(child, _Element) and child.tag == "rt":
            result.append(Node("ruby", attrs={"base": base, "text": child.words()}))
            base = ""
        elif not isinstance(child, _Element) or child.tag != "rp":
            base += child if isinstance(child, str) else child.words()
    if base.strip():
        result.append(Node("text", text=base, marks=marks))
    return result


_READERS = {
    "br": _line_break,
    "hr": _rule,
    "img": _picture,
    "input": _checkbox,
    "p": _text_block,
    **{f"h{level}": _text_block for level in range(1, 7)},
    "pre": _code_block,
    "ul": _list,
    "ol": _list,
    "blockquote": _quote,
    "table": _table,
    "ruby": _ruby,
}
