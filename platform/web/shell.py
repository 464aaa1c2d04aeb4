"""What is around every page: built assets, template functions, security and cache headers."""

import json
import mimetypes
import re
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from flask import Flask, current_app, g, request, send_from_directory, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from flask_babel import gettext
from markupsafe import Markup, escape

from foundation.config import VERSION
from library.storage import the_store
from schools.access import viewing_now
from schools.models import Person, Subject
from schools.names import subject_name
from schools.signing_in import current_person
from schools.viewing import minutes_left
from web import filters, navigation
from web.language import LANGUAGES, language, theme

_HASHED = re.compile(r"-[A-Za-z0-9_-]{8}\.\w+$")
_HOST = re.compile(r"[A-Za-z0-9.\-\[\]:]+\Z")

# Pieces that stand in every row of lists: made once for each text.
CHIP: Final = Markup(
    '<span class="subject subject-{code}" title="{name}"><span aria-hidden="true">{first}</span>'
    '<span class="visually-hidden">{name}</span></span>'
)
BADGE: Final = Markup('<span class="tag state-{state}">{words}</span>')
FACE: Final = '<span class="face face-%d" title="%s" aria-hidden="true">%s</span>'
PICTURE: Final = Markup('<svg class="icon" aria-hidden="true"><use href="{sprite}#{name}"></use></svg>')


class NotBuilt(RuntimeError):
    """The browser's files were not built, or not since a new one was added."""


class Built:
    """What Vite built, as pages name it: addresses below `root`, and tags, each made once."""

    def __init__(self, manifest: dict[str, Any], root: str) -> None:
        self._manifest, self._root = manifest, root
        self._tags: dict[str, Markup] = {}

    def url(self, name: str) -> str:
        """The address of a built file. Raises NotBuilt."""
        return f"{self._root}{self._entry(name)['file']}"

    def tags(self, name: str) -> Markup:
        """The tags that load a script with its styles, and fetch early what it imports. Raises NotBuilt."""
        if name not in self._tags:
            self._tags[name] = self._tags_of(name)
        return self._tags[name]

    def _tags_of(self, name: str) -> Markup:
        tags = [Markup('<script type="module" src="{}"></script>').format(self.url(name))]
        seen: set[str] = set()
        waiting = [name]
        while waiting:
            key = waiting.pop()
            if key in seen:
                continue
            seen.add(key)
            entry = self._entry(key)
            if key != name:
                tags.append(Markup('<link rel="modulepreload" href="{}">').format(self.url(key)))
            for file in entry.get("css", ()):
                tags.append(Markup('<link rel="stylesheet" href="{}">').format(f"{self._root}{file}"))
            waiting.extend(entry.get("imports", ()))
        return Markup("\n").join(tags)

    def _entry(self, name: str) -> dict[str, Any]:
        if name not in self._manifest:
            raise NotBuilt(f"{name} is not among the built files: run `make build`, or list it in vite.config.ts")
        entry: dict[str, Any] = self._manifest[name]
        return entry


@lru_cache(maxsize=8)
def _built(manifest: Path, changed: int, root: str) -> Built:
    return Built(json.loads(manifest.read_text(encoding="utf-8")), root)


class Assets:
    """The files that Vite built into `folder`, by the names they have in `static/src`."""

    def __init__(self, folder: Path) -> None:
        self._manifest = folder / "manifest.json"

    def url(self, name: str) -> str:
        """The address of a built file. Raises NotBuilt."""
        return self._built.url(name)

    def entry(self, name: str) -> Markup:
        """The tags that load a script with its styles, and fetch early what it imports. Raises NotBuilt."""
        return self._built.tags(name)

    def icon(self, name: str) -> Markup:
        """A picture from the sprite. It says nothing to a screen reader: a word stands beside it, or a label around it."""
        return picture(self.url("icons.svg"), name)

    @property
    def _built(self) -> Built:
        """Looked for once for each page, which names some thirty files."""
        if "built" not in g:
            g.built = self._present()
        built: Built = g.built
        return built

    def _present(self) -> Built:
        try:
            changed = self._manifest.stat().st_mtime_ns
        except FileNotFoundError:
            raise NotBuilt("the browser's files are not built: run `make build`") from None
        return _built(self._manifest, changed, url_for("static", filename=""))


def chip_of_subject(subject: Subject) -> Markup:
    """A subject: its first character in its colour; the full name is said too."""
    return _chip(subject.code, subject_name(subject))


@lru_cache(maxsize=1000)
def _chip(code: str, name: str) -> Markup:
    return CHIP.format(code=code, name=name, first=name[:1])


def badge_of_state(state: str, words: str) -> Markup:
    """The state of a plan."""
    return _badge(str(state), str(words))


@lru_cache(maxsize=1000)
def _badge(state: str, words: str) -> Markup:
    return BADGE.format(state=state, words=words)


def face_of(person: Person) -> Markup:
    """Somebody as a round badge with the first character of the name, in a colour of their own."""
    # not by the format of `Markup`, which takes ten times as long: a list shows other people on every page
    return Markup(FACE % (person.id % 8, escape(person.name), escape(person.name[:1])))  # noqa: S704


@lru_cache(maxsize=1000)
def picture(sprite: str, name: str) -> Markup:
    """A picture out of a sprite. It says nothing to a screen reader: a word stands beside it, or a label around it."""
    return PICTURE.format(sprite=sprite, name=name)


def set_up(app: Flask) -> None:
    """Give the templates their functions and every answer its headers."""
    assets = Assets(Path(app.static_folder or "static/dist"))
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        asset=assets.url,
        entry=assets.entry,
        icon=assets.icon,
        chip_of_subject=chip_of_subject,
        face_of=face_of,
        badge_of_state=badge_of_state,
        languages=LANGUAGES,
        rail=navigation.rail,
        where_i_am=navigation.where_i_am,
        look=navigation.look,
        unread=navigation.unread,
        here=navigation.here,
        version=VERSION,
        product=lambda: gettext("同课"),
    )
    app.context_processor(_around_every_page)
    filters.set_up(app)
    app.view_functions["static"] = _send_built_file
    app.after_request(_guard)
    app.after_request(_say_how_long_to_keep)


def _around_every_page() -> dict[str, Any]:
    sign_in = viewing_now()
    return {
        "current_person": current_person(),
        "language": language(),
        "theme": theme(),
        "viewing_minutes": minutes_left(sign_in) if sign_in else None,
    }


def _send_built_file(filename: str) -> ResponseReturnValue:
    """A built file, compressed by the build where this browser takes it so: lines to schools are thin."""
    folder = Path(current_app.static_folder or "")
    kind, _ = mimetypes.guess_type(filename)
    for encoding, ending in (("br", ".br"), ("gzip", ".gz")):
        if request.accept_encodings[encoding] and (folder / f"{filename}{ending}").is_file():
            answer = send_from_directory(folder, f"{filename}{ending}", mimetype=kind, max_age=0)
            answer.headers["Content-Encoding"] = encoding
            answer.vary.add("Accept-Encoding")
            return answer
    answer = send_from_directory(folder, filename, max_age=0)
    answer.vary.add("Accept-Encoding")
    return answer


def _guard(answer: Response) -> Response:
    host = request.host if _HOST.match(request.host) else ""
    sockets = f" ws://{host} wss://{host}" if host else ""  # older Safari does not count them as 'self'
    files = f" {the_store().origin}".rstrip()
    answer.headers.setdefault(
        "Content-Security-Policy",
        "default-src 'self'; script-src 'self'; "
        # formulas and table columns carry their measures in style attributes; style elements stay forbidden
        "style-src 'self' 'unsafe-inline'; style-src-elem 'self'; style-src-attr 'unsafe-inline'; "
        f"img-src 'self' data: blob:{files}; media-src 'self' blob:{files}; font-src 'self'; worker-src 'self'; "
        f"connect-src 'self'{sockets}{files}; object-src 'none'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    )
    answer.headers.setdefault("X-Content-Type-Options", "nosniff")
    answer.headers.setdefault("Referrer-Policy", "same-origin")
    answer.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
    answer.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    answer.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    return answer


def _say_how_long_to_keep(answer: Response) -> Response:
    if request.endpoint == "static" and answer.status_code in (200, 206, 304):
        if _HASHED.search(request.path):
            answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    elif "Cache-Control" not in answer.headers:
        answer.headers["Cache-Control"] = "private, no-store"
    return answer
