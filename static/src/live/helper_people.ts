/** Who is here, by classroom; those who only look on last. */

import { element } from "../shared/dom";
import { _ } from "../shared/words";
import { nameOf, roleInWords } from "./helper_words";
import type { Config, Present, State } from "./protocol";

export class PeopleView {
  readonly element: HTMLElement;
  private readonly list = element("dl", { class: "phone-people" });
  private shown: State["people"] | null = null;

  constructor(private readonly config: Config) {
    this.element = element(
      "section",
      { class: "phone-card", "aria-labelledby": "people-title" },
      element("h2", { id: "people-title" }, _("谁在课堂里")),
      this.list,
    );
  }

  show(state: State): void {
    if (this.shown === state.people) return;
    this.shown = state.people;
    const people = Object.values(state.people);
    const groups: [string, Present[]][] = this.config.classrooms.map((each) => [
      nameOf(each), people.filter(({ classroom }) => classroom === each.id),
    ]);
    groups.push([_("其他人"), people.filter(({ classroom }) => classroom === null)]);
    this.list.replaceChildren(
      ...groups
        .filter(([name, here]) => here.length > 0 || name !== _("其他人"))
        .map(([name, here]) => element("div", {}, element("dt", {}, name), element("dd", {}, inWords(here)))),
    );
  }
}

/** “大屏、罗春梅（助教）”; everybody once, however many screens they have. */
export function inWords(here: readonly Present[]): string {
  const words = here.map((each) => {
    if (each.role === "pupil" && each.pupil === null) return _("教室大屏");
    return each.name ? _("{name}（{role}）", { name: each.name, role: roleInWords(each.role) }) : roleInWords(each.role);
  });
  return [...new Set(words)].join("、") || _("还没有人");
}
