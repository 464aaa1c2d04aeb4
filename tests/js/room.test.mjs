/** A screen's side of the room: what it asks for is done once, and what it missed comes back. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./load.mjs";

const { Room } = await load("live/room.ts");

const SESSION = "abcdefghij";
const ME = { role: "helper", classroom: 12, person: 7, pupil: null, name: "李老师", endpoint: "p7" };
const soon = (milliseconds = 20) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A line whose other end is the test: `asked` holds what was sent and not answered. */
class Line {
  connected = false;
  active = true;
  asked = [];
  listeners = {};
  on(event, listener) { (this.listeners[event] ??= []).push(listener); }
  hear(event, ...values) { for (const listener of this.listeners[event] ?? []) listener(...values); }
  emit(event, ...values) { this.asked.push([event, ...values]); }
  connect() { if (!this.connected) { this.connected = true; queueMicrotask(() => this.hear("connect")); } }
  disconnect() { this.connected = false; }
  async answer(event, answer) {
    await soon();
    const found = this.asked.findIndex((each) => each[0] === event);
    assert.notEqual(found, -1, `${event} was not sent`);
    const [[, request, acknowledge]] = this.asked.splice(found, 1);
    acknowledge(answer);
    await soon(5);
    return request;
  }
  lose() { this.connected = false; this.hear("disconnect", "transport close"); }
}

class Kept {
  items = new Map();
  getItem(name) { return this.items.get(name) ?? null; }
  setItem(name, value) { this.items.set(name, value); }
}

function opened(keep = null) {
  const line = new Line();
  const room = new Room({ session: SESSION, line, me: ME, classrooms: [11, 12], keep, screen: "tab" });
  return { line, room };
}

const board = (seq, open) => [seq, 1_000 + seq, "board", 1, null, { open }];

test("what happens while the answer to join is on its way is not lost", async () => {
  const { line, room } = opened();
  await soon();
  line.hear("events", SESSION, [board(2, true)]);
  const request = await line.answer("join", { now: Date.now(), seq: 1, me: ME, state: { ...room.state, seq: 1 } });
  assert.deepEqual(request, { session: SESSION, screen: "tab" });
  assert.deepEqual([room.state.seq, room.state.board, room.connection], [2, true, "joined"]);
  room.close();
});

test("after a lost line the screen asks for what it missed, and again for what nobody answered, with the same key", async () => {
  const { line, room } = opened();
  await line.answer("join", { now: Date.now(), seq: 1, me: ME, state: { ...room.state, seq: 1 } });
  const done = room.do("hand", { up: true });
  await soon();
  const [, first] = line.asked.find((each) => each[0] === "do");
  line.asked = [];
  line.lose();
  assert.match(room.lineInWords, /已断开 \d+ 秒，正在恢复/);
  line.connect();
  const again = await line.answer("join", { now: Date.now(), seq: 5, me: ME, events: [board(4, true)] });
  assert.equal(again.seq, 1);
  assert.deepEqual([room.state.seq, room.state.board, room.lineInWords], [5, true, ""]);
  const second = await line.answer("do", { seq: 6, now: Date.now() });
  assert.equal(second.key, first.key);
  assert.equal(await done, 6);
  assert.equal(room.waiting, 0);
  room.close();
});

test("a phone keeps what was tapped while its page was loaded again", async () => {
  const keep = new Kept();
  const before = opened(keep);
  void before.room.do("roll", { pupil: 3, mark: "late" }).catch(() => undefined);
  before.room.close();
  const { line, room } = opened(keep);
  assert.equal(room.waiting, 1);
  await line.answer("join", { now: Date.now(), seq: 0, me: ME, state: room.state });
  const request = await line.answer("do", { seq: 1, now: Date.now() });
  assert.deepEqual(request.data, { pupil: 3, mark: "late" });
  assert.equal(keep.getItem(`live:${SESSION}:7`), "[]");
  room.close();
});

test("a refusal reaches who asked, in its sentence, and whoever is shown out is told why", async () => {
  const { line, room } = opened();
  await line.answer("join", { now: Date.now(), seq: 1, me: ME, state: { ...room.state, seq: 1 } });
  const refused = assert.rejects(room.do("takeover", { on: true }), { message: "这节课已经结束。", code: "conflict" });
  await line.answer("do", { error: "conflict", message: "这节课已经结束。" });
  await refused;
  line.hear("gone", SESSION, "not_found", "您现在不在这堂课里了。");
  assert.deepEqual([room.connection, room.lineInWords], ["gone", "您现在不在这堂课里了。"]);
  await assert.rejects(room.do("hand", { up: true }), { message: "您现在不在这堂课里了。" });
});

test("the server's clock counts, not the computer's", async () => {
  const { line, room } = opened();
  await line.answer("join", { now: Date.now() + 600_000, seq: 1, me: ME, state: { ...room.state, seq: 1 } });
  assert.ok(Math.abs(room.now() - Date.now() - 600_000) < 100);
  room.close();
});
