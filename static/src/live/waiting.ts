/** 候课: what everybody but the lead sees before the lesson is opened. It goes away by itself. */

import { element } from "../shared/dom";
import { icon } from "../shared/icons";
import { _ } from "../shared/words";
import { inWords } from "./helper_people";
import { nameOf } from "./helper_words";
import type { Config, State } from "./protocol";
import { clock, hour } from "./timer";

/** How long it is until the lesson begins, or since it should have. */
export function untilBegin(startsAt: number, now: number): { figure: string; words: string } {
  const left = startsAt - now;
  if (left > 0) return { figure: clock(Math.ceil(left / 1000) * 1000), words: _("离上课还有") };
  return { figure: clock(-left), words: _("主讲还没有开课，已过上课时间") };
}

export class Waiting {
  readonly element: HTMLElement;
  private readonly figure = element("b", { class: "waiting-figure" });
  private readonly words = element("span", {});
  private readonly line = element("p", { class: "waiting-line", role: "status" });
  private readonly who = element("ul", { class: "waiting-who" });
  private people: State["people"] | null = null;
  private classrooms: State["classrooms"] | null = null;

  constructor(private readonly config: Config) {
    const { session } = config;
    const times = `${hour(session.starts_at, config.language)}–${hour(session.ends_at, config.language)}`;
    this.element = element(
      "section",
      { class: "waiting", "aria-labelledby": "waiting-title" },
      element("p", { class: "hint" }, `${times} · ${_("主讲 {name}", { name: session.lead })}`),
      element("h1", { id: "waiting-title" }, session.title),
      element("p", { class: "waiting-clock" }, this.words, this.figure),
      element("p", { class: "muted" }, _("主讲开课后，这里自动进入课堂，什么都不用点。")),
      this.line,
      this.who,
    );
  }

  /** `trouble` is the sentence about the line, empty while all is well. */
  show(state: State, now: number, trouble: string): void {
    const { figure, words } = untilBegin(this.config.session.starts_at, now);
    this.figure.textContent = figure;
    this.words.textContent = words;
    this.line.replaceChildren(trouble ? icon("plug-x") : icon("circle-check"), trouble || _("已连上课堂"));
    this.line.classList.toggle("phone-warns", trouble !== "");
    if (this.people === state.people && this.classrooms === state.classrooms) return;
    this.people = state.people;
    this.classrooms = state.classrooms;
    this.who.replaceChildren(this.leadLine(state), ...this.config.classrooms.map((each) => this.classroomLine(state, each)));
  }

  private leadLine(state: State): HTMLElement {
    const here = Object.values(state.people).some(({ role }) => role === "lead");
    return row(_("主讲 {name}", { name: this.config.session.lead }), here ? _("已到") : _("还没有到"), here);
  }

  private classroomLine(state: State, classroom: Config["classrooms"][number]): HTMLElement {
    const all = Object.values(state.people).filter((each) => each.classroom === classroom.id);
    const here = all.filter(({ role }) => role !== "lead");
    const ready = state.classrooms[String(classroom.id)]?.ready;
    const pack = ready ? (ready.done >= ready.total ? _("课前包已就绪") : _("课前包 {percent} %", { percent: Math.floor((100 * ready.done) / ready.total) })) : "";
    const there = all.length > 0;
    const who = here.length > 0 ? inWords(here) : there ? _("主讲在这里") : _("还没有到");
    return row(nameOf(classroom), [who, pack].filter(Boolean).join(" · "), there);
  }
}

function row(name: string, words: string, here: boolean): HTMLElement {
  return element("li", { class: here ? "waiting-here" : "" }, here ? icon("circle-check") : icon("circle-dashed"), element("b", {}, name), element("span", { class: "hint" }, words));
}
