/** Moving a card in a list by a handle, with mouse, pen or finger. */

const EDGE = 90;
const SPEED = 14;
/** The pointer moves that far before a press becomes a drag. */
const SLACK = 4;

interface Draggable {
  readonly handle: HTMLElement;
  readonly card: HTMLElement;
  /** All cards in their order. */
  readonly cards: () => HTMLElement[];
  readonly mayStart: () => boolean;
  /** The card was let go at that place (0 is the first). */
  readonly dropped: (place: number) => void;
}

/**
 * While a card is dragged all cards fold to their heads and the others make room for it (class `dragging-card` on the page, `dragged` on
 * the card). The order itself changes only when it is let go; Escape puts everything back.
 */
export function makeDraggable(options: Draggable): void {
  const { handle, mayStart } = options;
  handle.addEventListener("pointerdown", (start) => {
    if (start.button !== 0 || !mayStart()) return;
    start.preventDefault();
    handle.focus();
    handle.setPointerCapture(start.pointerId);
    const waiting = new AbortController();
    const { signal } = waiting;
    const stop = () => waiting.abort();
    handle.addEventListener(
      "pointermove",
      (event) => {
        if (Math.abs(event.clientY - start.clientY) < SLACK) return;
        stop();
        drag(options, event.clientY);
      },
      { signal },
    );
    handle.addEventListener("pointerup", stop, { signal });
    handle.addEventListener("pointercancel", stop, { signal });
  });
}

/** Changes the page so that the handle stays under the pointer. */
function holdingStill(handle: HTMLElement, change: () => void): void {
  const before = handle.getBoundingClientRect().top;
  change();
  window.scrollBy(0, handle.getBoundingClientRect().top - before);
}

function drag({ handle, card, cards, dropped }: Draggable, startAt: number): void {
  const page = document.documentElement;
  holdingStill(handle, () => page.classList.add("dragging-card"));
  const all = cards();
  const from = all.indexOf(card);
  const boxes = all.map((each) => {
    const { top, height } = each.getBoundingClientRect();
    return { middle: top + window.scrollY + height / 2, height };
  });
  const room = (boxes[from]?.height ?? 0) + spacing(all);
  const origin = startAt + window.scrollY;
  let pointer = startAt;
  let to = from;
  let frame = 0;
  const moving = new AbortController();
  const { signal } = moving;

  const show = () => {
    const shift = pointer + window.scrollY - origin;
    const middle = (boxes[from]?.middle ?? 0) + shift;
    card.style.transform = `translateY(${shift}px)`;
    to = boxes.filter((box, index) => index !== from && box.middle < middle).length;
    all.forEach((other, index) => {
      if (other === card) return;
      const lifted = index > from && index <= to ? -room : index < from && index >= to ? room : 0;
      other.style.transform = lifted === 0 ? "" : `translateY(${lifted}px)`;
    });
  };
  const roll = () => {
    const near = pointer < EDGE + 100 ? -1 : pointer > window.innerHeight - EDGE ? 1 : 0;
    if (near !== 0) {
      window.scrollBy(0, near * SPEED);
      show();
    }
    frame = requestAnimationFrame(roll);
  };
  const finish = (drop: boolean) => {
    moving.abort();
    cancelAnimationFrame(frame);
    holdingStill(handle, () => {
      for (const each of all) each.style.transform = "";
      card.classList.remove("dragged");
      if (drop && to !== from) dropped(to);
      page.classList.remove("dragging-card");
    });
  };

  card.classList.add("dragged");
  handle.addEventListener(
    "pointermove",
    (event) => {
      pointer = event.clientY;
      show();
    },
    { signal },
  );
  handle.addEventListener("pointerup", () => finish(true), { signal });
  handle.addEventListener("pointercancel", () => finish(false), { signal });
  window.addEventListener("keydown", (event) => event.key === "Escape" && finish(false), { signal });
  frame = requestAnimationFrame(roll);
}

function spacing(cards: readonly HTMLElement[]): number {
  const [first, second] = cards;
  if (!first || !second) return 0;
  return second.getBoundingClientRect().top - first.getBoundingClientRect().bottom;
}
