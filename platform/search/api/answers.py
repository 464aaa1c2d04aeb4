"""What the API answers. Each shape is written once; its JSON and its OpenAPI schema both come from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from flask import request

from search.addresses import address_of
from search.api.naming import names_for
from search.index import Found, Hit
from search.marking import Marked

Span = tuple[int, int]


@dataclass(frozen=True)
class HitAnswer:
    """Something that was found."""

    id: Annotated[int, "Number of the plan, resource or person."]
    kind: Annotated[str, "plan, resource, person or session."]
    code: Annotated[str, "What stands in addresses."]
    type: Annotated[str, "For a resource slides, exercises …; a plan is lesson_plan; empty for people."]
    title: str
    title_hits: Annotated[Sequence[Span], "Where the words stand in the title: [from, to) in characters."]
    snippet: Annotated[str, "The text around the words, of the page or step."]
    snippet_hits: Annotated[Sequence[Span], "The same in the snippet."]
    page: Annotated[int | None, "The page, slide or sheet of a file where the snippet stands."]
    step: Annotated[str | None, "The id of the step of a plan where the snippet stands."]
    section: Annotated[str | None, "The key of the section of a plan where the snippet stands."]
    about: Annotated[str, "Author, campus and topic in words."]
    subject: int | None
    campus: int | None
    person: Annotated[int | None, "Number of the owner."]
    changed_at: Annotated[str, "When it was changed last, ISO 8601 in UTC."]
    uses: Annotated[int, "How often it is used in plans."]
    url: Annotated[str, "The page for people, opened at the very page or step."]


@dataclass(frozen=True)
class CountAnswer:
    """How many hits have a value."""

    value: Annotated[int | str, "What to send as the parameter of this name."]
    name: Annotated[str, "What people call it, in the language of the request; empty where it is gone by now."]
    count: int


@dataclass(frozen=True)
class SearchAnswer:
    """One page of what was found."""

    hits: Sequence[HitAnswer]
    total: Annotated[int, "Of all pages; only what the person may read is counted."]
    page: int
    pages: int
    facets: Annotated[
        Mapping[str, Sequence[CountAnswer]], "By the name of a filter: its values, the most frequent first."
    ]
    suggestion: Annotated[str, "What was perhaps meant, or empty."]
    forgiving: Annotated[bool, "Nothing matched all words: the hits match most of them, or sound like them."]
    took_ms: Annotated[float, "Milliseconds of the index."]


@dataclass(frozen=True)
class ProblemAnswer:
    """Why something was not answered (RFC 9457)."""

    title: str
    status: int
    detail: Annotated[str, "A sentence for people, in the language of the request."]
    code: Annotated[str, "For programs: signed_out, invalid, not_found …"]


def search_answer(found: Found) -> dict[str, Any]:
    """A `SearchAnswer` as JSON."""
    return {
        "hits": [_hit(hit) for hit in found.hits],
        "total": found.total,
        "page": found.page,
        "pages": found.pages,
        "facets": {name: _counts(name, counts) for name, counts in found.facets.items()},
        "suggestion": found.suggestion,
        "forgiving": found.forgiving,
        "took_ms": found.took_ms,
    }


def _counts(name: str, counts: Sequence[tuple[int | str, int]]) -> list[dict[str, Any]]:
    names = names_for(name, [value for value, _ in counts])
    return [{"value": value, "name": names[value], "count": count} for value, count in counts]


def _hit(hit: Hit) -> dict[str, Any]:
    where = {hit.part.kind: hit.part.key} if hit.part else {}
    return {
        "id": hit.id,
        "kind": hit.kind,
        "code": hit.code,
        "type": hit.type,
        "title": _text(hit.title),
        "title_hits": _spans(hit.title),
        "snippet": _text(hit.snippet),
        "snippet_hits": _spans(hit.snippet),
        "page": int(where["page"]) if "page" in where else None,
        "step": where.get("step"),
        "section": where.get("section"),
        "about": hit.line,
        "subject": hit.subject_id,
        "campus": hit.campus_id,
        "person": hit.owner_id,
        "changed_at": hit.changed_at.isoformat(),
        "uses": hit.uses,
        "url": request.host_url.rstrip("/") + address_of(hit.kind, hit.code, hit.part),
    }


def _text(marked: Marked) -> str:
    return "".join(piece.text for piece in marked)


def _spans(marked: Marked) -> list[Span]:
    spans, at = [], 0
    for piece in marked:
        if piece.hit:
            spans.append((at, at + len(piece.text)))
        at += len(piece.text)
    return spans


# Schemas.

_SIMPLE = {str: "string", int: "integer", float: "number", bool: "boolean", NoneType: "null"}


def schema_of(shape: Any) -> dict[str, Any]:
    """The JSON schema of a type; one of our shapes within another is referred to by its name."""
    if is_dataclass(shape):
        return {"$ref": f"#/components/schemas/{name_of(shape)}"}
    origin, arguments = get_origin(shape), get_args(shape)
    if origin is Annotated:
        return {**schema_of(arguments[0]), "description": arguments[1]}
    if origin in (Union, UnionType):
        return {"type": [_SIMPLE[each] for each in arguments]}
    if origin is tuple:
        return {"type": "array", "items": schema_of(arguments[0]), "minItems": 2, "maxItems": 2}
    if origin is Sequence:
        return {"type": "array", "items": schema_of(arguments[0])}
    if origin is Mapping:
        return {"type": "object", "additionalProperties": schema_of(arguments[1])}
    return {"type": _SIMPLE[shape]}


def object_schema(shape: type) -> dict[str, Any]:
    """The JSON schema of one of our shapes."""
    hints = get_type_hints(shape, include_extras=True)
    return {
        "type": "object",
        "description": shape.__doc__,
        "properties": {field.name: schema_of(hints[field.name]) for field in fields(shape)},
        "required": [field.name for field in fields(shape)],
    }


def name_of(shape: Any) -> str:
    """What one of our shapes is called in the document."""
    return str(shape.__name__).removesuffix("Answer")
