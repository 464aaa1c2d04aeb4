"""Where a hit leads: to the very page of a file, to the very step of a plan."""

from flask import url_for

from search.documents import CHAPTER, Kind
from search.index import Place


def address_of(kind: str, code: str, part: Place | None = None) -> str:
    """The address of what was found. Somebody leads to what they have shared."""
    if kind == Kind.PLAN:
        return url_for("lessons.show_plan", code=code, _anchor=_anchor(part) if part else None)
    if kind == Kind.PERSON:
        return url_for("search.search", person=code)
    if kind == Kind.SESSION and part and part.kind == CHAPTER:
        return url_for("live_recording.replay", code=code, at=part.key)
    if kind == Kind.SESSION:
        return url_for("live.show_session", code=code)
    if part and part.kind == "page":
        return url_for("library.show_preview", code=code, page=part.key)
    return url_for("library.show_resource", code=code)


def _anchor(part: Place) -> str:
    return f"step-{part.key}" if part.kind == "step" else part.key
