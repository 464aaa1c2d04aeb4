"""Files in plans: whoever reads the plan sees them there, and nowhere else because of it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from foundation.clock import now
from foundation.config import Settings
from foundation.database import commit, db
from foundation.errors import Invalid, NotFound
from lessons import actions, files
from lessons.coediting import document_of
from lessons.models import Plan, PlanOriginal, PlanResource
from lessons.text.content import Node, PlanContent, StepContent, paragraph
from lessons.text.document import read_plan
from lessons.text.markdown import plan_to_markdown
from lessons.text.reading import images_in, resources_in
from library.access import may_read_resource
from library.arriving import receiver_of
from library.models import Resource
from library.storage import the_store
from schools.access import standing_of
from schools.models import Person, Visibility
from tests.factories import make_campus, make_person, make_plan, make_prep_group, make_resource

SignedIn = Callable[[Person], FlaskClient]
SAMPLES = Path(__file__).resolve().parents[1] / "samples"
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


def image(resource: str, **more: str) -> Node:
    return Node("image", attrs={"resource": resource, **more})


@pytest.fixture
def wang(app: Flask) -> Person:
    return make_person(make_campus(), "王老师")


@pytest.fixture
def li(wang: Person) -> Person:
    """A colleague of the same campus."""
    return make_person(wang.postings[0].campus, "李老师")


@pytest.fixture
def picture(wang: Person) -> Resource:
    return make_resource(wang, name="雨量图.png", data=PNG)


def fetched(client: FlaskClient, address: str) -> TestResponse:
    """What the store sends from where the address leads."""
    return client.get(client.get(address).location, buffered=True)


def shared_plan(owner: Person, *blocks: Node, step: bool = False) -> Plan:
    content = PlanContent(title="秋天的雨", sections={"objectives": [paragraph("目标"), *blocks]})
    if step:
        content.steps.append(StepContent("step000001", title="导入"))
    return make_plan(owner, content=content, visibility=Visibility.CAMPUS)


def test_a_picture_is_seen_in_the_plan_by_its_readers_and_its_own_rights_stay(
    wang: Person, li: Person, picture: Resource, signed_in: SignedIn
) -> None:
    plan = shared_plan(wang, image(picture.code))
    address = f"/plans/{plan.code}/files/{picture.code}"
    assert signed_in(li).get(address).status_code == 404
    page = signed_in(li).get(f"/plans/{plan.code}").text
    assert "这张图片不在这份教案里" in page
    files.attach(wang, plan, picture)
    assert f'src="{address}"' in signed_in(li).get(f"/plans/{plan.code}").text
    answer = fetched(signed_in(li), address)
    assert (answer.data, answer.mimetype) == (PNG, "image/png")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert not may_read_resource(standing_of(li), picture)
    stranger = make_person(name="外人")
    assert signed_in(stranger).get(address).status_code == 404
    assert picture.uses == 1


def test_what_is_no_picture_is_only_downloaded(wang: Person, signed_in: SignedIn) -> None:
    plan = shared_plan(wang, step=True)
    page = make_resource(wang, name="恶意.svg", data=b"<svg onload='alert(1)'/>")
    files.attach(wang, plan, page, "step000001")
    answer = fetched(signed_in(wang), f"/plans/{plan.code}/files/{page.code}")
    assert answer.mimetype == "application/octet-stream"
    assert "attachment" in answer.headers["Content-Disposition"]


def test_only_writers_put_in_what_they_may_read_themselves(wang: Person, li: Person, picture: Resource) -> None:
    plan = shared_plan(wang)
    own = make_plan(li, visibility=Visibility.PERSONAL)
    with pytest.raises(NotFound):
        files.attach(li, plan, make_resource(li))
    with pytest.raises(NotFound):
        files.attach(li, own, picture)
    files.attach(wang, plan, picture)
    files.attach(li, own, picture)
    assert db.session.get(PlanResource, (own.id, picture.id, "")) is not None
    assert picture.uses == 2


def test_a_file_at_a_step_is_listed_downloaded_and_taken_away(wang: Person, li: Person, signed_in: SignedIn) -> None:
    plan = shared_plan(wang, step=True)
    sheet = make_resource(wang, name="第六单元学习单（修订版）.docx", data=b"docx")
    client = signed_in(wang)
    sent = client.post(f"/plans/{plan.code}/files/{sheet.code}/attach", data={"step": "step000001"})
    assert [file["name"] for file in sent.json["files"]] == ["第六单元学习单（修订版）.docx"]  # type: ignore[index]
    for address in (f"/plans/{plan.code}", f"/plans/{plan.code}?steps=table", f"/plans/{plan.code}/print"):
        assert "第六单元学习单（修订版）.docx" in signed_in(li).get(address).text
    assert (
        signed_in(li).post(f"/plans/{plan.code}/files/{sheet.code}/detach", data={"step": "step000001"}).status_code
        == 404
    )
    gone = client.post(f"/plans/{plan.code}/files/{sheet.code}/detach", data={"step": "step000001"})
    assert gone.json == {"files": []}
    assert client.get(f"/plans/{plan.code}/files/{sheet.code}").status_code == 404


def test_a_removed_resource_is_seen_in_no_plan(
    wang: Person, li: Person, picture: Resource, signed_in: SignedIn
) -> None:
    plan = shared_plan(wang, image(picture.code))
    files.attach(wang, plan, picture)
    picture.removed_at = now()
    commit()
    assert signed_in(li).get(f"/plans/{plan.code}/files/{picture.code}").status_code == 404
    assert "或者已被删除" in signed_in(li).get(f"/plans/{plan.code}").text


def test_choices_are_what_the_person_may_read_their_own_first(wang: Person, li: Person, signed_in: SignedIn) -> None:
    plan = shared_plan(wang)
    for number in range(12):
        make_resource(wang, name=f"面积课件{number}.pptx")
    make_resource(li, name="李老师的面积课件.pptx", visibility=Visibility.CAMPUS)
    make_resource(li, name="李老师私下的面积课件.pptx")
    client = signed_in(wang)
    first = client.get(f"/plans/{plan.code}/files/choices?words=面积").json
    assert first is not None
    assert (len(first["resources"]), first["pages"]) == (10, 2)
    last = client.get(f"/plans/{plan.code}/files/choices?words=面积&page=2").json
    assert last is not None
    assert [each["title"] for each in last["resources"]][-1] == "李老师的面积课件"
    assert client.get(f"/plans/{plan.code}/files/choices?words=面积 李老师").json["resources"][0]["owner"] == "李老师"  # type: ignore[index]
    assert signed_in(li).get(f"/plans/{plan.code}/files/choices").status_code == 404


def test_an_uploaded_picture_fills_the_gap_that_waits_for_it_and_belongs_beside_the_plan(wang: Person) -> None:
    prep_group = make_prep_group(wang.postings[0].campus.memberships[0].group, members=[wang])
    content = PlanContent(title="秋天的雨", sections={"objectives": [image("", upload="gap0000001", alt="雨")]})
    plan = make_plan(wang, content=content, prep_group=prep_group, visibility=Visibility.CAMPUS)
    about = {"plan": plan.code, "picture": "gap0000001"}
    receiver = receiver_of(about)
    assert receiver is not None
    place = receiver.place(wang, about)
    assert (place.visibility, place.prep_group_id) == (Visibility.PREP_GROUP, prep_group.id)
    new = make_resource(wang, name="雨.png", data=PNG)
    receiver.arrived(wang, new, about)
    commit()
    assert read_plan(document_of(plan.id)).sections["objectives"] == [image(new.code, alt="雨")]
    assert [file.code for file in files.files_of(plan)] == [new.code]
    with pytest.raises(NotFound):
        receiver.place(make_person(name="外人"), about)


def test_a_plan_made_of_a_text_takes_along_the_pictures_that_its_maker_may_see(
    wang: Person, li: Person, picture: Resource
) -> None:
    secret = make_resource(li, name="秘密.png", data=PNG)
    content = PlanContent(title="抄来的", sections={"other": [image(picture.code), image(secret.code)]})
    campus = wang.postings[0].campus
    plan = actions.create_plan(
        wang,
        group_id=campus.memberships[0].group_id,
        campus_id=campus.id,
        subject_id=make_plan(wang).subject_id,
        content=content,
    )
    assert [file.code for file in files.files_of(plan)] == [picture.code]
    plan.removed_at = now()
    commit()
    actions.purge_bin(now())
    assert db.session.get_one(Resource, picture.id).uses == 0


WORD_FILE = "vv_usb_tables_images.docx"


def imported(person: Person) -> Plan:
    """The plan made of a Word file with six pictures."""
    campus = person.postings[0].campus
    group_id = campus.memberships[0].group_id
    where = actions.Where(group_id=group_id, campus_id=campus.id, subject_id=make_plan(person).subject_id)
    return actions.import_plan(person, WORD_FILE, (SAMPLES / WORD_FILE).read_bytes(), **where)


def test_the_pictures_of_a_word_file_come_along(wang: Person) -> None:
    plan = imported(wang)
    content = read_plan(document_of(plan.id))
    standing = files.files_of(plan)
    assert len(images_in(content)) == 6
    assert resources_in(content) == {file.code for file in standing}
    assert {file.media_type for file in standing} == {"image/png"}
    with the_store().open(files.version_in(plan, standing[0].code).key) as file:
        assert file.read(8) == PNG[:8]
    assert "[图片]" not in plan_to_markdown(content)


def test_pictures_that_find_no_room_in_the_campus_leave_no_plan_behind(wang: Person, settings: Settings) -> None:
    make_resource(wang).versions[0].size = (settings.campus_gigabytes << 30) - 1000
    commit()
    with pytest.raises(Invalid, match=f"放不下《{WORD_FILE}》里的图片"):
        imported(wang)
    assert db.session.scalar(select(func.count(PlanOriginal.plan_id))) == 0
