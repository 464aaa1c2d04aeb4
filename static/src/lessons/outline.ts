/** The outline beside the sheet: sections and steps, where I am, and who else is where. */

import { eachFrame, element } from "../shared/dom";
import { icon } from "../shared/icons";
import { _ } from "../shared/words";
import { onePerPerson } from "./people";
import type { Presence, Present } from "./presence";

export interface OutlineItem {
  /** Id of the part of the page. */
  readonly target: string;
  readonly label: string;
  /** At the end of the line: minutes. */
  readonly note?: string;
  readonly step?: boolean;
  /** Places that belong to it: a person in one of them is shown here. */
  readonly holds: (place: string) => boolean;
}

export class Outline {
  readonly dom: HTMLElement;
  readonly opener: HTMLButtonElement;
  private readonly list = element("ol");
  private items: readonly OutlineItem[] = [];
  private drawn = "";
  private readonly follow = eachFrame(() => this.markCurrent());

  constructor(private readonly presence: Presence) {
    this.dom = element(
      "nav",
      { class: "write-outline", "aria-label": _("目录"), id: "outline" },
      element("button", { type: "button", class: "outline-close", onclick: () => this.toggle(false) }, icon("x"), _("收起目录")),
      this.list,
    );
    this.opener = element(
      "button",
      { type: "button", class: "btn btn-sm outline-opener", "aria-controls": "outline", "aria-expanded": "false", onclick: () => this.toggle() },
      icon("list-tree"),
      _("目录"),
    );
    presence.onChange(eachFrame(() => this.draw()));
    window.addEventListener("scroll", this.follow, { passive: true });
    window.addEventListener("resize", this.follow);
    this.dom.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.toggle(false);
    });
  }

  show(items: readonly OutlineItem[]): void {
    this.items = items;
    this.draw();
    this.follow();
  }

  /** On phones the outline is a sheet that comes when asked for. */
  private toggle(open = !this.dom.classList.contains("open")): void {
    if (open === this.dom.classList.contains("open")) return;
    this.dom.classList.toggle("open", open);
    this.opener.setAttribute("aria-expanded", String(open));
    if (open) this.list.querySelector("a")?.focus();
    else this.opener.focus();
  }

  private draw(): void {
    const others = onePerPerson(this.presence.others());
    const lines = this.items.map((item) => ({ item, here: others.filter(({ place }) => place !== null && item.holds(place)) }));
    const now = JSON.stringify(lines.map(({ item, here }) => [item.target, item.label, item.note, here.map(({ person }) => person)]));
    if (now === this.drawn) return;
    this.drawn = now;
    this.list.replaceChildren(...lines.map(({ item, here }) => this.line(item, here)));
    this.follow();
  }

  private line(item: OutlineItem, here: readonly Present[]): HTMLElement {
    const writers = here.slice(0, 3).map(({ person }) => {
      const dot = element("span", { class: "writer", title: _("{name} · {campus} 在写", { name: person.name, campus: person.campus }) }, person.name);
      dot.style.setProperty("--person", person.color);
      return dot;
    });
    const rest = here.length > 3 ? element("span", { class: "writer-rest" }, `+${here.length - 3}`) : null;
    return element(
      "li",
      { class: item.step ? "step-line" : null },
      element(
        "a",
        { href: `#${item.target}`, onclick: (event: Event) => this.jump(event, item.target) },
        element("span", { class: "outline-label" }, item.label),
        item.note ? element("span", { class: "outline-note" }, item.note) : null,
        here.length > 0 ? element("span", { class: "writers" }, ...writers, rest) : null,
      ),
    );
  }

  private jump(event: Event, target: string): void {
    event.preventDefault();
    this.toggle(false);
    const part = document.getElementById(target);
    part?.scrollIntoView({ block: "start", behavior: "smooth" });
    part?.focus({ preventScroll: true });
  }

  /** Marks the part that is now at the top of the window. */
  private markCurrent(): void {
    let current = this.items[0]?.target;
    for (const { target } of this.items) {
      const part = document.getElementById(target);
      if (part && part.getBoundingClientRect().top < window.innerHeight / 3) current = target;
    }
    for (const link of this.list.querySelectorAll("a")) {
      if (link.hash === `#${current ?? ""}`) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }
}
