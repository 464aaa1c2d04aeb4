/**
 * The search boxes: quick results while typing, words of before, and `/` to get there.
 *
 * A box is a form with `data-find` (address of the quick results) and `data-person`; without this script it simply sends its words to the page of the search.
 */

import { element, settled } from "../shared/dom";
import { icon } from "../shared/icons";
import { _ } from "../shared/words";
import { forget, recent, remember } from "./recent";

const PAUSE = 60;

interface Offer {
  readonly kind: string;
  readonly picture: string;
  /** The parts of the title, and whether each is what was typed. */
  readonly title: readonly (readonly [string, boolean])[];
  readonly url: string;
}

let counter = 0;

class Box {
  readonly input: HTMLInputElement;
  readonly #form: HTMLFormElement;
  readonly #list: HTMLUListElement;
  readonly #ask = settled(PAUSE, () => void this.#fetch());
  #asking: AbortController | null = null;
  #chosen = -1;

  constructor(form: HTMLFormElement, input: HTMLInputElement) {
    this.#form = form;
    this.input = input;
    const id = `offers-${(counter += 1)}`;
    this.#list = element("ul", { class: "offers", id, role: "listbox", "aria-label": _("快速结果"), hidden: true });
    form.append(this.#list);
    for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": id })) {
      input.setAttribute(name, value);
    }
    input.addEventListener("input", (event) => {
      if (!event.isComposing) this.#typed();
    });
    input.addEventListener("compositionend", () => this.#typed());
    input.addEventListener("focus", () => {
      if (!this.#words()) this.#typed();
    });
    input.addEventListener("click", () => {
      if (this.#list.hidden) this.#typed();
    });
    input.addEventListener("keydown", (event) => this.#pressed(event));
    form.addEventListener("focusout", (event) => {
      if (!form.contains(event.relatedTarget as Node | null)) this.close();
    });
    form.addEventListener("submit", () => remember(this.#person(), this.#words()));
  }

  close(): void {
    this.#asking?.abort();
    this.#list.hidden = true;
    this.#choose(-1);
    this.input.setAttribute("aria-expanded", "false");
  }

  #words(): string {
    return this.input.value.trim();
  }

  #person(): string {
    return this.#form.dataset["person"] ?? "";
  }

  #typed(): void {
    if (this.#words()) this.#ask();
    else {
      this.#asking?.abort();
      this.#show(recent(this.#person()).map((words) => this.#row(this.#search(words), icon("history"), [words])));
    }
  }

  async #fetch(): Promise<void> {
    const words = this.#words();
    if (!words) return;
    this.#asking?.abort();
    const asking = (this.#asking = new AbortController());
    try {
      const answer = await fetch(`${this.#form.dataset["find"]}?q=${encodeURIComponent(words)}`, {
        headers: { Accept: "application/json" },
        signal: asking.signal,
      });
      if (!answer.ok) return;
      const { offers } = (await answer.json()) as { offers: readonly Offer[] };
      if (asking.signal.aborted || document.activeElement !== this.input) return;
      const rows = offers.map((offer) =>
        this.#row(
          offer.url,
          icon(offer.picture),
          offer.title.map(([text, hit]) => (hit ? element("mark", {}, text) : text)),
          offer.kind,
        ),
      );
      this.#show([...rows, this.#row(this.#search(words), icon("search"), [_("搜索“{words}”", { words })])]);
    } catch {
      // a later key has taken its place, or the line is down: Enter still searches
    }
  }

  #search(words: string): string {
    return `${this.#form.getAttribute("action")}?q=${encodeURIComponent(words)}`;
  }

  #row(url: string, picture: SVGElement, text: (Node | string)[], kind = ""): HTMLElement {
    return element(
      "li",
      { role: "option", id: `${this.#list.id}-${(counter += 1)}`, "aria-selected": "false", "data-url": url },
      picture,
      element("span", { class: "grow" }, ...text),
      kind ? element("span", { class: "hint" }, kind) : null,
    );
  }

  #show(rows: HTMLElement[]): void {
    this.#choose(-1);
    for (const row of rows) {
      row.addEventListener("mousedown", (event) => event.preventDefault()); // the box keeps the focus until it is left
      row.addEventListener("click", () => this.#go(row));
    }
    this.#list.replaceChildren(...rows);
    this.#list.hidden = rows.length === 0;
    this.input.setAttribute("aria-expanded", String(rows.length > 0));
  }

  #choose(index: number): void {
    this.#chosen = index;
    this.input.removeAttribute("aria-activedescendant");
    [...this.#list.children].forEach((row, at) => {
      row.setAttribute("aria-selected", String(at === index));
      if (at !== index) return;
      this.input.setAttribute("aria-activedescendant", row.id);
      row.scrollIntoView({ block: "nearest" });
    });
  }

  #go(row: HTMLElement): void {
    remember(this.#person(), this.#words());
    location.assign(row.dataset["url"] ?? "");
  }

  #pressed(event: KeyboardEvent): void {
    if (event.isComposing) return;
    const rows = [...this.#list.children] as HTMLElement[];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      if (this.#list.hidden) this.#typed();
      // before the first row and after the last stands the box itself
      else this.#choose(((this.#chosen + 1 + step + rows.length + 1) % (rows.length + 1)) - 1);
    } else if (event.key === "Enter") {
      const row = this.#list.hidden ? undefined : rows[this.#chosen];
      if (!row) return;
      event.preventDefault();
      this.#go(row);
    } else if (event.key === "Escape") {
      event.preventDefault();
      if (!this.#list.hidden) this.close();
      else {
        this.input.blur();
        document.body.classList.remove("finding");
      }
    }
  }
}

const boxes: Box[] = [];
for (const form of document.querySelectorAll<HTMLFormElement>("form[data-find]")) {
  const input = form.querySelector<HTMLInputElement>("input[name=q]");
  if (input) boxes.push(new Box(form, input));
}

function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"));
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isWriting(event.target)) return;
  if (document.querySelector("dialog[open]")) return;
  const input = boxes.at(-1)?.input; // that of the page, where it has one
  if (!input) return;
  event.preventDefault();
  document.body.classList.add("finding");
  input.focus();
  input.select();
});

// On a phone the box of the top bar takes its place when asked for.
document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  if (target?.closest("[data-find-opens]") && boxes[0]) {
    event.preventDefault();
    document.body.classList.add("finding");
    boxes[0].input.focus();
  } else if (!target?.closest("form[data-find]")) {
    document.body.classList.remove("finding");
  }
});

const shelf = document.querySelector<HTMLElement>("[data-recent-searches]");
const before = recent(shelf?.dataset["person"] ?? "");
if (shelf && before.length > 0) {
  const address = shelf.dataset["recentSearches"] ?? "";
  shelf.querySelector(".chips")?.append(
    ...before.map((words) => element("a", { class: "chip", href: `${address}?q=${encodeURIComponent(words)}` }, icon("history"), words)),
  );
  shelf.hidden = false;
}

// Others may use this computer next.
document.addEventListener("submit", (event) => {
  if (event.target instanceof HTMLFormElement && event.target.matches("[data-signs-out]")) forget();
});
