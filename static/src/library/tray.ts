/** The tray at the lower right of every page: what is on its way, how fast, how long still, and what went wrong. */

import { element } from "../shared/dom";
import { icon } from "../shared/icons";
import { toast } from "../shared/toast";
import { _ } from "../shared/words";
import type { Upload } from "./records";
import type { Uploads } from "./uploads";
import { bytes, span } from "./measures";

const FOLDED = "tongke:tray";

class Row {
  readonly node = element("li", { class: "tray-row" });
  private readonly name = element("span", { class: "tray-name" });
  private readonly bar = element("progress", { class: "tray-bar", max: 1000, value: 0 });
  private readonly words = element("span", { class: "tray-words" });
  private readonly buttons = element("span", { class: "tray-buttons" });
  private readonly same = element("div", { class: "tray-same", hidden: true });
  private shown = "";

  constructor(
    private readonly uploads: Uploads,
    upload: Upload,
  ) {
    this.name.title = upload.name;
    this.bar.setAttribute("aria-label", upload.name);
    this.node.append(
      element("div", { class: "tray-line" }, pictureOf(upload.name), this.name, this.buttons),
      this.bar,
      this.words,
      this.same,
    );
  }

  show(upload: Upload): void {
    this.bar.value = Math.round((1000 * upload.sent) / Math.max(1, upload.size));
    this.bar.hidden = upload.state === "done" || upload.state === "failed";
    const words = wordsOf(upload);
    if (this.words.textContent !== words) this.words.textContent = words;
    const key = [upload.state, upload.resource?.url, upload.same?.map((each) => each.code)].join();
    if (key === this.shown) return;
    this.shown = key;
    this.node.dataset["state"] = upload.state;
    this.name.replaceChildren(upload.resource ? element("a", { href: upload.resource.url }, upload.name) : upload.name);
    const focused = this.buttons.contains(document.activeElement);
    this.buttons.replaceChildren(...this.buttonsFor(upload));
    if (focused) this.buttons.querySelector("button")?.focus();
    this.pointOut(upload);
  }

  private buttonsFor({ id, name, state, reason }: Upload): HTMLElement[] {
    const { uploads } = this;
    const made: HTMLElement[] = [];
    if (["waiting", "sending"].includes(state)) made.push(button(icon("player-pause"), _("暂停 {name}", { name }), () => uploads.pause(id)));
    if (state === "paused") made.push(button(icon("player-play"), _("继续上传 {name}", { name }), () => uploads.resume(id)));
    if (state === "failed") made.push(button(icon("refresh"), _("再试一次 {name}", { name }), () => uploads.resume(id)));
    if (state === "closed") made.push(button(icon("folder-open"), _("再选一次 {name}", { name }), () => void this.reopen(id, name), reason ? "" : _("再选一次")));
    if (state !== "done") made.push(button(icon("x"), _("取消上传 {name}", { name }), () => void uploads.cancel(id)));
    return made;
  }

  /** The file has to be read again: the browser may allow it, else it is picked. */
  private async reopen(id: string, name: string): Promise<void> {
    if (await this.uploads.reopen(id).catch(() => false)) return;
    const upload = this.uploads.all().find((each) => each.id === id);
    const input = element("input", { type: "file" });
    input.onchange = () => {
      const file = input.files?.[0];
      if (!file || !upload) return;
      if (file.name !== upload.name || file.size !== upload.size || file.lastModified !== upload.modified) {
        toast(_("这不是刚才的“{name}”，或者它已经改动过。要传新的，请取消这一条再选。", { name }));
        return;
      }
      void this.uploads.add({ file }, upload.about);
    };
    input.click();
  }

  private pointOut({ id, same = [] }: Upload): void {
    const [first] = same;
    this.same.hidden = !first;
    if (!first) return;
    const words = first.mine ? _("您已经有同一文件：") : _("{campus}已有同一文件：", { campus: first.campus });
    const use = async () => {
      await this.uploads.cancel(id);
      location.assign(first.url);
    };
    this.same.replaceChildren(
      element("span", {}, words, element("a", { href: first.url }, first.title)),
      element(
        "span",
        { class: "tray-choice" },
        element("button", { type: "button", class: "btn btn-outline btn-sm", onclick: () => void use() }, _("用它")),
        element("button", { type: "button", class: "btn btn-quiet btn-sm", onclick: () => this.uploads.keepMine(id) }, _("保留我的")),
      ),
    );
  }
}

/** Shows the tray for as long as there is something in it. */
export function showTray(uploads: Uploads): void {
  const rows = new Map<string, Row>();
  const list = element("ul", { class: "tray-rows" });
  const title = element("span", { class: "tray-title" });
  const whole = element("progress", { class: "tray-bar", max: 1000, value: 0, "aria-label": _("全部上传的进度") });
  const fold = button(icon("chevron-down"), _("收起"), () => setFolded(!folded));
  const clear = button(icon("x"), _("收走已传完的"), () => uploads.clear());
  const said = element("p", { class: "visually-hidden", role: "status" });
  const tray = element(
    "section",
    { class: "tray", "aria-label": _("上传") },
    element("header", { class: "tray-head" }, icon("cloud-upload"), title, fold, clear),
    whole,
    list,
  );
  let folded = localStorage.getItem(FOLDED) === "folded";
  let before = "";

  const setFolded = (on: boolean) => {
    folded = on;
    localStorage.setItem(FOLDED, on ? "folded" : "");
    show();
  };

  const show = () => {
    const all = uploads.all();
    tray.hidden = all.length === 0;
    tray.classList.toggle("tray-folded", folded);
    fold.setAttribute("aria-expanded", String(!folded));
    fold.setAttribute("aria-label", folded ? _("展开") : _("收起"));
    const running = all.filter(({ state }) => state !== "done" && state !== "failed");
    clear.hidden = running.length === all.length;
    whole.hidden = running.length === 0 || all.length < 2;
    whole.value = Math.round((1000 * sum(all, "sent")) / Math.max(1, sum(all, "size")));
    const words = summary(all, running);
    if (title.textContent !== words) title.textContent = words;
    for (const upload of all) {
      const row = rows.get(upload.id) ?? new Row(uploads, upload);
      row.show(upload);
      if (!rows.has(upload.id)) list.append(row.node);
      rows.set(upload.id, row);
    }
    for (const [id, row] of rows) {
      if (all.some((upload) => upload.id === id)) continue;
      row.node.remove();
      rows.delete(id);
    }
    // Read out when something begins or ends, not at every percent.
    const news = all.length === 0 ? "" : running.length > 0 ? _("正在上传 {n} 个文件", { n: running.length }) : words;
    if (news !== before) said.textContent = before = news;
  };

  document.body.append(tray, said);
  uploads.listen(show);
  show();
}

function summary(all: readonly Upload[], running: readonly Upload[]): string {
  const failed = all.filter(({ state }) => state === "failed").length;
  if (running.length === 0) {
    const done = _("{n} 个文件已传完", { n: all.length - failed });
    return failed ? _("{done}，{failed} 个没有成功", { done, failed }) : done;
  }
  const speed = running.reduce((total, upload) => total + (upload.state === "sending" ? (upload.speed ?? 0) : 0), 0);
  const left = sum(running, "size") - sum(running, "sent");
  const words = _("正在上传 {n} 个文件", { n: running.length });
  return speed > 0 ? _("{words} · 还要{time}", { words, time: span(left / speed) }) : words;
}

function wordsOf(upload: Upload): string {
  const percent = `${Math.floor((100 * upload.sent) / Math.max(1, upload.size))}%`;
  const size = bytes(upload.size);
  if (upload.reason) return upload.reason;
  switch (upload.state) {
    case "waiting":
      return upload.sent ? _("{percent}，等待继续", { percent }) : _("排队中 · {size}", { size });
    case "sending":
      return _("{percent}（共 {size}）", { percent, size }) + pace(upload);
    case "paused":
      return _("已暂停在 {percent}", { percent });
    case "checking":
      return _("已传完，正在核对……");
    case "done":
      return _("已传完 · {size}", { size });
    case "closed":
      return _("浏览器重开后不能自己读取这个文件。请再选一次，从 {percent} 继续。", { percent });
    default:
      return _("上传没有成功，请再试一次。");
  }
}

function pace({ size, sent, speed = 0 }: Upload): string {
  return speed > 0 ? _(" · 每秒 {speed} · 还要{time}", { speed: bytes(speed), time: span((size - sent) / speed) }) : "";
}

function sum(all: readonly Upload[], what: "size" | "sent"): number {
  return all.reduce((total, upload) => total + upload[what], 0);
}

function button(picture: SVGElement, label: string, onclick: () => void, words = ""): HTMLButtonElement {
  return element("button", { type: "button", class: "tray-button", "aria-label": label, title: label, onclick }, picture, words);
}

const PICTURES: readonly (readonly [RegExp, () => SVGElement])[] = [
  [/\.(pptx?|ppsx?|dps|odp)$/i, () => icon("presentation")],
  [/\.(xlsx?|et|ods|csv)$/i, () => icon("table")],
  [/\.(jpe?g|png|gif|webp|bmp|tiff?|heic|svg)$/i, () => icon("photo")],
  [/\.(mp4|m4v|mov|avi|mkv|webm|wmv|flv|mpe?g|3gp)$/i, () => icon("movie")],
  [/\.(mp3|m4a|aac|wav|og[ga]|flac|wma)$/i, () => icon("music")],
  [/\.(zip|rar|7z)$/i, () => icon("file-zip")],
];

function pictureOf(name: string): SVGElement {
  return PICTURES.find(([pattern]) => pattern.test(name))?.[1]() ?? icon("file-text");
}
