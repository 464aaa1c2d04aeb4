// A pupil at home: the stage, the task, one's own hand. No camera, and nobody to write to alone.

import { byId, element } from "../shared/dom";
import { icon } from "../shared/icons";
import { _ } from "../shared/words";
import { Asking } from "./helper_asking";
import { ChatView } from "./helper_chat";
import { written } from "./helper_seen";
import { PicturesView, speakerInWords } from "./observer_pictures";
import { Pack } from "./pack";
import type { Check, Config } from "./protocol";
import { PhoneFrame } from "./phone_frame";
import { enterRoom } from "./room";
import { stepOf, titleOf } from "./run_sheet";
import { Stage } from "./stage";
import { eachSecond, left } from "./timer";

const config = JSON.parse(byId("room-config").textContent) as Config;
const place = byId("pupil");
const room = enterRoom(config);
const pack = new Pack(config.session.code, config.urls);
const asking = new Asking(room, () => show());

const stage = new Stage({ steps: config.run_sheet.steps, source: pack.source, now: () => room.now() });
const pictures = new PicturesView(room, config);
const chat = new ChatView(config, asking, false);
const frame = new PhoneFrame(place, room, config, config.me.name, _("同学们再见。"));

const speaking = element("p", { class: "observer-speaks", role: "status" });
const timer = element("p", { class: "pupil-timer", hidden: true });
const title = element("h2", {});
const task = element("div", {});
const question = element("section", { class: "phone-card phone-check", hidden: true });
const hand = element("button", { type: "button", class: "btn phone-big pupil-hand", onclick: () => press() });
let up = false;
let step: string | null | undefined;
let check: Check | null = null;

function press(): void {
  const { pupil } = config.me;
  if (pupil !== null) void asking.ask("hand", { up: !up, pupil }, "hand", !up);
}

function showHand(): void {
  const { pupil, classroom } = config.me;
  const hands = room.state.hands[String(classroom)] ?? [];
  const now = asking.wished("hand", hands.some((each) => each.pupil === pupil));
  if (now === up && hand.childElementCount > 0) return;
  up = now;
  hand.setAttribute("aria-pressed", String(up));
  hand.replaceChildren(icon("hand-stop"), up ? _("放下手") : _("举手"));
}

function showTask(): void {
  const { state } = room;
  if (state.step === step) return;
  step = state.step;
  const running = stepOf(config.run_sheet, state.step);
  title.textContent = running ? titleOf(config.run_sheet, running) : _("马上开始");
  task.replaceChildren(...(running?.pupils ? [written(running.pupils)] : []));
}

function showCheck(): void {
  const asked = room.state.check;
  question.hidden = asked === null;
  if (!asked || asked.id === check?.id) return;
  check = asked;
  question.replaceChildren(
    element("h2", {}, _("小测")),
    ...(asked.question ? [element("p", { class: "phone-question" }, asked.question)] : []),
    element("ul", { class: "pupil-options" }, ...asked.options.map((option) => element("li", {}, option))),
    element("p", { class: "hint" }, _("把答案写在本子上，老师会对答案。")),
  );
}

place.append(
  ...frame.parts,
  element(
    "div",
    { class: "observer-body pupil-body" },
    element("div", { class: "observer-see" }, element("div", { class: "observer-stage" }, stage.element), speaking, pictures.element),
    element("div", { class: "phone-tab" }, question, element("section", { class: "phone-card" }, title, timer, task), hand, chat.element),
  ),
);

function show(): void {
  const { state } = room;
  const now = room.now();
  frame.show(state, now, room.lineInWords);
  timer.hidden = state.timer === null;
  timer.textContent = state.timer ? left(state.timer.ends, now) : "";
  speaking.textContent = speakerInWords(config, state);
  stage.show(state);
  pictures.show(state);
  chat.show(state);
  showHand();
  showTask();
  showCheck();
}

room.subscribe(show);
room.onWave((wave) => stage.wave(wave));
eachSecond(show);
show();
