// The bell of every page: while the page is in sight it asks once a minute for news, counts them, and shouts what is urgent.

import { element } from "./dom";
import { icon } from "./icons";
import { _ } from "./words";

interface Urgent {
  text: string;
  url: string;
  read: string;
}

interface News {
  count: number;
  mark: string;
  urgent: Urgent[];
}

const PAUSE = 55_000; // so that what is urgent is seen within a minute

const bell = document.querySelector<HTMLElement>("[data-bell]");
const shouts = element("div", { class: "shouts", "aria-live": "assertive" });
let asked = Date.now();

function count(shown: HTMLElement, unread: number): void {
  const badge = shown.querySelector<HTMLElement>(".bell-count");
  if (!badge) return;
  badge.hidden = unread === 0;
  badge.replaceChildren(
    element("span", { "aria-hidden": "true" }, unread > 99 ? "99+" : String(unread)),
    element("span", { class: "visually-hidden" }, _("{n} 条未读", { n: unread })),
  );
}

function shout(urgent: Urgent): void {
  const note = element("div", { class: "shout" }, icon("alert-circle"), element("a", { href: urgent.url }, urgent.text));
  const close = element("button", { class: "message-close", type: "button", "aria-label": _("知道了，不再提醒这一条") }, icon("x"));
  close.addEventListener("click", () => {
    note.remove();
    const token = document.querySelector<HTMLMetaElement>("meta[name=csrf-token]")?.content ?? "";
    void fetch(urgent.read, { method: "POST", headers: { "X-CSRFToken": token } })
      .then(ask)
      .catch(() => undefined); // it stays unread, and is shown again with the next page
  });
  note.append(close);
  shouts.append(note);
}

async function ask(): Promise<void> {
  if (!bell) return;
  asked = Date.now();
  const address = `${bell.dataset["bell"] ?? ""}?mark=${encodeURIComponent(bell.dataset["mark"] ?? "")}`;
  const answer = await fetch(address, { headers: { Accept: "application/json" } });
  if (answer.status !== 200 || answer.redirected) return;
  const news = (await answer.json()) as News;
  bell.dataset["mark"] = news.mark;
  count(bell, news.count);
  news.urgent.reverse().forEach(shout);
}

function askNow(): void {
  ask().catch(() => undefined); // the line is down for a moment: asked again in a minute
}

if (bell) {
  document.body.append(shouts);
  if (bell.dataset["urgent"] !== undefined) {
    bell.dataset["mark"] = "";
    askNow();
  }
  setInterval(() => {
    if (!document.hidden && Date.now() - asked >= PAUSE) askNow();
  }, 5_000);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && Date.now() - asked >= PAUSE) askNow();
  });
}
