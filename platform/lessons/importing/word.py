"""Reads a Word file into blocks of text: paragraphs, headings, lists, tables, formulas, pinyin, links.

Layout is left behind: fonts, colours, empty lines, page furniture. Pictures that a browser can show come along; others leave
a mark with their description.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from foundation.packages import attribute, local_name
from lessons.importing.formulas import latex_of
from lessons.importing.numbering import Number, Numbering
from lessons.importing.package import MAX_FILE, Package, opened
from lessons.importing.pictures import picture_ending
from lessons.text.content import Blocks, Mark, Node, plain_text
from lessons.text.markup import picture_mark
from lessons.text.schema import INLINE_NODES, Attr

_CODE_STYLES = re.compile(r"plain text|html preformatted|source ?code|纯文本|html 预设格式|代码.*", re.IGNORECASE)
_TITLE_STYLES = re.compile(r"title|标题", re.IGNORECASE)
_HEADING_STYLE = re.compile(r"(?:heading|标题)\s*(\d)", re.IGNORECASE)
_PHONETIC_FIELD = re.compile(r"\\o\\a\w\(\\s\\up\s*\d+\(([^)]*)\)\s*,\s*(.*?)\)\s*$")
_FRACTION_FIELD = re.compile(r"\\f\(([^,()]*)[,;]([^()]*)\)")
_TICKS = {"\uf0fe": "☑", "\uf0a8": "☐", "\uf06f": "☐", "\uf0fc": "✓", "\uf0fb": "✗", "\uf052": "☑", "\uf0a3": "☐"}
_MARK_PROPERTIES = {"b": "bold", "i": "italic", "u": "underline", "strike": "strike", "dstrike": "strike"}
_OFF = ("0", "false", "off", "none")
_NESTING = 20


@dataclass
class WordText:
    """The body of a Word file, and how often it held what could not be kept (`pictures`, `nested_tables`, …).

    `pictures` are those that stand in it, by the `upload` of their nodes.
    """

    blocks: Blocks
    counts: Counter[str]
    pictures: dict[str, bytes]


def read_word(data: bytes) -> WordText:
    """The text of a `.docx` or `.docm` file; macros are not looked at. Raises `Unreadable`."""
    with opened(data) as package:
        source, root = package.document()
        styles = _Styles.read(package.related(source, "styles"))
        reader = _Reader(
            styles=styles,
            numbering=Numbering.read(package.related(source, "numbering")),
            links=package.targets(source, "hyperlink"),
            notes=_notes(package, source),
            pictures=_pictures(package, source),
        )
        if package.targets(source, "vbaProject"):
            reader.counts["macros"] += 1
    body = next((child for child in root if local_name(child) == "body"), root)
    blocks = reader.blocks(body)
    gaps = {node.string("upload") for block in blocks for node in block.walk() if node.name == "image"}
    pictures = {_gap(number): picture for number, picture in enumerate(reader.pictures.values())}
    return WordText(blocks, reader.counts, {gap: picture for gap, picture in pictures.items() if gap in gaps})


def _pictures(package: Package, source: str) -> dict[str, bytes]:
    """The pictures of a part by their relationship, as far as browsers show them and they are not too much together."""
    found: dict[str, bytes] = {}
    room = MAX_FILE
    for relation, kind, name, outside in package.relations(source):
        picture = b"" if kind != "image" or outside else package.bytes_of(name)
        if picture_ending(picture) and len(picture) <= room:
            found[relation] = picture
            room -= len(picture)
    return found


def _gap(number: int) -> str:
    return f"picture{number + 1}"


def _notes(package: Package, source: str) -> dict[str, Element]:
    found = {}
    for kind in ("footnote", "endnote"):
        root = package.related(source, f"{kind}s")
        for note in root if root is not None else ():
            if attribute(note, "type") is None:
                found[f"{kind}{attribute(note, 'id')}"] = note
    return found


def _child(element: Element | None, name: str) -> Element | None:
    return next((child for child in element if local_name(child) == name), None) if element is not None else None


def _value(element: Element | None, name: str) -> str | None:
    return attribute(_child(element, name), "val")


@dataclass
class _Styles:
    names: dict[str, str] = field(default_factory=dict)
    properties: dict[str, Element] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, root: Element | None) -> "_Styles":
        styles = cls()
        for style in root if root is not None else ():
            style_id = attribute(style, "styleId")
            if style_id is None:
                continue
            styles.names[style_id] = _value(style, "name") or style_id
            properties = _child(style, "pPr")
            if properties is not None:
                styles.properties[style_id] = properties
            parent = _value(style, "basedOn")
            if parent:
                styles.parents[style_id] = parent
        return styles

    def name(self, style_id: str | None) -> str:
        return self.names.get(style_id or "", "")

    def find(self, own: Element | None, style_id: str | None, name: str) -> Element | None:
        """The paragraph property: the paragraph's own, else its style's, else that of the style this one builds on."""
        found = _child(own, name)
        for _ in range(_NESTING):
            if found is not None or style_id is None:
                break
            found = _child(self.properties.get(style_id), name)
            style_id = self.parents.get(style_id)
        return found

    def level(self, own: Element | None, style_id: str | None) -> int:
        """The level of the heading, 0 for a paragraph that is none."""
        named = _HEADING_STYLE.fullmatch(self.name(style_id))
        outline = attribute(self.find(own, style_id, "outlineLvl"), "val") or ""
        if outline.isdigit():
            return int(outline) + 1 if int(outline) < 9 else 0
        if named:
            return int(named[1])
        return 1 if _TITLE_STYLES.fullmatch(self.name(style_id)) else 0


@dataclass
class _Paragraph:
    """What a paragraph of Word became, before lists and programs are put together again."""

    node: Node
    number: Number | None = None
    is_code: bool = False
    after: Blocks = field(default_factory=list)


@dataclass
class _Reader:
    styles: _Styles
    numbering: Numbering
    links: dict[str, str]
    notes: dict[str, Element]
    pictures: dict[str, bytes]
    counts: Counter[str] = field(default_factory=Counter)
    depth: int = 0
    cells_open: int = 0

    # ---- blocks ----

    def blocks(self, container: Element) -> Blocks:
        """The blocks in a body, cell, text box or note."""
        if self.depth > _NESTING:
            return [Node("paragraph", [Node("text", text=" ".join(container.itertext()))])]
        self.depth += 1
        result: Blocks = []
        items: list[_Paragraph] = []
        for child in _children(container):
            kind = local_name(child)
            if kind == "p":
                paragraph = self._paragraph(child)
                if items and not _goes_on(items[-1], paragraph):
                    _close(items, result)
                if paragraph.number or paragraph.is_code:
                    items.append(paragraph)
                    continue
                result.append(paragraph.node)
                result.extend(paragraph.after)
            elif kind == "tbl":
                _close(items, result)
                result.extend(self._table(child))
            elif kind in ("oMathPara", "oMath"):
                _close(items, result)
                result.append(Node("blockMath", attrs={"latex": latex_of(child)}))
        _close(items, result)
        self.depth -= 1
        return result

    def _paragraph(self, element: Element) -> _Paragraph:
        own = _child(element, "pPr")
        style_id = _value(own, "pStyle")
        is_code = bool(_CODE_STYLES.fullmatch(self.styles.name(style_id)))
        content = list(self._inline(element, ()))
        after = [node for node in content if node.name not in INLINE_NODES]
        content = [node for node in content if node.name in INLINE_NODES]
        level = self.styles.level(own, style_id)
        number = self._number(own, style_id)
        if not is_code:
            content = _without_indent(content)
        if after and after[0].name in ("blockMath", "image") and not content:
            return _Paragraph(after[0], number, False, after[1:])
        if number and number.words and content:
            content.insert(0, Node("text", text=number.words, marks=content[0].marks))
            number = None
        if level and content:
            for node in content:
                node.marks = tuple(mark for mark in node.marks if mark.name not in ("bold", "underline"))
            return _Paragraph(Node("heading", content, {"level": level}), None, False, after)
        if not content:
            number = None
        return _Paragraph(Node("paragraph", content), number, is_code, after)

    def _number(self, own: Element | None, style_id: str | None) -> Number | None:
        properties = self.styles.find(own, style_id, "numPr")
        number_id = _value(properties, "numId")
        depth = _value(properties, "ilvl") or "0"
        return self.numbering.next(number_id, int(depth)) if number_id and depth.isdigit() else None

    # ---- inline ----

    def _inline(self, element: Element, marks: tuple[Mark, ...]) -> Iterator[Node]:
        field_words: list[str] | None = None
        for child in _inline_children(element):
            kind = local_name(child)
            field_kind = _value_of_field(child) if kind == "r" else None
            if field_kind == "begin":
                field_words = []
            elif field_kind is not None and field_words is not None:
                if field_kind == "end":
                    yield from _field_result("".join(field_words), marks)
                field_words = None
            if field_words is not None and kind == "r":
                field_words.extend(each.text or "" for each in child if local_name(each) == "instrText")
            yield from self._inline_child(child, kind, marks)

    def _inline_child(self, child: Element, kind: str, marks: tuple[Mark, ...]) -> Iterator[Node]:
        if kind == "r":
            yield from self._run(child, marks)
        elif kind == "oMath":
            yield Node("inlineMath", attrs={"latex": latex_of(child)})
        elif kind == "oMathPara":
            yield Node("blockMath", attrs={"latex": latex_of(child)})
        elif kind == "hyperlink":
            address = self.links.get(attribute(child, "id") or "", "")
            yield from self._inline(child, (*marks, Mark("link", {"href": address})) if address else marks)
        elif kind == "del" or kind == "moveFrom":
            self.counts["deleted"] += 1
        elif kind in ("ins", "moveTo", "smartTag", "fldSimple", "bdo", "dir", "sdt", "sdtContent", "customXml"):
            yield from self._inline(child, marks)

    def _run(self, run: Element, marks: tuple[Mark, ...]) -> Iterator[Node]:
        properties = _child(run, "rPr")
        if _is_on(properties, "vanish"):
            return
        marks = (*marks, *_run_marks(properties))
        for child in _inline_children(run):
            yield from self._run_part(child, local_name(child), marks)

    def _run_part(self, child: Element, kind: str, marks: tuple[Mark, ...]) -> Iterator[Node]:
        words = _RUN_WORDS.get(kind)
        if kind == "t":
            words = child.text
        elif kind == "sym":
            code = int(attribute(child, "char") or "25a1", 16)
            words = _TICKS.get(chr(code), "•" if 0xE000 <= code <= 0xF8FF else chr(code))
        if words:
            yield Node("text", text=words.translate(_TICK_TABLE), marks=marks)
        elif kind in ("br", "cr"):
            if attribute(child, "type") not in ("page", "column"):
                yield Node("hardBreak")
        elif kind == "ruby":
            base, above = (_words(_child(child, part)) for part in ("rubyBase", "rt"))
            yield Node("ruby", attrs={"base": base, "text": above})
        elif kind in ("drawing", "pict", "object"):
            yield from self._drawing(child, marks)
        elif kind in ("footnoteReference", "endnoteReference"):
            note = self.notes.get(f"{kind.removesuffix('Reference')}{attribute(child, 'id')}")
            if note is not None:
                yield Node("text", text=f"（注：{plain_text(self.blocks(note))}）", marks=marks)

    def _drawing(self, drawing: Element, marks: tuple[Mark, ...]) -> Iterator[Node]:
        boxes = [each for each in drawing.iter() if local_name(each) == "txbxContent"]
        for box in boxes:
            yield from self.blocks(box)
        drawn = [each for each in drawing.iter() if local_name(each) in ("blip", "imagedata", "chart", "relIds")]
        if not drawn:
            return
        described = next((each for each in drawing.iter() if local_name(each) in ("docPr", "imagedata")), None)
        description = attribute(described, "descr") or attribute(described, "title") or ""
        shown = [attribute(each, "embed") or attribute(each, "id") or "" for each in drawn]
        known = [relation for relation in dict.fromkeys(shown) if relation in self.pictures]
        if known and self.cells_open < 2:
            for relation in known:
                gap = _gap(list(self.pictures).index(relation))
                yield Node("image", attrs={"alt": description, "upload": gap})
        else:
            self.counts["pictures"] += 1
            yield Node("text", text=picture_mark(description), marks=marks)

    # ---- tables ----

    def _table(self, table: Element) -> Blocks:
        rows: list[list[Node]] = []
        above: dict[int, Node] = {}
        elements = [row for row in _children(table) if local_name(row) == "tr"]
        for element in elements:
            row, above = self._row(element, above)
            rows.append(row)
        if rows and _begins_with_header(elements[0], rows, table):
            for cell in rows[0]:
                cell.name = "tableHeader"
        result = Node("table", [Node("tableRow", row) for row in rows])
        if self.cells_open:
            self.counts["nested_tables"] += 1
            return _as_lines(result)
        return [result]

    def _row(self, element: Element, above: dict[int, Node]) -> tuple[list[Node], dict[int, Node]]:
        """The cells of the row, and for each column the cell that a merged one in the next row would belong to."""
        properties = _child(element, "trPr")
        row: list[Node] = []
        column = _whole(_value(properties, "gridBefore"), 0)
        if column:
            row.append(Node("tableCell", [Node("paragraph")], {"colspan": column}))
        below: dict[int, Node] = {}
        for cell in _children(element):
            if local_name(cell) != "tc":
                continue
            own = _child(cell, "tcPr")
            width = _whole(_value(own, "gridSpan"), 1)
            merge = _child(own, "vMerge")
            self.cells_open += 1
            content = self.blocks(cell)
            self.cells_open -= 1
            if merge is not None and attribute(merge, "val") in (None, "continue") and column in above:
                origin = above[column]
                if origin not in below.values():
                    origin.attrs["rowspan"] = origin.number("rowspan") + 1
                origin.content.extend(block for block in content if block.content or block.name != "paragraph")
            else:
                attrs: dict[str, Attr] = {"colspan": width} if width > 1 else {}
                origin = Node("tableCell", content or [Node("paragraph")], attrs)
                row.append(origin)
            if merge is not None:
                below[column] = origin
            column += width
        return row, below


_RUN_WORDS = {"tab": "\t", "ptab": "\t", "noBreakHyphen": "-", "softHyphen": ""}
_TICK_TABLE = str.maketrans(_TICKS)


def _children(container: Element) -> Iterator[Element]:
    """The children, those of content controls and tracked insertions among them as if they stood there by themselves."""
    for child in container:
        kind = local_name(child)
        if kind in ("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag"):
            yield from _children(child)
        elif kind == "AlternateContent":
            yield from _children(_choice(child))
        else:
            yield child


def _inline_children(element: Element) -> Iterator[Element]:
    for child in element:
        if local_name(child) == "AlternateContent":
            yield from _inline_children(_choice(child))
        else:
            yield child


def _choice(alternatives: Element) -> Element:
    choice = _child(alternatives, "Choice")
    if choice is None:
        choice = _child(alternatives, "Fallback")
    return alternatives if choice is None else choice


def _is_on(properties: Element | None, name: str) -> bool:
    found = _child(properties, name)
    return found is not None and attribute(found, "val") not in _OFF


def _run_marks(properties: Element | None) -> list[Mark]:
    marks = [Mark(mark) for name, mark in _MARK_PROPERTIES.items() if _is_on(properties, name)]
    position = _value(properties, "vertAlign")
    if position in ("superscript", "subscript"):
        marks.append(Mark(position))
    return marks


def _value_of_field(run: Element) -> str | None:
    return attribute(_child(run, "fldChar"), "fldCharType")


def _field_result(instruction: str, marks: tuple[Mark, ...]) -> Iterator[Node]:
    """What Word draws for a field that has no result of its own: an old fraction, an old pinyin guide."""
    phonetic = _PHONETIC_FIELD.search(instruction)
    fraction = _FRACTION_FIELD.search(instruction)
    if not instruction.strip().upper().startswith("EQ"):
        return
    if phonetic:
        yield Node("ruby", attrs={"base": phonetic[2], "text": phonetic[1]})
    elif fraction:
        yield Node("inlineMath", attrs={"latex": rf"\frac{{{fraction[1].strip()}}}{{{fraction[2].strip()}}}"})
    else:
        yield Node("text", text=instruction.strip()[2:].strip(), marks=marks)


def _words(element: Element | None) -> str:
    return "".join(each.text or "" for each in element.iter() if local_name(each) == "t") if element is not None else ""


def _whole(value: str | None, otherwise: int) -> int:
    return int(value) if value and value.isdigit() else otherwise


def _without_indent(content: list[Node]) -> list[Node]:
    """Without the spaces that indent a paragraph, and with one space where a tabulator was."""
    kept = list(content)
    while kept and kept[0].name == "text" and not kept[0].text.strip():
        kept.pop(0)
    if kept and kept[0].name == "text":
        kept[0].text = kept[0].text.lstrip()
    while kept and kept[-1].name in ("text", "hardBreak") and not kept[-1].text.strip():
        kept.pop()
    if kept:
        kept[-1].text = kept[-1].text.rstrip()
    for node in kept:
        node.text = node.text.replace("\t", " ")
    return kept


# ---- lists and programs ----


def _goes_on(last: _Paragraph, following: _Paragraph) -> bool:
    if last.is_code:
        return following.is_code
    return following.number is not None


def _close(items: list[_Paragraph], result: Blocks) -> None:
    """Puts the paragraphs of a list or program together and empties `items`."""
    if items and items[0].is_code:
        lines = [
            "".join(node.text or "\n" for node in item.node.content if node.name in ("text", "hardBreak"))
            for item in items
        ]
        code = "\n".join(lines).strip("\n")
        if code:
            result.append(Node("codeBlock", [Node("text", text=code)]))
    else:
        result.extend(_lists(items))
    for item in items:
        result.extend(item.after)
    items.clear()


def _lists(items: Iterable[_Paragraph]) -> Blocks:
    result: Blocks = []
    open_lists: list[tuple[int, Node]] = []
    for item in items:
        number = item.number
        if number is None:
            continue
        while open_lists and open_lists[-1][0] > number.depth:
            open_lists.pop()
        name = "bulletList" if number.bullet else "orderedList"
        if not open_lists or open_lists[-1][0] < number.depth or open_lists[-1][1].name != name:
            if open_lists and open_lists[-1][0] == number.depth:
                open_lists.pop()
            attrs: dict[str, Attr] = {} if number.bullet or number.count == 1 else {"start": number.count}
            new = Node(name, [], attrs)
            (open_lists[-1][1].content[-1].content if open_lists else result).append(new)
            open_lists.append((number.depth, new))
        open_lists[-1][1].content.append(Node("listItem", [item.node]))
    return result


# ---- tables ----


def _begins_with_header(first: Element, rows: list[list[Node]], table: Element) -> bool:
    """Whether the first row names the columns: Word says so, or its style does and the row looks like it."""
    if _is_on(_child(first, "trPr"), "tblHeader"):
        return True
    look = _child(_child(table, "tblPr"), "tblLook")
    styled = attribute(look, "firstRow") == "1" or int(attribute(look, "val") or "0", 16) & 0x20
    words = [plain_text(cell.content) for cell in rows[0]]
    plain = all("colspan" not in cell.attrs and "rowspan" not in cell.attrs for cell in rows[0])
    return bool(styled) and len(rows) > 1 and len(words) > 1 and plain and all(0 < len(each) <= 20 for each in words)


def _as_lines(table: Node) -> Blocks:
    """A table inside a cell as one paragraph for each row, its cells kept apart by bars."""
    lines: Blocks = []
    for row in table.content:
        content: list[Node] = []
        for number, cell in enumerate(row.content):
            if number:
                content.append(Node("text", text="｜"))
            content.extend(_inline_of(cell))
        lines.append(Node("paragraph", content))
    return lines


def _inline_of(node: Node) -> Iterator[Node]:
    for number, child in enumerate(node.content):
        if child.name in INLINE_NODES:
            yield child
        elif child.name == "blockMath":
            yield Node("inlineMath", attrs=child.attrs)
        else:
            if number:
                yield Node("text", text=" ")
            yield from _inline_of(child)
