/** 录像: always said whether it runs; begun and ended by the lead, who says whether everybody has agreed. */

import { openDialog } from "../shared/dialog";
import { element } from "../shared/dom";
import { toast } from "../shared/toast";
import { turn, type Release } from "../shared/turns";
import { _ } from "../shared/words";
import type { Media } from "./media/types";
import type { State } from "./protocol";
import { canRecord, startRecording, type Recorder } from "./recorder";
import type { Room } from "./room";

/** So many milliseconds are waited for a turn that no other window has. */
const PATIENCE = 300;

export class RecordingButton {
  readonly element = element("button", { type: "button", class: "lead-recording", onclick: () => this.pressed() });
  private media: Media | null = null;
  private recorder: Recorder | null = null;
  private toldBroken = false;

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
    if (recording.state === "on" && !this.recorder && this.isAlone()) void this.sayBroken();
  }

  /** Whether no other window of the lead's is in the room, so that only this one could record. */
  private isAlone(): boolean {
    const leads = Object.values(this.room.state.people).filter(({ role }) => role === "lead");
    return this.room.connection === "joined" && leads.length === 1;
  }

  /** The window that recorded was closed: nobody shall believe that it still does. */
  private async sayBroken(): Promise<void> {
    if (this.toldBroken) return;
    this.toldBroken = true;
    const release = await takeTurn(this.room.session);
    if (!release) return;
    release();
    try {
      await this.room.do("recording", { state: "failed", why: _("录像的窗口关了，录像停了，课堂记录照常保存。") });
    } catch {
      return; // another window was quicker
    }
    toast(_("录像的窗口关了，录像停在那里。点上面的“录制中断”可以接着录。"));
  }

  private pressed(): void {
    if (this.recorder?.phase === "recording") this.askToStop(this.recorder);
    else if (this.recorder?.phase !== "sending") void this.askToBegin();
  }

  private async askToBegin(): Promise<void> {
    const stream = this.media?.local.main;
    if (!stream || !canRecord()) {
      toast(_("没有可以录的画面和声音。课堂记录（环节、课件、板书、发言）照常保存，课后可以回放。"));
      return;
    }
    const release = await takeTurn(this.room.session);
    if (!release) {
      toast(_("另一个窗口正在录这节课，这里不用再录。"));
      return;
    }
    const consent = element("input", { type: "checkbox", class: "form-check-input", id: "record-consent" });
    const agree = element("label", { for: "record-consent" }, consent, " ", _("出镜的师生和家长都已同意录像"));
    let begun = false;
    openDialog({
      title: _("录下这节课？"),
      body: element("div", {}, element("p", {}, _("录本教室的画面和声音，边录边上传，课后成为课堂实录，先只有您能看。")), agree),
      accept: _("开始录制"),
      accepted: () => {
        begun = true;
        this.begin(startRecording(this.room, stream, consent.checked), release);
        return true;
      },
      closed: () => {
        if (!begun) release();
      },
    });
  }

  private begin(recorder: Recorder, release: Release): void {
    this.recorder = recorder;
    recorder.addEventListener("change", () => {
      if (recorder.phase === "done" || recorder.phase === "failed" || recorder.phase === "elsewhere") release();
      if (recorder.phase === "elsewhere") this.yieldTo(recorder);
      this.show(this.room.state);
    });
  }

  /** Another computer records: here stands only what the room says of that. */
  private yieldTo(recorder: Recorder): void {
    if (this.recorder !== recorder) return;
    this.recorder = null;
    toast(recorder.words);
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

/** Lets one window of this browser record a session at a time. Answers with what gives the turn back, or null while another has it. */
function takeTurn(session: string): Promise<Release | null> {
  return turn(`tongke:recording:${session}`, AbortSignal.timeout(PATIENCE)).catch(() => null);
}
