"""Uploads: parts go to the store, the whole becomes a resource; nothing of it is lost, nothing betrays what others have."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from foundation.clock import now, today
from foundation.config import Settings
from foundation.database import Base, commit, db, writing
from foundation.errors import Conflict, Invalid, NotAllowed, NotFound
from foundation.jobs import do_waiting_jobs
from library import orphans, uploading
from library.models import ResourceKind, Upload, UploadState
from library.storage import the_store
from schools.models import Person, Visibility
from tests.factories import (
    make_assignment,
    make_campus,
    make_class,
    make_group,
    make_person,
    make_prep_group,
    make_resource,
    make_subject,
    make_topic,
)
from timetable.models import Term

SignedIn = Callable[[Person], FlaskClient]
NAME = "五上_第6单元_多边形的面积_课件_v2.pptx"
PART = 5 << 20


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of a thousand bytes: what is asked here is not asked of the store."""
    monkeypatch.setattr(uploading, "PART_BYTES", 1000)


@pytest.fixture(autouse=True)
def request_of_a_browser(app: Flask) -> Any:
    """Links are made for a request."""
    with app.test_request_context(), writing():
        yield


def _begin(person: Person, data: bytes, name: str = NAME, **more: Any) -> Any:
    return uploading.begin_upload(person, name, len(data), fingerprint=f"{name}:{len(data)}", **more)


def _send(client: FlaskClient, person: Person, code: str, data: bytes, numbers: list[int] | None = None) -> None:
    upload = uploading.upload_of(person, code)
    size = upload.part_bytes
    wanted = numbers or list(range(1, len(uploading.part_sizes(upload)) + 1))
    for number, link in uploading.part_links(person, code, wanted).items():
        assert client.put(link, data=data[(number - 1) * size : number * size]).status_code == 200


def _arrived(client: FlaskClient, person: Person, data: bytes, name: str = NAME, **about: Any) -> Any:
    upload = _begin(person, data, name, about=about)
    _send(client, person, upload.code, data)
    return uploading.finish_upload(person, upload.code, hashlib.sha256(data).hexdigest()).resource


def test_a_browser_sends_a_file_and_it_is_a_resource_with_what_its_name_says(
    signed_in: SignedIn, person: Person, small_parts: None
) -> None:
    mathematics = make_subject("数学")
    topic = make_topic(mathematics, "6 多边形的面积", grade=5)
    campus = person.postings[0].campus
    make_assignment(person, make_class(campus, grade=5), mathematics)
    group_id = campus.memberships[0].group_id
    days = {"from_day": today(), "to_day": today() + timedelta(days=100)}
    db.session.add(Term(group_id=group_id, year=2026, semester=1, **days))
    commit()
    data = bytes(range(256)) * 10
    browser = signed_in(person)

    begun = browser.post("/resources/uploads", json={"name": NAME, "size": len(data), "fingerprint": "f"}).json
    assert begun["have"] == []
    address = f"/resources/uploads/{begun['code']}"
    for number, link in browser.get(f"{address}/links?parts=1,2,3,4").json["links"].items():
        part = data[(int(number) - 1) * 1000 : int(number) * 1000]
        assert browser.put(link, data=part).status_code == 200
    done = browser.post(f"{address}/finish", json={"sha256": hashlib.sha256(data).hexdigest()}).json

    assert done["state"] == "done"
    resource = uploading.upload_of(person, begun["code"]).resource
    assert resource is not None
    assert (resource.title, resource.kind, resource.grade) == ("多边形的面积", ResourceKind.SLIDES, 5)
    assert resource.term == "2026-1"
    assert (resource.topic_id, resource.subject_id) == (topic.id, mathematics.id)
    assert (resource.visibility, resource.owner_id) == (Visibility.PERSONAL, person.id)
    version = resource.versions[0]
    assert (version.name, version.size) == (NAME, len(data))
    with the_store().open(version.key) as file:
        assert file.read() == data


def test_an_upload_goes_on_with_the_parts_that_are_missing(
    client: FlaskClient, person: Person, small_parts: None
) -> None:
    data = b"x" * 2500
    first = _begin(person, data)
    _send(client, person, first.code, data, [2])
    with pytest.raises(Conflict):
        uploading.finish_upload(person, first.code)
    again = _begin(person, data)
    assert again.code == first.code
    assert uploading.parts_there(again) == [2]
    _send(client, person, first.code, data, [1, 3])
    assert uploading.finish_upload(person, first.code).state is UploadState.DONE


def test_an_upload_that_the_store_has_lost_begins_anew(client: FlaskClient, person: Person, small_parts: None) -> None:
    data = b"x" * 1500
    upload = _begin(person, data)
    the_store().cancel_upload(upload.key, upload.store_upload)
    with pytest.raises(Conflict):
        uploading.finish_upload(person, upload.code)
    _send(client, person, upload.code, data)
    assert uploading.finish_upload(person, upload.code).state is UploadState.DONE


def test_a_file_that_is_not_what_was_sent_is_thrown_away(client: FlaskClient, person: Person) -> None:
    upload = _begin(person, b"whole")
    _send(client, person, upload.code, b"whoLe")
    failed = uploading.finish_upload(person, upload.code, hashlib.sha256(b"whole").hexdigest())
    assert failed.state is UploadState.FAILED
    assert "不一致" in failed.reason
    assert failed.resource is None
    assert list(the_store().keys()) == []


def test_a_large_file_is_checked_by_the_worker(
    client: FlaskClient, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploading, "CHECKED_AT_ONCE", 3)
    upload = _begin(person, b"large")
    with pytest.raises(Conflict):
        uploading.finish_upload(person, upload.code)
    _send(client, person, upload.code, b"large")
    assert uploading.finish_upload(person, upload.code).state is UploadState.CHECKING
    assert uploading.finish_upload(person, upload.code).state is UploadState.CHECKING
    assert do_waiting_jobs() == 1
    assert uploading.finish_upload(person, upload.code).state is UploadState.DONE


def test_a_file_that_was_put_together_before_the_server_died_is_not_sent_again(
    client: FlaskClient, person: Person
) -> None:
    upload = _begin(person, b"whole")
    _send(client, person, upload.code, b"whole")
    the_store().finish_upload(upload.key, upload.store_upload, [5])
    assert uploading.parts_there(upload) == [1]
    assert uploading.finish_upload(person, upload.code).state is UploadState.DONE


@pytest.mark.parametrize(
    ("name", "size", "words"),
    [
        ("空.docx", 0, "空文件"),
        ("程序.exe", 5, ".exe"),
        ("没有扩展名", 5, "没有扩展名"),
        ("大.mp4", 6 << 20, "6 MB，超过了每个文件 5 MB"),
        ("满.mp4", 2 << 20, "1 GB 空间放不下"),
    ],
)
def test_what_is_not_taken_is_refused_in_a_sentence(
    app: Flask, person: Person, settings: Settings, name: str, size: int, words: str
) -> None:
    app.config["SETTINGS"] = replace(settings, file_megabytes=5, campus_gigabytes=1)
    resource = make_resource(person)
    resource.versions[0].size = (1 << 30) - (1 << 20)
    db.session.commit()
    with pytest.raises(Invalid, match=words):
        uploading.begin_upload(person, name, size)


def test_who_is_on_no_campus_sends_nothing(app: Flask) -> None:
    with pytest.raises(NotAllowed):
        _begin(make_person(posted=False), b"x")


def test_an_upload_belongs_to_who_began_it(person: Person) -> None:
    upload = _begin(person, b"x")
    colleague = make_person(person.postings[0].campus)
    for touch in (uploading.finish_upload, uploading.cancel_upload, uploading.upload_of):
        with pytest.raises(NotFound):
            touch(colleague, upload.code)
    with pytest.raises(NotFound):
        uploading.part_links(colleague, upload.code, [1])
    assert _begin(colleague, b"x").code != upload.code


def test_what_has_arrived_and_is_not_wanted_goes_into_the_recycle_bin(client: FlaskClient, person: Person) -> None:
    resource = _arrived(client, person, b"x")
    first = db.session.scalars(select(Upload)).one()
    newer = _arrived(client, person, b"newer", resource=resource.code)
    second = db.session.scalars(select(Upload).order_by(Upload.id.desc())).first()
    assert second is not None
    uploading.cancel_upload(person, second.code)
    assert (newer.removed_at, newer.number) == (None, 2)
    uploading.cancel_upload(person, first.code)
    assert resource.removed_at is not None


def test_the_same_file_is_pointed_out_to_those_who_may_read_it_only(client: FlaskClient) -> None:
    group = make_group()
    owner = make_person(make_campus(group))
    colleague = make_person(make_campus(group))
    stranger = make_person()
    data = b"the same"
    resource = _arrived(client, owner, data)
    checksum = hashlib.sha256(data).hexdigest()
    assert [found.id for found in uploading.same_files(owner, checksum)] == [resource.id]
    assert list(uploading.same_files(colleague, checksum)) == []
    resource.visibility = Visibility.GROUP
    db.session.commit()
    assert [found.id for found in uploading.same_files(colleague, checksum)] == [resource.id]
    assert list(uploading.same_files(stranger, checksum)) == []


def test_a_new_version_stands_beside_the_old_one(client: FlaskClient) -> None:
    campus = make_campus()
    owner, colleague = make_person(campus), make_person(campus)
    resource = _arrived(client, owner, b"first")
    with pytest.raises(NotFound):
        _arrived(client, colleague, b"second", resource=resource.code)
    again = _arrived(client, owner, b"second", "改名.pptx", resource=resource.code)
    assert again.id == resource.id
    assert [(version.number, version.name) for version in again.versions] == [(1, NAME), (2, "改名.pptx")]
    assert again.title == "多边形的面积"


def test_a_file_is_for_the_prep_group_only_if_one_is_in_it(client: FlaskClient) -> None:
    group = make_group()
    inside, outside = make_person(make_campus(group)), make_person(make_campus(group))
    prep_group = make_prep_group(group, members=[inside])
    for_it = {"prep_group": prep_group.id, "visibility": "prep_group"}
    assert _arrived(client, inside, b"1", **for_it).visibility is Visibility.PREP_GROUP
    assert _arrived(client, outside, b"2", **for_it).visibility is Visibility.PERSONAL


def test_what_nobody_goes_on_with_is_forgotten_and_so_is_what_belongs_to_nobody(
    client: FlaskClient, person: Person, settings: Settings
) -> None:
    resource = _arrived(client, person, b"kept")
    upload = _begin(person, b"left alone")
    _send(client, person, upload.code, b"left alone")
    the_store().finish_upload(upload.key, upload.store_upload, [10])
    key = upload.key
    uploading.forget_old_uploads(now() + timedelta(seconds=1))
    orphans.remove_orphans(now())
    assert key in set(the_store().keys()), "it may belong to somebody in a moment"
    orphans.remove_orphans(now() + timedelta(days=3))
    assert list(the_store().keys()) == [resource.versions[0].key]


def test_every_column_that_names_a_file_keeps_it_from_being_removed() -> None:
    apart = {"sign_in_failure"}  # what is throttled there is no file
    columns = [column for name, table in Base.metadata.tables.items() if name not in apart for column in table.columns]
    naming = {
        each for each in columns if each.name.rpartition("_")[2] == "key" and getattr(each.type, "length", 0) == 80
    }
    assert {column.property.columns[0] for column in orphans.KEY_COLUMNS} == naming
