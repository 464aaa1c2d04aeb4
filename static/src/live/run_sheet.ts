/** 运行单: the steps of the plan as they run. The view is the lead's; what is above it is asked by every screen. */

import { element } from "../shared/dom";
import { icon } from "../shared/icons";
import { _ } from "../shared/words";
import { showFormulas } from "../lessons/math";
import { stepNumber } from "../lessons/numerals";
import type { ClassroomOfSession, Page, RunSheet, RunSheetFile, RunSheetStep, State } from "./protocol";
import { clock } from "./timer";

/** The step that runs, or null. */
export function stepOf(sheet: RunSheet, id: string | null): RunSheetStep | null {
  return sheet.steps.find((step) => step.id === id) ?? null;
}

/** The step after the one that runs; the first when none does. */
export function stepAfter(sheet: RunSheet, id: string | null): RunSheetStep | null {
  return sheet.steps[sheet.steps.findIndex((step) => step.id === id) + 1] ?? null;
}

export function stepBefore(sheet: RunSheet, id: string | null): RunSheetStep | null {
  return sheet.steps.find((_step, index) => sheet.steps[index + 1]?.id === id) ?? null;
}

/** “一 情境导入” */
export function titleOf(sheet: RunSheet, step: RunSheetStep): string {
  const chinese = document.documentElement.lang.startsWith("zh");
  return `${stepNumber(sheet.steps.indexOf(step) + 1, chinese)} ${step.title || _("（没有名称）")}`;
}

/** Milliseconds that a step has run so far. */
export function spentOn(state: State, step: string, now: number): number {
  const began = state.phase === "running" && state.step === step ? state.step_began : null;
  return (state.spent[step] ?? 0) + (began === null ? 0 : Math.max(0, now - began));
}

const isShown = (file: RunSheetFile): boolean => file.kind === "slides" || file.kind === "image";

/** The page that a step begins with, as the server has it: its own first one, else the present one where those slides go on. */
export function firstPage(sheet: RunSheet, step: string | null, present: Page | null): Page | null {
  const own = (stepOf(sheet, step)?.files ?? []).filter(isShown);
  const goesOn = own.length > 0 ? own : sheet.steps.flatMap(({ files }) => files.filter(({ kind }) => kind === "slides"));
  if (present && goesOn.some(({ resource }) => resource === present.resource)) return present;
  const [first] = own;
  return first ? { resource: first.resource, version: first.version, number: 1 } : null;
}

/** What a step shows: its own files, else the slides that an earlier step has begun with. */
function shownAt(sheet: RunSheet, step: string | null): readonly RunSheetFile[] {
  const own = (stepOf(sheet, step)?.files ?? []).filter(isShown);
  if (own.length > 0) return own;
  const before = sheet.steps.slice(0, sheet.steps.findIndex(({ id }) => id === step) + 1).reverse();
  return before.map(({ files }) => files.filter(({ kind }) => kind === "slides")).find((files) => files.length > 0) ?? [];
}

/** The page that is so many pages away, going on in the step's next file; null when there is none. */
export function pageAway(sheet: RunSheet, step: string | null, page: Page | null, by: number): Page | null {
  const own = shownAt(sheet, step);
  const other = sheet.steps.flatMap((each) => each.files).filter((file) => file.resource === page?.resource);
  const files = page === null || own.some((file) => file.resource === page.resource) ? own : other.slice(0, 1);
  const pages = files.flatMap(({ resource, version, pages: count }) =>
    Array.from({ length: Math.max(1, count) }, (_each, index) => ({ resource, version, number: index + 1 })),
  );
  const at = pages.findIndex((each) => each.resource === page?.resource && each.number === page.number);
  return pages[at + by] ?? null;
}

interface Wishes {
  step(step: RunSheetStep): void;
  file(file: RunSheetFile): void;
}

const FILE_ICONS: Readonly<Record<RunSheetFile["kind"], () => SVGElement>> = {
  slides: () => icon("presentation"),
  image: () => icon("photo"),
  audio: () => icon("volume"),
  video: () => icon("movie"),
  other: () => icon("file"),
};

interface Row {
  readonly step: RunSheetStep;
  readonly line: HTMLLIElement;
  readonly time: HTMLElement;
  readonly bar: HTMLElement;
  readonly more: HTMLElement;
}

/** The steps with their planned and real minutes; the one that runs is open. */
export class RunSheetView {
  readonly element = element("ol", { class: "sheet-steps", "aria-label": _("运行单") });
  private readonly rows: Row[];
  private shown: string | null = null;

  constructor(
    private readonly sheet: RunSheet,
    private readonly classrooms: readonly ClassroomOfSession[],
    private readonly wishes: Wishes,
  ) {
    this.rows = sheet.steps.map((step) => this.row(step));
    this.element.append(...this.rows.map((row) => row.line));
    if (this.rows.length === 0) {
      this.element.append(element("li", { class: "drawer-empty" }, _("这节课没有带教案，所以没有运行单。课件、板书和小测照常可用。")));
    }
  }

  show(state: State, now: number, armed: string | null): void {
    for (const row of this.rows) this.showRow(row, state, now, armed === row.step.id);
    if (this.shown === state.step) return;
    this.shown = state.step;
    const running = this.rows.find(({ step }) => step.id === state.step);
    if (!running) return;
    for (const row of this.rows) row.line.querySelector("button")?.removeAttribute("aria-current");
    running.line.querySelector("button")?.setAttribute("aria-current", "step");
    if (running.more.childElementCount === 1) this.fill(running);
    this.element.scrollTop = running.line.offsetTop - this.element.offsetTop - 12;
  }

  private showRow(row: Row, state: State, now: number, armed: boolean): void {
    const { step, line, time, bar, more } = row;
    const running = step.id === state.step;
    const spent = spentOn(state, step.id, now);
    const planned = step.minutes ?? 0;
    const share = planned > 0 ? spent / (planned * 60_000) : 0;
    line.classList.toggle("now", running);
    line.classList.toggle("done", !running && spent > 0);
    line.classList.toggle("armed", armed);
    line.title = armed ? _("再点一次进入这一环节") : "";
    more.hidden = !running;
    time.textContent = timeInWords(spent, planned, running);
    time.classList.toggle("lead-over", share > 1);
    bar.parentElement?.classList.toggle("over", share > 1);
    bar.style.transform = `scaleX(${Math.min(1, share)})`;
  }

  private row(step: RunSheetStep): Row {
    const time = element("span", {});
    const bar = element("i", {});
    const more = element("div", { class: "sheet-more", hidden: true }, element("div", { class: "sheet-bar" }, bar));
    const button = element("button", { type: "button", class: "sheet-step", onclick: () => this.wishes.step(step) }, element("b", {}, titleOf(this.sheet, step)), time);
    return { step, line: element("li", {}, button, more), time, bar, more };
  }

  /** What stands under a step, made when it first runs. */
  private fill({ step, more }: Row): void {
    const parts = element("dl", {}, ...part(_("教师"), step.teacher ?? ""), ...part(_("学生"), step.pupils));
    const names = new Map(this.classrooms.map(({ campus }) => [campus.code, campus.name]));
    const notes = Object.entries(step.notes)
      .filter(([code, note]) => names.has(code) && note)
      .map(([code, note]) => element("div", { class: "step-note" }, element("b", {}, names.get(code) ?? ""), html(note)));
    const files = element("div", { class: "sheet-files" }, ...step.files.map((file) => this.fileButton(file)));
    more.append(...notes, ...(step.files.length > 0 ? [files] : []), parts);
    showFormulas(more);
  }

  private fileButton(file: RunSheetFile): HTMLElement {
    return element(
      "button",
      { type: "button", class: "btn", title: file.name, disabled: file.kind === "other", onclick: () => this.wishes.file(file) },
      FILE_ICONS[file.kind](),
      element("span", {}, file.name),
    );
  }
}

function part(name: string, text: string): HTMLElement[] {
  return text ? [element("dt", {}, name), html(text, "dd")] : [];
}

function html(text: string, tag: "div" | "dd" = "div"): HTMLElement {
  const made = element(tag, {});
  made.innerHTML = text;
  return made;
}

function timeInWords(spent: number, planned: number, running: boolean): string {
  if (running) return planned > 0 ? `${clock(spent)} / ${planned}` : clock(spent);
  if (spent > 0) return clock(spent);
  return planned > 0 ? _("{minutes} 分", { minutes: planned }) : "";
}
