"""The OpenAPI document of the API."""

from functools import cache
from typing import Any

from apispec import APISpec

from foundation.config import VERSION
from search.api.answers import CountAnswer, HitAnswer, ProblemAnswer, SearchAnswer, name_of, object_schema, schema_of
from search.api.asking import parameters

_ABOUT = (
    "The search of Tongke 同课 for other tools. Answers hold what the signed-in person may read, and nothing else is counted. "
    "Sign in as people do: GET /sign-in, then POST its form; the session cookie is all that is asked for. "
    "There are no keys for programs yet."
)


@cache
def openapi() -> dict[str, Any]:
    """The document, made once."""
    spec = APISpec(title="Tongke search", version=VERSION, openapi_version="3.1.0", info={"description": _ABOUT})
    for shape in (HitAnswer, CountAnswer, SearchAnswer, ProblemAnswer):
        spec.components.schema(name_of(shape), object_schema(shape))
    spec.components.security_scheme("session", {"type": "apiKey", "in": "cookie", "name": "session"})
    spec.path("/api/v1/search", operations={"get": _search()})
    document: dict[str, Any] = spec.to_dict()
    return document


def _search() -> dict[str, Any]:
    problem = {"application/problem+json": {"schema": schema_of(ProblemAnswer)}}
    return {
        "operationId": "search",
        "summary": "Find plans, resources and people.",
        "parameters": parameters(),
        "security": [{"session": []}],
        "responses": {
            "200": {
                "description": "One page of what was found.",
                "content": {"application/json": {"schema": schema_of(SearchAnswer)}},
            },
            "401": {"description": "Nobody is signed in.", "content": problem},
            "422": {"description": "A parameter makes no sense.", "content": problem},
        },
    }
