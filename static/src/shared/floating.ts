/** Small panels beside something: menus and lists that close by Escape, by a click elsewhere, and when the page moves away. */

const GAP = 6;
const EDGE = 8;

interface Anchor {
  getBoundingClientRect(): DOMRect;
}

/** Puts a fixed panel below its anchor, or above where below is no room, always inside the window. */
export function place(panel: HTMLElement, anchor: Anchor): void {
  const at = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = panel;
  const below = window.innerHeight - at.bottom - GAP - EDGE;
  const above = at.top - GAP - EDGE;
  const top = height <= below || below >= above ? at.bottom + GAP : at.top - GAP - height;
  panel.style.left = `${Math.max(EDGE, Math.min(at.left, window.innerWidth - width - EDGE))}px`;
  panel.style.top = `${Math.max(EDGE, Math.min(top, window.innerHeight - height - EDGE))}px`;
}

let closeOpen: (() => void) | null = null;

/**
 * Shows a panel at its anchor until `close` is called or the person turns to something else. Only one panel is open at a time.
 * `closed` runs once, however it closes.
 */
export function float(panel: HTMLElement, anchor: Element, closed: () => void = () => undefined): () => void {
  closeOpen?.();
  // A button of the toolbar leaves the cursor in the text, and that is where it goes back to.
  const before = document.activeElement === document.body ? anchor : document.activeElement;
  panel.classList.add("floating");
  document.body.append(panel);
  place(panel, anchor);
  const listening = new AbortController();
  const close = () => {
    if (listening.signal.aborted) return;
    listening.abort();
    closeOpen = null;
    const focused = panel.contains(document.activeElement);
    panel.remove();
    if (focused && before instanceof HTMLElement) before.focus();
    closed();
  };
  closeOpen = close;
  const { signal } = listening;
  const outside = (event: Event) => {
    const target = event.target as Node;
    if (!panel.contains(target) && !anchor.contains(target)) close();
  };
  document.addEventListener("pointerdown", outside, { signal, capture: true });
  document.addEventListener("focusin", outside, { signal });
  window.addEventListener("scroll", () => place(panel, anchor), { signal, capture: true, passive: true });
  window.addEventListener("resize", () => place(panel, anchor), { signal });
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      close();
    },
    { signal, capture: true },
  );
  return close;
}
