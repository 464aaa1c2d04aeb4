// The preview of a resource: turns its pages without asking the server, by keys, by the strip beside them, by swiping; zooms.
// Every page has an address of its own, so that without this script the links lead to the same.

const ZOOMS = ["fit", "width", "double"];
const SWIPE = 48;
const FIRST_LOOK = 3000;
const LATER_LOOKS = 10_000;

/** While the worker is at it, the page is looked at again now and then, if anybody looks at it. */
function lookAgain(pause: number): void {
  setTimeout(() => {
    if (document.hidden) lookAgain(LATER_LOOKS);
    else location.reload();
  }, pause);
}

class Preview {
  private readonly links: HTMLAnchorElement[];
  private readonly jump: HTMLInputElement | null;
  private at: number;

  constructor(
    private readonly frame: HTMLElement,
    private readonly stage: HTMLElement,
    private readonly picture: HTMLImageElement,
  ) {
    this.links = [...frame.querySelectorAll<HTMLAnchorElement>("a[data-page]")];
    this.jump = frame.querySelector("#preview-page");
    this.at = Math.max(0, this.links.findIndex((link) => link.hasAttribute("aria-current")));
    this.listen();
    this.bring(this.links[this.at]);
    this.fetchAround();
  }

  private listen(): void {
    this.frame.addEventListener("click", (event) => this.clicked(event));
    this.jump?.form?.addEventListener("submit", (event) => {
      event.preventDefault();
      this.show(this.wanted());
    });
    this.jump?.addEventListener("change", () => this.show(this.wanted()));
    document.addEventListener("keydown", (event) => this.pressed(event));
    document.addEventListener("fullscreenchange", () => this.stage.focus({ preventScroll: true }));
    this.listenToFingers();
  }

  private clicked(event: MouseEvent): void {
    if (!(event.target instanceof Element) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const button = event.target.closest<HTMLElement>("a[data-page], a[rel], [data-zoom-to], #preview-full");
    if (!button) return;
    event.preventDefault();
    if (button.dataset.zoomTo) this.zoom(button.dataset.zoomTo);
    else if (button.dataset.page) this.show(Number(button.dataset.page) - 1);
    else if (button.id === "preview-full") this.fill();
    else this.show(this.at + (button.getAttribute("rel") === "prev" ? -1 : 1));
  }

  private pressed(event: KeyboardEvent): void {
    const elsewhere = event.target instanceof Element && event.target.closest("input, textarea, select, dialog, .menu[open]");
    if (elsewhere || event.ctrlKey || event.metaKey || event.altKey) return;
    const whole = this.frame.dataset.zoom === "fit";
    const steps: Record<string, () => void> = {
      ArrowLeft: () => this.show(this.at - 1),
      ArrowRight: () => this.show(this.at + 1),
      PageUp: () => this.show(this.at - 1),
      PageDown: () => this.show(this.at + 1),
      Home: () => this.show(0),
      End: () => this.show(this.links.length - 1),
      "+": () => this.zoomBy(1),
      "=": () => this.zoomBy(1),
      "-": () => this.zoomBy(-1),
      f: () => this.fill(),
      ...(whole && { ArrowUp: () => this.show(this.at - 1), ArrowDown: () => this.show(this.at + 1) }),
    };
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    step();
  }

  private listenToFingers(): void {
    let start: Touch | undefined;
    this.stage.addEventListener("touchstart", (event) => (start = event.touches.length === 1 ? event.touches[0] : undefined), {
      passive: true,
    });
    this.stage.addEventListener("touchend", (event) => {
      const end = event.changedTouches[0];
      if (!start || !end || this.frame.dataset.zoom !== "fit") return;
      const across = end.clientX - start.clientX;
      if (Math.abs(across) < SWIPE || Math.abs(across) < 2 * Math.abs(end.clientY - start.clientY)) return;
      this.show(this.at + (across < 0 ? 1 : -1));
    });
  }

  private wanted(): number {
    return Number(this.jump?.value || this.at + 1) - 1;
  }

  private show(wanted: number): void {
    const at = Math.min(Math.max(wanted, 0), this.links.length - 1);
    const link = this.links[at];
    if (!link) return;
    if (this.jump) this.jump.value = String(at + 1);
    if (at === this.at) return;
    this.links[this.at]?.removeAttribute("aria-current");
    link.setAttribute("aria-current", "page");
    this.at = at;
    const { url = "", width = "", height = "" } = link.dataset;
    this.picture.setAttribute("width", width);
    this.picture.setAttribute("height", height);
    this.picture.src = url;
    this.picture.alt = link.getAttribute("aria-label") ?? "";
    this.stage.scrollTo(0, 0);
    this.bring(link);
    this.fetchAround();
    history.replaceState(null, "", link.href);
  }

  /** Scrolls the strip, and only the strip, to a page. */
  private bring(link: HTMLAnchorElement | undefined): void {
    const strip = link?.closest<HTMLElement>(".preview-strip");
    if (!link || !strip) return;
    const [room, place] = [strip.getBoundingClientRect(), link.getBoundingClientRect()];
    strip.scrollBy(place.left + place.width / 2 - room.left - room.width / 2, place.top + place.height / 2 - room.top - room.height / 2);
  }

  private fetchAround(): void {
    for (const at of [this.at + 1, this.at - 1]) {
      const url = this.links[at]?.dataset.url;
      if (url) new Image().src = url;
    }
  }

  private zoomBy(step: number): void {
    const at = ZOOMS.indexOf(this.frame.dataset.zoom ?? "fit") + step;
    this.zoom(ZOOMS[Math.min(Math.max(at, 0), ZOOMS.length - 1)] ?? "fit");
  }

  private zoom(to: string): void {
    this.frame.dataset.zoom = to;
    for (const button of this.frame.querySelectorAll<HTMLElement>("[data-zoom-to]")) {
      button.setAttribute("aria-pressed", String(button.dataset.zoomTo === to));
    }
  }

  private fill(): void {
    if (document.fullscreenElement) void document.exitFullscreen();
    else void this.frame.requestFullscreen();
  }
}

const frame = document.getElementById("preview");
const stage = document.getElementById("preview-stage");
const picture = document.getElementById("preview-picture");
if (frame && stage && picture instanceof HTMLImageElement) new Preview(frame, stage, picture);
if (document.querySelector("[data-waits]")) lookAgain(FIRST_LOOK);
document.querySelector(".preview-text section[aria-current]:not(:first-child)")?.scrollIntoView();
