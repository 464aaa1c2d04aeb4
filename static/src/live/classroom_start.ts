/**
 * What stands on a classroom's screen until 开始 is pressed: which lesson, for whom, in how long, and whether everything works.
 *
 * A page that is loaded anew in the middle of the lesson goes on by itself: nobody may be near the computer.
 */

import { element } from "../shared/dom";
import { _ } from "../shared/words";
import { nameOf } from "./lead_ends";
import type { Config } from "./protocol";
import { ReadyCheck } from "./ready_check";
import type { Room } from "./room";
import { eachSecond, hour, left } from "./timer";

export class ClassroomStart {
  private readonly clock = element("p", { class: "before-clock", role: "timer" });
  private readonly words = element("p", {});
  private readonly line = element("li", {});
  private readonly pack = element("li", {}, _("课前包：正在看有哪些课件…"));
  private readonly key: string;
  private readonly begun: () => void;

  constructor(
    place: HTMLElement,
    private readonly room: Room,
    private readonly config: Config,
    pictures: boolean,
    begin: () => void,
  ) {
    const { session } = config;
    const own = config.classrooms.find(({ id }) => id === config.me.classroom);
    const check = pictures ? new ReadyCheck(config, room) : null;
    this.key = `tongke:begun:${session.code}`;
    this.begun = () => {
      sessionStorage.setItem(this.key, "yes");
      stop();
      leave();
      check?.leave();
      shown.remove();
      begin();
    };
    const times = `${hour(session.starts_at, config.language)}–${hour(session.ends_at, config.language)}`;
    const shown = element(
      "main",
      { class: "classroom-start" },
      element("p", {}, [own ? nameOf(own) : "", own?.room ?? ""].filter(Boolean).join(" · ")),
      element("h1", {}, session.title),
      element("p", {}, `${times} · ${_("主讲 {name}", { name: session.lead })}`),
      this.clock,
      this.words,
      element("ul", {}, this.line, this.pack),
      element("button", { type: "button", class: "classroom-begin", onclick: this.begun }, _("开始（进入全屏）")),
      element("p", {}, _("按一次就行，之后不用再碰这台电脑。")),
      check?.element ?? "",
    );
    place.append(shown);
    const stop = eachSecond(() => this.show());
    const leave = room.subscribe(() => this.show());
    this.show();
  }

  showPack(done: number, total: number): void {
    const percent = total === 0 ? 100 : Math.floor((100 * done) / total);
    this.pack.textContent = percent < 100 ? _("课前包：已下载 {percent} %", { percent }) : _("课前包：已下载完，断网也能看课件");
  }

  packFailed(): void {
    this.pack.textContent = _("课前包：没有下载成，上课时逐页取课件");
    this.pack.classList.add("weak");
  }

  private show(): void {
    const now = this.room.now();
    const { starts_at: starts } = this.config.session;
    const { phase } = this.room.state;
    const running = phase === "open" || phase === "running";
    if (running && sessionStorage.getItem(this.key)) {
      this.begun();
      return;
    }
    this.clock.textContent = running || phase === "ended" || now >= starts ? "" : left(starts, now);
    this.words.textContent = running ? _("已经开课，请按“开始”进入。") : phase === "ended" ? _("这节课已结束。") : now < starts ? _("后上课") : _("等待主讲老师开课");
    const trouble = this.room.lineInWords;
    this.line.textContent = trouble ? _("网络：{trouble}", { trouble }) : _("网络：已连上课堂");
    this.line.classList.toggle("weak", trouble !== "");
  }
}
