"""The page after a lesson, as its people see it, and what they do on it."""

import io
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select

from foundation.database import db, writing
from lessons.reading import content_of
from lessons.text.content import PlanContent, StepContent, plain_text
from library.models import Resource, ResourceKind
from live.after.concluding import conclude_ended
from live.models import LiveGuest, LiveSession, ObservationNote, RoomRole
from notices.models import Notice
from schools.models import Enrolment, Person, Pupil, Role
from tests.factories import LONG_AGO, make_campus, make_person, make_plan, make_topic
from tests.live.lessons import DAY, happen, hold, make_lesson
from timetable.models import TaughtTopic

Browser = Callable[[Person], FlaskClient]
STROKE = {
    "id": "s1",
    "tool": "text",
    "color": "ink",
    "width": 40,
    "points": [100, 100],
    "text": "四分之一",
    "on": "board",
}


@dataclass
class Lesson:
    """A lesson of two campuses that is over."""

    session: LiveSession
    lead: Person
    helper: Person
    observer: Person
    head: Person
    absent: Pupil

    @property
    def address(self) -> str:
        return f"/live/{self.session.code}"


@pytest.fixture
def lesson(app: Flask) -> Lesson:
    """One absent pupil in the listening class, a board, a check, a message to the lead."""
    campus = make_campus(name="丹江路校区")
    group = campus.memberships[0].group
    listening = make_campus(group, "马甲校区")
    lead, helper = make_person(campus, "何静"), make_person(listening, "吴敏")
    observer, head = make_person(campus, "听课老师"), make_person(listening, "马校长", roles=[Role.HEAD])
    plan = make_plan(lead, title="分数的初步认识")
    session = make_lesson(lead, listening, helper=helper, plan=plan, topic=make_topic(title="分数的初步认识"))
    main, other = session.classrooms
    with writing():
        absent = Pupil(name="牛小军")
        absent.enrolments.append(Enrolment(class_id=other.class_id, seat=7, from_day=LONG_AGO))
        session.guests.append(LiveGuest(person=observer, role=RoomRole.OBSERVER))
        db.session.add(absent)
        db.session.commit()
    happen(session, -61, "roll", {"pupil": absent.id, "mark": "absent"}, by=helper, classroom=other)
    hold(session)
    happen(session, 100, "stroke", {"step": "warm", "stroke": STROKE}, by=lead, classroom=main)
    check = {"id": "k", "kind": "choice", "question": "哪个是四分之一？", "options": ["A", "B"]}
    happen(session, 400, "check", check, by=lead, classroom=main)
    happen(session, 420, "count", {"id": "k", "classroom": other.id, "counts": [31, 4]}, classroom=other)
    happen(
        session,
        500,
        "chat",
        {"id": "c", "text": "后排听不清", "to": "lead", "name": "吴敏"},
        by=helper,
        classroom=other,
        audience=f"helper:{other.id}",
    )
    return Lesson(session, lead, helper, observer, head, absent)


def text_of(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.text


def test_the_lead_sees_attendance_real_times_checks_board_and_the_helpers_words(
    lesson: Lesson, signed_in: Browser
) -> None:
    page = text_of(signed_in(lesson.lead), f"{lesson.address}/after")

    for words in (
        "实上 35 分 00 秒",
        "牛小军（缺席）",
        "6 分 00 秒",
        "计划 20 分",
        "四分之一</tspan>",
        "<td>31</td>",
        "后排听不清",
    ):
        assert words in page


def test_an_observer_learns_how_many_are_missing_but_not_who(lesson: Lesson, signed_in: Browser) -> None:
    page = text_of(signed_in(lesson.observer), f"{lesson.address}/after")

    assert "应到 1 人，实到 0 人" in page
    assert "牛小军" not in page
    assert "后排听不清" not in page
    assert "两端公平" not in page
    assert signed_in(lesson.observer).get(f"{lesson.address}/roll/{lesson.session.classrooms[1].id}").status_code == 404


def test_whoever_has_no_part_in_it_does_not_find_it(lesson: Lesson, signed_in: Browser) -> None:
    stranger = signed_in(make_person())

    for page in ("after", "print", "attendance.xlsx", "replay", "notes/print"):
        assert stranger.get(f"{lesson.address}/{page}").status_code == 404


def test_attendance_is_put_right_with_a_trace(lesson: Lesson, signed_in: Browser) -> None:
    client, room = signed_in(lesson.helper), lesson.session.classrooms[1].id

    client.post(f"{lesson.address}/roll/{room}", data={f"mark-{lesson.absent.id}": "leave"})

    assert "牛小军（请假）" in text_of(client, f"{lesson.address}/after")
    assert "原为缺席" in text_of(client, f"{lesson.address}/roll/{room}")


def test_notes_are_their_writers_until_shared(lesson: Lesson, signed_in: Browser) -> None:
    observer, lead = signed_in(lesson.observer), signed_in(lesson.lead)
    note = {"key": "abcdefghijkl", "step": "warm", "second": 75, "kind": "strength", "text": "导入自然"}

    first = observer.post(f"{lesson.address}/notes", json=note).get_json()
    again = observer.post(f"{lesson.address}/notes", json=note).get_json()

    assert first == again
    assert "导入自然" not in text_of(lead, f"{lesson.address}/after")
    observer.post(f"{lesson.address}/notes/share")
    assert "导入自然" in text_of(lead, f"{lesson.address}/after")
    assert "1:15" in text_of(observer, f"{lesson.address}/notes/print")
    observer.post(f"{lesson.address}/notes/{first['id']}", json={"text": "导入很自然"})
    observer.post(f"{lesson.address}/notes/{first['id']}/remove", json={})
    assert "导入很自然" not in text_of(lead, f"{lesson.address}/after")
    assert lead.post(f"{lesson.address}/notes/{first['id']}/restore").status_code == 404
    observer.post(f"{lesson.address}/notes/{first['id']}/restore")
    assert "导入很自然" in text_of(lead, f"{lesson.address}/after")


def test_a_reflection_goes_into_the_plan_once(lesson: Lesson, signed_in: Browser) -> None:
    client = signed_in(lesson.lead)

    for _ in range(2):
        client.post(f"{lesson.address}/reflection", data={"text": "分一分的活动要再慢些。", "key": "once"})

    plan = lesson.session.plan
    assert plan is not None
    written = plain_text(content_of(plan).sections["reflection"])
    assert written.count("分一分的活动要再慢些。") == 1
    assert "2026年11月20日" in written
    assert db.session.scalars(select(ObservationNote)).one().text == "分一分的活动要再慢些。"


def test_the_plan_says_how_long_its_steps_took(app: Flask, signed_in: Browser) -> None:
    lead = make_person()
    content = PlanContent(title="分数的初步认识", steps=[StepContent(id="warm", title="情境导入", minutes=5)])
    plan = make_plan(lead, content=content)
    hold(make_lesson(lead, plan=plan))

    assert "上次实际用时 6 分" in text_of(signed_in(lead), f"/plans/{plan.code}")


def test_a_board_is_kept_as_a_picture_once(lesson: Lesson, signed_in: Browser) -> None:
    client = signed_in(lesson.lead)

    for _ in range(2):
        assert client.post(f"{lesson.address}/boards/0/save").status_code == 303

    kept = db.session.scalars(select(Resource)).one()
    assert (kept.kind, kept.owner_id) == (ResourceKind.BOARD_PHOTO, lesson.lead.id)


def test_the_workbook_calculates_nothing_that_somebody_typed(lesson: Lesson, signed_in: Browser) -> None:
    lesson.absent.name = "=1+1"

    file = signed_in(lesson.lead).get(f"{lesson.address}/attendance.xlsx").data

    sheets = load_workbook(io.BytesIO(file))
    assert [cell.value for cell in sheets["学生"][2]][1:4] == [7, "'=1+1", "缺席"]
    assert sheets["教室"]["B2"].value == 35


def test_the_forms_print_what_the_page_says(lesson: Lesson, signed_in: Browser) -> None:
    page = text_of(signed_in(lesson.lead), f"{lesson.address}/print")

    assert "课堂记录表" in page
    assert "牛小军（缺席）" in page


def test_heads_see_who_has_looked_in(lesson: Lesson, signed_in: Browser) -> None:
    page = text_of(signed_in(lesson.head), "/live/patrol")

    assert "分数的初步认识" in page
    assert signed_in(lesson.observer).get("/live/patrol").status_code == 404


def test_what_follows_from_the_end_is_done_once(lesson: Lesson, app: Flask) -> None:
    with writing():
        assert conclude_ended() == 1
        assert conclude_ended() == 0

    classes = {each.class_id for each in lesson.session.classrooms}
    assert set(db.session.scalars(select(TaughtTopic.class_id).where(TaughtTopic.day == DAY))) == classes
    assert db.session.scalars(select(Notice)).one().person_id == lesson.lead.id


def test_the_replay_has_the_log_and_names_no_pupil(lesson: Lesson, signed_in: Browser) -> None:
    page = text_of(signed_in(lesson.observer), f"{lesson.address}/replay")

    assert "replay-config" in page
    assert "哪个是四分之一" in page.encode().decode("unicode_escape", "ignore") or "\\u54ea\\u4e2a" in page
    assert "后排听不清" not in page
    assert '"roll"' not in page
