/** 各校区, as the lead sees them: picture or the words of the teaching mode, who is there, hands, the line, and who has long been silent. */

import { element } from "../shared/dom";
import { openMenu, type MenuItem } from "../shared/menu";
import { _ } from "../shared/words";
import type { Classroom, ClassroomOfSession, Config, State } from "./protocol";
import type { Room } from "./room";
import { stepOf, titleOf } from "./run_sheet";

const SILENT_MINUTES = 8;
const MANY = 4;

/** “西湖小学 五(1)班” */
export function nameOf({ campus, class: name }: ClassroomOfSession): string {
  return `${campus.name} ${name}`.trim();
}

/** How many pupils are there: everybody but those who were marked as missing. */
export function presentIn(classroom: ClassroomOfSession, state: State): number {
  const marks = Object.values(state.roll[String(classroom.id)] ?? {});
  return Math.max(0, classroom.pupils - marks.filter((mark) => mark === "absent" || mark === "leave").length);
}

/** The line of a classroom in words, and whether they are a warning. */
export function netInWords(classroom: Classroom | undefined): { words: string; weak: boolean } {
  if (!classroom?.screens) return { words: _("未进入"), weak: false };
  if (classroom.net === null) return { words: _("已进入"), weak: false };
  const words = [_("中断"), _("线路弱"), _("一般"), _("良好"), _("良好")];
  return { words: words[classroom.net] ?? "", weak: classroom.net < 2 };
}

/** Minutes since a classroom last spoke, counted from the beginning of the lesson. */
export function silentMinutes(classroom: Classroom, state: State, now: number): number {
  if (classroom.air || state.phase !== "running" || state.began === null) return 0;
  return Math.floor((now - Math.max(classroom.last_spoke ?? 0, state.began)) / 60_000);
}

interface Card {
  readonly of: ClassroomOfSession;
  readonly element: HTMLButtonElement;
  readonly place: HTMLElement;
  readonly words: HTMLElement;
  readonly marks: HTMLElement;
  readonly net: HTMLElement;
  readonly more: HTMLElement;
}

export class EndsView {
  readonly element = element("aside", { class: "ends", "aria-label": _("各校区") });
  /** Where the pictures go, by endpoint. */
  readonly places = new Map<string, HTMLElement>();
  private readonly cards: Card[];
  private own = "";
  private readonly hint = element("p", { class: "ends-hint", role: "status" });

  constructor(
    private readonly room: Room,
    private readonly config: Config,
    private readonly refused: (reason: unknown) => void,
  ) {
    const own = config.me.classroom;
    const others = config.classrooms.filter(({ id }) => id !== own);
    const ordered = [...others, ...config.classrooms.filter(({ id }) => id === own)];
    this.cards = ordered.map((classroom) => this.card(classroom));
    this.element.toggleAttribute("data-many", ordered.length > MANY);
    this.element.append(...this.cards.map((card) => card.element), this.hint);
  }

  /** What does not work with the devices of this end. */
  say(trouble: string): void {
    this.own = trouble;
  }

  show(state: State, now: number): void {
    for (const card of this.cards) this.showCard(card, state);
    this.showHint(state, now);
  }

  private card(of: ClassroomOfSession): Card {
    const [words, marks] = [element("span", {}), element("span", { class: "end-marks" })];
    const [net, more] = [element("span", { class: "end-net" }), element("span", { class: "end-more" })];
    const place = element("div", { class: "end-picture" }, words, marks);
    const name = element("span", { class: "end-name", title: nameOf(of) }, nameOf(of));
    const made = element("button", { type: "button", class: "end", onclick: () => this.openMenuOf(of, made) }, place, element("footer", {}, name, net, more));
    this.places.set(`c${of.id}`, place);
    return { of, element: made, place, words, marks, net, more };
  }

  private showCard(card: Card, state: State): void {
    const classroom = state.classrooms[String(card.of.id)];
    const net = netInWords(classroom);
    card.element.classList.toggle("air", classroom?.air ?? false);
    card.element.classList.toggle("away", !classroom?.screens);
    card.words.textContent = this.pictureWords(card.of, classroom);
    card.net.textContent = net.words;
    card.net.classList.toggle("weak", net.weak);
    const own = card.of.id === this.config.me.classroom ? this.own : "";
    const trouble = classroom?.trouble?.text ?? own;
    const present = card.of.pupils > 0 ? _("{n} 人", { n: presentIn(card.of, state) }) : "";
    const helper = card.of.helper ? _("助教 {name}", { name: card.of.helper }) : "";
    card.more.textContent = trouble || [present, helper].filter(Boolean).join(" · ");
    card.more.classList.toggle("trouble", trouble !== "");
    card.marks.replaceChildren(...this.marksOf(card.of, classroom, state));
  }

  private pictureWords(of: ClassroomOfSession, classroom: Classroom | undefined): string {
    if (!classroom?.screens) return this.room.state.phase === "waiting" ? _("还没有进入教室") : _("不在线");
    if (classroom.takeover !== null) {
      const step = stepOf(this.config.run_sheet, classroom.local_step);
      return step ? _("助教本地接管：{step}", { step: titleOf(this.config.run_sheet, step) }) : _("助教本地接管");
    }
    if (of.id === this.config.me.classroom) return _("本教室");
    const modes: Readonly<Record<number, string>> = {
      3: _("已改为语音 + 课件，课件不受影响"),
      4: _("已改为课件 + 文字，课件不受影响"),
    };
    return modes[classroom.mode] ?? _("没有画面");
  }

  private marksOf(of: ClassroomOfSession, classroom: Classroom | undefined, state: State): HTMLElement[] {
    const hands = state.hands[String(of.id)]?.length ?? 0;
    return [
      classroom?.air ? element("span", { class: "end-mark" }, _("正在发言")) : null,
      classroom?.hand ? element("span", { class: "end-mark hand" }, hands > 0 ? _("举手 {n}", { n: hands }) : _("举手")) : null,
      classroom?.muted ? element("span", { class: "end-mark muted" }, _("已静音")) : null,
    ].filter((mark) => mark !== null);
  }

  private showHint(state: State, now: number): void {
    const silent = this.cards.flatMap(({ of }) => {
      const classroom = state.classrooms[String(of.id)];
      if (of.id === this.config.me.classroom || !classroom?.screens) return [];
      const minutes = silentMinutes(classroom, state, now);
      return minutes >= SILENT_MINUTES ? [_("{name}已 {minutes} 分钟没有发言", { name: of.campus.name, minutes })] : [];
    });
    const words = silent.slice(0, 3).join(_("，"));
    if (this.hint.textContent !== words) this.hint.textContent = words;
  }

  private openMenuOf(of: ClassroomOfSession, button: HTMLElement): void {
    const classroom = this.room.state.classrooms[String(of.id)];
    if (!classroom) return;
    const { air, muted, cameras } = classroom;
    const { room, refused } = this;
    const items: MenuItem[] = [
      { label: air ? _("结束发言") : _("请发言"), disabled: !classroom.screens, run: () => void room.do("air", { classroom: air ? null : of.id }).catch(refused) },
      { label: muted ? _("取消静音") : _("静音"), run: () => void room.do("mute", { classroom: of.id, muted: !muted }).catch(refused) },
      { label: _("教师机位"), checked: cameras.teacher, apart: true, run: () => void room.do("camera", { classroom: of.id, which: "teacher", on: !cameras.teacher }).catch(refused) },
      { label: _("学生机位"), checked: cameras.pupils, run: () => void room.do("camera", { classroom: of.id, which: "pupils", on: !cameras.pupils }).catch(refused) },
    ];
    openMenu(button, nameOf(of), items);
  }
}
