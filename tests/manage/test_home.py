from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from foundation.backups import LastBackup, remember_backup
from foundation.clock import now, today
from foundation.config import Settings
from manage.queries import counts_for, ending_soon
from schools.access import standing_of
from schools.models import Group, Person, Role
from tests.databases import on_both_databases
from tests.factories import grant, make_assignment, make_campus, make_class, make_group, make_person, make_subject
from tests.lessons.queries_counted import queries_counted

Browser = Callable[[Person], FlaskClient]


@pytest.fixture
def group(app: Flask) -> Group:
    return make_group("罗溪片区")


def administrator(group: Group) -> Person:
    admin = make_person(make_campus(group, "丹江路校区"), "何平")
    grant(admin, Role.GROUP_ADMIN, group_id=group.id)
    return admin


@on_both_databases
def test_everything_is_counted_where_one_oversees_it(group: Group) -> None:
    admin = administrator(group)
    campus = admin.postings[0].campus
    teacher = make_person(campus, password="牡丹江 42 条鱼")
    make_assignment(teacher, make_class(campus), make_subject())
    make_person(make_campus(), "别的集团")
    gone = make_person(campus)
    gone.postings[0].to_day = today()
    counts = counts_for(standing_of(admin))
    assert (counts.campuses, counts.staff, counts.classes, counts.pupils) == (1, 2, 1, 0)
    assert (counts.without_password, counts.without_class, counts.without_posting) == (1, 1, 1)


@on_both_databases
def test_what_ends_within_a_month_is_listed_the_next_first(group: Group) -> None:
    admin = administrator(group)
    campus = admin.postings[0].campus
    for name, days in (("二十天", 20), ("一天", 1), ("三十一天", 31), ("已结束", 0)):
        make_person(campus, name).postings[0].to_day = today() + timedelta(days=days)
    guest = make_person(name="教研员", posted=False)
    grant(guest, Role.GUEST_RESEARCHER, group_id=group.id, to_day=today() + timedelta(days=10))
    assert [ending.name for ending in ending_soon(standing_of(admin))] == ["一天", "教研员", "二十天"]


def test_a_head_of_one_campus_hears_nothing_of_another(group: Group) -> None:
    administrator(group)
    head = make_person(make_campus(group, "松林校区"), roles=[Role.HEAD])
    other = make_person(make_campus(group), "邓志远")
    other.postings[0].to_day = today() + timedelta(days=3)
    assert ending_soon(standing_of(head)) == []
    assert counts_for(standing_of(head)).staff == 1


def test_an_empty_group_is_shown_its_first_steps(group: Group, signed_in: Browser) -> None:
    page = signed_in(administrator(group)).get("/manage").text
    for words in ("搬进来的几步", "导入人员、班级和学生", "发密码条", "教材目录", "还没有备份过"):
        assert words in page


def test_the_last_backup_and_its_age_are_shown(group: Group, settings: Settings, signed_in: Browser) -> None:
    browser = signed_in(administrator(group))
    remember_backup(settings, LastBackup(now() - timedelta(hours=1), "tongke-20260901-2217.zip", 2048))
    page = browser.get("/manage").text
    assert "最近一次完好的备份" in page
    assert "tongke-20260901-2217.zip" in page
    assert "两天多没有备份" not in page
    remember_backup(settings, LastBackup(now() - timedelta(days=3), "a.zip", 1))
    assert "两天多没有备份" in browser.get("/manage").text


def test_the_page_costs_the_same_few_queries_however_large_the_group(group: Group, signed_in: Browser) -> None:
    admin = administrator(group)
    browser = signed_in(admin)

    def queries() -> int:
        with queries_counted() as seen:
            assert browser.get("/manage").status_code == 200
        return len(seen)

    few = queries()
    for number in range(12):
        campus = make_campus(group)
        make_person(campus).postings[0].to_day = today() + timedelta(days=number + 1)
        make_class(campus)
    assert queries() == few
    assert few <= 12
