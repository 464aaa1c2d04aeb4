"""Nobody finds, counts or is offered what the pages would refuse, whatever changes."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest
from sqlalchemy import Select, select, update

from foundation.database import db
from lessons.access import may_read_plan, readable_plans
from lessons.models import Plan, PlanState, PlanWriter
from library.access import readable_resources
from library.models import Licence, Resource, ResourceKind
from schools.access import Standing, standing_of, standings_of
from schools.models import Membership, Person, Posting, RoleGrant, Visibility
from search.access import found_people, may_find
from search.documents import Kind
from search.service import Search
from tests.factories import make_campus, make_group, make_person, make_plan
from tests.lessons.worlds import DAY, World, make_world

pytestmark = pytest.mark.usefixtures("app")

DAYS = (DAY - timedelta(days=1), DAY, DAY + timedelta(days=40))


def with_resources(random: Random, world: World) -> None:
    for number, plan in enumerate(world.plans):
        db.session.add(
            Resource(
                code=f"res{number}",
                title=f"教案{number}的课件",
                kind=random.choice(list(ResourceKind)),
                owner_id=plan.owner_id,
                group_id=plan.group_id,
                campus_id=plan.campus_id,
                prep_group_id=plan.prep_group_id,
                subject_id=plan.subject_id,
                grade=random.choice([None, 3, 4]),
                visibility=random.choice(list(Visibility)),
                wanted=random.choice([None, Visibility.CAMPUS, Visibility.GROUP]),
                licence=Licence.WITHIN_GROUP,
            )
        )
    db.session.commit()


def ids(query: Select[tuple[Plan]] | Select[tuple[Resource]] | Select[tuple[Person]]) -> set[int]:
    return {row.id for row in db.session.scalars(query)}


def found_by(search: Search, standing: Standing) -> dict[Kind, set[int]]:
    found: dict[Kind, set[int]] = {kind: set() for kind in Kind}
    page = pages = 1
    while page <= pages:
        answer = search.search(standing, "", page=page)
        pages = answer.pages
        for hit in answer.hits:
            found[hit.kind].add(hit.id)
        page += 1
    assert dict(answer.facets["kind"]) == {kind: len(some) for kind, some in found.items() if some}
    assert answer.total == sum(map(len, found.values()))
    return found


def standings(people: Collection[Person]) -> Iterator[Standing]:
    yield standing_of(None, on=DAY)
    for day in DAYS:
        yield from standings_of([person.id for person in people], on=day).values()
    yield replace(standing_of(next(iter(people)), on=DAY), looked_through=True)


def change_something(random: Random, world: World) -> None:
    """Rights change in all the ways that the product changes them."""
    for plan in random.sample(list(world.plans), 4):
        plan.visibility = random.choice(list(Visibility))
        plan.writers = [PlanWriter(person_id=each.id) for each in world.people if random.random() < 0.2]
    world.plans[0].state = random.choice(list(PlanState))
    some = [plan.id for plan in random.sample(list(world.plans), 5)]
    db.session.execute(update(Plan).where(Plan.id.in_(some[:2])).values(prep_group_id=None))
    db.session.execute(update(Resource).where(Resource.id.in_(some)).values(visibility=random.choice(list(Visibility))))
    db.session.delete(db.session.get_one(Resource, db.session.scalar(select(Resource.id).order_by(Resource.id.desc()))))
    for model in (Posting, Membership, RoleGrant):
        row = random.choice(db.session.scalars(select(model)).all())
        row.to_day = random.choice([None, DAY, DAY + timedelta(days=3)])


@pytest.mark.parametrize("seed", [1])
def test_the_search_finds_exactly_what_lists_and_pages_show(seed: int) -> None:
    from search import indexing
    from search.service import the_index

    random = Random(seed)
    world = make_world(random, people=7, plans=30)
    with_resources(random, world)
    search = the_index()
    indexing.rebuild()
    for _ in range(3):
        for standing in standings(world.people):
            found = found_by(search, standing)
            assert found[Kind.PLAN] == ids(readable_plans(standing))
            assert found[Kind.RESOURCE] == ids(readable_resources(standing))
            assert found[Kind.PERSON] == ids(found_people(standing))
            offered = search.suggest(standing, "教")
            assert {(offer.kind, offer.id) for offer in offered} <= {
                (kind, one) for kind in found for one in found[kind]
            }
        change_something(random, world)
        db.session.commit()
        while indexing.drain():
            pass


def test_people_are_found_by_those_who_work_with_them() -> None:
    group = make_group()
    here, there, elsewhere = make_campus(group), make_campus(group), make_campus(make_group())
    me, colleague, other = make_person(here), make_person(there), make_person(elsewhere)
    assert ids(found_people(standing_of(me))) == {me.id, colleague.id}
    assert may_find(standing_of(me), colleague)
    assert not may_find(standing_of(me), other)
    assert ids(found_people(standing_of(None))) == set()


def test_what_is_withdrawn_is_gone_with_its_count_its_facet_and_its_suggestion(
    search: Search, worker: Callable[[], None]
) -> None:
    group = make_group()
    plan = make_plan(make_person(make_campus(group)), title="鹦鹉洲怀古", visibility=Visibility.GROUP)
    standing = standing_of(make_person(make_campus(group)))
    worker()
    assert search.search(standing, "鹦鹉洲").total == 1
    plan.visibility = Visibility.PERSONAL
    worker()
    assert not may_read_plan(standing, plan)
    answer = search.search(standing, "鹦鹉洲")
    assert (answer.total, answer.suggestion, answer.facets["subject"]) == (0, "", [])
    assert search.suggest(standing, "鹦鹉") == []
    assert search.search(standing_of(plan.owner), "鹦鹉洲").total == 1


def test_days_are_asked_for_at_each_search(search: Search, worker: Callable[[], None]) -> None:
    group = make_group()
    here = make_campus(group)
    person, leaver = make_person(here), make_person(here, "欧阳明日")
    leaver.postings[0].to_day = date(2026, 12, 1)
    worker()
    found = [search.search(standing_of(person, on=date(2026, month, 1)), "欧阳").total for month in (11, 12)]
    assert found == [1, 0]
