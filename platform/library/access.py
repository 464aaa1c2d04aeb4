"""Who may read, change, share, review and restore a resource or a collection: written once, for one thing and for lists alike.

See "Who may" in docs/architecture.md for the rules in words.
"""

from collections.abc import Callable
from functools import lru_cache

from sqlalchemy import Select, select

from foundation.database import db
from foundation.errors import NotFound
from foundation.marks import Marks, Once
from foundation.rules import Rule, all_of, among, any_of, because
from library.models import Collection, Resource
from schools.access import Scope, Standing, standing_of
from schools.models import Person, Role, Visibility
from schools.tiers import Tiers, Why

TIERS: Tiers[Resource] = Tiers(Resource, subject_id=Resource.subject_id, grade=Resource.grade)
COLLECTIONS: Tiers[Collection] = Tiers(Collection)

REVIEWED = frozenset({Visibility.CAMPUS, Visibility.GROUP, Visibility.PUBLIC})
"""To show a resource to so many, one reviewer has to agree."""

REVIEWING_ROLES = frozenset(
    {
        Role.HEAD,
        Role.EXECUTIVE_HEAD,
        Role.ACADEMIC_OFFICE,
        Role.SUBJECT_LEAD,
        Role.GROUP_ADMIN,
        Role.CAMPUS_ADMIN,
    }
)


def may_read_resource(standing: Standing, resource: Resource) -> bool:
    """Whether they may read `resource`; also whether it exists for them."""
    return _reading(standing).holds(resource)


def may_edit_resource(standing: Standing, resource: Resource) -> bool:
    """Whether they may change what is said about `resource` and add versions of it."""
    return _editing(standing).holds(resource)


def may_share_resource(standing: Standing, resource: Resource) -> bool:
    """Whether they may choose who sees `resource`, or withdraw it."""
    return _deciding(standing).holds(resource)


def may_delete_resource(standing: Standing, resource: Resource) -> bool:
    """Whether they may put `resource` into the recycle bin."""
    return _deciding(standing).holds(resource)


def may_restore_resource(standing: Standing, resource: Resource) -> bool:
    """Whether they may take `resource` out of the recycle bin."""
    return _restoring(standing).holds(resource)


def may_review(standing: Standing, resource: Resource, wanted: Visibility) -> bool:
    """Whether their word is enough for `resource` to be seen as `wanted`."""
    return _deciding_on(standing, wanted).holds(resource)


def needs_review(standing: Standing, resource: Resource, wanted: Visibility) -> bool:
    """Whether a reviewer has to agree before `resource` is seen as `wanted`: more see it then, and their own word is not enough."""
    order = list(Visibility)
    wider = order.index(wanted) > order.index(resource.visibility)
    return wider and wanted in REVIEWED and not may_review(standing, resource, wanted)


def why_reads_resource(standing: Standing, resource: Resource) -> tuple[object, ...]:
    """For which reasons they may read `resource`, each a `Why` or the `Scope` of a role; none when they may not."""
    return _reading(standing).reasons(resource)


def why_edits_resource(standing: Standing, resource: Resource) -> tuple[object, ...]:
    """The same for changing what is said about it."""
    return _editing(standing).reasons(resource)


def readable_resources(standing: Standing) -> Select[tuple[Resource]]:
    """The resources they may read and that are not in the recycle bin."""
    return select(Resource).where(TIERS.kept.sql(), _reading(standing).sql())


def marks_of_readable_resources(standing: Standing, once: Once) -> Marks:
    """The same for an index, which keeps none of the recycle bin."""
    return all_of(TIERS.kept, _reading(standing)).marks(once)


def editable_resources(standing: Standing) -> Select[tuple[Resource]]:
    """The resources of which they may change what is said about them."""
    return select(Resource).where(_editing(standing).sql())


def removed_resources(standing: Standing) -> Select[tuple[Resource]]:
    """The resources in their recycle bin."""
    return select(Resource).where(_restoring(standing).sql())


def resources_to_review(standing: Standing) -> Select[tuple[Resource]]:
    """The resources whose wider visibility waits for a word of theirs."""
    return select(Resource).where(_reviewing(standing).sql())


def resource_for_reading(person: Person | Standing | None, code: str) -> Resource:
    """The resource with `code`; raises NotFound when there is none or they may not read it."""
    return _resource_for(person, code, may_read_resource)


def resource_for_editing(person: Person | Standing | None, code: str) -> Resource:
    """The resource with `code`; raises NotFound when there is none or they may not change it."""
    return _resource_for(person, code, may_edit_resource)


def resource_for_sharing(person: Person | Standing | None, code: str) -> Resource:
    """The resource with `code`; raises NotFound when there is none or they may not choose who sees it."""
    return _resource_for(person, code, may_share_resource)


def resource_for_restoring(person: Person | Standing | None, code: str) -> Resource:
    """The removed resource with `code`; raises NotFound when there is none or they may not restore it."""
    return _resource_for(person, code, may_restore_resource)


def may_read_collection(standing: Standing, collection: Collection) -> bool:
    """Whether they may see `collection`; of its resources they see those that they may read."""
    return _reading_collections(standing).holds(collection)


def may_edit_collection(standing: Standing, collection: Collection) -> bool:
    """Whether they may change, share and delete `collection`."""
    return _editing_collections(standing).holds(collection)


def may_restore_collection(standing: Standing, collection: Collection) -> bool:
    """Whether they may take `collection` out of the recycle bin."""
    return _restoring_collections(standing).holds(collection)


def removed_collections(standing: Standing) -> Select[tuple[Collection]]:
    """The collections in their recycle bin."""
    return select(Collection).where(_restoring_collections(standing).sql())


def readable_collections(standing: Standing) -> Select[tuple[Collection]]:
    """The collections that they may see."""
    return select(Collection).where(_reading_collections(standing).sql())


def collection_for_reading(person: Person | Standing | None, code: str) -> Collection:
    """The collection with `code`; raises NotFound when there is none or they may not see it."""
    return _collection_for(person, code, may_read_collection)


def collection_for_editing(person: Person | Standing | None, code: str) -> Collection:
    """The collection with `code`; raises NotFound when there is none or they may not change it."""
    return _collection_for(person, code, may_edit_collection)


def collection_for_restoring(person: Person | Standing | None, code: str) -> Collection:
    """The removed collection with `code`; raises NotFound when there is none or they may not restore it."""
    return _collection_for(person, code, may_restore_collection)


def _resource_for(person: Person | Standing | None, code: str, may: Callable[[Standing, Resource], bool]) -> Resource:
    resource = db.session.scalar(select(Resource).where(Resource.code == code))
    if resource is None or not may(standing_of(person), resource):
        raise NotFound
    return resource


def _collection_for(
    person: Person | Standing | None, code: str, may: Callable[[Standing, Collection], bool]
) -> Collection:
    collection = db.session.scalar(select(Collection).where(Collection.code == code))
    if collection is None or not may(standing_of(person), collection):
        raise NotFound
    return collection


# The rules. Cached because a list asks about the same person for every row.


@lru_cache(maxsize=1024)
def _reading(standing: Standing) -> Rule[Resource]:
    kept = all_of(TIERS.kept, any_of(_writing(standing), TIERS.shown(standing)))
    return any_of(
        TIERS.unless_looked_through(standing, any_of(kept, _restoring(standing))),
        _reviewing(standing),
    )


@lru_cache(maxsize=1024)
def _editing(standing: Standing) -> Rule[Resource]:
    return TIERS.unless_looked_through(standing, all_of(TIERS.kept, _writing(standing)))


def _writing(standing: Standing) -> Rule[Resource]:
    preparing = because(Why.MEMBER, among(Resource.prep_group_id, standing.prep_group_ids))
    prepared = all_of(TIERS.not_personal, preparing, TIERS.of_a_member(standing.day))
    return any_of(TIERS.own(standing), prepared, TIERS.led(standing))


@lru_cache(maxsize=1024)
def _deciding(standing: Standing) -> Rule[Resource]:
    deciding = any_of(TIERS.own(standing), TIERS.led(standing))
    return TIERS.unless_looked_through(standing, all_of(TIERS.kept, deciding))


@lru_cache(maxsize=1024)
def _restoring(standing: Standing) -> Rule[Resource]:
    return TIERS.unless_looked_through(standing, all_of(TIERS.removed, TIERS.own(standing)))


@lru_cache(maxsize=1024)
def _reviewing(standing: Standing) -> Rule[Resource]:
    """What waits for a word of theirs: they must see it to judge it."""
    waiting = [all_of(among(Resource.wanted, {wanted}), _deciding_on(standing, wanted)) for wanted in sorted(REVIEWED)]
    return all_of(TIERS.kept, any_of(*waiting))


def _deciding_on(standing: Standing, wanted: Visibility) -> Rule[Resource]:
    """For a campus one of the campus or of its group, for more one of the group, within the scope of the role."""
    if standing.looked_through:
        return any_of()
    of_group = [_reviewed_by(scope) for scope in standing.scopes if scope.campus_id is None]
    decided = all_of(any_of(*of_group), TIERS.of_a_member(standing.day))
    if wanted is not Visibility.CAMPUS:
        return decided
    return any_of(*(_reviewed_by(scope) for scope in standing.scopes if scope.campus_id is not None), decided)


def _reviewed_by(scope: Scope) -> Rule[Resource]:
    return because(scope, TIERS.within(scope, REVIEWING_ROLES))


@lru_cache(maxsize=1024)
def _reading_collections(standing: Standing) -> Rule[Collection]:
    kept = all_of(COLLECTIONS.kept, any_of(COLLECTIONS.own(standing), COLLECTIONS.shown(standing)))
    return COLLECTIONS.unless_looked_through(standing, kept)


@lru_cache(maxsize=1024)
def _editing_collections(standing: Standing) -> Rule[Collection]:
    return COLLECTIONS.unless_looked_through(standing, all_of(COLLECTIONS.kept, COLLECTIONS.own(standing)))


@lru_cache(maxsize=1024)
def _restoring_collections(standing: Standing) -> Rule[Collection]:
    return COLLECTIONS.unless_looked_through(standing, all_of(COLLECTIONS.removed, COLLECTIONS.own(standing)))
