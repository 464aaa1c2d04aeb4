"""Makes any tree of nodes one that the editor accepts as it is.

An editor deletes what its schema does not allow and repairs irregular tables for everybody the moment it opens them.
So whatever comes from outside passes here before it is written into a document.
"""

import re
from collections.abc import Iterable, Sequence

from lessons.text.content import Blocks, Mark, Node
from lessons.text.schema import IMAGE_WIDTHS, INLINE_NODES, MARKS, NODES, RESOURCE_CODE, SAFE_ADDRESS, Attr

MAX_DEPTH = 24
"""How deep blocks may lie inside each other; deeper ones are laid flat at that depth."""

_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_LISTS = {"bulletList": "listItem", "orderedList": "listItem", "taskList": "taskItem"}
_LEAVES = frozenset({"horizontalRule", "blockMath", "block", "image"})
_MAX_SPAN = 100
_EMPTY_LINE = Node("text", text="\xa0")  # how the web and Markdown write an empty paragraph


def tidy(nodes: Iterable[Node]) -> Blocks:
    """The same text as valid blocks: equal to `nodes` when these are valid, without empty paragraphs at the end.

    Loose inline nodes become paragraphs, cells and items get the paragraph they need, tables become rectangular,
    equal neighbouring runs of text become one.
    """
    blocks = _blocks(nodes, 0)
    while blocks and blocks[-1] == Node("paragraph"):
        blocks.pop()
    return blocks


def _blocks(nodes: Iterable[Node], depth: int) -> Blocks:
    result: Blocks = []
    loose: list[Node] = []
    for node in nodes:
        if node.name in INLINE_NODES:
            loose.append(node)
            continue
        _close(loose, result)
        result.extend(_block(node, depth))
    _close(loose, result)
    return result


def _close(loose: list[Node], result: Blocks) -> None:
    if any(node.name != "text" or node.text.strip() for node in loose):
        result.append(Node("paragraph", _inline(loose)))
    loose.clear()


def _block(node: Node, depth: int) -> Blocks:
    name = node.name
    if name in ("paragraph", "heading"):
        return _split_at_blocks(node, depth)
    if name == "codeBlock":
        code = _clean("".join(each.text or "\n" for each in node.walk() if each.name in ("text", "hardBreak")))
        return [Node("codeBlock", [Node("text", text=code)] if code else [], _attrs(node))]
    if name in _LEAVES:
        return [Node(name, attrs=_attrs(node))]
    if depth >= MAX_DEPTH or name not in ("blockquote", "table", *_LISTS):
        return _blocks(node.content, depth)
    if name == "table":
        return _table(node, depth)
    if name == "blockquote":
        return [Node(name, _blocks(node.content, depth + 1) or [Node("paragraph")])]
    items = [_item(child, _LISTS[name], depth + 1) for child in node.content]
    return [Node(name, items, _attrs(node))] if items else []


def _split_at_blocks(node: Node, depth: int) -> Blocks:
    if all(child.name in INLINE_NODES for child in node.content):
        return [Node(node.name, _inline(node.content), _attrs(node))]
    result: Blocks = []
    for block in _blocks(node.content, depth):
        result.append(Node(node.name, block.content, _attrs(node)) if block.name == "paragraph" else block)
    return result


def _item(node: Node, name: str, depth: int) -> Node:
    content = _blocks(node.content if node.name in ("listItem", "taskItem") else [node], depth)
    if not content or content[0].name != "paragraph":
        content.insert(0, Node("paragraph"))
    return Node(name, content, _attrs(Node(name, attrs=node.attrs)))


def _attrs(node: Node) -> dict[str, Attr]:
    if not node.attrs:  # as most have none
        return {}
    known = NODES[node.name]
    optional = _OPTIONAL.get(node.name, ())
    attrs = {
        name: _plain_number(value)
        for name, value in node.attrs.items()
        if value is not None and (name in known or name in optional)
    }
    if node.name == "heading" and "level" in attrs:
        attrs["level"] = min(max(node.number("level"), 1), 4)
    if node.name == "image":
        attrs = _of_image(node, attrs)
    return {name: value for name, value in attrs.items() if value != known.get(name) or name not in known}


def _of_image(node: Node, attrs: dict[str, Attr]) -> dict[str, Attr]:
    """A picture names a resource or the upload that will bring it; one of neither is a gap that stays to be seen."""
    resource, upload = node.string("resource"), node.string("upload")
    attrs["resource"] = resource if RESOURCE_CODE.fullmatch(resource) else ""
    attrs["alt"] = " ".join(_clean(node.string("alt")).split())
    attrs["width"] = min(IMAGE_WIDTHS, key=lambda width: abs(width - node.number("width")))
    attrs.pop("upload", None)
    if RESOURCE_CODE.fullmatch(upload) and not attrs["resource"]:
        attrs["upload"] = upload
    return attrs


_OPTIONAL = {
    "codeBlock": ("language",),
    "image": ("upload",),
    "tableHeader": ("colwidth",),
    "tableCell": ("colwidth",),
}


def _plain_number(value: Attr) -> Attr:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return [_plain_number(each) for each in value] if isinstance(value, list) else value


def _inline(nodes: Sequence[Node]) -> list[Node]:
    result: list[Node] = []
    for node in nodes:
        if node.name != "text":
            result.append(Node(node.name, attrs=_attrs(node)))
            continue
        words = _clean(node.text)
        marks = _marks(node.marks)
        if words and result and result[-1].name == "text" and result[-1].marks == marks:
            result[-1] = Node("text", text=result[-1].text + words, marks=marks)
        elif words:
            result.append(Node("text", text=words, marks=marks))
    return [] if result == [_EMPTY_LINE] else result


def _marks(marks: Sequence[Mark]) -> tuple[Mark, ...]:
    if not marks:
        return ()
    by_name = {mark.name: mark for mark in marks if mark.name in MARKS}
    if "code" in by_name:
        return (Mark("code"),)
    result = []
    for name in MARKS:
        if name == "link" and name in by_name:
            href = by_name[name].attrs.get("href")
            if isinstance(href, str) and SAFE_ADDRESS.match(href):
                result.append(Mark("link", {"href": href}))
        elif name in by_name:
            result.append(Mark(name))
    return tuple(result)


def _clean(words: str) -> str:
    return _NOT_TEXT.sub("", words)


def _table(node: Node, depth: int) -> Blocks:
    rows = [_row(child, depth + 1) for child in node.content if child.name == "tableRow"]
    _make_rectangular(rows)
    kept = [Node("tableRow", row) for row in rows]
    return [Node("table", kept)] if any(row.content for row in kept) else []


def _row(node: Node, depth: int) -> list[Node]:
    cells = []
    for child in node.content:
        name = child.name if child.name in ("tableCell", "tableHeader") else "tableCell"
        content = _blocks(child.content if child.name == name else [child], depth)
        cells.append(Node(name, content or [Node("paragraph")], _cell_attrs(Node(name, attrs=child.attrs))))
    return cells


def _cell_attrs(cell: Node) -> dict[str, Attr]:
    attrs = _attrs(cell)
    for name in ("colspan", "rowspan"):
        span = min(max(cell.number(name), 1), _MAX_SPAN)
        attrs.pop(name, None)
        if span > 1:
            attrs[name] = span
    widths = attrs.get("colwidth")
    if not isinstance(widths, list) or len(widths) != attrs.get("colspan", 1):
        attrs.pop("colwidth", None)
    return attrs


def _make_rectangular(rows: list[list[Node]]) -> None:
    """Cuts spans that leave the table or run into another cell, fills what is missing with empty cells, and gives all
    cells of a column the same width.
    """
    taken: list[set[int]] = [set() for _ in rows]
    columns_of: list[tuple[Node, int]] = []
    for number, row in enumerate(rows):
        column = 0
        for cell in row:
            while column in taken[number]:
                column += 1
            width = _free_width(taken[number], column, cell.number("colspan"))
            height = _free_height(taken, number, range(column, column + width), cell.number("rowspan"))
            columns_of.append((cell, column))
            _set_span(cell, "colspan", width)
            _set_span(cell, "rowspan", height)
            for covered in taken[number : number + height]:
                covered.update(range(column, column + width))
            column += width
    columns = max((max(covered, default=-1) for covered in taken), default=-1) + 1
    for row, covered in zip(rows, taken, strict=True):
        kind = "tableHeader" if row and all(cell.name == "tableHeader" for cell in row) else "tableCell"
        for column in sorted(set(range(columns)) - covered):
            row.append(Node(kind, [Node("paragraph")]))
            columns_of.append((row[-1], column))
    _align_widths(columns_of)


def _align_widths(columns_of: list[tuple[Node, int]]) -> None:
    widths: dict[int, Attr] = {}
    for cell, column in columns_of:
        own = cell.attrs.pop("colwidth", None)
        for offset, width in enumerate(own if isinstance(own, list) else []):
            if width:
                widths.setdefault(column + offset, width)
    for cell, column in columns_of:
        spanned = [widths.get(each, 0) for each in range(column, column + cell.number("colspan"))]
        if any(spanned):
            cell.attrs["colwidth"] = spanned


def _free_width(covered: set[int], column: int, wanted: int) -> int:
    return next((width for width in range(1, wanted) if column + width in covered), wanted)


def _free_height(taken: list[set[int]], row: int, columns: range, wanted: int) -> int:
    below = taken[row + 1 : row + wanted]
    return next((height for height, covered in enumerate(below, 1) if covered.intersection(columns)), len(below) + 1)


def _set_span(cell: Node, name: str, span: int) -> None:
    if span != cell.number(name):
        cell.attrs.pop("colwidth", None)
        cell.attrs.pop(name, None)
        if span > 1:
            cell.attrs[name] = span
