// The parts of the smaller screens of a lesson that need no page.

import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./load.mjs";

const { delayOf, speedOf, browserOf } = await load("live/checking_line.ts");
const { counted, present, bySeat } = await load("live/helper_roll.ts");
const { isMeant } = await load("live/helper_hands.ts");
const { restFor, tidied } = await load("live/helper_check.ts");
const { digitsIn } = await load("live/enter.ts");
const { NoteBook, NoteRefused } = await load("live/observer_notes.ts");
const { Asking } = await load("live/helper_asking.ts");

const pupils = [
  { id: 1, name: "朱宇航", seat: 2 },
  { id: 2, name: "袁沐阳", seat: 1 },
  { id: 3, name: "常平安", seat: null },
];

test("the delay is the middle of the round trips, the jitter how much they differ", () => {
  assert.deepEqual(delayOf([30, 10, 20]), { rtt: 20, jitter: 15 });
  assert.deepEqual(delayOf([]), { rtt: null, jitter: null });
});

test("a megabyte in a second is eight megabit", () => {
  assert.equal(speedOf(1_000_000, 1_000), 8);
});

test("the Chromium inside a browser is found", () => {
  const edge = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/86.0.4240.75 Safari/537.36 Edg/86.0.622.38";
  assert.deepEqual(browserOf(edge), { browser: "Edge 86", chromium: 86 });
  assert.deepEqual(browserOf("Mozilla/5.0 (X11; rv:128.0) Gecko/20100101 Firefox/128.0"), { browser: "Firefox 128", chromium: 0 });
});

test("everybody is here until a mark says otherwise; who is late sits in the room", () => {
  assert.deepEqual(counted(pupils, { 1: "absent", 2: "late" }), { present: 1, absent: 1, leave: 0, late: 1 });
  assert.equal(present(pupils, { 1: "absent", 2: "late" }), 2);
});

test("pupils stand by seat, and are found by seat or part of the name", () => {
  assert.deepEqual(bySeat(pupils).map(({ id }) => id), [2, 1, 3]);
  assert.deepEqual(pupils.filter((pupil) => isMeant(pupil, "2")).map(({ id }) => id), [1]);
  assert.deepEqual(pupils.filter((pupil) => isMeant(pupil, " 平")).map(({ id }) => id), [3]);
});

test("counts stay whole numbers within bounds, and the rest is never less than nothing", () => {
  assert.deepEqual(tidied([-1, 2.4, Number.NaN, 99_999]), [0, 2, 0, 2_000]);
  assert.equal(restFor([20, 0, 5], 1, 43), 18);
  assert.equal(restFor([40, 0, 5], 1, 43), 0);
});

test("six digits are taken out of whatever was pasted", () => {
  assert.equal(digitsIn("教室码：１２３ 456（请保密）7"), "123456");
});

function shelf() {
  const kept = new Map();
  return { getItem: (name) => kept.get(name) ?? null, setItem: (name, text) => kept.set(name, text) };
}

const draft = { step: "s1", second: 62, classroom: null, kind: "note", text: "学生动手" };
const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

test("a note that could not be sent is sent by the next page, once, and then known by its number", async () => {
  const keep = shelf();
  const silent = () => Promise.reject(new Error("no line"));
  const first = new NoteBook("here", "/notes", silent, keep, () => {}, () => {});
  first.add(draft);
  await settled();
  assert.equal(first.unsent, 1);

  const asked = [];
  const post = (address, body) => {
    asked.push([address, body]);
    return Promise.resolve({ id: 7 });
  };
  const second = new NoteBook("here", "/notes", post, keep, () => {}, () => {});
  await second.send();
  assert.equal(second.unsent, 0);
  second.change(second.notes[0].key, "学生动手剪拼");
  await settled();
  second.remove(second.notes[0].key);
  await settled();
  assert.deepEqual(asked.map(([address]) => address), ["/notes", "/notes/7", "/notes/7/remove"]);
  assert.deepEqual(second.notes, []);
  clearTimeout(first.timer);
});

test("what is written otherwise while a note is on its way is sent after it", async () => {
  const asked = [];
  let answer;
  const post = (address, body) => {
    asked.push([address, body.text]);
    return new Promise((resolve) => { answer = () => resolve({ id: 3 }); });
  };
  const book = new NoteBook("here", "/notes", post, shelf(), () => {}, () => {});
  book.add(draft);
  book.change(book.notes[0].key, "改过");
  answer();
  await settled();
  answer();
  await settled();
  assert.deepEqual(asked, [["/notes", "学生动手"], ["/notes/3", "改过"]]);
  assert.equal(book.unsent, 0);
});

test("a note that the server refuses is said and not sent again", async () => {
  const said = [];
  const post = () => Promise.reject(new NoteRefused("一条记录最多 4000 个字，请分成几条。"));
  const book = new NoteBook("here", "/notes", post, shelf(), () => {}, (sentence) => said.push(sentence));
  book.add(draft);
  await settled();
  assert.deepEqual(said, ["一条记录最多 4000 个字，请分成几条。"]);
  assert.equal(book.unsent, 0);
});

test("what was tapped is seen until the server has answered, and a refusal is said", async () => {
  const said = [];
  let refuse;
  const room = { do: () => new Promise((_done, refused) => { refuse = refused; }) };
  const asking = new Asking(room, () => {}, (sentence) => said.push(sentence));
  const done = asking.ask("roll", { pupil: 1, mark: "absent" }, "roll:1", "absent");
  assert.equal(asking.wished("roll:1", "present"), "absent");
  refuse(new Error("这节课已经结束。"));
  assert.equal(await done, false);
  assert.equal(asking.wished("roll:1", "present"), "present");
  assert.deepEqual(said, ["这节课已经结束。"]);
});
