"""Word's formulas (OMML) as LaTeX. What has no form of its own is written out in a line: nothing is dropped."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from xml.etree.ElementTree import Element

_SPECIAL = {
    "\\": r"\backslash ",
    "{": r"\{",
    "}": r"\}",
    "%": r"\%",
    "&": r"\&",
    "#": r"\#",
    "$": r"\$",
    "_": r"\_",
    "^": r"\hat{}",
    "~": r"\sim ",
    "\u2061": "",  # function application, never seen
    "\u2062": "",
    "\u200b": "",
    "\u2212": "-",
    "×": r"\times ",
    "÷": r"\div ",
    "·": r"\cdot ",
    "±": r"\pm ",
    "≤": r"\le ",
    "≥": r"\ge ",
    "≠": r"\ne ",
    "≈": r"\approx ",
    "∞": r"\infty ",
    "π": r"\pi ",
    "→": r"\to ",
    "∠": r"\angle ",
    "△": r"\triangle ",
    "⊥": r"\perp ",
    "∥": r"\parallel ",
    "°": r"^{\circ}",
    "…": r"\dots ",
    "⋯": r"\cdots ",
}
_FUNCTIONS = frozenset(
    re.findall(
        r"\w+",
        "arccos arcsin arctan arg cos cosh cot coth csc deg det dim exp gcd hom inf ker lg lim liminf limsup ln log max "
        "min sec sin sinh sup tan tanh",
    )
)
_LARGE = {
    "∑": r"\sum",
    "∏": r"\prod",
    "∐": r"\coprod",
    "∫": r"\int",
    "∬": r"\iint",
    "∭": r"\iiint",
    "∮": r"\oint",
    "⋃": r"\bigcup",
    "⋂": r"\bigcap",
    "⋁": r"\bigvee",
    "⋀": r"\bigwedge",
}
_ACCENTS = {
    "\u0302": r"\hat",
    "\u0303": r"\tilde",
    "\u0304": r"\bar",
    "\u0305": r"\overline",
    "\u0307": r"\dot",
    "\u0308": r"\ddot",
    "\u030c": r"\check",
    "\u0306": r"\breve",
    "\u0301": r"\acute",
    "\u0300": r"\grave",
    "\u20d7": r"\vec",
    "\u20d6": r"\overleftarrow",
}
_GROUPS = {"⏞": r"\overbrace", "⏟": r"\underbrace", "→": r"\overrightarrow", "←": r"\overleftarrow"}
_FENCES = {"{": r"\{", "}": r"\}", "‖": r"\|", "⟨": r"\langle ", "⟩": r"\rangle ", "〈": r"\langle ", "〉": r"\rangle ",
           "⌊": r"\lfloor ", "⌋": r"\rfloor ", "⌈": r"\lceil ", "⌉": r"\rceil ", "": "."}  # fmt: skip
_WORDS = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f]+")


def latex_of(formula: Element) -> str:
    """The LaTeX of an `m:oMath` or `m:oMathPara`."""
    if _name(formula) == "oMathPara":
        lines = [latex_of(line) for line in formula if _name(line) == "oMath"]
        return lines[0] if len(lines) == 1 else r"\begin{gathered}" + r" \\ ".join(lines) + r"\end{gathered}"
    return re.sub(" +", " ", _inside(formula)).strip()


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _child(element: Element, *path: str) -> Element | None:
    found: Element | None = element
    for name in path:
        found = next((each for each in found if _name(each) == name), None) if found is not None else None
    return found


def _property(element: Element, name: str) -> str | None:
    """The value of a property of the element; empty where it is there without one, None where it is not."""
    found = _child(element, _name(element) + "Pr", name)
    if found is None:
        return None
    return next((value for key, value in found.attrib.items() if key.rpartition("}")[2] == "val"), "")


def _is_on(element: Element, name: str) -> bool:
    value = _property(element, name)
    return value is not None and value not in ("0", "off", "false")


def _inside(element: Element | None) -> str:
    return "".join(map(_latex, element)) if element is not None else ""


def _part(element: Element, name: str) -> str:
    return _inside(_child(element, name)).strip()


def _latex(element: Element) -> str:
    name = _name(element)
    if name.endswith("Pr"):
        return ""
    writer = _WRITERS.get(name)
    return writer(element) if writer else _inside(element) or _letters(element.text or "")


def _letters(words: str) -> str:
    parts = []
    for part in re.split(f"({_WORDS.pattern})", words):
        if _WORDS.fullmatch(part):
            parts.append(rf"\text{{{part}}}")
        else:
            parts.extend(_letter(letter) for letter in part)
    return "".join(parts)


def _letter(letter: str) -> str:
    if letter in _SPECIAL:
        return _SPECIAL[letter]
    return unicodedata.normalize("NFKC", letter) if "\U0001d400" <= letter <= "\U0001d7ff" else letter


def _run(element: Element) -> str:
    words = "".join(child.text or "" for child in element if _name(child) == "t")
    if _child(element, "rPr", "nor") is not None:
        plain = re.sub(r"([#$%&_{}])", r"\\\1", words).replace("\\\\", "")
        return rf"\text{{{plain}}}" if words.strip() else words
    return _letters(words)


def _fraction(element: Element) -> str:
    above, below = _part(element, "num"), _part(element, "den")
    match _property(element, "type"):
        case "lin" | "skw":
            return f"{{{above}}}/{{{below}}}"
        case "noBar":
            return rf"\genfrac{{}}{{}}{{0pt}}{{}}{{{above}}}{{{below}}}"
        case _:
            return rf"\frac{{{above}}}{{{below}}}"


def _scripts(element: Element) -> str:
    below, above = _child(element, "sub"), _child(element, "sup")
    scripts = f"_{{{_inside(below).strip()}}}" if below is not None else ""
    scripts += f"^{{{_inside(above).strip()}}}" if above is not None else ""
    base = _part(element, "e")
    if _name(element) == "sPre":
        return f"{{}}{scripts}{base}"
    return (base if re.fullmatch(r"[^\\{}^_ ]?", base) else f"{{{base}}}") + scripts


def _root(element: Element) -> str:
    degree = "" if _is_on(element, "degHide") else _part(element, "deg")
    return rf"\sqrt[{degree}]{{{_part(element, 'e')}}}" if degree else rf"\sqrt{{{_part(element, 'e')}}}"


def _large_operator(element: Element) -> str:
    sign = _property(element, "chr")
    operator = _LARGE.get("∫" if sign is None else sign) or _letters(sign or "")
    below = "" if _is_on(element, "subHide") else _part(element, "sub")
    above = "" if _is_on(element, "supHide") else _part(element, "sup")
    limits = r"\limits" if _property(element, "limLoc") == "undOvr" and operator.endswith("int") else ""
    bounds = (f"_{{{below}}}" if below else "") + (f"^{{{above}}}" if above else "")
    return f"{operator}{limits}{bounds} {_part(element, 'e')}"


def _delimiters(element: Element) -> str:
    opening, closing, between = (_property(element, name) for name in ("begChr", "endChr", "sepChr"))
    sides = [
        _FENCES.get(side, side) for side in ("(" if opening is None else opening, ")" if closing is None else closing)
    ]
    parts = [_inside(each).strip() for each in element if _name(each) == "e"]
    middle = rf" \middle{_FENCES.get(between or '|', between or '|')} "
    return rf"\left{sides[0]} {middle.join(parts)} \right{sides[1]}"


def _function(element: Element) -> str:
    name = _part(element, "fName")
    bare = re.sub(r"\\text\{(\w+)\}", r"\1", name)
    head = re.match(r"[a-z]+", bare)
    if head and head[0] in _FUNCTIONS:
        name = f"\\{bare}"
    elif bare.isalpha():
        name = rf"\operatorname{{{bare}}}"
    return f"{name} {_part(element, 'e')}"


def _accent(element: Element) -> str:
    sign = _property(element, "chr")
    command = _ACCENTS.get("\u0302" if sign is None else sign)
    inside = _part(element, "e")
    return rf"{command}{{{inside}}}" if command else rf"\overset{{{sign}}}{{{inside}}}"


def _bar(element: Element) -> str:
    return rf"\{'overline' if _property(element, 'pos') == 'top' else 'underline'}{{{_part(element, 'e')}}}"


def _group(element: Element) -> str:
    command = _GROUPS.get(_property(element, "chr") or "⏟")
    inside = _part(element, "e")
    return rf"{command}{{{inside}}}" if command else rf"\overset{{{_property(element, 'chr')}}}{{{inside}}}"


def _limit(element: Element) -> str:
    base, limit = _part(element, "e"), _part(element, "lim")
    above = _name(element) == "limUpp"
    if base in _FUNCTIONS:
        return rf"\{base}{'^' if above else '_'}{{{limit}}}"
    if base.startswith((r"\underbrace", r"\overbrace")):
        return f"{base}{'^' if above else '_'}{{{limit}}}"
    return rf"\{'overset' if above else 'underset'}{{{limit}}}{{{base}}}"


def _matrix(element: Element) -> str:
    rows = [
        " & ".join(_inside(cell).strip() for cell in row if _name(cell) == "e") for row in element if _name(row) == "mr"
    ]
    return rf"\begin{{matrix}}{_rows(rows)}\end{{matrix}}"


def _equations(element: Element) -> str:
    rows = [_inside(row).strip().replace(r"\&", "&") for row in element if _name(row) == "e"]
    return rf"\begin{{aligned}}{_rows(rows)}\end{{aligned}}" if len(rows) > 1 else "".join(rows)


def _rows(rows: Iterable[str]) -> str:
    return r" \\ ".join(rows)


def _boxed(element: Element) -> str:
    return rf"\boxed{{{_part(element, 'e')}}}"


_WRITERS: dict[str, Callable[[Element], str]] = {
    "r": _run,
    "f": _fraction,
    "sSub": _scripts,
    "sSup": _scripts,
    "sSubSup": _scripts,
    "sPre": _scripts,
    "rad": _root,
    "nary": _large_operator,
    "d": _delimiters,
    "func": _function,
    "acc": _accent,
    "bar": _bar,
    "groupChr": _group,
    "limLow": _limit,
    "limUpp": _limit,
    "m": _matrix,
    "eqArr": _equations,
    "borderBox": _boxed,
}
