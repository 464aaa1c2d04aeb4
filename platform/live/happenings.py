"""What the parts of live lessons tell each other, after the commit."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SessionChanged:
    """A session's schedule, people or run-sheet are other than before, or it was cancelled."""

    session_id: int
