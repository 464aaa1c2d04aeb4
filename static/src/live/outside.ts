/** Where the pictures are when they travel through a meeting elsewhere. */

import { element } from "../shared/dom";
import { _ } from "../shared/words";
import type { Config } from "./protocol";

/** A quiet line with the meeting's link; null when the pictures are here. */
export function outsideLine({ media }: Config): HTMLElement | null {
  if (media.kind !== "outside" || media.link === "") return null;
  const link = element("a", { href: media.link, target: "_blank", rel: "noopener" }, _("打开会议"));
  return element("p", { class: "hint" }, _("视频在会议里："), link);
}
