"""Minutes between campuses: who keeps them, and what cannot be meant."""

from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient

from live.scheduling.travel import minutes_between
from schools.models import Person, Role
from tests.factories import grant, make_campus, make_group, make_person


def test_whoever_arranges_the_group_keeps_the_ways_between_its_campuses(
    app: Flask, signed_in: Callable[[Person], FlaskClient]
) -> None:
    group = make_group()
    one, other = make_campus(group, "西湖"), make_campus(group, "丹江路")
    office = make_person(one)
    grant(office, Role.ACADEMIC_OFFICE, group_id=group.id)
    browser, way = signed_in(office), f"way-{one.id}-{other.id}"
    assert f'name="{way}"' in browser.get("/live/travel").get_data(as_text=True)
    assert browser.post("/live/travel", data={way: "25"}).status_code == 303
    assert minutes_between([one.id, other.id]) == {(one.id, other.id): 25}
    refused = browser.post("/live/travel", data={way: "eine Stunde"})
    assert refused.status_code == 422
    assert "路程请填 0 到 480 分钟" in refused.get_data(as_text=True)
    browser.post("/live/travel", data={way: ""})
    assert minutes_between([one.id, other.id]) == {}
    assert signed_in(make_person(one)).get("/live/travel").status_code == 404
