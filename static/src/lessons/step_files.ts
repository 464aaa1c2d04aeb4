/** 附件: the files at one step of the lesson, those on their way, and how to add more. */

import { element } from "../shared/dom";
import { icon } from "../shared/icons";
import { openMenu } from "../shared/menu";
import { toast } from "../shared/toast";
import { _ } from "../shared/words";
import { chooseResource } from "./choose_resource";
import type { PlanFile } from "./config";
import { planFiles } from "./plan_files";
import { Sending, shareInWords, sizeInWords } from "./sending";

export class StepFiles {
  /** The row of the step's card; hidden while there is nothing in it. */
  readonly dom: HTMLElement;
  private readonly list = element("ul", { class: "plan-files" });
  private sendings: Sending[] = [];
  private writing = false;

  constructor(private readonly step: string) {
    this.dom = element("div", { class: "step-row", hidden: true }, element("span", { class: "step-label" }, _("附件")), this.list);
    planFiles.onChange(() => this.draw());
  }

  show(writing: boolean): void {
    this.writing = writing;
    this.draw();
  }

  /** Asks at that button where the file comes from. */
  offer(button: HTMLElement): void {
    openMenu(button, _("附件"), [
      { label: _("上传文件"), icon: icon("upload"), run: () => this.pick() },
      { label: _("从资源库选"), icon: icon("books"), run: () => chooseResource((resource) => planFiles.attach(resource, this.step)) },
    ]);
  }

  /** Files that are dropped on the card are put here; pictures that are dropped on a text stay there. */
  takeDrops(card: HTMLElement, mayWrite: () => boolean): void {
    const brings = (event: DragEvent) => mayWrite() && event.dataTransfer?.types.includes("Files");
    card.addEventListener("dragover", (event) => {
      if (!brings(event)) return;
      event.preventDefault();
      card.classList.add("takes-files");
    });
    for (const name of ["dragleave", "drop"] as const) card.addEventListener(name, () => card.classList.remove("takes-files"));
    card.addEventListener("drop", (event) => {
      if (event.defaultPrevented || !brings(event)) return;
      event.preventDefault();
      event.stopPropagation();
      this.send([...(event.dataTransfer?.files ?? [])]);
    });
  }

  private pick(): void {
    const input = element("input", { type: "file", multiple: true });
    input.addEventListener("change", () => this.send([...(input.files ?? [])]));
    input.click();
  }

  private send(files: readonly File[]): void {
    for (const file of files) {
      const sending = new Sending(file, { step: this.step });
      this.sendings.push(sending);
      sending.onChange(() => {
        if (sending.resource !== null) this.forget(sending);
        else this.draw();
      });
      void sending.start();
    }
  }

  private forget(sending: Sending): void {
    this.sendings = this.sendings.filter((each) => each !== sending);
    this.draw();
  }

  private draw(): void {
    const files = planFiles.atStep(this.step);
    this.dom.hidden = files.length === 0 && this.sendings.length === 0;
    this.list.replaceChildren(...files.map((file) => this.fileRow(file)), ...this.sendings.map((sending) => this.sendingRow(sending)));
  }

  private fileRow(file: PlanFile): HTMLElement {
    const remove = element("button", { type: "button", class: "remove-file", title: _("移走“{name}”", { name: file.name }), onclick: () => void this.remove(file) }, icon("x"));
    remove.setAttribute("aria-label", remove.title);
    return element(
      "li",
      {},
      element("a", { href: `${planFiles.address(file.resource)}?download=1`, download: true }, icon(file.picture ? "photo" : "file"), element("span", {}, file.name)),
      element("span", { class: "hint" }, sizeInWords(file.size)),
      this.writing ? remove : null,
    );
  }

  private sendingRow(sending: Sending): HTMLElement {
    const { name } = sending.file;
    const gone = element("button", { type: "button", class: "btn btn-sm", onclick: () => this.forget(sending) }, _("移除"));
    if (sending.trouble !== null) {
      const again = element("button", { type: "button", class: "btn btn-sm btn-primary", onclick: () => void sending.start() }, _("重试"));
      return element("li", { class: "trouble", role: "alert" }, icon("alert-triangle"), element("span", {}, sending.trouble), again, gone);
    }
    const bar = element("progress", { max: "1", value: String(sending.share), "aria-label": _("正在上传“{name}”", { name }) });
    return element("li", {}, icon("file"), element("span", {}, name), bar, element("span", { class: "hint" }, shareInWords(sending.share)));
  }

  private async remove(file: PlanFile): Promise<void> {
    try {
      await planFiles.detach(file.resource, this.step);
    } catch (problem) {
      toast((problem as Error).message);
      return;
    }
    toast(_("“{name}”已移走，它仍在资源库里。", { name: file.name }), { label: _("撤销"), run: () => void this.bringBack(file) });
  }

  private async bringBack(file: PlanFile): Promise<void> {
    try {
      await planFiles.attach(file.resource, this.step);
    } catch (problem) {
      toast((problem as Error).message);
    }
  }
}
