/** Short messages at the foot of the page, read out politely. */

import { element } from "./dom";

const TIME = 8_000;

function shelf(): HTMLElement {
  const known = document.getElementById("toasts");
  if (known) return known;
  const made = element("div", { id: "toasts", class: "toasts", role: "status" });
  document.body.append(made);
  return made;
}

/** Says something for eight seconds; `action` offers one thing to do about it, such as taking it back. */
export function toast(message: string, action?: { label: string; run: () => void }): void {
  const note = element("div", { class: "toast-note" }, message);
  const leave = () => note.remove();
  if (action) {
    const act = () => {
      leave();
      action.run();
    };
    note.append(element("button", { type: "button", onclick: act }, action.label));
  }
  shelf().append(note);
  let timer = setTimeout(leave, TIME);
  note.addEventListener("pointerenter", () => clearTimeout(timer));
  note.addEventListener("pointerleave", () => (timer = setTimeout(leave, TIME)));
}
