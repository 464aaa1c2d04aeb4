"""The socket events of lesson plans: join, leave, update, awareness (docs/architecture.md, "The sync protocol")."""

from flask import Flask
from socketio import AsyncServer


def register(server: AsyncServer, app: Flask) -> None:
    """Let `server` answer the events of the namespace `/plans`."""
