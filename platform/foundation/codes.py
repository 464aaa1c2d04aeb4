"""Codes that people read off a page or a paper and type."""

import hashlib
import secrets
from typing import Final

LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""None that is mistaken for another on paper."""


def new_code(length: int) -> str:
    """A code that nobody can guess, of `length` letters."""
    return "".join(secrets.choice(LETTERS) for _ in range(length))


def hash_of_token(token: str) -> str:
    """SHA-256 of a random token in hexadecimal: what a database may keep of a word that lets somebody in."""
    return hashlib.sha256(token.encode()).hexdigest()
