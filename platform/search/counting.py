"""Facets: how many of the documents have which value."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from search.codec import Numbers
from search.documents import value_of
from search.segments import View

_MOST_VALUES: Final = 50

Counted = list[tuple[int | str, int]]


def count_values(view: View, facts: Sequence[str], numbers: Numbers) -> Mapping[str, Counted]:
    """How many of the documents have which value of each fact, the most frequent first; those without one are not told."""
    coded = view.coded(facts)
    counts = np.bincount(np.take(coded.codes, numbers, axis=0).ravel())
    present = np.flatnonzero(counts)
    ranges = np.searchsorted(present, coded.starts).tolist()
    found: dict[str, Counted] = {fact: [] for fact in facts}
    for at, fact in enumerate(coded.facts):
        own = present[ranges[at] : ranges[at + 1]]
        found[fact] = _told(fact, own - (coded.starts[at] + 1), counts[own])
    return found


def _told(fact: str, values: Numbers, counts: Numbers) -> Counted:
    order = np.argsort(-counts, kind="stable")[: _MOST_VALUES + 1]
    pairs = zip(values[order].tolist(), counts[order].tolist(), strict=True)
    return [(value_of(fact, value), count) for value, count in pairs if value >= 0][:_MOST_VALUES]
