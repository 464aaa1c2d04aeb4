"""What people do with collections. Each function is one unit of work and commits it; the acting person comes first."""

from collections.abc import Iterable
from datetime import datetime

from flask_babel import gettext
from sqlalchemy import delete, select

from foundation.clock import now
from foundation.codes import new_code
from foundation.database import commit, db
from foundation.errors import Conflict, Invalid, NotAllowed, NotFound
from library import access
from library.models import Collection, CollectionItem, Resource
from schools.access import Standing, standing_of
from schools.models import Person, PrepGroup, Visibility
from schools.queries import places_of

MOST_ITEMS = 200


def make_collection(person: Person, title: str, resources: Iterable[Resource] = ()) -> Collection:
    """A new collection of the person's, seen by nobody else yet. Raises NotAllowed for those who work nowhere."""
    place = next(iter(places_of(standing_of(person))), None)
    if place is None:
        raise NotAllowed(gettext("您目前没有任职的校区，不能建合集。"))
    group, campus = place
    collection = Collection(code=new_code(10), title=title, owner_id=person.id, group_id=group.id, campus_id=campus.id)
    db.session.add(collection)
    _add(standing_of(person), collection, resources)
    commit()
    return collection


def add_to_collection(person: Person, collection: Collection, resources: Iterable[Resource]) -> int:
    """Put resources at the end of the collection; how many are new there.

    Raises NotFound unless it is theirs and they may read the resources, Conflict when it would grow too long.
    """
    standing = _must_edit(person, collection)
    added = _add(standing, collection, resources)
    commit()
    return added


def move_in_collection(person: Person, collection: Collection, code: str, move: str) -> None:
    """Move a resource `up` or `down` in the collection, or `out` of it. Raises NotFound unless it is theirs."""
    _must_edit(person, collection)
    resource_id = db.session.scalar(select(Resource.id).where(Resource.code == code))
    items = list(collection.items)
    at = next((place for place, item in enumerate(items) if item.resource_id == resource_id), None)
    if at is None:
        raise Conflict(gettext("这份资源已经不在合集里了，请刷新页面。"))
    item = items.pop(at)
    if move == "out":
        collection.items.remove(item)
    else:
        items.insert(max(at - 1, 0) if move == "up" else at + 1, item)
    for rank, each in enumerate(items):
        each.rank = rank
    collection.changed_at = now()
    commit()


def change_collection(
    person: Person, collection: Collection, *, title: str, note: str, visibility: Visibility, prep_group_id: int | None
) -> None:
    """Say anew what the collection is and who sees it; of its resources everybody sees only those that they may read.

    Raises NotFound unless it is theirs, Invalid for a prep group that is not.
    """
    standing = _must_edit(person, collection)
    prep_group = db.session.get(PrepGroup, prep_group_id) if prep_group_id else None
    if visibility is Visibility.PREP_GROUP and prep_group is None:
        raise Invalid(prep_group=gettext("要让备课组看到，请先选择备课组。"))
    if prep_group and (prep_group.group_id != collection.group_id or prep_group.id not in standing.prep_group_ids):
        raise Invalid(prep_group=gettext("您不在这个备课组里，请换一个备课组。"))
    collection.title, collection.note = title, note
    collection.visibility, collection.prep_group_id = visibility, prep_group_id
    commit()


def delete_collection(person: Person, collection: Collection) -> None:
    """Put the collection into the recycle bin; its resources stay where they are. Raises NotFound unless it is theirs."""
    _must_edit(person, collection)
    collection.removed_at = now()
    commit()


def restore_collection(person: Person, collection: Collection) -> None:
    """Take the collection out of the recycle bin. Raises NotFound unless the person may."""
    if not access.may_restore_collection(standing_of(person), collection):
        raise NotFound
    collection.removed_at = None
    commit()


def purge_bin(before: datetime) -> int:
    """Delete for good what went into the recycle bin before that moment; returns how many."""
    gone = db.session.scalars(select(Collection.id).where(Collection.removed_at < before)).all()
    db.session.execute(delete(Collection).where(Collection.id.in_(gone)))
    commit()
    return len(gone)


def _must_edit(person: Person, collection: Collection) -> Standing:
    standing = standing_of(person)
    if not access.may_edit_collection(standing, collection):
        raise NotFound
    return standing


def _add(standing: Standing, collection: Collection, resources: Iterable[Resource]) -> int:
    held = {item.resource_id for item in collection.items}
    new = [resource for resource in resources if resource.id not in held]
    if not all(access.may_read_resource(standing, resource) for resource in new):
        raise NotFound
    if len(held) + len(new) > MOST_ITEMS:
        raise Conflict(gettext("一个合集最多 %(count)d 份资源，请分成几个。", count=MOST_ITEMS))
    last = max((item.rank for item in collection.items), default=-1)
    collection.items += [
        CollectionItem(resource_id=resource.id, rank=rank) for rank, resource in enumerate(new, start=last + 1)
    ]
    collection.changed_at = now()
    return len(new)
