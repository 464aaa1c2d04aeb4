"""Whatever changes is found anew, however it was written; what was missed is found out; what broke off is done again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pycrdt import Doc, Map
from sqlalchemy import delete, insert, select, text, update

from foundation.clock import now
from foundation.database import db
from lessons.actions import create_plan, delete_plan, restore_plan
from lessons.coediting import change_document
from lessons.models import Plan, PlanWriter
from lessons.text.content import PlanContent, StepContent, paragraph
from library.models import ResourcePage, ResourceVersion
from schools.access import Standing, standing_of
from schools.models import Campus, Person, Posting, PrepGroup, Visibility
from search import indexing, outbox
from search.documents import Kind
from search.index import Place
from search.models import SearchOutbox
from search.service import Search
from tests.factories import (
    LONG_AGO,
    make_assignment,
    make_campus,
    make_class,
    make_group,
    make_person,
    make_plan,
    make_prep_group,
    make_resource,
    make_subject,
    make_topic,
)

pytestmark = pytest.mark.usefixtures("app")

Look = Callable[[], None]


@pytest.fixture
def teacher() -> Person:
    return make_person(make_campus(make_group()), "苏曼")


@pytest.fixture
def found(search: Search, worker: Look, teacher: Person) -> Callable[[str], list[tuple[Kind, int]]]:
    def look(words: str) -> list[tuple[Kind, int]]:
        worker()
        return [(hit.kind, hit.id) for hit in search.search(standing_of(teacher), words).hits]

    return look


Found = Callable[[str], list[tuple[Kind, int]]]


def test_a_plan_is_found_by_its_sections_and_steps_and_the_hit_says_which(
    search: Search, worker: Look, teacher: Person
) -> None:
    content = PlanContent(
        title="富饶的西沙群岛",
        sections={"objectives": [paragraph("感受海岛的富饶")]},
        steps=[StepContent(id="abc0000001", title="导入", teacher=[paragraph("播放珊瑚的录像")])],
    )
    campus = teacher.postings[0].campus
    plan = create_plan(
        teacher,
        group_id=campus.memberships[0].group_id,
        campus_id=campus.id,
        subject_id=make_subject("语文").id,
        content=content,
    )
    worker()

    def place(words: str) -> Place | None:
        (hit,) = search.search(standing_of(teacher), words).hits
        assert (hit.kind, hit.code) == (Kind.PLAN, plan.code)
        return hit.part

    assert place("珊瑚的录像") == Place("step", "abc0000001", "导入")
    assert place("海岛的富饶") == Place("section", "objectives", "")
    assert place("西沙群岛") is None


def test_a_plan_is_found_by_what_was_just_written(found: Found, teacher: Person) -> None:
    plan = make_plan(teacher, title="圆的认识")
    assert found("圆规") == []

    def write(doc: Doc[Any]) -> None:
        doc.get("meta", type=Map)["title"] = "用圆规画圆"

    change_document(plan.id, write)
    assert found("圆规") == [(Kind.PLAN, plan.id)]


def test_what_is_in_the_recycle_bin_is_not_found_until_it_comes_back(found: Found, teacher: Person) -> None:
    plan = make_plan(teacher, title="鹦鹉洲")
    delete_plan(teacher, plan)
    assert found("鹦鹉洲") == []
    restore_plan(teacher, plan)
    assert found("鹦鹉洲") == [(Kind.PLAN, plan.id)]
    db.session.execute(delete(Plan).where(Plan.id == plan.id))
    assert found("鹦鹉洲") == []


def test_a_file_is_found_by_the_page_of_its_newest_version(search: Search, worker: Look, teacher: Person) -> None:
    resource = make_resource(teacher, name="西沙.pptx", title="西沙")
    first = resource.versions[0]
    db.session.add_all(
        ResourcePage(version_id=first.id, number=n, text=f"第{n}页 {word}") for n, word in ((6, "珊瑚"), (7, "海参"))
    )
    worker()
    (hit,) = search.search(standing_of(teacher), "海参").hits
    assert hit.part == Place("page", "7", "")
    given = {"key": "k2", "name": "新.pptx", "size": 1, "sha256": "0"}
    db.session.add(ResourceVersion(resource_id=resource.id, number=2, **given))
    resource.number = 2
    worker()
    assert search.search(standing_of(teacher), "海参").total == 0
    assert search.search(standing_of(teacher), "西沙").total == 1


def test_a_colleague_is_found_by_name_pinyin_initials_and_subject(found: Found, teacher: Person) -> None:
    colleague = make_person(teacher.postings[0].campus, "欧阳雨晴")
    school_class = make_class(teacher.postings[0].campus)
    make_assignment(colleague, school_class, make_subject("天文"))
    for words in ("欧阳", "雨晴", "晴", "ouyangyuqing", "oyyq", "ouy", "天文 欧阳"):
        assert found(words)[:1] == [(Kind.PERSON, colleague.id)], words
    colleague.name = "欧阳雨轩"
    assert found("雨晴") == []


def test_many_rows_changed_by_one_statement_are_found_anew(found: Found, teacher: Person) -> None:
    plans = [make_plan(teacher, title=f"鹦鹉{number}") for number in range(2)]
    other = make_campus(make_group())
    db.session.execute(update(Plan).where(Plan.title.startswith("鹦鹉")).values(title="画眉"))
    assert len(found("画眉")) == 2
    assert found("鹦鹉") == []
    db.session.execute(update(Plan), [{"id": plan.id, "title": "杜鹃"} for plan in plans])
    assert len(found("杜鹃")) == 2
    rows = [{"id": 9000 + n, "name": f"闻人{n}", "pinyin": "wenren wr", "staff_number": f"N{n}"} for n in range(2)]
    db.session.execute(insert(Person), rows)
    campus_id = teacher.postings[0].campus_id
    posted = [
        {"person_id": 9000 + n, "campus_id": campus_id, "kind": "home", "share_percent": 100, "from_day": LONG_AGO}
        for n in range(2)
    ]
    db.session.execute(insert(Posting), posted)
    assert len(found("闻人")) == 2
    db.session.execute(update(Posting).where(Posting.person_id == 9001).values(campus_id=other.id))
    assert found("闻人") == [(Kind.PERSON, 9000)]


def test_what_hangs_on_a_changed_name_is_found_by_the_new_one(found: Found, teacher: Person) -> None:
    topic = make_topic(title="鹦鹉洲")
    prep_group = make_prep_group(teacher.postings[0].campus.memberships[0].group, members=[teacher], grade=5)
    plan = make_plan(teacher, title="古诗一首", topic=topic, prep_group=prep_group, visibility=Visibility.PREP_GROUP)
    assert found("鹦鹉洲") == [(Kind.PLAN, plan.id)]
    topic.unit.title = "白鹭单元"
    assert found("白鹭") == [(Kind.PLAN, plan.id)]
    db.session.delete(topic)
    assert found("白鹭") == []
    db.session.execute(delete(PrepGroup).where(PrepGroup.id == prep_group.id))
    assert found("古诗") == [(Kind.PLAN, plan.id)]
    assert found("苏曼 古诗")[0] == (Kind.PLAN, plan.id)
    teacher.name = "苏梅"
    assert found("苏梅 古诗")[0] == (Kind.PLAN, plan.id)


def waiting() -> list[tuple[str, int]]:
    return list(db.session.execute(select(SearchOutbox.kind, SearchOutbox.object_id)).tuples())


def test_what_is_rolled_back_and_what_changes_no_document_is_not_noted(worker: Look, teacher: Person) -> None:
    plan = make_plan(teacher)
    worker()
    plan.title = "另一个题目"
    db.session.flush()
    assert waiting() == [("plan", plan.id)]
    db.session.rollback()
    teacher.theme = "dark"
    db.session.get_one(Campus, plan.campus_id).address = "牡丹江路"
    db.session.commit()
    assert waiting() == []
    plan.title = "另一个题目"
    db.session.commit()
    assert waiting() == [("plan", plan.id)]


def test_what_was_missed_is_found_out_and_repaired(found: Found, search: Search, teacher: Person) -> None:
    missed, gone, same = (make_plan(teacher, title=title) for title in ("遗漏", "多余", "照旧"))
    found("照旧")
    later = (now() + timedelta(seconds=5)).strftime("%Y-%m-%d %H:%M:%S.%f")
    db.session.execute(
        text("UPDATE plan SET title = '补上', changed_at = :at WHERE id = :id"), {"at": later, "id": missed.id}
    )
    search.index.put([], gone=[(Kind.PLAN, gone.id)])
    db.session.execute(text("UPDATE plan SET visibility = 'group' WHERE id = :id"), {"id": same.id})
    db.session.commit()
    assert indexing.repair() == 3
    assert [len(found(words)) for words in ("补上", "多余", "照旧")] == [1, 1, 1]
    assert indexing.repair() == 0


def test_a_missed_change_of_who_may_write_in_a_plan_is_found_out(search: Search, worker: Look, teacher: Person) -> None:
    other = make_person(make_campus(make_group()), "赵宁")
    plan = make_plan(teacher, title="鹦鹉")
    worker()

    def found_by_other() -> int:
        worker()
        return search.search(standing_of(other), "鹦鹉").total

    def missed(change: Any) -> int:
        db.session.execute(change)
        db.session.execute(delete(SearchOutbox))
        db.session.commit()
        return indexing.repair()

    assert found_by_other() == 0
    assert missed(insert(PlanWriter).values(plan_id=plan.id, person_id=other.id)) == 1
    assert found_by_other() == 1
    assert missed(delete(PlanWriter).where(PlanWriter.plan_id == plan.id)) == 1
    assert found_by_other() == 0
    ended = update(Posting).where(Posting.person_id == teacher.id).values(from_day=Posting.to_day)
    assert missed(ended.values(from_day=now().date())) == 1


def test_what_is_changed_last_does_not_wait_for_the_many_that_hang_on_a_campus(
    search: Search, worker: Look, teacher: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    plans = [make_plan(teacher, title=f"鹦鹉{number}") for number in range(9)]
    worker()
    monkeypatch.setattr(indexing, "AT_ONCE", 2)
    put = search.index.put
    titles: list[set[str]] = []

    def change_meanwhile(documents: Any, gone: Any = ()) -> None:
        if not titles:
            plans[0].title = "画眉"
            db.session.commit()
        put(documents, gone)
        titles.append({document.title for document in documents} & {"画眉"})

    monkeypatch.setattr(search.index, "put", change_meanwhile)
    teacher.postings[0].campus.short_name = "新校区"
    worker()
    assert titles[1] == {"画眉"}
    assert len(titles) > 5


def test_what_changes_while_the_index_is_made_anew_is_found_in_the_old_one_and_in_the_new_one(
    search: Search, teacher: Person
) -> None:
    plan = make_plan(teacher, title="鹦鹉")
    kept: set[int] = set()
    session = db.session()

    def found(words: str) -> int:
        return search.search(standing_of(teacher), words).total

    def change_meanwhile(done: int, total: int) -> None:
        plan.title = "画眉"
        session.commit()
        assert indexing.drain(kept) > 0
        assert (found("鹦鹉"), found("画眉")) == (0, 1)
        assert indexing.drain(kept) == 0

    indexing.rebuild(change_meanwhile)
    assert (found("鹦鹉"), found("画眉")) == (1, 0)
    while indexing.drain(kept):
        session.rollback()
    assert (found("鹦鹉"), found("画眉")) == (0, 1)
    assert waiting() == []


def test_a_worker_that_ends_before_it_has_emptied_the_outbox_does_it_again(
    search: Search, worker: Look, teacher: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = make_plan(teacher, title="鹦鹉")

    def end() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(indexing, "commit", end)
    with pytest.raises(KeyboardInterrupt):
        indexing.drain()
    monkeypatch.undo()
    assert waiting() != []
    worker()
    assert waiting() == []
    assert search.search(standing_of(teacher), "鹦鹉").total == 1
    assert outbox.hanging_on(db.session(), "plan", plan.id) == {(Kind.PLAN, plan.id)}


def test_who_is_not_signed_in_finds_what_is_public(search: Search, worker: Look, teacher: Person) -> None:
    public = make_plan(teacher, title="公开课《鹦鹉》", visibility=Visibility.PUBLIC)
    make_plan(teacher, title="《鹦鹉》草稿", visibility=Visibility.GROUP)
    worker()
    nobody: Standing = standing_of(None)
    assert [hit.id for hit in search.search(nobody, "鹦鹉").hits] == [public.id]
