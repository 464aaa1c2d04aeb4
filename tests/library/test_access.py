"""Who may read, change, share and review a resource: the rules in sentences, and that list, object, preview, download and collection never disagree."""

from collections.abc import Callable
from random import Random

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foundation.clock import travel_to
from foundation.database import db
from library import access
from library.collecting import queries as collecting
from library.models import Collection, Resource
from schools.access import standing_of
from schools.models import Person, Role, Visibility
from tests.databases import on_both_databases
from tests.factories import (
    grant,
    make_campus,
    make_group,
    make_person,
    make_prep_group,
    make_resource,
    make_subject,
)
from tests.lessons.worlds import NOON, Library, make_library, make_world

pytestmark = pytest.mark.usefixtures("app")

WIDE = (Visibility.CAMPUS, Visibility.GROUP, Visibility.PUBLIC)


def reads(person: Person | None, resource: Resource) -> bool:
    return access.may_read_resource(standing_of(person), resource)


def edits(person: Person | None, resource: Resource) -> bool:
    return access.may_edit_resource(standing_of(person), resource)


def reviews(person: Person | None, resource: Resource, wanted: Visibility) -> bool:
    return access.may_review(standing_of(person), resource, wanted)


def test_a_personal_resource_is_read_by_its_owner_alone() -> None:
    group = make_group()
    owner, head = make_person(make_campus(group)), make_person(make_campus(group))
    prep_group = make_prep_group(group, members=[owner, head])
    for role in (Role.HEAD, Role.GROUP_ADMIN):
        grant(head, role, group_id=group.id)
    resource = make_resource(owner, prep_group=prep_group)
    assert edits(owner, resource)
    assert not reads(head, resource)
    assert not reads(None, resource)


def test_the_prep_group_changes_what_is_shown_to_it_and_its_lead_shares_it() -> None:
    group = make_group()
    member, lead, stranger = (make_person(make_campus(group)) for _ in range(3))
    prep_group = make_prep_group(group, members=[member])
    grant(lead, Role.PREP_LEAD, prep_group_id=prep_group.id)
    resource = make_resource(
        make_person(make_campus(group)), prep_group=prep_group, group=group, visibility=Visibility.PREP_GROUP
    )
    assert edits(member, resource)
    assert not access.may_share_resource(standing_of(member), resource)
    assert access.may_share_resource(standing_of(lead), resource)
    assert not reads(stranger, resource)


@pytest.mark.parametrize(
    ("role", "of_group", "decides"),
    [
        (Role.CAMPUS_ADMIN, False, (True, False, False)),
        (Role.ACADEMIC_OFFICE, False, (True, False, False)),
        (Role.GROUP_ADMIN, True, (True, True, True)),
        (Role.HEAD, True, (True, True, True)),
        (Role.TEACHER, True, (False, False, False)),
        (Role.GUEST_INSPECTOR, True, (False, False, False)),
    ],
)
def test_for_a_campus_a_word_of_the_campus_is_enough_for_more_one_of_the_group(
    role: Role, of_group: bool, decides: tuple[bool, ...]
) -> None:
    group = make_group()
    here = make_campus(group)
    reviewer = make_person(here)
    grant(reviewer, role, group_id=group.id if of_group else None, campus_id=None if of_group else here.id)
    resource = make_resource(make_person(here))
    assert tuple(reviews(reviewer, resource, wanted) for wanted in WIDE) == decides


def test_a_subject_lead_reviews_the_subject_and_reads_what_waits_only_while_it_waits() -> None:
    group = make_group()
    here = make_campus(group)
    lead, maths = make_person(make_campus(group)), make_subject("数学")
    grant(lead, Role.SUBJECT_LEAD, group_id=group.id, subject_id=maths.id)
    resource, other = make_resource(make_person(here), subject=maths), make_resource(make_person(here))
    assert reviews(lead, resource, Visibility.GROUP)
    assert not reviews(lead, other, Visibility.GROUP)
    assert not reads(lead, resource)
    resource.wanted = Visibility.GROUP
    assert reads(lead, resource)


# All ways agree


def compare_answers(library: Library) -> None:
    """List, object, bin, review and collection answer alike, for every person of a random world."""
    for person in [*library.people, None]:
        standing = standing_of(person)
        listed = set(db.session.scalars(access.readable_resources(standing)))
        editable = set(db.session.scalars(access.editable_resources(standing)))
        removed = set(db.session.scalars(access.removed_resources(standing)))
        waiting = set(db.session.scalars(access.resources_to_review(standing)))
        for resource in library.resources:
            kept = resource.removed_at is None
            assert (resource in listed) == (kept and access.may_read_resource(standing, resource))
            assert (resource in editable) == access.may_edit_resource(standing, resource)
            assert (resource in removed) == access.may_restore_resource(standing, resource)
            wanted = resource.wanted
            asked = wanted is not None and kept and access.may_review(standing, resource, wanted)
            assert (resource in waiting) == asked
            assert bool(access.why_reads_resource(standing, resource)) == access.may_read_resource(standing, resource)
        collections = set(db.session.scalars(access.readable_collections(standing)))
        for collection in library.collections:
            assert (collection in collections) == access.may_read_collection(standing, collection)
            held = [item.resource for item in collection.items]
            shown = [row.resource for row in collecting.resources_in(standing, collection)]
            assert shown == [resource for resource in held if resource in listed]


@on_both_databases
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(random=st.randoms(use_true_random=False))
def test_list_object_and_collection_never_disagree(app: Flask, random: Random) -> None:
    with travel_to(NOON):
        try:
            compare_answers(make_library(random, make_world(random, plans=0)))
        finally:
            db.session.rollback()


@on_both_databases
def test_pages_never_disagree_with_the_list(
    app: Flask, client: FlaskClient, signed_in: Callable[[Person], FlaskClient]
) -> None:
    with travel_to(NOON):
        random = Random(20261015)
        library = make_library(random, make_world(random, people=2, plans=0), resources=6, collections=2)
        db.session.commit()
        for person, browser in [(None, client), *((person, signed_in(person)) for person in library.people)]:
            standing = standing_of(person)
            for resource in library.resources:
                may = access.may_read_resource(standing, resource)
                base = f"/resources/{resource.code}"
                assert browser.get(base).status_code == (200 if may else 404)
                assert browser.get(f"{base}/preview").status_code == (200 if may else 404)
                assert browser.get(f"{base}/versions/1/download").status_code == (302 if may else 404)
                if person:
                    changing = 200 if access.may_edit_resource(standing, resource) else 404
                    assert browser.get(f"{base}/edit").status_code == changing
            for collection in library.collections:
                check_collection(browser, person, collection)


def check_collection(browser: FlaskClient, person: Person | None, collection: Collection) -> None:
    """The page of a collection names those of its resources that the person may read, and no other."""
    standing = standing_of(person)
    answer = browser.get(f"/resources/collections/{collection.code}")
    if not access.may_read_collection(standing, collection):
        assert answer.status_code == 404
        return
    for item in collection.items:
        may = item.resource.removed_at is None and access.may_read_resource(standing, item.resource)
        assert (f"/resources/{item.resource.code}" in answer.text) == may
