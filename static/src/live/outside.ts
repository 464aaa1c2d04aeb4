/** Where the pictures are when they travel through a meeting elsewhere. */

import { element } from "../shared/dom";
import { _ } from "../shared/words";
import type { Config } from "./protocol";
import type { Room } from "./room";

/** A quiet line with the meeting's link, which may change while the lesson runs; null when the pictures are here. */
export function outsideLine({ media }: Config, room: Room): HTMLElement | null {
  if (media.kind !== "outside") return null;
  const link = element("a", { href: media.link, target: "_blank", rel: "noopener" }, _("打开会议"));
  const line = element("p", { class: "hint", hidden: media.link === "" }, _("视频在会议里："), link);
  room.onSignal((signal) => {
    if (signal["kind"] !== "meeting" || typeof signal["link"] !== "string") return;
    link.href = signal["link"];
    line.hidden = signal["link"] === "";
  });
  return line;
}
