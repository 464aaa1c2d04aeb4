/** 举手: for the whole class with one button, for a pupil by name. */

import { element } from "../shared/dom";
import { icon } from "../shared/icons";
import { _ } from "../shared/words";
import type { Asking } from "./helper_asking";
import { bySeat } from "./helper_roll";
import type { PupilOfClass, State } from "./protocol";

/** Whether a pupil is meant by what was typed: part of the name, or the number of the seat. */
export function isMeant(pupil: PupilOfClass, typed: string): boolean {
  const words = typed.trim();
  return words === "" || pupil.name.includes(words) || String(pupil.seat ?? "") === words;
}

export class HandsView {
  readonly element: HTMLElement;
  private readonly all: HTMLButtonElement;
  private readonly words = element("span", {});
  private readonly state = element("p", { class: "phone-sum", role: "status" });
  private readonly search = element("input", {
    type: "search", class: "form-control", placeholder: _("姓名或座号"), "aria-label": _("找学生"), autocomplete: "off",
    oninput: () => this.filter(),
  });
  private readonly seats: { pupil: PupilOfClass; button: HTMLButtonElement }[] = [];
  private up = false;
  private readonly raised = new Set<number>();

  constructor(
    pupils: readonly PupilOfClass[],
    private readonly classroom: number,
    private readonly asking: Asking,
  ) {
    this.all = element("button", { type: "button", class: "btn phone-big", onclick: () => this.pressAll() }, icon("hand-stop"), this.words);
    for (const pupil of bySeat(pupils)) this.seats.push({ pupil, button: this.seat(pupil) });
    this.element = element(
      "section",
      { class: "phone-card", "aria-labelledby": "hands-title" },
      element("h2", { id: "hands-title" }, _("举手")),
      this.all,
      this.state,
      this.seats.length > 8 && this.search,
      element("div", { class: "phone-seats" }, ...this.seats.map(({ button }) => button)),
    );
  }

  show(state: State): void {
    const hands = state.hands[String(this.classroom)] ?? [];
    this.up = this.asking.wished("hand", (state.classrooms[String(this.classroom)]?.hand ?? null) !== null);
    this.all.setAttribute("aria-pressed", String(this.up));
    this.words.textContent = this.up ? _("全班放下") : _("替全班举手");
    this.raised.clear();
    for (const { pupil, button } of this.seats) {
      const up = this.asking.wished(`hand:${pupil.id}`, hands.some((hand) => hand.pupil === pupil.id));
      if (up) this.raised.add(pupil.id);
      button.setAttribute("aria-pressed", String(up));
      button.classList.toggle("phone-open", this.asking.waits(`hand:${pupil.id}`));
    }
    this.state.textContent = this.inWords();
  }

  private inWords(): string {
    if (!this.up) return _("没有人举手。点名字，主讲就看到是谁。");
    const names = this.seats.filter(({ pupil }) => this.raised.has(pupil.id)).map(({ pupil }) => pupil.name);
    return names.length > 0 ? _("主讲看到：{names}", { names: names.join("、") }) : _("主讲看到：全班举手");
  }

  private pressAll(): void {
    void this.asking.ask("hand", { up: !this.up }, "hand", !this.up);
  }

  private seat(pupil: PupilOfClass): HTMLButtonElement {
    const press = () => {
      const up = !this.raised.has(pupil.id);
      void this.asking.ask("hand", { up, pupil: pupil.id }, `hand:${pupil.id}`, up);
    };
    return element(
      "button",
      { type: "button", class: "phone-seat", onclick: press },
      element("span", { class: "phone-seat-number" }, pupil.seat === null ? "" : String(pupil.seat)),
      element("span", { class: "phone-seat-name" }, pupil.name),
    );
  }

  private filter(): void {
    for (const { pupil, button } of this.seats) button.hidden = !isMeant(pupil, this.search.value);
  }
}
