/**
 * What stands around the screens of helpers, of those who look on and of pupils at home: what is taught and how long still, the line
 * when there is something to say of it, the waiting room before the lesson, a word after it.
 */

import { element } from "../shared/dom";
import { _ } from "../shared/words";
import type { Config, State } from "./protocol";
import type { Room } from "./room";
import { leftInWords } from "./timer";
import { Waiting } from "./waiting";

export class PhoneFrame {
  /** Its parts, in the order in which they come before those of the screen. */
  readonly parts: readonly HTMLElement[];
  private readonly time = element("span", { class: "phone-left" });
  private readonly line = element("p", { class: "phone-line", role: "status", hidden: true });
  private readonly waiting: Waiting;
  private readonly over: HTMLElement;

  /** `who`: whose screen it is; `farewell`: what is said after the lesson. */
  constructor(
    private readonly place: HTMLElement,
    private readonly room: Room,
    private readonly config: Config,
    who: string,
    farewell: string,
  ) {
    this.waiting = new Waiting(config);
    const title = element("div", {}, element("b", {}, config.session.title), element("span", { class: "hint" }, who));
    this.over = element(
      "section",
      { class: "waiting", hidden: true },
      element("h1", {}, _("下课了")),
      element("p", { class: "muted" }, farewell),
      element("a", { class: "btn btn-primary", href: config.urls.leave }, _("离开课堂")),
    );
    this.parts = [element("header", { class: "phone-top" }, title, this.time), this.line, this.waiting.element, this.over];
  }

  show(state: State, now: number, lineInWords: string): void {
    this.line.textContent = lineInWords;
    this.line.hidden = !lineInWords;
    this.line.classList.toggle("phone-lost", this.room.lostAt !== null);
    this.place.dataset["phase"] = state.phase;
    this.waiting.element.hidden = state.phase !== "waiting";
    this.over.hidden = state.phase !== "ended";
    if (state.phase === "waiting") this.waiting.show(state, now, this.room.lineInWords);
    this.time.textContent = state.phase === "running" ? leftInWords(this.config.session.ends_at, now) : "";
  }
}
