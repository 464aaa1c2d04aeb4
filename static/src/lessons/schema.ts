/**
 * What a text of a plan may hold. The same names and defaults stand in `platform/lessons/text/schema.py`.
 *
 * The schema only grows: an editor that does not know a node or a mark deletes it for everybody. Importing this module
 * needs no browser.
 */

import { mergeAttributes, Mark, Node, type AnyExtension, type Attributes, type Extensions } from "@tiptap/core";
import Blockquote from "@tiptap/extension-blockquote";
import Bold from "@tiptap/extension-bold";
import Code from "@tiptap/extension-code";
import CodeBlock from "@tiptap/extension-code-block";
import Document from "@tiptap/extension-document";
import HardBreak from "@tiptap/extension-hard-break";
import Heading from "@tiptap/extension-heading";
import HorizontalRule from "@tiptap/extension-horizontal-rule";
import Italic from "@tiptap/extension-italic";
import { BulletList, ListItem, ListKeymap, OrderedList, TaskItem, TaskList } from "@tiptap/extension-list";
import Paragraph from "@tiptap/extension-paragraph";
import Strike from "@tiptap/extension-strike";
import Subscript from "@tiptap/extension-subscript";
import Superscript from "@tiptap/extension-superscript";
import { Table, TableCell, TableHeader, TableRow } from "@tiptap/extension-table";
import Text from "@tiptap/extension-text";
import Underline from "@tiptap/extension-underline";

import { _ } from "../shared/words";

export { SCHEMA_NUMBER } from "./schema_number";

/** The texts every step has. */
export const STEP_FIELDS = ["teacher", "pupils", "intent"] as const;
export type StepField = (typeof STEP_FIELDS)[number];

const SAFE_ADDRESS = /^(?:https?:|mailto:|tel:|\/(?!\/)|#)/i;

/** The address as it may stand in a link, or null for one that must not (`javascript:` and its like). */
export function safeAddress(address: string): string | null {
  const trimmed = address.trim();
  if (SAFE_ADDRESS.test(trimmed)) return trimmed;
  return /^[\w-]+(\.[\w-]+)+([/?#:].*)?$/.test(trimmed) ? `https://${trimmed}` : null;
}

/** Headings inside a section are one to four levels of their own, shown below the headings of the page. */
const PlanHeading = Heading.configure({ levels: [1, 2, 3, 4] }).extend({
  addAttributes() {
    return { level: { default: 1, rendered: false } };
  },
  parseHTML() {
    return [1, 2, 3, 4, 5, 6].map((level) => ({
      tag: `h${level}`,
      getAttrs: (dom: HTMLElement) => ({ level: Math.min(Number(dom.dataset["level"] ?? level) || 1, 4) }),
    }));
  },
  renderHTML({ node, HTMLAttributes }) {
    const level = Number(node.attrs["level"]);
    return [`h${Math.min(level + 2, 6)}`, mergeAttributes(HTMLAttributes, { "data-level": level }), 0];
  },
});

const PlanOrderedList = OrderedList.extend({
  addAttributes() {
    return {
      start: { default: 1, parseHTML: (dom: HTMLElement) => Number(dom.getAttribute("start") ?? 1) || 1 },
    };
  },
});

/** Only what the contract names: cells are merged and have widths, nothing else. */
function cellAttributes(inherited: Attributes): Attributes {
  const { colspan, rowspan, colwidth } = inherited;
  return { colspan: colspan ?? {}, rowspan: rowspan ?? {}, colwidth: colwidth ?? {} };
}

const PlanCell = TableCell.extend({
  addAttributes() {
    return cellAttributes((this.parent?.() ?? {}));
  },
});

const PlanHeaderCell = TableHeader.extend({
  addAttributes() {
    return cellAttributes((this.parent?.() ?? {}));
  },
});

const Link = Mark.create({
  name: "link",
  priority: 1000,
  inclusive: false,
  addAttributes() {
    return { href: { default: "" } };
  },
  parseHTML() {
    return [
      {
        tag: "a[href]",
        getAttrs: (dom) => {
          const href = safeAddress(dom.getAttribute("href") ?? "");
          return href === null ? false : { href };
        },
      },
    ];
  },
  renderHTML({ mark }) {
    const href = safeAddress(String(mark.attrs["href"])) ?? "";
    return ["a", { href, rel: "noopener noreferrer nofollow", target: "_blank" }, 0];
  },
});

const latex: Attributes = {
  latex: {
    default: "",
    parseHTML: (dom: HTMLElement) => dom.dataset["latex"] ?? "",
    renderHTML: (attributes) => ({ "data-latex": String(attributes["latex"]) }),
  },
};

/** A formula in a line of text. */
const InlineMath = Node.create({
  name: "inlineMath",
  group: "inline",
  inline: true,
  atom: true,
  addAttributes: () => latex,
  parseHTML: () => [{ tag: "span.math[data-latex]" }],
  renderHTML: ({ node, HTMLAttributes }) => [
    "span",
    mergeAttributes(HTMLAttributes, { class: "math" }),
    String(node.attrs["latex"]),
  ],
  renderText: ({ node }) => `$${String(node.attrs["latex"])}$`,
});

/** A formula on a line of its own. */
const BlockMath = Node.create({
  name: "blockMath",
  group: "block",
  atom: true,
  addAttributes: () => latex,
  parseHTML: () => [{ tag: "div.math[data-latex]" }],
  renderHTML: ({ node, HTMLAttributes }) => [
    "div",
    mergeAttributes(HTMLAttributes, { class: "math" }),
    String(node.attrs["latex"]),
  ],
  renderText: ({ node }) => `$$${String(node.attrs["latex"])}$$`,
});

/** 拼音注音: characters with their reading above. */
const Ruby = Node.create({
  name: "ruby",
  group: "inline",
  inline: true,
  atom: true,
  addAttributes() {
    return { base: { default: "", rendered: false }, text: { default: "", rendered: false } };
  },
  parseHTML() {
    return [
      {
        tag: "ruby",
        getAttrs: (dom) => {
          const copy = dom.cloneNode(true) as HTMLElement;
          const text = [...copy.querySelectorAll("rt")].map((part) => part.textContent).join(" ");
          for (const part of copy.querySelectorAll("rt, rp")) part.remove();
          return { base: copy.textContent, text };
        },
      },
    ];
  },
  renderHTML({ node }) {
    // In a box: beside a bare ruby Chromium takes the place before its neighbour for the end of the line.
    const ruby = ["ruby", {}, String(node.attrs["base"]), ["rt", {}, String(node.attrs["text"])]];
    return ["span", { class: "ruby-box" }, ruby];
  },
  renderText: ({ node }) => String(node.attrs["base"]),
});

/** How wide a picture stands in its text, in hundredths. */
export const IMAGE_WIDTHS = [25, 50, 75, 100] as const;

/** A picture of the library. While it is on its way `resource` is empty and `upload` names that way. */
const Image = Node.create({
  name: "image",
  group: "block",
  atom: true,
  draggable: true,
  addAttributes() {
    return {
      resource: { default: "", rendered: false },
      alt: { default: "", rendered: false },
      width: { default: 100, rendered: false },
      upload: { default: null, rendered: false },
    };
  },
  parseHTML() {
    return [
      {
        tag: "img[data-resource]",
        getAttrs: (dom) => {
          const { resource = "", width, upload = "" } = dom.dataset;
          const alt = dom.getAttribute("alt") ?? "";
          return { resource, alt, width: IMAGE_WIDTHS.find((each) => each === Number(width)) ?? 100, upload: upload || null };
        },
      },
    ];
  },
  // Without an address: it depends on the plan (see `pictures.ts`), and a browser would fetch any that stands here.
  renderHTML({ node }) {
    const { resource, alt, width, upload } = node.attrs;
    return ["img", { "data-resource": String(resource), alt: String(alt), "data-width": String(width), "data-upload": String(upload ?? "") }];
  },
  renderText: ({ node }) => String(node.attrs["alt"]),
});

/** Any block of a later schema: kept as it is, shown as a plain sentence. */
const Block = Node.create({
  name: "block",
  group: "block",
  atom: true,
  addAttributes() {
    return {
      kind: { default: "", parseHTML: (dom) => dom.dataset["kind"] ?? "", renderHTML: (a) => ({ "data-kind": String(a["kind"]) }) },
      data: { default: "", parseHTML: (dom) => dom.dataset["data"] ?? "", renderHTML: (a) => ({ "data-data": String(a["data"]) }) },
    };
  },
  parseHTML: () => [{ tag: "div.later-block" }],
  renderHTML: ({ HTMLAttributes }) => ["div", mergeAttributes(HTMLAttributes, { class: "later-block" })],
});

/**
 * Tiptap calls the group of all blocks `block`, and so does our contract call one kind of node; in ProseMirror's content expressions
 * the node would win, and `block+` would forbid everything else. So the group is called `flow` here.
 */
function inFlow(extension: AnyExtension): AnyExtension {
  if (!(extension instanceof Node)) return extension;
  const renamed = (inherited: unknown): string => {
    const value: unknown = typeof inherited === "function" ? (inherited as () => unknown)() : inherited;
    return typeof value === "string" ? value.replace(/\bblock\b/g, "flow") : "";
  };
  return extension.extend({
    group() {
      return renamed(this.parent);
    },
    content() {
      return renamed(this.parent);
    },
  });
}

/** Everything that decides the schema. Editors add behaviour to it (see `field.ts`), never a node or mark. */
export const schemaExtensions: Extensions = [
  Document,
  Paragraph,
  Text,
  PlanHeading,
  BulletList,
  PlanOrderedList,
  ListItem,
  ListKeymap,
  TaskList,
  TaskItem.configure({ nested: true, a11y: { checkboxLabel: ({ textContent }) => _("任务：{words}", { words: textContent }) } }),
  Blockquote,
  CodeBlock.extend({
    addAttributes() {
      return { language: { default: null, rendered: false } };
    },
  }),
  HorizontalRule,
  HardBreak,
  Table.configure({ resizable: true, renderWrapper: true, allowTableNodeSelection: true, lastColumnResizable: false }),
  TableRow,
  PlanHeaderCell,
  PlanCell,
  InlineMath,
  BlockMath,
  Ruby,
  Image,
  Block,
  Link,
  Bold,
  Italic,
  Underline,
  Strike,
  Superscript,
  Subscript,
  Code,
].map(inFlow);
