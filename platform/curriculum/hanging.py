"""What hangs on the lessons of the textbook tree. Packages above say so here; then nothing is deleted from under them."""

from collections.abc import Callable, Collection
from typing import TypeVar

Counter = Callable[[Collection[int]], str]
CounterOf = TypeVar("CounterOf", bound=Counter)

_counters: list[Counter] = []


def hangs_on_topics(counter: CounterOf) -> CounterOf:
    """Decorate a function that says in words what hangs on the topics with these ids, or gives an empty text for nothing."""
    if counter not in _counters:
        _counters.append(counter)
    return counter


def hanging_on(topic_ids: Collection[int]) -> list[str]:
    """What hangs on any of the topics, in words."""
    return [words for counter in _counters if (words := counter(topic_ids))]
