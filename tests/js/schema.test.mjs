/** The schema of a plan's texts, in plain Node. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { getSchema } from "@tiptap/core";
import { initProseMirrorDoc, prosemirrorJSONToYXmlFragment, yXmlFragmentToProseMirrorRootNode } from "@tiptap/y-tiptap";
import * as Y from "yjs";

import { load } from "./load.mjs";

const { schemaExtensions, SCHEMA_NUMBER, safeAddress } = await load("lessons/schema.ts");
const schema = getSchema(schemaExtensions);

const text = (words, ...marks) => ({ type: "text", text: words, ...(marks.length ? { marks } : {}) });
const paragraph = (...content) => ({ type: "paragraph", ...(content.length ? { content } : {}) });
const cell = (type, words, attrs = {}) => ({ type, attrs: { colspan: 1, rowspan: 1, ...attrs }, content: [paragraph(text(words))] });
const everything = {
  type: "doc",
  content: [
    ...[1, 2, 3, 4].map((level) => ({ type: "heading", attrs: { level }, content: [text("标题")] })),
    paragraph(
      text("字", { type: "bold" }, { type: "italic" }, { type: "underline" }, { type: "strike" }),
      text("2", { type: "superscript" }),
      text("2", { type: "subscript" }),
      text("x", { type: "code" }),
      text("网", { type: "link", attrs: { href: "https://www.example.cn/" } }),
      { type: "hardBreak" },
      { type: "inlineMath", attrs: { latex: "S=ah" } },
      { type: "ruby", attrs: { base: "形", text: "xíng" } },
    ),
    { type: "bulletList", content: [{ type: "listItem", content: [paragraph(text("一")), { type: "orderedList", attrs: { start: 3 }, content: [{ type: "listItem", content: [paragraph(text("二"))] }] }] }] },
    { type: "taskList", content: [{ type: "taskItem", attrs: { checked: true }, content: [paragraph(text("做"))] }] },
    { type: "blockquote", content: [paragraph(text("引")), paragraph()] },
    { type: "codeBlock", attrs: { language: "python" }, content: [text("print(1)")] },
    { type: "horizontalRule" },
    {
      type: "table",
      content: [
        { type: "tableRow", content: [cell("tableHeader", "头", { colspan: 2, colwidth: [80, 120] })] },
        { type: "tableRow", content: [cell("tableCell", "一"), cell("tableCell", "二", { rowspan: 2 })] },
      ],
    },
    { type: "blockMath", attrs: { latex: "\\frac12" } },
    { type: "image", attrs: { resource: "k3x9abcd27", alt: "雨量图", width: 50, upload: null } },
    { type: "image", attrs: { resource: "", alt: "", width: 100, upload: "m19dfb1mne" } },
    { type: "block", attrs: { kind: "later", data: "{}" } },
  ],
}; // prettier-ignore

test("every node and mark of the contract is there, and nothing else", () => {
  assert.equal(SCHEMA_NUMBER, 2);
  assert.deepEqual(
    Object.keys(schema.nodes).filter((name) => !["doc", "text"].includes(name)).sort(),
    ["paragraph", "heading", "bulletList", "orderedList", "listItem", "taskList", "taskItem", "blockquote", "codeBlock", "horizontalRule",
      "hardBreak", "table", "tableRow", "tableHeader", "tableCell", "inlineMath", "blockMath", "ruby", "image", "block"].sort(),
  ); // prettier-ignore
  assert.deepEqual(Object.keys(schema.marks), ["link", "bold", "italic", "underline", "strike", "superscript", "subscript", "code"]);
});

test("attributes are those of the contract, and nothing else", () => {
  const attributes = (type) => Object.fromEntries(Object.entries(type.attrs ?? {}).map(([name, { default: value }]) => [name, value]));
  const withAttributes = [...Object.values(schema.nodes), ...Object.values(schema.marks)]
    .map((type) => [type.name, attributes(type)])
    .filter(([, found]) => Object.keys(found).length > 0);
  assert.deepEqual(Object.fromEntries(withAttributes), {
    heading: { level: 1 },
    orderedList: { start: 1 },
    taskItem: { checked: false },
    codeBlock: { language: null },
    tableHeader: { colspan: 1, rowspan: 1, colwidth: null },
    tableCell: { colspan: 1, rowspan: 1, colwidth: null },
    inlineMath: { latex: "" },
    blockMath: { latex: "" },
    ruby: { base: "", text: "" },
    image: { resource: "", alt: "", width: 100, upload: null },
    block: { kind: "", data: "" },
    link: { href: "" },
  });
});

test("a text with everything in it is valid", () => {
  schema.nodeFromJSON(everything).check();
});

test("opening a text with everything in it writes nothing and loses nothing", () => {
  const doc = new Y.Doc();
  const fragment = doc.getXmlFragment("section:objectives");
  prosemirrorJSONToYXmlFragment(schema, everything, fragment);
  const before = Y.encodeStateVector(doc);
  const updates = [];
  doc.on("update", (update) => updates.push(update));
  initProseMirrorDoc(fragment, schema).doc.check();
  assert.deepEqual(yXmlFragmentToProseMirrorRootNode(fragment, schema).toJSON(), schema.nodeFromJSON(everything).toJSON());
  assert.equal(updates.length, 0);
  assert.deepEqual(Y.encodeStateVector(doc), before);
});

test("a link leads only to addresses that cannot run anything", () => {
  assert.equal(safeAddress("javascript:alert(1)"), null);
  assert.equal(safeAddress("data:text/html,x"), null);
  assert.equal(safeAddress("//evil.example"), null);
  assert.equal(safeAddress(" www.moe.gov.cn/jyb "), "https://www.moe.gov.cn/jyb");
  assert.equal(safeAddress("mailto:a@example.cn"), "mailto:a@example.cn");
  assert.equal(safeAddress("/plans/abc"), "/plans/abc");
});
