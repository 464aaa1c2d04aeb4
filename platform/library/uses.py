"""What resources are used in. Packages above say so here; then it is shown, and nothing in use is deleted for good."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from library.models import Resource
from schools.access import Standing


@dataclass(frozen=True)
class Use:
    """Something that a resource stands in: what it is called, its address, and whose it is."""

    title: str
    address: str
    who: str


Finder = Callable[[Standing, Resource], Sequence[Use]]
Holder = Callable[[Collection[int]], Collection[int]]

_finders: list[Finder] = []
_holders: list[Holder] = []


def finds_uses(finder: Finder) -> Finder:
    """Decorate a function that finds what a resource stands in, as far as somebody may read that."""
    if finder not in _finders:
        _finders.append(finder)
    return finder


def holds_resources(holder: Holder) -> Holder:
    """Decorate a function that says which of the resources with these ids are still needed."""
    if holder not in _holders:
        _holders.append(holder)
    return holder


def uses_of(standing: Standing, resource: Resource) -> list[Use]:
    """What the resource stands in, as far as they may read that."""
    return [use for finder in _finders for use in finder(standing, resource)]


def held(resource_ids: Collection[int]) -> set[int]:
    """Those of the resources that something still needs."""
    return {found for holder in _holders for found in holder(resource_ids)}
