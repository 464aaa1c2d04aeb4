/** 小测: how many of the class chose what, counted by the helper. */

import { element } from "../shared/dom";
import { icon } from "../shared/icons";
import { _ } from "../shared/words";
import type { Asking } from "./helper_asking";
import { present } from "./helper_roll";
import type { Check, PupilOfClass, State } from "./protocol";

const MOST = 2_000;

/** Counts that were typed, made whole and kept within bounds. */
export function tidied(counts: readonly number[]): number[] {
  return counts.map((count) => Math.min(MOST, Math.max(0, Math.round(Number.isFinite(count) ? count : 0))));
}

/** How many are left when every other option has what it has; never less than nothing. */
export function restFor(counts: readonly number[], index: number, here: number): number {
  const others = counts.reduce((sum, count, each) => (each === index ? sum : sum + count), 0);
  return Math.max(0, here - others);
}

export class CheckView {
  readonly element = element("section", { class: "phone-card phone-check", "aria-labelledby": "check-title", hidden: true });
  private readonly sum = element("p", { class: "phone-sum", role: "status" });
  private readonly send = element("button", { type: "button", class: "btn btn-primary phone-big", onclick: () => this.report() });
  private check: Check | null = null;
  private counts: number[] = [];
  private fields: HTMLInputElement[] = [];
  private here = 0;
  private reported = false;

  constructor(
    private readonly pupils: readonly PupilOfClass[],
    private readonly size: number,
    private readonly classroom: number,
    private readonly asking: Asking,
  ) {}

  show(state: State): void {
    const check = state.check;
    this.element.hidden = check === null;
    const marks = state.roll[String(this.classroom)] ?? {};
    this.here = this.pupils.length > 0 ? present(this.pupils, marks) : this.size;
    const known = check?.counts[String(this.classroom)];
    if (check && check.id !== this.check?.id) this.begin(check, known);
    this.check = check;
    this.reported = known !== undefined && known.every((count, index) => count === this.counts[index]);
    this.say();
  }

  private begin(check: Check, known: readonly number[] | undefined): void {
    this.counts = check.options.map((_option, index) => known?.[index] ?? 0);
    this.fields = [];
    this.element.replaceChildren(
      element("h2", { id: "check-title" }, _("小测")),
      ...(check.question ? [element("p", { class: "phone-question" }, check.question)] : []),
      element("ul", { class: "phone-options" }, ...check.options.map((option, index) => this.option(option, index))),
      this.sum,
      this.send,
    );
    this.element.scrollIntoView({ block: "nearest" });
  }

  private option(name: string, index: number): HTMLElement {
    const field = element("input", {
      type: "text", inputmode: "numeric", class: "form-control", "aria-label": name, maxlength: 4, value: this.counts[index] ?? 0,
      oninput: () => this.set(index, Number(field.value), false),
      onfocus: () => field.select(),
    });
    this.fields.push(field);
    const by = (step: number) => () => this.set(index, (this.counts[index] ?? 0) + step);
    return element(
      "li",
      {},
      element("b", {}, name),
      element("button", { type: "button", class: "btn phone-step", "aria-label": _("{option} 减一", { option: name }), onclick: by(-1) }, icon("minus")),
      field,
      element("button", { type: "button", class: "btn phone-step", "aria-label": _("{option} 加一", { option: name }), onclick: by(1) }, icon("plus")),
      element("button", { type: "button", class: "btn btn-quiet phone-rest", onclick: () => this.set(index, restFor(this.counts, index, this.here)) }, _("余下")),
    );
  }

  private set(index: number, count: number, write = true): void {
    this.counts[index] = tidied([count])[0] ?? 0;
    const field = this.fields[index];
    if (field && write) field.value = String(this.counts[index]);
    this.reported = false;
    this.say();
  }

  private say(): void {
    const sum = this.counts.reduce((all, count) => all + count, 0);
    const facts = { sum, here: this.here };
    this.sum.textContent = sum > this.here ? _("合计 {sum}，比实到 {here} 人还多，请再看一看", facts) : _("合计 {sum}，实到 {here} 人", facts);
    this.sum.classList.toggle("phone-warns", sum > this.here);
    this.send.textContent = this.reported ? _("已报给主讲，可以再改") : _("报给主讲");
    this.send.disabled = this.reported;
  }

  private report(): void {
    if (!this.check) return;
    void this.asking.ask("count", { id: this.check.id, classroom: this.classroom, counts: tidied(this.counts) }, "count", true);
  }
}
