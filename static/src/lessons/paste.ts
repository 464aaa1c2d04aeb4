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
const KEPT_ATTRIBUTES = new Set(["href", "colspan", "rowspan", "start", "style", "data-latex", "data-type", "data-checked", "data-resource", "data-width", "alt"]);
const DECIMAL = /^\d{1,3}\s*[.．、]$/;
const GLYPH = /^[·•●○◦■□▪◆◇➢✓✔§ØüÜlnuqvo\-–—*]$/;

function nodesOf(root: Node, what: number): Node[] {
  const walker = document.createTreeWalker(root, what);
  const found: Node[] = [];
  while (walker.nextNode()) found.push(walker.currentNode);
  return found;
}

interface WordItem {
  readonly level: number;
  readonly tag: "ol" | "ul";
  readonly start: number;
}

/** What Word says of a paragraph that is a list item; null for one whose marker is part of the text (一、 ①). */
function wordItem(paragraph: HTMLElement): WordItem | null {
  const level = Number(/level(\d)/.exec(paragraph.getAttribute("style") ?? "")?.[1] ?? 1);
  const marker = paragraph.querySelector("span[style*='Ignore']");
  const sign = marker?.textContent.replace(/[\s\u00a0]+/g, "") ?? "";
  const tag = DECIMAL.test(sign) ? "ol" : GLYPH.test(sign) ? "ul" : null;
  if (tag === null) return null;
  marker?.remove();
  return { level, tag, start: Number.parseInt(sign, 10) || 1 };
}

/** Word's list items are paragraphs with a marker; here they become lists. */
function makeLists(body: HTMLElement): void {
  let open: { list: HTMLElement; item: WordItem }[] = [];
  for (const paragraph of body.querySelectorAll<HTMLElement>("p[style*='mso-list'], p.MsoListParagraph")) {
    const item = wordItem(paragraph);
    if (item === null) continue;
    if (paragraph.previousElementSibling !== open[0]?.list) open = [];
    open = open.filter((outer) => outer.item.level < item.level || (outer.item.level === item.level && outer.item.tag === item.tag));
    const entry = document.createElement("li");
    entry.append(...paragraph.childNodes);
    const current = open.at(-1);
    if (current?.item.level === item.level) current.list.append(entry);
    else {
      const list = document.createElement(item.tag);
      if (item.start > 1) list.setAttribute("start", String(item.start));
      list.append(entry);
      if (current) current.list.lastElementChild?.append(list);
      else paragraph.before(list);
      open.push({ list, item });
    }
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

function removeJunk(body: HTMLElement): void {
  for (const comment of nodesOf(body, NodeFilter.SHOW_COMMENT)) comment.parentNode?.removeChild(comment);
  for (const junk of body.querySelectorAll("style, script, meta, link, title, xml, col, colgroup, svg, object, iframe")) junk.remove();
  for (const image of body.querySelectorAll("img")) keepOwnPicture(image);
}

/** A picture that was copied from a plan that somebody reads stays one; others have no place in the library. */
function keepOwnPicture(image: HTMLImageElement): void {
  const address = new URL(image.getAttribute("src") ?? "", window.location.href);
  const resource = /^\/plans\/\w+\/files\/(\w+)$/.exec(address.pathname)?.[1];
  if (resource === undefined || address.origin !== window.location.origin) {
    image.remove();
    return;
  }
  image.dataset["resource"] = resource;
  image.dataset["width"] = /picture-(\d+)/.exec(image.className)?.[1] ?? "100";
}

function isBlank(element: Element): boolean {
  return !/[^\s\u00a0]/.test(element.textContent) && element.querySelector("img, br, table, hr, [data-latex]") === null;
}

/** HTML from outside as HTML that holds only what a text of a plan can take. */
export function cleanPasted(html: string): string {
  // Style sheets go before anything is parsed: our page's rules forbid them even in a document nobody sees.
  const { body } = new DOMParser().parseFromString(html.replace(/<style[\s\S]*?<\/style>/gi, ""), "text/html");
  removeJunk(body);
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
