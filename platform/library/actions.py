"""What people do with resources. Each function is one unit of work and commits it; the acting person comes first."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from flask_babel import gettext
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from curriculum.models import LessonTopic, TextbookVolume
from foundation.clock import now
from foundation.database import announce, commit, db, writing
from foundation.errors import Conflict, Invalid, NotFound
from library import access
from library.forms import MOST_TAGS, BookPlace
from library.hindrances import refuse_hindered
from library.models import (
    Favourite,
    Opened,
    Resource,
    ResourcePage,
    ResourceVersion,
    Review,
    ReviewState,
)
from library.storage import the_store
from schools import audit
from schools.access import Standing, standing_of
from schools.models import Person, PrepGroup, Visibility

OPENED_AGAIN_AFTER: Final = timedelta(minutes=10)
"""Looking at a page again so soon is the same opening."""


@dataclass(frozen=True)
class ResourceChanged:
    """What is said of a resource, who may read it, or which file is its newest has changed; or it is gone."""

    resource_id: int


def note_opened(person: Person | None, resource: Resource) -> None:
    """Remember that somebody opened the resource. It is committed by itself: pages that only look call it."""
    if person is None or standing_of(person).looked_through:
        return
    with writing(), Session(db.engine) as own:
        opened = own.get(Opened, (person.id, resource.id))
        if opened and now() - opened.at < OPENED_AGAIN_AFTER:
            return
        own.merge(Opened(person_id=person.id, resource_id=resource.id, at=now()))
        kept = {"changed_at": Resource.changed_at}  # to be opened is no change
        own.execute(update(Resource).where(Resource.id == resource.id).values(opens=Resource.opens + 1, **kept))
        own.commit()


def note_download(person: Person | None, resource: Resource) -> None:
    """Count that somebody takes a file of the resource away. It is committed by itself."""
    if person and standing_of(person).looked_through:
        return
    with writing(), Session(db.engine) as own:
        kept = {"changed_at": Resource.changed_at}
        own.execute(update(Resource).where(Resource.id == resource.id).values(downloads=Resource.downloads + 1, **kept))
        own.commit()


def set_favourite(person: Person, resource: Resource, *, wanted: bool) -> None:
    """Keep the resource among the person's favourites, or no more."""
    if not access.may_read_resource(standing_of(person), resource):
        raise NotFound
    kept = db.session.get(Favourite, (person.id, resource.id))
    if wanted and kept is None:
        db.session.add(Favourite(person_id=person.id, resource_id=resource.id))
    if not wanted and kept is not None:
        db.session.delete(kept)
    commit()


def change_resource(
    person: Person, resource: Resource, changes: Mapping[str, Any], place: BookPlace, origin: Resource | None
) -> None:
    """Say anew what the resource is: `changes` by the names of its columns, where it belongs, what it was made from.

    Raises NotFound unless the person may, Invalid when the parts do not belong together.
    """
    standing = standing_of(person)
    if not access.may_edit_resource(standing, resource):
        raise NotFound
    if origin is not None and resource in [origin, *_chain(origin)]:
        raise Invalid(made_from=gettext("这份资源就是从这里改编出来的，不能反过来。"))
    if place != BookPlace(resource.subject_id, None, resource.topic_id):
        changes = {**changes, **_columns_of(place)}
    _change(resource, {**changes, "derived_from_id": origin.id if origin else None})
    commit()


def change_resources(
    person: Person, resources: Collection[Resource], changes: Mapping[str, Any], place: BookPlace, tags: Collection[str]
) -> None:
    """Say the same of many at once: `changes` as above, the place if a subject was chosen, and `tags` besides those they have.

    Raises NotFound unless the person may change all of them, Invalid when the parts do not belong together.
    """
    standing = standing_of(person)
    if not all(access.may_edit_resource(standing, resource) for resource in resources):
        raise NotFound
    if place.subject is not None:
        changes = {**changes, **_columns_of(place)}
    for resource in resources:
        added = list(dict.fromkeys([*resource.tags, *tags]))[:MOST_TAGS]
        _change(resource, {**changes, "tags": added})
    commit()


def _change(resource: Resource, changes: Mapping[str, Any]) -> None:
    for name, value in changes.items():
        setattr(resource, name, value)
    announce(ResourceChanged(resource.id))


def _columns_of(place: BookPlace) -> dict[str, Any]:
    """What a place in the textbook means for a resource: a lesson says more than a volume, a volume more than a subject."""
    topic = db.session.get(LessonTopic, place.topic) if place.topic else None
    volume = topic.unit.volume if topic else db.session.get(TextbookVolume, place.volume) if place.volume else None
    if volume and volume.edition.subject_id != place.subject:
        raise Invalid(topic=gettext("这一课不在所选学科的教材里，请重新选择。"))
    return {
        "subject_id": place.subject,
        "topic_id": topic.id if topic else None,
        "stage": volume.edition.stage if volume else None,
        "grade": volume.grade if volume else None,
    }


def _chain(resource: Resource) -> list[Resource]:
    """What the resource was made from, and that from."""
    found: list[Resource] = []
    origin = resource.derived_from
    while origin is not None and origin not in found:
        found.append(origin)
        origin = origin.derived_from
    return found


def share_resource(person: Person, resource: Resource, visibility: Visibility, prep_group_id: int | None) -> bool:
    """Say who sees the resource; whether it is so at once, and does not wait for a reviewer.

    To fewer people it is shown at once, and to more when the person's own word is enough. Raises NotFound unless the person
    may share it, Invalid for a prep group that is not theirs and for what nobody else may see yet.
    """
    standing = standing_of(person)
    if not access.may_share_resource(standing, resource):
        raise NotFound
    if visibility is not Visibility.PERSONAL:
        refuse_hindered(resource)
    _check_prep_group(standing, resource, prep_group_id, visibility)
    resource.prep_group_id = prep_group_id
    waits = access.needs_review(standing, resource, visibility)
    if waits:
        _ask_for_review(person, resource, visibility)
    else:
        _show_to(person, resource, visibility)
    announce(ResourceChanged(resource.id))
    commit()
    return not waits


def withdraw_resource(person: Person, resource: Resource) -> None:
    """Take the resource back: from now on its owner alone sees it. Raises NotFound unless the person may."""
    if not access.may_share_resource(standing_of(person), resource):
        raise NotFound
    take_back(person, resource)
    commit()


def take_back(person: Person, resource: Resource) -> None:
    """Uncommitted: its owner alone sees it from now on."""
    _show_to(person, resource, Visibility.PERSONAL)
    announce(ResourceChanged(resource.id))


def cancel_review(person: Person, resource: Resource) -> None:
    """Ask no longer for more people to see the resource. Raises NotFound unless the person may share it."""
    if not access.may_share_resource(standing_of(person), resource):
        raise NotFound
    _end_waiting(resource, ReviewState.WITHDRAWN)
    announce(ResourceChanged(resource.id))
    commit()


def decide(person: Person, resource: Resource, *, agrees: bool, reason: str = "") -> None:
    """Say yes or no to what waits.

    Raises Conflict when nothing waits any more, NotFound unless the person's word is enough for it, Invalid for a refusal without a reason
    and for a yes to what nobody else may see yet.
    """
    wanted = resource.wanted
    if wanted is None:
        raise Conflict(gettext("这份资源已经没有等待审核的申请了：可能别的审核人刚刚处理过，或者申请被撤回了。"))
    if not access.may_review(standing_of(person), resource, wanted):
        raise NotFound
    if not agrees and not reason:
        raise Invalid(reason=gettext("请写一句不同意的理由，好让老师知道怎么改。"))
    if agrees:
        refuse_hindered(resource)
    before = resource.visibility
    _end_waiting(resource, ReviewState.PASSED if agrees else ReviewState.REFUSED, person, reason)
    if agrees:
        resource.visibility = wanted
    told = _told_of(resource, wanted)
    action = "resource_passed" if agrees else "resource_refused"
    audit.record(person, action, "resource", resource, **told, visibility=[before, wanted])
    announce(ResourceChanged(resource.id))
    commit()


def delete_resource(person: Person, resource: Resource) -> None:
    """Put the resource into its owner's recycle bin. Raises NotFound unless the person may."""
    if not access.may_delete_resource(standing_of(person), resource):
        raise NotFound
    _end_waiting(resource, ReviewState.WITHDRAWN)
    resource.removed_at = now()
    audit.record(person, "resource_deleted", "resource", resource, **_told_of(resource, resource.visibility))
    announce(ResourceChanged(resource.id))
    commit()


def restore_resource(person: Person, resource: Resource) -> None:
    """Take the resource out of the recycle bin. Raises NotFound unless the person may."""
    if not access.may_restore_resource(standing_of(person), resource):
        raise NotFound
    resource.removed_at = None
    audit.record(person, "resource_restored", "resource", resource, **_told_of(resource, resource.visibility))
    announce(ResourceChanged(resource.id))
    commit()


def purge_bin(before: datetime) -> int:
    """Delete for good what went into the recycle bin before that moment, files and all; returns how many."""
    gone = db.session.scalars(select(Resource.id).where(Resource.removed_at < before)).all()
    keys = _keys_of(gone)
    db.session.execute(delete(Resource).where(Resource.id.in_(gone)))
    for resource_id in gone:
        announce(ResourceChanged(resource_id))
    commit()
    store = the_store()
    for key in keys:
        store.remove(key)
    return len(gone)


def _keys_of(resource_ids: Collection[int]) -> list[str]:
    """Where the files of the resources lie, and what the worker made of them."""
    versions = select(ResourceVersion.id).where(ResourceVersion.resource_id.in_(resource_ids))
    files = select(ResourceVersion.key, ResourceVersion.poster_key, ResourceVersion.stream_key)
    pictures = select(ResourcePage.image_key, ResourcePage.small_key)
    found = [
        *db.session.execute(files.where(ResourceVersion.id.in_(versions))),
        *db.session.execute(pictures.where(ResourcePage.version_id.in_(versions))),
    ]
    return [key for row in found for key in row if key]


def _check_prep_group(
    standing: Standing, resource: Resource, prep_group_id: int | None, visibility: Visibility
) -> None:
    if prep_group_id is None:
        if visibility is Visibility.PREP_GROUP:
            raise Invalid(prep_group=gettext("要让备课组看到，请先选择备课组。"))
        return
    if prep_group_id == resource.prep_group_id:
        return
    prep_group = db.session.get(PrepGroup, prep_group_id)
    if prep_group is None or prep_group.group_id != resource.group_id or prep_group_id not in standing.prep_group_ids:
        raise Invalid(prep_group=gettext("您不在这个备课组里，请换一个备课组。"))


def _ask_for_review(person: Person, resource: Resource, visibility: Visibility) -> None:
    if resource.wanted is visibility:
        return
    _end_waiting(resource, ReviewState.WITHDRAWN)
    resource.wanted = visibility
    db.session.add(Review(resource_id=resource.id, wanted=visibility, asked_by_id=person.id))
    audit.record(person, "resource_review_asked", "resource", resource, **_told_of(resource, visibility))


def _show_to(person: Person, resource: Resource, visibility: Visibility) -> None:
    _end_waiting(resource, ReviewState.WITHDRAWN)
    if visibility is not resource.visibility:
        told = _told_of(resource, visibility)
        shown = [resource.visibility, visibility]
        audit.record(person, "resource_shared", "resource", resource, **told, visibility=shown)
    resource.visibility = visibility


def _end_waiting(resource: Resource, state: ReviewState, by: Person | None = None, reason: str = "") -> None:
    """`wanted` and its review go together."""
    resource.wanted = None
    waiting = update(Review).where(Review.resource_id == resource.id, Review.state == ReviewState.WAITING)
    db.session.execute(waiting.values(state=state, reviewer_id=by.id if by else None, reason=reason, decided_at=now()))


def _told_of(resource: Resource, visibility: Visibility) -> dict[str, Any]:
    """What is written down of a resource: its title only where others may know it."""
    personal = resource.visibility is visibility is Visibility.PERSONAL
    return {
        "name": "" if personal else resource.title,
        "campus_id": resource.campus_id,
        "group_id": resource.group_id,
    }
