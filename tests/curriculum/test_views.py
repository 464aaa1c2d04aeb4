"""The textbook tree: browse, add, rename, reorder, take away, paste."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from curriculum.models import LessonTopic, TextbookEdition, TextbookVolume, Unit
from foundation.database import db
from schools.models import Group, Person, Role, Stage, Subject
from tests.factories import grant, make_campus, make_group, make_person, make_plan, make_subject
from tests.lessons.queries_counted import queries_counted

SignedIn = Callable[[Person], FlaskClient]


@pytest.fixture
def group(app: Flask) -> Group:
    return make_group()


@pytest.fixture
def admin(group: Group) -> Person:
    admin = make_person(make_campus(group))
    grant(admin, Role.ACADEMIC_OFFICE, group_id=group.id)
    return admin


@pytest.fixture
def browser(admin: Person, signed_in: SignedIn) -> FlaskClient:
    return signed_in(admin)


@pytest.fixture
def subject(app: Flask) -> Subject:
    return make_subject("语文")


@pytest.fixture
def volume(subject: Subject) -> TextbookVolume:
    """Two units of two lessons: 甲 乙 | 丙 丁."""
    edition = TextbookEdition(subject=subject, stage=Stage.PRIMARY, name="统编版")
    volume = TextbookVolume(edition=edition, name="三年级上册", grade=3, semester=1)
    for rank, (title, lessons) in enumerate((("第一单元", "甲乙"), ("第二单元", "丙丁"))):
        unit = Unit(volume=volume, title=title, rank=rank)
        unit.topics = [LessonTopic(title=lesson, rank=place) for place, lesson in enumerate(lessons)]
    db.session.add(edition)
    db.session.commit()
    return volume


def tree(volume: TextbookVolume) -> list[str]:
    db.session.expire_all()
    return [unit.title[1] + "".join(topic.title for topic in unit.topics) for unit in volume.units]


def topic(title: str) -> LessonTopic:
    return db.session.scalars(select(LessonTopic).where(LessonTopic.title == title)).one()


def step(browser: FlaskClient, volume: TextbookVolume, words: str, **sent: str) -> int:
    return browser.post(f"/textbooks/volumes/{volume.id}/edit", data={"step": words, **sent}).status_code


def test_editions_and_volumes_are_made_and_named(browser: FlaskClient, subject: Subject) -> None:
    sent = {"subject": subject.id, "stage": "primary", "name": "统编版", "publisher": "人民教育出版社"}
    made = browser.post("/textbooks/new", data=sent)
    edition = db.session.scalars(select(TextbookEdition)).one()
    assert made.location == f"/textbooks/{edition.id}"
    assert "已经有“统编版”" in browser.post("/textbooks/new", data=sent).text
    for grade in ("3", "4"):
        browser.post(f"/textbooks/{edition.id}/volumes", data={"grade": grade, "semester": "1"})
    again = browser.post(f"/textbooks/{edition.id}/volumes", data={"grade": "3", "semester": "1"})
    assert "已经有“三年级上册”" in again.text
    first, second = db.session.scalars(select(TextbookVolume).order_by(TextbookVolume.rank)).all()
    assert (first.name, second.name) == ("三年级上册", "四年级上册")
    browser.post(f"/textbooks/volumes/{second.id}/move", data={"up": "1"})
    db.session.expire_all()
    assert [volume.name for volume in edition.volumes] == ["四年级上册", "三年级上册"]
    browser.post(f"/textbooks/volumes/{second.id}/name", data={"grade": "4", "semester": "", "name": ""})
    page = browser.get("/textbooks").text
    assert "四年级全一册" in page
    assert "统编版" in page


def test_units_and_lessons_are_renamed_together(browser: FlaskClient, volume: TextbookVolume) -> None:
    sent = {
        f"unit-{volume.units[0].id}-title": "第0单元",
        f"unit-{volume.units[0].id}-theme": "学校生活",
        f"topic-{topic('甲').id}-title": "子",
        f"topic-{topic('乙').id}-periods": "3",
    }
    answer = browser.post(f"/textbooks/volumes/{volume.id}/edit", data=sent)
    assert answer.location == f"/textbooks/volumes/{volume.id}"
    assert tree(volume) == ["0子乙", "二丙丁"]
    assert (volume.units[0].theme, topic("乙").periods) == ("学校生活", 3)


def test_what_cannot_be_used_is_said_beside_its_field_and_nothing_is_saved(
    browser: FlaskClient, volume: TextbookVolume
) -> None:
    sent = {f"topic-{topic('甲').id}-title": "子", f"topic-{topic('乙').id}-periods": "九"}
    answer = browser.post(f"/textbooks/volumes/{volume.id}/edit", data=sent)
    assert (answer.status_code, "课时是 1 到 40 之间的整数" in answer.text) == (422, True)
    assert 'value="子"' in answer.text
    assert tree(volume) == ["一甲乙", "二丙丁"]
    assert step(browser, volume, "", **{f"topic-{topic('甲').id}-title": " "}) == 422


@pytest.mark.parametrize(
    ("what", "title", "after"),
    [
        ("down", "甲", ["一乙甲", "二丙丁"]),
        ("up", "甲", ["一甲乙", "二丙丁"]),
        ("down", "乙", ["一甲", "二乙丙丁"]),
        ("up", "丙", ["一甲乙丙", "二丁"]),
        ("up", "丁", ["一甲乙", "二丁丙"]),
        ("down", "丁", ["一甲乙", "二丙丁"]),
    ],
)
def test_a_lesson_goes_up_and_down_and_on_into_the_next_unit(
    browser: FlaskClient, volume: TextbookVolume, what: str, title: str, after: list[str]
) -> None:
    assert step(browser, volume, f"{what}:topic:{topic(title).id}") == 303
    assert tree(volume) == after


def test_a_unit_goes_up_and_down(browser: FlaskClient, volume: TextbookVolume) -> None:
    step(browser, volume, f"down:unit:{volume.units[0].id}")
    assert tree(volume) == ["二丙丁", "一甲乙"]


def test_units_and_lessons_are_added(browser: FlaskClient, volume: TextbookVolume) -> None:
    step(browser, volume, "add:unit:")
    step(browser, volume, f"add:topic:{volume.units[0].id}")
    assert tree(volume) == ["一甲乙新的一课", "二丙丁", "单"]


def test_a_lesson_with_a_plan_stays_and_the_page_says_what_hangs_on_it(
    browser: FlaskClient, volume: TextbookVolume
) -> None:
    make_plan(topic=topic("甲"))
    address = f"/textbooks/volumes/{volume.id}/edit"
    answer = browser.post(address, data={"step": f"delete:topic:{topic('甲').id}"})
    assert answer.status_code == 409
    assert "还有1 份教案（包括回收站里的）挂在这里" in answer.text
    assert "1 份教案" in browser.post(f"/textbooks/volumes/{volume.id}/delete").text
    assert "1 份教案" in browser.post(f"/textbooks/{volume.edition_id}/delete").text
    assert tree(volume) == ["一甲乙", "二丙丁"]
    step(browser, volume, f"delete:topic:{topic('乙').id}")
    assert tree(volume) == ["一甲", "二丙丁"]


def test_only_an_empty_unit_is_deleted(browser: FlaskClient, volume: TextbookVolume) -> None:
    second = volume.units[1].id
    assert step(browser, volume, f"delete:unit:{second}") == 409
    for title in "丙丁":
        step(browser, volume, f"delete:topic:{topic(title).id}")
    assert step(browser, volume, f"delete:unit:{second}") == 303
    assert tree(volume) == ["一甲乙"]


def test_a_volume_that_nothing_hangs_on_goes_with_all_below_it(browser: FlaskClient, volume: TextbookVolume) -> None:
    browser.post(f"/textbooks/volumes/{volume.id}/delete")
    assert db.session.scalar(select(LessonTopic.id)) is None


def test_an_outline_is_looked_at_first_and_added_once(browser: FlaskClient, volume: TextbookVolume) -> None:
    address = f"/textbooks/volumes/{volume.id}/outline"
    text = "第二单元\n 丙\n 戊（2课时）\n第三单元：童话世界\n 己"
    page = browser.post(address, data={"outline": text}).text
    assert "将加入 2 课" in page
    assert tree(volume) == ["一甲乙", "二丙丁"]
    for _ in range(2):
        browser.post(address, data={"outline": text, "go": "1"})
    assert tree(volume) == ["一甲乙", "二丙丁戊", "三己"]
    assert (topic("戊").periods, volume.units[2].theme) == (2, "童话世界")
    wrong = browser.post(address, data={"outline": "没有单元的课\n第一单元"})
    assert (wrong.status_code, "第 1 行是课" in wrong.text) == (422, True)


def test_who_arranges_a_campus_only_looks(group: Group, volume: TextbookVolume, signed_in: SignedIn) -> None:
    browser = signed_in(make_person(make_campus(group), roles=[Role.ACADEMIC_OFFICE]))
    assert "甲" in browser.get(f"/textbooks/volumes/{volume.id}").text
    assert browser.get(f"/textbooks/volumes/{volume.id}/edit").status_code == 404
    assert browser.post(f"/textbooks/volumes/{volume.id}/edit", data={"step": "add:unit:"}).status_code == 404
    assert browser.post(f"/textbooks/volumes/{volume.id}/move", data={"up": "1"}).status_code == 403
    assert browser.post(f"/textbooks/{volume.edition_id}/delete").status_code == 403


def test_teachers_have_no_textbooks_to_manage(volume: TextbookVolume, signed_in: SignedIn) -> None:
    assert signed_in(make_person()).get("/textbooks").status_code == 404


def test_a_long_book_asks_no_more_than_a_short_one(browser: FlaskClient, volume: TextbookVolume) -> None:
    with queries_counted() as few:
        browser.get(f"/textbooks/volumes/{volume.id}/edit")
    for number in range(12):
        unit = Unit(volume_id=volume.id, title=f"第{number}单元名字很长很长的一个单元名字", rank=number)
        unit.topics = [LessonTopic(title=f"第{place}课", rank=place) for place in range(8)]
        db.session.add(unit)
    db.session.commit()
    with queries_counted() as many:
        browser.get(f"/textbooks/volumes/{volume.id}/edit")
    assert len(many) == len(few)
