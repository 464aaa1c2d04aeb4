"""The pages of the library, as browsers ask for them."""

import re
from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from foundation.database import db
from library.models import Favourite, Opened, Resource
from schools.models import Person, Role, Visibility
from tests.factories import make_campus, make_group, make_person, make_resource

SignedIn = Callable[[Person], FlaskClient]


def text_of(answer: TestResponse) -> str:
    assert answer.status_code == 200, answer.get_data(as_text=True)[:2000]
    return answer.get_data(as_text=True)


def titles_in(answer: TestResponse) -> list[str]:
    return re.findall(r'class="line-title"[^>]*>([^<]+)<', text_of(answer))


def test_each_tab_shows_what_belongs_there(app: Flask, signed_in: SignedIn) -> None:
    group = make_group()
    here, there = make_campus(group), make_campus(group)
    person, colleague, other = make_person(here), make_person(here), make_person(there)
    make_resource(person, name="我的.txt")
    make_resource(colleague, name="校区的.txt", visibility=Visibility.CAMPUS)
    kept = make_resource(other, name="集团的.txt", visibility=Visibility.GROUP)
    make_resource(other, name="别人私下的.txt")
    browser = signed_in(person)
    assert titles_in(browser.get("/resources")) == ["我的"]
    assert titles_in(browser.get("/resources?scope=campus")) == ["校区的", "我的"]
    assert titles_in(browser.get("/resources?scope=group")) == ["集团的", "校区的", "我的"]
    assert titles_in(browser.get("/resources?scope=favourites")) == []
    browser.post(f"/resources/{kept.code}/favourite", data={"wanted": "1"})
    browser.get(f"/resources/{kept.code}")
    assert titles_in(browser.get("/resources?scope=favourites")) == ["集团的"]
    assert titles_in(browser.get("/resources?scope=recent")) == ["集团的"]
    browser.post(f"/resources/{kept.code}/favourite")
    assert db.session.scalars(db.select(Favourite)).all() == []
    assert [opened.person_id for opened in db.session.scalars(db.select(Opened))] == [person.id]


def test_a_file_is_downloaded_under_its_own_name_and_counted(app: Flask, person: Person, signed_in: SignedIn) -> None:
    resource = make_resource(person, name="五上_第6单元_多边形的面积_课件.txt", data="底×高".encode())
    changed = resource.changed_at
    browser = signed_in(person)
    answer = browser.get(f"/resources/{resource.code}/versions/1/download")
    assert answer.status_code == 302
    with browser.get(answer.location) as file:
        assert (file.data.decode(), file.content_type) == ("底×高", "application/octet-stream")
        assert "attachment" in file.headers["Content-Disposition"]
    assert browser.get(f"/resources/{resource.code}/versions/2/download").status_code == 404
    db.session.expire_all()
    found = db.session.scalars(db.select(Resource)).one()
    assert (found.downloads, found.changed_at) == (1, changed)


def test_every_page_of_a_resource_is_made(app: Flask, signed_in: SignedIn) -> None:
    """Also in English, and for those who are not signed in."""
    owner = make_person(make_campus(make_group()), roles=[Role.HEAD])
    resource = make_resource(owner, visibility=Visibility.PUBLIC, tags=["公开课"], term="2026-1", note="一行\n又一行")
    browser = signed_in(owner)
    for page in ("", "/edit", "/share"):
        assert resource.title in text_of(browser.get(f"/resources/{resource.code}{page}"))
    english = {"Accept-Language": "en"}
    for page in ("/resources/bin", "/resources/reviews", "/resources/collections", "/resources/collections/add"):
        assert not re.search(r"<h1>[^<]*[\u4e00-\u9fff]", text_of(browser.get(page, headers=english)))
    assert f'value="{resource.code}"' in text_of(browser.get(f"/resources/edit?code={resource.code}"))
    assert "公开课" in text_of(app.test_client().get(f"/resources/{resource.code}"))
    assert titles_in(app.test_client().get("/resources")) == [resource.title]
    assert "能看这份资源吗" in text_of(browser.get(f"/why/resource/{resource.code}?person={owner.id}"))
