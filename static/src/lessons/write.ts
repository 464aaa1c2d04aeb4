/** The writing page of a plan: puts its parts together. */

import "../../css/editor.scss";

import { byId, element } from "../shared/dom";
import { icon } from "../shared/icons";
import { openMenu } from "../shared/menu";
import { _ } from "../shared/words";
import type { PlanConfig } from "./config";
import { warmUp } from "./field";
import { Fields } from "./fields";
import { History } from "./history";
import { flushInputs } from "./inputs";
import { config, doc, opening, presence } from "./opening";
import { Outline } from "./outline";
import { peopleView } from "./people";
import { Plan } from "./plan";
import { exportPlan } from "./plan_text";
import { noticeView, saveStateView } from "./save_state";
import { Sheet } from "./sheet";
import { showShortcuts } from "./shortcuts";
import type { PlanSync } from "./sync";
import { Toolbar } from "./toolbar";

/** After that long without a document the page says that it is waiting for the line. */
const PATIENCE = 4_000;

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
  const host = byId("write");
  const plan = new Plan(doc);
  const sync = await opening;
  listenForLeaving(sync);
  warmUp();
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
  // Refused before it came, a plan would look as if nothing stood in it: then only its name and the reason are shown.
  const came = plan.meta.size > 0;
  const title = element("h1", {}, document.title.replace(/ · [^·]*$/, ""));
  const showTitle = () => {
    title.textContent = plan.title || _("未命名教案");
    document.title = `${title.textContent} · ${_("同课")}`;
  };
  plan.meta.observe(showTitle);
  if (came) showTitle();
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
  for (const part of [outline.opener, outline.dom, sheet.dom]) part.hidden = !came;
  host.removeAttribute("aria-busy");
  outline.show(sheet.outline());
}

void main();
