"""The addresses of the API."""

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from foundation import allow
from schools.access import standing_of
from schools.signing_in import the_person
from search import queries
from search.api.answers import search_answer
from search.api.asking import asked
from search.api.document import openapi

pages = Blueprint("api", __name__, url_prefix="/api/v1")


@pages.get("/search")
@allow.signed_in
def find() -> ResponseReturnValue:
    """What the signed-in person finds."""
    return jsonify(search_answer(queries.search(standing_of(the_person()), asked(request.args))))


@pages.get("/openapi.json")
@allow.anyone
def describe() -> ResponseReturnValue:
    """What may be asked and what is answered, as an OpenAPI document."""
    return jsonify(openapi())
