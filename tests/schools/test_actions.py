"""What is done to rights: who may end them, when they end, and who is told."""

from datetime import timedelta

import pytest
from flask import Flask

from foundation import happenings
from foundation.clock import today
from foundation.errors import Conflict, Invalid, NotAllowed
from schools.access import standing_of
from schools.actions import (
    NewCampus,
    NewGroup,
    NewPerson,
    PersonRightsChanged,
    end_grant,
    end_posting,
    set_up_first_group,
)
from schools.models import GroupKind, Role
from tests.factories import PASSWORD, grant, make_campus, make_group, make_person, make_prep_group

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    heard: list[object] = []
    monkeypatch.setitem(happenings._listeners, PersonRightsChanged, [heard.append])
    return heard


def test_an_ended_posting_counts_until_the_day_it_ends_and_is_announced(told: list[object]) -> None:
    campus = make_campus()
    person = make_person(campus)
    administrator = make_person(campus, roles=[Role.CAMPUS_ADMIN])
    tomorrow = today() + timedelta(days=1)
    end_posting(administrator, person.postings[0], on=tomorrow)
    assert standing_of(person).campus_ids == {campus.id}
    assert standing_of(person, on=tomorrow).campus_ids == frozenset()
    assert told == [PersonRightsChanged(person.id)]


def test_a_group_administrator_ends_roles_in_its_group_only(told: list[object]) -> None:
    group = make_group()
    administrator, lead = make_person(make_campus(group)), make_person(make_campus(group))
    grant(administrator, Role.GROUP_ADMIN, group_id=group.id)
    prep_group = make_prep_group(group)
    leading = grant(lead, Role.PREP_LEAD, prep_group_id=prep_group.id)
    at_campus = grant(lead, Role.HEAD, campus_id=lead.postings[0].campus_id)
    of_group = grant(lead, Role.HEAD, group_id=group.id)
    for given in (leading, at_campus, of_group):
        end_grant(administrator, given)
    assert standing_of(lead).scopes == frozenset()
    assert told == [PersonRightsChanged(lead.id)] * 3

    elsewhere = make_group()
    with pytest.raises(NotAllowed):
        end_grant(administrator, grant(lead, Role.HEAD, group_id=elsewhere.id))


def test_a_teacher_ends_nobodys_posting(app: Flask, told: list[object]) -> None:
    campus = make_campus()
    person = make_person(campus)
    with app.test_request_context(), pytest.raises(NotAllowed):
        end_posting(make_person(campus, roles=[Role.TEACHER, Role.HEAD]), person.postings[0])
    assert standing_of(person).campus_ids == {campus.id}
    assert told == []


def test_a_second_first_group_is_refused(app: Flask) -> None:
    new_group = NewGroup("罗溪片区", GroupKind.AREA, 40, [NewCampus("丹江路校区")], core=0)
    with app.test_request_context():
        set_up_first_group(new_group, NewPerson("王秀英", "1001", PASSWORD))
        with pytest.raises(Conflict):
            set_up_first_group(new_group, NewPerson("李丽", "1002", PASSWORD))


def test_the_first_administrator_needs_a_sensible_password(app: Flask) -> None:
    new_group = NewGroup("罗溪片区", GroupKind.AREA, 40, [NewCampus("丹江路校区")], core=0)
    with app.test_request_context(), pytest.raises(Invalid) as refused:
        set_up_first_group(new_group, NewPerson("王秀英", "1001", "短"))
    assert set(refused.value.fields) == {"password"}
