/** Moving a card in a list by a handle, with mouse, pen or finger. */

const EDGE = 90;
const SPEED = 14;

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
 * While a card is dragged the others make room for it. The order itself changes only when it is let go; Escape puts everything back.
 */
export function makeDraggable({ handle, card, cards, mayStart, dropped }: Draggable): void {
  handle.addEventListener("pointerdown", (start) => {
    if (start.button !== 0 || !mayStart()) return;
    start.preventDefault();
    handle.focus();
    const all = cards();
    const from = all.indexOf(card);
    const boxes = all.map((each) => {
      const { top, height } = each.getBoundingClientRect();
      return { middle: top + window.scrollY + height / 2, height };
    });
    const gap = all.length > 1 ? spacing(all) : 0;
    const startAt = start.clientY + window.scrollY;
    let pointer = start.clientY;
    let to = from;
    let frame = 0;
    const moving = new AbortController();
    const { signal } = moving;

    const show = () => {
      const shift = pointer + window.scrollY - startAt;
      const middle = (boxes[from]?.middle ?? 0) + shift;
      card.style.transform = `translateY(${shift}px)`;
      to = boxes.filter((box, index) => index !== from && box.middle < middle).length;
      all.forEach((other, index) => {
        if (other === card) return;
        const room = (boxes[from]?.height ?? 0) + gap;
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
      document.documentElement.classList.remove("dragging-card");
      card.classList.remove("dragged");
      for (const each of all) each.style.transform = "";
      if (drop && to !== from) dropped(to);
    };

    handle.setPointerCapture(start.pointerId);
    document.documentElement.classList.add("dragging-card");
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
  });
}

function spacing(cards: readonly HTMLElement[]): number {
  const [first, second] = cards;
  if (!first || !second) return 0;
  return second.getBoundingClientRect().top - first.getBoundingClientRect().bottom;
}
