/** 巡课: one remark about the lesson, which the heads of the campuses read. */

import { element } from "../shared/dom";
import { _ } from "../shared/words";
import type { Config } from "./protocol";

export class RemarkView {
  readonly element: HTMLElement;
  private readonly field = element("textarea", { class: "form-control", rows: 3, maxlength: 600, "aria-label": _("巡课意见"), placeholder: _("可以写一条意见，校区负责人看得到") });
  private readonly said = element("p", { class: "hint", role: "status" }, _("您在这里只看不说：各教室的名单里写着您在巡课。"));

  constructor(private readonly config: Config) {
    this.element = element(
      "section",
      { class: "phone-card", "aria-labelledby": "remark-title" },
      element("h2", { id: "remark-title" }, _("巡课")),
      this.field, this.said,
      element("button", { type: "button", class: "btn btn-primary phone-big", onclick: () => void this.keep() }, _("记下意见")),
    );
  }

  private async keep(): Promise<void> {
    const text = this.field.value.trim();
    if (!text) { this.field.focus(); return; }
    const answer = await this.send(text).catch(() => null);
    this.said.textContent = answer ?? _("网络断开了，还没有记下。连上后请再点一次。");
  }

  /** What came of it, as a sentence. Rejects without a line. */
  private async send(text: string): Promise<string> {
    const token = document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
    const answer = await fetch(`/live/${this.config.session.code}/patrol`, {
      method: "POST",
      headers: { Accept: "application/json", "X-CSRFToken": token },
      body: new URLSearchParams({ note: text }),
      redirect: "manual", // to the page after the lesson, which is not wanted here
    });
    if (answer.type === "opaqueredirect" || answer.ok) return _("已记下，可以再改。");
    const { message } = (await answer.json()) as { message?: string };
    return message ?? _("没有记下来，请再试一次。");
  }
}
