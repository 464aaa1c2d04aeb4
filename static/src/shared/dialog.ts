/** A modal dialogue with a title and a row of buttons. */

import { element } from "./dom";
import { _ } from "./words";

let counter = 0;

interface DialogOptions {
  readonly title: string;
  readonly body: HTMLElement;
  /** The word on the button that accepts; without it the dialogue only shows something. */
  readonly accept?: string;
  /** Answers whether the dialogue may close. */
  readonly accepted?: () => boolean;
  readonly closed?: () => void;
}

/** Opens a dialogue. Enter in a field accepts it, Escape closes it. Returns how to close it. */
export function openDialog({ title, body, accept, accepted, closed }: DialogOptions): () => void {
  const heading = `dialog-${(counter += 1)}`;
  const close = () => dialog.close();
  const form = element(
    "form",
    {
      onsubmit: (event: Event) => {
        event.preventDefault();
        if (accepted?.() ?? true) close();
      },
    },
    element("h2", { id: heading }, title),
    body,
    element(
      "div",
      { class: "dialog-end" },
      element("button", { type: "button", class: "btn", onclick: close }, accept ? _("取消") : _("关闭")),
      accept ? element("button", { type: "submit", class: "btn btn-primary" }, accept) : null,
    ),
  );
  const dialog = element("dialog", { class: "dialog", "aria-labelledby": heading }, form);
  dialog.addEventListener("close", () => {
    dialog.remove();
    closed?.();
  });
  dialog.addEventListener("pointerdown", (event) => {
    if (event.target === dialog) close();
  });
  document.body.append(dialog);
  dialog.showModal();
  return close;
}
