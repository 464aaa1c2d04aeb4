"""What may be asked of the API: each parameter is described here, and one that makes no sense is refused with a sentence."""

from collections.abc import Mapping
from typing import Any, Final

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from foundation.errors import Invalid
from library.models import ResourceKind
from schools.models import Stage
from search.documents import Kind
from search.forms import NUMBERS, WORDS_LENGTH, Wanted, number_of, values_of
from search.index import Sort
from search.terms import FILTERS

MOST_PAGES: Final = 1000

_NAMES: Final[Mapping[str, list[str]]] = {
    "kind": [kind.value for kind in Kind],
    "type": [kind.value for kind in ResourceKind],
    "stage": [stage.value for stage in Stage],
}

_FILTERS: Final[Mapping[str, str]] = {
    "kind": "What is looked for.",
    "type": "Type of a resource; a plan is lesson_plan.",
    "stage": "Stage of schooling.",
    "grade": "Grade, 1 to 12.",
    "subject": "Number of a subject.",
    "edition": "Number of a textbook edition.",
    "volume": "Number of a textbook volume.",
    "unit": "Number of a unit of a textbook.",
    "topic": "Number of a lesson of a textbook.",
    "campus": "Number of a campus.",
    "term": "School year and half, like 2026-1.",
    "person": "Number of the owner.",
}


def parameters() -> list[dict[str, Any]]:
    """All parameters of a search, as OpenAPI has them."""
    words = {"type": "string", "maxLength": WORDS_LENGTH, "default": ""}
    page = {"type": "integer", "minimum": 1, "maximum": MOST_PAGES, "default": 1}
    sort = {"type": "string", "enum": [each.value for each in Sort], "default": Sort.RELEVANCE.value}
    return [
        _parameter(
            "q",
            words,
            "Words; in quotation marks a phrase. Without words: everything that may be read, the last changed first.",
        ),
        _parameter("page", page, "Pages have 20 hits."),
        _parameter("sort", sort, "The order."),
        *(_parameter(name, _filter_schema(name), f"{_FILTERS[name]} Several: any of them.") for name in FILTERS),
    ]


def _parameter(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema, "description": description}


def _filter_schema(name: str) -> dict[str, Any]:
    one: dict[str, Any] = {"type": "integer" if name in NUMBERS else "string"}
    if name in _NAMES:
        one["enum"] = _NAMES[name]
    return {"type": "array", "items": one}


def asked(args: MultiDict[str, str]) -> Wanted:
    """What a request asks for. Raises Invalid, naming every parameter that makes no sense."""
    faults = {name: gettext("没有这个参数。") for name in args if name not in ("q", "page", "sort", *FILTERS)}
    page = number_of(args.get("page", "1"))
    if page is None or not 1 <= page <= MOST_PAGES:
        faults["page"] = gettext("页码请用 1 到 %(most)d 的整数。", most=MOST_PAGES)
    if args.get("sort", Sort.RELEVANCE) not in list(Sort):
        faults["sort"] = gettext("排序只有 relevance、use、date。")
    if len(args.get("q", "")) > WORDS_LENGTH:
        faults["q"] = gettext("要找的字请不超过 %(count)d 个。", count=WORDS_LENGTH)
    for name in FILTERS:
        sent = set(args.getlist(name))
        if name in NUMBERS and len(values_of(name, sent)) < len(sent):
            faults[name] = gettext("这个参数要用编号。")
        elif name in _NAMES and not sent <= set(_NAMES[name]):
            faults[name] = gettext("只能是：%(names)s。", names="、".join(_NAMES[name]))
    if faults:
        first = next(iter(faults))
        raise Invalid(gettext("参数 %(name)s：%(fault)s", name=first, fault=faults[first]), **faults)
    return Wanted.read(args)
