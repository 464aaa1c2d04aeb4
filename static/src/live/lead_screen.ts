/** The lead's screen: run-sheet left, stage in the middle, campuses right, one bar of buttons, 下一环节 the biggest. */

import { openDialog } from "../shared/dialog";
import { element, say } from "../shared/dom";
import { icon } from "../shared/icons";
import { openMenu } from "../shared/menu";
import { toast } from "../shared/toast";
import { _ } from "../shared/words";
import { BoardTools } from "./board_tools";
import { ChatView } from "./chat";
import { chooseCheck, questionOf, tally } from "./checks";
import { secondOf } from "./clips";
import { listenToKeys, Twice, type Command } from "./keys";
import { BeforeView, farewell } from "./lead_before";
import { EndsView, nameOf } from "./lead_ends";
import { RecordingButton } from "./lead_recording";
import type { Asked, Config, Kind, Page, RunSheetFile, RunSheetStep, State } from "./protocol";
import type { Room } from "./room";
import { pageAway, RunSheetView, stepAfter, titleOf } from "./run_sheet";
import type { Source } from "./slides";
import { Stage } from "./stage";
import { clock, eachSecond, hour, left, leftInWords } from "./timer";

const REOPEN = 10 * 60_000;
const LAYOUTS = ["teach", "interact", "discuss"] as const;

/** While the board is shown nobody counts the pages of the slides below it. */
const pageInWords = (number: number, pages: number): string =>
  pages > 0 ? _("第 {number} 页 / {pages}", { number, pages }) : _("第 {number} 页", { number });

export class LeadScreen {
  readonly ends: EndsView;
  readonly recording: RecordingButton;
  private readonly stage: Stage;
  private readonly tools: BoardTools;
  private readonly sheet: RunSheetView;
  private readonly before: BeforeView;
  private readonly chat: ChatView;
  private readonly twice = new Twice(() => this.show());
  private readonly place = element("div", { class: "lead-stage" });
  private readonly head = headPieces();
  private readonly drawers: Record<string, { drawer: HTMLElement; button: HTMLElement }> = {};
  private readonly buttons = new Map<string, HTMLButtonElement>();
  private readonly page = element("span", { class: "lead-page" });
  private readonly said = element("span", { class: "lead-said grow" });
  private readonly handsBody = element("div", { class: "drawer-body" });
  private readonly checkBody = element("div", { class: "drawer-body" });
  private readonly seek = element("input", { type: "range", min: 0, max: 1000, value: 0, "aria-label": _("播放到") });
  private readonly clipTools: HTMLElement;
  private readonly slideTools: HTMLElement;
  /** The page asked for, shown before the server has said yes. */
  private wanted: Page | null = null;
  private readMessages = 0;
  private drawn = "";

  constructor(
    private readonly root: HTMLElement,
    private readonly room: Room,
    private readonly config: Config,
    source: Source,
  ) {
    this.stage = new Stage({ title: config.session.title, steps: config.run_sheet.steps, source, now: () => room.now() });
    this.tools = new BoardTools(room, this.stage, this.refused);
    this.sheet = new RunSheetView(config.run_sheet, config.classrooms, { step: (step) => this.chooseStep(step), file: (file) => this.openFile(file) });
    this.ends = new EndsView(room, config, this.refused);
    this.before = new BeforeView(config, room, () => this.ask("open", {}));
    this.recording = new RecordingButton(room);
    this.chat = new ChatView(room, config.classrooms, config.language, this.refused);
    this.clipTools = this.makeClipTools();
    this.slideTools = this.makeSlideTools();
    this.build();
    room.subscribe(() => this.show());
    room.onWave((wave) => this.stage.wave(wave));
    eachSecond(() => this.show());
    listenToKeys((command) => this.obey(command));
    this.show();
  }

  // --- what it is made of

  private build(): void {
    this.place.append(this.stage.element, this.tools.element);
    const head = element(
      "header",
      { class: "lead-head" },
      element("h1", { title: this.config.session.title }, this.config.session.title),
      element("span", { class: "lead-when" }, this.when()),
      element("span", { class: "grow" }),
      this.head.line, this.recording.element, this.head.clock, this.head.left,
    );
    const middle = element("main", { class: "lead-middle" }, this.place, this.slideTools, this.clipTools);
    this.root.append(element("div", { class: "lead" }, head, this.sheet.element, middle, this.ends.element, this.bar()));
    this.addDrawer("hands", _("举手"), this.handsBody);
    this.addDrawer("chat", _("聊天"), this.chat.element, this.chat.tools, this.chat.form);
    this.addDrawer("check", _("小测"), this.checkBody);
  }

  private when(): string {
    const { starts_at: starts, ends_at: ends } = this.config.session;
    const rooms = _("{n} 个教室同上", { n: this.config.classrooms.length });
    return `${rooms} · ${hour(starts, this.config.language)}–${hour(ends, this.config.language)}`;
  }

  private button(name: string, word: string, press: (button: HTMLButtonElement) => void, picture?: SVGElement): HTMLButtonElement {
    const button: HTMLButtonElement = element("button", { type: "button", class: "btn", onclick: () => press(button) }, picture ?? null, element("span", {}, word));
    this.buttons.set(name, button);
    return button;
  }

  private turnButton(name: "previous" | "next", word: string, picture: SVGElement): HTMLButtonElement {
    const button = this.button(name, word, () => this.obey(name), picture);
    button.classList.add("lead-turn");
    return button;
  }

  private makeSlideTools(): HTMLElement {
    return element(
      "div",
      { class: "lead-tools" },
      this.turnButton("previous", _("上一页"), icon("chevron-left")),
      this.page,
      this.turnButton("next", _("下一页"), icon("chevron-right")),
      this.button("board", _("板书"), () => this.obey("board"), icon("chalkboard")),
      this.button("pen", _("批注"), () => this.togglePen(), icon("pencil")),
      this.button("check", _("小测"), (button) => this.openCheck(button), icon("checkbox")),
      this.said,
    );
  }

  private makeClipTools(): HTMLElement {
    this.seek.addEventListener("change", () => this.playClip({ at: this.clipSecond() }));
    return element(
      "div",
      { class: "lead-tools", hidden: true },
      element(
        "div",
        { class: "clip-tools" },
        this.button("play", _("暂停"), () => this.playClip({ playing: !this.room.state.clip?.playing })),
        this.seek,
        element("span", { class: "nowrap", id: "clip-time" }),
        this.button("close-clip", _("关闭"), () => this.ask("clip", { resource: null }), icon("x")),
      ),
    );
  }

  private bar(): HTMLElement {
    const next = element("button", { type: "button", class: "btn btn-primary btn-next", onclick: () => this.nextStep() }, element("span", {}));
    this.buttons.set("next-step", next);
    return element(
      "footer",
      { class: "lead-bar" },
      this.button("air", _("请…发言"), (button) => this.callOnAir(button), icon("microphone")),
      this.button("hands", _("举手"), () => this.toggle("hands"), icon("hand-stop")),
      this.button("mute", _("静音"), (button) => this.openMute(button), icon("microphone-off")),
      this.button("layout", _("画面"), (button) => this.openLayouts(button), icon("layout-grid")),
      this.button("chat", _("聊天"), () => this.toggle("chat"), icon("message-2")),
      this.button("timer", _("计时"), (button) => this.openTimer(button), icon("clock")),
      element("span", { class: "grow" }),
      this.button("end", _("结束"), () => this.confirmEnd()),
      next,
    );
  }

  private addDrawer(name: string, title: string, ...parts: HTMLElement[]): void {
    const [body, ...more] = parts;
    const close = element("button", { type: "button", class: "btn btn-quiet btn-sm", "aria-label": _("关闭"), onclick: () => this.toggle(name, false) }, icon("x"));
    const tools = more.filter((part) => part.tagName !== "FORM");
    const foot = more.filter((part) => part.tagName === "FORM");
    const drawer = element("section", { class: "drawer", hidden: true, "aria-label": title }, element("header", {}, element("h2", {}, title), ...tools, close), body ?? null, ...foot);
    drawer.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.toggle(name, false);
    });
    const button = this.buttons.get(name);
    if (button) this.drawers[name] = { drawer, button };
    this.root.append(drawer);
  }

  private toggle(name: string, open?: boolean): void {
    for (const [each, { drawer, button }] of Object.entries(this.drawers)) {
      const shown = each === name && (open ?? drawer.hidden);
      drawer.hidden = !shown;
      button.setAttribute("aria-pressed", String(shown));
    }
    this.show();
  }

  // --- what it shows

  private show(): void {
    const { state } = this.room;
    const now = this.room.now();
    this.showHead(state, now);
    this.sheet.show(state, now, this.twice.waiting);
    this.ends.show(state, now);
    this.showStage(state, now);
    this.showBar(state, now);
    this.showDrawers(state);
  }

  private showHead(state: State, now: number): void {
    const { line, clock: time, left: rest } = this.head;
    say(line, this.room.lineInWords);
    line.hidden = this.room.lineInWords === "";
    this.recording.show(state);
    say(time, state.began === null ? hour(now, this.config.language) : clock((state.ended ?? now) - state.began));
    const running = state.phase === "running" || state.phase === "open";
    say(rest, running ? leftInWords(this.config.session.ends_at, now) : "");
    rest.classList.toggle("lead-over", now > this.config.session.ends_at);
  }

  private showStage(state: State, now: number): void {
    const gone = this.room.connection === "gone";
    const drawn = gone ? "gone" : state.phase === "waiting" || state.phase === "ended" ? state.phase : "stage";
    if (drawn !== this.drawn) this.drawStage(drawn, state, now);
    if (drawn === "waiting") this.before.show(state, now);
    if (drawn !== "stage") return;
    this.stage.show(this.wanted ? { ...state, page: this.wanted, clip: null } : state);
    this.tools.show();
    this.showTools(state, now);
  }

  private drawStage(drawn: string, state: State, now: number): void {
    this.drawn = drawn;
    if (drawn !== "waiting") this.before.leave();
    const mayReopen = state.ended !== null && now - state.ended < REOPEN;
    const what: Readonly<Record<string, () => HTMLElement[]>> = {
      gone: () => [element("div", { class: "farewell" }, element("h2", {}, _("已离开课堂")), element("p", {}, this.room.farewell))],
      waiting: () => [this.before.element],
      ended: () => [farewell(this.config, () => this.ask("reopen", {}), mayReopen)],
      stage: () => [this.stage.element, this.tools.element],
    };
    this.place.classList.remove("lead-writes");
    this.place.replaceChildren(...(what[drawn]?.() ?? []));
    this.slideTools.hidden = drawn !== "stage";
    if (drawn !== "stage") this.clipTools.hidden = true;
  }

  private showTools(state: State, now: number): void {
    const clip = this.wanted ? null : state.clip;
    this.slideTools.hidden = clip !== null;
    this.clipTools.hidden = clip === null;
    if (clip) this.showClip(clip.playing, secondOf(clip, now));
    const page = this.wanted ?? state.page;
    say(this.page, page ? pageInWords(page.number, this.stage.pages) : _("没有课件"));
    this.enable("previous", pageAway(this.config.run_sheet, state.step, page, -1) !== null);
    this.enable("next", pageAway(this.config.run_sheet, state.step, page, 1) !== null);
    this.press("board", state.board);
    this.press("pen", this.tools.open);
    this.place.classList.toggle("lead-writes", this.tools.open);
    say(this.said, _("各教室画面一致"));
  }

  private showClip(playing: boolean, second: number): void {
    this.word("play", playing ? _("暂停") : _("播放"));
    const place = this.stage.clip.place;
    const at = Math.min(second, place?.length ?? second);
    if (place && document.activeElement !== this.seek) this.seek.value = String((1000 * at) / place.length);
    const time = this.clipTools.querySelector("#clip-time");
    if (time) time.textContent = place ? `${clock(at * 1000)} / ${clock(place.length * 1000)}` : clock(at * 1000);
  }

  private showBar(state: State, now: number): void {
    const onAir = this.config.classrooms.find(({ id }) => state.classrooms[String(id)]?.air);
    const asking = this.withHands(state)[0];
    const air = onAir ? _("结束 {name} 发言", { name: onAir.campus.name }) : asking ? _("请 {name} 发言", { name: asking.campus.name }) : _("请…发言");
    this.word("air", air);
    this.press("air", onAir !== undefined);
    this.showHandsButton(state);
    this.press("mute", this.ownMuted(state));
    const unread = Math.max(0, state.chat.messages.length - this.readMessages);
    this.badge("chat", this.drawers["chat"]?.drawer.hidden === false ? 0 : unread);
    this.word("timer", state.timer ? left(state.timer.ends, now) : _("计时"));
    this.press("timer", state.timer !== null);
    this.badge("check", state.check ? Object.keys(state.check.counts).length : 0);
    this.press("check", state.check !== null);
    this.showNext(state);
    for (const name of ["air", "hands", "timer", "end"]) this.enable(name, state.phase === "open" || state.phase === "running");
  }

  private showHandsButton(state: State): void {
    const rooms = this.withHands(state);
    const all = rooms.reduce((sum, { id }) => sum + Math.max(1, state.hands[String(id)]?.length ?? 0), 0);
    this.badge("hands", all);
  }

  private showNext(state: State): void {
    const button = this.buttons.get("next-step");
    const end = this.buttons.get("end");
    if (!button || !end) return;
    const next = stepAfter(this.config.run_sheet, state.step);
    const armed = this.twice.waiting === "next";
    button.hidden = state.phase === "waiting" || state.phase === "ended";
    button.title = nextInWords(this.config, state.phase, next);
    button.classList.toggle("armed", armed);
    say(button.firstElementChild, armed ? _("再按一次：{title}", { title: next?.title ?? "" }) : button.title);
    end.hidden = button.hidden || (next === null && state.phase === "running");
  }

  private showDrawers(state: State): void {
    this.chat.show(state);
    if (this.drawers["chat"]?.drawer.hidden === false) this.readMessages = state.chat.messages.length;
    if (this.drawers["hands"]?.drawer.hidden === false) this.showHands(state);
    const check = state.check ?? state.checks.at(-1);
    if (this.drawers["check"]?.drawer.hidden === false && check) this.showCheck(state);
  }

  private showHands(state: State): void {
    const lines = this.withHands(state).map((of) => {
      const names = (state.hands[String(of.id)] ?? []).map((hand) => hand.name).join(_("、"));
      const call = element("button", { type: "button", class: "btn btn-sm", onclick: () => this.ask("air", { classroom: of.id }) }, _("请发言"));
      return element("li", {}, element("div", {}, element("b", {}, nameOf(of)), element("p", {}, names || _("全班举手"))), call);
    });
    replace(this.handsBody, lines.length > 0 ? element("ul", { class: "hands" }, ...lines) : element("p", { class: "drawer-empty" }, _("现在没有人举手。助教在手机上替学生举手，名字会出现在这里。")));
  }

  private showCheck(state: State): void {
    const check = state.check ?? state.checks.at(-1);
    if (!check) return;
    const shown = element("button", { type: "button", class: "btn", "aria-pressed": String(check.shown), onclick: () => this.ask("check_shown", { id: check.id, shown: !check.shown }) }, check.shown ? _("不再公布") : _("公布结果"));
    const close = element("button", { type: "button", class: "btn btn-primary", onclick: () => this.ask("check_closed", { id: check.id }) }, _("收小测"));
    const again = element("button", { type: "button", class: "btn", onclick: () => chooseCheck(again, (made) => this.makeCheck(made)) }, _("再出一道"));
    const buttons = state.check ? element("div", { class: "cluster" }, shown, close) : element("div", { class: "cluster" }, again);
    const note = state.check ? _("助教数好后在手机上报数，这里随时更新。") : _("已收。结果记在课后页面。");
    const signature = JSON.stringify([check, state.check === null]);
    if (this.checkBody.dataset["shown"] === signature) return;
    this.checkBody.dataset["shown"] = signature;
    this.checkBody.replaceChildren(element("h3", {}, questionOf(check)), element("p", { class: "hint" }, note), buttons, element("p", {}), tally(check, this.config.classrooms));
  }

  private word(name: string, word: string): void {
    say(this.buttons.get(name)?.querySelector(":scope > span:not(.count)") ?? null, word);
  }

  private badge(name: string, count: number): void {
    const button = this.buttons.get(name);
    const known = button?.querySelector(".count");
    if (!button || known?.textContent === String(count)) return;
    known?.remove();
    if (count > 0) button.append(element("span", { class: "count" }, String(count)));
  }

  private press(name: string, pressed: boolean): void {
    this.buttons.get(name)?.setAttribute("aria-pressed", String(pressed));
  }

  private enable(name: string, enabled: boolean): void {
    const button = this.buttons.get(name);
    if (button) button.disabled = !enabled;
  }

  // --- what it does

  private readonly refused = (reason: unknown): void => {
    toast(reason instanceof Error ? reason.message : String(reason));
  };

  private ask<Name extends Kind>(kind: Name, data: Asked[Name]): void {
    this.room.do(kind, data).catch(this.refused);
  }

  private obey(command: Command): void {
    const { phase } = this.room.state;
    if (phase !== "open" && phase !== "running") return;
    if (command === "next_step") this.askForNextStep();
    else if (command === "board") this.ask("board", { open: !this.room.state.board });
    else this.turn(command === "next" ? 1 : -1);
  }

  private turn(by: 1 | -1): void {
    const { state } = this.room;
    const page = pageAway(this.config.run_sheet, state.step, this.wanted ?? state.page, by);
    if (page) this.showPage(page);
    else if (by > 0) this.askForNextStep();
  }

  private showPage(page: Page): void {
    if (this.room.state.board) this.ask("board", { open: false });
    this.wanted = page;
    const settle = () => {
      if (this.wanted === page) this.wanted = null;
      this.show();
    };
    this.room.do("page", page).catch(this.refused).finally(settle);
    this.show();
  }

  private askForNextStep(): void {
    if (stepAfter(this.config.run_sheet, this.room.state.step) && this.twice.ask("next")) this.nextStep();
  }

  private nextStep(): void {
    const { state } = this.room;
    const next = stepAfter(this.config.run_sheet, state.step);
    if (next) this.ask("step", { step: next.id });
    else if (state.phase === "open") this.ask("begin", {});
    else this.confirmEnd();
  }

  private chooseStep(step: RunSheetStep): void {
    const { phase, step: running } = this.room.state;
    if ((phase !== "open" && phase !== "running") || step.id === running) return;
    if (this.twice.ask(step.id)) this.ask("step", { step: step.id });
  }

  private openFile({ kind, resource, version }: RunSheetFile): void {
    if (kind === "audio" || kind === "video") this.ask("clip", { resource, version, playing: true, at: 0 });
    else this.showPage({ resource, version, number: 1 });
  }

  private clipSecond(): number {
    return (Number(this.seek.value) / 1000) * (this.stage.clip.place?.length ?? 0);
  }

  private playClip(change: { playing?: boolean; at?: number }): void {
    const { clip } = this.room.state;
    if (!clip) return;
    const at = this.stage.clip.place?.at ?? secondOf(clip, this.room.now());
    this.ask("clip", { resource: clip.resource, version: clip.version, playing: clip.playing, at, ...change });
  }

  private togglePen(): void {
    this.tools.choose(this.tools.open ? null : "pen");
    this.show();
  }

  private openCheck(button: HTMLButtonElement): void {
    if (this.room.state.check) this.toggle("check");
    else chooseCheck(button, (check) => this.makeCheck(check));
  }

  private makeCheck(check: Omit<Asked["check"], "id">): void {
    const id = crypto.getRandomValues(new Uint32Array(2)).join("");
    this.room.do("check", { id, ...check }).then(() => this.toggle("check", true)).catch(this.refused);
  }

  private withHands(state: State): Config["classrooms"][number][] {
    const since = (id: number) => state.classrooms[String(id)]?.hand ?? null;
    return this.config.classrooms.filter(({ id }) => since(id) !== null).sort((one, other) => (since(one.id) ?? 0) - (since(other.id) ?? 0));
  }

  private callOnAir(button: HTMLButtonElement): void {
    const { state } = this.room;
    const onAir = this.config.classrooms.some(({ id }) => state.classrooms[String(id)]?.air);
    const asking = this.withHands(state)[0];
    if (onAir) this.ask("air", { classroom: null });
    else if (asking) this.ask("air", { classroom: asking.id });
    else openMenu(button, _("请哪个教室发言"), this.config.classrooms.filter(({ id }) => id !== this.config.me.classroom).map((of) => ({
      label: nameOf(of), disabled: !state.classrooms[String(of.id)]?.screens, run: () => this.ask("air", { classroom: of.id }),
    })));
  }

  private ownMuted(state: State): boolean {
    return state.classrooms[String(this.config.me.classroom)]?.muted ?? false;
  }

  private openMute(button: HTMLButtonElement): void {
    const { state } = this.room;
    const own = this.config.me.classroom;
    const muted = (id: number) => state.classrooms[String(id)]?.muted ?? false;
    const others = this.config.classrooms.filter(({ id }) => id !== own);
    const everybody = others.every(({ id }) => muted(id));
    openMenu(button, _("静音"), [
      ...(own === null ? [] : [{ label: _("我的麦克风静音"), checked: muted(own), run: () => this.ask("mute", { classroom: own, muted: !muted(own) }) }]),
      { label: everybody ? _("各教室取消静音") : _("各教室都静音"), run: () => { for (const { id } of others) if (muted(id) === everybody) this.ask("mute", { classroom: id, muted: !everybody }); } },
      ...others.map((of, index) => ({ label: nameOf(of), checked: muted(of.id), apart: index === 0, run: () => this.ask("mute", { classroom: of.id, muted: !muted(of.id) }) })),
    ]);
  }

  private openLayouts(button: HTMLButtonElement): void {
    const names = { teach: _("讲授：课件最大"), interact: _("互动：课件和发言的教室各一半"), discuss: _("讨论：各教室画面最大") };
    openMenu(button, _("画面"), LAYOUTS.map((layout) => ({
      label: names[layout], checked: this.room.state.layout === layout, run: () => this.ask("layout", { layout }),
    })));
  }

  private openTimer(button: HTMLButtonElement): void {
    if (this.room.state.timer) this.ask("timer", { seconds: 0 });
    else openMenu(button, _("计时"), [1, 2, 3, 5, 8, 10].map((minutes) => ({ label: _("{minutes} 分钟", { minutes }), run: () => this.ask("timer", { seconds: minutes * 60 }) })));
  }

  private confirmEnd(): void {
    openDialog({
      title: _("结束这节课？"),
      body: element("p", {}, _("各教室会看到下课画面，考勤和用时到此为止。10 分钟内还可以接着上。")),
      accept: _("结束上课"),
      accepted: () => {
        this.ask("end", {});
        return true;
      },
    });
  }
}

function headPieces() {
  return {
    line: element("span", { class: "room-line", role: "status", hidden: true }),
    clock: element("span", { class: "lead-clock", role: "timer" }),
    left: element("span", { class: "lead-left" }),
  };
}

function nextInWords(config: Config, phase: State["phase"], next: RunSheetStep | null): string {
  const title = next ? titleOf(config.run_sheet, next) : "";
  if (phase === "open") return next ? _("开始上课：{title}", { title }) : _("开始上课");
  return next ? _("下一环节：{title}", { title: next.title || title }) : _("结束上课");
}

function replace(place: HTMLElement, content: HTMLElement): void {
  const known = place.firstElementChild;
  if (known?.outerHTML !== content.outerHTML) place.replaceChildren(content);
}
