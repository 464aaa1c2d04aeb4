/** 拼音注音: a dialogue for characters with their reading above. */

import type { Editor, NodeViewRendererProps } from "@tiptap/core";

import { openDialog } from "../shared/dialog";
import { element } from "../shared/dom";
import { _ } from "../shared/words";

const TONES = ["āáǎà", "ōóǒò", "ēéěè", "īíǐì", "ūúǔù", "ǖǘǚǜü"];

interface Reading {
  readonly base: string;
  readonly text: string;
}

/** One reading for each character where the numbers agree, else one for all of them together. */
export function readings(base: string, text: string): Reading[] {
  const characters = Array.from(base.trim());
  const syllables = text.trim().split(/\s+/);
  if (characters.length !== syllables.length) return [{ base: base.trim(), text: text.trim() }];
  return characters.map((character, index) => ({ base: character, text: syllables[index] ?? "" }));
}

function toneKeys(target: HTMLInputElement): HTMLElement {
  return element(
    "div",
    { class: "palette tones", role: "group", "aria-label": _("带声调的字母") },
    ...TONES.map((row) =>
      element(
        "span",
        { class: "palette-signs" },
        ...Array.from(row, (letter) =>
          element(
            "button",
            {
              type: "button",
              onclick: () => {
                target.setRangeText(letter, target.selectionStart ?? 0, target.selectionEnd ?? 0, "end");
                target.focus();
              },
            },
            letter,
          ),
        ),
      ),
    ),
  );
}

/** Asks for a reading and puts it where the cursor is, or in place of the one at `position`. */
export function editRuby(editor: Editor, position?: number): void {
  const { from, to } = editor.state.selection;
  const node = position === undefined ? null : editor.state.doc.nodeAt(position);
  const base = element("input", { type: "text", required: true, maxlength: "40", autocomplete: "off" });
  const text = element("input", {
    type: "text", required: true, maxlength: "120", autocomplete: "off", autocapitalize: "off", spellcheck: "false",
    lang: "zh-Latn-pinyin", placeholder: "píng xíng",
  }); // prettier-ignore
  base.value = node ? String(node.attrs["base"]) : editor.state.doc.textBetween(from, to, "");
  text.value = node ? String(node.attrs["text"]) : "";
  openDialog({
    title: _("拼音注音"),
    accept: node ? _("改好了") : _("插入"),
    body: element(
      "div",
      { class: "ruby-dialog" },
      element("label", {}, _("汉字"), base),
      element("label", {}, _("拼音（每个字的拼音用空格隔开）"), text),
      toneKeys(text),
    ),
    accepted: () => {
      const content = readings(base.value, text.value).map((attrs) => ({ type: "ruby", attrs }));
      const now = position === undefined ? null : editor.state.doc.nodeAt(position);
      const chain = editor.chain().focus();
      if (position !== undefined && now && node?.eq(now)) {
        chain.insertContentAt({ from: position, to: position + now.nodeSize }, content).run();
      } else chain.insertContent(content).run();
      return true;
    },
  });
  (base.value === "" ? base : text).focus();
}

/** How a reading looks and is opened in an editor. */
export function rubyView({ node, editor, getPos }: NodeViewRendererProps) {
  const dom = element(
    "span",
    { class: "ruby-box", contenteditable: "false", title: _("点一下修改拼音") },
    element("ruby", {}, String(node.attrs["base"]), element("rt", {}, String(node.attrs["text"]))),
  );
  dom.addEventListener("click", () => {
    if (editor.isEditable) editRuby(editor, getPos());
  });
  return { dom, ignoreMutation: () => true };
}
