"""Holds an answer against the schema that the OpenAPI document gives for it."""

from typing import Any

TYPES: dict[str, Any] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
    "array": list,
    "object": dict,
}


def faults(value: Any, schema: dict[str, Any], document: dict[str, Any], where: str = "") -> list[str]:
    """What in `value` is otherwise than `schema` says; a field that it does not name counts too."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    kinds = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    if not any(_is(value, kind) for kind in kinds):
        return [f"{where}: {value!r} is no {kinds}"]
    if isinstance(value, list):
        inner = [(f"{where}[{at}]", each, schema["items"]) for at, each in enumerate(value)]
    elif isinstance(value, dict) and "properties" in schema:
        wrong = value.keys() ^ set(schema["required"])
        if wrong:
            return [f"{where}: {wrong} are missing or not described"]
        inner = [(f"{where}.{name}", each, schema["properties"][name]) for name, each in value.items()]
    elif isinstance(value, dict):
        inner = [(f"{where}.{name}", each, schema["additionalProperties"]) for name, each in value.items()]
    else:
        return []
    return [fault for name, each, part in inner for fault in faults(each, part, document, name)]


def _is(value: Any, kind: str) -> bool:
    return isinstance(value, TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))
