/** The pictures and the sound of a lesson for those who only look on: one large, the others small, and who speaks. */

import { element } from "../shared/dom";
import { icon } from "../shared/icons";
import { _ } from "../shared/words";
import { nameOf } from "./helper_words";
import { connect, type Media } from "./media/media";
import type { Config, State } from "./protocol";
import type { Room } from "./room";
import { showFaces } from "./stage_faces";

/** The part of a room that the sound and pictures travel by. */
function lineOf(room: Room): Parameters<typeof connect>[0] {
  return {
    endpoint: room.me.endpoint,
    screen: room.screen,
    signal: (payload) => room.signal(payload),
    onSignal: (listener) => room.onSignal(listener),
    onJoined: (listener) => {
      let joined = false;
      return room.subscribe(() => {
        const now = room.connection === "joined";
        if (now && !joined) listener();
        joined = now;
      });
    },
  };
}

export class PicturesView {
  readonly element = element("div", { class: "observer-pictures" });
  /** The large one, chosen by hand; null: whoever speaks, or the main classroom. */
  chosen: number | null = null;
  private readonly places = new Map<string, HTMLElement>();
  private readonly figures = new Map<number, HTMLElement>();
  private readonly unlock = element("button", { type: "button", class: "btn btn-primary", hidden: true, onclick: () => this.play() }, icon("volume"), _("打开声音"));
  private readonly words = element("p", { class: "hint", role: "status", hidden: true });
  private media: Media | null = null;

  constructor(
    private readonly room: Room,
    private readonly config: Config,
  ) {
    for (const classroom of config.classrooms) {
      const place = element("div", { class: "observer-face" }, element("span", { class: "hint" }, _("没有画面")));
      const figure = element("figure", {}, place, element("figcaption", {}, nameOf(classroom)));
      this.places.set(`c${classroom.id}`, place);
      this.figures.set(classroom.id, figure);
      this.element.append(figure);
    }
    this.element.append(this.unlock, this.words);
  }

  show(state: State): void {
    if (state.phase === "ended" && this.media) {
      this.media.close();
      this.media = null;
    }
    const open = state.phase === "open" || state.phase === "running";
    if (open && !this.media && state.media.kind !== "none") this.begin();
    this.element.hidden = state.media.kind === "none";
    this.enlarge(this.config.classrooms.find(({ id }) => state.classrooms[String(id)]?.air)?.id);
  }

  private enlarge(speaking: number | undefined): void {
    const large = this.chosen ?? speaking ?? this.config.classrooms[0]?.id;
    for (const [id, figure] of this.figures) {
      figure.classList.toggle("observer-large", id === large && figure.querySelector("video") !== null);
      figure.classList.toggle("observer-air", id === speaking);
    }
  }

  private begin(): void {
    this.media = connect(lineOf(this.room), { send: "none", cameras: [] });
    showFaces(this.media, this.places, this.config);
    this.media.on("blocked", () => this.goOnSilently());
    this.media.on("state", ({ why }) => {
      this.words.textContent = why;
      this.words.hidden = !why;
    });
  }

  /** Pictures may run before anything was pressed, sound may not. */
  private goOnSilently(): void {
    this.unlock.hidden = false;
    this.playAll(true);
  }

  private play(): void {
    this.unlock.hidden = true;
    this.playAll(false);
  }

  private playAll(muted: boolean): void {
    for (const video of this.element.querySelectorAll("video")) {
      if (video.muted === muted) continue;
      video.muted = muted;
      this.media?.play(video);
    }
  }
}

/** “西湖 五（1）班正在发言”, or that the lead speaks. */
export function speakerInWords(config: Config, state: State): string {
  const speaking = config.classrooms.find(({ id }) => state.classrooms[String(id)]?.air);
  return speaking ? _("{name}正在发言", { name: nameOf(speaking) }) : _("{name}老师在讲", { name: config.session.lead });
}
