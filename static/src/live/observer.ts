// Those who look on: 听课 with notes by step, 巡课 with one remark, 导播 with the layout.

import { byId, element } from "../shared/dom";
import { toast } from "../shared/toast";
import { _ } from "../shared/words";
import { Asking } from "./helper_asking";
import { PeopleView } from "./helper_people";
import { roleInWords } from "./helper_words";
import { DirectingView } from "./observer_directing";
import { NoteBook, NoteRefused, type Post } from "./observer_notes";
import { PicturesView, speakerInWords } from "./observer_pictures";
import { PlanView } from "./observer_plan";
import { RemarkView } from "./observer_remark";
import { Pack } from "./pack";
import type { Config } from "./protocol";
import { PhoneFrame } from "./phone_frame";
import { enterRoom } from "./room";
import { Stage } from "./stage";
import { eachSecond } from "./timer";

const config = JSON.parse(byId("room-config").textContent) as Config;
const place = byId("observer");
const { role } = config.me;
const room = enterRoom(config);
const pack = new Pack(config.session.code, config.urls);
const asking = new Asking(room, () => show());

const post: Post = async (address, body) => {
  const token = document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
  const answer = await fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token },
    body: JSON.stringify(body),
  });
  const said = (await answer.json().catch(() => ({}))) as Readonly<{ id?: number; message?: string }>;
  if (answer.ok) return said;
  if (answer.status >= 400 && answer.status < 500) throw new NoteRefused(said.message ?? _("没有记下来，请再试一次。"));
  throw new Error(String(answer.status));
};

const book = role === "observer"
  ? new NoteBook(`live:notes:${config.session.code}:${config.me.person ?? 0}`, config.urls.notes, post, localStorage, () => plan.showNotes(), toast)
  : null;
const plan: PlanView = new PlanView(config, book, () => room.now());
const stage = new Stage({ steps: config.run_sheet.steps, source: pack.source, now: () => room.now(), sound: false });
const pictures = new PicturesView(room, config);
const people = new PeopleView(config);
const directing = role === "director" ? new DirectingView(config, pictures, asking, () => show()) : null;
const remark = role === "patrol" ? new RemarkView(config) : null;
const frame = new PhoneFrame(place, room, config, roleInWords(role), book ? _("听课记录都在课后页面，可以接着写，写好了再分享。") : _("课堂已经结束。"));

const speaking = element("p", { class: "observer-speaks", role: "status" });

place.append(
  ...frame.parts,
  element(
    "div",
    { class: "observer-body" },
    element("div", { class: "observer-see" }, element("div", { class: "observer-stage" }, stage.element), speaking, pictures.element, directing?.element, remark?.element, people.element),
    plan.element,
  ),
);
plan.showNotes();
void book?.send(); // what an earlier page could not send

function lineInWords(): string {
  const waitingNotes = book?.unsent ?? 0;
  if (room.lineInWords && waitingNotes > 0) return _("{trouble}；{n} 条记录连上后自动发送", { trouble: room.lineInWords, n: waitingNotes });
  return room.lineInWords;
}

function show(): void {
  const { state } = room;
  const now = room.now();
  frame.show(state, now, lineInWords());
  speaking.textContent = speakerInWords(config, state);
  stage.show(state);
  plan.show(state, now);
  pictures.show(state);
  people.show(state);
  directing?.show(state);
}

room.subscribe(show);
room.onWave((wave) => stage.wave(wave));
window.addEventListener("online", () => void book?.send());
eachSecond(show);
show();
