/** Sections and steps of a plan as a shared document. */

import assert from "node:assert/strict";
import { test } from "node:test";

import * as Y from "yjs";

import { load } from "./load.mjs";

const { Plan, isEmpty, stepField } = await load("lessons/plan.ts");
const { History } = await load("lessons/history.ts");
const { placesOf, rootsTouched } = await load("lessons/places.ts");

const titles = (plan) => plan.steps().map((step) => step.title);

function planWith(...names) {
  const plan = new Plan(new Y.Doc());
  const ids = plan.addSteps(null, names.map((title) => ({ title })));
  return { plan, ids };
}

function exchange(a, b) {
  const [fromA, fromB] = [Y.encodeStateAsUpdate(a.doc), Y.encodeStateAsUpdate(b.doc)];
  Y.applyUpdate(a.doc, fromB);
  Y.applyUpdate(b.doc, fromA);
}

test("steps are added at the end and after another step", () => {
  const { plan, ids } = planWith("导入", "小结");
  plan.addSteps(ids[0], [{ title: "探究" }, { title: "练习" }]);
  assert.deepEqual(titles(plan), ["导入", "探究", "练习", "小结"]);
  assert.match(ids[0], /^[a-z0-9]{10}$/);
});

test("a step moves to any place", () => {
  for (let from = 0; from < 4; from += 1) {
    for (let to = 0; to < 4; to += 1) {
      const { plan, ids } = planWith("一", "二", "三", "四");
      const wanted = ["一", "二", "三", "四"];
      wanted.splice(to, 0, ...wanted.splice(from, 1));
      plan.moveStep(ids[from], to);
      assert.deepEqual(titles(plan), wanted);
    }
  }
});

test("two people who add a step in the same place both keep theirs, and there is room between them", () => {
  const { plan: mine, ids } = planWith("一", "二");
  const theirs = new Plan(new Y.Doc());
  exchange(mine, theirs);
  mine.addSteps(ids[0], [{ title: "甲" }]);
  theirs.addSteps(ids[0], [{ title: "乙" }]);
  exchange(mine, theirs);
  assert.deepEqual(titles(mine), titles(theirs));
  const [, first] = mine.steps();
  mine.addSteps(first.id, [{ title: "之间" }]);
  exchange(mine, theirs);
  assert.deepEqual(titles(mine), titles(theirs));
  assert.equal(titles(mine)[2], "之间");
  assert.equal(titles(mine).length, 5);
});

test("a step taken away while another writes in it comes back whole", () => {
  const { plan: mine, ids } = planWith("一");
  const theirs = new Plan(new Y.Doc());
  exchange(mine, theirs);
  mine.removeStep(ids[0]);
  theirs.fragment(stepField(ids[0], "teacher")).insert(0, [new Y.XmlElement("paragraph")]);
  exchange(mine, theirs);
  assert.deepEqual(theirs.steps(), []);
  theirs.restoreStep(ids[0]);
  assert.equal(theirs.fragment(stepField(ids[0], "teacher")).length, 1);
});

test("undoing a new step takes it away without deleting what another wrote in it", () => {
  const plan = new Plan(new Y.Doc());
  const history = new History(plan, () => undefined);
  const [id] = plan.addSteps(null, [{ title: "新的" }]);
  Y.transact(plan.doc, () => plan.fragment(stepField(id, "pupils")).insert(0, [new Y.XmlElement("paragraph")]), "another");
  history.undo();
  assert.deepEqual(plan.steps(), []);
  assert.ok(plan.stepMap.has(id));
  history.redo();
  assert.deepEqual(titles(plan), ["新的"]);
  assert.equal(plan.fragment(stepField(id, "pupils")).length, 1);
});

test("undoing takes back my change and not the other's", () => {
  const { plan: mine, ids } = planWith("一", "二");
  const theirs = new Plan(new Y.Doc());
  exchange(mine, theirs);
  const history = new History(mine, () => undefined);
  mine.setStep(ids[0], "title", "我改的");
  theirs.setStep(ids[1], "title", "他改的");
  exchange(mine, theirs);
  history.undo();
  assert.deepEqual(titles(mine), ["一", "他改的"]);
  assert.equal(history.canUndo, false);
});

test("minutes of the steps add up, those taken away left out", () => {
  const plan = new Plan(new Y.Doc());
  const ids = plan.addSteps(null, [{ minutes: 5 }, { minutes: 15 }, {}]);
  assert.equal(plan.minutesPlanned(), 20);
  plan.removeStep(ids[1]);
  assert.equal(plan.minutesPlanned(), 5);
});

test("a text is empty until somebody writes or inserts something", () => {
  const { plan } = planWith();
  const text = plan.fragment("section:board");
  assert.ok(isEmpty(text));
  const paragraph = new Y.XmlElement("paragraph");
  text.insert(0, [paragraph]);
  assert.ok(isEmpty(text));
  paragraph.insert(0, [new Y.XmlElement("inlineMath")]);
  assert.ok(!isEmpty(text));
});

test("a change names the places it touches", () => {
  const { plan, ids } = planWith("一");
  const places = [];
  plan.doc.on("update", (_update, _origin, _doc, transaction) => places.push([...placesOf(transaction)]));
  plan.setMeta("title", "新课题");
  plan.setStep(ids[0], "minutes", 8);
  const field = stepField(ids[0], "teacher");
  plan.fragment(field).insert(0, [new Y.XmlElement("paragraph")]);
  assert.deepEqual(places, [["meta"], [`step:${ids[0]}`], [field]]);
});

test("an update from outside names the texts it will change before it is applied", () => {
  const { plan: theirs, ids } = planWith("一");
  const mine = new Plan(new Y.Doc());
  const updates = [];
  theirs.doc.on("update", (update) => updates.push(update));
  const paragraph = new Y.XmlElement("paragraph");
  const words = new Y.XmlText("你好");
  theirs.fragment("section:board").insert(0, [paragraph]);
  paragraph.insert(0, [words]);
  exchange(mine, theirs);
  updates.length = 0;
  words.insert(1, "们");
  words.delete(0, 1);
  theirs.setStep(ids[0], "title", "改");
  const touched = updates.map((update) => [...rootsTouched(mine.doc, update)]);
  assert.deepEqual(touched, [["section:board"], ["section:board"], ["steps"]]);
  Y.applyUpdate(mine.doc, updates[0]);
  Y.applyUpdate(mine.doc, updates[1]);
  assert.equal(mine.fragment("section:board").toString(), "<paragraph>们好</paragraph>");
});

test("an update that builds on unknown text does not claim to know what it changes", () => {
  const { plan: theirs } = planWith();
  const paragraph = new Y.XmlElement("paragraph");
  theirs.fragment("section:board").insert(0, [paragraph]);
  const updates = [];
  theirs.doc.on("update", (update) => updates.push(update));
  paragraph.insert(0, [new Y.XmlText("字")]);
  assert.equal(rootsTouched(new Y.Doc(), updates[0]), null);
});
