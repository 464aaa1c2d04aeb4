/** The toolbar: buttons with words that act on the text with the cursor. */

import type { Editor } from "@tiptap/core";

import { eachFrame, element } from "../shared/dom";
import { float } from "../shared/floating";
import { icon } from "../shared/icons";
import { openMenu, type MenuItem } from "../shared/menu";
import { _ } from "../shared/words";
import { blocks, insertTable, inserts, marks, others, paragraphs, table, tableCommands, type Command } from "./commands";
import type { Fields } from "./fields";

/** So many marks have a button of their own; the rest is under 更多. */
const COMMON_MARKS = 3;
const GRID = { rows: 6, columns: 6 };

function tool(label: string, picture: SVGElement, run: (event: Event) => void, keys?: string): HTMLButtonElement {
  return element(
    "button",
    {
      type: "button",
      class: "tool",
      tabindex: "-1",
      title: keys ? `${label} ${keys}` : label,
      // The cursor stays in the text.
      onmousedown: (event: Event) => event.preventDefault(),
      onclick: run,
    },
    picture,
    element("span", {}, label),
  );
}

export class Toolbar {
  readonly dom: HTMLElement;
  private readonly buttons: { button: HTMLButtonElement; command: Command }[] = [];
  private readonly undo: HTMLButtonElement;
  private readonly redo: HTMLButtonElement;
  private readonly style: HTMLButtonElement;
  private readonly more: HTMLButtonElement;
  private readonly refresh = eachFrame(() => this.draw());

  constructor(private readonly fields: Fields) {
    const { history, sync } = fields.shared;
    this.undo = tool(_("撤销"), icon("arrow-back-up"), () => history.undo(), "Ctrl+Z");
    this.redo = tool(_("重做"), icon("arrow-forward-up"), () => history.redo(), "Ctrl+Y");
    this.style = this.menuTool(_("标题"), icon("text-size"), (editor) => this.items(paragraphs, editor));
    this.more = this.menuTool(_("更多"), icon("dots"), (editor) => this.items([...marks.slice(COMMON_MARKS), ...others], editor));
    this.dom = element(
      "div",
      { class: "toolbar", role: "toolbar", "aria-label": _("文字工具"), "aria-orientation": "horizontal" },
      this.group(this.undo, this.redo),
      this.group(this.style, ...marks.slice(0, COMMON_MARKS).map((command) => this.commandTool(command))),
      this.group(...blocks.map((command) => this.commandTool(command))),
      this.group(this.tableTool(), ...inserts.map((command) => this.commandTool(command))),
      this.group(this.more),
    );
    this.dom.addEventListener("keydown", (event) => this.walk(event));
    fields.onSelection(this.refresh);
    history.onChange(this.refresh);
    sync.onChange(this.refresh);
    this.draw();
  }

  focus(): void {
    this.dom.querySelector<HTMLElement>("[tabindex='0']")?.focus();
  }

  private group(...buttons: (HTMLElement | undefined)[]): HTMLElement {
    return element("div", { class: "tools" }, ...buttons);
  }

  private act(run: (editor: Editor) => void): void {
    const { editor } = this.fields;
    if (editor && this.fields.shared.sync.mayWrite) run(editor);
  }

  private commandTool(command: Command): HTMLButtonElement {
    const button = tool(command.label, command.icon(), () => this.act(command.run), command.keys);
    this.buttons.push({ button, command });
    return button;
  }

  private menuTool(label: string, picture: SVGElement, items: (editor: Editor) => MenuItem[]): HTMLButtonElement {
    const button = tool(label, picture, () => this.act((editor) => openMenu(button, label, items(editor))));
    button.setAttribute("aria-haspopup", "menu");
    button.setAttribute("aria-expanded", "false");
    return button;
  }

  private items(commands: readonly Command[], editor: Editor): MenuItem[] {
    return commands.map((command) => ({
      label: command.label,
      icon: command.icon(),
      run: () => command.run(editor),
      ...(command.active ? { checked: command.active(editor) } : {}),
    }));
  }

  /** Outside a table it asks for a size; inside one it offers what can be done to it. */
  private tableTool(): HTMLButtonElement {
    const button = this.commandTool({
      ...table,
      run: (editor) => {
        if (editor.isActive("table")) openMenu(button, table.label, tableCommands(editor));
        else this.askSize(button, editor);
      },
    });
    button.setAttribute("aria-haspopup", "menu");
    button.setAttribute("aria-expanded", "false");
    return button;
  }

  private askSize(button: HTMLElement, editor: Editor): void {
    const words = element("p", { role: "status" }, _("选几行几列"));
    const grid = element("div", { class: "size-grid" });
    const mark = (rows: number, columns: number) => {
      words.textContent = _("{rows} 行 {columns} 列", { rows, columns });
      [...grid.children].forEach((cell, index) => {
        const inside = Math.floor(index / GRID.columns) < rows && index % GRID.columns < columns;
        cell.classList.toggle("inside", inside);
      });
    };
    for (let row = 1; row <= GRID.rows; row += 1) {
      for (let column = 1; column <= GRID.columns; column += 1) {
        const cell = element("button", {
          type: "button",
          "aria-label": _("{rows} 行 {columns} 列", { rows: row, columns: column }),
          onmousedown: (event: Event) => event.preventDefault(),
          onpointerenter: () => mark(row, column),
          onfocus: () => mark(row, column),
          onclick: () => {
            close();
            insertTable(editor, row, column);
          },
        });
        grid.append(cell);
      }
    }
    const panel = element("div", { class: "action-menu size", role: "dialog", "aria-label": _("插入表格") }, grid, words);
    panel.addEventListener("keydown", (event) => {
      const cells = [...grid.children] as HTMLElement[];
      const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: GRID.columns, ArrowUp: -GRID.columns }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      cells[cells.indexOf(document.activeElement as HTMLElement) + step]?.focus();
    });
    const close = float(panel, button);
    (grid.children[GRID.columns + 2] as HTMLElement).focus({ preventScroll: true });
  }

  /** One stop for the Tab key; arrows go from tool to tool. */
  private walk(event: KeyboardEvent): void {
    const tools = [...this.dom.querySelectorAll<HTMLButtonElement>(".tool:not(:disabled)")];
    const now = tools.indexOf(document.activeElement as HTMLButtonElement);
    const next = { ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: tools.length - 1 }[event.key];
    if (event.key === "Escape") this.fields.editor?.commands.focus();
    if (next === undefined) return;
    event.preventDefault();
    const target = tools[(next + tools.length) % tools.length];
    for (const button of tools) button.tabIndex = button === target ? 0 : -1;
    target?.focus();
  }

  private draw(): void {
    const { editor, shared } = this.fields;
    const writing = shared.sync.mayWrite;
    this.dom.hidden = !writing;
    this.undo.disabled = !shared.history.canUndo;
    this.redo.disabled = !shared.history.canRedo;
    for (const { button, command } of this.buttons) {
      button.disabled = editor === null;
      if (command.active) button.setAttribute("aria-pressed", String(editor !== null && command.active(editor)));
    }
    this.style.disabled = this.more.disabled = editor === null;
    const level = editor?.isActive("heading") ? Number(editor.getAttributes("heading")["level"]) : 0;
    const label = this.style.querySelector("span");
    if (label) label.textContent = paragraphs[level]?.label ?? _("标题");
    if (!this.dom.querySelector(".tool[tabindex='0']:not(:disabled)")) {
      const first = this.dom.querySelector<HTMLButtonElement>(".tool:not(:disabled)");
      if (first) first.tabIndex = 0;
    }
  }
}
