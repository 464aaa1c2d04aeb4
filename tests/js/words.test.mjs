/** Every Chinese string of the front end has its English, and every English its Chinese. */

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";
import ts from "typescript";

const source = resolve(import.meta.dirname, "../../static/src");
const catalogues = readdirSync(join(source, "words/en"));

function filesOf(folder) {
  return readdirSync(join(source, folder), { recursive: true })
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"))
    .map((name) => join(source, folder, name));
}

/** The first arguments of all calls of `_`; one that is not a plain string is a mistake. */
function stringsIn(file) {
  const found = [];
  const visit = (node) => {
    if (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === "_") {
      const [argument] = node.arguments;
      assert.ok(argument && ts.isStringLiteralLike(argument), `${file}: _() takes a plain string`);
      found.push(argument.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ES2022, true));
  return found;
}

const placeholders = (text) => new Set([...text.matchAll(/\{(\w+)[}|]/g)].map((match) => match[1]));

for (const catalogue of catalogues) {
  const folder = catalogue.replace(/\.json$/, "");
  const english = JSON.parse(readFileSync(join(source, "words/en", catalogue), "utf8"));
  const used = new Set(filesOf(folder).flatMap(stringsIn));

  test(`every string in ${folder}/ has English words`, () => {
    assert.deepEqual([...used].filter((chinese) => !english[chinese]), []);
  });

  test(`${catalogue} holds nothing that no page says`, () => {
    assert.deepEqual(Object.keys(english).filter((chinese) => !used.has(chinese)), []);
  });

  test(`the English in ${catalogue} names the same values`, () => {
    for (const [chinese, text] of Object.entries(english)) assert.deepEqual(placeholders(text), placeholders(chinese), chinese);
  });
}

test("no string of a script is plain Chinese outside _()", () => {
  const texts = readdirSync(source, { recursive: true }).filter((name) => name.endsWith(".ts"));
  const known = new Set(catalogues.flatMap((name) => Object.keys(JSON.parse(readFileSync(join(source, "words/en", name), "utf8")))));
  const loose = [];
  for (const name of texts) {
    const visit = (node) => {
      const words = ts.isStringLiteralLike(node) && /[\u4e00-\u9fff]{2}/.test(node.text) && !known.has(node.text);
      const isSearchWord = ts.isPropertyAssignment(node.parent ?? node) && node.parent.name?.getText() === "also";
      if (words && !isSearchWord && !/^[〇一二三四五六七八九十]+$/.test(node.text)) loose.push(`${name}: ${node.text}`);
      ts.forEachChild(node, visit);
    };
    visit(ts.createSourceFile(name, readFileSync(join(source, name), "utf8"), ts.ScriptTarget.ES2022, true));
  }
  assert.deepEqual(loose, []);
});
