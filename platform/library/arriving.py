"""What becomes of files that arrive for a purpose of another package: a picture in a plan, a file at a step.

The library may not know those packages; they say here how a file that was sent "about" one of their things is received.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar

from foundation.database import db
from library.models import Resource, ResourceVersion
from schools.models import Person, Stage, Visibility


@dataclass(frozen=True)
class Place:
    """Where a new resource belongs, and who sees it."""

    group_id: int
    campus_id: int
    prep_group_id: int | None = None
    visibility: Visibility = Visibility.PERSONAL
    subject_id: int | None = None
    stage: Stage | None = None
    grade: int | None = None
    topic_id: int | None = None


class Receiver(Protocol):
    """Receives files about one kind of thing. `about` is what the browser said, cleaned: `about["plan"]` is a code."""

    def place(self, person: Person, about: Mapping[str, Any]) -> Place:
        """Where the new resource belongs. Asked before the first byte and again at the end; raises NotFound unless they may."""
        ...

    def arrived(self, person: Person, resource: Resource, about: Mapping[str, Any]) -> None:
        """The file is there: write down what follows from it, in the caller's unit of work, which commits."""
        ...


_RECEIVERS: Final[dict[str, Receiver]] = {}

AnyReceiver = TypeVar("AnyReceiver", bound=Callable[[], Receiver])


def arriving(kind: str) -> Callable[[AnyReceiver], AnyReceiver]:
    """Decorate the class that receives files whose `about` has the key `kind`, like "plan"."""

    def add(receiver: AnyReceiver) -> AnyReceiver:
        _RECEIVERS[kind] = receiver()
        return receiver

    return add


def receiver_of(about: Mapping[str, Any]) -> Receiver | None:
    """Who receives a file that is about this; None for a file of the library's own."""
    return next((receiver for kind, receiver in _RECEIVERS.items() if about.get(kind)), None)


def keep_version(
    resource: Resource, *, key: str, name: str, size: int, sha256: str, media_type: str, person_id: int
) -> None:
    """Uncommitted: the file that the store has under `key` is the version of `resource` that its `number` says."""
    db.session.add(resource)
    db.session.flush()
    db.session.add(
        ResourceVersion(
            resource_id=resource.id,
            number=resource.number,
            key=key,
            name=name,
            size=size,
            sha256=sha256,
            media_type=media_type,
            person_id=person_id,
        )
    )
