"""Seeing as somebody else: who may, that nothing can be changed, what is hidden, what is written down, and when it ends."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from foundation.clock import now, travel_to
from foundation.database import db, writing
from schools import viewing
from schools.access import standing_of
from schools.models import AuditEntry, Campus, Group, Person, Role, SignIn, Visibility
from schools.signing_in import still_signed_in
from tests.factories import grant, make_campus, make_group, make_person, make_plan, make_posting
from web import jobs

Browser = Callable[[Person], FlaskClient]


@pytest.fixture
def group(app: Flask) -> Group:
    return make_group()


@pytest.fixture
def campus(group: Group) -> Campus:
    return make_campus(group)


@pytest.fixture
def admin(campus: Campus) -> Person:
    return make_person(campus, "高主任", roles=[Role.CAMPUS_ADMIN])


def actions() -> Sequence[tuple[str, str, str]]:
    """What was written down: by whom, what, of whom or what."""
    entries = db.session.scalars(db.select(AuditEntry).order_by(AuditEntry.id)).all()
    return [(entry.person_name, entry.action, entry.object_name) for entry in entries]


def may(viewer: Person, other: Person) -> bool:
    return viewing.may_view_as(standing_of(viewer), standing_of(other))


def test_an_administrator_sees_the_pages_of_a_teacher(admin: Person, campus: Campus, signed_in: Browser) -> None:
    teacher = make_person(campus, "林晓雯")
    plan = make_plan(teacher, title="富饶的西沙群岛", visibility=Visibility.CAMPUS)
    personal = make_plan(teacher, title="随手记下的话")
    browser = signed_in(admin)
    assert browser.post(f"/manage/view-as/{teacher.id}").status_code == 303
    page = browser.get("/plans").text
    assert "您正在以林晓雯的身份查看" in page
    assert "富饶的西沙群岛" in page
    assert "随手记下的话" not in page
    assert browser.get(f"/plans/{plan.code}").status_code == 200
    assert browser.get(f"/plans/{personal.code}").status_code == 404
    assert browser.get("/").status_code == 200
    assert "随手记下的话" not in browser.get("/").text
    assert browser.post("/view-as/end").status_code == 303
    assert "身份查看" not in browser.get("/").text
    assert [each for each in actions() if each[1] != "view_as_opened"] == [
        ("高主任", "view_as_began", "林晓雯"),
        ("高主任", "view_as_ended", "林晓雯"),
    ]
    assert [each[2] for each in actions() if each[1] == "view_as_opened"] == ["教案", "富饶的西沙群岛", "今天", "今天"]


def test_nothing_is_changed_while_seeing_as_somebody_else(
    admin: Person, campus: Campus, signed_in: Browser, app: Flask
) -> None:
    teacher = make_person(campus, "林晓雯")
    plan = make_plan(teacher, visibility=Visibility.CAMPUS)
    browser = signed_in(admin)
    browser.post(f"/manage/view-as/{teacher.id}")
    for rule in app.url_map.iter_rules():
        if "POST" in (rule.methods or ()) and rule.endpoint not in ("schools.stop_viewing", "schools.sign_out"):
            with app.test_request_context():
                address = app.url_for(rule.endpoint, **dict.fromkeys(rule.arguments, 1))
            refused = browser.post(address)
            assert refused.status_code == 403, rule
            assert "只能看，不能改" in refused.text, rule
    assert browser.get(f"/plans/{plan.code}/write").status_code == 403
    assert browser.get("/account").status_code == 403
    db.session.expire_all()
    assert plan.removed_at is None


def test_sockets_count_such_a_sign_in_as_none(admin: Person, campus: Campus, signed_in: Browser) -> None:
    browser = signed_in(admin)
    sign_in_id = db.session.scalars(db.select(SignIn.id)).one()
    assert still_signed_in({sign_in_id}) == {sign_in_id}
    browser.post(f"/manage/view-as/{make_person(campus).id}")
    assert still_signed_in({sign_in_id}) == set()


def test_it_ends_after_half_an_hour_for_one_who_comes_back(admin: Person, campus: Campus, signed_in: Browser) -> None:
    teacher, browser = make_person(campus, "林晓雯"), signed_in(admin)
    browser.post(f"/manage/view-as/{teacher.id}")
    with travel_to(now() + timedelta(minutes=29)):
        assert "林晓雯的身份查看" in browser.get("/").text
    with travel_to(now() + timedelta(minutes=30)):
        page = browser.get("/").text
        assert "身份查看" not in page
        assert "高主任" in page
    assert actions()[-1] == ("高主任", "view_as_ended", "林晓雯")


def test_it_ends_after_half_an_hour_for_one_who_does_not(
    app: Flask, admin: Person, campus: Campus, signed_in: Browser
) -> None:
    signed_in(admin).post(f"/manage/view-as/{make_person(campus, '林晓雯').id}")
    with travel_to(now() + timedelta(minutes=31)), writing():
        db.session.commit()
        jobs.end_viewing(app.config["SETTINGS"])
    assert actions()[-1] == ("高主任", "view_as_ended", "林晓雯")


@pytest.mark.parametrize("address", ["/sign-out", "/view-as/end"])
def test_it_ends_with_the_sign_in(admin: Person, campus: Campus, signed_in: Browser, address: str) -> None:
    browser = signed_in(admin)
    browser.post(f"/manage/view-as/{make_person(campus, '林晓雯').id}")
    assert browser.post(address).status_code == 303
    assert actions()[-1] == ("高主任", "view_as_ended", "林晓雯")


def test_it_ends_with_the_right_to_it(admin: Person, campus: Campus, signed_in: Browser) -> None:
    teacher, browser = make_person(campus, "林晓雯"), signed_in(admin)
    browser.post(f"/manage/view-as/{teacher.id}")
    assert "林晓雯的身份查看" in browser.get("/").text
    make_posting(teacher, make_campus())
    assert "身份查看" not in browser.get("/").text


def test_of_others_only_the_own_campus_is_seen_through(group: Group, campus: Campus, admin: Person) -> None:
    there = make_campus(group)
    both = make_person(campus)
    make_posting(both, there)
    assert may(admin, make_person(campus))
    assert not may(admin, make_person(there))
    assert not may(admin, both)
    assert not may(admin, admin)


def test_nobody_is_seen_through_from_the_same_height_or_below(group: Group, campus: Campus, admin: Person) -> None:
    of_group, other_of_group = make_person(make_campus(group)), make_person(make_campus(group))
    for person in (of_group, other_of_group):
        grant(person, Role.GROUP_ADMIN, group_id=group.id)
    head = make_person(campus, roles=[Role.HEAD])
    head_of_group = make_person(campus)
    grant(head_of_group, Role.HEAD, group_id=group.id)
    assert may(of_group, admin)
    assert may(of_group, head_of_group)
    assert may(admin, head)
    for viewer, other in (
        (admin, make_person(campus, roles=[Role.CAMPUS_ADMIN])),
        (admin, head_of_group),
        (admin, of_group),
        (of_group, other_of_group),
        (head, make_person(campus)),
        (make_person(campus), head),
    ):
        assert not may(viewer, other)


def test_a_campus_that_keeps_its_people_is_not_seen_through_from_the_group(group: Group, campus: Campus) -> None:
    of_group, teacher = make_person(make_campus(group)), make_person(campus)
    grant(of_group, Role.GROUP_ADMIN, group_id=group.id)
    assert may(of_group, teacher)
    campus.memberships[0].group_manages = False
    db.session.commit()
    assert not may(of_group, teacher)


def test_whom_one_may_not_know_does_not_exist_and_a_colleague_is_refused(
    group: Group, admin: Person, signed_in: Browser
) -> None:
    browser = signed_in(admin)
    assert browser.post(f"/manage/view-as/{make_person().id}").status_code == 404
    assert browser.post(f"/manage/view-as/{make_person(make_campus(group)).id}").status_code == 403
    assert actions() == []


def test_who_has_left_is_no_longer_seen_through(admin: Person, campus: Campus, signed_in: Browser) -> None:
    teacher, browser = make_person(campus, "林晓雯"), signed_in(admin)
    browser.post(f"/manage/view-as/{teacher.id}")
    teacher.left_at = now() - timedelta(seconds=1)
    db.session.commit()
    assert "身份查看" not in browser.get("/").text
