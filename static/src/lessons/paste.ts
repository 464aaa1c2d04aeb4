/** Text from Word, WPS and web pages: its tables, lists and emphasis stay, its wrapping paper goes. */

import type { Slice } from "@tiptap/pm/model";
import { Plugin } from "@tiptap/pm/state";

import { toast } from "../shared/toast";
import { _ } from "../shared/words";

const TOO_MUCH = 400_000;
const WIDE = "\\u2E80-\\u9FFF\\uF900-\\uFAFF\\uFF00-\\uFFEF\\u2018-\\u201D";
/** Word breaks its lines anywhere; between Chinese characters such a break is not a space. */
const BREAK_IN_CHINESE = new RegExp(`(?<=[${WIDE}])[ \\t]*[\\r\\n]\\s*(?=[${WIDE}])`, "g");
const KEPT_STYLES = ["font-weight", "font-style", "text-decoration", "text-decoration-line", "vertical-align"];
const KEPT_ATTRIBUTES = new Set(["href", "colspan", "rowspan", "start", "style", "data-latex", "data-type", "data-checked"]);
const DECIMAL = /^\d{1,3}\s*[.．、]$/;
const GLYPH = /^[·•●○◦■□▪◆◇➢✓✔§ØüÜlnuqvo\-–—*]$/;

function nodesOf(root: Node, what: number): Node[] {
  const walker = document.createTreeWalker(root, what);
  const found: Node[] = [];
  while (walker.nextNode()) found.push(walker.currentNode);
  return found;
}

/** Word's list items are paragraphs with a marker; here they become lists, except markers that are part of the text (一、 ①). */
function makeLists(body: HTMLElement): void {
  const open: { list: HTMLElement; level: number; tag: string }[] = [];
  let last: Element | null = null;
  for (const paragraph of body.querySelectorAll<HTMLElement>("p[style*='mso-list'], p.MsoListParagraph")) {
    const level = Number(/level(\d)/.exec(paragraph.getAttribute("style") ?? "")?.[1] ?? 1);
    const marker = paragraph.querySelector<HTMLElement>("span[style*='Ignore']");
    const sign = marker?.textContent.replace(/[\s\u00a0]+/g, "") ?? "";
    const tag = DECIMAL.test(sign) ? "ol" : GLYPH.test(sign) ? "ul" : null;
    if (tag === null) continue;
    marker?.remove();
    const item = document.createElement("li");
    item.append(...paragraph.childNodes);
    if (last === null || paragraph.previousElementSibling !== last) open.length = 0;
    while (open.length > 0 && (open.at(-1)?.level ?? 0) > level) open.pop();
    const current = open.at(-1);
    if (current?.level === level && current.tag === tag) current.list.append(item);
    else {
      if (current?.level === level) open.pop();
      const list = document.createElement(tag);
      if (tag === "ol") list.setAttribute("start", String(Number.parseInt(sign, 10)));
      list.append(item);
      const outer = open.at(-1)?.list.lastElementChild;
      if (outer) outer.append(list);
      else paragraph.before(list);
      open.push({ list, level, tag });
    }
    last = open[0]?.list ?? null;
    paragraph.remove();
  }
}

function keepOnlyKnownAttributes(body: HTMLElement): void {
  for (const element of body.querySelectorAll<HTMLElement>("*")) {
    const kept = KEPT_STYLES.map((name) => [name, element.style.getPropertyValue(name)] as const).filter(([, value]) => value);
    for (const { name } of [...element.attributes]) if (!KEPT_ATTRIBUTES.has(name)) element.removeAttribute(name);
    element.removeAttribute("style");
    for (const [name, value] of kept) element.style.setProperty(name, value);
  }
}

function isBlank(element: Element): boolean {
  return !/[^\s\u00a0]/.test(element.textContent) && element.querySelector("img, br, table, hr, [data-latex]") === null;
}

/** HTML from outside as HTML that holds only what a text of a plan can take. */
export function cleanPasted(html: string): string {
  const { body } = new DOMParser().parseFromString(html, "text/html");
  for (const comment of nodesOf(body, NodeFilter.SHOW_COMMENT)) comment.parentNode?.removeChild(comment);
  for (const junk of body.querySelectorAll("style, script, meta, link, title, xml, col, colgroup, img, svg, object, iframe")) junk.remove();
  makeLists(body);
  for (const wrapper of body.querySelectorAll("o\\:p, font")) wrapper.replaceWith(...wrapper.childNodes);
  keepOnlyKnownAttributes(body);
  for (const text of nodesOf(body, NodeFilter.SHOW_TEXT)) {
    if (text.parentElement?.closest("pre") === null) {
      text.nodeValue = (text.nodeValue ?? "").replace(BREAK_IN_CHINESE, "").replace(/\u00a0/g, " ");
    }
  }
  for (const paragraph of body.querySelectorAll("p")) {
    if (isBlank(paragraph) && paragraph.closest("td, th") === null) paragraph.remove();
  }
  return body.innerHTML;
}

function isOurs(html: string): boolean {
  return html.includes("data-pm-slice");
}

/** Cleans what is pasted; refuses what is too much for one text. */
export function pastePlugin(): Plugin {
  return new Plugin({
    props: {
      transformPastedHTML: (html) => (isOurs(html) ? html : cleanPasted(html)),
      handlePaste(_view, _event, slice: Slice) {
        if (slice.content.size <= TOO_MUCH) return false;
        toast(_("这段内容太长，一次放不下。请分几次粘贴，或用“导入”上传整个文件。"));
        return true;
      },
    },
  });
}
