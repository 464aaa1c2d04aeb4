/**
 * The real editor without a screen, for tests in Python: one JSON request a line on standard input, one answer a line.
 *
 * `{open: update}` opens every text of the document as the page does and answers with what the editors show, and with how
 * many updates opening wrote. `{write: texts}` types the texts (ProseMirror JSON by field) into editors on an empty
 * document and answers with its update. `{keys: [last, count]}` answers with the next order keys.
 */

import { createInterface } from "node:readline";

import { Window } from "happy-dom";

const window = new Window();
for (const name of ["document", "Node", "HTMLElement", "Element", "MutationObserver", "getComputedStyle", "DOMParser", "Range", "getSelection"]) {
  globalThis[name] = typeof window[name] === "function" && /^[a-z]/.test(name) ? window[name].bind(window) : window[name];
}
globalThis.window = window;
if (!globalThis.navigator) globalThis.navigator = window.navigator; // Node has one of its own from 21 on
globalThis.requestAnimationFrame ??= (then) => setTimeout(then, 0);

const { Editor, Extension } = await import("@tiptap/core");
const { initProseMirrorDoc, ySyncPlugin } = await import("@tiptap/y-tiptap");
const { generateNKeysBetween } = await import("fractional-indexing");
const Y = await import("yjs");
const { load } = await import("./load.mjs");
const { schemaExtensions } = await load("lessons/schema.ts");

function openField(fragment) {
  let mapping = {};
  return new Editor({
    element: { mount: document.createElement("div") },
    injectCSS: false,
    onBeforeCreate({ editor }) {
      if (fragment.length === 0) return;
      const initial = initProseMirrorDoc(fragment, editor.schema);
      editor.options.content = initial.doc;
      mapping = { mapping: initial.mapping };
    },
    extensions: [...schemaExtensions, Extension.create({ name: "binding", addProseMirrorPlugins: () => [ySyncPlugin(fragment, mapping)] })],
  });
}

const moment = () => new Promise((then) => setTimeout(then, 5));

async function open(update) {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, Buffer.from(update, "base64"));
  let writes = 0;
  doc.on("update", () => (writes += 1));
  const editors = new Map();
  for (const name of doc.share.keys()) {
    if (name.startsWith("section:") || name.startsWith("step:")) editors.set(name, openField(doc.getXmlFragment(name)));
  }
  await moment();
  const texts = Object.fromEntries([...editors].map(([name, editor]) => [name, editor.getJSON().content]));
  const opened = writes;
  // A key pressed in the first place of a text may change that text alone by a little: no other part is written anew.
  const sizes = [];
  doc.on("update", (written) => sizes.push(written.length));
  for (const editor of editors.values()) editor.commands.insertContentAt(editor.state.doc.content.size, { type: "paragraph", content: [{ type: "text", text: "字" }] });
  await moment();
  for (const editor of editors.values()) editor.destroy();
  return { writes: opened, texts, typed: Math.max(0, ...sizes) };
}

async function write(texts) {
  const doc = new Y.Doc();
  for (const [name, content] of Object.entries(texts)) {
    const editor = openField(doc.getXmlFragment(name));
    await moment();
    editor.commands.setContent({ type: "doc", content }, { errorOnInvalidContent: true });
    await moment();
    editor.destroy();
  }
  return { update: Buffer.from(Y.encodeStateAsUpdate(doc)).toString("base64") };
}

process.stdout.write('{"ready": true}\n');
for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  let answer;
  try {
    if (request.open) answer = await open(request.open);
    else if (request.write) answer = await write(request.write);
    else answer = { keys: generateNKeysBetween(request.keys[0], null, request.keys[1]) };
  } catch (problem) {
    answer = { problem: String(problem?.stack ?? problem) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
process.exit(0);
