"""What was done: who reads it, filters, pages, files, and how long it is kept."""

import csv
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO, StringIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook

from foundation.clock import now
from foundation.config import Settings
from foundation.database import db, writing
from foundation.jobs import do_waiting_jobs
from lessons import actions as lesson_actions
from schools import audit
from schools.actions import end_posting
from schools.models import AuditEntry, Campus, Group, Person, Role, Visibility
from tests.databases import on_both_databases
from tests.factories import grant, make_campus, make_group, make_person, make_plan, make_posting
from tests.lessons.queries_counted import queries_counted
from web import jobs

Browser = Callable[[Person], FlaskClient]


@pytest.fixture
def group(app: Flask) -> Group:
    return make_group()


@pytest.fixture
def campus(group: Group) -> Campus:
    return make_campus(group)


def tell(
    action: str = "posting_made", *, by: Person | None = None, name: str = "", days: float = 0, **more: int
) -> None:
    """Write an entry, made some days ago."""
    audit.record(by, action, "person", name=name, **more)  # type: ignore[arg-type]
    db.session.flush()
    entry = db.session.scalars(db.select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
    entry.made_at = now() - timedelta(days=days)
    db.session.commit()


def admin_of(campus: Campus, role: Role = Role.CAMPUS_ADMIN) -> Person:
    return make_person(campus, roles=[role])


def test_a_campus_is_read_by_its_administrator_and_head_and_the_group_by_its_own(
    group: Group, campus: Campus, signed_in: Browser
) -> None:
    there = make_campus(group)
    of_group = make_person(there)
    grant(of_group, Role.GROUP_ADMIN, group_id=group.id)
    tell(name="此处的人", campus_id=campus.id)
    tell(name="彼处的人", campus_id=there.id)
    tell(name="集团的事", group_id=group.id)
    tell(name="别家的事", campus_id=make_campus().id)

    def shown(person: Person) -> list[str]:
        text = signed_in(person).get("/manage/audit").text
        return [name for name in ("此处的人", "彼处的人", "集团的事", "别家的事") if name in text]

    assert shown(admin_of(campus)) == shown(admin_of(campus, Role.HEAD)) == ["此处的人"]
    assert shown(of_group) == ["此处的人", "彼处的人", "集团的事"]
    campus.memberships[0].group_manages = False
    db.session.commit()
    assert shown(of_group) == ["彼处的人", "集团的事"]
    for person in (make_person(campus), admin_of(campus, Role.ACADEMIC_OFFICE)):
        browser = signed_in(person)
        assert browser.get("/manage/audit").status_code == 404
        assert browser.post("/manage/audit/export", data={"format": "csv"}).status_code == 404


def test_it_is_filtered_by_name_action_and_days(campus: Campus, signed_in: Browser) -> None:
    admin, by = admin_of(campus), make_person(campus, "高主任")
    tell("grant_made", by=by, name="甲某", campus_id=campus.id)
    tell("posting_made", name="高主任", campus_id=campus.id, days=3)
    tell("posting_ended", name="乙某", campus_id=campus.id, days=10)
    browser = signed_in(admin)

    def shown(**wanted: str) -> list[str]:
        text = browser.get("/manage/audit", query_string=wanted).text.partition("<tbody>")[2]
        return [name for name in ("甲某", "高主任", "乙某") if name in text]

    assert shown() == ["甲某", "高主任", "乙某"]
    assert shown(who="高主任") == ["甲某", "高主任"]
    assert shown(action="posting_ended") == ["乙某"]
    assert shown(last_day=(now() - timedelta(days=5)).date().isoformat()) == ["乙某"]
    assert shown(from_day=(now() - timedelta(days=1)).date().isoformat()) == ["甲某", "高主任"]
    assert shown(who="无此人") == []
    assert shown(from_day="昨天", campus="x", action="?", before="soon") == ["甲某", "高主任", "乙某"]


@on_both_databases
def test_pages_lead_from_the_newest_to_the_oldest_without_gaps(
    campus: Campus, settings: Settings, signed_in: Browser
) -> None:
    for number in range(settings.page_size * 2 + 5):
        audit.record(None, "posting_made", "person", name=f"第{number:03}位", campus_id=campus.id)
    db.session.commit()
    browser, seen, address = signed_in(admin_of(campus)), [], "/manage/audit"
    while address:
        with queries_counted() as statements:
            text = browser.get(address).text
        assert len(statements) <= 8
        rows = text.partition("<tbody>")[2].partition("</tbody>")[0]
        seen += [part[:3] for part in rows.split("第")[1:]]
        rest = text.partition('rel="next" href="')[2]
        address = rest.partition('"')[0].replace("&amp;", "&")
    assert seen == [f"{number:03}" for number in reversed(range(settings.page_size * 2 + 5))]


def test_entries_are_readable(campus: Campus, signed_in: Browser) -> None:
    admin, teacher = admin_of(campus), make_person(campus, "林晓雯")
    end_posting(admin, make_posting(teacher, campus))
    plan = make_plan(teacher, title="富饶的西沙群岛", visibility=Visibility.CAMPUS)
    lesson_actions.share_plan(teacher, plan, visibility=Visibility.GROUP, prep_group_id=None, writer_ids=())
    text = signed_in(admin).get("/manage/audit").text
    for words in ("结束派驻", "林晓雯", "更改教案可见范围", "富饶的西沙群岛", "可见范围：校区 → 集团"):
        assert words in text, words


def test_what_is_done_to_plans_is_written_down_and_personal_ones_have_no_title(
    campus: Campus, signed_in: Browser
) -> None:
    owner, reader = make_person(campus), make_person(campus)
    shared = make_plan(owner, title="富饶的西沙群岛", visibility=Visibility.CAMPUS)
    personal = make_plan(owner, title="随手记下的话")
    for plan in (shared, personal):
        lesson_actions.delete_plan(owner, plan)
        lesson_actions.restore_plan(owner, plan)
    assert signed_in(reader).get(f"/plans/{shared.code}/markdown").status_code == 200
    assert signed_in(owner).get(f"/plans/{shared.code}/markdown").status_code == 200
    entries = db.session.scalars(db.select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [(entry.action, entry.object_name, entry.person_id) for entry in entries] == [
        ("plan_deleted", "富饶的西沙群岛", owner.id),
        ("plan_restored", "富饶的西沙群岛", owner.id),
        ("plan_deleted", "", owner.id),
        ("plan_restored", "", owner.id),
        ("plan_downloaded", "富饶的西沙群岛", reader.id),
    ]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_file_holds_what_the_page_shows_and_is_itself_written_down(
    app: Flask, campus: Campus, signed_in: Browser, kind: str
) -> None:
    admin = admin_of(campus)
    tell(name="=1+1", campus_id=campus.id)
    tell(name="林晓雯", campus_id=campus.id)
    tell("grant_made", name="不要的", campus_id=campus.id)
    browser = signed_in(admin)
    asked = browser.post("/manage/audit/export", data={"format": kind, "action": "posting_made"})
    assert asked.status_code == 303
    with writing():
        do_waiting_jobs()
    ready = browser.get(asked.location)
    assert ready.status_code == 302
    page = browser.get(ready.location)
    assert "共 2 条记录" in page.text
    with browser.get(f"{ready.location}/file") as file:
        data = file.data
    if kind == "csv":
        assert data.startswith(b"\xef\xbb\xbf")
        rows = list(csv.reader(StringIO(data.decode("utf-8-sig"))))
    else:
        sheet = load_workbook(BytesIO(data)).active
        assert sheet is not None
        rows = [[str(cell or "") for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert rows[0][:4] == ["时间", "谁", "做了什么", "对象"]
    assert [row[3] for row in rows[1:]] == ["林晓雯", "'=1+1"]
    assert signed_in(admin_of(campus)).get(f"{ready.location}/file").status_code == 404
    assert "导出留痕" in browser.get("/manage/audit").text.partition("<tbody>")[2]


def test_entries_are_kept_for_their_time(app: Flask, campus: Campus, settings: Settings) -> None:
    tell(name="旧事", campus_id=campus.id, days=settings.audit_days + 1)
    tell(name="新事", campus_id=campus.id, days=settings.audit_days - 1)
    with writing():
        jobs.forget_old_audit(settings)
    assert db.session.scalars(db.select(AuditEntry.object_name)).all() == ["新事"]


def test_less_than_half_a_year_is_refused() -> None:
    with pytest.raises(ValueError, match="AUDIT_DAYS must be 183 or more, not 30"):
        Settings.from_environment({"AUDIT_DAYS": "30"})
    assert Settings.from_environment({"AUDIT_DAYS": "183"}).audit_days == 183


def test_what_was_rolled_back_was_not_done(campus: Campus) -> None:
    audit.record(None, "posting_made", "person", campus_id=campus.id)
    db.session.rollback()
    assert db.session.scalars(db.select(AuditEntry)).all() == []


def test_an_action_without_words_is_refused(app: Flask) -> None:
    with pytest.raises(ValueError, match="walked"):
        audit.record(None, "walked")
