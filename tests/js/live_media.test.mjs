/** What is asked of the others' cameras, by the teaching mode and the places on the screen. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./load.mjs";

const { wanted } = await load("live/media/transport.ts");
const { sizeFor } = await load("live/media/places.ts");

const lead = { endpoint: "c1", main: true };
const other = { endpoint: "c2", main: false };
const both = ["sound", "main", "second"];

test("a place that is hidden has no picture, one of a strip a small one, and the picture fills its place", () => {
  assert.equal(sizeFor(0, 0), undefined);
  assert.equal(sizeFor(278, 183), "small");
  assert.equal(sizeFor(278, 220), "full");
  assert.equal(sizeFor(640, 360), "full");
});

test("pictures are asked for where they have a place, and the sound always", () => {
  const host = { mode: 1, shown: new Map([["c1", "full"], ["c3", "small"]]) };
  assert.deepEqual(wanted(host, lead), both);
  assert.deepEqual(wanted(host, other), ["sound"]);
  assert.deepEqual(wanted({ mode: 1, shown: null }, other), both);
});

test("a weak line keeps the lead's picture, then the voices, then nothing", () => {
  const shown = new Map([["c1", "small"], ["c2", "full"]]);
  assert.deepEqual(wanted({ mode: 2, shown }, lead), ["sound", "main"]);
  assert.deepEqual(wanted({ mode: 2, shown }, other), ["sound"]);
  assert.deepEqual(wanted({ mode: 3, shown }, lead), ["sound"]);
  assert.deepEqual(wanted({ mode: 4, shown }, lead), []);
});
