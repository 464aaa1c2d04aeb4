/** 课前检测 in the waiting room: the cameras' pictures, how loud the microphone is, the line, and in one sentence whether a lesson can be held so. */

import { element } from "../shared/dom";
import { icon } from "../shared/icons";
import { _ } from "../shared/words";
import { playTone, stop } from "./checking_devices";
import { aboutThisComputer, addressesBelow, type Finding, judge, type Judgement, measureAll } from "./measuring";
import type { Config } from "./protocol";
import type { Room } from "./room";

/** What is always said; of the rest only what is not as it should be. */
const TOLD: readonly string[] = ["speed", "camera", "microphone"];
const ENOUGH_FOR_VOICE = 2;

export class ReadyCheck {
  readonly element: HTMLElement;
  private readonly cameras = element("div", { class: "ready-cameras" });
  private readonly meter = element("meter", { class: "ready-meter", min: 0, max: 1, value: 0, "aria-label": _("音量"), hidden: true });
  private readonly verdict = element("p", { class: "ready-verdict", role: "status" }, _("开课前测一测：摄像头、麦克风和网络，十来秒。"));
  private readonly lines = element("ul", { class: "ready-lines" });
  private readonly begin = element("button", { type: "button", class: "btn", onclick: () => void this.run() }, icon("gauge"), _("检测设备和网络"));
  private readonly tone = element("button", { type: "button", class: "btn btn-quiet", onclick: () => void playTone() }, icon("volume"), _("放一段声音"));
  private readonly measured = aboutThisComputer();
  private left = false;

  constructor(
    private readonly config: Config,
    private readonly room: Room,
  ) {
    const shown = element("div", { class: "ready-shown" }, this.cameras, this.meter);
    const said = element("div", { class: "ready-said" }, this.verdict, this.lines, element("div", { class: "cluster" }, this.begin, this.tone));
    this.element = element("section", { class: "ready", "aria-label": _("设备和网络检测") }, shown, said);
    const forget = room.subscribe(() => {
      if (room.connection !== "joined") return;
      forget();
      if (room.state.phase === "waiting") void this.runIfAllowed();
    });
  }

  /** The lesson begins: nothing more is measured, cameras are let go. */
  leave(): void {
    this.left = true;
    stop(this.cameras);
  }

  private hasLeft(): boolean {
    return this.left;
  }

  /** By itself only where nobody has to be asked for the camera. */
  private async runIfAllowed(): Promise<void> {
    if (!("mediaDevices" in navigator) || !("permissions" in navigator)) return;
    const names = ["camera", "microphone"] as const;
    const asked = names.map((name) => navigator.permissions.query({ name }).then(({ state }) => state, () => "unknown"));
    if ((await Promise.all(asked)).every((state) => state === "granted")) await this.run();
  }

  private async run(): Promise<void> {
    if (this.begin.disabled || this.hasLeft()) return;
    this.begin.disabled = true;
    this.lines.replaceChildren();
    try {
      await measureAll(
        {
          addresses: addressesBelow(this.config.urls.measure),
          ice: this.config.media.ice,
          cameras: this.cameras,
          meter: this.meter,
          around: (key, measure) => this.saying(key, measure),
        },
        this.measured,
      );
      const screen = this.room.me.role === "pupil";
      this.show(await judge(this.config.urls.check, addressesBelow("").token, { measured: this.measured, screen }));
    } catch (problem) {
      this.showProblem(problem);
    }
    if (this.hasLeft()) stop(this.cameras);
    this.begin.disabled = false;
    this.begin.replaceChildren(icon("refresh"), _("再测一次"));
  }

  private saying<Result>(key: string, measure: () => Promise<Result>): Promise<Result> {
    if (this.hasLeft()) throw new Error();
    const words: Readonly<Record<string, string>> = {
      camera: _("正在看摄像头…"),
      microphone: _("正在听麦克风，请对着它说句话…"),
    };
    this.say("wait", words[key] ?? _("正在测网络…"));
    return measure();
  }

  private show(said: Judgement): void {
    this.say(said.level >= ENOUGH_FOR_VOICE ? "good" : "bad", _("这里{words}", { words: said.words }), said.kept ? _("结果已存在这间教室名下。") : "");
    const told = said.findings.filter(({ key, grade }) => TOLD.includes(key) || grade === "bad" || (grade === "fair" && key !== "screen"));
    this.lines.replaceChildren(...told.map(lineOf));
  }

  private showProblem(problem: unknown): void {
    const sentence = problem instanceof Error && !(problem instanceof TypeError) ? problem.message : "";
    this.say("bad", sentence || _("网络断开了。连上以后再测一次。"));
  }

  private say(state: "wait" | "good" | "bad", words: string, more = ""): void {
    this.verdict.dataset["state"] = state;
    this.verdict.replaceChildren(element("b", {}, words), more ? element("span", { class: "hint" }, more) : "");
  }
}

function lineOf({ grade, sentence, advice }: Finding): HTMLElement {
  const marks: Readonly<Record<Finding["grade"], () => SVGElement>> = {
    good: () => icon("circle-check"),
    fair: () => icon("alert-triangle"),
    bad: () => icon("circle-x"),
    unknown: () => icon("help-circle"),
  };
  return element("li", { class: `check-${grade}` }, element("span", { class: "check-mark" }, marks[grade]()), element("span", {}, sentence, advice ? element("span", { class: "hint" }, advice) : ""));
}
