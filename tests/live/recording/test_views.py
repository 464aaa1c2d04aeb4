"""Parts of a recording come in from the main classroom, and from nobody else."""

from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient

from live.models import SessionState
from schools.models import Person
from tests.factories import make_campus, make_person
from tests.live.lessons import hold, make_lesson


def test_the_lead_sends_parts_and_a_helper_elsewhere_does_not(
    app: Flask, signed_in: Callable[[Person], FlaskClient]
) -> None:
    campus = make_campus()
    lead, helper = make_person(), make_person(campus)
    session = make_lesson(lead, campus, helper=helper, state=SessionState.RUNNING)
    hold(session)
    address, client = f"/live/{session.code}/recording", signed_in(lead)

    recording = client.post(address, json={"type": "video/webm", "consent": True}).get_json()["recording"]
    part = f"{address}/{recording}/parts?took=1795000000000&index=0&at=1795000000000"
    answers = [client.post(part, data=b"abc", content_type="application/octet-stream") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].get_json() == answers[1].get_json()
    assert client.post(f"{address}/{recording}/end").status_code == 200
    assert client.post(part.replace("index=0", "index=1"), data=b"abc").status_code == 409
    assert signed_in(helper).post(address, json={}).status_code == 404
    assert app.test_client().post(address, json={}).status_code == 404
