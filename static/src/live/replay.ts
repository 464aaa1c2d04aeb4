/** The page that plays a lesson again: the log folded up to the second on the stage, and the film beside it in step. */

import { byId, element } from "../shared/dom";
import { icon } from "../shared/icons";
import { _ } from "../shared/words";
import { addressOf } from "./pack";
import type { ClassroomOfSession, Event, RunSheet, State } from "./protocol";
import { Clock, secondAt, takeAt, type Take } from "./replay_clock";
import { clock } from "./timer";
import { Stage } from "./stage";
import { apply, beginning } from "./state";

interface Film {
  readonly url: string;
  readonly takes: readonly Take[];
}

interface ReplayConfig {
  readonly session: { readonly code: string; readonly title: string };
  readonly classrooms: readonly ClassroomOfSession[];
  readonly run_sheet: RunSheet;
  readonly opened: number;
  readonly events: readonly Event[];
  readonly films: readonly Film[];
  readonly file: string;
}

const KEPT_EVERY = 200;
const TICK = 200;
const OUT_OF_STEP = 0.7;

/** The state at any second: kept every few events, so that seeking folds only what is between. */
class Folded {
  private readonly kept: State[];
  private at = 0;
  private state: State;

  constructor(classrooms: readonly number[], private readonly events: readonly Event[], private readonly opened: number) {
    this.state = beginning(classrooms, false);
    this.kept = [this.state];
  }

  upTo(second: number): State {
    const moment = this.opened + second * 1000;
    let wanted = this.at;
    if ((this.events[wanted - 1]?.[1] ?? 0) > moment) wanted = 0;
    while (wanted < this.events.length && (this.events[wanted]?.[1] ?? 0) <= moment) wanted += 1;
    this.foldTo(wanted);
    return this.state;
  }

  private foldTo(wanted: number): void {
    if (wanted < this.at) {
      const mark = Math.min(Math.floor(wanted / KEPT_EVERY), this.kept.length - 1);
      this.state = this.kept[mark] ?? this.state;
      this.at = mark * KEPT_EVERY;
    }
    for (const event of this.events.slice(this.at, wanted)) {
      this.state = apply(this.state, event);
      this.at += 1;
      if (this.at % KEPT_EVERY === 0) this.kept[this.at / KEPT_EVERY] ??= this.state;
    }
  }
}

class Replay {
  private readonly clock = new Clock(() => performance.now());
  private readonly folded: Folded;
  private readonly stage: Stage;
  private readonly video = byId("replay-film") as HTMLVideoElement;
  private readonly seekBar = byId("replay-seek") as HTMLInputElement;
  private readonly length: number;
  private readonly chapters: { second: number; row: HTMLElement }[];
  private readonly places: ReadonlyMap<number, string>;
  private film: Film | null = null;
  private shown: State | null = null;

  constructor(private readonly config: ReplayConfig) {
    const last = config.events.at(-1)?.[1] ?? config.opened;
    const filmed = Math.max(0, ...config.films.flatMap((film) => film.takes.map((take) => take.second + take.length)));
    this.length = Math.ceil(Math.max((last - config.opened) / 1000, filmed));
    this.folded = new Folded(config.classrooms.map((each) => each.id), config.events, config.opened);
    this.places = new Map(config.classrooms.map((each) => [each.id, `${each.campus.name} ${each.class}`.trim()]));
    this.stage = new Stage({
      steps: config.run_sheet.steps,
      source: (resource, version, number) => Promise.resolve(addressOf(config.file, resource, version, number)),
      now: () => config.opened + this.clock.second * 1000,
      sound: false,
    });
    byId("replay-stage").append(this.stage.element);
    this.chapters = this.listChapters();
    this.wire();
    this.seek(this.asked());
    setInterval(() => this.tick(), TICK);
  }

  private asked(): number {
    const at = Number(new URLSearchParams(location.search).get("at"));
    const begun = this.config.events.find((event) => event[2] === "begin")?.[1];
    return at > 0 ? at : begun === undefined ? 0 : (begun - this.config.opened) / 1000;
  }

  private wire(): void {
    this.seekBar.max = String(this.length);
    byId("replay-length").textContent = clock(this.length * 1000);
    byId("replay-play").addEventListener("click", () => this.toggle());
    this.seekBar.addEventListener("input", () => this.seek(Number(this.seekBar.value)));
    const speed = byId("replay-speed") as HTMLSelectElement;
    speed.addEventListener("change", () => {
      this.clock.speed = Number(speed.value);
      this.video.playbackRate = Number(speed.value);
    });
    this.video.addEventListener("error", () => this.withoutFilm());
    document.addEventListener("keydown", (event) => {
      const target = event.target as Element;
      if (target.matches("input, select, button, a")) return;
      if (event.key === " ") this.toggle();
      else if (event.key === "ArrowRight") this.seek(this.clock.second + 10);
      else if (event.key === "ArrowLeft") this.seek(this.clock.second - 10);
      else return;
      event.preventDefault();
    });
  }

  private toggle(): void {
    if (this.clock.runs) this.clock.stop();
    else {
      if (this.clock.second >= this.length) this.seek(0);
      this.clock.run();
    }
    this.showButton();
    this.follow();
  }

  private seek(second: number): void {
    this.clock.seek(Math.min(Math.max(0, second), this.length));
    this.follow(true);
    this.show();
  }

  private tick(): void {
    if (!this.clock.runs) return;
    if (this.clock.second >= this.length) {
      this.clock.seek(this.length);
      this.clock.stop();
      this.showButton();
    }
    this.follow();
    this.show();
  }

  /** Puts the film where the log is; a film that plays well sets the pace. */
  private follow(exactly = false): void {
    const second = this.clock.second;
    const film = this.config.films.find((each) => takeAt(each.takes, second)) ?? null;
    this.video.hidden = !film;
    if (!film) {
      this.video.pause();
      return;
    }
    const fresh = film !== this.film;
    if (fresh) {
      this.film = film;
      this.video.src = film.url;
    }
    this.keepInStep(film, second, exactly || fresh);
    if (!this.clock.runs) this.video.pause();
    else if (this.video.paused) void this.video.play().catch(() => undefined);
  }

  private keepInStep(film: Film, second: number, exactly: boolean): void {
    const take = takeAt(film.takes, second);
    const place = take ? take.at + second - take.second : 0;
    const off = Math.abs(this.video.currentTime - place);
    const leads = this.clock.runs && !this.video.paused;
    if (exactly || off > OUT_OF_STEP * 4) this.video.currentTime = place;
    else if (leads && off > OUT_OF_STEP) this.clock.seek(secondAt(film.takes, this.video.currentTime));
  }

  private withoutFilm(): void {
    if (!this.video.src) return;
    const trouble = byId("replay-trouble");
    trouble.textContent = _("录像放不出来，课件和板书照常回看。刷新页面可以再试。");
    trouble.hidden = false;
    this.video.hidden = true;
  }

  private show(): void {
    const second = this.clock.second;
    this.seekBar.value = String(Math.round(second));
    byId("replay-time").textContent = clock(second * 1000);
    const state = this.folded.upTo(second);
    if (state === this.shown) return;
    this.shown = state;
    this.stage.show(state);
    const now = this.chapters.findLast((each) => each.second <= second + 0.5);
    for (const each of this.chapters) each.row.toggleAttribute("aria-current", false);
    now?.row.setAttribute("aria-current", "true");
    byId("replay-words").replaceChildren(...this.words(state).map((words) => element("p", {}, words)));
  }

  /** What happens besides the stage, in words. */
  private words(state: State): string[] {
    const words: string[] = [];
    const place = (id: string | number | null) => this.places.get(Number(id)) ?? "";
    for (const [id, each] of Object.entries(state.classrooms)) {
      if (each.air) words.push(_("{place}正在发言", { place: place(id) }));
      else if (each.takeover !== null) words.push(_("{place}由助教接管", { place: place(id) }));
      else if (each.hand !== null) words.push(_("{place}举手", { place: place(id) }));
    }
    if (state.check) words.push(_("小测：{question}", { question: state.check.question }));
    const message = state.chat.messages.at(-1);
    if (message) words.push(`${message.name || place(message.classroom)}：${message.text}`);
    return words.length > 0 ? words : [state.phase === "running" ? _("老师正在讲课。") : state.phase === "ended" ? _("已经下课。") : _("还没有开始上课。")];
  }

  private listChapters(): { second: number; row: HTMLElement }[] {
    const titles = new Map(this.config.run_sheet.steps.map((step) => [step.id, step.title]));
    const list = byId("replay-chapters");
    return this.config.events
      .filter((event) => event[2] === "step")
      .map((event) => {
        const second = (event[1] - this.config.opened) / 1000;
        const title = titles.get(String(event[5]["step"])) || _("未命名的环节");
        const row = element("button", { type: "button", onclick: () => this.seek(second) }, element("span", { class: "record-second" }, clock(second * 1000)), title);
        list.append(element("li", {}, row));
        return { second, row };
      });
  }

  private showButton(): void {
    const runs = this.clock.runs;
    byId("replay-play").replaceChildren(
      runs ? icon("player-pause") : icon("player-play"),
      element("span", {}, runs ? _("暂停") : _("播放")),
    );
  }
}

const config = document.getElementById("replay-config");
if (config) new Replay(JSON.parse(config.textContent) as ReplayConfig);
