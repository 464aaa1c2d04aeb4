/** Building pieces of a page without a template. */

type Child = Node | string | null | undefined | false;
type Attributes = Record<string, string | number | boolean | null | undefined | ((event: never) => void)>;

/**
 * An element with attributes and children. `onclick: f` listens, `true` sets an empty attribute, `false`, `null` and
 * `undefined` leave it out; children that are `null` or `false` are left out too.
 */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name.slice(2), value as EventListener);
    else if (value !== null && value !== undefined && value !== false) {
      made.setAttribute(name, value === true ? "" : String(value));
    }
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/** The element with that id. Throws when the page does not have it: a mistake in the template. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found;
}

/** Calls `run` once, `wait` milliseconds after the last call; `flush()` runs what is waiting now. */
export function settled(wait: number, run: () => void): { (): void; flush: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = () => {
    if (timer === undefined) return;
    clearTimeout(timer);
    timer = undefined;
    run();
  };
  return Object.assign(
    () => {
      clearTimeout(timer);
      timer = setTimeout(flush, wait);
    },
    { flush },
  );
}

/** Calls `run` at most once per frame of the screen, however often it is asked to. */
export function eachFrame(run: () => void): () => void {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      run();
    });
  };
}

/** Put `words` into a place that does not hold them yet: nothing is drawn, or read out, anew for nothing. */
export function say(place: Element | null, words: string): void {
  if (place && place.textContent !== words) place.textContent = words;
}
