"""The pages of lesson plans, as browsers ask for them."""

import io
import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import unquote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from foundation.clock import now, travel_to
from foundation.database import db
from lessons import originals
from lessons.coediting import document_of
from lessons.models import Plan, PlanOriginal, PlanState, PlanTemplate, PlanUpdate, PlanWriter
from lessons.text.content import PlanContent, StepContent, paragraph
from lessons.text.document import read_plan
from schools.models import Person, Role, Visibility
from tests.factories import (
    grant,
    make_assignment,
    make_campus,
    make_class,
    make_group,
    make_person,
    make_plan,
    make_prep_group,
    make_subject,
    make_topic,
)
from tests.lessons.queries_counted import queries_counted

SignedIn = Callable[[Person], FlaskClient]

CONTENT = PlanContent(
    title="认识平行四边形",
    periods=1,
    sections={"objectives": [paragraph("会画平行四边形的高")], "other": [paragraph("附：学具清单")]},
    steps=[StepContent(id="aaaaaaaaaa", title="导入", minutes=5, teacher=[paragraph("出示<两块>菜地")])],
)


def text_of(answer: TestResponse) -> str:
    assert answer.status_code == 200, answer.get_data(as_text=True)[:2000]
    return answer.get_data(as_text=True)


def titles_in(answer: TestResponse) -> list[str]:
    return re.findall(r'class="line-title"[^>]*>([^<]+)<', text_of(answer))


def only_plan() -> Plan:
    return db.session.scalars(db.select(Plan)).one()


# ---- making ----


def where_of(person: Person) -> dict[str, str]:
    campus = person.postings[0].campus
    return {"place": f"{campus.memberships[0].group_id}-{campus.id}", "visibility": "personal"}


def test_a_plan_is_made_with_the_title_and_periods_of_its_topic(
    app: Flask, person: Person, signed_in: SignedIn
) -> None:
    topic = make_topic(title="多边形的面积", periods=3)
    subject_id = topic.unit.volume.edition.subject_id
    answer = signed_in(person).post(
        "/plans/new", data={**where_of(person), "subject": str(subject_id), "topic": str(topic.id)}
    )
    plan = only_plan()
    assert answer.location == f"/plans/{plan.code}/write"
    content = read_plan(document_of(plan.id))
    assert (plan.owner_id, plan.title, content.title, content.periods) == (person.id, "多边形的面积", "多边形的面积", 3)
    assert db.session.scalars(db.select(PlanUpdate.person_id)).all() == [person.id]


def test_two_clicks_make_a_plan_for_a_class_that_one_teaches(app: Flask, signed_in: SignedIn) -> None:
    group = make_group()
    campus = make_campus(group)
    person, subject = make_person(campus), make_subject("数学")
    make_topic(subject, "小数乘整数", grade=5)
    make_assignment(person, make_class(campus, grade=5), subject)
    prep_group = make_prep_group(group, subject, grade=5)
    client = signed_in(person)
    page = text_of(client.get("/plans/new"))
    assert "小数乘整数" in page
    chosen = re.findall(r'<input type="hidden" name="(subject|place)" value="([^"]+)"', page)
    chosen += re.findall(r'<option value="(\d+)" selected>(数学备课组)', page)
    assert ("subject", str(subject.id)) in chosen
    assert (str(prep_group.id), "数学备课组") in chosen
    assert re.search(r'value="prep_group" checked', page)


def test_the_lesson_after_the_last_plan_is_chosen_already(app: Flask, person: Person, signed_in: SignedIn) -> None:
    first = make_topic(title="第一课")
    second = type(first)(unit=first.unit, title="第二课", rank=1)
    db.session.add(second)
    make_plan(person, topic=first)
    page = text_of(signed_in(person).get("/plans/new"))
    assert re.search(rf'name="topic" value="{second.id}" form="new-plan" checked', page)
    assert "已有 1 份" in page


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"place": "1-9999"}, "您目前不在这个校区任职"),
        ({"place": ""}, "请选择校区"),
        ({"subject": "x"}, "请选择学科"),
        ({"subject": "9999"}, "请选择学科"),
        ({"topic": "9999"}, "这一课不在所选学科的教材里"),
        ({"prep_group": "9999"}, "您不在这个备课组里"),
        ({"visibility": "prep_group"}, "请先选择备课组"),
        ({"title": "长" * 201}, "课题请不超过 200 个字"),
    ],
)
def test_a_plan_is_not_made_from_what_makes_no_sense(
    app: Flask, person: Person, signed_in: SignedIn, wrong: dict[str, str], sentence: str
) -> None:
    data = {**where_of(person), "subject": str(make_subject().id), **wrong}
    answer = signed_in(person).post("/plans/new", data=data)
    assert answer.status_code == 422
    assert sentence in answer.get_data(as_text=True)
    assert db.session.scalars(db.select(Plan)).all() == []


def test_somebody_without_a_campus_is_told_why_they_cannot_make_a_plan(app: Flask, signed_in: SignedIn) -> None:
    assert "您目前没有任职的校区" in text_of(signed_in(make_person(posted=False)).get("/plans/new"))


def test_who_works_at_a_campus_of_no_group_is_told_so(signed_in: SignedIn) -> None:
    person = make_person()
    person.postings[0].campus.memberships.clear()
    for page in ("/plans/new", "/plans/import"):
        assert "您的校区目前不属于任何集团" in text_of(signed_in(person).get(page))


# ---- lists ----


def test_lists_show_what_their_scope_means(app: Flask, signed_in: SignedIn) -> None:
    group, subject = make_group(), make_subject()
    here, there = make_campus(group), make_campus(group)
    person, neighbour, stranger = make_person(here), make_person(here), make_person(there)
    prep_group = make_prep_group(group, subject, members=[person])
    make_plan(person, title="我的")
    make_plan(stranger, title="请我写的", writers=[person])
    make_plan(stranger, title="组里的", visibility=Visibility.PREP_GROUP, prep_group=prep_group)
    make_plan(neighbour, title="校区的", visibility=Visibility.CAMPUS)
    make_plan(neighbour, title="别人的")
    make_plan(stranger, title="集团的", visibility=Visibility.GROUP)
    make_plan(title="外面公开的", visibility=Visibility.PUBLIC)
    client = signed_in(person)

    def listed(scope: str) -> set[str]:
        return set(titles_in(client.get(f"/plans?scope={scope}")))

    assert listed("mine") == {"我的", "请我写的"}
    assert listed("prep") == {"组里的"}
    assert listed("campus") == {"我的", "校区的"}
    assert listed("group") == {"我的", "请我写的", "组里的", "校区的", "集团的"}
    assert listed("public") == {"外面公开的"}


def test_lists_begin_with_the_plan_changed_last(app: Flask, person: Person, signed_in: SignedIn) -> None:
    for hours in (3, 1, 2):
        make_plan(person, title=f"{hours}小时前", changed_at=now() - timedelta(hours=hours))
    assert titles_in(signed_in(person).get("/plans")) == ["1小时前", "2小时前", "3小时前"]


def test_filters_narrow_a_list(app: Flask, person: Person, signed_in: SignedIn) -> None:
    maths = make_subject()
    areas = make_topic(maths, "面积")
    make_plan(person, title="面积一", topic=areas, state=PlanState.COMMON)
    make_plan(person, title="面积二 100%", subject=maths)
    make_plan(person, title="散文")
    client = signed_in(person)
    volume_id = areas.unit.volume_id

    def listed(query: str) -> set[str]:
        return set(titles_in(client.get(f"/plans?scope=mine&{query}")))

    assert listed(f"subject={maths.id}") == {"面积一", "面积二 100%"}
    for below in (f"volume={volume_id}", f"volume={volume_id}&unit={areas.unit_id}"):
        assert listed(f"subject={maths.id}&{below}") == {"面积一"}
    assert listed(f"subject={maths.id}&volume={volume_id}&topic={areas.id}") == {"面积一"}
    assert listed("state=common") == {"面积一"}
    assert listed("words=面积 二") == {"面积二 100%"}
    assert listed("words=0%") == {"面积二 100%"}
    assert listed(f"person={person.name}") == {"面积一", "面积二 100%", "散文"}
    assert listed("person=没有这个人") == set()
    assert listed("subject=abc&state=none&page=x&volume=-1&words=") == {"面积一", "面积二 100%", "散文"}


def test_another_subject_drops_the_volume_chosen_before(app: Flask, person: Person, signed_in: SignedIn) -> None:
    plan, other = make_plan(person, topic=make_topic()), make_topic()
    query = f"scope=mine&subject={plan.subject_id}&volume={other.unit.volume_id}&unit={other.unit_id}&topic={other.id}"
    assert titles_in(signed_in(person).get(f"/plans?{query}")) == [plan.title]


def test_long_lists_are_paged_and_keep_their_filter(app: Flask, person: Person, signed_in: SignedIn) -> None:
    for number in range(31):
        make_plan(person, title=f"课题{number}")
    client = signed_in(person)
    first = client.get("/plans?scope=mine&words=课题")
    assert len(titles_in(first)) == 30
    onward = re.search(r'rel="next" href="([^"]+)"', text_of(first))
    assert onward
    second = client.get(onward[1].replace("&amp;", "&"))
    assert len(titles_in(second)) == 1
    assert len(titles_in(client.get("/plans?page=99"))) == 1, "a page beyond the last shows the last"


def test_empty_lists_say_what_to_do(app: Flask, person: Person, signed_in: SignedIn) -> None:
    client = signed_in(person)
    assert "您还没有教案" in text_of(client.get("/plans"))
    for scope in ("prep", "campus", "group", "public"):
        assert 'class="empty"' in text_of(client.get(f"/plans?scope={scope}"))
    assert "清除条件" in text_of(client.get("/plans?words=x"))


def test_people_who_are_not_signed_in_see_the_public_list_only(app: Flask, client: FlaskClient) -> None:
    make_plan(title="公开的", visibility=Visibility.PUBLIC)
    make_plan(title="集团的", visibility=Visibility.GROUP)
    assert titles_in(client.get("/plans")) == ["公开的"]
    assert "/sign-in" in (client.get("/plans?scope=group").location or "")


@pytest.mark.parametrize(
    ("path", "queries"),
    [("/plans?scope=mine", 8), ("/plans?scope=prep", 8), ("/plans?scope=group", 8), ("/plans?scope=public", 8)],
)
def test_a_list_costs_the_same_queries_however_long(app: Flask, signed_in: SignedIn, path: str, queries: int) -> None:
    person, subject = make_person(), make_subject()
    group = person.postings[0].campus.memberships[0].group
    prep_group = make_prep_group(group, subject, members=[person])
    client = signed_in(person)

    def add(count: int) -> None:
        for _ in range(count):
            topic = make_topic(subject)
            make_plan(person, topic=topic, visibility=Visibility.PUBLIC, prep_group=prep_group)

    add(1)
    client.get(path)
    for more in (0, 12):
        add(more)
        with queries_counted() as asked:
            assert len(titles_in(client.get(path))) == 1 + more
        assert len(asked) == queries, "\n".join(asked)


# ---- reading ----


def test_a_plan_is_read_in_the_order_of_the_template(app: Flask, person: Person, signed_in: SignedIn) -> None:
    plan = make_plan(person, content=CONTENT)
    page = text_of(signed_in(person).get(f"/plans/{plan.code}"))
    assert page.index('id="objectives"') < page.index('id="steps"') < page.index('id="other"')
    assert "会画平行四边形的高" in page
    assert "出示&lt;两块&gt;菜地" in page
    assert "可见：" in page
    assert "四栏表" in page
    assert 'class="step-table"' in text_of(signed_in(person).get(f"/plans/{plan.code}?steps=table"))


def test_the_reading_view_follows_the_document(app: Flask, person: Person, signed_in: SignedIn) -> None:
    from lessons.coediting import change_document
    from lessons.text.document import write_section

    plan, client = make_plan(person, content=CONTENT), signed_in(person)
    client.get(f"/plans/{plan.code}")
    change_document(plan.id, lambda doc: write_section(doc, "objectives", [paragraph("会算面积")]))
    page = text_of(client.get(f"/plans/{plan.code}"))
    assert "会算面积" in page
    assert "会画平行四边形的高" not in page


def test_a_public_plan_is_read_without_signing_in_but_not_changed(app: Flask, client: FlaskClient) -> None:
    plan = make_plan(content=CONTENT, visibility=Visibility.PUBLIC)
    page = text_of(client.get(f"/plans/{plan.code}"))
    assert "会画平行四边形的高" in page
    assert f"/plans/{plan.code}/write" not in page
    for ending in ("/print", "/markdown"):
        assert client.get(f"/plans/{plan.code}{ending}").status_code == 200
    assert "/sign-in" in (client.get(f"/plans/{plan.code}/write").location or "")


READING = ["", "/write", "/print", "/markdown", "/original", "/share"]
POSTING = ["/share", "/state", "/delete", "/restore"]


@pytest.mark.parametrize("ending", READING)
def test_what_one_may_not_see_does_not_exist(app: Flask, person: Person, signed_in: SignedIn, ending: str) -> None:
    plan, client = make_plan(), signed_in(person)
    hidden, missing = client.get(f"/plans/{plan.code}{ending}"), client.get(f"/plans/nosuchplan{ending}")
    assert hidden.status_code == missing.status_code == 404


@pytest.mark.parametrize("ending", POSTING)
def test_only_those_in_charge_share_delete_and_restore(
    app: Flask, person: Person, signed_in: SignedIn, ending: str
) -> None:
    readable = make_plan(visibility=Visibility.PUBLIC)
    answer = signed_in(person).post(
        f"/plans/{readable.code}{ending}", data={"visibility": "personal", "state": "discussing"}
    )
    assert answer.status_code == 404
    db.session.refresh(readable)
    assert (readable.visibility, readable.state, readable.removed_at) == (Visibility.PUBLIC, PlanState.DRAFT, None)


def test_a_reader_is_led_from_the_writing_page_to_the_reading_view(
    app: Flask, person: Person, signed_in: SignedIn
) -> None:
    plan = make_plan(visibility=Visibility.PUBLIC)
    assert signed_in(person).get(f"/plans/{plan.code}/write").location == f"/plans/{plan.code}"


def test_the_writing_page_is_told_what_it_needs(app: Flask, person: Person, signed_in: SignedIn) -> None:
    plan = make_plan(person, content=CONTENT)
    page = text_of(signed_in(person).get(f"/plans/{plan.code}/write"))
    found = re.search(r'id="plan-config">(.+?)</script>', page)
    assert found
    config = app.json.loads(found[1])
    assert (config["plan"], config["schema"], config["role"]) == (plan.code, 2, "editor")
    assert config["person"]["name"] == person.name
    assert [place["key"] for place in config["layout"]][:2] == ["title", "periods"]
    assert config["layout"][-1]["key"] == "other", "a section with text that the template leaves out follows at the end"
    assert config["campuses"] == [{"code": plan.campus.code, "name": plan.campus.short_name}]


@pytest.mark.parametrize("columns", [2, 4])
def test_the_form_has_the_steps_in_two_or_four_columns(
    app: Flask, person: Person, signed_in: SignedIn, columns: int
) -> None:
    plan = make_plan(person, content=CONTENT)
    page = text_of(signed_in(person).get(f"/plans/{plan.code}/print?columns={columns}"))
    steps = page[page.index("form-steps") :]
    head = steps[steps.index("<thead>") : steps.index("</thead>")]
    assert head.count("<th ") == columns
    assert "教学反思" in page, "a form keeps the place to write down what happened"


def test_a_plan_is_downloaded_as_markdown_under_its_title(app: Flask, person: Person, signed_in: SignedIn) -> None:
    plan = make_plan(person, content=PlanContent(title='分数/小数："比较"'))
    answer = signed_in(person).get(f"/plans/{plan.code}/markdown")
    assert answer.mimetype == "text/markdown"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert unquote(answer.headers["Content-Disposition"]).endswith("UTF-8''分数_小数：_比较_.md")
    assert answer.get_data(as_text=True).startswith('# 分数/小数："比较"')


@pytest.mark.parametrize(("ending", "queries"), [("", 16), ("/print", 13), ("/write", 14)])
def test_a_plan_page_costs_the_same_queries_however_long_the_plan(
    app: Flask, signed_in: SignedIn, ending: str, queries: int
) -> None:
    person = make_person()
    long = PlanContent(title="长", steps=[StepContent(id=f"step{n:06}", minutes=1) for n in range(20)])
    client = signed_in(person)
    for content in (PlanContent(title="短"), long):
        plan = make_plan(person, content=content, topic=make_topic())
        path = f"/plans/{plan.code}{ending}"
        client.get(path)
        with queries_counted() as asked:
            assert client.get(path).status_code == 200
        assert len(asked) == queries, "\n".join(asked)


# ---- sharing, states, recycle bin ----


def test_sharing_says_who_reads_and_who_writes(app: Flask, signed_in: SignedIn) -> None:
    campus = make_campus()
    owner, colleague = make_person(campus), make_person(campus, "罗春梅")
    plan, client = make_plan(owner), signed_in(owner)
    found = client.post(f"/plans/{plan.code}/share", data={"visibility": "group", "find": "春", "finding": "1"})
    assert "罗春梅" in text_of(found)
    client.post(f"/plans/{plan.code}/share", data={"visibility": "group", "writer": [str(colleague.id)]})
    db.session.refresh(plan)
    assert plan.visibility is Visibility.GROUP
    assert [writer.person_id for writer in plan.writers] == [colleague.id]
    assert signed_in(colleague).get(f"/plans/{plan.code}/write").status_code == 200
    client.post(f"/plans/{plan.code}/share", data={"visibility": "personal"})
    assert signed_in(colleague).get(f"/plans/{plan.code}").status_code == 404


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"visibility": "everyone"}, "请选择谁可以看到"),
        ({"visibility": "prep_group"}, "请先选择备课组"),
        ({"visibility": "group", "prep_group": "9999"}, "您不在这个备课组里"),
        ({"visibility": "group", "writer": "9999"}, "只能请本集团的老师一起写"),
    ],
)
def test_sharing_refuses_what_makes_no_sense(
    app: Flask, person: Person, signed_in: SignedIn, wrong: dict[str, str], sentence: str
) -> None:
    plan = make_plan(person)
    answer = signed_in(person).post(f"/plans/{plan.code}/share", data=wrong)
    assert answer.status_code == 422
    assert sentence in answer.get_data(as_text=True)
    assert db.session.scalars(db.select(PlanWriter)).all() == []


def test_the_state_goes_step_by_step(app: Flask, person: Person, signed_in: SignedIn) -> None:
    plan, client = make_plan(person), signed_in(person)
    for state in ("discussing", "common", "teaching", "archived", "discussing"):
        assert client.post(f"/plans/{plan.code}/state", data={"state": state}).status_code == 303
        db.session.refresh(plan)
        assert plan.state == state
    assert client.post(f"/plans/{plan.code}/state", data={"state": "archived"}).status_code == 409
    assert client.post(f"/plans/{plan.code}/state", data={"state": "burnt"}).status_code == 422


def test_a_deleted_plan_is_in_its_owners_bin_until_it_is_restored(app: Flask, signed_in: SignedIn) -> None:
    owner = make_person()
    group = owner.postings[0].campus.memberships[0].group
    prep_group = make_prep_group(group)
    lead = make_person(owner.postings[0].campus)
    grant(lead, Role.PREP_LEAD, prep_group_id=prep_group.id)
    plan = make_plan(owner, title="面积", visibility=Visibility.PUBLIC, prep_group=prep_group)
    mine, leads = signed_in(owner), signed_in(lead)

    with travel_to(now() - timedelta(days=10)):
        leads.post(f"/plans/{plan.code}/delete")
    assert leads.get(f"/plans/{plan.code}").status_code == 404
    assert titles_in(leads.get("/plans/bin")) == []
    assert titles_in(mine.get("/plans?scope=mine")) == []
    page = mine.get("/plans/bin")
    assert titles_in(page) == ["面积"]
    assert "还剩 80 天" in text_of(page)
    assert "在回收站里" in text_of(mine.get(f"/plans/{plan.code}"))
    assert mine.get(f"/plans/{plan.code}/write").location == f"/plans/{plan.code}"

    mine.post(f"/plans/{plan.code}/restore")
    assert titles_in(mine.get("/plans?scope=mine")) == ["面积"]
    assert leads.get(f"/plans/{plan.code}").status_code == 200


# ---- the template ----


def test_the_template_is_for_those_who_look_after_it(app: Flask, signed_in: SignedIn) -> None:
    teacher, officer = make_person(), make_person()
    group = officer.postings[0].campus.memberships[0].group
    grant(officer, Role.ACADEMIC_OFFICE, group_id=group.id)
    assert signed_in(teacher).get("/plans/template").status_code == 404
    assert signed_in(teacher).post("/plans/template", data={"group": str(group.id)}).status_code == 404
    assert signed_in(officer).get("/plans/template").status_code == 200


def test_a_changed_template_changes_plans_and_loses_no_text(app: Flask, signed_in: SignedIn) -> None:
    officer = make_person()
    group_id = officer.postings[0].campus.memberships[0].group_id
    grant(officer, Role.GROUP_ADMIN, group_id=group_id)
    plan, client = make_plan(officer, content=CONTENT), signed_in(officer)
    sent = {
        "group": str(group_id),
        "key": ["homework", "steps", "title", "nonsense"],
        "hint-homework": "不超过 20 分钟",
    }

    client.post("/plans/template", data={**sent, "move": "up:steps"})
    template = db.session.get_one(PlanTemplate, group_id)
    assert [section["key"] for section in template.sections] == ["title", "periods", "steps", "homework"]
    assert template.sections[-1]["hint"] == "不超过 20 分钟"
    page = text_of(client.get(f"/plans/{plan.code}"))
    assert page.index('id="steps"') < page.index('id="objectives"'), "text the template leaves out follows at the end"

    client.post("/plans/template", data={**sent, "move": "out:homework"})
    client.post("/plans/template", data={**sent, "key": ["steps"], "move": "in:board"})
    db.session.refresh(template)
    assert [section["key"] for section in template.sections] == ["title", "periods", "steps", "board"]
    assert client.post("/plans/template", data={**sent, "hint-homework": "长" * 201}).status_code == 422


# ---- import ----


def sent_files(*files: tuple[str, bytes]) -> list[tuple[io.BytesIO, str]]:
    return [(io.BytesIO(data), name) for name, data in files]


def test_an_imported_file_becomes_a_plan_with_the_file_beside_it(
    app: Flask, person: Person, signed_in: SignedIn
) -> None:
    topic = make_topic(title="太空陨石")
    data = "# 太空陨石\n\n## 教学目标\n\n会用列表\n".encode()
    where = {**where_of(person), "subject": str(topic.unit.volume.edition.subject_id)}
    client = signed_in(person)
    answer = client.post("/plans/import", data={**where, "file": sent_files(("教案 <1>.md", data))})
    plan = only_plan()
    assert answer.location == f"/plans/{plan.code}?imported=1"
    assert (plan.title, plan.topic_id) == ("太空陨石", topic.id)
    page = text_of(client.get(f"/plans/{plan.code}"))
    assert "会用列表" in page
    assert "教案 &lt;1&gt;.md" in page

    original = client.get(f"/plans/{plan.code}/original")
    assert original.data == data
    assert original.mimetype == "application/octet-stream"
    assert original.headers["X-Content-Type-Options"] == "nosniff"
    assert original.headers["Content-Disposition"].startswith("attachment")
    original.close()


def test_a_file_that_cannot_be_read_does_not_stop_the_others(app: Flask, person: Person, signed_in: SignedIn) -> None:
    where = {**where_of(person), "subject": str(make_subject().id)}
    files = sent_files(
        ("坏的.docx", b"PK\x03\x04 not a zip"), ("好的.md", "# 好的\n\n正文".encode()), ("程序.exe", b"MZ")
    )
    page = text_of(signed_in(person).post("/plans/import", data={**where, "file": files}))
    assert titles_in_text(page) == ["好的"]
    assert "坏的.docx" in page
    assert "程序.exe" in page
    assert len(db.session.scalars(db.select(PlanOriginal)).all()) == 1


def titles_in_text(page: str) -> list[str]:
    return re.findall(r'class="line-title"[^>]*>([^<]+)<', page)


def test_importing_nothing_or_nowhere_is_refused(app: Flask, person: Person, signed_in: SignedIn) -> None:
    client, where = signed_in(person), {**where_of(person), "subject": str(make_subject().id)}
    assert client.post("/plans/import", data=where).status_code == 422
    file = {"file": sent_files(("a.md", b"# a"))}
    assert client.post("/plans/import", data={**where, "place": "1-9999", **file}).status_code == 422
    kept = originals.path_of("x").parent
    assert not kept.exists() or list(kept.iterdir()) == [], "no file is kept for a plan that was not made"
