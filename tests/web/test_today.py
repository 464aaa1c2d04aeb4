"""The page of the day."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from foundation.clock import travel_to
from foundation.database import db
from schools.models import Person, Visibility
from tests.factories import make_campus, make_group, make_person, make_plan, make_prep_group
from web.filters import filesize, moment

Browser = Callable[[Person], FlaskClient]
NOON = datetime(2026, 11, 4, 4, 0, tzinfo=UTC)  # 12:00 in the schools


def test_a_newcomer_is_shown_how_to_begin(person: Person, signed_in: Browser) -> None:
    page = signed_in(person).get("/").text
    assert "还没有教案" in page
    assert 'href="/plans/new"' in page
    assert 'href="/plans/import"' in page


def test_the_plan_written_last_is_one_click_away(person: Person, signed_in: Browser) -> None:
    older, newer = make_plan(person, title="落花生"), make_plan(person, title="浮力")
    newer.changed_at = older.changed_at + timedelta(minutes=1)
    page = signed_in(person).get("/").text
    assert page.index("浮力") < page.index("落花生")
    assert f'href="/plans/{newer.code}/write"' in page


def test_what_colleagues_of_the_prep_group_write_is_shown(signed_in: Browser) -> None:
    campus = make_campus(make_group())
    me, colleague, stranger = make_person(campus), make_person(campus), make_person(campus)
    group = make_prep_group(campus.memberships[0].group, members=[me, colleague])
    make_plan(colleague, title="共同的教案", prep_group=group, visibility=Visibility.PREP_GROUP)
    make_plan(colleague, title="自己的教案", prep_group=group, visibility=Visibility.PERSONAL)
    make_plan(stranger, title="陌生的教案")
    page = signed_in(me).get("/").text
    assert "共同的教案" in page
    assert "自己的教案" not in page
    assert "陌生的教案" not in page


@pytest.mark.parametrize(("hour", "greeting"), [(7, "上午好"), (13, "下午好"), (20, "晚上好")])
def test_the_greeting_follows_the_hour_of_the_schools(
    person: Person, signed_in: Browser, hour: int, greeting: str
) -> None:
    browser = signed_in(person)
    with travel_to(datetime.now(UTC).replace(hour=(hour - 8) % 24) + timedelta(days=1)):
        assert greeting in browser.get("/").text


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(seconds=20), "刚刚"),
        (timedelta(minutes=5), "5分钟前"),
        (timedelta(hours=2), "今天 10:00"),
        (timedelta(hours=26, minutes=-5), "昨天 10:05"),
        (timedelta(days=40), "9月25日"),
        (timedelta(days=400), "2025年9月30日"),
    ],
)
def test_moments_are_said_as_people_say_them(app: Flask, ago: timedelta, words: str) -> None:
    with app.test_request_context(), travel_to(NOON):
        assert moment(NOON - ago) == words


def test_moments_are_said_in_english(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "en"}), travel_to(NOON):
        assert moment(NOON - timedelta(minutes=1)) == "1 minute ago"
        assert moment(NOON - timedelta(minutes=5)) == "5 minutes ago"
        assert moment(NOON - timedelta(days=40)) == "25 Sep"


def test_sizes_are_said_in_the_largest_fitting_unit(app: Flask) -> None:
    with app.test_request_context():
        assert [filesize(count) for count in (0, 512, 1536, 20 * 1024**2)] == ["0 B", "512 B", "1.5 KB", "20 MB"]


def test_today_costs_few_queries_however_many_plans(app: Flask, signed_in: Browser) -> None:
    campus = make_campus(make_group())
    me, colleague = make_person(campus), make_person(campus)
    group = make_prep_group(campus.memberships[0].group, members=[me, colleague])
    browser = signed_in(me)
    counts = []
    for _ in range(2):
        for owner in (me, colleague):
            for _ in range(3):
                make_plan(owner, prep_group=group, visibility=Visibility.PREP_GROUP)
        counts.append(_queries(browser))
    assert counts[0] == counts[1] <= 9


def _queries(browser: FlaskClient) -> int:
    from sqlalchemy import event

    seen: list[str] = []

    def note(connection: object, cursor: object, statement: str, *more: object) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    assert browser.get("/").status_code == 200
    event.remove(db.engine, "before_cursor_execute", note)
    return len([statement for statement in seen if statement.startswith("SELECT")])
