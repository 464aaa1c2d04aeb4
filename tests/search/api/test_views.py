"""The search for other tools: the same rights, and answers as the OpenAPI document says."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from library.models import ResourceKind
from schools.models import Person, Visibility
from search.index import FILTERS
from tests.factories import make_campus, make_group, make_person, make_plan, make_resource, make_subject
from tests.search.api.schemas import faults
from tests.search.places import index_everything, with_pages

Browser = Callable[[Person], FlaskClient]


def document(client: FlaskClient) -> dict[str, Any]:
    found = client.get("/api/v1/openapi.json").json
    assert found is not None
    return found


def answered(client: FlaskClient, query: str) -> dict[str, Any]:
    """The answer, which keeps to the document."""
    answer = client.get(f"/api/v1/search?{query}")
    assert answer.status_code == 200, answer.text
    described = document(client)
    schema = described["paths"]["/api/v1/search"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert answer.json is not None
    assert faults(answer.json, schema, described) == []
    return answer.json


def test_an_answer_names_the_page_and_says_what_the_document_says(signed_in: Browser) -> None:
    group = make_group()
    wang, li = make_person(make_campus(group)), make_person(make_campus(group))
    subject = make_subject()
    shared = {"visibility": Visibility.GROUP, "subject": subject}
    slides = make_resource(wang, name="平行四边形.pptx", kind=ResourceKind.SLIDES, **shared)  # type: ignore[arg-type]
    with_pages(slides, "封面", "割补法：沿高剪开")
    make_plan(wang, title="平行四边形的面积", **shared)  # type: ignore[arg-type]
    make_plan(wang, title="平行四边形草稿")
    index_everything()
    browser = signed_in(li)
    found = answered(browser, "q=割补法")
    hit = found["hits"][0]
    assert (hit["code"], hit["page"], hit["step"]) == (slides.code, 2, None)
    assert hit["url"] == f"http://localhost/resources/{slides.code}/preview?page=2"
    assert [hit["snippet"][begin:end] for begin, end in hit["snippet_hits"]] == ["割补法"]
    everything = answered(browser, "kind=plan&kind=resource&sort=date")
    assert everything["total"] == 2
    assert {"value": subject.id, "name": subject.name, "count": 2} in everything["facets"]["subject"]
    assert answered(browser, f"q=平行四边形&subject={subject.id}&type=slides")["total"] == 1
    assert answered(browser, "q=平行四边形&page=7")["hits"] == []


def test_values_of_facets_are_named_in_the_language_of_the_request(signed_in: Browser) -> None:
    wang = make_person(make_campus(make_group()), "王芳")
    resource = make_resource(wang, kind=ResourceKind.SLIDES, subject=make_subject("劳动"))
    resource.grade, resource.term = 3, "2026-1"
    index_everything()
    browser = signed_in(wang)

    def names() -> dict[str, str]:
        facets = answered(browser, "kind=resource")["facets"]
        return {facet: values[0]["name"] for facet, values in facets.items() if values}

    chinese = names()
    assert (chinese["subject"], chinese["type"], chinese["person"], chinese["kind"]) == ("劳动", "课件", "王芳", "资源")
    assert (chinese["grade"], chinese["term"]) == ("三年级", "2026—2027学年上学期")
    browser.set_cookie("language", "en")
    assert (names()["type"], names()["kind"]) == ("Slides", "Resources")
    assert set(chinese) == set(names())


def test_every_parameter_is_described(client: FlaskClient) -> None:
    described = document(client)["paths"]["/api/v1/search"]["get"]["parameters"]
    assert {each["name"] for each in described} == {"q", "page", "sort", *FILTERS}
    assert all(each["description"] and each["in"] == "query" for each in described)


def test_the_document_is_one_of_openapi_3_1_without_loose_ends(client: FlaskClient) -> None:
    found = document(client)
    assert found["openapi"] == "3.1.0"
    named = set()

    def walk(part: Any) -> None:
        if isinstance(part, dict):
            named.update({part["$ref"]} if "$ref" in part else set())
            part = list(part.values())
        for each in part if isinstance(part, list) else ():
            walk(each)

    walk(found)
    assert {name.rpartition("/")[2] for name in named} <= set(found["components"]["schemas"])


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("page=0", "page"),
        ("page=x", "page"),
        ("sort=best", "sort"),
        ("subject=数学", "subject"),
        ("kind=pupil", "kind"),
        ("query=a", "query"),
        ("q=" + "长" * 300, "q"),
    ],
)
def test_a_parameter_that_makes_no_sense_is_refused_with_a_sentence(
    person: Person, signed_in: Browser, query: str, field: str
) -> None:
    browser = signed_in(person)
    answer = browser.get(f"/api/v1/search?{query}")
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    problem = answer.json
    assert problem is not None
    assert field in problem["fields"]
    assert problem["detail"].startswith(f"参数 {field}：")
    assert (problem["status"], problem["code"]) == (422, "invalid")


def test_who_is_not_signed_in_is_told_so_in_json(client: FlaskClient) -> None:
    answer = client.get("/api/v1/search?q=a", headers={"Accept": "text/html"})
    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"
    described = document(client)
    assert answer.json is not None
    assert faults(answer.json, described["components"]["schemas"]["Problem"], described) == []
    missing = client.get("/api/v1/nothing")
    assert (missing.status_code, missing.mimetype) == (404, "application/problem+json")
