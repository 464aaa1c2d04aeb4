/**
 * The screen of a classroom, as 45 pupils see it from the back row: slides or board, the step and their task, a timer, who speaks.
 *
 * It is touched once, to begin; afterwards nobody has to. While the line is down everything stays on it.
 */

import { showFormulas } from "../lessons/math";
import { element, say } from "../shared/dom";
import { _ } from "../shared/words";
import { questionOf, tally } from "./checks";
import { listenToKeys } from "./keys";
import { nameOf } from "./lead_ends";
import { outsideLine } from "./outside";
import type { ClassroomOfSession, Config, Page, State } from "./protocol";
import type { Room } from "./room";
import { firstPage, pageAway, stepOf, titleOf } from "./run_sheet";
import type { Source } from "./slides";
import { Stage } from "./stage";
import { eachSecond, left } from "./timer";

const SHORT = 30_000;
/** How long what has changed for this classroom stands above the slides. */
const SAID = 12_000;

/** What this classroom sees: the room's state, or its own steps while its helper has taken over. */
export function seenIn(state: State, own: number | null, config: Config, local: Page | null): State {
  const classroom = state.classrooms[String(own)];
  if (!classroom || classroom.takeover === null) return state;
  const first = firstPage(config.run_sheet, classroom.local_step, state.page);
  return { ...state, step: classroom.local_step, page: local ?? first, clip: null, board: false, timer: null, check: null };
}

/** What is said to a classroom about its own line and mode; empty while all is well. */
export function ownBanner(state: State, own: number | null): string {
  const classroom = state.classrooms[String(own)];
  if (!classroom) return "";
  if (classroom.takeover !== null) return _("助教老师正在本地上课，主讲的课件稍后接上。");
  const words: Readonly<Record<number, string>> = {
    2: _("网络不稳，只保留主讲画面，课件不受影响。"),
    3: _("网络不稳，已改为语音 + 课件，课件不受影响。"),
    4: _("网络很弱，已改为课件 + 文字，课件不受影响。"),
    5: _("网络中断，请助教老师在手机上本地接管。"),
  };
  return words[classroom.mode] ?? "";
}

/** Whether the stage itself shows the task of the step, so that nobody else need. */
const isTaskOnStage = (state: State): boolean => state.page === null && state.clip === null && !state.board;

interface Face {
  readonly of: ClassroomOfSession;
  readonly element: HTMLElement;
  readonly words: HTMLElement;
}

export class ClassroomScreen {
  /** Where the pictures go, by endpoint. */
  readonly places = new Map<string, HTMLElement>();
  private readonly stage: Stage;
  private readonly root = element("div", { class: "classroom" });
  private readonly banner = element("p", { class: "banner", role: "status", hidden: true });
  private readonly results = element("div", { class: "results", hidden: true });
  private readonly over = element("div", { class: "results classroom-over", hidden: true });
  private readonly faces: Face[];
  private readonly speaks = element("p", { class: "classroom-speaks", hidden: true });
  private readonly hand = element("p", { class: "classroom-hand", hidden: true });
  private readonly timer = element("p", { class: "classroom-timer", role: "timer", hidden: true });
  private readonly band = element("footer", { class: "classroom-band" });
  private readonly step = element("div", { class: "classroom-step" });
  private readonly task = element("div", { class: "classroom-task" });
  private readonly options = element("p", { class: "classroom-options", hidden: true });
  private local: Page | null = null;
  private localStep: string | null = null;
  private taskShown = "";
  private said = { words: "", at: 0 };
  private devices = { words: "", at: 0 };

  constructor(
    place: HTMLElement,
    private readonly room: Room,
    private readonly config: Config,
    source: Source,
  ) {
    this.stage = new Stage({ title: config.session.title, steps: config.run_sheet.steps, source, now: () => room.now() });
    const own = config.classrooms.find(({ id }) => id === config.me.classroom);
    const main = config.classrooms.filter(({ role }) => role === "main");
    this.faces = [...main, ...config.classrooms.filter(({ role }) => role !== "main")].map((of) => this.face(of));
    const stage = element("main", { class: "classroom-stage" }, this.stage.element, this.results, this.over, this.banner);
    const side = element("aside", { class: "classroom-side" }, outsideLine(config, room), ...this.faces.map((face) => face.element), this.speaks, this.hand, this.timer);
    this.band.append(this.step, element("div", { class: "classroom-own" }, own ? nameOf(own) : ""), this.task, this.options);
    this.root.append(stage, side, this.band);
    place.append(this.root);
    room.subscribe(() => this.show());
    room.onWave((wave) => this.stage.wave(wave));
    eachSecond(() => this.show());
    listenToKeys((command) => this.turn(command === "next" ? 1 : command === "previous" ? -1 : 0));
    this.show();
  }

  /** Says for a while what does not work with the devices of this classroom. */
  say(words: string): void {
    this.devices = { words, at: Date.now() };
    this.show();
  }

  private face(of: ClassroomOfSession): Face {
    const words = element("span", {});
    const figure = element("figure", { class: "face-of m-0" }, words, element("figcaption", {}, nameOf(of)));
    this.places.set(`c${of.id}`, figure);
    return { of, element: figure, words };
  }

  private show(): void {
    const { state } = this.room;
    const { classroom: own } = this.config.me;
    const step = state.classrooms[String(own)]?.local_step ?? null;
    if (step !== this.localStep) [this.localStep, this.local] = [step, null];
    const seen = seenIn(state, own, this.config, this.local);
    this.root.dataset["layout"] = state.layout;
    this.stage.show(seen);
    this.showBand(seen);
    this.showSide(seen);
    this.showResults(seen);
    this.showOver(state);
    this.showBanner(state);
  }

  private showBand(state: State): void {
    const step = stepOf(this.config.run_sheet, state.step);
    say(this.step, step ? _("环节{title}", { title: titleOf(this.config.run_sheet, step) }) : this.config.session.title);
    const { check } = state;
    const task = check || isTaskOnStage(state) ? "" : (step?.pupils ?? "");
    const shown = check ? `${check.id}:${questionOf(check)}` : task;
    this.options.hidden = !check;
    this.band.classList.toggle("classroom-asks", check !== null);
    if (shown === this.taskShown) return;
    this.taskShown = shown;
    if (check) this.task.textContent = questionOf(check);
    else this.task.innerHTML = task;
    showFormulas(this.task);
    this.options.replaceChildren(...(check?.options ?? []).map((option) => element("span", {}, option)));
  }

  private showSide(state: State): void {
    const now = this.room.now();
    const own = state.classrooms[String(this.config.me.classroom)];
    const speaking = this.config.classrooms.find(({ id }) => state.classrooms[String(id)]?.air);
    const most = state.layout === "discuss" ? this.faces.length : 2;
    const wanted = this.faces.filter(({ of }) => state.layout === "discuss" || of.role === "main" || of.id === speaking?.id).slice(0, most);
    for (const face of this.faces) {
      face.element.hidden = !wanted.includes(face);
      face.element.classList.toggle("air", face.of.id === speaking?.id);
      say(face.words, state.classrooms[String(face.of.id)]?.screens ? _("没有画面") : _("不在线"));
    }
    this.speaks.hidden = !speaking;
    if (speaking) say(this.speaks, speaking.id === this.config.me.classroom ? _("请我们班发言") : _("{name} 正在发言", { name: nameOf(speaking) }));
    this.hand.hidden = !own?.hand;
    say(this.hand, _("我们班已举手"));
    this.timer.hidden = state.timer === null;
    if (state.timer) {
      say(this.timer, left(state.timer.ends, now));
      this.timer.classList.toggle("short", state.timer.ends - now < SHORT);
    }
  }

  private showResults(state: State): void {
    const shown = state.check?.shown ? state.check : null;
    this.results.hidden = shown === null;
    const signature = JSON.stringify(shown);
    if (!shown || this.results.dataset["shown"] === signature) return;
    this.results.dataset["shown"] = signature;
    this.results.replaceChildren(element("h2", {}, questionOf(shown)), tally(shown, this.config.classrooms));
  }

  /** Before the lesson, after it, and when this screen is no longer in the room. */
  private showOver(state: State): void {
    const gone = this.room.connection === "gone";
    const { starts_at: starts, title } = this.config.session;
    const now = this.room.now();
    const away = now < starts ? _("还有 {left} 上课", { left: left(starts, now) }) : _("请等待主讲老师开课");
    const texts = gone ? [this.room.farewell] : state.phase === "ended" ? [_("下课了，同学们再见。"), title] : state.phase === "waiting" ? [title, away] : [];
    this.over.hidden = texts.length === 0;
    if (texts.length === 0 || this.over.dataset["shown"] === texts.join("\n")) return;
    this.over.dataset["shown"] = texts.join("\n");
    const [head = "", more = ""] = texts;
    this.over.replaceChildren(element("h2", {}, head), element("p", { class: "classroom-step" }, more));
  }

  /** A lost line is said as long as it lasts; another mode long enough to be read. */
  private showBanner(state: State): void {
    const lost = this.room.connection === "gone" ? "" : this.room.lineInWords;
    const own = ownBanner(state, this.config.me.classroom);
    const takeover = (state.classrooms[String(this.config.me.classroom)]?.takeover ?? null) !== null;
    if (own !== this.said.words) this.said = { words: own, at: Date.now() };
    const read = !takeover && Date.now() - this.said.at > SAID;
    const words = [lost, read ? "" : own, Date.now() - this.devices.at > SAID ? "" : this.devices.words].filter(Boolean).join(_("；"));
    this.banner.hidden = words === "";
    this.banner.classList.toggle("calm", lost === "" && takeover);
    say(this.banner, words);
  }

  /** The keyboard turns pages only while this classroom is on its own. */
  private turn(by: number): void {
    const { state } = this.room;
    const own = state.classrooms[String(this.config.me.classroom)];
    if (by === 0 || !own || own.takeover === null) return;
    const seen = seenIn(state, this.config.me.classroom, this.config, this.local);
    this.local = pageAway(this.config.run_sheet, seen.step, seen.page, by) ?? this.local;
    this.show();
  }
}
