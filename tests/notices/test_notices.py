"""Telling people things: what they find in the product, and what is sent to them."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import gettext

from foundation.clock import travel_to
from foundation.database import commit, db, writing
from foundation.mail import NotSent
from notices import kinds
from notices.actions import KEPT, forget_old, notify, urgent_now
from notices.kinds import Facts, sentence
from notices.mailing import send_due
from notices.models import MailAddress, Notice
from schools.models import Person
from tests.databases import on_both_databases
from tests.factories import make_campus, make_person
from tests.lessons.queries_counted import queries_counted
from tests.notices.letterbox import Letterbox, letterbox

Browser = Callable[[Person], FlaskClient]
MONDAY = datetime(2026, 9, 7, 4, tzinfo=UTC)  # 12:00 at school
HALF_PAST_FOUR = datetime(2026, 9, 7, 8, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def a_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "_sentences", dict(kinds._sentences))

    @sentence("test_moved")
    def moved(facts: Facts) -> str:
        return f"{facts['class']} → {gettext('今天')}"


@pytest.fixture(autouse=True)
def monday() -> Iterator[None]:
    with travel_to(MONDAY):
        yield


def tell(*people: Person, to: str = "三(2)班", **more: Any) -> None:
    with writing():
        notify([each.id for each in people], "test_moved", {"class": to}, "/timetable", **more)
        commit()


def kept() -> list[tuple[int, str]]:
    rows = db.session.query(Notice).order_by(Notice.id)
    return [(each.person_id, each.facts["class"]) for each in rows]


@on_both_databases
def test_three_moves_of_one_lesson_are_one_notice_until_it_is_read(app: Flask, signed_in: Browser) -> None:
    wang, li = make_person(), make_person()
    for to in ("一班", "二班", "三班"):
        tell(wang, wang, li, to=to, about="lesson:7", but=li.id)
    assert kept() == [(wang.id, "三班")]
    signed_in(wang).post("/notices/read")
    tell(wang, to="四班", about="lesson:7")
    tell(wang, to="五班", about="lesson:8")
    assert [each for _, each in kept()] == ["三班", "四班", "五班"]


def test_a_kind_that_nobody_words_is_a_mistake_of_the_program(app: Flask) -> None:
    with pytest.raises(ValueError, match="no_such"):
        notify([1], "no_such", {}, "/")


@pytest.mark.parametrize(("minutes", "urgent"), [(-1, False), (0, True), (30, True), (31, False)])
def test_urgent_is_what_begins_within_half_an_hour(minutes: int, urgent: bool) -> None:
    assert urgent_now(MONDAY + timedelta(minutes=minutes)) is urgent


@on_both_databases
def test_the_bell_counts_the_page_lists_and_opening_leads_on(signed_in: Browser) -> None:
    wang, li = make_person(), make_person()
    tell(wang, to="一班")
    with travel_to(MONDAY - timedelta(days=1)):
        tell(wang, to="二班")
    tell(li, to="别人的")
    client = signed_in(wang)
    page = client.get("/notices").get_data(as_text=True)
    assert "2 条未读" in page
    assert "一班 → 今天" in page
    assert "别人的" not in page
    assert page.index("一班") < page.index("昨天") < page.index("二班")
    first = db.session.query(Notice).filter_by(person_id=wang.id).order_by(Notice.id).first()
    assert first is not None
    opened = client.get(f"/notices/{first.id}")
    assert (opened.status_code, opened.location) == (303, "/timetable")
    assert "1 条未读" in client.get("/").get_data(as_text=True)
    others = db.session.query(Notice).filter_by(person_id=li.id).one()
    assert client.get(f"/notices/{others.id}").location == "/notices"
    assert db.session.get_one(Notice, others.id).read_at is None


def test_an_open_page_hears_of_what_is_new_and_shouts_what_is_urgent_once(signed_in: Browser) -> None:
    wang = make_person(language="en")
    client = signed_in(wang)
    found = re.search(r'data-mark="([^"]+)"', client.get("/").get_data(as_text=True))
    assert found
    asked = f"/notices/news?mark={found[1]}"
    assert client.get(asked).status_code == 204
    with travel_to(MONDAY + timedelta(seconds=30)):
        tell(wang, urgent=True)
        news = client.get(asked).get_json()
        assert (news["count"], [each["text"] for each in news["urgent"]]) == (1, ["三(2)班 → Today"])
        assert client.get(f"/notices/news?mark={news['mark']}").status_code == 204
        assert "data-urgent" in client.get("/").get_data(as_text=True)
    with travel_to(MONDAY + timedelta(hours=1)):
        assert client.get("/notices/news").get_json()["urgent"] == []
        assert "data-urgent" not in client.get("/").get_data(as_text=True)


def test_however_many_notices_there_are_a_page_asks_the_same_questions(signed_in: Browser) -> None:
    wang = make_person()
    client = signed_in(wang)

    def asked(address: str) -> int:
        with queries_counted() as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    tell(wang)
    few = [asked(address) for address in ("/notices", "/timetable")]
    for number in range(40):
        tell(wang, to=f"{number}班")
    assert [asked(address) for address in ("/notices", "/timetable")] == few
    assert "第 1 页，共 2 页" in client.get("/notices").get_data(as_text=True)


def test_notices_are_forgotten_after_90_days(app: Flask) -> None:
    wang = make_person()
    tell(wang)
    with travel_to(MONDAY + KEPT + timedelta(days=1)), writing():
        forget_old()
    assert kept() == []


class Post:
    """An installation with a mail server, and 王芳 who reads mail."""

    def __init__(self, app: Flask, box: Letterbox, signed_in: Browser) -> None:
        self.app, self.box = app, box
        app.config["SETTINGS"] = replace(
            app.config["SETTINGS"],
            mail_url=box.url,
            mail_from="同课 <tongke@school.cn>",
            site_url="https://tongke.school.cn/",
        )
        self.wang = make_person(make_campus(), "王芳")
        self.client = signed_in(self.wang)

    def add(self, person: Person, address: str, **more: Any) -> None:
        confirmed = MONDAY - timedelta(days=9)
        db.session.add(MailAddress(person_id=person.id, address=address, confirmed_at=confirmed, **more))
        db.session.commit()

    def sent(self, at: datetime | None = None) -> list[str]:
        """To whom letters go now."""
        db.session.commit()
        before = len(self.box.letters)
        with travel_to(at or MONDAY):
            send_due()
        db.session.rollback()
        return [str(letter["To"]) for letter in self.box.letters[before:]]


@pytest.fixture
def post(app: Flask, signed_in: Browser) -> Iterator[Post]:
    with letterbox() as box:
        yield Post(app, box, signed_in)


def test_an_address_counts_once_its_link_was_opened_and_ends_with_a_click(post: Post, client: FlaskClient) -> None:
    assert post.client.post("/account/mail", data={"address": "wang"}).status_code == 422
    assert post.client.post("/account/mail", data={"address": "wang@school.cn"}).status_code == 303
    assert post.client.post("/account/mail", data={"address": "other@school.cn"}).status_code == 429
    assert post.sent() == ["wang@school.cn"]
    assert post.sent() == []
    tell(post.wang)
    assert post.sent(HALF_PAST_FOUR) == []
    link = re.search(r"https://tongke\.school\.cn(/mail/confirm/\S+)", post.box.letters[0].get_content())
    assert link
    client.get(link[1])
    assert db.session.get_one(MailAddress, post.wang.id).confirmed_at is None
    assert client.post(f"{link[1]}x").status_code == 404
    assert "邮箱已确认" in client.post(link[1]).get_data(as_text=True)
    with travel_to(MONDAY + timedelta(minutes=1)):
        tell(post.wang)
    assert post.sent(HALF_PAST_FOUR) == ["wang@school.cn"]
    stop = str(post.box.letters[-1]["List-Unsubscribe"]).strip("<>").removeprefix("https://tongke.school.cn")
    post.app.config["WTF_CSRF_ENABLED"] = True  # mail programs have no token
    assert client.post(stop, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not db.session.get_one(MailAddress, post.wang.id).digest


@on_both_databases
def test_the_digest_waits_for_its_time_what_is_urgent_does_not(post: Post) -> None:
    post.add(post.wang, "wang@school.cn")
    far = make_person(make_campus(zone="Asia/Urumqi"), "阿依", language="en")
    post.add(far, "ayi@school.cn")
    read = make_person()
    post.add(read, "read@school.cn", digest=False)
    for _ in range(2):
        tell(post.wang, far, read)
    assert post.sent() == []
    tell(post.wang, to="马上", urgent=True)
    assert post.sent() == ["wang@school.cn"]
    assert post.sent(HALF_PAST_FOUR - timedelta(minutes=1)) == []
    assert post.sent(HALF_PAST_FOUR) == ["wang@school.cn"]
    digest = post.box.letters[-1]
    assert digest["Subject"] == "同课：2 条新消息"
    assert "https://tongke.school.cn/notices/" in digest.get_content()
    assert post.sent(HALF_PAST_FOUR + timedelta(hours=1)) == []
    assert post.sent(HALF_PAST_FOUR + timedelta(hours=2)) == ["ayi@school.cn"]
    assert post.box.letters[-1]["Subject"] == "Tongke: 2 notices"


def test_what_a_resting_server_did_not_take_goes_out_later(post: Post) -> None:
    post.add(post.wang, "wang@school.cn")
    tell(post.wang)
    there = post.app.config["SETTINGS"]
    post.app.config["SETTINGS"] = replace(there, mail_url="smtp://127.0.0.1:1")
    with pytest.raises(NotSent):
        post.sent(HALF_PAST_FOUR)
    post.app.config["SETTINGS"] = there
    assert post.sent(HALF_PAST_FOUR + timedelta(hours=3)) == ["wang@school.cn"]


def test_an_address_that_does_not_exist_is_said_in_the_product_and_written_to_no_more(post: Post) -> None:
    post.add(post.wang, "wang@school.cn")
    post.box.unknown.add("wang@school.cn")
    tell(post.wang)
    assert post.sent(HALF_PAST_FOUR) == []
    assert "邮件送不到 wang@school.cn" in post.client.get("/notices").get_data(as_text=True)
    assert db.session.get_one(MailAddress, post.wang.id).confirmed_at is None


def test_without_a_mail_server_the_page_says_so_and_takes_no_address(app: Flask, signed_in: Browser) -> None:
    client = signed_in(make_person())
    assert "系统还没有设置邮件服务器" in client.get("/account/mail").get_data(as_text=True)
    assert client.post("/account/mail", data={"address": "wang@school.cn"}).status_code == 409
