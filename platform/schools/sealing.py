"""Secrets that must be read again (unlike passwords), sealed with the installation's key: a stolen copy of them says nothing."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken
from flask import current_app

from foundation.config import Settings


def seal(secret: str) -> str:
    """`secret`, sealed."""
    return _fernet().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str | None:
    """What was sealed; None when it was sealed with another key, or is damaged."""
    try:
        return _fernet().decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


def _fernet() -> Fernet:
    settings: Settings = current_app.config["SETTINGS"]
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(f"sealing {settings.key()}".encode()).digest()))
