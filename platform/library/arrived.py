"""Files that have just arrived: what was guessed of each, to be looked over and confirmed, many at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from curriculum.models import LessonTopic, Unit
from curriculum.queries import TreeChoices, tree_choices
from foundation.database import commit, db
from foundation.errors import Invalid, Refusal
from foundation.sent import Sent, line, number, one_of
from library import access, actions
from library.forms import TITLE_LENGTH, BookPlace
from library.models import Resource, ResourceKind, Upload, UploadState
from schools.access import Standing, standing_of
from schools.models import Person, Visibility

MOST: Final = 50
_CONFIRMED: Final = "confirmed"


@dataclass(frozen=True)
class Seen:
    """Who is to see a resource: as one choice of a list, `prep_group:12` or `campus`."""

    visibility: Visibility
    prep_group_id: int | None = None

    @classmethod
    def read(cls, text: str) -> Self | None:
        """The choice with that value; None when there is none."""
        name, _, group = text.partition(":")
        visibility = one_of(Visibility, name)
        if visibility is None or (visibility is Visibility.PREP_GROUP and number(group) is None):
            return None
        return cls(visibility, number(group))

    def __str__(self) -> str:
        return f"{self.visibility}:{self.prep_group_id}" if self.prep_group_id else str(self.visibility)


@dataclass(frozen=True)
class Row:
    """A file that has arrived, as its line of the form shows it. `fault`: why it could not be confirmed."""

    upload: Upload
    title: str
    kind: ResourceKind
    place: BookPlace
    tree: TreeChoices
    seen: str
    fault: str = ""

    @property
    def resource(self) -> Resource:
        """What became of it."""
        assert self.upload.resource is not None  # noqa: S101  # `arrived` asks for those that have one
        return self.upload.resource


class Books:
    """Textbook trees, each asked for once however many rows want it."""

    def __init__(self) -> None:
        self._known: dict[tuple[int | None, int | None], TreeChoices] = {}

    def tree(self, subject: int | None, volume: int | None) -> TreeChoices:
        """The tree below that choice."""
        if (subject, volume) not in self._known:
            self._known[subject, volume] = tree_choices(subject, volume)
        return self._known[subject, volume]


def arrived(person: Person, code: str | None = None) -> Sequence[Upload]:
    """Their uploads that have become resources of their own and that they have not confirmed, the oldest first."""
    wanted = (
        select(Upload)
        .join(Upload.resource)
        .options(
            joinedload(Upload.resource).joinedload(Resource.topic).joinedload(LessonTopic.unit).joinedload(Unit.volume)
        )
        .where(
            Upload.person_id == person.id,
            Upload.state == UploadState.DONE,
            Resource.owner_id == person.id,
            Resource.removed_at.is_(None),
        )
        .order_by(Upload.id)
        .limit(200)
    )
    if code is not None:
        wanted = wanted.where(Upload.code == code)
    own = [
        upload for upload in db.session.scalars(wanted) if not upload.about.keys() & {_CONFIRMED, "plan", "resource"}
    ]
    return own[:MOST]


def row_of(upload: Upload, books: Books, sent: Sent | None = None, fault: str = "") -> Row:
    """The line of a file: as it was sent, else as it was guessed."""
    resource = upload.resource
    if resource is None:
        raise Invalid
    volume = resource.topic.unit.volume if resource.topic else None
    place = BookPlace(resource.subject_id, volume.id if volume else None, resource.topic_id)
    title, kind, seen = resource.title, resource.kind, str(_seen_now(resource))
    if sent is not None:
        code = upload.code
        place = BookPlace(*(number(sent.get(f"{name}-{code}")) for name in ("subject", "volume", "topic")))
        title = line(sent.get(f"title-{code}"), TITLE_LENGTH) or title
        kind = one_of(ResourceKind, sent.get(f"kind-{code}")) or kind
        seen = sent.get(f"seen-{code}", seen)
    tree = books.tree(place.subject, place.volume)
    if place.volume is None and resource.grade and tree.volumes:
        likely = next((each.id for each in tree.volumes if each.grade == resource.grade), None)
        tree = books.tree(place.subject, likely)
        place = BookPlace(place.subject, likely, None)
    return Row(upload, title, kind, place.within(tree), tree, seen, fault)


def confirm(person: Person, sent: Sent) -> list[Row]:
    """Say of each file that was sent with the form what it is and who sees it; the lines of those that could not be."""
    books, left = Books(), []
    codes = set(sent.getlist("upload"))
    for upload in [each for each in arrived(person) if each.code in codes]:
        row = row_of(upload, books, sent)
        try:
            _confirm(person, standing_of(person), row)
        except Refusal as refusal:
            db.session.rollback()
            left.append(row_of(upload, books, sent, refusal.message))
    return left


def _confirm(person: Person, standing: Standing, row: Row) -> None:
    resource = row.resource
    if not access.may_edit_resource(standing, resource):
        raise Invalid(gettext("这份资源已经不能修改了。"))
    changes: dict[str, Any] = {"title": row.title, "kind": row.kind}
    actions.change_resource(person, resource, changes, row.place, resource.derived_from)
    seen = Seen.read(row.seen)
    if seen and seen != _seen_now(resource):
        actions.share_resource(person, resource, seen.visibility, seen.prep_group_id or resource.prep_group_id)
    row.upload.about = {**row.upload.about, _CONFIRMED: True}
    commit()


def _seen_now(resource: Resource) -> Seen:
    visibility = resource.wanted or resource.visibility
    return Seen(visibility, resource.prep_group_id if visibility is Visibility.PREP_GROUP else None)
