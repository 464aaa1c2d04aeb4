/** Pictures in the texts of a plan: pasted, dropped or picked, they stand there at once and become resources of the library. */

import type { Editor } from "@tiptap/core";
import type { Node } from "@tiptap/pm/model";
import { NodeSelection, Plugin, type Transaction } from "@tiptap/pm/state";
import type { EditorView, NodeView } from "@tiptap/pm/view";
import * as Y from "yjs";

import { openDialog } from "../shared/dialog";
import { element } from "../shared/dom";
import { icon } from "../shared/icons";
import { toast } from "../shared/toast";
import { _ } from "../shared/words";
import { doc } from "./opening";
import { newId, Plan } from "./plan";
import { planFiles } from "./plan_files";
import { IMAGE_WIDTHS } from "./schema";
import { Sending, shareInWords } from "./sending";

const TAKEN = ["image/png", "image/jpeg", "image/gif", "image/webp"];
/** What browsers call a picture that has no name of its own. */
const NAMELESS = /^(image|blob|unnamed|截图|屏幕截图|screenshot)?\.?(png|jpe?g|gif|webp|bmp)?$/i;
/** Origin of what fills a gap: nobody's edit, so nobody takes it back. */
const ARRIVED = Symbol("arrived");

interface Sent {
  readonly sending: Sending;
  /** The picture as it lies in this browser. */
  readonly address: string;
}

/** What was sent from this page, by the gap that waits for it. */
const sent = new Map<string, Sent>();

/** The pictures among what was pasted or dropped. */
function picturesAmong(files: FileList | undefined): File[] {
  return [...(files ?? [])].filter((file) => file.type.startsWith("image/"));
}

/** The picture in a form that every browser shows; fails with a sentence when this one cannot read it. */
async function presentable(file: File): Promise<File> {
  if (TAKEN.includes(file.type)) return file;
  try {
    const drawn = await createImageBitmap(file);
    const canvas = element("canvas", { width: drawn.width, height: drawn.height });
    canvas.getContext("2d")?.drawImage(drawn, 0, 0);
    const made = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
    if (made) return new File([made], `${file.name.replace(/\.\w+$/, "")}.png`, { type: "image/png" });
  } catch {
    // the sentence below says it
  }
  throw new Error(_("“{name}”这种图片浏览器打不开，请另存为 PNG 或 JPG 再放进来。", { name: file.name }));
}

function send(file: File): string {
  const gap = newId();
  const named = file.name && !NAMELESS.test(file.name);
  const plan = new Plan(doc).title || _("未命名教案");
  const title = named ? file.name.replace(/\.\w+$/, "") : _("《{plan}》的图片", { plan });
  const sending = new Sending(file, { picture: gap }, title);
  sent.set(gap, { sending, address: URL.createObjectURL(file) });
  sending.onChange(() => {
    if (sending.resource !== null) fillGap(gap, sending.resource);
  });
  void sending.start();
  return gap;
}

/** The server fills the gap too; here it is filled also when it was away for a while, taken back and brought again. */
function fillGap(gap: string, resource: string): void {
  for (const fragment of doc.share.values()) {
    if (!(fragment instanceof Y.XmlFragment)) continue;
    const waiting = [...fragment.createTreeWalker((child) => child instanceof Y.XmlElement && child.nodeName === "image")] as Y.XmlElement[];
    for (const image of waiting.filter((each) => each.getAttribute("upload") === gap)) {
      doc.transact(() => {
        image.setAttribute("resource", resource);
        image.removeAttribute("upload");
      }, ARRIVED);
    }
  }
}

/** Puts pictures where the cursor is, or at `position`. */
export async function insertPictures(editor: Editor, files: readonly File[], position?: number): Promise<void> {
  const taken: File[] = [];
  for (const file of files) {
    try {
      taken.push(await presentable(file));
    } catch (problem) {
      toast((problem as Error).message);
    }
  }
  if (taken.length === 0 || editor.isDestroyed) return;
  const images = taken.map((file) => ({ type: "image", attrs: { upload: send(file) } }));
  const { $to } = editor.state.selection;
  const last = position === undefined && $to.depth > 0 && $to.indexAfter($to.depth - 1) >= $to.node($to.depth - 1).childCount;
  const content = last ? [...images, { type: "paragraph" }] : images; // so that writing goes on below
  const chain = editor.chain().focus();
  (position === undefined ? chain.insertContent(content) : chain.insertContentAt(position, content)).run();
}

/** Asks for pictures of this device. */
export function pickPictures(editor: Editor): void {
  const input = element("input", { type: "file", accept: "image/*", multiple: true });
  input.addEventListener("change", () => void insertPictures(editor, [...(input.files ?? [])]));
  input.click();
}

/** Whether what was copied is a picture and not a text that brings a picture of itself along, as Word and Excel do. */
function isOnlyPicture(data: DataTransfer): boolean {
  const html = data.getData("text/html");
  if (html === "") return data.getData("text/plain").trim() === "";
  const { body } = new DOMParser().parseFromString(html.replace(/<style[\s\S]*?<\/style>/gi, ""), "text/html");
  return body.querySelector("table") === null && body.textContent.trim() === "";
}

/** Pictures that are copied from another plan come along, if the person may see them there. */
function bringAlong(node: Node): void {
  const resource = String(node.attrs["resource"] ?? "");
  if (node.type.name !== "image" || resource === "" || planFiles.has(resource)) return;
  planFiles.attach(resource).catch((problem: unknown) => toast(_("图片没有带过来：{reason}", { reason: (problem as Error).message })));
}

/** Takes pictures that are pasted or dropped, and shows those that stand in the text. */
export function picturesPlugin(editor: () => Editor | null, pauseHistory: () => void): Plugin {
  const take = (data: DataTransfer | null, position?: number): boolean => {
    const files = picturesAmong(data?.files);
    const made = editor();
    if (files.length === 0 || !made?.isEditable) return false;
    void insertPictures(made, files, position);
    return true;
  };
  return new Plugin({
    props: {
      nodeViews: { image: (node, view, getPos) => new PictureView(node, view, getPos, pauseHistory) },
      transformPasted(slice) {
        slice.content.descendants(bringAlong);
        return slice;
      },
      handlePaste: (_view, { clipboardData }) => clipboardData !== null && isOnlyPicture(clipboardData) && take(clipboardData),
      handleDrop(view, event, _slice, moved) {
        if (moved) return false;
        const at = view.posAtCoords({ left: event.clientX, top: event.clientY });
        if (!take(event.dataTransfer, at?.pos)) return false;
        event.stopPropagation(); // or the page would take the file too
        return true;
      },
      handleKeyDown(view, event) {
        const { selection } = view.state;
        if (event.key !== "Enter" || !(selection instanceof NodeSelection) || selection.node.type.name !== "image") return false;
        (view.nodeDOM(selection.from) as HTMLElement | null)?.querySelector<HTMLElement>(".picture-tools button")?.focus();
        return true;
      },
    },
  });
}

interface Picture {
  readonly resource: string;
  readonly alt: string;
  readonly width: number;
  readonly upload: string;
}

/** What a picture looks like now, without anything to work it by. */
function lookOf({ resource, alt, upload }: Picture, remove?: () => void): HTMLElement[] {
  const mine = upload ? sent.get(upload) : [...sent.values()].find(({ sending }) => sending.resource === resource);
  if (resource !== "" && (mine || planFiles.has(resource))) {
    return [element("img", { class: "picture", src: mine?.address ?? planFiles.address(resource), alt, draggable: "false" })];
  }
  const gone = remove ? element("button", { type: "button", class: "btn btn-sm", onclick: remove }, _("移除")) : null;
  if (resource !== "") return [element("p", { class: "picture-note" }, icon("photo-off"), element("span", {}, _("这张图片不在这份教案里，或者已被删除。"), alt), gone)];
  if (!mine) {
    return [element("p", { class: "picture-note" }, icon("photo-up"), element("span", {}, _("图片上传中")), gone)];
  }
  const { sending, address } = mine;
  const preview = element("img", { class: "picture arriving", src: address, alt, draggable: "false" });
  if (sending.trouble !== null) {
    const again = element("button", { type: "button", class: "btn btn-sm btn-primary", onclick: () => void sending.start() }, _("重试"));
    return [preview, element("p", { class: "picture-note trouble", role: "alert" }, icon("alert-triangle"), element("span", {}, sending.trouble), again, gone)];
  }
  const bar = element("progress", { max: "1", value: String(sending.share), "aria-label": _("图片上传中") });
  return [preview, element("p", { class: "picture-note" }, element("span", {}, _("图片上传中")), bar, element("span", {}, shareInWords(sending.share)))];
}

/** Shows the pictures of a text that no editor has open. */
export function showPictures(within: ParentNode): void {
  for (const image of within.querySelectorAll<HTMLImageElement>("img[data-resource]")) {
    const { resource = "", width = "100", upload = "" } = image.dataset;
    const box = element("div", { class: "picture-box", "data-width": width });
    const show = () => box.replaceChildren(...lookOf({ resource, alt: image.alt, width: Number(width), upload }));
    image.replaceWith(box);
    show();
  }
}

/** A picture in an editor: selected, it offers its width, its description and its removal. */
class PictureView implements NodeView {
  readonly dom: HTMLElement;
  private readonly look = element("div", { class: "picture-look" });
  private readonly tools: HTMLElement;
  private readonly unwatch: (() => void)[];

  constructor(
    private node: Node,
    private readonly view: EditorView,
    private readonly getPos: () => number | undefined,
    private readonly pauseHistory: () => void,
  ) {
    this.tools = element("div", { class: "picture-tools", role: "toolbar", "aria-label": _("图片"), hidden: true });
    this.dom = element("div", { class: "picture-box", contenteditable: "false" }, this.look, this.tools);
    const sending = sent.get(this.picture.upload)?.sending;
    this.unwatch = [planFiles.onChange(() => this.show()), sending?.onChange(() => this.show()) ?? (() => undefined)];
    if (sending?.resource) queueMicrotask(() => fillGap(this.picture.upload, sending.resource ?? ""));
    this.tools.addEventListener("keydown", (event) => this.keyInTools(event));
    // Its buttons are drawn anew when they are pressed; the page would take one that is gone for a press beside the text.
    this.dom.addEventListener("click", (event) => {
      if (this.stopEvent(event)) event.stopPropagation();
    });
    this.show();
  }

  update(node: Node): boolean {
    if (node.type !== this.node.type) return false;
    this.node = node;
    this.show();
    return true;
  }

  selectNode(): void {
    this.dom.classList.add("ProseMirror-selectednode");
    this.drawTools();
    this.tools.hidden = !this.view.editable;
  }

  deselectNode(): void {
    this.dom.classList.remove("ProseMirror-selectednode");
    this.tools.hidden = true;
  }

  stopEvent(event: Event): boolean {
    return event.target instanceof Element && event.target.closest("button") !== null;
  }

  ignoreMutation(): boolean {
    return true;
  }

  destroy(): void {
    for (const stop of this.unwatch) stop();
  }

  private get picture(): Picture {
    const { resource, alt, width, upload } = this.node.attrs;
    return { resource: String(resource), alt: String(alt), width: Number(width), upload: String(upload ?? "") };
  }

  private show(): void {
    this.dom.dataset["width"] = String(this.picture.width);
    this.look.replaceChildren(...lookOf(this.picture, this.view.editable ? () => this.remove() : undefined));
    if (!this.tools.hidden) this.drawTools();
  }

  private drawTools(): void {
    const { width, alt } = this.picture;
    const focused = [...this.tools.children].indexOf(document.activeElement as Element);
    const tool = (label: string, picture: SVGElement | null, run: () => void, more: Record<string, string> = {}) =>
      element("button", { type: "button", title: label, onmousedown: (event: Event) => event.preventDefault(), onclick: run, ...more }, picture, element("span", {}, label));
    this.tools.replaceChildren(
      ...IMAGE_WIDTHS.map((each) => tool(`${each}%`, null, () => this.set("width", each), { "aria-pressed": String(each === width), "aria-label": _("宽 {n}%", { n: each }) })),
      tool(alt === "" ? _("加描述") : _("改描述"), icon("text-caption"), () => this.describe()),
      tool(_("移除"), icon("trash"), () => this.remove()),
    );
    if (focused >= 0) (this.tools.children[focused] as HTMLElement | undefined)?.focus();
  }

  private keyInTools(event: KeyboardEvent): void {
    const buttons = [...this.tools.children] as HTMLElement[];
    const now = buttons.indexOf(document.activeElement as HTMLElement);
    if (event.key === "Escape") this.view.focus();
    const next = { ArrowRight: now + 1, ArrowLeft: now - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    buttons[(next + buttons.length) % buttons.length]?.focus();
  }

  private set(name: "width" | "alt", value: number | string): void {
    const position = this.getPos();
    if (position === undefined || !this.view.editable) return;
    const { tr } = this.view.state;
    tr.setNodeAttribute(position, name, value);
    this.change(tr.setSelection(NodeSelection.create(tr.doc, position)));
  }

  /** What is done with a button is undone by itself, however quickly the next follows. */
  private change(transaction: Transaction): void {
    this.pauseHistory();
    this.view.dispatch(transaction);
    this.pauseHistory();
  }

  private describe(): void {
    const words = element("input", { type: "text", maxlength: "200", autocomplete: "off" });
    words.value = this.picture.alt;
    openDialog({
      title: _("图片描述"),
      accept: _("改好了"),
      body: element("label", { class: "picture-words" }, _("说说图上有什么：看不见图的人靠它，搜索也靠它"), words),
      accepted: () => (this.set("alt", words.value.trim()), true),
      closed: () => this.view.focus(),
    });
    words.focus();
  }

  private remove(): void {
    const position = this.getPos();
    if (position === undefined || !this.view.editable) return;
    this.change(this.view.state.tr.delete(position, position + this.node.nodeSize));
    this.view.focus();
  }
}
