/** The page of the slides that is shown: the one before stays until the next is ready to be seen. */

import { element } from "../shared/dom";
import { _ } from "../shared/words";
import type { Page } from "./protocol";

/** Where pictures and media come from: the address of a page, or of the file itself when `number` is 0. */
export type Source = (resource: string, version: number, number: number) => Promise<string>;

const RETRY = 3_000;
export const BOARD_RATIO = 16 / 9;

export class Slides {
  readonly element = element("div", { class: "stage-page" });
  readonly missing = element("p", { class: "stage-missing", role: "status", hidden: true });
  /** Width by height of the picture that is shown. */
  ratio = BOARD_RATIO;
  private page: Page | null = null;
  private retry: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly source: Source,
    /** Called when the proportions of the picture have changed. */
    private readonly resized: () => void,
  ) {}

  show(page: Page | null, pages: number): void {
    const same = page?.resource === this.page?.resource && page?.version === this.page?.version && page?.number === this.page?.number;
    if (same) return;
    this.page = page;
    clearTimeout(this.retry);
    this.missing.hidden = true;
    if (page) void this.fetch(page).then(() => this.fetchAhead(page, pages));
    else this.element.replaceChildren();
  }

  private async fetch(page: Page): Promise<void> {
    const slow = setTimeout(() => this.say(page, _("第 {number} 页正在取，马上就好。", { number: page.number })), 400);
    try {
      const picture = element("img", { class: "stage-slide", alt: _("课件第 {number} 页", { number: page.number }), draggable: "false" });
      picture.src = await this.source(page.resource, page.version, page.number);
      await picture.decode();
      clearTimeout(slow);
      if (this.page === page) this.put(picture);
    } catch {
      clearTimeout(slow);
      this.say(page, _("第 {number} 页还没有取到，正在再试。老师的讲解不受影响。", { number: page.number }));
      if (this.page === page) this.retry = setTimeout(() => void this.fetch(page), RETRY);
    }
  }

  private put(picture: HTMLImageElement): void {
    this.missing.hidden = true;
    this.ratio = picture.naturalWidth / picture.naturalHeight || BOARD_RATIO;
    this.element.replaceChildren(picture);
    this.resized();
  }

  private say(page: Page, words: string): void {
    if (this.page !== page) return;
    this.missing.textContent = words;
    this.missing.hidden = false;
  }

  private async fetchAhead(page: Page, pages: number): Promise<void> {
    if (page.number >= pages) return;
    try {
      const ahead = new Image();
      ahead.src = await this.source(page.resource, page.version, page.number + 1);
    } catch {
      // It is asked for again, with words, when its turn comes.
    }
  }
}
