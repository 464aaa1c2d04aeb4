"""What pages want to know about lesson plans. Every list costs the same number of queries however long it is."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from flask_babel import gettext, ngettext
from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload, raiseload

from curriculum.hanging import hangs_on_topics
from curriculum.models import LessonTopic, TextbookEdition, TextbookVolume, Unit
from curriculum.queries import TreeChoices, tree_choices
from foundation.clock import now, today
from foundation.database import db
from foundation.paging import nearest_page
from lessons import access, layout
from lessons.access import readable_plans
from lessons.forms import PlanFilter, Scope, WhereForm
from lessons.layout import Place
from lessons.models import Plan, PlanOriginal, PlanResource, PlanTemplate, PlanWriter
from library.models import Resource
from library.uses import Use, finds_uses
from schools import queries as school_queries
from schools.access import Standing
from schools.models import (
    Campus,
    Group,
    Membership,
    Person,
    Posting,
    PrepGroup,
    Role,
    SchoolClass,
    TeachingAssignment,
    Visibility,
)
from schools.sharing_words import has_left

USES_AT_MOST = 50

Row = TypeVar("Row", bound=tuple[object, ...])


@dataclass(frozen=True)
class PlanPage:
    """One page of a list: the plans on it, and how many there are on all pages."""

    plans: Sequence[Plan]
    count: int
    page: int
    pages: int


def plans_of(standing: Standing, wanted: PlanFilter, page_size: int) -> PlanPage:
    """The plans that the person may read and that the filter wants, the last changed first.

    A page beyond the last shows the last. Owner, campus, subject, prep group and topic come along.
    """
    chosen = _narrowed(_of_scope(readable_plans(standing), standing, wanted.scope), wanted)
    count = db.session.scalar(select(func.count()).select_from(chosen.with_only_columns(Plan.id).subquery())) or 0
    page, pages = nearest_page(wanted.page, count, page_size)
    plans = db.session.scalars(
        chosen.options(*_FOR_LISTS)
        .order_by(Plan.changed_at.desc(), Plan.id.desc())
        .limit(page_size)
        .offset((page - 1) * page_size)
    ).all()
    return PlanPage(plans, count, page, pages)


_FOR_LISTS = (
    joinedload(Plan.owner).load_only(Person.name),
    joinedload(Plan.campus).load_only(Campus.short_name),
    joinedload(Plan.subject),
    joinedload(Plan.prep_group),
    joinedload(Plan.topic).joinedload(LessonTopic.unit).joinedload(Unit.volume),
    raiseload("*"),
)


def _of_scope(plans: Select[tuple[Plan]], standing: Standing, scope: Scope) -> Select[tuple[Plan]]:
    match scope:
        case Scope.MINE:
            written = select(PlanWriter.plan_id).where(PlanWriter.person_id == standing.person_id)
            return plans.where(or_(Plan.owner_id == standing.person_id, Plan.id.in_(written)))
        case Scope.PREP:
            return plans.where(Plan.prep_group_id.in_(standing.prep_group_ids), Plan.visibility != Visibility.PERSONAL)
        case Scope.CAMPUS:
            return plans.where(Plan.campus_id.in_(standing.campus_ids))
        case Scope.GROUP:
            return plans.where(Plan.group_id.in_(standing.group_ids))
        case Scope.PUBLIC:
            return plans.where(Plan.visibility == Visibility.PUBLIC)


def _narrowed(plans: Select[tuple[Plan]], wanted: PlanFilter) -> Select[tuple[Plan]]:
    if wanted.subject is not None:
        plans = plans.where(Plan.subject_id == wanted.subject)
    if wanted.topic is not None:
        plans = plans.where(Plan.topic_id == wanted.topic)
    elif wanted.unit is not None:
        plans = plans.where(Plan.topic_id.in_(select(LessonTopic.id).where(LessonTopic.unit_id == wanted.unit)))
    elif wanted.volume is not None:
        topics = select(LessonTopic.id).join(Unit).where(Unit.volume_id == wanted.volume)
        plans = plans.where(Plan.topic_id.in_(topics))
    if wanted.state is not None:
        plans = plans.where(Plan.state == wanted.state)
    if wanted.person:
        owners = select(Person.id).where(Person.name.icontains(wanted.person, autoescape=True))
        plans = plans.where(Plan.owner_id.in_(owners))
    for word in wanted.words.split():
        plans = plans.where(Plan.title.icontains(word, autoescape=True))
    return plans


def plans_in_bin(standing: Standing) -> Sequence[Plan]:
    """What the person has in the recycle bin, the last removed first."""
    wanted = access.removed_plans(standing).options(*_FOR_LISTS)
    return db.session.scalars(wanted.order_by(Plan.removed_at.desc(), Plan.id.desc())).all()


def days_left(plan: Plan, recycle_days: int) -> int:
    """How many days a plan in the recycle bin is still kept; at least 0."""
    removed_at = plan.removed_at or now()
    return max(0, -((now() - removed_at - timedelta(days=recycle_days)) // timedelta(days=1)))


def licence_of(plan: Plan) -> str | None:
    """Under which words a plan stays with the group that its campus has left; None while it has not."""
    if not has_left(plan):
        return None
    return school_queries.licence_note_of(plan.group_id, plan.campus_id)


@finds_uses
def plans_with(standing: Standing, resource: Resource) -> list[Use]:
    """The plans in which the resource stands and that the person may read, the last changed first."""
    holding = select(PlanResource.plan_id).where(PlanResource.resource_id == resource.id)
    wanted = readable_plans(standing).where(Plan.id.in_(holding)).options(*_FOR_LISTS)
    plans = db.session.scalars(wanted.order_by(Plan.changed_at.desc(), Plan.id.desc()).limit(USES_AT_MOST))
    unnamed = gettext("未命名的教案")
    return [
        Use(plan.title or unnamed, "lessons.show_plan", plan.code, f"{plan.owner.name} {plan.campus.short_name}")
        for plan in plans
    ]


def original_of(plan: Plan) -> PlanOriginal | None:
    """The file the plan was imported from, if it was."""
    return db.session.get(PlanOriginal, plan.id)


def writers_of(plan: Plan) -> Sequence[Person]:
    """Those whom the owner let write in the plan, by name."""
    wanted = select(Person).join(PlanWriter, PlanWriter.person_id == Person.id).where(PlanWriter.plan_id == plan.id)
    return db.session.scalars(wanted.order_by(Person.name)).all()


def people(person_ids: Collection[int]) -> Sequence[Person]:
    """Those people, by name."""
    return db.session.scalars(select(Person).where(Person.id.in_(person_ids)).order_by(Person.name, Person.id)).all()


def colleagues_named(group_id: int, words: str, most: int = 20) -> Sequence[tuple[Person, Campus]]:
    """People now posted at a campus of the group whose name contains `words`, each with one such campus."""
    wanted = (
        _posted_in(group_id, select(Person, Campus).join(Posting, Posting.person_id == Person.id))
        .join(Campus, Campus.id == Posting.campus_id)
        .where(Person.left_at.is_(None), Person.name.icontains(words, autoescape=True))
        .order_by(Person.name, Person.id, Campus.id)
    )
    first = {person.id: (person, campus) for person, campus in reversed(db.session.execute(wanted).tuples().all())}
    return list(reversed(first.values()))[:most]


def people_of_group(group_id: int, person_ids: Collection[int]) -> set[int]:
    """Those of the people who are now posted at a campus of the group."""
    wanted = _posted_in(group_id, select(Posting.person_id)).where(Posting.person_id.in_(person_ids))
    return set(db.session.scalars(wanted))


def _posted_in(group_id: int, postings: Select[Row]) -> Select[Row]:
    day = today()
    return postings.join(Membership, Membership.campus_id == Posting.campus_id).where(
        Membership.group_id == group_id, Membership.holding_on(day), Posting.holding_on(day)
    )


def prep_groups_for(standing: Standing, plan: Plan) -> Sequence[PrepGroup]:
    """The prep groups that the plan may be given to: the person's own for its group and subject, and the present one."""
    wanted = (plan.group_id, plan.subject_id)
    mine = [each for each in school_queries.prep_groups_of(standing) if (each.group_id, each.subject_id) == wanted]
    present = plan.prep_group
    return mine if present is None or present in mine else [present, *mine]


def plans_by_topic(standing: Standing, topic_ids: Sequence[int]) -> dict[int, int]:
    """How many plans on each of the topics the person may read."""
    plans = readable_plans(standing).where(Plan.topic_id.in_(topic_ids)).with_only_columns(Plan.topic_id).subquery()
    counted = db.session.execute(select(plans.c.topic_id, func.count()).group_by(plans.c.topic_id))
    return {topic_id: count for topic_id, count in counted.tuples() if topic_id is not None}


@hangs_on_topics
def plans_on_topics(topic_ids: Collection[int]) -> str:
    """How many plans hang on the topics, in words, those in recycle bins too; empty for none."""
    count = db.session.scalar(select(func.count()).where(Plan.topic_id.in_(topic_ids))) or 0
    return ngettext("%(num)d 份教案（包括回收站里的）", "%(num)d 份教案（包括回收站里的）", count) if count else ""


@dataclass(frozen=True)
class Suggestion:
    """What the next plan of a person is most likely about."""

    subject_id: int | None = None
    volume_id: int | None = None
    topic_id: int | None = None
    prep_group_id: int | None = None


def suggestion_for(standing: Standing) -> Suggestion:
    """The topic after the one of their last plan; else the book of a class they teach; else nothing."""
    last = db.session.scalars(
        select(Plan)
        .where(Plan.owner_id == standing.person_id, Plan.removed_at.is_(None), Plan.topic_id.is_not(None))
        .options(joinedload(Plan.topic).joinedload(LessonTopic.unit), raiseload("*"))
        .order_by(Plan.made_at.desc(), Plan.id.desc())
        .limit(1)
    ).first()
    if last and last.topic:
        volume_id = last.topic.unit.volume_id
        return Suggestion(last.subject_id, volume_id, _topic_after(last.topic, volume_id), last.prep_group_id)
    return _suggestion_from_classes(standing)


def _topic_after(topic: LessonTopic, volume_id: int) -> int:
    in_order = db.session.scalars(
        select(LessonTopic.id)
        .join(Unit)
        .where(Unit.volume_id == volume_id)
        .order_by(Unit.rank, Unit.id, LessonTopic.rank, LessonTopic.id)
    ).all()
    following = in_order[in_order.index(topic.id) + 1 :]
    return following[0] if following else topic.id


def _suggestion_from_classes(standing: Standing) -> Suggestion:
    day = standing.day
    taught = db.session.execute(
        select(TeachingAssignment.subject_id, SchoolClass.stage, SchoolClass.grade)
        .join(SchoolClass, SchoolClass.id == TeachingAssignment.class_id)
        .where(TeachingAssignment.person_id == standing.person_id, TeachingAssignment.holding_on(day))
        .order_by(TeachingAssignment.from_day.desc(), TeachingAssignment.id)
        .limit(1)
    ).first()
    if taught is None:
        return Suggestion()
    semester = 2 if 2 <= day.month <= 7 else 1
    volume_id = db.session.scalar(
        select(TextbookVolume.id)
        .join(TextbookEdition)
        .where(
            TextbookEdition.subject_id == taught.subject_id,
            TextbookEdition.stage == taught.stage,
            TextbookVolume.grade == taught.grade,
        )
        .order_by(func.coalesce(TextbookVolume.semester, semester) != semester, TextbookVolume.rank)
        .limit(1)
    )
    return Suggestion(taught.subject_id, volume_id)


@dataclass(frozen=True)
class WhereOptions:
    """What can be chosen for a new plan, and what is chosen already: as asked, else as is most likely meant.

    `written` says how many plans on each topic of the volume the person may read.
    """

    tree: TreeChoices
    written: Mapping[int, int]
    places: Sequence[tuple[Group, Campus]]
    prep_groups: Sequence[PrepGroup]
    chosen: WhereForm


def where_options(standing: Standing, asked: WhereForm, *, any_subject: bool = False) -> WhereOptions:
    """The options for a new plan of the person, after what was asked for so far.

    `any_subject`: also the prep groups of other subjects, for a page on which the subject may still change.
    """
    guess = suggestion_for(standing)
    if asked.subject is not None and asked.subject != guess.subject_id:
        guess = Suggestion(asked.subject)
    tree = tree_choices(guess.subject_id, asked.volume or guess.volume_id)
    if not tree.units and tree.volumes:
        tree = tree_choices(guess.subject_id, tree.volumes[0].id)
    topic_ids = [topic.id for topic in tree.topics()]
    places = school_queries.places_of(standing)
    place = asked.place or next(((group.id, campus.id) for group, campus in places), None)
    prep_groups = [
        prep_group
        for prep_group in school_queries.prep_groups_of(standing)
        if place and prep_group.group_id == place[0] and (any_subject or prep_group.subject_id == guess.subject_id)
    ]
    prep_group = _known(asked.prep_group, prep_groups) or _known(guess.prep_group_id, prep_groups)
    if prep_group is None and asked.visibility is None:
        prep_group = next((each.id for each in prep_groups if each.subject_id == guess.subject_id), None)
    chosen = WhereForm(
        subject=guess.subject_id,
        volume=tree.units[0].volume_id if tree.units else None,
        topic=next((topic_id for topic_id in (asked.topic, guess.topic_id) if topic_id in topic_ids), None),
        place=place,
        prep_group=prep_group,
        visibility=asked.visibility or (Visibility.PREP_GROUP if prep_group else Visibility.PERSONAL),
    )
    return WhereOptions(tree, plans_by_topic(standing, topic_ids), places, prep_groups, chosen)


def _known(prep_group_id: int | None, prep_groups: Sequence[PrepGroup]) -> int | None:
    return prep_group_id if any(group.id == prep_group_id for group in prep_groups) else None


def layout_of_group(group_id: int) -> tuple[Place, ...]:
    """The layout that the group's template asks for; the default where the group has not changed it."""
    template = db.session.get(PlanTemplate, group_id)
    return layout.from_template(template.sections if template else None)


def template_group_ids(standing: Standing) -> set[int]:
    """The groups whose template the person looks after."""
    roles = (Role.GROUP_ADMIN, Role.ACADEMIC_OFFICE)
    return {each for each in standing.group_ids if any(standing.holds(role, group_id=each) for role in roles)}


def groups_with_template_of(standing: Standing) -> Sequence[Group]:
    """The same as groups, by name."""
    wanted = select(Group).where(Group.id.in_(template_group_ids(standing)))
    return db.session.scalars(wanted.order_by(Group.name)).all()
