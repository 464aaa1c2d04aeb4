/** The `/` menu: typed at the start of a line or after a space (“、” at the start of a line too, where Chinese keyboards put it). */

import type { Editor } from "@tiptap/core";
import { Plugin } from "@tiptap/pm/state";
import type { EditorView } from "@tiptap/pm/view";

import { element } from "../shared/dom";
import { place } from "../shared/floating";
import { _ } from "../shared/words";
import { blocks, inserts, marks, others, paragraphs, table, type Command } from "./commands";

const commands = [...paragraphs.slice(1), ...blocks, table, ...inserts, ...marks, ...others];

/** The commands whose name, pinyin initials or other words begin with what was typed; all of them for nothing. */
export function matching(typed: string, among: readonly Command[] = commands): Command[] {
  // While composing, keyboards put apostrophes between the syllables.
  const wanted = typed.replace(/['’\s]/g, "").toLowerCase();
  const words = ({ label, pinyin, also = "", name }: Command) => [label, pinyin, name, ...also.split(" ")];
  return among.filter((command) =>
    words(command).some((word) => word.toLowerCase().startsWith(wanted) || (/[\u4e00-\u9fff]/.test(wanted) && word.includes(wanted))),
  );
}

interface Asked {
  readonly from: number;
  readonly to: number;
  readonly typed: string;
}

function asked(view: EditorView): Asked | null {
  const { $from, empty } = view.state.selection;
  if (!empty || !$from.parent.isTextblock || $from.parent.type.spec.code) return null;
  const before = $from.parent.textBetween(Math.max(0, $from.parentOffset - 30), $from.parentOffset, undefined, "\ufffc");
  const found = /(?:^|(?<=\s))\/([^\s/]{0,12})$/.exec(before) ?? /^、([^\s、]{0,6})$/.exec(before);
  if (!found) return null;
  return { from: $from.pos - found[0].length, to: $from.pos, typed: found[1] ?? "" };
}

class SlashMenu {
  private readonly list = element("div", { class: "action-menu slash", role: "listbox", id: "slash-menu", "aria-label": _("插入") });
  private found: Command[] = [];
  private chosen = 0;
  private at: Asked | null = null;
  private refusedFrom: number | null = null;

  constructor(
    private readonly view: EditorView,
    private readonly editor: () => Editor | null,
  ) {
    this.list.classList.add("floating");
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
  }

  get open(): boolean {
    return this.list.isConnected;
  }

  update(): void {
    const at = this.view.hasFocus() && this.view.editable ? asked(this.view) : null;
    if (at === null || at.from === this.refusedFrom) {
      if (at === null) this.refusedFrom = null;
      this.close(); return;
    }
    const found = matching(at.typed);
    if (found.length === 0) { this.close(); return; }
    if (at.typed !== this.at?.typed) this.chosen = 0;
    this.at = at;
    this.found = found;
    this.draw();
  }

  close(): void {
    if (!this.open) return;
    this.list.remove();
    this.at = null;
    this.view.dom.removeAttribute("aria-activedescendant");
    this.view.dom.removeAttribute("aria-controls");
  }

  /** Whether the key was meant for the menu. */
  key(event: KeyboardEvent): boolean {
    if (!this.open || event.isComposing) return false;
    switch (event.key) {
      case "ArrowDown":
        return this.choose(this.chosen + 1);
      case "ArrowUp":
        return this.choose(this.chosen - 1);
      case "Enter":
      case "Tab":
        return this.run(this.found[this.chosen]);
      case "Escape":
        this.refusedFrom = this.at?.from ?? null;
        this.close();
        return true;
      default:
        return false;
    }
  }

  private choose(index: number): boolean {
    this.chosen = (index + this.found.length) % this.found.length;
    this.draw();
    return true;
  }

  private run(command: Command | undefined): boolean {
    const editor = this.editor();
    if (!command || !editor || this.at === null) return false;
    const { from, to } = this.at;
    this.close();
    editor.chain().focus().deleteRange({ from, to }).run();
    command.run(editor);
    return true;
  }

  private draw(): void {
    this.list.replaceChildren(
      ...this.found.map((command, index) =>
        element(
          "div",
          {
            role: "option",
            id: `slash-${command.name}`,
            "aria-selected": String(index === this.chosen),
            onclick: () => this.run(command),
          },
          command.icon(),
          command.label,
          element("span", { class: "slash-keys" }, `/${command.pinyin}`),
        ),
      ),
    );
    if (!this.open) document.body.append(this.list);
    const { view, at } = this;
    if (at === null) return;
    place(this.list, { getBoundingClientRect: () => caretBox(view, at.from) });
    view.dom.setAttribute("aria-controls", this.list.id);
    view.dom.setAttribute("aria-activedescendant", `slash-${this.found[this.chosen]?.name ?? ""}`);
    this.list.children[this.chosen]?.scrollIntoView({ block: "nearest" });
  }
}

function caretBox(view: EditorView, position: number): DOMRect {
  const { left, top, bottom } = view.coordsAtPos(position);
  return new DOMRect(left, top, 1, bottom - top);
}

export function slashPlugin(editor: () => Editor | null): Plugin {
  let menu: SlashMenu | null = null;
  return new Plugin({
    view(view) {
      const made = new SlashMenu(view, editor);
      menu = made;
      return { update: () => made.update(), destroy: () => made.close() };
    },
    props: {
      handleKeyDown: (_view, event) => menu?.key(event) ?? false,
      handleDOMEvents: {
        blur: () => {
          menu?.close();
          return false;
        },
      },
    },
  });
}
