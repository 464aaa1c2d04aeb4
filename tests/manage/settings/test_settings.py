import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from foundation.clock import now
from foundation.database import db, writing
from foundation.errors import Invalid
from lessons.actions import import_plan
from manage.settings.actions import change_logo
from schools.limits import limits_of
from schools.models import AuditEntry, Group, Person, Role, SignIn
from tests.factories import grant, make_campus, make_group, make_person, make_plan, make_subject
from tests.manage.settings.test_pictures import jpeg, png

Browser = Callable[[Person], FlaskClient]


@pytest.fixture
def group(app: Flask) -> Group:
    return make_group("罗溪片区")


@pytest.fixture
def admin(group: Group) -> Person:
    person = make_person(make_campus(group), "何平")
    grant(person, Role.GROUP_ADMIN, group_id=group.id)
    return person


def form(group: Group, **changed: str) -> dict[str, str]:
    db.session.refresh(group)
    return {
        "group": str(group.id),
        "seen": group.changed_at.isoformat(),
        "name": group.name,
        "kind": group.kind,
        "lesson_minutes": str(group.lesson_minutes),
        "accent": "#0b6e6a",
        "upload_megabytes": "20",
        "session_days": "14",
        **changed,
    }


def test_an_administrator_sets_name_minutes_colour_and_limits(group: Group, admin: Person, signed_in: Browser) -> None:
    browser = signed_in(admin)
    answer = browser.post(
        "/manage/settings",
        data=form(
            group, name="砚溪县教联体", kind="county_alliance", lesson_minutes="45", accent="#7a3b00", session_days="7"
        ),
    )
    assert answer.status_code == 303
    db.session.refresh(group)
    assert (group.name, group.kind, group.lesson_minutes, group.accent) == (
        "砚溪县教联体",
        "county_alliance",
        45,
        "#7a3b00",
    )
    assert group.limits == {"session_days": 7}, "what is as in the installation follows it"
    page = browser.get("/manage/settings").text
    assert "砚溪县教联体" in page
    assert "/group.css?accent=7a3b00" in page
    entry = db.session.scalars(db.select(AuditEntry)).one()
    assert (entry.action, entry.group_id) == ("settings_changed", group.id)
    assert entry.details == {"changed": ["accent", "kind", "lesson_minutes", "limits", "name"]}


def test_a_stale_form_overwrites_nothing_and_is_told(group: Group, admin: Person, signed_in: Browser) -> None:
    stale = form(group, name="我的名字")
    browser = signed_in(admin)
    assert browser.post("/manage/settings", data=form(group, name="别人的名字")).status_code == 303
    answer = browser.post("/manage/settings", data=stale)
    assert answer.status_code == 409
    assert "有人改过设置" in answer.text
    assert "别人的名字" in answer.text
    db.session.refresh(group)
    assert group.name == "别人的名字"


def test_a_colour_that_cannot_be_read_is_refused_with_its_ratio_and_the_nearest(
    group: Group, admin: Person, signed_in: Browser
) -> None:
    answer = signed_in(admin).post("/manage/settings", data=form(group, accent="#ffcc00"))
    assert answer.status_code == 422
    assert "#ffcc00 在浅色底上的对比度只有 1.2" in answer.text
    assert "4.5" in answer.text
    db.session.refresh(group)
    assert group.accent == ""


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "长" * 81),
        ("lesson_minutes", "5"),
        ("accent", "red"),
        ("session_days", "15"),
        ("kind", "x"),
    ],
)
def test_what_cannot_be_set_is_refused_beside_its_field(
    group: Group, admin: Person, signed_in: Browser, field: str, value: str
) -> None:
    answer = signed_in(admin).post("/manage/settings", data=form(group, **{field: value}))
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text


def test_a_group_cannot_take_the_name_of_another(group: Group, admin: Person, signed_in: Browser) -> None:
    make_group("青石片区")
    assert signed_in(admin).post("/manage/settings", data=form(group, name="青石片区")).status_code == 422


def test_only_administrators_of_the_group_change_its_settings(group: Group, admin: Person, signed_in: Browser) -> None:
    campus_admin = make_person(make_campus(group, "松林校区"), roles=[Role.CAMPUS_ADMIN])
    browser = signed_in(campus_admin)
    page = browser.get("/manage/settings")
    assert page.status_code == 200
    assert "松林校区" in page.text
    assert "限额" not in page.text
    assert browser.post("/manage/settings", data=form(group, name="我的")).status_code == 404
    assert browser.post("/manage/settings/logo", data={"group": group.id, "remove": "1"}).status_code == 404
    assert signed_in(make_person()).get("/manage/settings").status_code == 404


def test_a_logo_is_shown_on_pages_and_on_paper(
    group: Group, admin: Person, signed_in: Browser, client: FlaskClient
) -> None:
    browser = signed_in(admin)
    sent = {"group": str(group.id), "logo": (io.BytesIO(png()), "logo.jpg")}
    assert browser.post("/manage/settings/logo", data=sent).status_code == 303
    address = f"/groups/{group.id}/logo"
    assert address in browser.get("/").text
    assert address in browser.get(f"/plans/{make_plan(admin).code}/print").text
    answer = client.get(address)
    assert (answer.data, answer.mimetype) == (png(), "image/png")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "max-age" in answer.headers["Cache-Control"]
    assert browser.post("/manage/settings/logo", data={"group": group.id, "remove": "1"}).status_code == 303
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("data", [b"", b"<svg/>", jpeg()[:12]])
def test_what_is_no_picture_is_refused(group: Group, admin: Person, signed_in: Browser, data: bytes) -> None:
    answer = signed_in(admin).post(
        "/manage/settings/logo", data={"group": str(group.id), "logo": (io.BytesIO(data), "logo.png")}
    )
    assert answer.status_code == 422
    assert 'id="logo-error"' in answer.text


def test_a_picture_that_is_too_large_is_refused(group: Group, admin: Person) -> None:
    with writing(), pytest.raises(Invalid, match="512 KB"):
        change_logo(admin, group, png() + bytes(513 * 1024))


def test_the_colours_are_a_style_sheet_that_browsers_keep(client: FlaskClient) -> None:
    answer = client.get("/group.css?accent=7a3b00")
    assert answer.mimetype == "text/css"
    assert "--teal: #7a3b00" in answer.text
    assert '[data-bs-theme="dark"]' in answer.text
    assert "immutable" in answer.headers["Cache-Control"]
    for wrong in ("", "ffcc00", "7a3b0", "red;}*{display:none"):
        assert client.get("/group.css", query_string={"accent": wrong}).status_code == 404


def test_a_file_larger_than_the_group_takes_is_refused(group: Group, admin: Person) -> None:
    group.limits = {"upload_megabytes": 1}
    campus_id, subject_id = admin.postings[0].campus_id, make_subject().id
    with writing(), pytest.raises(Invalid, match="不超过 1 MB"):
        import_plan(
            admin,
            "大教案.md",
            b"# a\n" + bytes(1024 * 1024),
            group_id=group.id,
            campus_id=campus_id,
            subject_id=subject_id,
            prep_group_id=None,
            topic_id=None,
        )


def test_people_of_a_strict_group_sign_in_again_sooner(group: Group, admin: Person, signed_in: Browser) -> None:
    group.limits = {"session_days": 2}
    signed_in(admin)
    kept = db.session.scalars(db.select(SignIn).where(SignIn.person_id == admin.id)).one()
    assert timedelta(days=1) < kept.expires_at - now() <= timedelta(days=2)


def test_a_limit_is_never_wider_than_that_of_the_installation(group: Group) -> None:
    group.limits = {"session_days": 500, "upload_megabytes": 0}
    assert (limits_of(group).session_days, limits_of(group).upload_megabytes) == (14, 1)
