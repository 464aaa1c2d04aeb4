/** The page's side of the sync protocol, against a small server in memory and a real IndexedDB interface. */

import assert from "node:assert/strict";
import { test } from "node:test";

import "fake-indexeddb/auto";
import { Awareness } from "y-protocols/awareness";
import * as Y from "yjs";

import { load } from "./load.mjs";

const { PlanSync } = await load("lessons/sync.ts");
const { LocalCopy } = await load("lessons/local_copy.ts");
const { EDIT } = await load("lessons/plan.ts");

const PLAN = "abcdefghij";
const bytes = (value) => new Uint8Array(value);
const soon = (milliseconds = 120) => new Promise((resolve) => setTimeout(resolve, milliseconds));
/** Other programs may want the machine, too: five seconds at most. */
const until = async (holds) => {
  for (let tries = 0; !holds() && tries < 250; tries += 1) await soon(20);
};

/** A server for one plan; `answer` may be replaced to refuse. */
class Server {
  doc = new Y.Doc();
  lines = new Set();
  received = [];
  seq = 0;
  role = "editor";
  silent = false;
  refusal = null;

  line() {
    const server = this;
    const listeners = {};
    const line = {
      connected: false,
      active: true,
      on: (event, listener) => (listeners[event] ??= []).push(listener),
      hear: (event, ...values) => listeners[event]?.forEach((listener) => listener(...values)),
      connect() {
        if (line.connected || line.cut) return;
        line.connected = true;
        server.lines.add(line);
        queueMicrotask(() => line.hear("connect"));
      },
      disconnect() {
        if (!line.connected) return;
        line.connected = false;
        server.lines.delete(line);
        line.hear("disconnect", "transport close");
      },
      emit: (event, ...values) => setTimeout(() => line.connected && server.take(line, event, ...values), 1),
    };
    return line;
  }

  take(line, event, ...values) {
    if (event === "join") return this.join(...values);
    if (event !== "update") return undefined;
    const [, update, acknowledge] = values;
    this.received.push(bytes(update));
    if (this.silent) return undefined;
    if (this.refusal) return acknowledge({ error: this.refusal, message: "原因" });
    if (this.role === "reader") return acknowledge({ error: "read_only", message: "只能看" });
    Y.applyUpdate(this.doc, bytes(update));
    for (const other of this.lines) if (other !== line) other.hear("update", PLAN, update);
    return acknowledge({ seq: (this.seq += 1) });
  }

  join({ state_vector }, acknowledge) {
    const update = Y.encodeStateAsUpdate(this.doc, bytes(state_vector));
    acknowledge({ update, state_vector: Y.encodeStateVector(this.doc), role: this.role, seq: this.seq });
  }
}

let visits = 0;

/** A page of that person on the plan. */
async function visit(server, person = `p${(visits += 1)}`, { line = server.line(), role = "editor", cut = false } = {}) {
  line.cut = cut;
  const doc = new Y.Doc();
  const copy = await LocalCopy.open(person, PLAN);
  const sync = new PlanSync({ doc, awareness: new Awareness(doc), line, copy, plan: PLAN, schema: 1, role });
  const write = (words, field = "section:board") => doc.transact(() => fragment(doc, field).push([new Y.XmlText(words)]), EDIT);
  await soon(30);
  return { person, doc, line, sync, copy, write };
}

const fragment = (doc, field = "section:board") => doc.getXmlFragment(field);
const text = (doc, field) => fragment(doc, field).toString();

function leave(page) {
  page.sync.options.awareness.destroy();
  page.sync.close();
}

test("what one writes the other sees, and it counts as saved once the server has it", async () => {
  const server = new Server();
  const [mine, theirs] = [await visit(server), await visit(server)];
  mine.write("甲");
  assert.equal(mine.sync.unsaved, true);
  await soon();
  assert.equal(mine.sync.unsaved, false);
  assert.equal(text(theirs.doc), "甲");
  leave(mine);
  leave(theirs);
});

test("an edit is in the local copy before it is sent", async () => {
  const server = new Server();
  server.silent = true;
  const page = await visit(server);
  let kept = null;
  const emit = page.line.emit;
  page.line.emit = (event, ...values) => {
    if (event === "update") kept = page.copy.unacked();
    emit(event, ...values);
  };
  page.write("先存");
  await soon();
  assert.equal((await kept).length, 1);
  leave(page);
});

test("edits that nobody acknowledged survive a reload and are sent again", async () => {
  const server = new Server();
  server.silent = true;
  const before = await visit(server);
  before.write("没回音");
  await soon();
  leave(before);
  server.silent = false;
  const after = await visit(server, before.person);
  assert.equal(text(after.doc), "没回音");
  await soon();
  assert.equal(text(server.doc), "没回音");
  assert.equal(after.sync.unsaved, false);
  assert.deepEqual(await after.copy.unacked(), []);
  leave(after);
});

test("what is written without a line is counted by place and goes out when the line is back", async () => {
  const server = new Server();
  const [mine, theirs] = [await visit(server), await visit(server)];
  mine.line.cut = true;
  mine.line.disconnect();
  mine.write("离线一");
  mine.write("离线二");
  mine.write("别处", "section:homework");
  theirs.write("在线");
  await soon();
  assert.equal(mine.sync.unsavedPlaces, 2);
  assert.equal(text(server.doc), "在线");
  mine.line.cut = false;
  mine.line.connect();
  await soon();
  assert.equal(mine.sync.unsaved, false);
  assert.equal(text(mine.doc), text(theirs.doc));
  assert.equal(text(server.doc), text(mine.doc));
  assert.equal(text(server.doc, "section:homework"), "别处");
  leave(mine);
  leave(theirs);
});

test("a server that lost its last minutes gets them back", async () => {
  const server = new Server();
  const page = await visit(server);
  page.write("一");
  await soon();
  page.line.disconnect();
  server.doc = new Y.Doc();
  page.line.connect();
  await soon();
  assert.equal(text(server.doc), "一");
  leave(page);
});

test("deletions alone are sent after the line was lost", async () => {
  const server = new Server();
  const page = await visit(server);
  page.write("要删的");
  await soon();
  page.line.disconnect();
  page.doc.transact(() => fragment(page.doc).delete(0, 1), EDIT);
  await soon();
  page.line.connect();
  await soon();
  assert.equal(text(server.doc), "");
  leave(page);
});

test("while a word is composed nothing of it is sent, and others' changes to that text wait", async () => {
  const server = new Server();
  const [mine, theirs, third] = [await visit(server), await visit(server), await visit(server)];
  theirs.write("底");
  await soon();
  server.received.length = 0;
  mine.sync.hold("section:board");
  mine.write("ni'hao");
  theirs.write("同一处");
  await soon();
  third.write("别处", "section:homework");
  await soon();
  assert.ok(!server.received.some((update) => Buffer.from(update).includes("ni'hao")));
  assert.ok(!text(mine.doc).includes("同一处"));
  assert.equal(text(mine.doc, "section:homework"), "别处");
  mine.doc.transact(() => {
    fragment(mine.doc).delete(1, 1);
    fragment(mine.doc).push([new Y.XmlText("你好")]);
  }, EDIT);
  mine.sync.release();
  await soon();
  assert.equal(text(mine.doc), text(theirs.doc));
  assert.ok(text(theirs.doc).includes("你好") && text(theirs.doc).includes("同一处") && !text(theirs.doc).includes("ni"));
  leave(third);
  leave(mine);
  leave(theirs);
});

test("a right taken away closes the pen and keeps what was not accepted", async () => {
  const server = new Server();
  const page = await visit(server);
  server.role = "reader";
  page.write("太晚了");
  await soon();
  assert.equal(page.sync.mayWrite, false);
  assert.equal(page.sync.unsavedPlaces, 1);
  assert.equal((await page.copy.unacked()).length, 1);
  server.role = "editor";
  page.line.hear("role", PLAN, "editor");
  await soon();
  assert.equal(page.sync.mayWrite, true);
  assert.equal(text(server.doc), "太晚了");
  leave(page);
});

test("a reader's page sends nothing and owes nothing", async () => {
  const server = new Server();
  server.role = "reader";
  const page = await visit(server, undefined, { role: "reader" });
  page.write("整理");
  await soon();
  assert.equal(server.received.length, 0);
  assert.equal(page.sync.unsaved, false);
  leave(page);
});

for (const reason of ["deleted", "not_found", "signed_out"]) {
  test(`a plan that is gone (${reason}) ends the writing and keeps the text`, async () => {
    const server = new Server();
    const page = await visit(server);
    page.write("还在本机");
    page.line.hear("gone", PLAN, reason, "一句话");
    await soon();
    assert.deepEqual(page.sync.trouble, { kind: "gone", reason, sentence: "一句话" });
    assert.equal(page.sync.mayWrite, false);
    assert.equal(page.line.connected, false);
    assert.equal(text(page.doc), "还在本机");
    assert.equal((await page.copy.unacked()).length, 1);
    leave(page);
  });
}

test("an edit that could not be stored is tried again", async () => {
  const server = new Server();
  const page = await visit(server);
  server.refusal = "not_stored";
  page.write("再来");
  await soon();
  assert.equal(page.sync.unsaved, true);
  assert.equal(page.sync.trouble, null);
  server.refusal = null;
  await soon(1_300);
  assert.equal(text(server.doc), "再来");
  assert.equal(page.sync.unsaved, false);
  leave(page);
});

test("an edit that the server will never take stops the writing with its reason", async () => {
  const server = new Server();
  const page = await visit(server);
  server.refusal = "too_large";
  page.write("太长");
  await soon();
  assert.deepEqual(page.sync.trouble, { kind: "refused", sentence: "原因" });
  assert.equal(page.sync.unsaved, true);
  leave(page);
});

test("edits of another person on the same computer are neither shown nor sent", async () => {
  const server = new Server();
  server.silent = true;
  const first = await visit(server);
  first.write("别人的");
  await soon();
  leave(first);
  server.silent = false;
  const second = await visit(server);
  await soon();
  assert.equal(text(second.doc), "");
  assert.equal(text(server.doc), "");
  leave(second);
});

test("what a closed window could not send, another window of the same person sends", async () => {
  const server = new Server();
  const open = await visit(server);
  const closed = await visit(server, open.person, { cut: true });
  closed.write("关掉的窗口写的");
  await soon(500);
  leave(closed);
  open.line.disconnect();
  open.line.connect();
  await until(() => text(server.doc) && text(open.doc));
  assert.equal(text(server.doc), "关掉的窗口写的");
  assert.equal(text(open.doc), "关掉的窗口写的");
  leave(open);
});

test("what a person gives up is forgotten by the browser", async () => {
  const server = new Server();
  server.refusal = "invalid";
  const page = await visit(server);
  page.write("不要了");
  await soon();
  await page.sync.discard();
  leave(page);
  const again = await visit(server, page.person);
  assert.equal(text(again.doc), "");
  assert.equal(again.sync.unsaved, false);
  leave(again);
});

test("a page without a place to store still writes, and says so", async () => {
  const server = new Server();
  const doc = new Y.Doc();
  const awareness = new Awareness(doc);
  const sync = new PlanSync({ doc, awareness, line: server.line(), copy: null, plan: PLAN, schema: 1, role: "editor" });
  await soon(30);
  doc.transact(() => fragment(doc).push([new Y.XmlText("无处可存")]), EDIT);
  await soon();
  assert.equal(sync.storedHere, false);
  assert.equal(sync.unsaved, false);
  assert.equal(text(server.doc), "无处可存");
  awareness.destroy();
  sync.close();
});
