"""Signed words for links in letters: whoever holds one has read the mail of that address."""

from typing import Final

from flask import current_app
from itsdangerous import BadData, URLSafeTimedSerializer

CONFIRM_SECONDS: Final = 24 * 3600

Meant = tuple[int, str]
"""A person and an address of theirs."""


def confirming(person_id: int, address: str) -> str:
    """The word by which somebody proves that an address is theirs; good for a day."""
    return _signer("confirm").dumps([person_id, address])


def stopping(person_id: int, address: str) -> str:
    """The word by which whoever reads the mail of an address ends it; good as long as the letter is kept."""
    return _signer("stop").dumps([person_id, address])


def confirmed(word: str) -> Meant | None:
    """What a word of `confirming` says; None when it is too old or not ours."""
    return _read("confirm", word, CONFIRM_SECONDS)


def stopped(word: str) -> Meant | None:
    """What a word of `stopping` says; None when it is not ours."""
    return _read("stop", word, None)


def _signer(what: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt=f"notices.{what}")


def _read(what: str, word: str, seconds: int | None) -> Meant | None:
    try:
        person_id, address = _signer(what).loads(word, max_age=seconds)
    except BadData:
        return None
    return int(person_id), str(address)
