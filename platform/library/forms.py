"""What the browser may send about resources and collections, checked and cleaned.

An address with a filter that makes no sense shows the list without it; a form with a value that makes no sense is refused
with a sentence beside the field.
"""

import enum
import re
from dataclasses import dataclass
from typing import Final, Self

from flask_babel import gettext

from curriculum.forms import TreeFilter
from curriculum.queries import TreeChoices
from foundation.errors import Invalid
from foundation.sent import Sent, line, number, one_of
from library.models import Licence, Resource, ResourceKind
from library.terms import LANGUAGES
from schools.models import Visibility

TITLE_LENGTH: Final = 200
COLLECTION_TITLE_LENGTH: Final = 120
NOTE_LENGTH: Final = 600
SOURCE_LENGTH: Final = 200
REASON_LENGTH: Final = 300
MOST_TAGS: Final = 10
TAG_LENGTH: Final = 20
MOST_AT_ONCE: Final = 200
_WORDS_LENGTH: Final = 60
_TERM: Final = re.compile(r"20\d\d-[12]\Z")
_BETWEEN_TAGS: Final = re.compile(r"[,，、;；\s]+")


class Scope(enum.StrEnum):
    """Whose resources a list shows."""

    MINE = "mine"
    PREP = "prep"
    CAMPUS = "campus"
    GROUP = "group"
    PUBLIC = "public"
    FAVOURITES = "favourites"
    RECENT = "recent"


@dataclass(frozen=True)
class ResourceFilter(TreeFilter):
    """Which resources a list shows. `words` is looked for in titles."""

    scope: Scope = Scope.MINE
    kind: ResourceKind | None = None
    campus: int | None = None

    @classmethod
    def read(cls, sent: Sent, scope: Scope = Scope.MINE) -> Self:
        """The filter in an address; `scope` where the address names none."""
        return cls(
            scope=one_of(Scope, sent.get("scope")) or scope,
            kind=one_of(ResourceKind, sent.get("kind")),
            subject=number(sent.get("subject")),
            volume=number(sent.get("volume")),
            unit=number(sent.get("unit")),
            topic=number(sent.get("topic")),
            campus=number(sent.get("campus")),
            words=line(sent.get("words"), _WORDS_LENGTH),
            page=number(sent.get("page")) or 1,
        )


def page_sent(sent: Sent) -> int:
    """Which page of a list is wanted."""
    return number(sent.get("page")) or 1


def codes_sent(sent: Sent) -> list[str]:
    """The codes of the resources that were chosen in a list, each once."""
    return list(dict.fromkeys(line(code, 16) for code in sent.getlist("code")))[:MOST_AT_ONCE]


@dataclass(frozen=True)
class BookPlace:
    """Where something belongs in the textbook tree, as far as it was chosen."""

    subject: int | None = None
    volume: int | None = None
    topic: int | None = None

    @classmethod
    def read(cls, sent: Sent) -> Self:
        """What was chosen."""
        return cls(number(sent.get("subject")), number(sent.get("volume")), number(sent.get("topic")))

    def within(self, tree: TreeChoices) -> "BookPlace":
        """The same without what does not lie below what was chosen above it, as after choosing another subject."""
        volume = self.volume if any(each.id == self.volume for each in tree.volumes) else None
        topic = self.topic if any(each.id == self.topic for each in tree.topics()) else None
        return BookPlace(self.subject, volume, topic)


@dataclass(frozen=True)
class ResourceForm:
    """What is said of a resource. `made_from` is the code of the resource that it was made from, or its address."""

    title: str
    kind: ResourceKind
    place: BookPlace
    term: str
    tags: tuple[str, ...]
    language: str
    licence: Licence
    source: str
    note: str
    made_from: str

    @classmethod
    def read(cls, sent: Sent) -> Self:
        """What was sent, tidied, though it may be too long: see `check`."""
        return cls(
            title=line(sent.get("title"), TITLE_LENGTH + 1),
            kind=one_of(ResourceKind, sent.get("kind")) or ResourceKind.MATERIAL,
            place=BookPlace.read(sent),
            term=_term(sent.get("term")),
            tags=_tags(sent.get("tags")),
            language=_language(sent.get("language")) or "zh",
            licence=one_of(Licence, sent.get("licence")) or Licence.WITHIN_GROUP,
            source=line(sent.get("source"), SOURCE_LENGTH + 1),
            note=_lines(sent.get("note"), NOTE_LENGTH + 1),
            made_from=line(sent.get("made_from"), 200).rstrip("/").rpartition("/")[2],
        )

    @classmethod
    def of(cls, resource: Resource, place: BookPlace) -> Self:
        """What is said of it now."""
        return cls(
            title=resource.title,
            kind=resource.kind,
            place=place,
            term=resource.term,
            tags=tuple(resource.tags),
            language=resource.language,
            licence=resource.licence,
            source=resource.source,
            note=resource.note,
            made_from=resource.derived_from.code if resource.derived_from else "",
        )

    def check(self) -> None:
        """Raise Invalid with all that is wrong."""
        faults = {}
        if not self.title:
            faults["title"] = gettext("请填写标题。")
        for name, most in (("title", TITLE_LENGTH), ("source", SOURCE_LENGTH), ("note", NOTE_LENGTH)):
            if len(getattr(self, name)) > most:
                faults[name] = gettext("最多 %(count)d 个字。", count=most)
        faults |= _faults_of_tags(self.tags)
        if faults:
            raise Invalid(**faults)

    def changes(self) -> dict[str, object]:
        """The columns that it fills, apart from its place in the textbook and what it was made from."""
        return {
            "title": self.title,
            "kind": self.kind,
            "term": self.term,
            "tags": list(self.tags),
            "language": self.language,
            "licence": self.licence,
            "source": self.source,
            "note": self.note,
        }


@dataclass(frozen=True)
class ManyForm:
    """What shall be said of many resources at once; what is empty stays as it is. `tags` are added."""

    kind: ResourceKind | None
    place: BookPlace
    term: str
    tags: tuple[str, ...]
    language: str
    licence: Licence | None

    @classmethod
    def read(cls, sent: Sent) -> Self:
        """What was sent."""
        return cls(
            kind=one_of(ResourceKind, sent.get("kind")),
            place=BookPlace.read(sent),
            term=_term(sent.get("term")),
            tags=_tags(sent.get("tags")),
            language=_language(sent.get("language")),
            licence=one_of(Licence, sent.get("licence")),
        )

    def check(self) -> None:
        """Raise Invalid with all that is wrong."""
        if faults := _faults_of_tags(self.tags):
            raise Invalid(**faults)

    def changes(self) -> dict[str, object]:
        """The columns that it fills, apart from tags and the place in the textbook."""
        values = {"kind": self.kind, "term": self.term, "language": self.language, "licence": self.licence}
        return {name: value for name, value in values.items() if value}


@dataclass(frozen=True)
class SharedForm:
    """Who shall see a resource or a collection."""

    visibility: Visibility
    prep_group: int | None

    @classmethod
    def read(cls, sent: Sent) -> Self:
        """Refuses a visibility that does not exist."""
        visibility = one_of(Visibility, sent.get("visibility"))
        if visibility is None:
            raise Invalid(visibility=gettext("请选择谁可以看到。"))
        return cls(visibility, number(sent.get("prep_group")))


@dataclass(frozen=True)
class DecisionForm:
    """A reviewer's word."""

    agrees: bool
    reason: str

    @classmethod
    def read(cls, sent: Sent) -> Self:
        """Refuses a reason that is too long."""
        reason = line(sent.get("reason"), REASON_LENGTH + 1)
        if len(reason) > REASON_LENGTH:
            raise Invalid(reason=gettext("最多 %(count)d 个字。", count=REASON_LENGTH))
        return cls(sent.get("decision") == "agree", reason)


@dataclass(frozen=True)
class CollectionForm:
    """What is said of a collection, and who sees it."""

    title: str
    note: str
    shared: SharedForm

    @classmethod
    def read(cls, sent: Sent) -> Self:
        """Refuses one without a title, and what is too long."""
        title = title_of_collection(sent)
        note = _lines(sent.get("note"), NOTE_LENGTH + 1)
        if len(note) > NOTE_LENGTH:
            raise Invalid(note=gettext("最多 %(count)d 个字。", count=NOTE_LENGTH))
        return cls(title, note, SharedForm.read(sent))


def title_of_collection(sent: Sent) -> str:
    """The title of a collection; refuses none, and one that is too long."""
    title = line(sent.get("title"), COLLECTION_TITLE_LENGTH + 1)
    if not title:
        raise Invalid(title=gettext("请给合集起个名字。"))
    if len(title) > COLLECTION_TITLE_LENGTH:
        raise Invalid(title=gettext("最多 %(count)d 个字。", count=COLLECTION_TITLE_LENGTH))
    return title


def collection_sent(sent: Sent) -> str:
    """The code of the collection that was chosen; empty for a new one."""
    return line(sent.get("collection"), 16)


def move_sent(sent: Sent) -> tuple[str, str]:
    """A move in a collection: `up`, `down` or `out`, and the code of the resource."""
    move, _, code = line(sent.get("move"), 30).partition(":")
    return move, code


def _lines(text: str | None, length: int) -> str:
    lines = (each.rstrip() for each in (text or "").splitlines())
    return "\n".join(lines).strip("\n")[:length]


def _term(text: str | None) -> str:
    return text if text and _TERM.match(text) else ""


def _language(text: str | None) -> str:
    return text if text and text in LANGUAGES else ""


def _tags(text: str | None) -> tuple[str, ...]:
    words = (line(word, TAG_LENGTH + 1).removeprefix("#") for word in _BETWEEN_TAGS.split(text or ""))
    return tuple(dict.fromkeys(word for word in words if word))


def _faults_of_tags(tags: tuple[str, ...]) -> dict[str, str]:
    if len(tags) > MOST_TAGS:
        return {"tags": gettext("最多 %(count)d 个标签。", count=MOST_TAGS)}
    if any(len(tag) > TAG_LENGTH for tag in tags):
        return {"tags": gettext("每个标签最多 %(count)d 个字。", count=TAG_LENGTH)}
    return {}
