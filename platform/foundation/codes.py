"""Codes that people read off a page or a paper and type."""

import secrets
from typing import Final

LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""None that is mistaken for another on paper."""


def new_code(length: int) -> str:
    """A code that nobody can guess, of `length` letters."""
    return "".join(secrets.choice(LETTERS) for _ in range(length))
