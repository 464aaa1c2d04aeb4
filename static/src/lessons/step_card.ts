/** One step of the lesson: a card, or a row of the four-column table; the same elements, two looks. */

import { element } from "../shared/dom";
import { icon } from "../shared/icons";
import { openMenu, type MenuItem } from "../shared/menu";
import { _ } from "../shared/words";
import type { Campus } from "./config";
import { makeDraggable } from "./dragging";
import type { Fields } from "./fields";
import { bindInput, growing } from "./inputs";
import { STEP_FIELDS, campusField, stepField, stepFieldNames, type Plan, type Step } from "./plan";
import { safeAddress } from "./schema";
import { StepFiles } from "./step_files";

/** What a card asks of the list it stands in. */
export interface StepList {
  readonly cards: () => HTMLElement[];
  readonly mayWrite: () => boolean;
  readonly place: (id: string) => { index: number; count: number };
  readonly move: (id: string, place: number) => void;
  readonly addAfter: (id: string) => void;
  readonly remove: (id: string) => void;
}

export class StepCard {
  readonly dom: HTMLElement;
  private readonly number = element("span", { class: "step-number", "aria-hidden": "true" });
  private readonly title: HTMLTextAreaElement;
  private readonly minutes: HTMLInputElement;
  private readonly resources: HTMLTextAreaElement;
  private readonly links = element("ul", { class: "step-links" });
  private readonly resourceRow: HTMLElement;
  private readonly files: StepFiles;
  private readonly campusRows = element("div", { class: "step-campuses" });
  private readonly handle: HTMLButtonElement;
  private readonly menuButton: HTMLButtonElement;
  private readonly more: HTMLElement;
  private readonly shows: (() => void)[];
  private readonly openCampuses = new Set<string>();

  constructor(
    readonly id: string,
    private readonly plan: Plan,
    private readonly fields: Fields,
    private readonly campuses: readonly Campus[],
    private readonly list: StepList,
  ) {
    this.title = element("textarea", {
      maxlength: "80",
      placeholder: _("环节名称"),
      // A name is one line, however long.
      onkeydown: (event: Event) => (event as KeyboardEvent).key === "Enter" && event.preventDefault(),
    });
    this.minutes = element("input", { type: "number", class: "step-length", min: "0", max: "600", step: "1", inputmode: "numeric", placeholder: "–" });
    this.resources = element("textarea", { placeholder: _("每行一个：课件页码、学具、网址"), "aria-label": _("资源") });
    this.handle = element(
      "button",
      { type: "button", class: "step-handle", title: _("拖动改变顺序；键盘用 Alt+↑ Alt+↓"), onkeydown: (event: Event) => this.moveByArrow(event as KeyboardEvent) },
      icon("grip-vertical"),
    );
    this.menuButton = element(
      "button",
      { type: "button", class: "step-menu", "aria-haspopup": "menu", "aria-expanded": "false", onclick: () => this.openMenu() },
      icon("dots-vertical"),
      element("span", { class: "visually-hidden" }, _("这个环节")),
    );
    this.resourceRow = element("div", { class: "step-row" }, element("span", { class: "step-label" }, _("资源")), element("div", { class: "grow" }, this.links, growing(this.resources, "step-needs")));
    this.more = element("div", { class: "step-more" });
    this.files = new StepFiles(id);
    this.dom = this.build();
    const setStep = (key: "title" | "resources") => (value: string) => plan.setStep(id, key, key === "title" ? value.replace(/\s*\n\s*/g, " ") : value);
    this.shows = [
      bindInput(this.title, { read: () => this.step?.title ?? "", write: setStep("title") }),
      bindInput(this.minutes, { read: () => String(this.step?.minutes ?? ""), write: (value) => this.writeMinutes(value) }),
      bindInput(this.resources, { read: () => this.step?.resources ?? "", write: setStep("resources") }),
    ];
    makeDraggable({
      handle: this.handle,
      card: this.dom,
      cards: list.cards,
      mayStart: list.mayWrite,
      dropped: (place) => list.move(id, place),
    });
  }

  /** Shows what the document now says. `number` is the step's number in words. */
  show(number: string): void {
    const { step } = this;
    if (!step) return;
    for (const show of this.shows) show();
    this.number.textContent = number;
    const name = step.title || _("第{number}个环节", { number });
    this.dom.setAttribute("aria-label", name);
    this.title.setAttribute("aria-label", _("环节名称，第{number}个", { number }));
    this.minutes.setAttribute("aria-label", _("“{name}”的分钟数", { name }));
    this.handle.setAttribute("aria-label", _("移动“{name}”", { name }));
    const writing = this.list.mayWrite();
    for (const input of [this.title, this.minutes, this.resources]) input.readOnly = !writing;
    for (const button of [this.handle, this.menuButton]) button.hidden = !writing;
    this.showResources(step);
    this.files.show(writing);
    this.showCampuses();
    this.showMore(step, writing);
  }

  focusTitle(): void {
    this.title.focus();
  }

  private get step(): Step | undefined {
    return this.plan.step(this.id);
  }

  private build(): HTMLElement {
    const names = stepFieldNames();
    const cells = STEP_FIELDS.map((field) => {
      const label = names[field];
      const text = this.fields.add({ name: stepField(this.id, field), label, hint: _("写{label}", { label }) });
      return element("div", { class: `step-cell step-${field}`, onclick: (event: Event) => this.focusCell(event, field) }, element("h3", {}, label), text.dom);
    });
    const card = element(
      "div",
      { class: "write-step", role: "group", id: `step-${this.id}`, "data-step": this.id, tabindex: "-1" },
      element(
        "header",
        { class: "step-bar" },
        this.handle,
        this.number,
        growing(this.title, "step-title"),
        element("label", { class: "step-time" }, this.minutes, element("span", {}, _("分钟"))),
        this.menuButton,
      ),
      element("div", { class: "step-cells" }, ...cells),
      element("div", { class: "step-foot" }, this.resourceRow, this.files.dom, this.campusRows, this.more),
    );
    this.files.takeDrops(card, () => this.list.mayWrite());
    card.addEventListener("keydown", (event) => {
      if (event.altKey && !event.ctrlKey && !event.metaKey) this.moveByArrow(event);
    });
    const head = card.querySelector(".step-bar");
    head?.addEventListener("focusin", () => this.fields.shared.presence.moveTo(`step:${this.id}`));
    head?.addEventListener("focusout", () => this.fields.shared.presence.leave(`step:${this.id}`));
    return card;
  }

  /** A click anywhere in a cell goes to its text. */
  private focusCell(event: Event, field: (typeof STEP_FIELDS)[number]): void {
    if ((event.target as Element).closest(".text")) return;
    this.fields.get(stepField(this.id, field))?.focus();
  }

  private writeMinutes(value: string): void {
    const minutes = value.trim() === "" ? null : Math.max(0, Math.min(600, Math.round(Number(value))));
    if (minutes === null || Number.isFinite(minutes)) this.plan.setStep(this.id, "minutes", minutes);
  }

  private moveByArrow(event: KeyboardEvent): void {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (by === undefined || !this.list.mayWrite()) return;
    event.preventDefault();
    event.stopPropagation();
    this.moveBy(by);
  }

  private moveBy(by: number): void {
    const { index, count } = this.list.place(this.id);
    if (index + by >= 0 && index + by < count) this.list.move(this.id, index + by);
  }

  private openMenu(): void {
    const { index, count } = this.list.place(this.id);
    const items: MenuItem[] = [
      { label: _("上移"), icon: icon("arrow-up"), disabled: index === 0, run: () => this.moveBy(-1) },
      { label: _("下移"), icon: icon("arrow-down"), disabled: index === count - 1, run: () => this.moveBy(1) },
      { label: _("在后面加环节"), icon: icon("plus"), apart: true, run: () => this.list.addAfter(this.id) },
      { label: _("移走这个环节"), icon: icon("trash"), apart: true, danger: true, run: () => this.list.remove(this.id) },
    ];
    openMenu(this.menuButton, _("这个环节"), items);
  }

  private showResources(step: Step): void {
    const lines = step.resources.split("\n").map((line) => line.trim()).filter(Boolean);
    this.resourceRow.hidden = lines.length === 0 && !this.resourceRow.contains(document.activeElement) && !this.resourceRow.classList.contains("asked");
    const links = lines.map((line) => /https?:\/\/\S+/.exec(line)?.[0]).filter((link) => link !== undefined);
    this.links.hidden = links.length === 0;
    this.links.replaceChildren(
      ...links.map((link) =>
        element("li", {}, element("a", { href: safeAddress(link) ?? "", target: "_blank", rel: "noopener noreferrer" }, icon("external-link"), link)),
      ),
    );
  }

  private showCampuses(): void {
    const written = this.plan.campusesOf(this.id, this.campuses.map(({ code }) => code));
    for (const code of [...written, ...this.openCampuses]) {
      const name = campusField(this.id, code);
      if (this.campusRows.querySelector(`[data-campus="${CSS.escape(code)}"]`)) continue;
      const campus = this.campuses.find((known) => known.code === code)?.name ?? code;
      const label = _("{campus}的做法", { campus });
      const text = this.fields.add({ name, label, hint: _("本校区与大家不同的地方") });
      this.campusRows.append(element("div", { class: "step-row", "data-campus": code }, element("span", { class: "step-label" }, label), text.dom));
    }
  }

  /** The quiet buttons for what this step does not have yet. */
  private showMore(step: Step, writing: boolean): void {
    const missing = this.campuses.filter(({ code }) => !this.campusRows.querySelector(`[data-campus="${CSS.escape(code)}"]`));
    this.more.hidden = !writing;
    this.more.replaceChildren();
    if (step.resources === "" && this.resourceRow.hidden) {
      this.more.append(this.moreButton(_("资源"), () => {
        this.resourceRow.classList.add("asked");
        this.resourceRow.hidden = false;
        this.resources.focus();
      }));
    }
    const attach = this.moreButton(_("附件"), () => this.files.offer(attach));
    attach.setAttribute("aria-haspopup", "menu");
    this.more.append(attach);
    if (missing.length > 0) {
      const button = this.moreButton(_("校区要点"), () =>
        openMenu(button, _("校区要点"), missing.map(({ code, name }) => ({ label: name, run: () => this.openCampus(code) }))),
      );
      button.setAttribute("aria-haspopup", "menu");
      this.more.append(button);
    }
  }

  private openCampus(code: string): void {
    this.openCampuses.add(code);
    this.showCampuses();
    this.fields.get(campusField(this.id, code))?.focus();
  }

  private moreButton(label: string, run: () => void): HTMLButtonElement {
    return element("button", { type: "button", class: "quiet-add", onclick: run }, icon("plus"), label);
  }
}
