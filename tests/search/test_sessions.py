"""Live lessons are found by whoever sees them, down to the step in their replay."""

from collections.abc import Callable

from flask import Flask

from schools.access import standing_of
from search.addresses import address_of
from search.documents import Kind
from search.service import Search
from tests.factories import make_campus, make_person, make_topic
from tests.live.lessons import hold, make_lesson


def test_a_lesson_is_found_by_title_people_campus_topic_and_step_and_by_nobody_else(
    app: Flask, search: Search, worker: Callable[[], None]
) -> None:
    listening = make_campus(name="马甲希望小学")
    lead, helper, stranger = make_person(name="欧阳静"), make_person(listening, "钟离敏"), make_person()
    session = make_lesson(lead, listening, helper=helper, topic=make_topic(title="折纸里的几分之一"))
    hold(session)
    worker()

    for words in ("分数的初步认识", "欧阳静", "钟离敏", "马甲希望小学", "折纸里的几分之一"):
        hits = search.search(standing_of(lead), words).hits
        assert (Kind.SESSION, session.id) in [(hit.kind, hit.id) for hit in hits], words
        assert not [hit for hit in search.search(standing_of(stranger), words).hits if hit.kind == Kind.SESSION]
    hit = search.search(standing_of(helper), "认识四分之一").hits[0]
    with app.test_request_context():
        assert address_of(hit.kind, hit.code, hit.part) == f"/live/{session.code}/replay?at=420"
