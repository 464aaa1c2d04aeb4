"""What people do with resources and collections: sharing and reviewing, describing, collecting, packing, deleting."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import unquote
from zipfile import ZipFile

import pytest
from flask import Flask
from flask.testing import FlaskClient

from foundation.clock import now
from foundation.database import db, set_writing
from foundation.errors import Conflict, Invalid, NotFound
from foundation.jobs import do_waiting_jobs
from library import access, actions
from library.collecting import actions as collecting
from library.collecting import packing
from library.forms import BookPlace
from library.models import Collection, Resource, Review, ReviewState
from library.storage import the_store
from library.storage.base import NoSuchFile
from schools.access import standing_of
from schools.models import AuditEntry, Person, Role, Visibility
from tests.factories import grant, make_campus, make_group, make_person, make_prep_group, make_resource, make_topic
from tests.lessons.queries_counted import queries_counted

SignedIn = Callable[[Person], FlaskClient]


@pytest.fixture(autouse=True)
def writing(app: Flask) -> None:
    set_writing(True)


def last_review() -> Review:
    return db.session.scalars(db.select(Review).order_by(Review.id.desc())).first() or Review()


def done() -> list[str]:
    return list(db.session.scalars(db.select(AuditEntry.action).order_by(AuditEntry.id)))


def test_more_people_see_it_only_when_a_reviewer_has_agreed() -> None:
    group = make_group()
    campus = make_campus(group)
    owner, reviewer, colleague = make_person(campus), make_person(campus), make_person(make_campus(group))
    grant(reviewer, Role.ACADEMIC_OFFICE, group_id=group.id)
    resource = make_resource(owner)
    assert not actions.share_resource(owner, resource, Visibility.GROUP, None)
    assert (resource.visibility, resource.wanted) == (Visibility.PERSONAL, Visibility.GROUP)
    assert not access.may_read_resource(standing_of(colleague), resource)
    with pytest.raises(NotFound):
        actions.decide(colleague, resource, agrees=True)
    actions.decide(reviewer, resource, agrees=True)
    assert (resource.visibility, resource.wanted, last_review().state) == (Visibility.GROUP, None, ReviewState.PASSED)
    assert access.may_read_resource(standing_of(colleague), resource)
    with pytest.raises(Conflict):
        actions.decide(reviewer, resource, agrees=True)
    assert done() == ["resource_review_asked", "resource_passed"]


def test_a_refusal_says_why_and_changes_nothing() -> None:
    campus = make_campus(make_group())
    owner, reviewer = make_person(campus), make_person(campus, roles=[Role.CAMPUS_ADMIN])
    resource = make_resource(owner)
    actions.share_resource(owner, resource, Visibility.CAMPUS, None)
    with pytest.raises(Invalid):
        actions.decide(reviewer, resource, agrees=False)
    actions.decide(reviewer, resource, agrees=False, reason="图片没有出处")
    assert (resource.visibility, resource.wanted) == (Visibility.PERSONAL, None)
    assert (last_review().state, last_review().reason) == (ReviewState.REFUSED, "图片没有出处")


def test_who_may_review_it_herself_needs_no_other_and_fewer_people_need_nobody() -> None:
    campus = make_campus(make_group())
    head = make_person(campus, roles=[Role.HEAD])
    resource = make_resource(head)
    assert actions.share_resource(head, resource, Visibility.CAMPUS, None)
    assert not actions.share_resource(head, resource, Visibility.GROUP, None)
    assert actions.share_resource(head, resource, Visibility.PERSONAL, None)
    assert (resource.wanted, last_review().state) == (None, ReviewState.WITHDRAWN)


def test_what_was_taken_back_is_seen_by_its_owner_alone_at_once() -> None:
    group = make_group()
    owner, colleague = make_person(make_campus(group)), make_person(make_campus(group))
    resource = make_resource(owner, visibility=Visibility.GROUP)
    with pytest.raises(NotFound):
        actions.withdraw_resource(colleague, resource)
    actions.withdraw_resource(owner, resource)
    assert not access.may_read_resource(standing_of(colleague), resource)


def test_a_lesson_gives_a_resource_its_grade_and_must_be_of_the_subject() -> None:
    resource, topic = make_resource(), make_topic(grade=5)
    owner, subject_id = resource.owner, topic.unit.volume.edition.subject_id
    place = BookPlace(subject_id, topic.unit.volume_id, topic.id)
    actions.change_resource(owner, resource, {"title": "新标题"}, place, None)
    assert (resource.title, resource.subject_id, resource.grade) == ("新标题", subject_id, 5)
    with pytest.raises(Invalid):
        actions.change_resource(owner, resource, {}, BookPlace(make_topic().id + 999, None, topic.id), None)


def test_what_was_made_from_a_resource_is_not_its_origin() -> None:
    owner = make_person()
    first, second = make_resource(owner), make_resource(owner)
    actions.change_resource(owner, second, {}, BookPlace(), first)
    with pytest.raises(Invalid):
        actions.change_resource(owner, first, {}, BookPlace(), second)


def test_many_are_changed_at_once_and_those_of_others_left_out(app: Flask, signed_in: SignedIn) -> None:
    group = make_group()
    person = make_person(make_campus(group))
    mine = [make_resource(person, tags=["旧"]), make_resource(person)]
    other = make_resource(make_person(make_campus(group)), visibility=Visibility.GROUP)
    codes = [resource.code for resource in (*mine, other)]
    browser = signed_in(person)
    assert "批量修改 2 份资源" in browser.get("/resources/edit", query_string={"code": codes}).text
    sent = {"code": codes, "kind": "slides", "tags": "公开课，大单元", "save": "1"}
    assert browser.post("/resources/edit", data=sent).status_code == 303
    db.session.expire_all()
    assert [each.tags for each in mine] == [["旧", "公开课", "大单元"], ["公开课", "大单元"]]
    assert [each.kind for each in mine] == ["slides", "slides"]
    assert (other.kind, other.tags) == ("material", [])


def test_what_was_deleted_can_be_restored_until_it_is_gone_for_good_with_its_files() -> None:
    resource, kept = make_resource(), make_resource()
    owner, key = resource.owner, resource.versions[0].key
    actions.delete_resource(owner, resource)
    actions.restore_resource(owner, resource)
    actions.delete_resource(owner, resource)
    assert actions.purge_bin(now() - timedelta(days=90)) == 0
    assert actions.purge_bin(now() + timedelta(seconds=1)) == 1
    assert list(db.session.scalars(db.select(Resource))) == [kept]
    with pytest.raises(NoSuchFile):
        the_store().size(key)


def test_a_collection_keeps_its_order(app: Flask, signed_in: SignedIn) -> None:
    person = make_person()
    names = ["甲.txt", "乙.txt", "丙.txt"]
    resources = [make_resource(person, name=name) for name in names]
    collection = collecting.make_collection(person, "第六单元", resources)
    code = collection.code
    browser = signed_in(person)
    browser.post(f"/resources/collections/{code}/move", data={"move": f"up:{resources[2].code}"})
    browser.post(f"/resources/collections/{code}/move", data={"move": f"out:{resources[0].code}"})
    page = browser.get(f"/resources/collections/{code}").text
    assert page.index("丙") < page.index("乙")
    assert f'href="/resources/{resources[0].code}"' not in page


def test_a_pack_holds_what_its_reader_may_read_under_its_names_and_works_without_a_network() -> None:
    group = make_group()
    owner, reader = make_person(make_campus(group)), make_person(make_campus(group))
    shown = make_resource(owner, name="六 多边形?的面积.txt", data=b"S = ah", visibility=Visibility.GROUP)
    hidden = make_resource(owner, name="答案.txt")
    collection = collecting.make_collection(owner, "第六单元", [shown, hidden])
    collecting.change_collection(
        owner, collection, title="第六单元", note="", visibility=Visibility.GROUP, prep_group_id=None
    )
    asked = packing.ask_for_pack(reader, collection)
    code = asked.code
    assert do_waiting_jobs() == 1
    pack = packing.pack_of(reader, code)
    assert (pack.outcome["count"], pack.outcome["left_out"]) == (1, 1)
    with pytest.raises(NotFound):
        packing.pack_of(owner, code)
    with ZipFile(packing.file_of(pack)) as archive:
        assert sorted(archive.namelist()) == ["files/01 六 多边形_的面积.txt", "index.html", "pack.css"]
        page = archive.read("index.html").decode()
        assert archive.read("files/01 六 多边形_的面积.txt") == b"S = ah"
    assert 'href="files/01 六 多边形_的面积.txt"' in unquote(page)
    assert "答案" not in page
    assert "://" not in page


def test_lists_and_pages_take_the_same_few_queries_however_much_there_is(app: Flask, signed_in: SignedIn) -> None:
    group = make_group()
    campus = make_campus(group)
    person, prep_group = make_person(campus), make_prep_group(group)
    topic = make_topic()
    counts = []
    for _ in range(2):
        for _ in range(3):
            resource = make_resource(
                make_person(campus), prep_group=prep_group, topic=topic, visibility=Visibility.GROUP
            )
        collection = Collection(code=f"c{resource.code}", title="合集", owner=person, campus=campus, group_id=group.id)
        db.session.add(collection)
        collecting.add_to_collection(person, collection, db.session.scalars(db.select(Resource)).all())
        browser = signed_in(person)
        for address in (
            "/resources?scope=group",
            f"/resources/{resource.code}",
            f"/resources/collections/{collection.code}",
        ):
            browser.get(address)
            with queries_counted() as statements:
                assert browser.get(address).status_code == 200
            counts.append(len(statements))
    assert counts[:3] == counts[3:]
    assert max(counts) <= 24
