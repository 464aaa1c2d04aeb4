/** 聊天, for the lead: everybody's lines, private ones to the lead marked, and the rules. */

import { element } from "../shared/dom";
import { icon } from "../shared/icons";
import { _ } from "../shared/words";
import type { ClassroomOfSession, Message, State } from "./protocol";
import type { Room } from "./room";
import { hour } from "./timer";

/** Who says a line, as the others are told: a pupil is known by the classroom only. */
export function speaker(message: Message, classrooms: readonly ClassroomOfSession[]): string {
  const classroom = classrooms.find((each) => each.id === message.classroom);
  const place = classroom ? `${classroom.campus.name} ${classroom.class}`.trim() : "";
  return [message.name, place].filter(Boolean).join(" · ") || _("教室");
}

export class ChatView {
  readonly element = element("div", { class: "drawer-body" });
  readonly form: HTMLFormElement;
  private readonly list = element("ul", { class: "talk" });
  private readonly empty = element("p", { class: "drawer-empty" }, _("还没有人发言。这里的话所有教室都能看到，助教也可以单独发给您。"));
  private readonly field = element("input", { class: "form-control", maxlength: 500, autocomplete: "off", "aria-label": _("说一句话"), placeholder: _("说给所有教室…") });
  private readonly pause = element("button", { type: "button", class: "btn btn-sm", onclick: () => this.togglePause() });
  private shown: readonly Message[] = [];

  constructor(
    private readonly room: Room,
    private readonly classrooms: readonly ClassroomOfSession[],
    private readonly language: string,
    private readonly refused: (reason: unknown) => void,
  ) {
    this.element.append(this.empty, this.list);
    const send = (event: Event) => {
      event.preventDefault();
      this.say();
    };
    this.form = element("form", { onsubmit: send }, this.field, element("button", { type: "submit", class: "btn btn-primary" }, _("发送")));
  }

  /** The button that pauses everybody else. */
  get tools(): HTMLElement {
    return this.pause;
  }

  show({ chat }: State): void {
    this.pause.textContent = chat.paused ? _("恢复聊天") : _("暂停聊天");
    this.pause.setAttribute("aria-pressed", String(chat.paused));
    if (chat.messages === this.shown) return;
    this.shown = chat.messages;
    this.empty.hidden = chat.messages.length > 0;
    const atEnd = this.element.scrollHeight - this.element.scrollTop - this.element.clientHeight < 60;
    this.list.replaceChildren(...chat.messages.map((message) => this.line(message)));
    if (atEnd) this.element.scrollTop = this.element.scrollHeight;
  }

  private line(message: Message): HTMLElement {
    const private_ = message.to === "lead";
    const who = `${speaker(message, this.classrooms)} · ${hour(message.at, this.language)}${private_ ? ` · ${_("只发给您")}` : ""}`;
    const remove = element(
      "button",
      { type: "button", title: _("撤下这句话"), "aria-label": _("撤下这句话"), onclick: () => void this.room.do("chat_removed", { id: message.id }).catch(this.refused) },
      icon("x"),
    );
    return element("li", {}, element("small", { class: private_ ? "private" : null }, who), message.text, remove);
  }

  private say(): void {
    const text = this.field.value.trim();
    if (!text) return;
    this.field.value = "";
    const id = crypto.getRandomValues(new Uint32Array(2)).join("");
    this.room.do("chat", { id, text, to: "all" }).catch((reason: unknown) => {
      this.field.value ||= text;
      this.refused(reason);
    });
  }

  private togglePause(): void {
    this.room.do("chat_paused", { paused: !this.room.state.chat.paused }).catch(this.refused);
  }
}
