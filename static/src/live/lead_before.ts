/** What stands on the lead's stage before the lesson and after it. */

import { element } from "../shared/dom";
import { _ } from "../shared/words";
import { nameOf, netInWords } from "./lead_ends";
import type { Classroom, Config, State } from "./protocol";
import { ReadyCheck } from "./ready_check";
import type { Room } from "./room";
import { left } from "./timer";

/** Whether everything of the lesson has been fetched in a classroom; a lesson without files is ready at once. */
export function isReady(classroom: Classroom | undefined): boolean {
  return classroom?.screens !== undefined && classroom.screens > 0 && classroom.ready !== null && classroom.ready.done >= classroom.ready.total;
}

function percent({ done, total }: { done: number; total: number }): number {
  return total === 0 ? 100 : Math.floor((100 * done) / total);
}

/** “3 个教室已就绪，马甲 62 %” */
export function readyInWords(state: State, config: Config): string {
  const rooms = config.classrooms.map((of) => ({ of, now: state.classrooms[String(of.id)] }));
  const ready = rooms.filter((each) => isReady(each.now)).length;
  const waiting = rooms.flatMap(({ of, now }) =>
    now?.screens && now.ready && !isReady(now) ? [`${of.campus.name} ${percent(now.ready)} %`] : [],
  );
  return [_("{n} 个教室已就绪", { n: ready }), ...waiting].join(_("，"));
}

/** The waiting room as the lead sees it: countdown, who is there, whose pack is complete, and the button that opens the lesson. */
export class BeforeView {
  readonly element: HTMLElement;
  private readonly clock = element("p", { class: "before-clock", role: "timer" });
  private readonly words = element("p", {});
  private readonly list = element("ul", { class: "before-ends" });
  private readonly check: ReadyCheck | null;

  constructor(private readonly config: Config, room: Room, open: () => void) {
    const button = element("button", { type: "button", class: "btn btn-primary btn-lg", onclick: open }, _("开课"));
    const { kind } = config.media;
    this.check = kind === "none" || kind === "outside" ? null : new ReadyCheck(config, room);
    this.element = element(
      "div",
      { class: "before" },
      element("h2", {}, config.session.title), this.clock, this.words, this.list, button, this.check?.element ?? "",
    );
  }

  /** The lesson is open: its cameras are let go. */
  leave(): void {
    this.check?.leave();
  }

  show(state: State, now: number): void {
    const { starts_at: starts } = this.config.session;
    this.clock.textContent = now < starts ? left(starts, now) : "";
    this.words.textContent = now < starts ? _("距离上课。{ready}", { ready: readyInWords(state, this.config) }) : _("到上课时间了。{ready}", { ready: readyInWords(state, this.config) });
    this.list.replaceChildren(...this.config.classrooms.map((of) => this.line(of, state.classrooms[String(of.id)])));
  }

  private line(of: Config["classrooms"][number], classroom: Classroom | undefined): HTMLElement {
    const net = netInWords(classroom);
    const pack = classroom?.ready && !isReady(classroom) ? _("课前包 {percent} %", { percent: percent(classroom.ready) }) : "";
    const words = isReady(classroom) ? _("已就绪") : [net.words, pack].filter(Boolean).join(_("，"));
    return element("li", {}, element("span", { title: nameOf(of) }, nameOf(of)), element("span", { class: isReady(classroom) ? "good" : "wait" }, words));
  }
}

/** What stands there after the end. */
export function farewell(config: Config, reopen: () => void, mayReopen: boolean): HTMLElement {
  return element(
    "div",
    { class: "farewell" },
    element("h2", {}, _("这节课已结束")),
    element("p", {}, _("考勤、各环节用时、小测和板书已经记下，在课后页面可以看到。")),
    element(
      "div",
      { class: "cluster" },
      element("a", { class: "btn btn-primary", href: config.urls.leave }, _("看课后页面")),
      mayReopen ? element("button", { type: "button", class: "btn", onclick: reopen }, _("接着上课")) : null,
    ),
  );
}
