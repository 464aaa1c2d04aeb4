"""Parts of a recording come in from the main classroom, and from nobody else."""

from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient

from foundation.database import db
from lessons.models import PlanResource
from library.models import ResourceKind
from live.models import Recording, RecordingState, SessionState
from schools.models import Person, Visibility
from tests.factories import make_campus, make_person, make_plan, make_resource
from tests.live.lessons import happen, hold, make_lesson


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
    happen(session, 2000, "recording", {"state": "on", "why": ""})
    assert client.post(f"{address}/{recording}/end").status_code == 200
    assert client.post(part.replace("index=0", "index=2"), data=b"abc").status_code == 200, "another screen goes on"
    happen(session, 2050, "recording", {"state": "off", "why": ""})
    assert client.post(f"{address}/{recording}/end").status_code == 200
    assert client.post(part.replace("index=0", "index=1"), data=b"abc").status_code == 409
    assert signed_in(helper).post(address, json={}).status_code == 404
    assert app.test_client().post(address, json={}).status_code == 404


def test_a_film_is_shared_only_while_everybody_who_is_seen_has_agreed(
    app: Flask, signed_in: Callable[[Person], FlaskClient]
) -> None:
    lead = make_person()
    session = make_lesson(lead)
    film, plan = make_resource(lead, kind=ResourceKind.RECORDING), make_plan(lead, visibility=Visibility.CAMPUS)
    recording = Recording(code="film1", session_id=session.id, state=RecordingState.READY, resource_id=film.id)
    db.session.add(recording)
    db.session.commit()
    client = signed_in(lead)
    share, attach = f"/resources/{film.code}/share", f"/plans/{plan.code}/files/{film.code}/attach"
    consent = f"/live/{session.code}/recording/film1/consent"

    refused = client.post(share, data={"visibility": "campus"})
    assert refused.status_code == 422
    assert "出镜同意还没有确认" in refused.text
    assert client.post(attach).status_code == 422
    client.post(consent, data={"given": "1"})
    assert client.post(share, data={"visibility": "campus"}).status_code == 303
    assert client.post(attach).status_code == 200
    client.post(consent, data={"given": "0"})
    db.session.expire_all()
    assert (film.visibility, film.wanted) == (Visibility.PERSONAL, None)
    assert db.session.query(PlanResource).count() == 0
