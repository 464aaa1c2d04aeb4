/** What the lead sees of this classroom, and what can be done about it: microphone, troubles, taking over. */

import { showFormulas } from "../lessons/math";
import { openDialog } from "../shared/dialog";
import { element } from "../shared/dom";
import { icon } from "../shared/icons";
import { _ } from "../shared/words";
import type { Asking } from "./helper_asking";
import { lineInWords, modeInWords } from "./helper_words";
import type { Classroom, RunSheet, RunSheetStep, State } from "./protocol";
import { spentOn, stepAfter, stepBefore, stepOf, titleOf } from "./run_sheet";
import { clock } from "./timer";

/** The classroom in the state; undefined when it was taken out of the session. */
function roomOf(state: State, classroom: number): Classroom | undefined {
  return state.classrooms[String(classroom)];
}

/** Lines of name and value, each coloured by how good it is. */
export class SeenView {
  readonly element: HTMLElement;
  private readonly screen = line(_("教室大屏"));
  private readonly net = line(_("网络"));
  private readonly mode = line(_("上课方式"));
  private readonly why = element("p", { class: "hint", hidden: true });
  private readonly air = element("p", { class: "phone-air", hidden: true }, icon("broadcast"), _("主讲正在请我们发言"));
  private readonly microphone: HTMLButtonElement;
  private readonly microphoneWords = element("span", {});
  private muted = false;

  constructor(
    private readonly classroom: number,
    private readonly asking: Asking,
  ) {
    this.microphone = element("button", { type: "button", class: "btn phone-big phone-microphone", onclick: () => this.press() });
    this.element = element(
      "section",
      { class: "phone-card", "aria-labelledby": "seen-title" },
      element("h2", { id: "seen-title" }, _("主讲看到的我们")),
      this.air,
      element("dl", { class: "phone-lines" }, this.screen.element, this.net.element, this.mode.element),
      this.why,
      this.microphone,
    );
  }

  show(state: State): void {
    const room = roomOf(state, this.classroom);
    if (!room) return;
    const there = room.screens > 0;
    this.screen.say(there ? _("已进入") : _("还没有进入"), there ? "good" : "bad");
    this.net.say(there ? lineInWords(room.net) : "—", room.net === null ? "" : room.net >= 3 ? "good" : room.net >= 2 ? "fair" : "bad");
    const mode = room.takeover === null ? room.mode : 5;
    this.mode.say(modeInWords(mode), mode === 1 ? "good" : "fair");
    this.why.textContent = room.why;
    this.why.hidden = !room.why;
    this.air.hidden = !room.air;
    this.showMicrophone(this.asking.wished("mute", room.muted));
  }

  private showMicrophone(muted: boolean): void {
    if (this.muted === muted && this.microphone.childElementCount > 0) return;
    this.muted = muted;
    this.microphone.setAttribute("aria-pressed", String(muted));
    this.microphoneWords.textContent = muted ? _("已静音，点一下打开") : _("麦克风开着，点一下静音");
    this.microphone.replaceChildren(muted ? icon("microphone-off") : icon("microphone"), this.microphoneWords);
  }

  private press(): void {
    void this.asking.ask("mute", { classroom: this.classroom, muted: !this.muted }, "mute", !this.muted);
  }
}

function line(name: string): { element: HTMLElement; say(words: string, grade: string): void } {
  const value = element("dd", {});
  return {
    element: element("div", {}, element("dt", {}, name), value),
    say: (words, grade) => {
      value.textContent = words;
      value.dataset["grade"] = grade;
    },
  };
}

/** One tap tells the lead what is wrong here. */
export class TroubleView {
  readonly element: HTMLElement;
  private readonly told = element("p", { class: "phone-told", role: "status", hidden: true });
  private readonly over: HTMLButtonElement;
  private readonly buttons: HTMLButtonElement[];

  constructor(
    private readonly classroom: number,
    private readonly asking: Asking,
  ) {
    const troubles = [_("网络卡"), _("没声音"), _("看不到课件"), _("其他问题")];
    this.buttons = troubles.map((text) => element("button", { type: "button", class: "btn phone-big", onclick: () => this.tell(text) }, text));
    this.over = element("button", { type: "button", class: "btn btn-primary phone-big", hidden: true, onclick: () => this.tell("") }, _("已经好了"));
    this.element = element(
      "section",
      { class: "phone-card", "aria-labelledby": "trouble-title" },
      element("h2", { id: "trouble-title" }, _("有问题，告诉主讲")),
      this.told,
      element("div", { class: "phone-pair" }, ...this.buttons),
      this.over,
    );
  }

  show(state: State): void {
    const text = this.asking.wished("trouble", roomOf(state, this.classroom)?.trouble?.text ?? "");
    this.told.textContent = _("主讲看到：{text}", { text });
    this.told.hidden = !text;
    this.over.hidden = !text;
    for (const button of this.buttons) button.setAttribute("aria-pressed", String(button.textContent === text));
  }

  private tell(text: string): void {
    void this.asking.ask("trouble", { text }, "trouble", text);
  }
}

/** 本地接管: the helper turns the steps of her own classroom while the line is too weak. */
export class TakeoverView {
  readonly element: HTMLElement;
  private readonly begin: HTMLButtonElement;
  private readonly own = element("div", { class: "phone-own", hidden: true });
  private readonly here = element("p", { class: "phone-here", role: "status" });
  private readonly previous: HTMLButtonElement;
  private readonly next: HTMLButtonElement;
  private step: string | null = null;

  constructor(
    private readonly sheet: RunSheet,
    private readonly classroom: number,
    private readonly asking: Asking,
  ) {
    this.begin = element("button", { type: "button", class: "btn phone-big", onclick: () => this.confirm() }, icon("steering-wheel"), _("本地接管"));
    this.previous = element("button", { type: "button", class: "btn phone-big", onclick: () => this.go(stepBefore(this.sheet, this.step)?.id) }, icon("chevron-left"), _("上一环节"));
    this.next = element("button", { type: "button", class: "btn btn-primary phone-big", onclick: () => this.go(stepAfter(this.sheet, this.step)?.id) }, _("下一环节"), icon("chevron-right"));
    const back = element("button", { type: "button", class: "btn phone-big", onclick: () => this.take(false) }, icon("arrow-back-up"), _("交还主讲，回到大家那里"));
    this.own.append(this.here, element("div", { class: "phone-pair" }, this.previous, this.next), back);
    this.element = element(
      "section",
      { class: "phone-card phone-takeover", "aria-labelledby": "takeover-title" },
      element("h2", { id: "takeover-title" }, _("线路撑不住时")),
      this.begin,
      this.own,
    );
  }

  show(state: State): void {
    const room = roomOf(state, this.classroom);
    const on = this.asking.wished("takeover", (room?.takeover ?? null) !== null);
    this.element.classList.toggle("phone-warned", on);
    this.begin.hidden = on;
    this.begin.disabled = state.phase !== "running" || this.sheet.steps.length === 0;
    this.own.hidden = !on;
    this.step = this.asking.wished("local_step", room?.local_step ?? state.step);
    const step = stepOf(this.sheet, this.step);
    this.here.textContent = step ? _("本教室在上：{step}", { step: titleOf(this.sheet, step) }) : _("还没有开始环节");
    this.previous.disabled = stepBefore(this.sheet, this.step) === null;
    this.next.disabled = stepAfter(this.sheet, this.step) === null;
  }

  private confirm(): void {
    const body = element(
      "div",
      {},
      element("p", {}, _("接管以后，本教室的大屏不再跟着主讲走，由您在这里换环节；课件来自提前下载的课前包，断网也能用。")),
      element("p", {}, _("主讲和其他教室照常上课，会看到本教室“本地接管”。随时可以交还，大屏马上回到主讲所在的环节。")),
    );
    openDialog({ title: _("由您接着上这节课？"), body, accept: _("接管"), accepted: () => { this.take(true); return true; } });
  }

  private take(on: boolean): void {
    void this.asking.ask("takeover", { on }, "takeover", on);
  }

  private go(step: string | undefined): void {
    if (step) void this.asking.ask("local_step", { step }, "local_step", step);
  }
}

/** The running step with the notes of one's own campus and what the pupils do. */
export class StepView {
  readonly element: HTMLElement;
  private readonly title = element("h2", { id: "step-title" });
  private readonly time = element("span", { class: "phone-time" });
  private readonly more = element("div", {});
  private shown: string | null | undefined;

  constructor(
    private readonly sheet: RunSheet,
    private readonly campus: string,
  ) {
    this.element = element(
      "section",
      { class: "phone-card phone-step-card", "aria-labelledby": "step-title" },
      element("div", { class: "phone-head" }, this.title, this.time),
      this.more,
    );
  }

  show(state: State, now: number): void {
    const step = stepOf(this.sheet, state.step);
    this.showTime(step ? spentOn(state, step.id, now) : null, step?.minutes ?? 0);
    if (this.shown === state.step) return;
    this.shown = state.step;
    this.fill(step);
  }

  private showTime(spent: number | null, planned: number): void {
    const plan = planned > 0 ? ` / ${_("{minutes} 分", { minutes: planned })}` : "";
    this.time.textContent = spent === null ? "" : clock(spent) + plan;
    this.time.classList.toggle("phone-warns", planned > 0 && (spent ?? 0) > planned * 60_000);
  }

  private fill(step: RunSheetStep | null): void {
    this.title.textContent = step ? titleOf(this.sheet, step) : _("主讲还没有进入第一个环节");
    const note = step?.notes[this.campus];
    this.more.replaceChildren(
      ...(note ? [element("div", { class: "phone-note" }, element("b", {}, _("本校区要点")), written(note))] : []),
      ...(step?.pupils ? [element("h3", {}, _("学生任务")), written(step.pupils)] : []),
    );
  }
}

/** HTML of the run-sheet: made safe by the server when the plan was taken over. */
export function written(html: string): HTMLElement {
  const made = element("div", { class: "prose" });
  made.innerHTML = html;
  showFormulas(made);
  return made;
}
