"""Who may see, describe, review and delete a resource: written once, for one resource and for lists alike.

A resource is seen by its owner and, once shared, by whomever its visibility and their roles say (`schools.tiers`). Its owner describes
it, adds versions and deletes it, and so does the 备课组长 of its prep group unless it is personal. A wider visibility than
the prep group is decided by a reviewer: for the campus its 教务, 执行校长 or 校长; for the group and the public the
教研组长 of the subject or the group's 教务 or 集团管理员. A reviewer sees what they are asked about.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from sqlalchemy import Select, select

from foundation.database import db
from foundation.errors import NotFound
from foundation.rules import Rule, all_of, any_of
from library.models import Collection, Resource, Review, ReviewState
from schools import tiers
from schools.access import Standing, standing_of
from schools.models import Person, Role, Visibility

CAMPUS_REVIEWERS: Final = (Role.ACADEMIC_OFFICE, Role.EXECUTIVE_HEAD, Role.HEAD)
GROUP_REVIEWERS: Final = (Role.ACADEMIC_OFFICE, Role.GROUP_ADMIN)
REVIEWED: Final = (Visibility.CAMPUS, Visibility.GROUP, Visibility.PUBLIC)
"""Visibilities that somebody else has to agree to."""


def may_read_resource(standing: Standing, resource: Resource) -> bool:
    """Whether they may see `resource` and its files; also whether it exists for them."""
    return _reading(standing).holds(resource) or _is_asked_about(standing, resource)


def may_change_resource(standing: Standing, resource: Resource) -> bool:
    """Whether they may describe `resource`, add versions, choose who sees it and delete it."""
    return _deciding(standing).holds(resource)


def may_restore_resource(standing: Standing, resource: Resource) -> bool:
    """Whether they may take `resource` out of the recycle bin."""
    return _restoring(standing).holds(resource)


def may_review(standing: Standing, review: Review) -> bool:
    """Whether they decide about `review`; nobody decides about what they asked for themselves."""
    if standing.person_id is None or standing.person_id in (review.asked_by_id, review.resource.owner_id):
        return False
    resource = review.resource
    if review.wanted is Visibility.CAMPUS:
        return standing.holds(*CAMPUS_REVIEWERS, campus_id=resource.campus_id)
    return standing.holds(*GROUP_REVIEWERS, group_id=resource.group_id) or any(
        scope.role is Role.SUBJECT_LEAD
        and scope.subject_id is not None
        and scope.subject_id == resource.subject_id
        and scope.group_id == resource.group_id
        and (scope.grades is None or resource.grade in scope.grades)
        for scope in standing.scopes
    )


def may_read_collection(standing: Standing, collection: Collection) -> bool:
    """Whether they may see `collection`; of its resources they see those that they may read."""
    return _reading_collections(standing).holds(collection)


def readable_resources(standing: Standing) -> Select[tuple[Resource]]:
    """The resources they may see and that are not in the recycle bin."""
    return select(Resource).where(_reading(standing).sql())


def removed_resources(standing: Standing) -> Select[tuple[Resource]]:
    """The resources in their recycle bin."""
    return select(Resource).where(_restoring(standing).sql())


def readable_collections(standing: Standing) -> Select[tuple[Collection]]:
    """The collections they may see."""
    return select(Collection).where(_reading_collections(standing).sql())


def resource_for_reading(person: Person | Standing | None, code: str) -> Resource:
    """The resource with `code`; raises NotFound when there is none or they may not see it."""
    return _resource_for(person, code, may_read_resource)


def resource_for_changing(person: Person | Standing | None, code: str) -> Resource:
    """The resource with `code`; raises NotFound when there is none or it is not theirs to change."""
    return _resource_for(person, code, may_change_resource)


def resource_for_restoring(person: Person | Standing | None, code: str) -> Resource:
    """The removed resource with `code`; raises NotFound when there is none or it is not theirs to restore."""
    return _resource_for(person, code, may_restore_resource)


def _resource_for(person: Person | Standing | None, code: str, may: Callable[[Standing, Resource], bool]) -> Resource:
    resource = db.session.scalar(select(Resource).where(Resource.code == code))
    if resource is None or not may(standing_of(person), resource):
        raise NotFound
    return resource


def _is_asked_about(standing: Standing, resource: Resource) -> bool:
    """They are to decide who sees it. Asked last: it costs a query."""
    if resource.removed_at is not None or not standing.scopes:
        return False
    waiting = select(Review).where(Review.resource_id == resource.id, Review.state == ReviewState.WAITING)
    return any(may_review(standing, review) for review in db.session.scalars(waiting))


@lru_cache(maxsize=1024)
def _reading(standing: Standing) -> Rule[Resource]:
    rule = all_of(tiers.kept(Resource), any_of(tiers.own(standing, Resource), tiers.shown(standing, Resource)))
    return tiers.unless_looked_through(standing, Resource, rule)


@lru_cache(maxsize=1024)
def _deciding(standing: Standing) -> Rule[Resource]:
    rule = all_of(tiers.kept(Resource), any_of(tiers.own(standing, Resource), tiers.led(standing, Resource)))
    return tiers.unless_looked_through(standing, Resource, rule)


@lru_cache(maxsize=1024)
def _restoring(standing: Standing) -> Rule[Resource]:
    rule = all_of(tiers.removed(Resource), tiers.own(standing, Resource))
    return tiers.unless_looked_through(standing, Resource, rule)


@lru_cache(maxsize=1024)
def _reading_collections(standing: Standing) -> Rule[Collection]:
    rule = all_of(tiers.kept(Collection), any_of(tiers.own(standing, Collection), tiers.shown(standing, Collection)))
    return tiers.unless_looked_through(standing, Collection, rule)
