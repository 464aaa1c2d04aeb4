"""What pages want to know about resources. Every list costs the same number of queries however long it is."""

from collections.abc import Collection as Several
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask_babel import ngettext
from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import joinedload, raiseload

from curriculum.hanging import hangs_on_topics
from curriculum.models import LessonTopic, Unit
from curriculum.queries import TreeChoices
from foundation.clock import now
from foundation.database import db
from foundation.paging import nearest_page
from library import access
from library.access import readable_resources
from library.forms import ResourceFilter, Scope
from library.models import (
    Collection,
    Favourite,
    Opened,
    Resource,
    ResourcePage,
    ResourceVersion,
    Review,
    ReviewState,
)
from library.previewing.showing import shown_as
from library.storage import the_store
from schools import queries as school_queries
from schools.access import Standing, campuses_of_my_groups, standings_of
from schools.models import Campus, Person, PrepGroup, RoleGrant, Visibility

DERIVED_AT_MOST = 10
REVIEWERS_AT_MOST = 5


@dataclass(frozen=True)
class Row:
    """A line of a list: a resource with its newest version, None while there is none."""

    resource: Resource
    newest: ResourceVersion | None


@dataclass(frozen=True)
class ResourceList:
    """One page of a list: the rows on it, and how many there are on all pages."""

    rows: Sequence[Row]
    count: int
    page: int
    pages: int


FOR_LISTS = (
    joinedload(Resource.owner).load_only(Person.name),
    joinedload(Resource.campus).load_only(Campus.short_name),
    joinedload(Resource.subject),
    joinedload(Resource.prep_group).load_only(PrepGroup.name),
    joinedload(Resource.topic).joinedload(LessonTopic.unit).joinedload(Unit.volume),
    raiseload("*"),
)


def resources_of(standing: Standing, wanted: ResourceFilter, page_size: int) -> ResourceList:
    """The resources that the person may read and that the filter wants, the last changed first (the last opened first, if wanted).

    A page beyond the last shows the last.
    """
    chosen = _narrowed(_of_scope(readable_resources(standing), standing, wanted.scope), wanted)
    order = Resource.changed_at.desc()
    if wanted.scope is Scope.RECENT:
        of_mine = and_(Opened.resource_id == Resource.id, Opened.person_id == standing.person_id)
        chosen, order = chosen.join(Opened, of_mine), Opened.at.desc()
    return _page_of(chosen.order_by(order, Resource.id.desc()), wanted.page, page_size)


def _page_of(chosen: Select[tuple[Resource]], page: int, page_size: int) -> ResourceList:
    counted = chosen.with_only_columns(Resource.id).order_by(None).subquery()
    count = db.session.scalar(select(func.count()).select_from(counted)) or 0
    page, pages = nearest_page(page, count, page_size)
    rows = with_newest(chosen.limit(page_size).offset((page - 1) * page_size))
    return ResourceList(rows, count, page, pages)


def with_newest(chosen: Select[tuple[Resource]]) -> list[Row]:
    """The resources with what lists show of them, and their newest versions."""
    newest = and_(ResourceVersion.resource_id == Resource.id, ResourceVersion.number == Resource.number)
    wanted = chosen.outerjoin(ResourceVersion, newest).add_columns(ResourceVersion)
    found = db.session.execute(wanted.options(*FOR_LISTS, raiseload(ResourceVersion.resource))).tuples()
    return [Row(resource, version) for resource, version in found]


def _of_scope(resources: Select[tuple[Resource]], standing: Standing, scope: Scope) -> Select[tuple[Resource]]:
    match scope:
        case Scope.MINE:
            return resources.where(Resource.owner_id == standing.person_id)
        case Scope.PREP:
            shared = Resource.visibility != Visibility.PERSONAL
            return resources.where(Resource.prep_group_id.in_(standing.prep_group_ids), shared)
        case Scope.CAMPUS:
            return resources.where(Resource.campus_id.in_(standing.campus_ids))
        case Scope.GROUP:
            return resources.where(Resource.group_id.in_(standing.group_ids))
        case Scope.PUBLIC:
            return resources.where(Resource.visibility == Visibility.PUBLIC)
        case Scope.FAVOURITES:
            kept = select(Favourite.resource_id).where(Favourite.person_id == standing.person_id)
            return resources.where(Resource.id.in_(kept))
        case Scope.RECENT:
            return resources


def _narrowed(resources: Select[tuple[Resource]], wanted: ResourceFilter) -> Select[tuple[Resource]]:
    if wanted.kind is not None:
        resources = resources.where(Resource.kind == wanted.kind)
    if wanted.subject is not None:
        resources = resources.where(Resource.subject_id == wanted.subject)
    if wanted.topic is not None:
        resources = resources.where(Resource.topic_id == wanted.topic)
    elif wanted.unit is not None:
        resources = resources.where(
            Resource.topic_id.in_(select(LessonTopic.id).where(LessonTopic.unit_id == wanted.unit))
        )
    elif wanted.volume is not None:
        topics = select(LessonTopic.id).join(Unit).where(Unit.volume_id == wanted.volume)
        resources = resources.where(Resource.topic_id.in_(topics))
    if wanted.campus is not None:
        resources = resources.where(Resource.campus_id == wanted.campus)
    for word in wanted.words.split():
        resources = resources.where(Resource.title.icontains(word, autoescape=True))
    return resources


def campuses_to_choose(standing: Standing) -> Sequence[tuple[int, str]]:
    """The campuses of the person's groups, by name, for a filter."""
    wanted = select(Campus.id, Campus.short_name).where(Campus.id.in_(campuses_of_my_groups(standing)))
    return db.session.execute(wanted.order_by(Campus.short_name, Campus.id)).tuples().all()


def waiting_reviews(standing: Standing) -> int:
    """How many resources wait for a word of theirs."""
    waiting = access.resources_to_review(standing).with_only_columns(Resource.id).subquery()
    return db.session.scalar(select(func.count()).select_from(waiting)) or 0


def versions_of(resource: Resource) -> Sequence[tuple[ResourceVersion, str]]:
    """The versions of a resource, the newest first, each with the name of whoever put it there."""
    wanted = (
        select(ResourceVersion, func.coalesce(Person.name, ""))
        .outerjoin(Person, Person.id == ResourceVersion.person_id)
        .where(ResourceVersion.resource_id == resource.id)
        .order_by(ResourceVersion.number.desc())
    )
    return db.session.execute(wanted).tuples().all()


def version_of(resource: Resource, number: int) -> ResourceVersion | None:
    """One version of a resource."""
    return db.session.scalar(
        select(ResourceVersion).where(ResourceVersion.resource_id == resource.id, ResourceVersion.number == number)
    )


def first_pictures(version: ResourceVersion, most: int = 3) -> list[tuple[int, str]]:
    """The first pages of a version that have a picture, else its poster: their numbers, and addresses of the small pictures."""
    store = the_store()
    wanted = (
        select(ResourcePage.number, ResourcePage.small_key)
        .where(ResourcePage.version_id == version.id, ResourcePage.small_key != "")
        .order_by(ResourcePage.number)
        .limit(most)
    )
    pictures = list(db.session.execute(wanted).tuples()) or [(1, version.poster_key)] * bool(version.poster_key)
    return [(number, store.link(key, shown_as(f"{number}.webp", "image/webp"))) for number, key in pictures]


def is_favourite(standing: Standing, resource: Resource) -> bool:
    """Whether they want to find it again."""
    return standing.person_id is not None and db.session.get(Favourite, (standing.person_id, resource.id)) is not None


def made_from(standing: Standing, resource: Resource) -> list[Resource]:
    """What the resource was made from, and that from, as far as they may read it; the nearest first."""
    found: list[Resource] = []
    origin = resource.derived_from
    while origin is not None and len(found) < DERIVED_AT_MOST and origin not in [resource, *found]:
        if not access.may_read_resource(standing, origin):
            break
        found.append(origin)
        origin = origin.derived_from
    return found


def made_of(standing: Standing, resource: Resource) -> Sequence[Resource]:
    """What others made of the resource, as far as they may read it."""
    wanted = readable_resources(standing).where(Resource.derived_from_id == resource.id)
    return db.session.scalars(
        wanted.options(*FOR_LISTS).order_by(Resource.changed_at.desc(), Resource.id.desc()).limit(DERIVED_AT_MOST)
    ).all()


def last_review(resource: Resource) -> Review | None:
    """The last time that a wider visibility was asked for."""
    return db.session.scalar(
        select(Review)
        .options(joinedload(Review.asked_by), joinedload(Review.reviewer))
        .where(Review.resource_id == resource.id)
        .order_by(Review.made_at.desc(), Review.id.desc())
        .limit(1)
    )


def reviewers_of(resource: Resource, wanted: Visibility) -> Sequence[Person]:
    """Some of those whose word is enough for the resource to be seen as `wanted`, by name."""
    granted = (
        select(RoleGrant.person_id)
        .join(Person, Person.id == RoleGrant.person_id)
        .where(
            RoleGrant.role.in_(access.REVIEWING_ROLES),
            or_(RoleGrant.group_id == resource.group_id, RoleGrant.campus_id == resource.campus_id),
            Person.left_at.is_(None),
        )
    )
    standings = standings_of(db.session.scalars(granted))
    ids = [person_id for person_id, standing in standings.items() if access.may_review(standing, resource, wanted)]
    wanted_people = select(Person).where(Person.id.in_(ids)).order_by(Person.name, Person.id)
    return db.session.scalars(wanted_people.limit(REVIEWERS_AT_MOST)).all()


@dataclass(frozen=True)
class WaitingPage:
    """One page of what waits for a reviewer."""

    reviews: Sequence[tuple[Row, Review]]
    count: int
    page: int
    pages: int


def reviews_waiting(standing: Standing, page: int, page_size: int) -> WaitingPage:
    """What waits for a word of theirs, the longest waiting first."""
    asked = and_(Review.resource_id == Resource.id, Review.state == ReviewState.WAITING)
    waiting = access.resources_to_review(standing).join(Review, asked).order_by(Review.made_at, Review.id)
    found = _page_of(waiting, page, page_size)
    wanted = (
        select(Review)
        .options(joinedload(Review.asked_by), raiseload("*"))
        .where(Review.resource_id.in_([row.resource.id for row in found.rows]), Review.state == ReviewState.WAITING)
    )
    reviews = {review.resource_id: review for review in db.session.scalars(wanted)}
    rows = [(row, reviews[row.resource.id]) for row in found.rows]
    return WaitingPage(rows, found.count, found.page, found.pages)


def resources_in_bin(standing: Standing) -> Sequence[Row]:
    """What the person has in the recycle bin, the last removed first."""
    removed = access.removed_resources(standing)
    return with_newest(removed.order_by(Resource.removed_at.desc(), Resource.id.desc()))


def days_left(removed: Resource | Collection, recycle_days: int) -> int:
    """How many days what is in the recycle bin is still kept; at least 0."""
    removed_at = removed.removed_at or now()
    return max(0, -((now() - removed_at - timedelta(days=recycle_days)) // timedelta(days=1)))


def prep_groups_for(standing: Standing, resource: Resource) -> Sequence[PrepGroup]:
    """The prep groups that the resource may be given to: the person's own of its group, and the present one."""
    mine = [each for each in school_queries.prep_groups_of(standing) if each.group_id == resource.group_id]
    present = resource.prep_group
    return mine if present is None or present in mine else [present, *mine]


@hangs_on_topics
def resources_on_topics(topic_ids: Several[int]) -> str:
    """How many resources hang on the topics, in words, those in recycle bins too; empty for none."""
    count = db.session.scalar(select(func.count()).where(Resource.topic_id.in_(topic_ids))) or 0
    return ngettext("%(num)d 份资源（包括回收站里的）", "%(num)d 份资源（包括回收站里的）", count) if count else ""


def resources_with(allowed: Select[tuple[Resource]], codes: Several[str]) -> Sequence[Resource]:
    """Those of the resources with the codes, in the order of the codes."""
    found = db.session.scalars(allowed.where(Resource.code.in_(codes)).options(*FOR_LISTS)).all()
    at = {code: place for place, code in enumerate(codes)}
    return sorted(found, key=lambda resource: at[resource.code])


def volume_of(resource: Resource, tree: TreeChoices) -> int | None:
    """The volume that the resource belongs to: that of its lesson, else the first of its stage and grade."""
    if resource.topic:
        return resource.topic.unit.volume_id
    same = (each for each in tree.volumes if (each.edition.stage, each.grade) == (resource.stage, resource.grade))
    return next((volume.id for volume in same), None)
