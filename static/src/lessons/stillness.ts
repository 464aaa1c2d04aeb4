/** Nothing jumps when others write above: browsers without scroll anchoring get it here. */

/** Wraps a change to the page so that what the person looks at stays where it is. */
export function keepStill(): (change: () => void) => void {
  if (CSS.supports("overflow-anchor", "auto")) return (change) => change();
  return (change) => {
    const anchor = document.elementFromPoint(window.innerWidth / 2, window.innerHeight / 2)?.closest("p, li, tr, h2, .write-step, .section");
    const before = anchor?.getBoundingClientRect().top;
    change();
    if (!anchor?.isConnected || before === undefined) return;
    const moved = anchor.getBoundingClientRect().top - before;
    if (moved !== 0) window.scrollBy(0, moved);
  };
}
