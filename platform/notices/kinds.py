"""The kinds of notices: each has a function that makes its sentence of the facts, in the language of whoever reads it.

Packages above register their own: `@sentence("session_moved")`. Facts are what JSON holds: names, numbers, ISO days.
"""

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext

Facts = Mapping[str, Any]
Sentence = Callable[[Facts], str]

_sentences: dict[str, Sentence] = {}


def sentence(kind: str) -> Callable[[Sentence], Sentence]:
    """Decorate the function that makes the sentence of notices of `kind`."""

    def add(make: Sentence) -> Sentence:
        _sentences[kind] = make
        return make

    return add


def known(kind: str) -> bool:
    """Whether somebody makes sentences of `kind`."""
    return kind in _sentences


def sentence_of(kind: str, facts: Facts) -> str:
    """What a notice says, in the language of the request; one of a kind that is no more says only that there is something."""
    make = _sentences.get(kind)
    return make(facts) if make else gettext("有一条新消息，请点开查看。")
