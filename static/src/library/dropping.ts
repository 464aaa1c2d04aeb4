/** Files may be dropped anywhere on a page of the library. A place on it that takes them for itself handles the event first. */

import { element } from "../shared/dom";
import { icon } from "../shared/icons";
import { _ } from "../shared/words";
import type { About } from "./about";
import { dropped } from "./picking";
import { theUploads } from "./uploads";

function hasFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes("Files") ?? false;
}

/** Takes what is dropped on the page; `about` says what it is for. */
export function takeDrops(about: () => About = () => ({})): void {
  const veil = element("div", { class: "drop-veil", hidden: true }, element("p", {}, icon("cloud-upload"), _("松开鼠标，上传到资源库")));
  document.body.append(veil);
  let inside = 0;
  const show = () => (veil.hidden = inside <= 0);
  addEventListener("dragenter", (event) => {
    if (!hasFiles(event)) return;
    inside += 1;
    show();
  });
  addEventListener("dragleave", (event) => {
    if (!hasFiles(event)) return;
    inside -= 1;
    show();
  });
  addEventListener("dragover", (event) => {
    if (hasFiles(event) && !event.defaultPrevented) event.preventDefault();
  });
  addEventListener("drop", (event) => {
    inside = 0;
    show();
    if (event.defaultPrevented || !hasFiles(event) || !event.dataTransfer) return;
    event.preventDefault();
    const files = dropped(event.dataTransfer);
    void Promise.all([theUploads(), files]).then(([uploads, picked]) => {
      for (const each of picked) void uploads.add(each, about());
    });
  });
}
