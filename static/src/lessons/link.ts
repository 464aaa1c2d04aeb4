/** Links: a dialogue for their address. */

import { getMarkRange, type Editor } from "@tiptap/core";

import { openDialog } from "../shared/dialog";
import { element } from "../shared/dom";
import { _ } from "../shared/words";
import { safeAddress } from "./schema";

/** Asks for the address of the link at the cursor, or of a new one around what is selected. An empty address takes the link away. */
export function editLink(editor: Editor): void {
  const type = editor.schema.marks["link"];
  if (!type) return;
  const linked = () => getMarkRange(editor.state.selection.$from, type);
  const existing = linked();
  const { from, to } = existing ?? editor.state.selection;
  const words = element("input", { type: "text", autocomplete: "off" });
  const address = element("input", { type: "text", inputmode: "url", autocomplete: "off", placeholder: "https://" });
  words.value = editor.state.doc.textBetween(from, to, " ");
  address.value = String(editor.getAttributes("link")["href"] ?? "");
  const before = words.value;
  const problem = element("p", { class: "problem", role: "alert" });
  openDialog({
    title: _("链接"),
    accept: existing ? _("改好了") : _("插入"),
    body: element(
      "div",
      { class: "link-dialog" },
      element("label", {}, _("地址"), address),
      element("label", {}, _("显示的文字"), words),
      problem,
    ),
    accepted: () => {
      // Others may have written meanwhile: the selection has moved along, numbers have not.
      const now = linked() ?? editor.state.selection;
      const range = editor.chain().focus().setTextSelection({ from: now.from, to: now.to });
      if (address.value.trim() === "") {
        range.unsetMark("link").run();
        return true;
      }
      const href = safeAddress(address.value);
      if (href === null) {
        problem.textContent = _("这个地址打不开。请写完整的网址，例如 https://www.example.cn/。");
        return false;
      }
      if (words.value === before && now.from < now.to) range.setMark("link", { href }).run();
      else {
        const text = words.value.trim() || href;
        range.insertContent({ type: "text", text, marks: [{ type: "link", attrs: { href } }] }).run();
      }
      return true;
    },
  });
  address.focus();
}
