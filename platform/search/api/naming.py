"""What values of facets are called. Answers name hundreds of them, which hardly ever change: names are kept for a minute."""

import time
from collections.abc import Iterable, Mapping
from typing import Final

from flask import current_app
from flask_babel import get_locale

from search.forms import Value
from search.queries import names_of

KEPT_SECONDS: Final = 60
_MOST_KEPT: Final = 20_000
_KEPT: Final = "search.api.naming"

_Named = tuple[float, str]


def names_for(name: str, values: Iterable[Value]) -> Mapping[Value, str]:
    """The name of each value of a facet, in the language of the request; "" for one that is unknown by now."""
    kept: dict[tuple[str, str, Value], _Named] = current_app.extensions.setdefault(_KEPT, {})
    language, now = str(get_locale()), time.monotonic()
    known = {value: kept.get((language, name, value)) for value in values}
    unknown = [value for value, named in known.items() if named is None or named[0] < now]
    if unknown:
        if len(kept) > _MOST_KEPT:
            kept.clear()
        found = names_of(name, unknown)
        for value in unknown:
            known[value] = kept[language, name, value] = (now + KEPT_SECONDS, found.get(value, ""))
    return {value: named[1] for value, named in known.items() if named}
