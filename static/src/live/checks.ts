/** 小测: made by the lead in two presses, counted in the classrooms, side by side for all when shown. */

import { openDialog } from "../shared/dialog";
import { element } from "../shared/dom";
import { openMenu } from "../shared/menu";
import { _ } from "../shared/words";
import type { Asked, Check, CheckKind, ClassroomOfSession } from "./protocol";

type NewCheck = Omit<Asked["check"], "id">;

const LETTERS = ["A", "B", "C", "D", "E", "F", "G", "H"];

/** The checks that need nothing to be written. */
function ready(): { readonly name: string; readonly check: NewCheck }[] {
  const choice = (count: number): NewCheck => ({ kind: "choice", question: "", options: LETTERS.slice(0, count) });
  return [
    { name: _("判断：对、错"), check: { kind: "truefalse", question: "", options: [_("对"), _("错")] } },
    { name: _("选择：A B C"), check: choice(3) },
    { name: _("选择：A B C D"), check: choice(4) },
    { name: _("举手计数"), check: { kind: "count", question: "", options: [_("举手")] } },
  ];
}

/** What stands as the question when none was written. */
export function questionOf(check: Pick<Check, "kind" | "question">): string {
  if (check.question) return check.question;
  const words: Readonly<Record<CheckKind, string>> = {
    choice: _("请选择一个答案"),
    truefalse: _("这句话对不对？"),
    count: _("同意的请举手"),
  };
  return words[check.kind];
}

/** “A 3/4”: an option and how many of those who answered chose it, for each classroom. */
export function tallyOf(check: Check, classrooms: readonly ClassroomOfSession[]): { classroom: ClassroomOfSession; counts: number[] | null; sum: number }[] {
  return classrooms.map((classroom) => {
    const counts = check.counts[String(classroom.id)];
    return { classroom, counts: counts ? [...counts] : null, sum: (counts ?? []).reduce((sum, each) => sum + each, 0) };
  });
}

/** The results of each classroom side by side. */
export function tally(check: Check, classrooms: readonly ClassroomOfSession[]): HTMLElement {
  const lists = tallyOf(check, classrooms).map(({ classroom, counts, sum }) => {
    const most = check.kind === "count" ? Math.max(classroom.pupils, ...(counts ?? [1]), 1) : Math.max(sum, 1);
    const rows = check.options.map((option, index) => row(option, counts?.[index] ?? 0, most, counts !== null));
    const state = counts === null ? _("还没有报数") : _("{n} 人", { n: sum });
    return element("section", {}, element("h3", {}, `${classroom.campus.name} ${classroom.class}`, element("span", {}, state)), ...rows);
  });
  return element("div", { class: "tally" }, ...lists);
}

function row(option: string, count: number, most: number, known: boolean): HTMLElement {
  const bar = element("i", {});
  bar.style.transform = `scaleX(${count / most})`;
  return element("div", { class: "tally-row" }, element("span", { title: option }, option), element("div", {}, bar), element("span", {}, known ? String(count) : "–"));
}

/** Lets the lead choose a check; `make` is called with it. */
export function chooseCheck(button: HTMLElement, make: (check: NewCheck) => void): void {
  openMenu(button, _("小测"), [
    ...ready().map(({ name, check }) => ({ label: name, run: () => make(check) })),
    { label: _("写题目和选项…"), apart: true, run: () => writeCheck(make) },
  ]);
}

function writeCheck(make: (check: NewCheck) => void): void {
  const question = element("input", { class: "form-control", id: "check-question", maxlength: 200 });
  const options = element("textarea", { class: "form-control", id: "check-options", rows: 4 });
  options.value = LETTERS.slice(0, 4).join("\n");
  const body = element(
    "div",
    {},
    element("div", { class: "field" }, element("label", { class: "form-label", for: "check-question" }, _("题目")), question),
    element("div", { class: "field" }, element("label", { class: "form-label", for: "check-options" }, _("选项，每行一个，最多 8 个")), options),
  );
  openDialog({
    title: _("出一道小测"),
    body,
    accept: _("开始"),
    accepted: () => {
      const lines = options.value.split("\n").map((line) => line.trim().slice(0, 60)).filter(Boolean).slice(0, 8);
      if (lines.length === 0) return false;
      make({ kind: "choice", question: question.value.trim(), options: lines });
      return true;
    },
  });
}
