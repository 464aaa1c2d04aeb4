"""What somebody had typed when their sign-in ended: carried through signing in, and offered to be sent once more.

It travels in the pages themselves, nothing of it is stored. Only a form of this site is carried: a page elsewhere could
otherwise have its own words sent with one click.
"""

import json
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from flask import request

from schools.signing_in import safe_next

MOST_BYTES: Final = 200_000
LONG: Final = 60


@dataclass(frozen=True)
class KeptForm:
    """A form as it was sent: where to, and its fields in their order."""

    path: str
    fields: tuple[tuple[str, str], ...]

    def as_text(self) -> str:
        """For a hidden field."""
        return json.dumps([self.path, self.fields], ensure_ascii=False)

    @property
    def longer_texts(self) -> list[str]:
        """What may have cost somebody work, to be shown."""
        return [text for _, text in self.fields if len(text) > LONG or "\n" in text]


def sent_form() -> KeptForm | None:
    """The form of this request, if it can be carried: of this site, without files and secrets, not too large."""
    size = request.content_length or 0
    if request.method != "POST" or size > MOST_BYTES or not _is_of_this_site() or request.files:
        return None
    fields = tuple((name, text) for name, text in request.form.items(multi=True) if name != "csrf_token")
    if not fields or request.path.startswith("/sign-in") or any("password" in name for name, _ in fields):
        return None
    return KeptForm(request.full_path.rstrip("?"), fields)


def carried_form() -> KeptForm | None:
    """The form that a page of signing in has carried along."""
    text = request.form.get("kept", "")
    try:
        path, fields = json.loads(text)
        kept = KeptForm(path, tuple((str(name), str(value)) for name, value in fields))
    except (ValueError, TypeError):
        return None
    return kept if safe_next(kept.path) else None


def _is_of_this_site() -> bool:
    """Whether the browser says that one of our own pages has sent it."""
    fetched = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if fetched is not None:
        return fetched == "same-origin"
    return origin is not None and urlsplit(origin).netloc == request.host
