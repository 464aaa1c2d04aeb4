"""What people do with plans, where no page shows it."""

import os
import time
from datetime import timedelta

import pytest
from flask import Flask

from foundation.clock import now
from foundation.database import commit, db, writing
from foundation.errors import Invalid, NotFound
from foundation.happenings import _listeners
from lessons import originals
from lessons.actions import (
    PlanRemoved,
    PlanRightsChanged,
    create_plan,
    delete_plan,
    import_plan,
    purge_bin,
    restore_plan,
    share_plan,
)
from lessons.layout import STEPS, Place, in_proper_form
from lessons.models import Plan, PlanOriginal, PlanUpdate
from schools.models import Person, Visibility
from tests.factories import make_person, make_plan, make_prep_group, make_subject


@pytest.fixture
def told() -> list[object]:
    """What is announced during the test."""
    heard: list[object] = []
    for kind in (PlanRemoved, PlanRightsChanged):
        _listeners[kind].append(heard.append)
    yield heard
    for kind in (PlanRemoved, PlanRightsChanged):
        _listeners[kind].remove(heard.append)


def imported(person: Person) -> Plan:
    campus = person.postings[0].campus
    return import_plan(
        person,
        "教案.md",
        "# 题目".encode(),
        group_id=campus.memberships[0].group_id,
        campus_id=campus.id,
        subject_id=make_subject().id,
    )


def test_the_bin_is_emptied_of_old_plans_with_their_logs_and_files(app: Flask, person: Person) -> None:
    old, young, kept = imported(person), imported(person), imported(person)
    path = {plan.id: originals.path_of(db.session.get_one(PlanOriginal, plan.id).stored_name) for plan in (old, young)}
    old.removed_at, young.removed_at = now() - timedelta(days=91), now() - timedelta(days=89)
    commit()
    old_id = old.id
    with writing():
        assert purge_bin(now() - timedelta(days=90)) == 1
    assert set(db.session.scalars(db.select(Plan.id))) == {young.id, kept.id}
    assert db.session.scalars(db.select(PlanUpdate.plan_id).where(PlanUpdate.plan_id == old_id)).all() == []
    assert not path[old_id].exists()
    assert path[young.id].exists()


def test_files_that_no_plan_names_are_removed_after_a_day(app: Flask, person: Person) -> None:
    fresh, stale = originals.path_of(originals.keep(b"1")), originals.path_of(originals.keep(b"2"))
    yesterday = time.time() - 25 * 3600
    os.utime(stale, (yesterday, yesterday))
    purge_bin(now())
    assert (fresh.exists(), stale.exists()) == (True, False)


def test_no_file_is_kept_when_the_plan_is_refused(app: Flask, person: Person) -> None:
    with pytest.raises(Invalid):
        import_plan(person, "教案.md", b"# x", group_id=999, campus_id=999, subject_id=make_subject().id)
    assert list(originals.path_of("x").parent.iterdir()) == []


def test_rooms_hear_when_rights_change_and_plans_go(app: Flask, person: Person, told: list[object]) -> None:
    plan = make_plan(person)
    share_plan(person, plan, visibility=Visibility.GROUP, prep_group_id=None, writer_ids=[])
    delete_plan(person, plan)
    restore_plan(person, plan)
    assert told == [PlanRightsChanged(plan.id), PlanRemoved(plan.id), PlanRightsChanged(plan.id)]


def test_nobody_shares_or_deletes_anothers_plan(app: Flask, person: Person) -> None:
    plan = make_plan(visibility=Visibility.PUBLIC)
    with pytest.raises(NotFound):
        delete_plan(person, plan)
    with pytest.raises(NotFound):
        restore_plan(person, plan)
    with pytest.raises(NotFound):
        share_plan(person, plan, visibility=Visibility.PERSONAL, prep_group_id=None, writer_ids=[])


def test_a_prep_group_of_another_subject_is_refused(app: Flask, person: Person) -> None:
    campus = person.postings[0].campus
    group = campus.memberships[0].group
    prep_group = make_prep_group(group, make_subject(), members=[person])
    with pytest.raises(Invalid, match="这门学科"):
        create_plan(
            person,
            group_id=group.id,
            campus_id=campus.id,
            subject_id=make_subject().id,
            prep_group_id=prep_group.id,
            visibility=Visibility.PREP_GROUP,
        )


def test_a_writer_who_left_the_group_may_stay_when_others_change(app: Flask, person: Person) -> None:
    gone = make_person()
    plan = make_plan(person, writers=[gone])
    share_plan(person, plan, visibility=Visibility.GROUP, prep_group_id=None, writer_ids=[gone.id])
    assert [writer.person_id for writer in plan.writers] == [gone.id]


def test_every_layout_begins_with_the_topic_and_has_the_steps() -> None:
    keys = [place.key for place in in_proper_form([Place("board"), Place("title", "短一点")])]
    assert keys == ["title", "periods", "board", STEPS]
