/** 教学过程: the steps of the lesson as cards or as the four-column table. */

import { eachFrame, element } from "../shared/dom";
import { icon } from "../shared/icons";
import { toast } from "../shared/toast";
import { _ } from "../shared/words";
import type { PlanConfig } from "./config";
import type { Fields } from "./fields";
import { stepNumber } from "./numerals";
import { stepFieldNames, type Plan, type StepBeginning } from "./plan";
import { StepCard, type StepList } from "./step_card";

const VIEW = "tongke:steps-view";

type View = "cards" | "table";

/** The minutes of all steps against those of the lesson, in words. */
export function minutesInWords(planned: number, given: number): { words: string; state: "right" | "less" | "more" } {
  if (planned === given) return { state: "right", words: _("{planned}/{given} 分钟，正好", { planned, given }) };
  if (planned < given) return { state: "less", words: _("{planned}/{given} 分钟，还差 {n} 分钟", { planned, given, n: given - planned }) };
  return { state: "more", words: _("{planned}/{given} 分钟，超出 {n} 分钟", { planned, given, n: planned - given }) };
}

export class Steps implements StepList {
  readonly dom: HTMLElement;
  /** The switch between cards and table, for the head of the section. */
  readonly viewSwitch: HTMLElement;
  readonly sum = element("span", { class: "minutes-sum" });
  private readonly rows = element("div", { class: "step-list" });
  private readonly empty: HTMLElement;
  private readonly add: HTMLButtonElement;
  private readonly news = element("p", { class: "visually-hidden", "aria-live": "polite" });
  private readonly known = new Map<string, StepCard>();

  constructor(
    private readonly plan: Plan,
    private readonly fields: Fields,
    private readonly config: PlanConfig,
  ) {
    const names = stepFieldNames();
    const heads = [_("环节与分钟"), names.teacher, names.pupils, names.intent].map((name) => element("span", {}, name));
    this.add = element("button", { type: "button", class: "add-step", onclick: () => this.addAfter(null) }, icon("plus"), _("加一个环节"));
    this.empty = element(
      "div",
      { class: "no-steps" },
      element("p", {}, _("还没有环节。")),
      element("button", { type: "button", class: "btn", onclick: () => this.addUsual() }, _("按常见的四步开始")),
    );
    this.dom = element("div", { class: "steps" }, element("div", { class: "step-heads", "aria-hidden": "true" }, ...heads), this.rows, this.empty, this.add, this.news);
    this.viewSwitch = element(
      "span",
      { class: "switch", role: "group", "aria-label": _("显示成") },
      this.viewButton("cards", _("卡片")),
      this.viewButton("table", _("四栏表")),
    );
    this.setView(rememberedView());
    const show = eachFrame(() => this.show());
    plan.stepMap.observeDeep(show);
    plan.meta.observe(show);
    fields.shared.sync.onChange(show);
    this.show();
  }

  readonly cards = (): HTMLElement[] => this.plan.steps().flatMap(({ id }) => this.known.get(id)?.dom ?? []);
  readonly mayWrite = (): boolean => this.fields.shared.sync.mayWrite;

  readonly place = (id: string): { index: number; count: number } => {
    const steps = this.plan.steps();
    return { index: steps.findIndex((step) => step.id === id), count: steps.length };
  };

  readonly move = (id: string, place: number): void => {
    this.plan.moveStep(id, place);
    this.show();
    const { index, count } = this.place(id);
    const name = this.plan.step(id)?.title ?? "";
    this.news.textContent = _("“{name}”移到第 {place} 个，共 {count} 个", { name, place: index + 1, count });
    this.known.get(id)?.dom.scrollIntoView({ block: "nearest", behavior: "smooth" });
  };

  readonly addAfter = (id: string | null): void => {
    const [added] = this.plan.addSteps(id, [{}]);
    this.show();
    if (added !== undefined) this.known.get(added)?.focusTitle();
  };

  readonly remove = (id: string): void => {
    const name = this.plan.step(id)?.title;
    this.plan.removeStep(id);
    this.show();
    toast(name ? _("“{name}”已移走", { name }) : _("环节已移走"), { label: _("撤销"), run: () => this.plan.restoreStep(id) });
    this.add.focus({ preventScroll: true });
  };

  /** Shows a step that undoing has just changed. */
  reveal(id: string): void {
    this.show();
    this.known.get(id)?.dom.scrollIntoView({ block: "nearest", behavior: "smooth" });
  }

  private show(): void {
    // Moving the elements under a half-composed word would lose it.
    if (this.fields.composing) return void setTimeout(() => this.show(), 200);
    const steps = this.plan.steps();
    const chinese = this.config.language.startsWith("zh");
    for (const { id } of steps) {
      if (!this.known.has(id)) this.known.set(id, new StepCard(id, this.plan, this.fields, this.config.campuses, this));
    }
    arrange(this.rows, this.cards());
    steps.forEach(({ id }, index) => this.known.get(id)?.show(stepNumber(index + 1, chinese)));
    this.empty.hidden = steps.length > 0 || !this.mayWrite();
    this.add.hidden = !this.mayWrite();
    const { words, state } = minutesInWords(this.plan.minutesPlanned(), this.plan.periods * this.plan.minutes);
    this.sum.textContent = words;
    this.sum.dataset["state"] = state;
    this.sum.hidden = steps.length === 0;
  }

  private addUsual(): void {
    const lesson = this.plan.periods * this.plan.minutes;
    const share = (part: number) => Math.round(lesson * part);
    const [first, last] = [share(0.125), share(0.125)];
    const practice = share(0.25);
    const usual: StepBeginning[] = [
      { title: _("情境导入"), minutes: first },
      { title: _("新知探究"), minutes: lesson - first - practice - last },
      { title: _("练习巩固"), minutes: practice },
      { title: _("课堂小结"), minutes: last },
    ];
    const [added] = this.plan.addSteps(null, usual);
    this.show();
    if (added !== undefined) this.known.get(added)?.focusTitle();
  }

  private viewButton(view: View, label: string): HTMLElement {
    return element("button", { type: "button", "data-view": view, onclick: () => this.setView(view) }, label);
  }

  private setView(view: View): void {
    this.dom.classList.toggle("as-table", view === "table");
    for (const button of this.viewSwitch.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.dataset["view"] === view));
    }
    try {
      localStorage.setItem(VIEW, view);
    } catch {
      // A browser that stores nothing forgets the choice; that is all.
    }
  }
}

function rememberedView(): View {
  try {
    return localStorage.getItem(VIEW) === "table" ? "table" : "cards";
  } catch {
    return "cards";
  }
}

/**
 * Puts the elements into that order. The one with the cursor stays where it is and the others move around it: an element taken
 * out of the page loses the cursor.
 */
export function arrange(parent: HTMLElement, wanted: readonly HTMLElement[]): void {
  for (const child of [...parent.children]) if (!wanted.includes(child as HTMLElement)) child.remove();
  const pivot = wanted.findIndex((child) => child.contains(document.activeElement) && child.parentElement === parent);
  const still = pivot < 0 ? null : (wanted[pivot] ?? null);
  wanted.forEach((child, index) => {
    if (child === still) return;
    const before = wanted[index - 1] ?? null;
    if (index > pivot) {
      if (child.previousElementSibling !== before || child.parentElement !== parent) parent.insertBefore(child, before ? before.nextSibling : parent.firstChild);
    } else if (still && (child.parentElement !== parent || child.nextElementSibling !== wanted[index + 1])) {
      parent.insertBefore(child, still);
    }
  });
}
