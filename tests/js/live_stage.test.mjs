/** What the screens of a lesson reckon without a page: pages, strokes, clips, keys. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./load.mjs";

const { firstPage, pageAway } = await load("live/run_sheet.ts");
const { thinned, touches, strokesOn } = await load("live/board.ts");
const { secondOf } = await load("live/clips.ts");
const { commandOf } = await load("live/keys.ts");

const file = (resource, pages, kind = "slides") => ({ resource, version: 1, name: resource, kind, pages });
const sheet = { steps: [{ id: "one", files: [file("a", 2), file("film", 0, "video"), file("b", 1, "image")] }, { id: "two", files: [] }] };
const page = (resource, number) => ({ resource, version: 1, number });
const stroke = { id: "x", tool: "line", color: "red", width: 4, points: [100, 100, 500, 100], on: "board" };

test("pages go on from one file of the step to the next, past films", () => {
  assert.deepEqual(pageAway(sheet, "one", null, 1), page("a", 1));
  assert.deepEqual(pageAway(sheet, "one", page("a", 2), 1), page("b", 1));
  assert.equal(pageAway(sheet, "one", page("b", 1), 1), null);
});

test("slides of another step that are still shown can be turned", () => {
  assert.deepEqual(pageAway(sheet, "two", page("a", 1), 1), page("a", 2));
  assert.equal(pageAway(sheet, "two", page("a", 2), 1), null);
});

test("slides go on in the steps after theirs, pictures do not, and what is put away is found again", () => {
  assert.deepEqual(firstPage(sheet, "two", page("a", 2)), page("a", 2));
  assert.equal(firstPage(sheet, "two", page("b", 1)), null);
  assert.deepEqual(firstPage(sheet, "one", page("a", 2)), page("a", 2));
  assert.deepEqual(pageAway(sheet, "two", null, 1), page("a", 1));
});

test("the eraser meets a line near it and no other", () => {
  assert.ok(touches(stroke, 300, 108, 14));
  assert.ok(!touches(stroke, 300, 140, 14));
});

test("points that lie close together are left out, the last is kept", () => {
  assert.deepEqual(thinned([0, 0, 0.5, 0, 10, 0, 10.5, 0]), [0, 0, 10, 0, 10.5, 0]);
});

test("the board is each step's own, a page keeps what was written in any step", () => {
  const on = "page:a:1";
  const strokes = { one: [stroke, { ...stroke, id: "y", on }], two: [{ ...stroke, id: "z", on }] };
  assert.deepEqual(strokesOn(strokes, "two", "board"), []);
  assert.deepEqual(strokesOn(strokes, "two", on).map(({ id }) => id), ["y", "z"]);
});

test("a clip is where it was, and as much further as it has played", () => {
  assert.equal(secondOf({ playing: true, at: 5, since: 1_000 }, 3_000), 7);
  assert.equal(secondOf({ playing: false, at: 5, since: 1_000 }, 3_000), 5);
});

test("a remote control turns pages, with shift the step, and leaves the browser its own keys", () => {
  const key = (name, more = {}) => commandOf({ key: name, shiftKey: false, ctrlKey: false, altKey: false, metaKey: false, ...more });
  assert.equal(key("PageDown"), "next");
  assert.equal(key("PageDown", { shiftKey: true }), "next_step");
  assert.equal(key("PageDown", { ctrlKey: true }), null);
});
