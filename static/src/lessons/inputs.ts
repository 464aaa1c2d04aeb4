/** Plain input fields that show, and write, one value of the document. */

import { element, settled } from "../shared/dom";

const WAIT = 300;

interface Bound {
  /** The value in the document. */
  readonly read: () => string;
  readonly write: (value: string) => void;
}

/**
 * Keeps an input and a value the same. While the person is typing their text wins; it is written a moment after the last key,
 * never half-composed. Returns how to show the value after it has changed in the document.
 */
export function bindInput(input: HTMLInputElement | HTMLTextAreaElement, { read, write }: Bound): () => void {
  let typing = false;
  const send = settled(WAIT, () => {
    typing = false;
    write(input.value);
  });
  const show = () => {
    const value = read();
    if (typing || input.value === value) return;
    const [from, to] = [input.selectionStart, input.selectionEnd];
    input.value = value;
    input.dispatchEvent(new Event("plan:shown"));
    if (document.activeElement === input && from !== null) input.setSelectionRange(from, to);
  };
  input.addEventListener("input", (event) => {
    typing = true;
    if (!(event instanceof InputEvent && event.isComposing)) send();
  });
  input.addEventListener("compositionend", send);
  input.addEventListener("blur", () => {
    send.flush();
    show();
  });
  for (const leaving of ["beforeunload", "pagehide", "plan:flush"]) window.addEventListener(leaving, send.flush);
  show();
  return show;
}

/** Writes down at once what is in any input. */
export function flushInputs(): void {
  window.dispatchEvent(new Event("plan:flush"));
}

/** A textarea that is as high as its text; `class` is that of the frame around it. */
export function growing(area: HTMLTextAreaElement, frameClass: string): HTMLElement {
  const frame = element("span", { class: `growing ${frameClass}` }, area);
  area.rows = 1;
  const fit = () => (frame.dataset["value"] = area.value);
  area.addEventListener("input", fit);
  area.addEventListener("plan:shown", fit);
  return frame;
}
