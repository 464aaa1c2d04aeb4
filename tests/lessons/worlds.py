"""Random groups of schools, with dates that begin and end around one day, for tests that compare answers about rights."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import TypeVar

from sqlalchemy import select

from foundation.database import db
from lessons.models import Plan, PlanState, PlanUpdate, PlanWriter
from lessons.text.content import PlanContent
from lessons.text.document import build_plan
from library.models import Collection, CollectionItem, Resource, ResourceKind, ResourceVersion
from schools.models import (
    Campus,
    Division,
    Group,
    GroupKind,
    Membership,
    Person,
    Posting,
    PrepGroup,
    PrepGroupPick,
    Role,
    RoleGrant,
    SchoolClass,
    Stage,
    Subject,
    TeachingAssignment,
    Visibility,
)

NOON = datetime(2026, 10, 15, 4, 0, tzinfo=UTC)
DAY = date(2026, 10, 15)

Thing = TypeVar("Thing")


@dataclass(frozen=True)
class World:
    """What there is; `people` may read or write some of `plans`."""

    people: Sequence[Person]
    plans: Sequence[Plan]


def make_world(random: Random, people: int = 6, plans: int = 12) -> World:
    """A world in the session, flushed and not committed. Everything in it was drawn from `random`."""
    subjects = [Subject(code=f"s{n}", name=f"学科{n}") for n in range(2)]
    groups = [Group(name=f"集团{n}", kind=GroupKind.AREA) for n in range(2)]
    campuses = [Campus(code=f"c{n}", name=f"校区{n}", short_name=f"校区{n}") for n in range(3)]
    staff = [Person(name=f"教师{n}", staff_number=str(n)) for n in range(people)]
    _keep([*subjects, *groups, *campuses, *staff])
    _keep(
        Membership(
            group_id=group.id,
            campus_id=campus.id,
            keeps_shared=random.random() < 0.5,
            group_manages=random.random() < 0.7,
            **_days(random),
        )
        for group in groups
        for campus in _some(random, campuses)
    )
    divisions = [
        Division(group_id=group.id, name="级部", grades=_some(random, [3, 4]), campuses=_some(random, campuses))
        for group in groups
    ]
    classes = [
        SchoolClass(
            campus_id=campus.id, stage=Stage.PRIMARY, entry_year=2027 - grade, grade=grade, number=1, name="一班"
        )
        for campus in campuses
        for grade in (3, 4)
    ]
    prep_groups = [
        PrepGroup(
            group_id=random.choice(groups).id,
            name=f"备课组{n}",
            subject_id=random.choice(subjects).id,
            stage=Stage.PRIMARY,
            grade=random.choice([None, 3, 4]),
            whole_group=random.random() < 0.5,
            campuses=_some(random, campuses),
        )
        for n in range(3)
    ]
    _keep([*divisions, *classes, *prep_groups])
    for person in staff:
        _keep(Posting(person=person, campus=campus, **_days(random)) for campus in _some(random, campuses))
        _keep(_grant(random, person, groups, campuses, divisions, prep_groups, subjects) for _ in _times(random))
        _keep(
            TeachingAssignment(
                person_id=person.id,
                class_id=random.choice(classes).id,
                subject_id=random.choice(subjects).id,
                **_days(random),
            )
            for _ in _times(random)
        )
        _keep(
            PrepGroupPick(person_id=person.id, prep_group_id=random.choice(prep_groups).id, **_days(random))
            for _ in _times(random)
        )
    made = [_plan(random, number, staff, groups, campuses, prep_groups, subjects) for number in range(plans)]
    _keep(made)
    text = build_plan(PlanContent(title="长方形的面积")).get_update()
    _keep(PlanUpdate(plan_id=plan.id, data=text) for plan in made)
    return World(staff, made)


@dataclass(frozen=True)
class Library:
    """The resources and collections of a world; its `people` may see some of them."""

    people: Sequence[Person]
    resources: Sequence[Resource]
    collections: Sequence[Collection]


def make_library(random: Random, world: World, resources: int = 12, collections: int = 3) -> Library:
    """What the people of a world have in the library, flushed and not committed; each resource with a version."""
    groups, campuses = db.session.scalars(select(Group)).all(), db.session.scalars(select(Campus)).all()
    prep_groups, subjects = db.session.scalars(select(PrepGroup)).all(), db.session.scalars(select(Subject)).all()
    made = []
    for number in range(resources):
        prep_group = random.choice([None, *prep_groups])
        made.append(
            Resource(
                code=f"res{number:07}",
                title=f"资源{number}",
                kind=ResourceKind.MATERIAL,
                owner=random.choice(world.people),
                group_id=prep_group.group_id if prep_group else random.choice(groups).id,
                campus_id=random.choice(campuses).id,
                prep_group_id=prep_group.id if prep_group else None,
                subject_id=random.choice([None, random.choice(subjects).id]),
                stage=Stage.PRIMARY,
                grade=random.choice([None, 3, 4]),
                visibility=random.choice(list(Visibility)),
                wanted=random.choice([None, Visibility.CAMPUS, Visibility.GROUP, Visibility.PUBLIC]),
                removed_at=NOON - timedelta(days=1) if random.random() < 0.15 else None,
                versions=[ResourceVersion(number=1, key=f"k{number}", name=f"{number}.txt", size=1, sha256="0" * 64)],
            )
        )
    _keep(made)
    kept = [
        Collection(
            code=f"col{number:07}",
            title=f"合集{number}",
            owner=random.choice(world.people),
            group_id=random.choice(groups).id,
            campus=random.choice(campuses),
            prep_group=random.choice([None, *prep_groups]),
            visibility=random.choice(list(Visibility)),
            removed_at=NOON if random.random() < 0.15 else None,
            items=[CollectionItem(resource=each, rank=rank) for rank, each in enumerate(_some(random, made))],
        )
        for number in range(collections)
    ]
    _keep(kept)
    return Library(world.people, made, kept)


def _grant(
    random: Random,
    person: Person,
    groups: Sequence[Group],
    campuses: Sequence[Campus],
    divisions: Sequence[Division],
    prep_groups: Sequence[PrepGroup],
    subjects: Sequence[Subject],
) -> RoleGrant:
    role = random.choice(list(Role))
    grant = RoleGrant(person=person, role=role, **_days(random))
    if role is Role.PREP_LEAD:
        grant.prep_group_id = random.choice(prep_groups).id
        return grant
    if random.random() < 0.5:
        grant.group_id = random.choice(groups).id
    else:
        grant.campus_id = random.choice(campuses).id
    grant.division_id = random.choice([None, None, random.choice(divisions).id])
    grant.subject_id = random.choice([None, random.choice(subjects).id])
    grant.grade = random.choice([None, None, 3])
    return grant


def _plan(
    random: Random,
    number: int,
    staff: Sequence[Person],
    groups: Sequence[Group],
    campuses: Sequence[Campus],
    prep_groups: Sequence[PrepGroup],
    subjects: Sequence[Subject],
) -> Plan:
    prep_group = random.choice([None, *prep_groups])
    return Plan(
        code=f"plan{number:06}",
        owner=random.choice(staff),
        group_id=prep_group.group_id if prep_group else random.choice(groups).id,
        campus_id=random.choice(campuses).id,
        prep_group_id=prep_group.id if prep_group else None,
        subject_id=prep_group.subject_id if prep_group else random.choice(subjects).id,
        visibility=random.choice(list(Visibility)),
        state=random.choice([PlanState.DRAFT, PlanState.COMMON, PlanState.ARCHIVED]),
        title=f"教案{number}",
        removed_at=NOON - timedelta(days=1) if random.random() < 0.15 else None,
        writers=[PlanWriter(person=person) for person in _some(random, staff) if random.random() < 0.2],
    )


def _days(random: Random) -> dict[str, date | None]:
    """A span of days near DAY: over, to come, beginning or ending on the day itself, or open."""
    from_day = DAY + timedelta(days=random.choice([-30, -1, 0, 1]))
    length = random.choice([None, 1, 2, 30, 60])
    return {"from_day": from_day, "to_day": None if length is None else from_day + timedelta(days=length)}


def _some(random: Random, things: Sequence[Thing]) -> list[Thing]:
    return [thing for thing in things if random.random() < 0.6]


def _times(random: Random) -> range:
    return range(random.choice([0, 1, 2]))


def _keep(things: object) -> None:
    db.session.add_all(things)  # type: ignore[arg-type]
    db.session.flush()
