/** Messages: all that this screen may see, and a line to write. Pupils write to everybody, adults also to the lead alone. */

import { element } from "../shared/dom";
import { icon } from "../shared/icons";
import { _ } from "../shared/words";
import { newName, type Asking } from "./helper_asking";
import { classroomOf, nameOf } from "./helper_words";
import type { Config, Message, State } from "./protocol";
import { hour } from "./timer";

const LONGEST = 500;

export class ChatView {
  readonly element: HTMLElement;
  private readonly list = element("ol", { class: "phone-messages", "aria-live": "polite" });
  private readonly field: HTMLInputElement;
  private readonly send = element("button", { type: "submit", class: "btn btn-primary phone-send", "aria-label": _("发送") }, icon("send"));
  private readonly paused = element("p", { class: "hint", role: "status", hidden: true }, _("老师暂停了聊天。"));
  private readonly to: HTMLSelectElement | null;
  private shown: readonly Message[] | null = null;

  /** `privately`: a word to the lead alone may be sent, and is what is offered first. */
  constructor(
    private readonly config: Config,
    private readonly asking: Asking,
    privately: boolean,
  ) {
    this.field = element("input", { type: "text", class: "form-control", maxlength: LONGEST, autocomplete: "off", "aria-label": _("写一句话"), placeholder: _("写一句话") });
    this.to = privately
      ? element("select", { class: "form-select", "aria-label": _("发给谁") }, element("option", { value: "lead" }, _("只给主讲")), element("option", { value: "all" }, _("给所有人")))
      : null;
    const form = element(
      "form",
      { class: "phone-write", onsubmit: (event: Event) => { event.preventDefault(); this.say(); } },
      this.to, this.field, this.send,
    );
    this.element = element(
      "section",
      { class: "phone-card phone-chat", "aria-labelledby": "chat-title" },
      element("h2", { id: "chat-title" }, privately ? _("和主讲说一句") : _("聊天")),
      this.list, this.paused, form,
    );
  }

  show(state: State): void {
    const closed = state.chat.paused && this.to?.value !== "lead";
    this.paused.hidden = !state.chat.paused;
    this.field.disabled = closed && this.to === null;
    this.send.disabled = closed && this.to === null;
    if (this.shown === state.chat.messages) return;
    this.shown = state.chat.messages;
    const messages = this.shown.map((message) => this.message(message));
    this.list.replaceChildren(...(messages.length > 0 ? messages : [element("li", { class: "muted" }, _("还没有人说话。"))]));
    this.list.scrollTop = this.list.scrollHeight;
  }

  private message(message: Message): HTMLElement {
    const classroom = classroomOf(this.config, message.classroom);
    const from = [message.name, classroom ? nameOf(classroom) : ""].filter(Boolean).join(" · ");
    const own = message.by !== null && message.by === this.config.me.person;
    return element(
      "li",
      { class: own ? "phone-mine" : "" },
      element("span", { class: "hint" }, `${from || _("学生")} ${hour(message.at, this.config.language)}${message.to === "lead" ? ` · ${_("只给主讲")}` : ""}`),
      element("span", {}, message.text),
    );
  }

  private say(): void {
    const text = this.field.value.trim();
    if (!text) return;
    this.field.value = "";
    const to = this.to?.value === "lead" ? "lead" : "all";
    void this.asking.ask("chat", { id: newName(), text, to }).then((done) => {
      if (!done && !this.field.value) this.field.value = text;
    });
  }
}
