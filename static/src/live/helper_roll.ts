/** 点名 by exception: everybody is here until somebody taps a name. */

import { element } from "../shared/dom";
import { _ } from "../shared/words";
import type { Asking } from "./helper_asking";
import { markInWords } from "./helper_words";
import type { Mark, PupilOfClass, State } from "./protocol";

const NEXT: Readonly<Record<Mark, Mark>> = { present: "absent", absent: "leave", leave: "late", late: "present" };

export type Marks = Readonly<Record<string, Mark>>;

/** How many of a class have each mark; who has none is here. */
export function counted(pupils: readonly PupilOfClass[], marks: Marks): Record<Mark, number> {
  const counts = { present: 0, absent: 0, leave: 0, late: 0 };
  for (const { id } of pupils) counts[marks[String(id)] ?? "present"] += 1;
  return counts;
}

/** How many sit in the room: whoever came late, too. */
export function present(pupils: readonly PupilOfClass[], marks: Marks): number {
  const counts = counted(pupils, marks);
  return counts.present + counts.late;
}

/** By seat; those without one last, by name. */
export function bySeat(pupils: readonly PupilOfClass[]): PupilOfClass[] {
  return [...pupils].sort((a, b) => (a.seat ?? 9_999) - (b.seat ?? 9_999) || a.name.localeCompare(b.name, "zh"));
}

export class RollView {
  readonly element: HTMLElement;
  private readonly sum = element("p", { class: "phone-sum", role: "status" });
  private readonly buttons = new Map<number, { button: HTMLButtonElement; mark: HTMLElement }>();

  constructor(
    private readonly pupils: readonly PupilOfClass[],
    private readonly classroom: number,
    private readonly asking: Asking,
  ) {
    const seats = bySeat(pupils).map((pupil) => this.seat(pupil));
    this.element = element(
      "section",
      { class: "phone-card", "aria-labelledby": "roll-title" },
      element("h2", { id: "roll-title" }, _("点名")),
      this.sum,
      seats.length > 0
        ? element("p", { class: "hint" }, _("默认全到。点一下名字是缺席，再点是请假、迟到，再点回到“到”。"))
        : element("p", { class: "muted" }, _("这个班还没有学生名单，请教务在“管理”里导入。")),
      element("div", { class: "phone-seats" }, ...seats),
    );
  }

  show(state: State): void {
    const marks = state.roll[String(this.classroom)] ?? {};
    const counts = { present: 0, absent: 0, leave: 0, late: 0 };
    for (const { id } of this.pupils) {
      const mark = this.asking.wished<Mark>(`roll:${id}`, marks[String(id)] ?? "present");
      counts[mark] += 1;
      this.showSeat(id, mark, this.asking.waits(`roll:${id}`));
    }
    this.sum.textContent = _("应到 {all}，实到 {here}；缺席 {absent}，请假 {leave}，迟到 {late}", {
      all: this.pupils.length, here: counts.present + counts.late, absent: counts.absent, leave: counts.leave, late: counts.late,
    });
  }

  private showSeat(id: number, mark: Mark, open: boolean): void {
    const seat = this.buttons.get(id);
    if (!seat) return;
    seat.button.dataset["mark"] = mark;
    seat.button.classList.toggle("phone-open", open);
    seat.mark.textContent = mark === "present" ? "" : markInWords(mark);
  }

  private seat({ id, name, seat }: PupilOfClass): HTMLElement {
    const mark = element("span", { class: "phone-mark" });
    const press = () => {
      const next = NEXT[(button.dataset["mark"] as Mark | undefined) ?? "present"];
      void this.asking.ask("roll", { pupil: id, mark: next }, `roll:${id}`, next);
    };
    const button = element(
      "button",
      { type: "button", class: "phone-seat", onclick: press },
      element("span", { class: "phone-seat-number" }, seat === null ? "" : String(seat)),
      element("span", { class: "phone-seat-name" }, name),
      mark,
    );
    this.buttons.set(id, { button, mark });
    return button;
  }
}
