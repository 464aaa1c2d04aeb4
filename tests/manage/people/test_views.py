"""The pages about people: who is found, what a card says, and what administrators do there."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from foundation.clock import today
from foundation.database import db
from manage.people.forms import State
from schools.access import standing_of
from schools.models import (
    AuditEntry,
    Campus,
    Division,
    Group,
    Person,
    Posting,
    PostingKind,
    Role,
    RoleGrant,
    TeachingAssignment,
    Visibility,
)
from tests.databases import on_both_databases
from tests.factories import (
    grant,
    make_assignment,
    make_campus,
    make_class,
    make_group,
    make_person,
    make_plan,
    make_posting,
    make_prep_group,
    make_subject,
)
from tests.lessons.queries_counted import queries_counted

SignedIn = Callable[[Person], FlaskClient]
TOMORROW = today() + timedelta(days=1)


@pytest.fixture
def group(app: Flask) -> Group:
    return make_group("罗溪片区")


@pytest.fixture
def campus(group: Group) -> Campus:
    return make_campus(group, "罗溪中心小学")


@pytest.fixture
def admin(campus: Campus) -> Person:
    return make_person(campus, "校区管", roles=[Role.CAMPUS_ADMIN])


@pytest.fixture
def group_admin(campus: Campus, group: Group) -> Person:
    person = make_person(campus, "集团管")
    grant(person, Role.GROUP_ADMIN, group_id=group.id)
    return person


def _names(page: str) -> list[str]:
    return re.findall(r'<a href="/manage/people/\d+">([^<]+)</a>', page)


# The list


@pytest.mark.parametrize(
    "words", ["吕梦洁", "吕", "lvmengjie", "lyumengjie", "LüMengjie", "lumengjie", "lv mengjie", "lmj", "T777", "Ｔ777"]
)
def test_somebody_is_found_by_name_pinyin_initials_and_number(admin: Person, signed_in: SignedIn, words: str) -> None:
    make_person(admin.postings[0].campus, "吕梦洁", staff_number="T777")
    make_person(admin.postings[0].campus, "陈宇")
    page = signed_in(admin).get("/manage/people", query_string={"words": words})
    assert _names(page.text) == ["吕梦洁"]


def test_a_name_in_yu_is_not_taken_for_an_umlaut(admin: Person, signed_in: SignedIn) -> None:
    make_person(admin.postings[0].campus, "陈宇")
    assert _names(signed_in(admin).get("/manage/people?words=chenyu").text) == ["陈宇"]


def test_names_that_begin_as_typed_come_first(admin: Person, signed_in: SignedIn) -> None:
    for name in ("白丽", "李白", "丽丽"):
        make_person(admin.postings[0].campus, name)
    assert _names(signed_in(admin).get("/manage/people?words=li").text) == ["李白", "丽丽", "白丽"]


def test_people_of_other_groups_are_not_shown(admin: Person, signed_in: SignedIn) -> None:
    stranger = make_person(make_campus(), "外人")
    client = signed_in(admin)
    assert _names(client.get("/manage/people?state=all&words=外人").text) == []
    assert client.get(f"/manage/people/{stranger.id}").status_code == 404


def test_teachers_have_no_list_of_people(campus: Campus, signed_in: SignedIn) -> None:
    teacher = make_person(campus)
    for address in ("/manage/people", "/manage/roles", f"/manage/people/{teacher.id}"):
        assert signed_in(teacher).get(address).status_code == 404


def test_the_list_is_narrowed_by_campus_subject_role_and_state(
    admin: Person, group: Group, signed_in: SignedIn
) -> None:
    campus, other = admin.postings[0].campus, make_campus(group)
    music = make_subject("音乐")
    musician = make_person(other, "音乐老师")
    make_assignment(musician, make_class(other), music)
    head = make_person(other, "校长", roles=[Role.HEAD])
    leaving = make_person(campus, "将走", posted=False)
    make_posting(leaving, campus, to_day=TOMORROW)
    staying = make_person(other, "轮岗", posted=True)
    make_posting(staying, campus, to_day=TOMORROW)
    coming = make_person(campus, "将来", posted=False)
    make_posting(coming, campus, from_day=TOMORROW)
    gone = make_person(campus, "已走", posted=False)
    make_posting(gone, campus, to_day=today())
    found = {
        f"campus={other.id}": [musician, head, staying],
        f"subject={music.id}": [musician],
        "role=head": [head],
        "state=leaving": [leaving],
        f"state=leaving&campus={campus.id}": [leaving, staying],
        "state=coming": [coming],
        "state=gone": [gone],
        "state=all": [admin, musician, head, leaving, staying, coming, gone],
        "": [admin, musician, head, leaving, staying],
    }
    client = signed_in(admin)
    for query, people in found.items():
        page = client.get(f"/manage/people?{query}")
        assert set(_names(page.text)) == {person.name for person in people}, query


@on_both_databases
def test_every_filter_and_page_answers_on_both_databases(
    campus: Campus, group_admin: Person, signed_in: SignedIn
) -> None:
    leaver = make_person(campus, "吕梦洁", roles=[Role.HEAD, Role.ACADEMIC_OFFICE])
    make_assignment(leaver, make_class(campus), make_subject())
    make_plan(leaver, visibility=Visibility.CAMPUS)
    client, card = signed_in(group_admin), f"/manage/people/{leaver.id}"
    for state in State:
        query = {"state": state.value, "campus": campus.id, "subject": 1, "role": "head", "words": "lmj"}
        assert client.get("/manage/people", query_string=query).status_code == 200
    for address in ("/manage/people", "/manage/roles", card, f"{card}/hand-over", f"{card}/roles/new?role=head"):
        assert client.get(address).status_code == 200


def test_a_list_of_two_hundred_costs_no_more_queries_than_one_of_few(
    admin: Person, group: Group, signed_in: SignedIn
) -> None:
    client = signed_in(admin)
    client.get("/manage/people")
    with queries_counted() as few:
        assert client.get("/manage/people").status_code == 200
    campus, subject = admin.postings[0].campus, make_subject()
    school_class = make_class(campus)
    for number in range(60):
        person = make_person(campus, f"买买提江·阿不都热合曼·艾山江·吐尔逊第{number}号", roles=[Role.HEAD])
        make_assignment(person, school_class, subject)
    with queries_counted() as many:
        page = client.get("/manage/people?page=2")
    assert page.status_code == 200
    assert len(_names(page.text)) == 30
    assert len(many) == len(few) <= 13


def test_an_empty_answer_says_what_to_do(admin: Person, signed_in: SignedIn) -> None:
    page = signed_in(admin).get("/manage/people?words=没有这个人")
    assert "没有符合条件的人" in page.text


# A card


def test_a_card_says_in_words_what_each_role_allows(campus: Campus, admin: Person, signed_in: SignedIn) -> None:
    lead = make_person(campus, "教研组长")
    grant(lead, Role.SUBJECT_LEAD, campus_id=campus.id, subject_id=make_subject("语文").id)
    page = signed_in(admin).get(f"/manage/people/{lead.id}")
    assert f"在{campus.short_name}的语文学科：可看所有非个人教案。" in page.text


def test_a_card_costs_the_same_however_much_stands_on_it(campus: Campus, admin: Person, signed_in: SignedIn) -> None:
    plain, full = make_person(campus), make_person(campus, roles=[Role.HEAD])
    for _ in range(5):
        subject = make_subject()
        make_assignment(full, make_class(campus), subject)
        prep_group = make_prep_group(campus.memberships[0].group, subject)
        grant(full, Role.PREP_LEAD, prep_group_id=prep_group.id)
    client = signed_in(admin)
    client.get(f"/manage/people/{plain.id}")
    with queries_counted() as of_plain:
        client.get(f"/manage/people/{plain.id}")
    with queries_counted() as of_full:
        page = client.get(f"/manage/people/{full.id}")
    assert page.text.count("可看、可改组内") >= 5
    assert len(of_full) <= len(of_plain) + 2 <= 30  # the prep groups that are led, and their campuses


def test_a_new_person_with_a_posting_stands_in_the_list_and_in_the_audit(
    campus: Campus, admin: Person, signed_in: SignedIn
) -> None:
    sent = {"name": "新老师", "staff_number": "N1", "campus": campus.id, "kind": "home", "share": "100"}
    client = signed_in(admin)
    answer = client.post("/manage/people/new", data={**sent, "from_day": today().isoformat(), "to_day": ""})
    assert answer.status_code == 303
    person = db.session.scalars(select(Person).where(Person.staff_number == "N1")).one()
    assert standing_of(person).campus_ids == {campus.id}
    assert _actions() == ["person_made", "posting_made"]
    again = client.post("/manage/people/new", data={**sent, "from_day": "", "to_day": ""})
    assert again.status_code == 422
    assert "这个工号已经有人使用。" in again.text


def _actions() -> list[str]:
    return list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_a_guest_needs_a_last_day(group: Group, group_admin: Person, signed_in: SignedIn) -> None:
    sent = {"name": "教研员", "role": "guest_researcher", "place": f"group-{group.id}", "from_day": today().isoformat()}
    client = signed_in(group_admin)
    refused = client.post("/manage/people/new-guest", data=sent)
    assert refused.status_code == 422
    assert "请填写到哪天为止" in refused.text
    assert client.post("/manage/people/new-guest", data={**sent, "to_day": TOMORROW.isoformat()}).status_code == 303
    guest = db.session.scalars(select(Person).where(Person.name == "教研员")).one()
    assert standing_of(guest).group_ids == {group.id}
    assert standing_of(guest, TOMORROW).group_ids == frozenset()
    assert "教研员" in _names(client.get("/manage/people").text)


def test_the_sentence_of_a_role_is_shown_before_it_is_given(campus: Campus, admin: Person, signed_in: SignedIn) -> None:
    teacher, chinese = make_person(campus, "王老师"), make_subject("语文")
    sent = {"role": "subject_lead", "place": f"campus-{campus.id}", "subject": chinese.id, "from_day": "2026-01-01"}
    client, address = signed_in(admin), f"/manage/people/{teacher.id}/roles/new"
    shown = client.post(address, data={**sent, "go": "look"})
    sentence = f"在{campus.name}的语文学科：可看所有非个人教案。"
    assert sentence in shown.text
    unseen = client.post(address, data={**sent, "go": "give", "seen": "在别处：什么也没有。"})
    assert sentence in unseen.text
    assert standing_of(teacher).scopes == frozenset()
    assert client.post(address, data={**sent, "go": "give", "seen": sentence}).status_code == 303
    assert {scope.role for scope in standing_of(teacher).scopes} == {Role.SUBJECT_LEAD}


def test_every_role_can_be_given_through_its_form(
    group: Group, campus: Campus, group_admin: Person, signed_in: SignedIn
) -> None:
    prep_group, teacher = make_prep_group(group), make_person(campus)
    place = {Role.GROUP_ADMIN: f"group-{group.id}", Role.PREP_LEAD: f"prep_group-{prep_group.id}"}
    subject = prep_group.subject_id
    client, address = signed_in(group_admin), f"/manage/people/{teacher.id}/roles/new"
    for role in set(Role) - {Role.TEACHER}:
        page = client.get(address, query_string={"role": role.value})
        assert page.status_code == 200
        sent = {
            "role": role.value,
            "place": place.get(role, f"campus-{campus.id}"),
            "subject": subject,
            "from_day": today().isoformat(),
            "to_day": TOMORROW.isoformat(),
        }
        shown = client.post(address, data={**sent, "go": "look"})
        seen = re.search(r'name="seen" value="([^"]+)"', shown.text)
        assert seen, role
        assert client.post(address, data={**sent, "go": "give", "seen": seen[1]}).status_code == 303, role
    assert {held.role for held in teacher.grants} == set(Role) - {Role.TEACHER}


def test_the_last_administrator_keeps_the_role(group_admin: Person, signed_in: SignedIn) -> None:
    client, given = signed_in(group_admin), group_admin.grants[0]
    client.post(f"/manage/people/{group_admin.id}/roles/{given.id}/end")
    assert "最后一位长期的集团管理员" in client.get(f"/manage/people/{group_admin.id}").text
    assert standing_of(group_admin).holds(Role.GROUP_ADMIN, group_id=given.group_id)


def test_the_page_of_roles_says_what_each_allows_and_who_holds_it(
    campus: Campus, admin: Person, signed_in: SignedIn
) -> None:
    make_person(campus, "何校长", roles=[Role.HEAD])
    make_person(make_campus(), "别处校长", roles=[Role.HEAD])
    page = signed_in(admin).get("/manage/roles").text
    assert "何校长" in page
    assert "别处校长" not in page
    assert page.count("可看所有非个人教案") >= 6


def test_forms_of_people_elsewhere_stay_shut(group: Group, admin: Person, signed_in: SignedIn) -> None:
    teacher = make_person(make_campus(group), "别校老师")
    client, card = signed_in(admin), f"/manage/people/{teacher.id}"
    page = client.get(card)
    assert page.status_code == 200
    assert "/leave" not in page.text
    assert "/edit" not in page.text
    posting = teacher.postings[0].id
    for path in ("edit", "leave", "return", "titles/new", f"postings/{posting}"):
        assert client.get(f"{card}/{path}").status_code == 403, path
    assert client.get(f"{card}/hand-over").status_code == 404
    for path in ("edit", "leave", "titles/new", f"postings/{posting}", f"postings/{posting}/end"):
        assert client.post(f"{card}/{path}", data={"name": "改名"}).status_code == 403, path
    assert teacher.name == "别校老师"
    assert teacher.postings[0].to_day is None


def test_a_hand_over_list_names_the_work_and_only_counts_personal_plans(
    group: Group, campus: Campus, admin: Person, signed_in: SignedIn
) -> None:
    leaver, successor = make_person(campus, "要走的"), make_person(campus, "接手的", staff_number="J1")
    subject = make_subject("语文")
    school_class = make_class(campus)
    school_class.homeroom_teacher_id = leaver.id
    assignment = make_assignment(leaver, school_class, subject)
    prep_group = make_prep_group(group, subject, campuses=[campus], name="三年级语文备课组")
    leading = grant(leaver, Role.PREP_LEAD, prep_group_id=prep_group.id)
    make_plan(leaver, title="我的私房课")
    shared = make_plan(leaver, title="全集团看的课", visibility=Visibility.GROUP)
    client, address = signed_in(admin), f"/manage/people/{leaver.id}/hand-over"
    page = client.get(address).text
    assert "个人教案 1 份" in page
    assert "我的私房课" not in page
    assert f"/plans/{shared.code}" in page
    sent = {"successor": "J1", "on": TOMORROW.isoformat()}
    nothing = client.post(address, data=sent)
    assert nothing.status_code == 422
    assert "请至少勾选一项" in nothing.text
    ticked = {"grant": leading.id, "class": school_class.id, "assignment": assignment.id}
    assert client.post(address, data={**sent, **ticked}).status_code == 303
    assert school_class.homeroom_teacher_id == successor.id
    for day, leads, teaches in ((today(), leaver, leaver), (TOMORROW, successor, successor)):
        assert standing_of(leads, day).led_prep_group_ids == {prep_group.id}
        assert [each.person_id for each in _teaching(day)] == [teaches.id]
    assert shared.owner_id == leaver.id


def _teaching(day: date) -> list[TeachingAssignment]:
    return list(db.session.scalars(select(TeachingAssignment).where(TeachingAssignment.holding_on(day))))


def test_who_leaves_signs_in_no_more_and_comes_back_without_roles(
    campus: Campus, admin: Person, signed_in: SignedIn
) -> None:
    leaver = make_person(campus, "要走的", roles=[Role.HEAD])
    theirs, client = signed_in(leaver), signed_in(admin)
    assert theirs.get("/account").status_code == 200
    client.post(f"/manage/people/{leaver.id}/leave", data={"on": today().isoformat()})
    assert theirs.get("/account").status_code == 302
    assert standing_of(leaver).scopes == standing_of(leaver).campus_ids == frozenset()
    card = client.get(f"/manage/people/{leaver.id}").text
    assert "起离岗" in card
    sent = {"campus": campus.id, "kind": "home", "share": "100", "from_day": today().isoformat()}
    assert client.get(f"/manage/people/{leaver.id}/return").status_code == 200
    assert client.post(f"/manage/people/{leaver.id}/return", data=sent).status_code == 303
    assert standing_of(leaver).campus_ids == {campus.id}
    assert standing_of(leaver).scopes == frozenset()


def test_a_campus_head_and_a_division_head_both_read_what_a_grade_team_shares(
    group: Group, campus: Campus, signed_in: SignedIn
) -> None:
    other = make_campus(group)
    division = Division(group_id=group.id, name="高段级部", grades=[5], campuses=[campus, other])
    db.session.add(division)
    db.session.commit()
    head = make_person(campus, "校长", roles=[Role.HEAD])
    division_head = make_person(other, "级部主任")
    grant(division_head, Role.EXECUTIVE_HEAD, group_id=group.id, division_id=division.id)
    neither = make_person(other, "别校校长", roles=[Role.HEAD])
    owner, team = make_person(campus), make_prep_group(group, grade=5)
    plan = make_plan(owner, prep_group=team, visibility=Visibility.PREP_GROUP)
    younger = make_plan(owner, prep_group=make_prep_group(group, grade=2), visibility=Visibility.PREP_GROUP)
    for person, may in ((head, True), (division_head, True), (neither, False)):
        assert (signed_in(person).get(f"/plans/{plan.code}").status_code == 200) is may, person.name
    assert signed_in(division_head).get(f"/plans/{younger.code}").status_code == 404


def test_a_posting_is_changed_and_ended_by_its_campus(campus: Campus, admin: Person, signed_in: SignedIn) -> None:
    teacher = make_person(campus)
    posting, client = teacher.postings[0], signed_in(admin)
    address = f"/manage/people/{teacher.id}/postings/{posting.id}"
    assert client.get(address).status_code == 200
    sent = {"kind": "rotation", "share": "60", "from_day": "2025-09-01", "to_day": "2025-09-01"}
    assert "结束日期应在开始日期之后" in client.post(address, data=sent).text
    assert client.post(address, data={**sent, "to_day": ""}).status_code == 303
    assert (posting.kind, posting.share_percent, posting.to_day) == (PostingKind.ROTATION, 60, None)
    assert client.post(f"{address}/end").status_code == 303
    assert standing_of(teacher).campus_ids == frozenset()
    assert "posting_ended" in _actions()


def test_an_honour_is_written_down_and_taken_off(campus: Campus, admin: Person, signed_in: SignedIn) -> None:
    teacher, client = make_person(campus), signed_in(admin)
    card = f"/manage/people/{teacher.id}"
    assert client.post(f"{card}/titles/new", data={"name": ""}).status_code == 422
    assert client.post(f"{card}/titles/new", data={"name": "学科带头人", "to_day": "2030-01-01"}).status_code == 303
    page = client.get(card).text
    assert "学科带头人" in page
    removing = re.search(r'action="([^"]+/titles/\d+/remove)"', page)
    assert removing
    assert client.post(removing[1]).status_code == 303
    assert "学科带头人" not in client.get(card).text.replace("荣誉已删除", "")


def test_postings_and_roles_of_somebody_else_are_not_reached_through_a_card(
    campus: Campus, admin: Person, signed_in: SignedIn
) -> None:
    one, two = make_person(campus, roles=[Role.HEAD]), make_person(campus)
    client = signed_in(admin)
    posting = db.session.scalars(select(Posting).where(Posting.person_id == one.id)).one()
    held = db.session.scalars(select(RoleGrant).where(RoleGrant.person_id == one.id)).one()
    assert client.post(f"/manage/people/{two.id}/postings/{posting.id}/end").status_code == 404
    assert client.post(f"/manage/people/{two.id}/roles/{held.id}/end").status_code == 404
