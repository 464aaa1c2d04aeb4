"""The log of updates and its snapshots, on both databases."""

import asyncio
import resource
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from pycrdt import Doc, Text
from sqlalchemy import Engine, select, update

from foundation.database import db, writing
from lessons.coediting.store import NotStored, PlanIsGone, UpdateLog, stored_document, take_snapshot
from lessons.models import Plan, PlanSnapshot, PlanUpdate
from tests.databases import on_both_databases
from tests.factories import make_plan


@pytest.fixture
def engine(app: Flask) -> Engine:
    return db.engine


@pytest.fixture
def plan(app: Flask) -> Plan:
    return make_plan()


def words(*said: str) -> list[bytes]:
    """One update for each of `said`, all of one author, one after the other."""
    doc: Doc[Any] = Doc()
    updates: list[bytes] = []
    doc.observe(lambda event: updates.append(event.update))
    text = doc.get("words", type=Text)
    for words_said in said:
        text += words_said
    return updates


def keep(engine: Engine, work: Callable[[UpdateLog], Any]) -> Any:
    """What `work` answers, given a log that is closed afterwards."""

    async def story() -> Any:
        log = UpdateLog(engine, asyncio.get_running_loop())
        try:
            return await work(log)
        finally:
            await asyncio.to_thread(log.close)

    db.session.rollback()
    return asyncio.run(story())


def text_of(engine: Engine, plan_id: int) -> str:
    with engine.connect() as connection:
        return str(stored_document(connection, plan_id).build().get("words", type=Text))


@on_both_databases
def test_what_is_acknowledged_is_in_the_log_in_the_order_in_which_it_came(engine: Engine, plan: Plan) -> None:
    async def work(log: UpdateLog) -> list[int]:
        return await asyncio.gather(*(log.append(plan_id, owner_id, data) for data in updates))

    updates, plan_id, owner_id = words("春", "夏", "秋", "冬"), plan.id, plan.owner_id
    ids = keep(engine, work)
    rows = db.session.execute(
        select(PlanUpdate.id, PlanUpdate.data, PlanUpdate.person_id)
        .where(PlanUpdate.id.in_(ids))
        .order_by(PlanUpdate.id)
    ).all()
    assert [tuple(row) for row in rows] == [(id, data, owner_id) for id, data in zip(ids, updates, strict=True)]
    assert ids == sorted(ids)
    assert text_of(engine, plan_id) == "春夏秋冬"


@on_both_databases
def test_the_time_of_a_line_reads_as_any_other(engine: Engine, plan: Plan) -> None:
    plan_id = plan.id
    keep(engine, lambda log: log.append(plan_id, None, words("x")[0]))
    first, second = db.session.scalars(select(PlanUpdate).where(PlanUpdate.plan_id == plan_id).order_by(PlanUpdate.id))
    assert 0 <= (second.made_at - first.made_at).total_seconds() < 60


@on_both_databases
def test_a_plan_or_a_person_that_went_away_stops_nobody_else(engine: Engine, plan: Plan) -> None:
    async def work(log: UpdateLog) -> list[Any]:
        return await asyncio.gather(
            log.append(plan_id, owner_id, one),
            log.append(999_999, owner_id, one),
            log.append(plan_id, 999_999, two),
            return_exceptions=True,
        )

    (one, two), plan_id, owner_id = words("一", "二"), plan.id, plan.owner_id
    first, gone, second = keep(engine, work)
    assert isinstance(gone, PlanIsGone)
    assert db.session.get_one(PlanUpdate, first).person_id == owner_id
    assert db.session.get_one(PlanUpdate, second).person_id is None
    assert text_of(engine, plan_id) == "一二"


def test_while_the_disk_refuses_nothing_is_forgotten(engine: Engine, plan: Plan) -> None:
    async def work(log: UpdateLog) -> None:
        await log.append(plan_id, None, first)
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))  # no file may grow: what a full disk does
        try:
            refused = [log.append(plan_id, None, second), log.append(plan_id, None, third)]
            for line in refused:
                with pytest.raises(NotStored):
                    await line
            assert log.failing
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        await log.drained()
        assert not log.failing

    (first, second, third), plan_id = words("先", "满", "后"), plan.id
    keep(engine, work)
    assert text_of(engine, plan_id) == "先满后"


@on_both_databases
def test_a_snapshot_says_what_the_log_says(engine: Engine, plan: Plan) -> None:
    async def work(log: UpdateLog) -> None:
        await asyncio.gather(*(log.append(plan_id, None, data) for data in updates[:20]))
        assert await asyncio.to_thread(take_snapshot, engine, plan_id)
        assert not await asyncio.to_thread(take_snapshot, engine, plan_id), "nothing new"
        await asyncio.gather(*(log.append(plan_id, None, data) for data in updates[20:]))
        assert await asyncio.to_thread(take_snapshot, engine, plan_id)

    plan_id = plan.id
    updates = words(*(f"{number}，" for number in range(40)))
    keep(engine, work)
    with engine.connect() as connection:
        stored = stored_document(connection, plan_id)
    assert stored.lines == []
    assert stored.snapshot
    assert text_of(engine, plan_id) == "".join(f"{number}，" for number in range(40))
    lines = db.session.scalars(select(PlanUpdate.id).where(PlanUpdate.plan_id == plan_id)).all()
    assert len(lines) == 41, "the log is kept"
    assert stored.seq == max(lines)


def test_a_snapshot_keeps_what_still_waits_for_something(engine: Engine, plan: Plan) -> None:
    async def work(log: UpdateLog) -> None:
        await log.append(plan_id, None, updates[0])
        await log.append(plan_id, None, updates[2])  # comes before what it stands on
        await log.append(plan_id, None, deletion)  # of something that is not there
        assert await asyncio.to_thread(take_snapshot, engine, plan_id)
        await log.append(plan_id, None, updates[3])
        assert await asyncio.to_thread(take_snapshot, engine, plan_id)
        assert text_of(engine, plan_id) == "甲"
        await log.append(plan_id, None, updates[1])

    plan_id = plan.id
    doc: Doc[Any] = Doc()
    updates: list[bytes] = []
    doc.observe(lambda event: updates.append(event.update))
    text = doc.get("words", type=Text)
    for letter in "甲乙丙丁":
        text += letter
    del text[3:6]
    deletion = updates.pop()
    keep(engine, work)
    assert text_of(engine, plan_id) == str(text) == "甲丙丁"


def test_a_damaged_line_costs_nothing_but_itself(engine: Engine, plan: Plan) -> None:
    async def work(log: UpdateLog) -> list[int]:
        return await asyncio.gather(*(log.append(plan_id, None, data) for data in words("好", "坏") + words("另")))

    plan_id = plan.id
    _, damaged, _ = keep(engine, work)
    with writing():
        db.session.execute(update(PlanUpdate).where(PlanUpdate.id == damaged).values(data=b"\xff\xff"))
        db.session.commit()
    assert sorted(text_of(engine, plan_id)) == ["另", "好"]


def test_log_and_snapshot_go_with_their_plan(engine: Engine, plan: Plan) -> None:
    plan_id = plan.id
    db.session.rollback()
    take_snapshot(engine, plan_id)
    with writing():
        db.session.delete(db.session.get_one(Plan, plan_id))
        db.session.commit()
    assert db.session.get(PlanSnapshot, plan_id) is None
    with engine.connect() as connection:
        assert stored_document(connection, plan_id).seq == 0
