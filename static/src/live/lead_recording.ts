/** 录像: always said whether it runs; begun and ended by the lead, who says whether everybody has agreed. */

import { openDialog } from "../shared/dialog";
import { element } from "../shared/dom";
import { toast } from "../shared/toast";
import { _ } from "../shared/words";
import type { Media } from "./media/types";
import type { State } from "./protocol";
import { canRecord, startRecording, type Recorder } from "./recorder";
import type { Room } from "./room";

export class RecordingButton {
  readonly element = element("button", { type: "button", class: "lead-recording", onclick: () => this.pressed() });
  private media: Media | null = null;
  private recorder: Recorder | null = null;

  constructor(private readonly room: Room) {}

  /** The sound and pictures that are recorded. */
  use(media: Media): void {
    this.media = media;
    media.on("local", ({ main }) => {
      if (main) this.recorder?.replace(main);
    });
  }

  show({ recording, phase }: State): void {
    const words = { on: _("录制中"), off: _("未录制"), failed: _("录制中断") };
    const said = this.recorder?.words ?? words[recording.state];
    if (this.element.textContent !== said) this.element.textContent = said;
    this.element.dataset["state"] = recording.state;
    this.element.title = this.recorder?.trouble ?? recording.why;
    if (phase === "ended") void this.recorder?.stop();
  }

  private pressed(): void {
    if (this.recorder?.phase === "recording") this.askToStop(this.recorder);
    else if (this.recorder?.phase !== "sending") this.askToBegin();
  }

  private askToBegin(): void {
    const stream = this.media?.local.main;
    if (!stream || !canRecord()) {
      toast(_("没有可以录的画面和声音。课堂记录（环节、课件、板书、发言）照常保存，课后可以回放。"));
      return;
    }
    const consent = element("input", { type: "checkbox", class: "form-check-input", id: "record-consent" });
    const agree = element("label", { for: "record-consent" }, consent, " ", _("出镜的师生和家长都已同意录像"));
    openDialog({
      title: _("录下这节课？"),
      body: element("div", {}, element("p", {}, _("录本教室的画面和声音，边录边上传，课后成为课堂实录，先只有您能看。")), agree),
      accept: _("开始录制"),
      accepted: () => {
        this.recorder = startRecording(this.room, stream, consent.checked);
        this.recorder.addEventListener("change", () => this.show(this.room.state));
        return true;
      },
    });
  }

  private askToStop(recorder: Recorder): void {
    openDialog({
      title: _("停止录制？"),
      body: element("p", {}, _("已经录下的会继续上传。之后还可以再录一段。")),
      accept: _("停止录制"),
      accepted: () => {
        void recorder.stop();
        return true;
      },
    });
  }
}
