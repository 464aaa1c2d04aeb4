"""What keeps a resource from being shown to others: the package that knows of it says so.

The library may not know those packages. A recording, for one, waits until everybody who is seen in it has agreed.
"""

from collections.abc import Callable
from typing import Final

from foundation.errors import Invalid
from library.models import Resource

Hindrance = Callable[[Resource], str]
"""The sentence that says why a resource is shown to nobody else; empty where nothing is in the way."""

_HINDRANCES: Final[list[Hindrance]] = []


def hindrance(asked: Hindrance) -> Hindrance:
    """Decorate what is asked before a resource is shown to others."""
    _HINDRANCES.append(asked)
    return asked


def hindrance_of(resource: Resource) -> str:
    """Why the resource may be shown to nobody but its owner; empty when it may."""
    return next((sentence for asked in _HINDRANCES if (sentence := asked(resource))), "")


def refuse_hindered(resource: Resource) -> None:
    """Raise Invalid with the sentence when it may not be shown to others."""
    sentence = hindrance_of(resource)
    if sentence:
        raise Invalid(visibility=sentence)
