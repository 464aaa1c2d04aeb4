"""Whom an administrator deals with: facts about somebody, and their way into the product."""

from flask import Flask

from foundation.database import db
from schools.access import standing_of
from schools.models import Role
from schools.staff import authority_of, may_let_in
from tests.databases import on_both_databases
from tests.factories import make_campus, make_group, make_person, make_posting


@on_both_databases
def test_one_home_campus_is_enough_for_the_card_and_all_are_needed_for_the_password(app: Flask) -> None:
    group = make_group()
    here, there = make_campus(group), make_campus(group)
    admin = make_person(here, roles=[Role.CAMPUS_ADMIN])
    only_here, in_both = make_person(here), make_person(here)
    make_posting(in_both, there)
    db.session.refresh(in_both)
    authority = authority_of(standing_of(admin))
    assert [authority.may_look_after(person) for person in (only_here, in_both)] == [True, True]
    assert [may_let_in(admin, person) for person in (only_here, in_both)] == [True, False]
