"""What has happened, told to whoever listens, after the commit: low packages announce, high ones subscribe."""

import logging
from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

log = logging.getLogger(__name__)

Listener = Callable[[Any], None]
ListenerOf = TypeVar("ListenerOf", bound=Callable[..., None])

_listeners: dict[type, list[Listener]] = defaultdict(list)


def subscribe(kind: type) -> Callable[[ListenerOf], ListenerOf]:
    """Decorate a function to be called with every happening of `kind`, in the thread that committed it."""

    def add(listener: ListenerOf) -> ListenerOf:
        if listener not in _listeners[kind]:
            _listeners[kind].append(listener)
        return listener

    return add


def tell(happening: object) -> None:
    """Call the listeners of `happening` now. A listener that fails is logged and does not stop the others."""
    for listener in _listeners[type(happening)]:
        try:
            listener(happening)
        except Exception:
            log.exception("a listener failed", extra={"happening": repr(happening)})
