"""The outer door of every page and socket event: who may come in at all.

The marks made here are read by `schools.signing_in`, which turns people away, and by a test, which finds the unmarked.
"""

from collections.abc import Callable
from typing import Any, TypeVar

Handler = TypeVar("Handler", bound=Callable[..., Any])

ANYONE = "anyone"
SIGNED_IN = "signed_in"
PUPIL = "pupil"
FIRST_VISIT = "first_visit"


def _mark(handler: Handler, rule: str) -> Handler:
    handler.__dict__["allowed"] = rule
    return handler


def anyone(view: Handler) -> Handler:
    """Anyone, signed in or not."""
    return _mark(view, ANYONE)


def signed_in(view: Handler) -> Handler:
    """People who are signed in; others are led to the sign-in page."""
    return _mark(view, SIGNED_IN)


def pupil(view: Handler) -> Handler:
    """Pupils who are signed in with the card of their class, and nobody else."""
    return _mark(view, PUPIL)


def first_visit(view: Handler) -> Handler:
    """Anyone, but only while the installation has no group yet."""
    return _mark(view, FIRST_VISIT)


def socket(who: str) -> Callable[[Handler], Handler]:
    """Mark a socket handler with the sentence `who` that says who may send it."""

    def mark(handler: Handler) -> Handler:
        return _mark(handler, who)

    return mark


def rule_of(handler: Callable[..., Any]) -> str | None:
    """The mark of a view or socket handler, or None when it was forgotten."""
    rule = getattr(handler, "allowed", None)
    return rule if isinstance(rule, str) else None
