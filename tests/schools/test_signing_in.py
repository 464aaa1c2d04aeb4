"""Signing in and out, throttled guessing, tokens that are exchanged, and the door before every page."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from foundation import happenings
from foundation.clock import now, travel_to
from foundation.database import db
from schools import passwords, signing_in
from schools.actions import SignedOutEverywhere, forget_old_sign_ins
from schools.models import Person, SignIn, SignInFailure
from tests.databases import on_both_databases
from tests.factories import PASSWORD, make_campus, make_person
from tests.lessons.queries_counted import queries_counted
from tests.thrift import REAL_HASHER

FEW = 3
SAME_SENTENCE = "姓名（工号）或密码不对，请再试一次。"


def knock(client: FlaskClient, login: str, password: str = PASSWORD, **more: str) -> TestResponse:
    return client.post("/sign-in", data={"login": login, "password": password, **more})


def is_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def cookie(client: FlaskClient) -> str:
    kept = client.get_cookie("session")
    assert kept
    return kept.value


@pytest.fixture(autouse=True)
def few_failures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing_in, "FAILURES_OF_ACCOUNT", FEW)


@pytest.fixture
def wang(app: Flask) -> Person:
    return make_person(name="王秀英", staff_number="1001", password=PASSWORD)


@on_both_databases
def test_a_teacher_signs_in_with_name_or_staff_number(app: Flask, wang: Person) -> None:
    for login in ("王秀英", "1001", " 1001 "):
        client = app.test_client()
        answer = knock(client, login)
        assert (answer.status_code, answer.location) == (303, "/")
        assert is_in(client)


def test_an_unknown_person_and_a_wrong_password_get_the_same_answer(client: FlaskClient, wang: Person) -> None:
    unknown, wrong = knock(client, "李不存在"), knock(client, "王秀英", "不是这个密码")
    assert unknown.status_code == wrong.status_code == 422
    assert SAME_SENTENCE in unknown.text
    assert SAME_SENTENCE in wrong.text


def test_an_unknown_person_costs_one_hash_as_a_wrong_password_does(
    app: Flask, client: FlaskClient, wang: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified: list[str] = []

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:
            verified.append(str(hash)[:60])
            return bool(super().verify(hash, password))

    monkeypatch.setattr(passwords, "hasher", Counting(time_cost=1, memory_cost=8, parallelism=1))
    knock(client, "李不存在")
    knock(client, "王秀英", "不是这个密码")
    assert len(verified) == 2
    parameters = [found.rsplit("$", 1)[0].rsplit("$", 1)[0] for found in verified]
    assert parameters[0] == parameters[1]


def test_people_without_a_password_cannot_sign_in(client: FlaskClient) -> None:
    make_person(name="还没有密码")
    for password in ("", "nobody has this password"):
        assert knock(client, "还没有密码", password).status_code == 422


def test_people_who_have_left_cannot_sign_in(client: FlaskClient) -> None:
    person = make_person(name="已经离开", password=PASSWORD)
    knock(client, "已经离开")
    assert is_in(client)
    person.left_at = now()
    assert not is_in(client)
    assert knock(client, "已经离开").status_code == 422


def test_people_who_share_a_name_are_asked_for_their_staff_number(client: FlaskClient) -> None:
    make_person(name="王芳", staff_number="2001", password=PASSWORD)
    make_person(name="王芳", staff_number="2002", password=PASSWORD)
    answer = knock(client, "王芳")
    assert answer.status_code == 422
    assert "请改用工号登录" in answer.text
    assert knock(client, "2002").status_code == 303


def test_a_shared_name_is_not_told_to_those_who_know_no_password(client: FlaskClient) -> None:
    make_person(name="王芳", password=PASSWORD)
    make_person(name="王芳", password=PASSWORD)
    assert SAME_SENTENCE in knock(client, "王芳", "随便试试").text


def test_a_staff_number_goes_before_somebody_of_that_name(client: FlaskClient) -> None:
    by_number = make_person(name="赵一", staff_number="7788", password=PASSWORD)
    make_person(name="7788", staff_number="9900", password=PASSWORD)
    assert knock(client, "7788").status_code == 303
    assert db.session.scalars(select(SignIn.person_id)).all() == [by_number.id]


def test_a_hash_with_former_parameters_is_made_anew(
    client: FlaskClient, wang: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "hasher", REAL_HASHER)
    wang.password_hash = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(PASSWORD)
    assert knock(client, "王秀英").status_code == 303
    db.session.refresh(wang)
    assert "m=19456,t=2,p=1" in wang.password_hash
    assert knock(client, "王秀英").status_code == 303


@on_both_databases
def test_guessing_at_one_account_has_to_wait(app: Flask, wang: Person) -> None:
    start = now()
    with travel_to(start):
        for _ in range(FEW):
            assert knock(app.test_client(), "王秀英", "不对的密码").status_code == 422
    with travel_to(start + timedelta(minutes=5)):
        waiting = knock(app.test_client(), "王秀英")
        assert waiting.status_code == 429
        assert "请过 10 分钟再试" in waiting.text
        assert waiting.headers["Retry-After"] == "600"
    with travel_to(start + timedelta(minutes=16)):
        assert knock(app.test_client(), "王秀英").status_code == 303


def test_signing_in_well_forgets_the_failures_of_the_account(client: FlaskClient, wang: Person) -> None:
    for _ in range(2):
        for _ in range(FEW - 1):
            knock(client, "王秀英", "不对的密码")
        assert knock(client, "王秀英").status_code == 303


def test_signing_in_asks_little_beside_argon2(client: FlaskClient, wang: Person) -> None:
    with queries_counted() as statements:
        assert knock(client, "王秀英").status_code == 303
    assert len(statements) <= 8


def test_guessing_at_many_accounts_from_one_address_has_to_wait(
    app: Flask, wang: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signing_in, "FAILURES_OF_ADDRESS", 3)
    here = {"REMOTE_ADDR": "2001:db8::1"}
    for number in range(3):
        app.test_client().post("/sign-in", data={"login": f"某人{number}", "password": "x"}, environ_base=here)
    data = {"login": "王秀英", "password": PASSWORD}
    same_network = app.test_client().post("/sign-in", data=data, environ_base={"REMOTE_ADDR": "2001:db8::ffff"})
    elsewhere = app.test_client().post("/sign-in", data=data, environ_base={"REMOTE_ADDR": "2001:db8:1::1"})
    assert (same_network.status_code, elsewhere.status_code) == (429, 303)


def test_what_no_longer_counts_is_forgotten(app: Flask, client: FlaskClient, wang: Person) -> None:
    knock(client, "王秀英", "不对的密码")
    knock(client, "王秀英")
    with travel_to(now() + timedelta(days=15)):
        forget_old_sign_ins()
    assert db.session.scalar(select(func.count()).select_from(SignIn)) == 0
    assert db.session.scalar(select(func.count()).select_from(SignInFailure)) == 0


def test_signing_in_carries_nothing_over_from_before(app: Flask, client: FlaskClient, wang: Person) -> None:
    with client.session_transaction() as planted:
        planted["sign_in"] = "a token somebody else knows"
        planted["planted"] = "yes"
    knock(client, "王秀英")
    with client.session_transaction() as carried:
        assert carried["sign_in"] != "a token somebody else knows"
        assert "planted" not in carried


def test_signing_in_as_somebody_else_ends_the_former_sign_in(client: FlaskClient, wang: Person) -> None:
    make_person(name="李丽", password=PASSWORD)
    knock(client, "王秀英")
    former = cookie(client)
    knock(client, "李丽")
    client.set_cookie("session", former)
    assert not is_in(client)


def test_a_forged_cookie_is_nobody(app: Flask, client: FlaskClient, wang: Person) -> None:
    knock(client, "王秀英")
    client.set_cookie("session", cookie(client)[:-4] + "AAAA")
    assert not is_in(client)


@on_both_databases
def test_the_token_is_exchanged_after_an_hour(client: FlaskClient, wang: Person) -> None:
    knock(client, "王秀英")
    former = cookie(client)
    with travel_to(now() + timedelta(minutes=61)):
        assert is_in(client)
        assert cookie(client) != former
    with travel_to(now() + timedelta(minutes=63)):
        assert is_in(client)  # the new one has come back
        client.set_cookie("session", former)
        assert not is_in(client)


def test_requests_side_by_side_survive_the_exchange(client: FlaskClient, wang: Person) -> None:
    knock(client, "王秀英")
    former = cookie(client)
    with travel_to(now() + timedelta(minutes=61)):
        assert is_in(client)
        fresh = cookie(client)
        client.set_cookie("session", former)
        assert is_in(client)
        client.set_cookie("session", fresh)
        assert is_in(client)


def test_an_answer_lost_on_a_bad_line_signs_nobody_out(client: FlaskClient, wang: Person) -> None:
    knock(client, "王秀英")
    former = cookie(client)
    with travel_to(now() + timedelta(minutes=61)):
        assert is_in(client)
    client.set_cookie("session", former)
    with travel_to(now() + timedelta(minutes=90)):
        assert is_in(client)
        assert cookie(client) != former


def test_a_sign_in_expires_when_it_is_not_used(client: FlaskClient, wang: Person) -> None:
    knock(client, "王秀英")
    with travel_to(now() + timedelta(days=13)):
        assert is_in(client)
    with travel_to(now() + timedelta(days=26)):
        assert is_in(client)
    with travel_to(now() + timedelta(days=41)):
        assert not is_in(client)


def test_signing_out_ends_the_sign_in_on_the_server_too(client: FlaskClient, wang: Person) -> None:
    knock(client, "王秀英")
    former = cookie(client)
    assert client.post("/sign-out").status_code == 303
    assert not is_in(client)
    client.set_cookie("session", former)
    assert not is_in(client)


def test_signing_out_twice_is_no_error(client: FlaskClient, wang: Person) -> None:
    assert client.post("/sign-out").location == "/sign-in"


@on_both_databases
def test_signing_out_everywhere_ends_the_other_browser(
    app: Flask, wang: Person, signed_in: Callable[[Person], FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = signed_in(wang), signed_in(wang)
    stranger = signed_in(make_person())
    told: list[object] = []
    monkeypatch.setitem(happenings._listeners, SignedOutEverywhere, [told.append])
    here.post("/sign-out-everywhere")
    assert (is_in(here), is_in(there), is_in(stranger)) == (False, False, True)
    assert told == [SignedOutEverywhere(wang.id)]


def test_one_device_is_signed_out_by_its_owner_only(
    app: Flask, wang: Person, signed_in: Callable[[Person], FlaskClient]
) -> None:
    here, there, stranger = signed_in(wang), signed_in(wang), signed_in(make_person())
    there_id = db.session.scalars(select(SignIn.id).where(SignIn.person_id == wang.id).order_by(SignIn.id)).all()[1]
    stranger.post(f"/account/devices/{there_id}/sign-out")
    assert is_in(there)
    here.post(f"/account/devices/{there_id}/sign-out")
    assert (is_in(here), is_in(there)) == (True, False)


def test_a_changed_password_signs_other_devices_out_and_gives_this_one_a_new_token(
    app: Flask, wang: Person, signed_in: Callable[[Person], FlaskClient]
) -> None:
    here, there = signed_in(wang), signed_in(wang)
    former = cookie(here)
    new = "松花江 43 条鱼"
    sent = {"present_password": PASSWORD, "new_password": new, "new_password_again": new}
    assert here.post("/account/password", data=sent).status_code == 303
    assert (is_in(here), is_in(there)) == (True, False)
    assert cookie(here) != former
    here.set_cookie("session", former)
    assert not is_in(here)
    assert knock(app.test_client(), "王秀英").status_code == 422
    assert knock(app.test_client(), "王秀英", new).status_code == 303


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"present_password": "不是这个"}, "现在的密码不对。"),
        ({"new_password": "短", "new_password_again": "短"}, "密码至少要 8 个字符。"),
        ({"new_password": "12345678", "new_password_again": "12345678"}, "太容易猜到"),
        ({"new_password": "10011001", "new_password_again": "10011001"}, "太容易猜到"),
        ({"new_password_again": "另外一个密码啊"}, "两次输入的新密码不一样。"),
    ],
)
def test_a_poor_change_of_password_is_refused_beside_its_field(
    app: Flask, wang: Person, signed_in: Callable[[Person], FlaskClient], sent: dict[str, str], sentence: str
) -> None:
    client = signed_in(wang)
    good = {"present_password": PASSWORD, "new_password": "松花江 43 条鱼", "new_password_again": "松花江 43 条鱼"}
    answer = client.post("/account/password", data={**good, **sent})
    assert answer.status_code == 422
    assert re.search(rf'class="field-error"[^>]*>.*{sentence}', answer.text)
    assert knock(app.test_client(), "王秀英").status_code == 303


def test_a_password_is_not_the_name_or_the_number(app: Flask) -> None:
    with app.test_request_context():
        assert passwords.fault_of_password("Wang Xiuying", "wang xiuying", "1001")
        assert passwords.fault_of_password("T-20260901", "王秀英", "t-20260901")
        assert passwords.fault_of_password(PASSWORD, "王秀英", "1001") is None


def test_guessing_the_present_password_has_to_wait(
    app: Flask, wang: Person, signed_in: Callable[[Person], FlaskClient]
) -> None:
    client = signed_in(wang)
    sent = {"present_password": "不是这个", "new_password": "松花江 43 条鱼", "new_password_again": "松花江 43 条鱼"}
    for _ in range(FEW):
        assert client.post("/account/password", data=sent).status_code == 422
    assert client.post("/account/password", data={**sent, "present_password": PASSWORD}).status_code == 429


def test_who_asked_for_a_page_gets_there_after_signing_in(client: FlaskClient, wang: Person) -> None:
    led = client.get("/account?a=1")
    assert led.status_code == 302
    assert led.location == "/sign-in?next=/account?a%3D1"
    assert knock(client, "王秀英", next="/account?a=1").location == "/account?a=1"


@pytest.mark.parametrize(
    "address",
    [
        "https://example.com/",
        "//example.com",
        "/\\example.com",
        "\\\\example.com",
        "/\t/example.com",
        "/\n/example.com",
        "javascript:alert(1)",
        "account",
        "",
    ],
)
def test_nobody_is_sent_elsewhere_by_a_prepared_link(client: FlaskClient, wang: Person, address: str) -> None:
    assert knock(client, "王秀英", next=address).location == "/"


def test_who_is_signed_in_is_not_asked_again(client: FlaskClient, wang: Person) -> None:
    knock(client, "王秀英")
    assert client.get("/sign-in?next=/account").location == "/account"


def test_a_program_that_is_not_signed_in_is_told_so(client: FlaskClient, wang: Person) -> None:
    answer = client.get("/account", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.get_json()["error"]) == (401, "signed_out")


def test_the_door_knows_head_and_options(client: FlaskClient, wang: Person) -> None:
    assert client.head("/account").status_code == 401
    assert client.options("/account").status_code == 200
    assert client.options("/account").headers["Allow"]


def test_a_view_that_does_not_say_who_may_use_it_is_closed(app: Flask) -> None:
    app.add_url_rule("/forgotten", view_func=lambda: "hello", endpoint="forgotten")
    assert app.test_client().get("/forgotten").status_code == 500


def test_a_form_without_its_token_is_refused_in_plain_words(app: Flask, client: FlaskClient, wang: Person) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    answer = knock(client, "王秀英")
    assert answer.status_code == 400
    assert "刷新后再试" in answer.text
    assert not is_in(client)


@on_both_databases
def test_sockets_know_who_is_there_by_the_same_cookie(app: Flask, client: FlaskClient, wang: Person) -> None:
    knock(client, "王秀英")
    found = signing_in.who_is(f"language=en; session={cookie(client)}")
    assert found is not None
    person_id, sign_in_id = found
    assert person_id == wang.id
    assert signing_in.still_signed_in({sign_in_id, 999_999}) == {sign_in_id}
    client.post("/sign-out")
    assert signing_in.still_signed_in({sign_in_id}) == set()
    assert signing_in.who_is("session=forged") is None
    assert signing_in.who_is("") is None


def test_still_signed_in_counts_neither_expired_nor_departed(app: Flask, client: FlaskClient, wang: Person) -> None:
    knock(client, "王秀英")
    ids = set(db.session.scalars(select(SignIn.id)))
    with travel_to(now() + timedelta(days=15)):
        assert signing_in.still_signed_in(ids) == set()
    wang.left_at = now()
    db.session.commit()
    assert signing_in.still_signed_in(ids) == set()


def test_a_device_says_what_it_is(app: Flask, wang: Person) -> None:
    agents = {
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36 Edg/120.0": "Edge · Windows",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit MicroMessenger/8.0": "微信 · iPhone",
        "Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0": "Firefox · Linux",
        "curl/8": "浏览器",
    }
    for agent in agents:
        app.test_client().post("/sign-in", data={"login": "1001", "password": PASSWORD}, headers={"User-Agent": agent})
    assert list(db.session.scalars(select(SignIn.device).order_by(SignIn.id))) == list(agents.values())


def test_the_account_page_shows_devices_posts_and_roles(app: Flask, signed_in: Callable[[Person], FlaskClient]) -> None:
    person = make_person(make_campus(name="丹江路校区"), name="王秀英")
    page = signed_in(person).get("/account").text
    for words in ("王秀英", "丹江路校区", "本校", "这台", "全部退出登录"):
        assert words in page
