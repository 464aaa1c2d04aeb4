"""The pages of the search: what is shown, where it leads, and that nothing is betrayed."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from foundation.database import db
from lessons.text.content import PlanContent, StepContent
from lessons.text.markdown import markdown_to_plan
from library.models import ResourceKind
from schools.models import Person, Role, Visibility
from search.models import SavedSearch
from tests.factories import (
    grant,
    make_assignment,
    make_campus,
    make_class,
    make_group,
    make_person,
    make_plan,
    make_resource,
    make_subject,
    make_topic,
)
from tests.lessons.queries_counted import queries_counted
from tests.search.places import index_everything, with_pages

Browser = Callable[[Person], FlaskClient]


class School:
    """Two campuses of a group, each with a teacher, and somebody of another group; a plan and slides about one lesson."""

    def __init__(self) -> None:
        group = make_group()
        self.group = group
        self.campus = make_campus(group, "桐江小学")
        self.wang = make_person(self.campus, "王敏")
        self.li = make_person(make_campus(group, "青石岭小学"), "李秀兰")
        self.stranger = make_person(name="外人")
        self.subject = make_subject("数学")
        step = markdown_to_plan("## 教学过程\n\n### 情境导入\n\n出示两块菜地，比一比哪一块大。\n").steps[0]
        content = PlanContent(title="平行四边形的面积", steps=[step])
        self.step: StepContent = step
        self.plan = make_plan(self.wang, content=content, subject=self.subject, visibility=Visibility.GROUP)
        self.slides = with_pages(
            make_resource(
                self.wang,
                name="平行四边形的面积课件.pptx",
                kind=ResourceKind.SLIDES,
                visibility=Visibility.GROUP,
                subject=self.subject,
            ),
            "封面",
            "割补法：沿高剪开",
        )
        self.secret = make_resource(self.wang, name="平行四边形秘密练习.docx", kind=ResourceKind.EXERCISES)
        index_everything()


@pytest.fixture
def school(app: Flask) -> School:
    return School()


def test_a_hit_of_each_kind_leads_to_the_very_step_and_page(school: School, signed_in: Browser) -> None:
    browser = signed_in(school.li)
    by_word = browser.get("/search?q=割补法").text
    assert f'href="/resources/{school.slides.code}/preview?page=2"' in by_word
    assert "第 2 页" in by_word
    assert "<mark>" in by_word
    by_step = browser.get("/search?q=两块菜地").text
    assert f'href="/plans/{school.plan.code}#step-{school.step.id}"' in by_step
    by_name = browser.get("/search?q=wangmin").text
    assert f'href="/search?person={school.wang.id}"' in by_name


def test_the_first_page_is_in_groups_and_a_kind_has_pages_of_its_own(school: School, signed_in: Browser) -> None:
    for number in range(25):
        make_resource(school.wang, name=f"平行四边形{number}.docx", visibility=Visibility.GROUP)
    index_everything()
    browser = signed_in(school.li)
    page = browser.get("/search?q=平行四边形").text
    assert 'id="found-plan"' in page
    assert page.count('class="line hit"') == 1 + 5
    assert "全部 26 条" in page
    assert 'rel="next"' in browser.get("/search?q=平行四边形&kind=resource").text
    last = browser.get("/search?q=平行四边形&kind=resource&page=99").text
    assert last.count('class="line hit"') == 6


def test_who_may_not_see_something_finds_no_trace_of_it(school: School, signed_in: Browser) -> None:
    page = signed_in(school.li).get("/search?q=平行四边形").text
    assert "秘密练习" not in page
    assert ">2 条结果" in page
    assert "习题" not in page
    outside = signed_in(school.stranger).get("/search?q=平行四边形").text
    assert "没有找到“平行四边形”" in outside
    assert signed_in(school.stranger).get("/search/suggest?q=平行").json == {"offers": []}


def test_filters_are_plain_boxes_that_the_address_remembers(school: School, signed_in: Browser) -> None:
    browser = signed_in(school.wang)
    page = browser.get("/search?q=平行四边形").text
    assert re.search(r'name="type" value="slides"[^>]*data-submits>', page)
    narrowed = browser.get("/search?q=平行四边形&type=slides").text
    assert re.search(r'name="type" value="slides"[^>]* checked>', narrowed)
    assert narrowed.count('class="line hit"') == 1
    assert "不再限于：课件" in narrowed
    assert "这些条件下没有找到" in browser.get("/search?q=平行四边形&type=paper").text


def test_nonsense_in_the_address_is_left_out(school: School, signed_in: Browser) -> None:
    browser = signed_in(school.wang)
    for query in (
        "q=平行四边形&subject=x&page=-1&sort=?&kind=nothing",
        "q=%00%ff%EF%BF%BE",
        "grade=99",
        "q=" + "平" * 5000,
    ):
        assert browser.get(f"/search?{query}").status_code == 200, query


def test_what_was_perhaps_meant_is_offered(school: School, signed_in: Browser) -> None:
    page = signed_in(school.li).get("/search?q=平形四边型的面机").text
    assert "您是不是要找" in page
    assert "没有完全匹配的，以下是相近的结果。" in page


def test_quick_results_carry_what_was_typed(school: School, signed_in: Browser) -> None:
    answer = signed_in(school.li).get("/search/suggest?q=平行").json
    assert answer is not None
    first = answer["offers"][0]
    assert ["平行", True] in first["title"]
    assert {offer["url"] for offer in answer["offers"]} == {
        f"/plans/{school.plan.code}",
        f"/resources/{school.slides.code}",
    }


def test_before_anything_is_asked_there_is_what_one_teaches(school: School, signed_in: Browser) -> None:
    topic = make_topic(school.subject, grade=3)
    make_assignment(school.li, make_class(school.li.postings[0].campus, grade=3), school.subject)
    make_plan(school.wang, title="三年级的教案", topic=topic, visibility=Visibility.GROUP)
    make_plan(school.wang, title="还没给别人看", topic=topic)
    index_everything()
    page = signed_in(school.li).get("/search").text
    assert "我教的年级学科" in page
    assert "三年级的教案" in page
    assert "还没给别人看" not in page
    assert "写几个字，开始找" in signed_in(school.stranger).get("/search").text


def test_a_search_is_kept_renamed_and_forgotten(school: School, signed_in: Browser) -> None:
    browser = signed_in(school.li)
    kept = browser.post("/search/saved", data={"name": "面积", "q": "面积", "type": ["slides"], "sort": "use"})
    assert kept.location == "/search?q=面积&type=slides&sort=use" or "type=slides" in kept.location
    assert 'href="/search?q=%E9%9D%A2%E7%A7%AF&amp;type=slides&amp;sort=use"' in browser.get("/search").text
    saved = db.session.query(SavedSearch).one()
    other = signed_in(school.wang)
    assert other.post(f"/search/saved/{saved.id}/delete").status_code == 404
    assert browser.post(f"/search/saved/{saved.id}/rename", data={"name": " "}).status_code == 422
    browser.post(f"/search/saved/{saved.id}/rename", data={"name": "图形的面积"})
    assert "图形的面积" in browser.get("/search/saved").text
    assert "图形的面积" not in other.get("/search/saved").text
    browser.post(f"/search/saved/{saved.id}/delete")
    assert "还没有常用搜索" in browser.get("/search/saved").text


def test_nobody_keeps_more_than_fifty(school: School, signed_in: Browser) -> None:
    for number in range(50):
        db.session.add(SavedSearch(person_id=school.li.id, name=f"第{number}个", query={"q": "x"}))
    answer = signed_in(school.li).post("/search/saved", data={"name": "再一个", "q": "面积"})
    assert answer.status_code == 422
    assert "最多保存 50 个" in answer.text


def test_who_is_not_signed_in_is_led_to_the_door(client: FlaskClient) -> None:
    assert client.get("/search?q=a").location.startswith("/sign-in")
    assert client.get("/search/suggest?q=a", headers={"Accept": "application/json"}).status_code == 401


def test_a_page_of_results_asks_the_same_few_questions_however_much_is_found(
    school: School, signed_in: Browser
) -> None:
    browser = signed_in(school.li)
    browser.get("/search?q=平行四边形")
    with queries_counted() as before:
        browser.get("/search?q=平行四边形")
    for number in range(30):
        make_resource(school.wang, name=f"平行四边形{number}.docx", visibility=Visibility.GROUP)
    index_everything()
    with queries_counted() as after:
        browser.get("/search?q=平行四边形")
    assert len(after) == len(before) <= 13


def test_every_page_has_the_box(school: School, signed_in: Browser) -> None:
    grant(school.li, Role.GROUP_ADMIN, group_id=school.group.id)
    browser = signed_in(school.li)
    for address in ("/", "/plans", "/manage", "/search/saved"):
        assert 'data-find="/search/suggest"' in browser.get(address).text, address
