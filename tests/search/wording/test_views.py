"""Words that mean the same: who says so, and that the search heeds it."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from foundation.database import db
from schools.models import AuditEntry, Person, Role, Visibility
from search.models import Synonym
from tests.factories import grant, make_campus, make_group, make_person, make_plan, make_subject
from tests.search.places import index_everything

Browser = Callable[[Person], FlaskClient]


class School:
    """A campus of a group, with its 教研组长 of one of two subjects, 教务 of the group, and a teacher."""

    def __init__(self) -> None:
        self.group = make_group()
        campus = make_campus(self.group)
        self.chinese, self.science = make_subject("语文"), make_subject("科学")
        self.lead, self.office, self.teacher = (make_person(campus) for _ in range(3))
        grant(self.lead, Role.SUBJECT_LEAD, campus_id=campus.id, subject_id=self.chinese.id)
        grant(self.office, Role.ACADEMIC_OFFICE, group_id=self.group.id)

    def says(self, words: str, subject_id: object = "") -> dict[str, object]:
        return {"words": words, "subject": subject_id}


@pytest.fixture
def school(app: Flask) -> School:
    return School()


def test_a_subject_lead_adds_changes_and_removes_the_words_of_their_subject(school: School, signed_in: Browser) -> None:
    browser = signed_in(school.lead)
    added = browser.post("/search/synonyms/new", data=school.says("导读单、阅读单，导读单", school.chinese.id))
    assert added.status_code == 303
    synonym = db.session.scalars(select(Synonym)).one()
    assert synonym.words == ["导读单", "阅读单"]
    assert "导读单 = 阅读单" in browser.get("/search/synonyms").text
    browser.post(f"/search/synonyms/{synonym.id}/edit", data=school.says("导读单，伴读单", school.chinese.id))
    assert "导读单 = 伴读单" in browser.get("/search/synonyms").text
    browser.post(f"/search/synonyms/{synonym.id}/delete")
    assert "还没有自己的同义词" in browser.get("/search/synonyms").text
    done = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert done == ["synonym_made", "synonym_changed", "synonym_deleted"]


def test_other_subjects_are_for_those_who_arrange_the_group(school: School, signed_in: Browser) -> None:
    lead, office = signed_in(school.lead), signed_in(school.office)
    for subject in ("", school.science.id):
        assert lead.post("/search/synonyms/new", data=school.says("甲、乙", subject)).status_code == 403
        assert office.post("/search/synonyms/new", data=school.says("甲、乙", subject)).status_code == 303
    made = db.session.scalars(select(Synonym)).all()
    assert [lead.post(f"/search/synonyms/{each.id}/delete").status_code for each in made] == [404, 404]


def test_a_teacher_and_another_group_have_nothing_to_do_with_it(school: School, signed_in: Browser) -> None:
    elsewhere = make_person()
    grant(elsewhere, Role.GROUP_ADMIN, group_id=elsewhere.postings[0].campus.memberships[0].group_id)
    synonym = Synonym(group_id=school.group.id, words=["甲", "乙"])
    db.session.add(synonym)
    db.session.commit()
    assert signed_in(school.teacher).get("/search/synonyms").status_code == 404
    other = signed_in(elsewhere)
    assert other.get(f"/search/synonyms?group={school.group.id}").status_code == 404
    assert other.get(f"/search/synonyms/{synonym.id}/edit").status_code == 404


@pytest.mark.parametrize(
    "words", ["", "只有一个", "同、同", "、".join(f"词{n}" for n in range(13)), "短、" + "长" * 21]
)
def test_words_that_make_no_sense_are_refused_beside_the_field(school: School, signed_in: Browser, words: str) -> None:
    answer = signed_in(school.office).post("/search/synonyms/new", data=school.says(words))
    assert answer.status_code == 422
    assert 'id="words-error"' in answer.text


def test_the_search_takes_one_word_for_the_other_at_once(school: School, signed_in: Browser) -> None:
    make_plan(school.lead, title="名著伴读单", visibility=Visibility.GROUP)
    index_everything()
    browser = signed_in(school.office)
    before = browser.get("/api/v1/search?q=导读单").json
    browser.post("/search/synonyms/new", data=school.says("导读单，伴读单"))
    after = browser.get("/api/v1/search?q=导读单").json
    assert before is not None
    assert after is not None
    assert after["total"] == 1
    assert not after["forgiving"]
