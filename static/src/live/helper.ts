// The helper's phone: everything for one's own classroom, in reach of a thumb.

import { byId, element } from "../shared/dom";
import { icon } from "../shared/icons";
import { _ } from "../shared/words";
import { Asking } from "./helper_asking";
import { ChatView } from "./helper_chat";
import { CheckView } from "./helper_check";
import { HandsView } from "./helper_hands";
import { PeopleView } from "./helper_people";
import { RollView } from "./helper_roll";
import { SeenView, StepView, TakeoverView, TroubleView } from "./helper_seen";
import { classroomOf, nameOf } from "./helper_words";
import type { Config } from "./protocol";
import { PhoneFrame } from "./phone_frame";
import { enterRoom } from "./room";
import { eachSecond } from "./timer";

const config = JSON.parse(byId("room-config").textContent) as Config;
const place = byId("helper");
const own = classroomOf(config, config.me.classroom);
const mine = config.me.classroom ?? 0;
const room = enterRoom(config);
const asking = new Asking(room, () => show());

const frame = new PhoneFrame(place, room, config, own ? nameOf(own) : "", _("到场、举手和小测都已记下。缺席的名单还可以再改。"));
const step = new StepView(config.run_sheet, own?.campus.code ?? "");
const seen = new SeenView(mine, asking);
const check = new CheckView(config.pupils, own?.pupils ?? 0, mine, asking);
const takeover = new TakeoverView(config.run_sheet, mine, asking);
const trouble = new TroubleView(mine, asking);
const roll = new RollView(config.pupils, mine, asking);
const hands = new HandsView(config.pupils, mine, asking);
const chat = new ChatView(config, asking, true);
const people = new PeopleView(config);
const views = [seen, check, takeover, trouble, roll, hands, chat, people];

let readMessages = 0;

const TABS: readonly [string, string, () => SVGElement, HTMLElement[]][] = [
  ["lesson", _("课堂"), () => icon("presentation"), [check.element, step.element, seen.element, trouble.element, takeover.element]],
  ["roll", _("点名"), () => icon("list-check"), [roll.element]],
  ["hands", _("举手"), () => icon("hand-stop"), [hands.element]],
  ["chat", _("主讲"), () => icon("message"), [chat.element, people.element]],
];

/** On a phone one tab at a time; on a wide screen all of them side by side. */
function choose(name: string): void {
  place.dataset["tab"] = name;
  for (const button of place.querySelectorAll<HTMLElement>(".phone-tabs button")) {
    button.toggleAttribute("aria-current", button.dataset["tab"] === name);
  }
  window.scrollTo(0, 0);
}

const tabs = element("nav", { class: "phone-tabs", "aria-label": _("助教工具") }, ...TABS.map(([name, words, picture]) =>
  element("button", { type: "button", "data-tab": name, onclick: () => { choose(name); show(); } }, picture(), element("span", {}, words), element("span", { class: "phone-news", hidden: true }, _("新"))),
));
const body = element("div", { class: "phone-body" }, ...TABS.map(([name, , , parts]) => element("div", { class: "phone-tab", "data-tab": name }, ...parts)));

place.append(...frame.parts, body, tabs);
choose("lesson");

function lineInWords(): string {
  const trouble = room.lineInWords;
  if (!trouble) return room.waiting > 0 ? _("正在发送…") : "";
  return room.waiting > 0 ? _("{trouble}；{n} 件事连上后自动补发", { trouble, n: room.waiting }) : trouble;
}

/** What has come on a tab that is not looked at. */
function showNews(): void {
  const { check: asked, chat: said } = room.state;
  if (place.dataset["tab"] === "chat") readMessages = said.messages.length;
  const counted = asked === null || asked.counts[String(mine)] !== undefined;
  const news: Readonly<Record<string, boolean>> = { lesson: !counted, chat: said.messages.length > readMessages };
  for (const button of tabs.querySelectorAll<HTMLElement>("button")) {
    const { tab = "" } = button.dataset;
    const mark = button.querySelector<HTMLElement>(".phone-news");
    if (mark) mark.hidden = !news[tab] || place.dataset["tab"] === tab;
  }
}

function show(): void {
  const { state } = room;
  const now = room.now();
  showNews();
  frame.show(state, now, lineInWords());
  step.show(state, now);
  for (const view of views) view.show(state);
}

room.subscribe(show);
eachSecond(show);
show();
