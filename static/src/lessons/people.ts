/** Who is here: round badges in the head of the page, and a list with names, campuses and places. */

import { element } from "../shared/dom";
import { float } from "../shared/floating";
import { _ } from "../shared/words";
import type { Person } from "./config";
import type { Presence, Present } from "./presence";

const SHOWN = 4;

export function badge(person: Person): HTMLElement {
  const made = element("span", { class: "face", "aria-hidden": "true" }, Array.from(person.name)[0] ?? "");
  made.style.backgroundColor = person.color;
  return made;
}

/** Each person once, with the place of the window they write in. */
export function onePerPerson(windows: readonly Present[]): Present[] {
  const people = new Map<string | number, Present>();
  for (const window of windows) {
    if (!people.has(window.person.id) || window.place !== null) people.set(window.person.id, window);
  }
  return [...people.values()];
}

/** The badges of the others and me; pressed, they become the list. `nameOf` tells what a place is called. */
export function peopleView(presence: Presence, nameOf: (place: string) => string | null, goTo: (place: string) => void): HTMLElement {
  const button = element("button", { type: "button", class: "people", "aria-haspopup": "true", "aria-expanded": "false" });

  const list = () => {
    const me = presence.me();
    const rows = onePerPerson(presence.others()).map(({ person, place }) => {
      const where = place === null ? null : nameOf(place);
      const visit = () => {
        close();
        goTo(place ?? "");
      };
      return element(
        "li",
        {},
        badge(person),
        element("span", { class: "person-name" }, person.name, element("small", {}, person.campus)),
        where !== null
          ? element("button", { type: "button", class: "link", onclick: visit }, _("在写{place}", { place: where }))
          : element("small", {}, _("在看")),
      );
    });
    rows.unshift(
      element("li", {}, badge(me), element("span", { class: "person-name" }, _("{name}（我）", { name: me.name }), element("small", {}, me.campus))),
    );
    return rows;
  };

  let close: () => void = () => undefined;
  let open: HTMLElement | null = null;
  button.addEventListener("click", () => {
    if (open) { close(); return; }
    open = element("ul", { class: "people-list", "aria-label": _("现在在这里的人") }, ...list());
    button.setAttribute("aria-expanded", "true");
    close = float(open, button, () => {
      open = null;
      button.setAttribute("aria-expanded", "false");
    });
  });

  const show = () => {
    const others = onePerPerson(presence.others());
    const faces = [presence.me(), ...others.map(({ person }) => person)];
    const rest = faces.length - SHOWN;
    button.replaceChildren(
      element(
        "span",
        { class: "faces" },
        ...faces.slice(0, rest > 0 ? SHOWN - 1 : SHOWN).map(badge),
        rest > 0 ? element("span", { class: "face rest", "aria-hidden": "true" }, `+${rest + 1}`) : null,
      ),
      element("span", { class: "people-count" }, others.length === 0 ? _("只有我") : _("{n} 人在这里", { n: faces.length })),
    );
    open?.replaceChildren(...list());
  };
  presence.onChange(show);
  show();
  return button;
}
