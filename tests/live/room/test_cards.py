"""教室卡: who may print the codes of which classrooms, and where their QR codes lead."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from foundation.database import db, writing
from live.models import LiveSession, SessionState
from schools.models import Person
from tests.factories import make_person
from tests.live.lessons import make_lesson

SignedIn = Callable[[Person], FlaskClient]


@pytest.fixture
def helper(app: Flask) -> Person:
    return make_person(name="李助教")


@pytest.fixture
def session(helper: Person) -> LiveSession:
    lead = make_person(name="王主讲")
    session = make_lesson(lead, helper.postings[0].campus, helper=helper, state=SessionState.SETTLED)
    with writing():
        db.session.commit()
        for classroom, digits in zip(session.classrooms, ("135790", "246810"), strict=True):
            classroom.entry_code = digits
        db.session.commit()
    return session


def test_the_lead_prints_all_cards_and_a_helper_her_own(
    session: LiveSession, helper: Person, signed_in: SignedIn
) -> None:
    address = f"/live/{session.code}/cards"
    all_cards = signed_in(session.lead).get(address).text
    assert "135 790" in all_cards
    assert "246 810" in all_cards
    own = signed_in(helper).get(address).text
    assert "135 790" not in own
    assert "246 810" in own
    assert signed_in(make_person()).get(address).status_code == 404


def test_the_address_of_a_qr_code_brings_the_digits_along(session: LiveSession, client: FlaskClient) -> None:
    page = client.get("/live/enter/246810").text
    assert 'value="246810"' in page
    assert "data-begins" in page
    assert "data-begins" not in client.get("/live/enter").text


def test_a_card_says_the_hour_and_the_name_of_its_own_campus(session: LiveSession, signed_in: SignedIn) -> None:
    other = session.classrooms[1].campus
    with writing():
        other.zone, other.name, other.short_name = "Asia/Urumqi", "乌鲁木齐市第十三小学教育集团南湖校区", "南湖"
        db.session.commit()
    here, there = signed_in(session.lead).get(f"/live/{session.code}/cards").text.split("class-card-body")[:2]
    assert "9:00–9:40" in here
    assert "7:00–7:40" in there
    assert "南湖" in there
    assert "乌鲁木齐市第十三小学教育集团南湖校区" in there
