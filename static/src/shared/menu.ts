/** A menu of actions, worked by mouse, touch or arrow keys. */

import { element } from "./dom";
import { float } from "./floating";

export interface MenuItem {
  readonly label: string;
  readonly icon?: SVGElement;
  readonly run: () => void;
  readonly disabled?: boolean;
  /** For a choice that is on or off. */
  readonly checked?: boolean;
  readonly danger?: boolean;
  /** Whether a line stands before it. */
  readonly apart?: boolean;
}

function moveFocus(menu: HTMLElement, event: KeyboardEvent): void {
  const items = [...menu.querySelectorAll<HTMLElement>("[role^=menuitem]:not(:disabled)")];
  const now = items.indexOf(document.activeElement as HTMLElement);
  const next = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: items.length - 1 }[event.key];
  if (next === undefined) return;
  event.preventDefault();
  items[(next + items.length) % items.length]?.focus();
}

/** Opens a menu at its button. `keepFocus` leaves the focus where it is, for menus that act on a text being written. */
export function openMenu(button: HTMLElement, label: string, items: readonly MenuItem[]): void {
  if (button.getAttribute("aria-expanded") === "true") return;
  const menu = element("div", { class: "action-menu", role: "menu", "aria-label": label });
  for (const item of items) {
    const choice = item.checked !== undefined;
    menu.append(
      element(
        "button",
        {
          type: "button",
          role: choice ? "menuitemcheckbox" : "menuitem",
          class: [item.danger && "danger", item.apart && "apart"].filter(Boolean).join(" ") || null,
          "aria-checked": choice ? String(item.checked) : null,
          disabled: item.disabled,
          tabindex: "-1",
          onmousedown: (event: Event) => event.preventDefault(),
          onclick: () => {
            close();
            item.run();
          },
        },
        item.icon ?? null,
        item.label,
      ),
    );
  }
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Tab") close();
    else moveFocus(menu, event);
  });
  button.setAttribute("aria-expanded", "true");
  const close = float(menu, button, () => button.setAttribute("aria-expanded", "false"));
  menu.querySelector<HTMLElement>("[role^=menuitem]:not(:disabled)")?.focus({ preventScroll: true });
}
