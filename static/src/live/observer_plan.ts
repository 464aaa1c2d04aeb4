/** The plan as those who observe see it: the running step marked, and below each step what was noted of it. */

import { element } from "../shared/dom";
import { icon } from "../shared/icons";
import { _ } from "../shared/words";
import { nameOf } from "./helper_words";
import { written } from "./helper_seen";
import type { Note, NoteBook, NoteKind } from "./observer_notes";
import type { Config, RunSheetStep, State } from "./protocol";
import { spentOn, titleOf } from "./run_sheet";
import { clock } from "./timer";

export function kindInWords(kind: NoteKind): string {
  switch (kind) {
    case "strength": return _("亮点");
    case "advice": return _("建议");
    case "question": return _("疑问");
    case "note": return _("记录");
  }
}

const KINDS: readonly NoteKind[] = ["strength", "advice", "question", "note"];

interface Row {
  readonly step: RunSheetStep;
  readonly line: HTMLElement;
  readonly time: HTMLElement;
  readonly notes: HTMLElement;
}

export class PlanView {
  readonly element: HTMLElement;
  private readonly rows: Row[];
  private readonly follow = element("button", { type: "button", class: "btn btn-sm", "aria-pressed": "true", onclick: () => this.setFollow(!this.follows) }, icon("focus-2"), _("跟随"));
  private follows = true;
  private running: string | null = null;
  private state: State | null = null;

  /** Without a `book` nothing is written here. */
  constructor(
    private readonly config: Config,
    private readonly book: NoteBook | null,
    private readonly now: () => number,
  ) {
    this.rows = config.run_sheet.steps.map((step) => this.row(step));
    this.element = element(
      "section",
      { class: "observer-plan", "aria-labelledby": "plan-title" },
      element("header", { class: "phone-head" }, element("h2", { id: "plan-title" }, _("教学过程")), this.follow),
      element("ol", { class: "observer-steps" }, ...this.rows.map(({ line }) => line)),
      this.rows.length === 0 && element("p", { class: "muted" }, _("这节课没有带教案。")),
    );
  }

  show(state: State, now: number): void {
    this.state = state;
    for (const { step, line, time } of this.rows) {
      const spent = spentOn(state, step.id, now);
      line.classList.toggle("observer-now", step.id === state.step);
      const planned = step.minutes ? _("{minutes} 分", { minutes: step.minutes }) : "";
      time.textContent = spent > 0 ? [clock(spent), planned].filter(Boolean).join(" / ") : planned;
    }
    if (state.step !== this.running) {
      this.running = state.step;
      if (this.follows) this.goToRunning();
    }
  }

  /** The notes are others than before. */
  showNotes(): void {
    for (const { step, notes } of this.rows) {
      const own = this.book?.of(step.id) ?? [];
      notes.replaceChildren(...own.map((note) => this.note(note)));
    }
  }

  private setFollow(follows: boolean): void {
    this.follows = follows;
    this.follow.setAttribute("aria-pressed", String(follows));
    if (follows) this.goToRunning();
  }

  private goToRunning(): void {
    const row = this.rows.find(({ step }) => step.id === this.running);
    if (!row) return;
    for (const { line } of this.rows) line.querySelector("details")?.removeAttribute("open");
    row.line.querySelector("details")?.setAttribute("open", "");
    row.line.scrollIntoView({ block: "start", behavior: "smooth" });
  }

  private row(step: RunSheetStep): Row {
    const time = element("span", { class: "hint" });
    const notes = element("ul", { class: "observer-notes" });
    const parts: [string, string][] = [[_("教师"), step.teacher ?? ""], [_("学生"), step.pupils], [_("意图"), step.intent ?? ""]];
    const texts = element("dl", { class: "observer-texts" }, ...parts.filter(([, html]) => html).map(([name, html]) =>
      element("div", {}, element("dt", {}, name), element("dd", {}, written(html))),
    ));
    const details = element("details", {}, element("summary", {}, element("b", {}, titleOf(this.config.run_sheet, step)), time), texts, this.book && this.form(step.id));
    return { step, line: element("li", {}, details, notes), time, notes };
  }

  private form(step: string): HTMLElement {
    const field = element("textarea", { class: "form-control", rows: 2, maxlength: 2_000, "aria-label": _("记一条"), placeholder: _("看到了什么，想到了什么") });
    const about = element(
      "select",
      { class: "form-select", "aria-label": _("哪个教室") },
      element("option", { value: "" }, _("全班")),
      ...this.config.classrooms.map((each) => element("option", { value: each.id }, nameOf(each))),
    );
    const write = (kind: NoteKind) => () => {
      const text = field.value.trim();
      if (!text) { field.focus(); return; }
      field.value = "";
      this.book?.add({ step, second: this.second(), classroom: about.value ? Number(about.value) : null, kind, text });
    };
    return element(
      "div",
      { class: "observer-write" },
      field,
      element("div", { class: "observer-kinds" }, about, ...KINDS.map((kind) => element("button", { type: "button", class: `btn observer-${kind}`, onclick: write(kind) }, kindInWords(kind)))),
    );
  }

  /** The second of the lesson by the server's clock. */
  private second(): number | null {
    const began = this.state?.began ?? null;
    return began === null ? null : Math.max(0, Math.round(((this.state?.ended ?? this.now()) - began) / 1000));
  }

  private note(note: Note): HTMLElement {
    const classroom = this.config.classrooms.find(({ id }) => id === note.classroom);
    const facts = [note.second === null ? "" : clock(note.second * 1000), classroom ? nameOf(classroom) : "", note.unsent ? _("连上后发送") : ""];
    const text = element("p", {}, note.text);
    const line = element(
      "li",
      { class: note.unsent ? "phone-open" : "" },
      element("span", { class: `tag observer-tag-${note.kind}` }, kindInWords(note.kind)),
      element("div", { class: "grow" }, text, element("span", { class: "hint" }, facts.filter(Boolean).join(" · "))),
      element("button", { type: "button", class: "btn btn-quiet", "aria-label": _("改这一条"), onclick: () => this.edit(line, note) }, icon("pencil")),
      element("button", { type: "button", class: "btn btn-quiet", "aria-label": _("删去这一条"), onclick: () => this.book?.remove(note.key) }, icon("trash")),
    );
    return line;
  }

  private edit(line: HTMLElement, note: Note): void {
    const field = element("textarea", { class: "form-control", rows: 3, maxlength: 2_000, "aria-label": _("改这一条") }, note.text);
    const done = () => {
      const text = field.value.trim();
      if (text && text !== note.text) this.book?.change(note.key, text);
      else this.showNotes();
    };
    line.replaceChildren(element("div", { class: "grow" }, field), element("button", { type: "button", class: "btn btn-primary", onclick: done }, _("改好了")));
    field.focus();
  }
}
