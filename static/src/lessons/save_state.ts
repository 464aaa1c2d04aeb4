/** What the page says about saving, and about the end of writing, in words. */

import { openDialog } from "../shared/dialog";
import { element } from "../shared/dom";
import { _ } from "../shared/words";
import { exportPlan } from "./plan_text";
import type { PlanConfig } from "./config";
import type { Plan } from "./plan";
import type { PlanSync, Trouble } from "./sync";

/** A moment of quiet before “saved” is said, so that the word does not flicker while somebody types. */
const CALM = 400;

type State = "saved" | "saving" | "offline" | "error" | "reading";

interface Phrase {
  readonly state: State;
  readonly words: string;
}

/** Where the writing stands, in one short phrase. */
export function saveState(sync: PlanSync): Phrase {
  if (sync.trouble !== null) return stopped(sync.trouble, sync.unsaved);
  if (sync.role === "reader") {
    const n = sync.unsavedPlaces;
    return sync.unsaved ? { state: "error", words: _("{n} 处没有被接受，点此导出", { n }) } : { state: "reading", words: _("只能看") };
  }
  if (sync.joined) return sync.unsaved ? { state: "saving", words: _("保存中") } : { state: "saved", words: _("已保存") };
  return sync.lostAt === null ? { state: "saving", words: _("正在连接") } : offline(sync);
}

function stopped(trouble: Trouble, unsaved: boolean): Phrase {
  if (trouble.kind === "schema") return { state: "error", words: _("请刷新页面") };
  if (trouble.kind === "gone" && !unsaved) return { state: "reading", words: _("已停止") };
  return { state: "error", words: _("出错，点此导出") };
}

function offline(sync: PlanSync): Phrase {
  if (!sync.unsaved) return { state: "offline", words: _("离线，可以接着写，会存在本机") };
  if (!sync.storedHere) return { state: "error", words: _("离线，本机存不下，点此导出") };
  return { state: "offline", words: _("离线，已存本机（{n} 处未同步）", { n: sync.unsavedPlaces }) };
}

/** The phrase in the head of the page. */
export function saveStateView(plan: Plan, config: PlanConfig, sync: PlanSync): HTMLElement {
  const line = element("div", { class: "save-state", role: "status" });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const show = () => {
    clearTimeout(timer);
    const { state, words } = saveState(sync);
    if (line.dataset["state"] === state && line.textContent === words) return;
    line.dataset["state"] = state;
    const asks = state === "error" && sync.trouble?.kind !== "schema";
    line.replaceChildren(
      asks ? element("button", { type: "button", onclick: () => exportPlan(plan, config) }, words) : words,
    );
  };
  sync.onChange(() => {
    if (line.dataset["state"] === "saving" && saveState(sync).state === "saved") {
      clearTimeout(timer);
      timer = setTimeout(show, CALM);
    } else show();
  });
  show();
  return line;
}

function goneWords(trouble: Trouble & { kind: "gone" }): string {
  switch (trouble.reason) {
    case "deleted":
    case "gone":
      return _("这份教案刚刚被删除了。");
    case "signed_out":
      return _("登录已经过期。");
    default:
      return _("您不能再打开这份教案了。");
  }
}

/** The sentence below the head when the pen is closed, or null when there is nothing to say. */
function notice(sync: PlanSync): { words: string; kind: "error" | "warning" } | null {
  const kept = sync.unsaved
    ? _("您写的文字还在这台电脑上，可以导出。")
    : _("您写的文字都已经保存。");
  const { trouble } = sync;
  if (trouble?.kind === "schema") {
    return { kind: "warning", words: _("同课已经更新，这个页面是旧的。刷新以后接着写；没有同步的文字存在本机，不会丢。") };
  }
  // The server's sentence says what is safe; ours is for the day when it sent none.
  if (trouble?.kind === "gone") return { kind: "error", words: trouble.sentence || `${goneWords(trouble)}${kept}` };
  if (trouble?.kind === "refused") {
    return { kind: "error", words: trouble.sentence || `${_("服务器没有收下最后的修改。")}${kept}` };
  }
  if (sync.role === "reader") {
    const n = sync.unsavedPlaces;
    const unaccepted = sync.unsaved ? _("有 {n} 处修改没有被接受，还在这台电脑上，可以导出。", { n }) : "";
    return { kind: "warning", words: _("您可以看这份教案，但不能改。") + unaccepted };
  }
  return null;
}

function askDiscard(sync: PlanSync): void {
  openDialog({
    title: _("放弃没同步的修改？"),
    body: element("p", {}, _("放弃以后找不回来。想留着的话，先导出文字。")),
    accept: _("放弃"),
    accepted: () => {
      void sync.discard().then(() => window.location.reload());
      return true;
    },
  });
}

/** What the person can do now that the pen is closed. */
function waysOut(plan: Plan, config: PlanConfig, sync: PlanSync): HTMLElement[] {
  const { trouble } = sync;
  const button = (words: string, run: () => void) => element("button", { type: "button", class: "btn btn-sm", onclick: run }, words);
  const reload = () => window.location.reload();
  if (trouble?.kind === "schema") return [button(_("刷新页面"), reload)];
  const exporting = trouble !== null || sync.unsaved ? [button(_("导出文字"), () => exportPlan(plan, config))] : [];
  if (trouble?.kind === "gone" && trouble.reason === "signed_out") return [button(_("重新登录"), reload), ...exporting];
  return sync.unsaved ? [...exporting, button(_("放弃没同步的修改"), () => askDiscard(sync))] : exporting;
}

/** The strip that says why the pen is closed and what can be done. */
export function noticeView(plan: Plan, config: PlanConfig, sync: PlanSync): HTMLElement {
  const strip = element("div", { class: "closed-pen", role: "alert" });
  let said = "";
  const show = () => {
    const now = notice(sync);
    strip.hidden = now === null;
    if (now === null || now.words === said) return;
    said = now.words;
    strip.className = `closed-pen message message-${now.kind}`;
    strip.replaceChildren(element("span", {}, now.words), ...waysOut(plan, config, sync));
  };
  sync.onChange(show);
  show();
  return strip;
}
