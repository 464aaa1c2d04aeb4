"""Files in plans: pictures in their texts and files at their steps, all of them resources of the library.

That a file stands in a plan (a `PlanResource`) lets whoever reads the plan see it there; its own rights stay as they are. One
that its owner has put into the recycle bin is seen in no plan until it is restored.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from io import BytesIO
from typing import Any, Final

from flask_babel import gettext
from sqlalchemy import func, or_, select, update

from foundation.codes import new_code
from foundation.database import announce, commit, db
from foundation.errors import NotFound
from foundation.paging import nearest_page
from lessons import access
from lessons.coediting import change_document
from lessons.importing.pictures import picture_ending
from lessons.models import Plan, PlanResource
from lessons.text.content import PlanContent
from lessons.text.document import picture_arrived
from lessons.text.reading import images_in, resources_in
from library.access import readable_resources
from library.arriving import Place, arriving, keep_version
from library.hindrances import refuse_hindered
from library.models import Resource, ResourceKind, ResourceVersion
from library.storage import the_store
from library.storage.base import StoreFailed, StoreFull, new_key
from schools import queries as school_queries
from schools.access import Standing, standing_of
from schools.models import Person, Visibility
from schools.sharing_words import has_left

PICTURE_TYPES: Final = {".png": "image/png", ".jpg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp"}
PICTURES: Final = frozenset(PICTURE_TYPES.values())
"""What a browser may show as itself. SVG is not among them: it can hold scripts."""

CHOICES: Final = 10
"""Resources on one page of those to choose from."""


@dataclass(frozen=True)
class PlanFilesChanged:
    """Another file stands in a plan, or one less."""

    plan_id: int


@dataclass(frozen=True)
class PlanFile:
    """A file as it stands in a plan: at the step `step_id`, or in a text where that is empty."""

    step_id: str
    code: str
    title: str
    name: str
    size: int
    media_type: str

    @property
    def is_picture(self) -> bool:
        """Whether a page can show it as a picture."""
        return self.media_type in PICTURES


@dataclass(frozen=True)
class Choices:
    """One page of the resources that somebody may put into a plan."""

    resources: Sequence[Resource]
    page: int
    pages: int


# ---- what stands there ----


def files_of(plan: Plan) -> list[PlanFile]:
    """The files that stand in the plan, in the order in which they came; each in its newest version."""
    wanted = (
        select(PlanResource.step_id, Resource.code, Resource.title, *_OF_VERSION)
        .join(Resource, Resource.id == PlanResource.resource_id)
        .join(ResourceVersion, _NEWEST)
        .where(PlanResource.plan_id == plan.id, Resource.removed_at.is_(None))
        .order_by(PlanResource.made_at, Resource.id)
    )
    return [PlanFile(*row) for row in db.session.execute(wanted).tuples()]


_NEWEST = (ResourceVersion.resource_id == Resource.id) & (ResourceVersion.number == Resource.number)
_OF_VERSION = (ResourceVersion.name, ResourceVersion.size, ResourceVersion.media_type)


def at_steps(files: Sequence[PlanFile]) -> dict[str, list[PlanFile]]:
    """The files that stand at steps, by the step's id."""
    found: dict[str, list[PlanFile]] = {}
    for file in files:
        if file.step_id:
            found.setdefault(file.step_id, []).append(file)
    return found


def version_in(plan: Plan, code: str) -> ResourceVersion:
    """The newest version of the resource with that code. Raises NotFound unless it stands in the plan."""
    wanted = (
        select(ResourceVersion)
        .join(Resource, _NEWEST)
        .join(PlanResource, PlanResource.resource_id == Resource.id)
        .where(PlanResource.plan_id == plan.id, Resource.code == code, Resource.removed_at.is_(None))
        .limit(1)
    )
    version = db.session.scalar(wanted)
    if version is None:
        raise NotFound
    return version


def choices_for(standing: Standing, words: str, page: int) -> Choices:
    """The resources that the person may read and whose titles hold all `words`: their own first, the newest first.

    A page beyond the last shows the last.
    """
    chosen = readable_resources(standing)
    for word in words.split():
        chosen = chosen.where(Resource.title.icontains(word, autoescape=True))
    count = db.session.scalar(select(func.count()).select_from(chosen.with_only_columns(Resource.id).subquery())) or 0
    page, pages = nearest_page(page, count, CHOICES)
    in_order = chosen.order_by(
        (Resource.owner_id != standing.person_id), Resource.changed_at.desc(), Resource.id.desc()
    )
    found = db.session.scalars(in_order.limit(CHOICES).offset((page - 1) * CHOICES)).all()
    return Choices(found, page, pages)


# ---- putting in and taking out ----


def attach(person: Person, plan: Plan, resource: Resource, step_id: str = "") -> None:
    """Let the resource stand in the plan: at a step, or in its text.

    Raises NotFound unless the person may write in the plan, and either read the resource or see it in a plan that they read:
    so what is copied from plan to plan comes along. Raises Invalid for what nobody but its owner may see yet.
    """
    standing = standing_of(person)
    if not access.may_edit_plan(standing, plan) or resource.id not in _within_reach(standing, {resource.code}):
        raise NotFound
    refuse_hindered(resource)
    _put(plan, resource.id, step_id, person.id)
    commit()


def detach(person: Person, plan: Plan, resource: Resource, step_id: str) -> None:
    """Take the resource away from a step; it stays in the library. Raises NotFound unless the person may write in the plan."""
    if not access.may_edit_plan(standing_of(person), plan):
        raise NotFound
    row = db.session.get(PlanResource, (plan.id, resource.id, step_id))
    if row is not None:
        db.session.delete(row)
        announce(PlanFilesChanged(plan.id))
        count_uses([resource.id])
    commit()


def take_out_of_plans(resource: Resource) -> None:
    """Uncommitted: the resource stands in no plan any more."""
    standing_in = db.session.scalars(select(PlanResource).where(PlanResource.resource_id == resource.id)).all()
    for row in standing_in:
        announce(PlanFilesChanged(row.plan_id))
        db.session.delete(row)
    count_uses([resource.id])


def take_along(person: Person, plan: Plan, content: PlanContent) -> None:
    """Let the pictures of a text stand in the plan that is made of it, as far as the person may see them. The caller commits."""
    for resource_id in sorted(_within_reach(standing_of(person), resources_in(content))):
        _put(plan, resource_id, "", person.id)


def count_uses(resource_ids: Collection[int]) -> None:
    """Count anew in how many plans each of the resources stands."""
    uses = (
        select(func.count(PlanResource.plan_id.distinct()))
        .where(PlanResource.resource_id == Resource.id)
        .scalar_subquery()
    )
    db.session.flush()
    kept = {"uses": uses, "changed_at": Resource.changed_at}  # being used is no change of the resource
    db.session.execute(update(Resource).where(Resource.id.in_(resource_ids)).values(kept))


def resources_used(plan_ids: Collection[int]) -> Sequence[int]:
    """The resources that stand in the plans."""
    return db.session.scalars(
        select(PlanResource.resource_id).where(PlanResource.plan_id.in_(plan_ids)).distinct()
    ).all()


def _put(plan: Plan, resource_id: int, step_id: str, person_id: int) -> None:
    if db.session.get(PlanResource, (plan.id, resource_id, step_id)) is None:
        db.session.add(PlanResource(plan_id=plan.id, resource_id=resource_id, step_id=step_id, person_id=person_id))
        announce(PlanFilesChanged(plan.id))
        count_uses([resource_id])


def _within_reach(standing: Standing, codes: Collection[str]) -> set[int]:
    """Those of the resources that they may read, or see in a plan that they may read."""
    if not codes:
        return set()
    plans = access.readable_plans(standing).with_only_columns(Plan.id)
    standing_in = select(PlanResource.resource_id).where(PlanResource.plan_id.in_(plans))
    readable = readable_resources(standing).with_only_columns(Resource.id)
    wanted = select(Resource.id).where(
        Resource.code.in_(codes),
        Resource.removed_at.is_(None),
        or_(Resource.id.in_(readable), Resource.id.in_(standing_in)),
    )
    return set(db.session.scalars(wanted))


# ---- pictures that came with a file from which a plan is made ----


@dataclass(frozen=True)
class Kept:
    """A picture in the file store that is no resource yet; `code` is the one it will have."""

    code: str
    key: str
    ending: str
    data: bytes


def keep_pictures(content: PlanContent, pictures: Mapping[str, bytes]) -> list[Kept]:
    """Keep the pictures that the text waits for, and let it name them. Raises StoreFull and StoreFailed, then none is kept."""
    kept: dict[str, Kept] = {}
    try:
        for gap, data in pictures.items():
            picture = Kept(new_code(12), new_key(picture_ending(data)), picture_ending(data), data)
            the_store().put(picture.key, BytesIO(data), PICTURE_TYPES[picture.ending])
            kept[gap] = picture
    except (StoreFull, StoreFailed):
        forget_pictures(list(kept.values()))
        raise
    for image in images_in(content):
        gap = image.string("upload")
        if gap in kept:
            image.attrs.pop("upload")
            image.attrs["resource"] = kept[gap].code
    return list(kept.values())


def forget_pictures(kept: Sequence[Kept]) -> None:
    """Take them out of the file store again."""
    for picture in kept:
        the_store().remove(picture.key)


def make_pictures(person: Person, plan: Plan, name: str, kept: Sequence[Kept]) -> None:
    """Make resources of the pictures, beside the plan `name` in whose text they stand. The caller commits."""
    place = asdict(_place_beside(plan, standing_of(person)))
    for number, picture in enumerate(kept, 1):
        title = gettext("《%(name)s》的图片 %(number)d", name=name, number=number)[:200]
        resource = Resource(code=picture.code, title=title, kind=ResourceKind.MATERIAL, owner_id=person.id, **place)
        keep_version(
            resource,
            key=picture.key,
            name=f"{title}{picture.ending}",
            size=len(picture.data),
            sha256=hashlib.sha256(picture.data).hexdigest(),
            media_type=PICTURE_TYPES[picture.ending],
            person_id=person.id,
        )
        _put(plan, resource.id, "", person.id)


# ---- files that are uploaded for a plan ----


@arriving("plan")
class _Plans:
    """Receives files about a plan: `step` is the step they are for, `picture` the gap in its text that waits for them."""

    def place(self, person: Person, about: Mapping[str, Any]) -> Place:
        """Beside the plan."""
        standing = standing_of(person)
        return _place_beside(access.plan_for_editing(standing, str(about["plan"])), standing)

    def arrived(self, person: Person, resource: Resource, about: Mapping[str, Any]) -> None:
        """Let it stand where it was sent to."""
        plan = access.plan_for_editing(person, str(about["plan"]))
        _put(plan, resource.id, str(about.get("step") or ""), person.id)
        gap = str(about.get("picture") or "")
        if gap:
            change_document(plan.id, lambda doc: picture_arrived(doc, gap, resource.code), person.id)


def _place_beside(plan: Plan, standing: Standing) -> Place:
    """The plan's prep group sees it when it sees the plan, everybody else only in the plan itself."""
    shared = plan.prep_group_id if plan.visibility is not Visibility.PERSONAL and not has_left(plan) else None
    if shared not in standing.prep_group_ids:
        shared = None
    return Place(
        group_id=plan.group_id,
        campus_id=_own_campus(standing, plan),
        prep_group_id=shared,
        visibility=Visibility.PERSONAL if shared is None else Visibility.PREP_GROUP,
        subject_id=plan.subject_id,
        grade=plan.grade,
        topic_id=plan.topic_id,
    )


def _own_campus(standing: Standing, plan: Plan) -> int:
    """The plan's campus if they work there, else one of theirs in its group; a writer from outside adds to the plan's."""
    own = [campus.id for group, campus in school_queries.places_of(standing) if group.id == plan.group_id]
    return plan.campus_id if plan.campus_id in own or not own else own[0]
