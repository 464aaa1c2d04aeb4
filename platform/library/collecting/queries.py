"""What pages want to know about collections."""

from collections.abc import Collection as Several
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, raiseload

from foundation.database import db
from foundation.paging import nearest_page
from library import access
from library.models import Collection, CollectionItem, Resource
from library.queries import Row, with_newest
from schools.access import Standing
from schools.models import Campus, Person, PrepGroup

_FOR_LISTS = (
    joinedload(Collection.owner).load_only(Person.name),
    joinedload(Collection.campus).load_only(Campus.short_name),
    joinedload(Collection.prep_group).load_only(PrepGroup.name),
    raiseload("*"),
)


@dataclass(frozen=True)
class CollectionPage:
    """One page of collections; and how many there are on all pages."""

    collections: Sequence[Collection]
    count: int
    page: int
    pages: int


def collections_of(standing: Standing, page: int, page_size: int) -> CollectionPage:
    """The collections that they may see, their own first, then the last changed."""
    found = access.readable_collections(standing)
    count = db.session.scalar(select(func.count()).select_from(found.with_only_columns(Collection.id).subquery())) or 0
    page, pages = nearest_page(page, count, page_size)
    mine_first = Collection.owner_id != standing.person_id
    collections = db.session.scalars(
        found.options(*_FOR_LISTS)
        .order_by(mine_first, Collection.changed_at.desc(), Collection.id.desc())
        .limit(page_size)
        .offset((page - 1) * page_size)
    ).all()
    return CollectionPage(collections, count, page, pages)


def own_collections(standing: Standing) -> Sequence[Collection]:
    """The collections that they may add to, the last changed first."""
    mine = select(Collection).where(Collection.owner_id == standing.person_id, Collection.removed_at.is_(None))
    return db.session.scalars(mine.order_by(Collection.changed_at.desc(), Collection.id.desc())).all()


def resources_in(standing: Standing, collection: Collection) -> list[Row]:
    """The resources of a collection that they may read, in its order."""
    readable = access.readable_resources(standing)
    item = CollectionItem.resource_id == Resource.id
    held = readable.join(CollectionItem, item).where(CollectionItem.collection_id == collection.id)
    return with_newest(held.order_by(CollectionItem.rank, CollectionItem.id))


def left_out(collection: Collection, rows: Sequence[Row]) -> int:
    """How many resources of the collection are not among the `rows`: its reader may not see them, or they were deleted."""
    held = select(func.count()).where(CollectionItem.collection_id == collection.id)
    return (db.session.scalar(held) or 0) - len(rows)


def counts_of(standing: Standing, collections: Several[Collection]) -> dict[int, int]:
    """How many resources of each collection they may read, by its id."""
    readable = access.readable_resources(standing).with_only_columns(Resource.id)
    counted = (
        select(CollectionItem.collection_id, func.count())
        .where(
            CollectionItem.collection_id.in_([collection.id for collection in collections]),
            CollectionItem.resource_id.in_(readable),
        )
        .group_by(CollectionItem.collection_id)
    )
    return dict(db.session.execute(counted).tuples().all())


def collections_in_bin(standing: Standing) -> Sequence[Collection]:
    """The collections that the person has in the recycle bin, the last removed first."""
    removed = access.removed_collections(standing).options(*_FOR_LISTS)
    return db.session.scalars(removed.order_by(Collection.removed_at.desc(), Collection.id.desc())).all()
