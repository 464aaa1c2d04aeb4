"""A lesson for two campuses is scheduled, confirmed, moved and cancelled, as people do it with the pages."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from foundation.clock import travel_to
from foundation.database import db
from lessons import files
from lessons.models import Plan, PlanUpdate
from lessons.text.content import PlanContent, StepContent
from lessons.text.document import build_plan
from live.models import Answer, LiveSession, SessionChange, SessionState
from notices.models import Notice
from schools.models import Person
from tests.factories import make_person, make_plan, make_prep_group, make_resource, make_subject
from tests.lessons.queries_counted import queries_counted
from tests.live.scheduling.worlds import DAY, NOW, Campuses
from timetable.models import TimetableChange, TimetableEntry

Browser = Callable[[Person], FlaskClient]

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with travel_to(NOW):
        yield


def the_session() -> LiveSession:
    db.session.expire_all()
    return db.session.scalars(select(LiveSession)).one()


def told(person: Person) -> list[str]:
    return [each.kind for each in db.session.scalars(select(Notice).where(Notice.person_id == person.id))]


def schedule(world: Campuses, signed_in: Browser, **more: object) -> LiveSession:
    answer = signed_in(world.wang).post("/live/new", data=world.sheet(**more))
    assert answer.status_code == 303, answer.text
    return the_session()


def test_a_lesson_is_scheduled_asked_about_confirmed_and_settled(signed_in: Browser) -> None:
    world = Campuses()
    session = schedule(world, signed_in)
    main, other = session.classrooms
    assert (session.state, session.day, session.starts, session.ends) == (SessionState.ASKED, DAY, 600, 640)
    assert (main.answer, other.answer) == (Answer.CONFIRMED, Answer.WAITING)
    assert (other.period, other.starts, other.ends) == (3, 610, 640)
    assert other.helper_id == world.li.id
    assert len({each.entry_code for each in session.classrooms if each.entry_code}) == 2
    assert told(world.office_there) == ["session_asked"]
    assert told(world.li) == ["session_planned"]
    assert told(world.wang) == []

    office = signed_in(world.office_there)
    assert "分数的意义" in office.get("/live?scope=answer").text
    page = office.get(f"/live/{session.code}").text
    assert "丹江路 第3节 晚 10 分钟：可用 30 分钟" in page
    office.post(f"/live/{session.code}/classrooms/{other.id}/answer", data={"answer": "confirmed"})
    assert the_session().state is SessionState.SETTLED
    assert "session_settled" in told(world.wang)


def test_sent_twice_it_is_made_once(signed_in: Browser) -> None:
    world = Campuses()
    first = schedule(world, signed_in)
    again = signed_in(world.wang).post("/live/new", data=world.sheet())
    assert again.location.endswith(first.code)


def test_nobody_and_no_room_is_in_two_lessons_at_once(signed_in: Browser) -> None:
    world = Campuses()
    schedule(world, signed_in)
    answer = signed_in(world.wang).post("/live/new", data=world.sheet(request_key="another", anyway="没关系"))
    assert answer.status_code == 422
    assert "conflict-hard" in answer.text
    the_session()


def test_a_teacher_schedules_her_own_lessons_only(signed_in: Browser) -> None:
    world = Campuses()
    refused = signed_in(world.li).post("/live/new", data=world.sheet(lead="王芳"))
    assert refused.status_code == 403
    assert db.session.scalar(select(LiveSession)) is None
    assert signed_in(world.office_here).post("/live/new", data=world.sheet(lead="王芳")).status_code == 303


def test_another_time_that_a_campus_proposes_is_taken(signed_in: Browser) -> None:
    world = Campuses()
    session = schedule(world, signed_in)
    other = session.classrooms[1]
    proposed = {"answer": "other_time", "other_day": "2026-09-10", "other_period": 2, "note": "周三开会"}
    signed_in(world.office_there).post(f"/live/{session.code}/classrooms/{other.id}/answer", data=proposed)
    assert told(world.wang) == ["session_answered"]
    taken = signed_in(world.wang).post(f"/live/{session.code}/classrooms/{other.id}/take")
    assert taken.status_code == 303, taken.text
    session = the_session()
    assert (session.day.isoformat(), session.starts, session.state) == ("2026-09-10", 540, SessionState.SETTLED)
    assert session.sequence == 1
    assert "session_moved" in told(world.li)
    kinds = list(db.session.scalars(select(SessionChange.kind).order_by(SessionChange.id)))
    assert kinds == ["made", "answered", "moved", "settled"]
    assert "10:00–10:40 →" in signed_in(world.wang).get(f"/live/{session.code}").text


def test_a_moved_lesson_is_asked_about_again_and_a_cancelled_one_keeps_its_history(signed_in: Browser) -> None:
    world = Campuses()
    session = schedule(world, signed_in)
    wang = signed_in(world.wang)
    move = {"day": "2026-09-11", "period": "1", "reason": "县里开会"}
    assert wang.post(f"/live/{session.code}/move", data=move | {"reason": ""}).status_code == 422
    assert wang.post(f"/live/{session.code}/move", data=move).status_code == 303
    assert the_session().starts == 480
    assert wang.post(f"/live/{session.code}/cancel", data={"reason": ""}).status_code == 422
    assert wang.post(f"/live/{session.code}/cancel", data={"reason": "改为线下"}).status_code == 303
    session = the_session()
    assert (session.state, [each.entry_code for each in session.classrooms]) == (SessionState.CANCELLED, [None, None])
    page = wang.get(f"/live/{session.code}").text
    assert "改为线下" in page
    assert "县里开会" in page
    assert wang.get(f"/live/{session.code}/change").status_code == 409


def test_helper_room_guest_and_lead_are_changed_and_told(signed_in: Browser) -> None:
    world = Campuses()
    session = schedule(world, signed_in)
    other = session.classrooms[1]
    wang = signed_in(world.wang)
    there = f"/live/{session.code}/classrooms/{other.id}/helper"
    assert signed_in(world.li).post(there, data={"helper": "教务乙"}).status_code == 404
    assert signed_in(world.office_there).post(there, data={"helper": "教务乙"}).status_code == 303
    assert "session_changed" in told(world.li)
    assert wang.post(f"/live/{session.code}/guests", data={"guest": "李强", "role": "observer"}).status_code == 303
    assert "session_guest" in told(world.li)
    assert wang.post(f"/live/{session.code}/lead", data={"lead": "没有这个人"}).status_code == 422
    assert wang.post(f"/live/{session.code}/lead", data={"lead": "教务甲", "reason": "病假"}).status_code == 303
    assert the_session().lead_id == world.office_here.id


def test_a_draft_is_seen_by_its_makers_alone_until_it_is_sent(signed_in: Browser) -> None:
    world = Campuses()
    session = schedule(world, signed_in, draft="1")
    assert session.state is SessionState.DRAFT
    assert told(world.office_there) == []
    assert signed_in(world.office_there).get(f"/live/{session.code}").status_code == 404
    signed_in(world.wang).post(f"/live/{session.code}/publish")
    assert the_session().state is SessionState.ASKED
    assert signed_in(world.office_there).get(f"/live/{session.code}").status_code == 200


def test_the_sheet_says_what_is_missing_and_what_is_in_the_way(signed_in: Browser) -> None:
    world = Campuses()
    wang = signed_in(world.wang)
    empty = wang.get("/live/new")
    assert "请选择主讲班级。" in empty.text
    found = wang.get(f"/live/new?lead_class={world.class_here.id}&classes={world.class_there.id}&day={DAY}&period=3")
    assert "西湖 5（1）班" in found.text
    checked = wang.post("/live/new/check", data=world.sheet()).text
    assert "丹江路 第3节 晚 10 分钟：可用 30 分钟" in checked
    assert "10:00–10:40" in checked


def test_a_class_is_added_and_only_its_campus_is_asked(signed_in: Browser) -> None:
    world = Campuses()
    session = schedule(world, signed_in)
    codes = {each.id: each.entry_code for each in session.classrooms}
    office = signed_in(world.office_there)
    office.post(f"/live/{session.code}/classrooms/{session.classrooms[1].id}/answer", data={"answer": "confirmed"})
    sheet = world.sheet(title="分数的意义（二）")
    changed = signed_in(world.wang).post(f"/live/{session.code}/change", data=sheet)
    assert changed.status_code == 303, changed.text
    session = the_session()
    assert (session.title, session.state) == ("分数的意义（二）", SessionState.SETTLED)
    assert {each.id: each.entry_code for each in session.classrooms} == codes


def test_lessons_that_give_way_are_named_and_lead_the_office_to_where_they_are_changed(signed_in: Browser) -> None:
    world = Campuses()
    art = make_subject("美术")
    lesson = TimetableEntry(
        class_id=world.class_there.id, weekday=3, period=3, subject_id=art.id, from_day=DAY, to_day=None
    )
    db.session.add(lesson)
    session = schedule(world, signed_in, anyway="已商量好")
    page = signed_in(world.office_there).get(f"/live/{session.code}").text
    assert "丹江路 5（1）班 美术" in page
    assert f"/manage/timetables/lessons/{lesson.id}?day={DAY}" in page
    there = signed_in(world.wang).get(f"/live/{session.code}").text
    assert "丹江路 5（1）班 美术" in there
    assert f"/manage/timetables/lessons/{lesson.id}?day={DAY}" not in there
    assert "请找教务教务乙调课" in there
    assert (
        "请找教务教务乙调课" in signed_in(world.wang).post("/live/new/check", data=world.sheet(day="2026-09-16")).text
    )


def test_the_main_campus_is_asked_too_when_somebody_from_elsewhere_takes_its_class(signed_in: Browser) -> None:
    world = Campuses()
    sheet = world.sheet(place=[f"k{world.class_there.id}", f"k{world.class_here.id}"], room=["", ""], anyway="已商量好")
    assert signed_in(world.wang).post("/live/new", data=sheet).status_code == 303
    assert [each.answer for each in the_session().classrooms] == [Answer.WAITING, Answer.WAITING]


def test_a_list_and_a_session_cost_the_same_queries_however_many_there_are(signed_in: Browser) -> None:
    world = Campuses()
    wang = signed_in(world.wang)
    counts = []
    for days in (("2026-09-09",), ("2026-09-10", "2026-09-11", "2026-09-08")):
        for day in days:
            sheet = world.sheet(day=day, request_key=day)
            assert wang.post("/live/new", data=sheet).status_code == 303
        with queries_counted() as statements:
            assert wang.get("/live").status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_the_run_sheet_is_the_plan_as_it_was_until_somebody_takes_it_anew(signed_in: Browser) -> None:
    world = Campuses()
    content = PlanContent(title="分数的意义", steps=[StepContent(id="daoru00001", title="情境导入", minutes=5)])
    with travel_to(NOW - timedelta(hours=1)):
        plan = make_plan(world.wang, content=content, subject=world.maths)
    session = schedule(world, signed_in, plan=plan.code)
    wang = signed_in(world.wang)
    page = f"/live/{session.code}"
    assert "情境导入" in wang.get(page).text
    assert "更新运行单" not in wang.get(page).text
    with travel_to(NOW + timedelta(hours=1)):
        db.session.add(PlanUpdate(plan_id=plan.id, data=build_plan(content).get_update(), person_id=world.wang.id))
        assert "更新运行单" in wang.get(page).text
        assert wang.post(f"{page}/plan").status_code == 303
        assert "更新运行单" not in wang.get(page).text.partition("经过")[0]
        db.session.get_one(Plan, plan.id).removed_at = NOW
        there = signed_in(world.office_there).get(page).text
        assert "情境导入" in there
        assert "原来的教案已经删除或者撤回" in there


def test_a_file_put_at_a_step_or_sent_anew_is_no_longer_that_of_the_run_sheet(signed_in: Browser) -> None:
    world = Campuses()
    content = PlanContent(title="分数的意义", steps=[StepContent(id="daoru00001", title="情境导入", minutes=5)])
    with travel_to(NOW - timedelta(hours=1)):
        plan = make_plan(world.wang, content=content, subject=world.maths)
    session = schedule(world, signed_in, plan=plan.code)
    wang = signed_in(world.wang)
    page = f"/live/{session.code}"
    film = make_resource(world.wang, name="折纸.mp4", data=b"film")
    files.attach(world.wang, plan, film, "daoru00001")
    shown = wang.get(page).text
    assert "教案的附件换过" in shown
    assert "折纸.mp4" not in shown
    assert wang.post(f"{page}/plan").status_code == 303
    shown = wang.get(page).text
    assert "折纸.mp4" in shown
    assert "更新运行单" not in shown.partition("经过")[0]


def test_a_list_is_narrowed_to_what_one_leads_and_to_the_subjects_of_ones_prep_groups(signed_in: Browser) -> None:
    world = Campuses()
    schedule(world, signed_in)
    make_prep_group(world.group, world.maths, grade=5)
    shown = {
        (person.name, whose): "分数的意义" in signed_in(person).get(f"/live?whose={whose}").text
        for person in (world.wang, world.li, world.office_there)
        for whose in ("mine", "led", "subject")
    }
    assert shown == {
        ("王芳", "mine"): True,
        ("王芳", "led"): True,
        ("王芳", "subject"): True,
        ("李强", "mine"): True,
        ("李强", "led"): False,
        ("李强", "subject"): True,
        ("教务乙", "mine"): False,
        ("教务乙", "led"): False,
        ("教务乙", "subject"): False,
    }
    assert "我的学科组" in signed_in(world.li).get("/live").text
    assert "我的学科组" not in signed_in(world.office_there).get("/live").text


def test_a_lesson_under_a_session_that_moves_is_told_shown_and_taken_back(signed_in: Browser) -> None:
    world = Campuses()
    lesson = timetabled(world, 3, world.wang)
    session = schedule(world, signed_in)
    office = signed_in(world.office_here)
    address, page = f"/manage/timetables/lessons/{lesson.id}?day={DAY}", f"/live/{session.code}"
    moving = {"what": "moved", "new_day": "2026-09-10", "new_period": "2"}
    assert "同上一堂课 分数的意义”用的就是" in office.post(address, data=moving).text
    assert "课表变了" not in office.get(page).text
    assert office.post(address, data=moving | {"go": "1"}).status_code == 303
    said = "西湖 5（1）班 数学 9月9日 周三 第3节（10:00–10:40）：调到了9月10日 周四 第2节"
    assert all(said in signed_in(each).get(page).text for each in (world.wang, world.li, world.office_here))
    for each in (world.wang, world.li, world.office_here):
        assert "session_lesson_changed" in told(each)
    assert "session_lesson_changed" not in told(world.office_there)
    change = db.session.scalars(select(TimetableChange)).one()
    withdraw = f"/manage/timetables/changes/{change.id}/withdraw"
    assert (withdraw in office.get(page).text, withdraw in signed_in(world.wang).get(page).text) == (True, False)
    assert office.post(withdraw).status_code == 303
    assert "课表变了" not in office.get(page).text
    assert "又照原课表上了" in signed_in(world.wang).get("/notices").text


def test_who_substitutes_for_the_lead_is_offered_as_the_new_lead(signed_in: Browser) -> None:
    world = Campuses()
    zhao = make_person(world.here, "赵敏")
    lesson = timetabled(world, 3, world.wang)
    session = schedule(world, signed_in)
    covered = {"what": "substitute", "person": "赵敏", "go": "1"}
    address, page = f"/manage/timetables/lessons/{lesson.id}?day={DAY}", f"/live/{session.code}"
    assert signed_in(world.office_here).post(address, data=covered).status_code == 303
    wang = signed_in(world.wang)
    assert "改由赵敏主讲" in wang.get(page).text
    assert wang.post(f"{page}/lead", data={"lead": "赵敏"}).status_code == 303
    assert the_session().lead_id == zhao.id
    assert "课表变了" not in wang.get(page).text
    assert told(zhao).count("session_lead_given") == 1


def test_a_helper_who_cannot_says_so_and_the_place_is_open_again(signed_in: Browser) -> None:
    world = Campuses()
    session = schedule(world, signed_in)
    address = f"/live/{session.code}/decline"
    wang, li = signed_in(world.wang), signed_in(world.li)
    assert wang.post(address).status_code == 404
    assert address in li.get(f"/live/{session.code}").text
    assert li.post(address, data={"reason": "那天外出"}).status_code == 303
    assert the_session().classrooms[1].helper_id is None
    assert "session_part_declined" in told(world.wang)
    assert "session_part_declined" in told(world.office_there)
    assert "那天外出" in wang.get(f"/live/{session.code}").text


def test_a_lead_who_cannot_leads_until_somebody_else_does(signed_in: Browser) -> None:
    world = Campuses()
    session = schedule(world, signed_in)
    page, wang, li = f"/live/{session.code}", signed_in(world.wang), signed_in(world.li)
    assert wang.post(f"{page}/lead", data={"lead": "李强"}).status_code == 303
    assert li.post(f"{page}/decline").status_code == 303
    assert li.post(f"{page}/decline").status_code == 409
    assert the_session().lead_id == world.li.id
    assert "tag-red" in wang.get(page).text
    assert wang.post(f"{page}/lead", data={"lead": "王芳"}).status_code == 303
    assert "tag-red" not in wang.get(page).text


def timetabled(world: Campuses, period: int, teacher: Person) -> TimetableEntry:
    """The class here has mathematics on Wednesdays."""
    lesson = TimetableEntry(
        class_id=world.class_here.id,
        weekday=3,
        period=period,
        subject_id=world.maths.id,
        person_id=teacher.id,
        from_day=date(2026, 9, 1),
        to_day=date(2027, 1, 20),
    )
    db.session.add(lesson)
    db.session.commit()
    return lesson
