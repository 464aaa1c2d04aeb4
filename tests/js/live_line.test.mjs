/** What the line of an end is said to be, by the connections that it has. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./load.mjs";

const { Meter, reportOf } = await load("live/media/quality.ts");

const connection = (connectionState) => ({ connectionState, getStats: async () => new Map() });
const levelWith = async (connections, telling) => reportOf(await new Meter().measure(connections, telling), 1).level;

test("who has no device and is found by nobody is not said to have a dead line", async () => {
  const connections = [connection("connecting"), connection("failed")];
  assert.equal(await levelWith(connections, []), 4);
});

test("the lead's line is not bad because one end cannot be found", async () => {
  const [stands, lost] = [connection("connected"), connection("failed")];
  assert.equal(await levelWith([stands, lost], [stands]), 4);
  assert.equal(await levelWith([lost], []), 4);
});

test("a line through which nothing gets that ought to is dead", async () => {
  const connections = [connection("failed"), connection("disconnected")];
  assert.equal(await levelWith(connections, connections), 0);
});
