"""The blueprint of all pages of this package: signing in, one's own account, the first visit."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from foundation.errors import Refusal, TooMany

pages = Blueprint("schools", __name__, template_folder="templates")


def refused(page: str, refusal: Refusal) -> ResponseReturnValue:
    """A page that says why its form was refused, and to programs after how many seconds to come again."""
    if isinstance(refusal, TooMany):
        return page, 429, {"Retry-After": str(refusal.seconds)}
    return page, 422
