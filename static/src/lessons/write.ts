/** The writing page of a plan: puts its parts together. */

import "../../css/editor.scss";

import { io } from "socket.io-client";
import msgpack from "socket.io-msgpack-parser";
import * as Y from "yjs";

import { byId, element } from "../shared/dom";
import { icon } from "../shared/icons";
import { openMenu } from "../shared/menu";
import { _ } from "../shared/words";
import type { PlanConfig } from "./config";
import { Fields } from "./fields";
import { History } from "./history";
import { flushInputs } from "./inputs";
import { LocalCopy } from "./local_copy";
import { Outline } from "./outline";
import { peopleView } from "./people";
import { Plan } from "./plan";
import { exportPlan } from "./plan_text";
import { Presence } from "./presence";
import { noticeView, saveStateView } from "./save_state";
import { SCHEMA_NUMBER } from "./schema";
import { Sheet } from "./sheet";
import { showShortcuts } from "./shortcuts";
import { keepStill } from "./stillness";
import { PlanSync, type Line } from "./sync";
import { Toolbar } from "./toolbar";

/** After that long without a document the page says that it is waiting for the line. */
const PATIENCE = 4_000;

function openLine(): Line {
  const line = io("/plans", {
    parser: msgpack,
    autoConnect: false,
    transports: ["websocket", "polling"],
    tryAllTransports: true,
    timeout: 8_000,
    reconnectionDelay: 500,
    reconnectionDelayMax: 5_000,
  });
  let reached = false;
  line.on("connect", () => (reached = true));
  line.on("connect_error", () => {
    // A proxy that swallows websockets lets them time out: the next try begins with polling.
    const { opts } = line.io;
    if (!reached) opts.transports = opts.transports?.[0] === "websocket" ? ["polling", "websocket"] : ["websocket", "polling"];
  });
  window.addEventListener("online", () => line.connect());
  return line;
}

async function openCopy(config: PlanConfig): Promise<LocalCopy | null> {
  try {
    return await LocalCopy.open(config.person.id, config.plan);
  } catch {
    return null;
  }
}

function pageMenu(plan: Plan, config: PlanConfig): HTMLElement {
  const go = (address: string) => () => window.location.assign(address);
  const button = element(
    "button",
    {
      type: "button",
      class: "btn btn-quiet",
      "aria-haspopup": "menu",
      "aria-expanded": "false",
      onclick: () =>
        openMenu(button, _("更多"), [
          { label: _("打印"), icon: icon("printer"), run: go(config.urls.print) },
          { label: _("下载 Markdown"), icon: icon("download"), run: go(config.urls.markdown) },
          { label: _("导出本机上的文字"), icon: icon("file-export"), run: () => exportPlan(plan, config) },
          { label: _("键盘快捷键"), icon: icon("keyboard"), apart: true, run: showShortcuts },
        ]),
    },
    icon("dots"),
    element("span", { class: "visually-hidden" }, _("更多")),
  );
  return button;
}

type Shortcut = (history: History, toolbar: Toolbar) => void;

const undo: Shortcut = (history) => history.undo();
const redo: Shortcut = (history) => history.redo();

/** What a key means anywhere on the page, or null when it is left to whatever has the focus. */
function shortcutOf(event: KeyboardEvent): Shortcut | null {
  const target = event.target as HTMLElement;
  const key = event.key.toLowerCase();
  if ((event.ctrlKey || event.metaKey) && !event.altKey) {
    if (key === "z") return event.shiftKey ? redo : undo;
    return key === "y" && !event.shiftKey ? redo : null;
  }
  if (event.altKey && key === "f10") return (_history, toolbar) => toolbar.focus();
  return key === "?" && !target.closest("input, textarea, select, [contenteditable=true]") ? showShortcuts : null;
}

/** Undo and redo work wherever the cursor is on the page, except inside a dialogue. */
function listenForKeys(history: History, toolbar: Toolbar): void {
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.isComposing || (event.target as HTMLElement).closest("dialog")) return;
      const shortcut = shortcutOf(event);
      if (shortcut === null) return;
      event.preventDefault();
      event.stopPropagation();
      flushInputs();
      shortcut(history, toolbar);
    },
    { capture: true },
  );
}

function listenForLeaving(sync: PlanSync): void {
  window.addEventListener("beforeunload", (event) => {
    sync.flush();
    if (sync.unsaved) event.preventDefault();
  });
  window.addEventListener("pagehide", () => sync.close());
  // A page taken back from the browser's memory has lost its line.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) window.location.reload();
  });
}

async function main(): Promise<void> {
  const config = JSON.parse(byId("plan-config").textContent) as PlanConfig;
  const host = byId("write");
  const doc = new Y.Doc();
  const plan = new Plan(doc);
  const presence = new Presence(doc, config.person, config.colors);
  const sync = new PlanSync({
    doc,
    awareness: presence.awareness,
    line: openLine(),
    copy: await openCopy(config),
    plan: config.plan,
    schema: SCHEMA_NUMBER,
    role: config.role,
    around: keepStill(),
  });
  listenForLeaving(sync);
  const patience = setTimeout(() => byId("write-waiting").removeAttribute("hidden"), PATIENCE);
  await sync.ready;
  clearTimeout(patience);

  const history = new History(plan, (place) => {
    if ("step" in place) sheet.steps.reveal(place.step);
    else fields.goTo(place);
  });
  const fields = new Fields({ plan, sync, presence, history });
  const sheet = new Sheet(plan, fields, config);
  const toolbar = new Toolbar(fields);
  const outline = new Outline(presence);
  const title = element("h1", {});
  const showTitle = () => {
    title.textContent = plan.title || _("未命名教案");
    document.title = `${title.textContent} · ${_("同课")}`;
  };
  plan.meta.observe(showTitle);
  showTitle();
  sheet.onChange(() => outline.show(sheet.outline()));
  sync.onChange(() => fields.setEditable(sync.mayWrite));
  listenForKeys(history, toolbar);

  host.replaceChildren(
    element(
      "div",
      { class: "write-bars" },
      element(
        "div",
        { class: "write-head" },
        outline.opener,
        element("div", { class: "write-title" }, title, element("span", { class: "tag", title: config.rights }, config.rights)),
        saveStateView(plan, config, sync),
        peopleView(presence, (place) => sheet.nameOf(place), (place) => sheet.goTo(place)),
        element("a", { class: "btn btn-sm", href: config.urls.read }, icon("eye"), element("span", {}, _("阅读"))),
        pageMenu(plan, config),
      ),
      toolbar.dom,
      noticeView(plan, config, sync),
    ),
    outline.dom,
    sheet.dom,
  );
  host.removeAttribute("aria-busy");
  outline.show(sheet.outline());
}

void main();
