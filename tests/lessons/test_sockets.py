"""Writing plans together, through the socket that browsers use (docs/architecture.md, "The sync protocol")."""

import asyncio
import inspect
import json
from collections.abc import Callable
from time import monotonic
from typing import Any

import pytest
import socketio
from flask import Flask
from flask.testing import FlaskClient
from pycrdt import Doc, Map, Text
from sqlalchemy import select

from foundation import allow, realtime
from foundation.clock import now
from foundation.database import announce, commit, db, writing
from lessons import sockets
from lessons.actions import PlanRemoved, PlanRightsChanged
from lessons.coediting import change_document, document_of
from lessons.coediting.rooms import UPDATE_LIMIT
from lessons.models import Plan, PlanUpdate, PlanWriter
from schools.models import Person, Visibility
from schools.signing_in import sign_out_everywhere
from tests.databases import on_both_databases
from tests.factories import make_person, make_plan
from tests.lessons.coediting.served import Writer, cookie_of, serving, until
from tests.lessons.conftest import OpenPage

RIGHTS_SECONDS = 3.0
"""Two seconds are promised; the rest is for a busy machine."""

SignedIn = Callable[[Person], FlaskClient]


@pytest.fixture
def colleague(app: Flask) -> Person:
    return make_person(name="李芳")


@pytest.fixture
def plan(person: Person, colleague: Person) -> Plan:
    """A plan of `person` in which `colleague` may write."""
    return make_plan(person, writers=[colleague], visibility=Visibility.PUBLIC)


async def both(*pages: Writer) -> None:
    for page in pages:
        await page.connect()
        await page.join()


def stored_text(plan_id: int) -> str:
    db.session.rollback()
    return str(document_of(plan_id).get("words", type=Text))


def lines_of(plan_id: int) -> int:
    db.session.rollback()
    return len(db.session.scalars(select(PlanUpdate.id).where(PlanUpdate.plan_id == plan_id)).all())


@on_both_databases
def test_two_people_write_and_see_the_same(open_page: OpenPage, plan: Plan, person: Person, colleague: Person) -> None:
    async def story() -> str:
        mine, theirs = open_page(person, plan), open_page(colleague, plan)
        await both(mine, theirs)
        for number in range(20):
            sequence = await asyncio.gather(mine.write(f"甲{number}"), theirs.write(f"乙{number}"))
            assert all(answer["seq"] > 0 for answer in sequence)
        await until(lambda: mine.text() == theirs.text() and "甲19" in mine.text() and "乙19" in mine.text())
        late = open_page(person, plan)
        await both(late)
        assert late.text() == mine.text()
        await asyncio.gather(mine.close(), theirs.close(), late.close())
        return mine.text()

    plan_id = plan.id
    assert asyncio.run(story()) == stored_text(plan_id)


def test_an_acknowledged_update_is_in_the_database_at_once(open_page: OpenPage, plan: Plan, person: Person) -> None:
    async def story() -> None:
        mine = open_page(person, plan)
        await both(mine)
        await mine.write("秋天的雨")
        assert stored_text(plan_id) == "秋天的雨"
        await mine.close()

    plan_id = plan.id
    asyncio.run(story())


def test_a_reader_reads_along_and_cannot_write(open_page: OpenPage, plan: Plan, person: Person) -> None:
    async def story() -> None:
        mine, reading = open_page(person, plan), open_page(guest, plan)
        await mine.connect()
        await reading.connect()
        assert (await mine.join())["role"] == "editor"
        assert (await reading.join())["role"] == "reader"
        await mine.write("可以看")
        await until(lambda: reading.text() == "可以看")
        answer = await reading.write("改一改")
        assert answer["error"] == "read_only"
        assert answer["message"] == "您现在只能查看，不能修改这份教案。"
        await mine.write("，还在写")
        await until(lambda: "还在写" in reading.text())
        assert "改一改" not in mine.text()
        await asyncio.gather(mine.close(), reading.close())

    guest, plan_id = make_person(), plan.id
    asyncio.run(story())
    assert stored_text(plan_id) == "可以看，还在写"


def test_what_a_person_may_not_see_does_not_exist(open_page: OpenPage, person: Person) -> None:
    async def story() -> None:
        page_of_stranger = open_page(stranger, plan)
        await page_of_stranger.connect()
        hidden = await page_of_stranger.join()
        missing = await page_of_stranger.join(plan="nosuchplan")
        assert hidden == missing
        assert hidden["error"] == "not_found"
        assert (await page_of_stranger.write("偷偷写"))["error"] == "not_joined"
        await page_of_stranger.close()

    plan, stranger = make_plan(person), make_person()
    asyncio.run(story())
    assert lines_of(plan.id) == 1


def test_nobody_comes_in_without_signing_in(address: str) -> None:
    async def story() -> Any:
        refusals: list[Any] = []
        client = socketio.AsyncClient(serializer="msgpack", reconnection=False)
        client.on("connect_error", refusals.append, namespace="/plans")
        with pytest.raises(socketio.exceptions.ConnectionError):
            await client.connect(address, headers={"Cookie": "session=forged"}, namespaces=["/plans"])
        return refusals

    (refusal,) = asyncio.run(story())
    assert refusal["data"] == {"error": "signed_out"}
    assert refusal["message"].startswith("登录已失效")


def test_a_page_of_another_site_is_not_let_in(address: str, open_page: OpenPage, person: Person, plan: Plan) -> None:
    async def answer_to(origin: str) -> int:
        """The status with which a websocket of a page of `origin` is answered."""
        reader, writer = await asyncio.open_connection("127.0.0.1", int(address.rpartition(":")[2]))
        writer.write(
            f"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: {address.removeprefix('http://')}\r\n"
            f"Cookie: {cookie}\r\nOrigin: {origin}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OTAxMjM0NQ==\r\n\r\n".encode()
        )
        status = int((await reader.readline()).split()[1])
        writer.close()
        return status

    cookie = open_page(person, plan).cookie
    assert asyncio.run(answer_to("https://evil.example")) == 403
    assert asyncio.run(answer_to(address)) == 101
    assert asyncio.run(answer_to(address.replace("http:", "https:"))) == 101, "a proxy may end TLS"


def test_a_right_taken_away_closes_the_pen_within_seconds(
    open_page: OpenPage, plan: Plan, person: Person, colleague: Person
) -> None:
    async def story() -> None:
        theirs = open_page(colleague, plan)
        await both(theirs)
        await theirs.write("先写一句")
        with writing():
            db.session.delete(db.session.get_one(PlanWriter, (plan_id, colleague_id)))
            db.session.commit()
        assert await theirs.hears("role", RIGHTS_SECONDS) == (code, "reader")
        assert (await theirs.write("再写"))["error"] == "read_only"
        with writing():
            db.session.get_one(Plan, plan_id).visibility = Visibility.PERSONAL
            db.session.commit()
        gone = await theirs.hears("gone", RIGHTS_SECONDS)
        assert gone == (code, "not_found", "您已无权查看这份教案。您写的内容已保存在本机，可以导出。")
        assert (await theirs.write("还写"))["error"] == "gone"
        await theirs.close()

    plan_id, code, colleague_id = plan.id, plan.code, colleague.id
    asyncio.run(story())
    assert stored_text(plan_id) == "先写一句"


def test_what_changes_rights_is_felt_at_once(
    open_page: OpenPage, plan: Plan, colleague: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> float:
        theirs = open_page(colleague, plan)
        await both(theirs)
        with writing():
            db.session.delete(db.session.get_one(PlanWriter, (plan.id, colleague.id)))
            announce(PlanRightsChanged(plan.id))
            commit()
        began = monotonic()
        await theirs.hears("role")
        took = monotonic() - began
        await theirs.close()
        return took

    monkeypatch.setattr("lessons.coediting.rooms.RIGHTS_SECONDS", 1000)
    assert asyncio.run(story()) < 2


def test_a_right_given_opens_the_pen(open_page: OpenPage, plan: Plan) -> None:
    async def story() -> None:
        theirs = open_page(guest, plan)
        await both(theirs)
        with writing():
            db.session.add(PlanWriter(plan_id=plan.id, person_id=guest.id))
            db.session.commit()
        assert await theirs.hears("role", RIGHTS_SECONDS) == (plan.code, "editor")
        assert (await theirs.write("可以了"))["seq"]
        await theirs.close()

    guest = make_person()
    asyncio.run(story())


def test_a_deleted_plan_closes_for_everybody(
    open_page: OpenPage, plan: Plan, person: Person, colleague: Person
) -> None:
    async def story() -> None:
        mine, theirs = open_page(person, plan), open_page(colleague, plan)
        await both(mine, theirs)
        with writing():
            db.session.get_one(Plan, plan_id).removed_at = now()
            announce(PlanRemoved(plan_id))
            commit()
        for one in (mine, theirs):
            assert await one.hears("gone") == (code, "deleted", "这份教案已被删除。您写的内容已保存在本机，可以导出。")
            assert (await one.write("晚了"))["error"] == "gone"
            assert (await one.join())["error"] == "not_found"
            await one.close()

    plan_id, code = plan.id, plan.code
    asyncio.run(story())
    assert stored_text(plan_id) == ""


def test_a_sign_in_that_ends_closes_the_plan(
    app: Flask, open_page: OpenPage, plan: Plan, person: Person, signed_in: SignedIn
) -> None:
    async def story() -> None:
        mine = open_page(person, plan)
        await both(mine)
        with app.test_request_context(headers={"Cookie": mine.cookie}):
            sign_out_everywhere()
        code, reason, sentence = await mine.hears("gone")
        assert (code, reason) == (plan.code, "signed_out")
        assert sentence.startswith("登录已失效，请重新登录。")
        assert (await mine.join())["error"] == "signed_out"
        await mine.close()

    asyncio.run(story())


@pytest.mark.parametrize("transports", [("polling",), ("polling", "websocket")], ids=["polling", "upgraded"])
def test_long_polling_is_enough(
    transports: tuple[str, ...], open_page: OpenPage, plan: Plan, person: Person, colleague: Person
) -> None:
    async def story() -> None:
        mine, theirs = open_page(person, plan, *transports), open_page(colleague, plan)
        await both(mine, theirs)
        for number in range(5):
            await mine.write(f"甲{number}")
            await theirs.write(f"乙{number}")
        await until(lambda: mine.text() == theirs.text() and "甲4" in mine.text() and "乙4" in mine.text())
        await asyncio.gather(mine.close(), theirs.close())

    asyncio.run(story())


def test_everything_that_waited_is_taken_from_one_polling_request(
    open_page: OpenPage, plan: Plan, person: Person
) -> None:
    async def story() -> str:
        mine = open_page(person, plan, "polling")
        await both(mine)
        answers = await asyncio.gather(*(mine.write(f"{number}，") for number in range(100)))
        assert all("seq" in answer for answer in answers)
        await mine.close()
        return mine.text()

    plan_id = plan.id
    assert asyncio.run(story()) == stored_text(plan_id)


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_what_is_no_update_is_refused_and_changes_nothing(
    transport: str, open_page: OpenPage, plan: Plan, person: Person
) -> None:
    async def story() -> None:
        mine = open_page(person, plan, transport)
        await both(mine)
        good = mine.typed("好")
        for bad in (b"", b"\x00", b"\xff" * 20, b"hello", good[:-1], good[: len(good) // 2]):
            assert (await mine.send(bad))["error"] == "invalid"
        for odd in ((), (plan.code,), (plan.code, "text"), (1, good), ([], good), (plan.code, good, good), ({},)):
            assert (await mine.call("update", *odd))["error"] == "invalid"
        for odd in ((), ("x",), ({"plan": plan.code},), ({"plan": 1, "schema": 2, "state_vector": b"\x00"},)):
            assert (await mine.call("join", *odd))["error"] == "invalid"
        assert (await mine.join(state_vector=b"\xff"))["error"] == "invalid"
        await mine.socket.emit("awareness", (plan.code, b"\xff\xff"), namespace="/plans")
        assert (await mine.send(good))["seq"]
        await mine.close()

    plan_id = plan.id
    asyncio.run(story())
    assert stored_text(plan_id) == "好"
    assert lines_of(plan_id) == 2


def test_an_update_that_breaks_off_inside_leaves_no_trace(open_page: OpenPage, plan: Plan, person: Person) -> None:
    """Well-formed bytes may still name a parent that cannot be; half of such an update would be applied."""

    async def story() -> None:
        mine = open_page(person, plan)
        await both(mine)
        await mine.write("一")
        answer = await mine.send(impossible_update())
        assert answer["error"] == "invalid"
        await mine.write("二")
        late = open_page(person, plan)
        await both(late)
        assert late.text() == mine.text() == "一二"
        await asyncio.gather(mine.close(), late.close())

    asyncio.run(story())


def impossible_update() -> bytes:
    """One letter for the text `words`, then one inside that letter, which cannot hold anything."""
    letter = bytes((0x04, 1)) + b"\x05words" + b"\x01x"
    inside = bytes((0x04, 0, 7, 0)) + b"\x01y"
    return bytes((1, 2, 7, 0)) + letter + inside + b"\x00"


def test_an_update_that_is_too_large_is_refused(open_page: OpenPage, plan: Plan, person: Person) -> None:
    async def story() -> None:
        mine = open_page(person, plan)
        await both(mine)
        answer = await mine.write("长" * (UPDATE_LIMIT // 3 + 1))
        assert answer["error"] == "too_large"
        assert answer["message"] == "这一次改动太大，没有保存。请分几次粘贴。"
        await mine.close()

    plan_id = plan.id
    asyncio.run(story())
    assert lines_of(plan_id) == 1


def test_a_document_does_not_grow_without_end(
    open_page: OpenPage, plan: Plan, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        mine = open_page(person, plan)
        await both(mine)
        assert (await mine.write("长" * 600))["seq"]
        answer = await mine.write("再长" * 200)
        assert answer["error"] == "too_large"
        assert answer["message"] == "这份教案已经太长，写不下了。请删去一些内容，或者另写一份。"
        late = open_page(person, plan)
        await both(late)
        late.unsent.clear()
        del late.doc.get("words", type=Text)[0:1500]
        assert (await late.send(late.unsent.pop()))["seq"], "what makes it shorter is taken"
        await asyncio.gather(mine.close(), late.close())

    monkeypatch.setattr("lessons.coediting.rooms.DOCUMENT_LIMIT", 2500)
    asyncio.run(story())


def test_a_page_of_another_schema_must_be_loaded_again(open_page: OpenPage, plan: Plan, person: Person) -> None:
    async def story() -> Any:
        mine = open_page(person, plan)
        await mine.connect()
        answer = await mine.join(schema=1)
        await mine.close()
        return answer

    answer = asyncio.run(story())
    assert (answer["error"], answer["schema"]) == ("schema", 2)


def test_an_update_that_comes_before_another_waits_for_it(
    open_page: OpenPage, plan: Plan, person: Person, colleague: Person
) -> None:
    async def story() -> None:
        mine, theirs = open_page(person, plan), open_page(colleague, plan)
        await both(mine)
        first, second = mine.typed("先"), mine.typed("后")
        assert (await mine.send(second))["seq"]
        await both(theirs)  # joins while the update waits
        assert theirs.text() == ""
        assert (await mine.send(first))["seq"]
        await until(lambda: theirs.text() == "先后")
        await asyncio.gather(mine.close(), theirs.close())

    plan_id = plan.id
    asyncio.run(story())
    assert stored_text(plan_id) == "先后"


def awareness(client: int, clock: int, state: Any) -> bytes:
    said = json.dumps(state).encode()
    assert client < 128
    assert len(said) < 128
    return bytes((1, client, clock, len(said))) + said


def states(message: bytes) -> dict[int, Any]:
    """What an awareness update of small numbers says, by client."""
    found, at = {}, 1
    for _ in range(message[0]):
        client, length = message[at], message[at + 2]
        found[client] = json.loads(message[at + 3 : at + 3 + length])
        at += 3 + length
    return found


def test_people_are_seen_under_their_own_name_until_they_leave(
    open_page: OpenPage, plan: Plan, person: Person, colleague: Person
) -> None:
    async def story() -> None:
        mine, theirs = open_page(person, plan), open_page(colleague, plan)
        await both(mine, theirs)
        said = {"user": {"id": person_id, "name": "校长", "color": "red"}, "place": "step:a"}
        await theirs.socket.emit("awareness", (code, awareness(7, 1, said)), namespace="/plans")
        truth = {"user": {"id": colleague_id, "name": "李芳", "color": "red"}, "place": "step:a"}
        assert states((await mine.hears("awareness"))[1]) == {7: truth}
        await mine.socket.emit("awareness", (code, awareness(7, 9, {"place": "elsewhere"})), namespace="/plans")
        late = open_page(person, plan)
        await both(late)
        assert states((await late.hears("awareness"))[1]) == {7: truth}, "nobody speaks for another's editor"
        await theirs.close()
        assert states((await late.hears("awareness"))[1]) == {7: None}
        await asyncio.gather(mine.close(), late.close())

    person_id, colleague_id, code = person.id, colleague.id, plan.code
    asyncio.run(story())


def test_who_reads_too_slowly_fetches_the_rest_later(
    open_page: OpenPage, plan: Plan, person: Person, colleague: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        mine, slow = open_page(person, plan), open_page(colleague, plan, "polling")
        await both(mine, slow)
        polling = asyncio.Event()
        fetch = slow.socket.eio._send_request

        async def held_up(method: str, *given: Any, **more: Any) -> Any:
            if method == "GET":
                await polling.wait()
            return await fetch(method, *given, **more)

        slow.socket.eio._send_request = held_up
        await mine.write("一")  # answers the request that is under way
        await until(lambda: slow.text() == "一")
        for _ in range(20):
            await mine.write("很长的话" * 1000)
        polling.set()
        assert await slow.hears("resync") == (plan.code,)
        assert slow.text() != mine.text(), "it was spared a part"
        await slow.join()
        assert slow.text() == mine.text()
        await mine.write("完")
        await until(lambda: slow.text() == mine.text())
        await asyncio.gather(mine.close(), slow.close())

    monkeypatch.setattr("foundation.broadcast.WAITING_BYTES", 100_000)
    asyncio.run(story())


def test_sentences_are_in_the_language_of_the_person(open_page: OpenPage, plan: Plan) -> None:
    async def story() -> Any:
        theirs = open_page(guest, plan)
        await both(theirs)
        answer = await theirs.write("x")
        await theirs.close()
        return answer["message"]

    guest = make_person(language="en")
    assert asyncio.run(story()) == "You can now only read this plan, not change it."


def test_lists_hear_of_a_new_title(
    open_page: OpenPage, plan: Plan, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        mine = open_page(person, plan)
        await both(mine)
        mine.unsent.clear()
        mine.doc.get("meta", type=Map)["title"] = "圆的面积"
        await mine.send(mine.unsent.pop())

        def mirrored() -> bool:
            db.session.rollback()
            return db.session.get_one(Plan, plan_id, populate_existing=True).title == "圆的面积"

        await until(mirrored)
        await mine.close()

    monkeypatch.setattr("lessons.coediting.rooms.MIRROR_QUIET", 0.2)
    plan_id = plan.id
    asyncio.run(story())


def test_the_title_is_kept_when_the_server_ends(app: Flask, plan: Plan, person: Person, signed_in: SignedIn) -> None:
    async def story(address: str) -> None:
        mine = Writer(address, cookie_of(signed_in(person)), plan.code)
        await both(mine)
        mine.unsent.clear()
        mine.doc.get("meta", type=Map)["title"] = "圆的周长"
        await mine.send(mine.unsent.pop())
        await mine.close()

    with serving(app) as address:
        asyncio.run(story(address))
    db.session.rollback()
    assert db.session.get_one(Plan, plan.id, populate_existing=True).title == "圆的周长"


@on_both_databases
def test_a_change_from_outside_reaches_those_who_write(open_page: OpenPage, plan: Plan, person: Person) -> None:
    def add_words(doc: Doc[Any]) -> None:
        text = doc.get("words", type=Text)
        text += "来自别处"

    async def story() -> None:
        mine = open_page(person, plan)
        await both(mine)
        await mine.write("我写的，")
        db.session.rollback()
        with writing():
            change_document(plan_id, add_words, person_id)
            commit()
        await until(lambda: mine.text() == "我写的，来自别处")
        await mine.close()

    plan_id, person_id = plan.id, person.id
    asyncio.run(story())
    assert stored_text(plan_id) == "我写的，来自别处"


def test_every_event_says_who_may_send_it(app: Flask) -> None:
    server = realtime.create_server(app)
    sockets.register(server, app)
    handlers = server.handlers[sockets.NAMESPACE]
    assert set(handlers) == {"connect", "disconnect", "join", "leave", "update", "awareness"}
    assert all(inspect.ismethod(handler) and allow.rule_of(handler) for handler in handlers.values())
