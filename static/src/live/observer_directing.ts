/** 导播: the layout of all screens, which classroom is large here, and microphones. */

import { element } from "../shared/dom";
import { icon } from "../shared/icons";
import { _ } from "../shared/words";
import type { Asking } from "./helper_asking";
import { nameOf } from "./helper_words";
import type { PicturesView } from "./observer_pictures";
import type { Config, Layout, State } from "./protocol";

const LAYOUTS: readonly Layout[] = ["teach", "interact", "discuss"];

function layoutInWords(layout: Layout): string {
  switch (layout) {
    case "teach": return _("讲授：课件为主");
    case "interact": return _("互动：课件和发言教室");
    case "discuss": return _("讨论：各教室画面");
  }
}

export class DirectingView {
  readonly element: HTMLElement;
  private readonly layouts = new Map<Layout, HTMLButtonElement>();
  private readonly rows = new Map<number, { large: HTMLButtonElement; mute: HTMLButtonElement }>();

  constructor(
    config: Config,
    private readonly pictures: PicturesView,
    private readonly asking: Asking,
    private readonly changed: () => void,
  ) {
    for (const layout of LAYOUTS) {
      const press = () => void this.asking.ask("layout", { layout }, "layout", layout);
      this.layouts.set(layout, element("button", { type: "button", class: "btn phone-big", onclick: press }, layoutInWords(layout)));
    }
    const rows = config.classrooms.map(({ id }) => {
      const large = element("button", { type: "button", class: "btn", onclick: () => this.enlarge(id) }, icon("maximize"), _("放大"));
      const mute = element("button", { type: "button", class: "btn", onclick: () => this.mute(id) });
      this.rows.set(id, { large, mute });
      const classroom = config.classrooms.find((each) => each.id === id);
      return element("li", {}, element("span", { class: "grow" }, classroom ? nameOf(classroom) : ""), large, mute);
    });
    this.element = element(
      "section",
      { class: "phone-card", "aria-labelledby": "directing-title" },
      element("h2", { id: "directing-title" }, _("导播")),
      element("div", { class: "directing-layouts" }, ...this.layouts.values()),
      element("ul", { class: "directing" }, ...rows),
    );
  }

  show(state: State): void {
    const layout = this.asking.wished("layout", state.layout);
    for (const [each, button] of this.layouts) button.setAttribute("aria-pressed", String(each === layout));
    for (const [id, { large, mute }] of this.rows) {
      large.setAttribute("aria-pressed", String(this.pictures.chosen === id));
      const muted = this.asking.wished(`mute:${id}`, state.classrooms[String(id)]?.muted ?? false);
      if (mute.getAttribute("aria-pressed") === String(muted)) continue;
      mute.setAttribute("aria-pressed", String(muted));
      mute.replaceChildren(muted ? icon("microphone-off") : icon("microphone"), muted ? _("已静音") : _("静音"));
    }
  }

  private enlarge(id: number): void {
    this.pictures.chosen = this.pictures.chosen === id ? null : id;
    this.changed();
  }

  private mute(id: number): void {
    const muted = this.rows.get(id)?.mute.getAttribute("aria-pressed") !== "true";
    void this.asking.ask("mute", { classroom: id, muted }, `mute:${id}`, muted);
  }
}
