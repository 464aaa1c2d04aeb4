"""What resources are used in. The library may not know the packages above it; they say here what of theirs uses a resource."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from library.models import Resource
from schools.access import Standing


@dataclass(frozen=True)
class Use:
    """Something that a resource stands in: what it is called, its page (the endpoint, and its code there), and whose it is."""

    title: str
    endpoint: str
    code: str
    who: str


Finder = Callable[[Standing, Resource], Sequence[Use]]

_finders: list[Finder] = []


def finds_uses(finder: Finder) -> Finder:
    """Decorate a function that finds what a resource stands in, as far as somebody may read that."""
    if finder not in _finders:
        _finders.append(finder)
    return finder


def uses_of(standing: Standing, resource: Resource) -> list[Use]:
    """What the resource stands in, as far as they may read that."""
    return [use for finder in _finders for use in finder(standing, resource)]
