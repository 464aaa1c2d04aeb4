/** What can be done to a text: one list for the toolbar, the `/` menu and the sheet of shortcuts. */

import type { ChainedCommands, Editor } from "@tiptap/core";

import { icon } from "../shared/icons";
import { _ } from "../shared/words";
import { editFormula } from "./formula";
import { editLink } from "./link";
import { pickPictures } from "./pictures";
import { editRuby } from "./ruby";

export interface Command {
  readonly name: string;
  /** The word on the button. */
  readonly label: string;
  readonly icon: () => SVGElement;
  /** First letters of the pinyin, for the `/` menu. */
  readonly pinyin: string;
  /** More words it is found by. */
  readonly also?: string;
  readonly keys?: string;
  readonly run: (editor: Editor) => void;
  readonly active?: (editor: Editor) => boolean;
}

type Change = (chain: ChainedCommands) => ChainedCommands;

const chain = (change: Change) => (editor: Editor) => void change(editor.chain().focus()).run();
const active = (name: string, attributes?: Record<string, unknown>) => (editor: Editor) => editor.isActive(name, attributes);

const heading = (level: 1 | 2 | 3 | 4, label: string, picture: () => SVGElement, pinyin: string): Command => ({
  name: `heading${level}`,
  label,
  icon: picture,
  pinyin,
  also: `h${level} heading title`,
  keys: `Ctrl+Alt+${level}`,
  run: chain((c) => c.toggleHeading({ level })),
  active: active("heading", { level }),
});

/** Marks on words. */
export const marks: readonly Command[] = [
  { name: "bold", label: _("加粗"), icon: () => icon("bold"), pinyin: "jc", keys: "Ctrl+B", run: chain((c) => c.toggleBold()), active: active("bold") },
  { name: "italic", label: _("斜体"), icon: () => icon("italic"), pinyin: "xt", keys: "Ctrl+I", run: chain((c) => c.toggleItalic()), active: active("italic") },
  { name: "underline", label: _("下划线"), icon: () => icon("underline"), pinyin: "xhx", keys: "Ctrl+U", run: chain((c) => c.toggleUnderline()), active: active("underline") },
  { name: "strike", label: _("删除线"), icon: () => icon("strikethrough"), pinyin: "scx", keys: "Ctrl+Shift+S", run: chain((c) => c.toggleStrike()), active: active("strike") },
  { name: "superscript", label: _("上标"), icon: () => icon("superscript"), pinyin: "sb", keys: "Ctrl+.", run: chain((c) => c.toggleSuperscript()), active: active("superscript") },
  { name: "subscript", label: _("下标"), icon: () => icon("subscript"), pinyin: "xb", keys: "Ctrl+,", run: chain((c) => c.toggleSubscript()), active: active("subscript") },
]; // prettier-ignore

/** What a paragraph can be. */
export const paragraphs: readonly Command[] = [
  { name: "paragraph", label: _("正文"), icon: () => icon("pilcrow"), pinyin: "zw", also: "text paragraph", keys: "Ctrl+Alt+0", run: chain((c) => c.setParagraph()), active: active("paragraph") },
  heading(1, _("标题一"), () => icon("h-1"), "bt1"),
  heading(2, _("标题二"), () => icon("h-2"), "bt2"),
  heading(3, _("标题三"), () => icon("h-3"), "bt3"),
  heading(4, _("标题四"), () => icon("h-4"), "bt4"),
]; // prettier-ignore

/** Lists and what stands apart. */
export const blocks: readonly Command[] = [
  { name: "bulletList", label: _("列表"), icon: () => icon("list"), pinyin: "lb", also: "项目符号 xmfh bullet list", keys: "Ctrl+Shift+8", run: chain((c) => c.toggleBulletList()), active: active("bulletList") },
  { name: "orderedList", label: _("编号"), icon: () => icon("list-numbers"), pinyin: "bh", also: "编号列表 number list", keys: "Ctrl+Shift+7", run: chain((c) => c.toggleOrderedList()), active: active("orderedList") },
  { name: "taskList", label: _("任务"), icon: () => icon("list-check"), pinyin: "rw", also: "清单 qd task todo", keys: "Ctrl+Shift+9", run: chain((c) => c.toggleTaskList()), active: active("taskList") },
  { name: "blockquote", label: _("引用"), icon: () => icon("blockquote"), pinyin: "yy", also: "quote", keys: "Ctrl+Shift+B", run: chain((c) => c.toggleBlockquote()), active: active("blockquote") },
]; // prettier-ignore

/** Things to insert. The table has its own menu in the toolbar. */
export const inserts: readonly Command[] = [
  { name: "picture", label: _("图片"), icon: () => icon("photo"), pinyin: "tp", also: "插图 照片 ct zp image picture photo", run: (editor) => pickPictures(editor) },
  { name: "formula", label: _("公式"), icon: () => icon("math-function"), pinyin: "gs", also: "latex math formula", keys: "Ctrl+M", run: (editor) => editFormula(editor) },
  { name: "ruby", label: _("拼音"), icon: () => icon("letter-case"), pinyin: "py", also: "注音 zy pinyin", keys: "Ctrl+Shift+Y", run: (editor) => editRuby(editor) },
  { name: "link", label: _("链接"), icon: () => icon("link"), pinyin: "lj", also: "网址 wz url", keys: "Ctrl+K", run: (editor) => editLink(editor), active: active("link") },
]; // prettier-ignore

/** What is wanted more seldom. */
export const others: readonly Command[] = [
  { name: "horizontalRule", label: _("分隔线"), icon: () => icon("separator-horizontal"), pinyin: "fgx", also: "divider", run: chain((c) => c.setHorizontalRule()) },
  { name: "codeBlock", label: _("代码块"), icon: () => icon("code"), pinyin: "dmk", also: "code", keys: "Ctrl+Alt+C", run: chain((c) => c.toggleCodeBlock()), active: active("codeBlock") },
  { name: "clear", label: _("清除格式"), icon: () => icon("clear-formatting"), pinyin: "qcgs", run: chain((c) => c.unsetAllMarks().clearNodes()) },
]; // prettier-ignore

/** A table of that size, with a header row. */
export function insertTable(editor: Editor, rows: number, columns: number): void {
  editor.chain().focus().insertTable({ rows, cols: columns, withHeaderRow: true }).run();
}

export const table: Command = {
  name: "table",
  label: _("表格"),
  icon: () => icon("table"),
  pinyin: "bg",
  also: "table",
  run: (editor) => insertTable(editor, 3, 3),
  active: active("table"),
};

/** What can be done to the table at the cursor. */
export function tableCommands(editor: Editor): { label: string; icon: SVGElement; run: () => void; disabled: boolean; apart?: boolean; danger?: boolean }[] {
  const can = editor.can();
  const item = (label: string, picture: SVGElement, possible: boolean, change: Change) => ({
    label,
    icon: picture,
    disabled: !possible,
    run: () => chain(change)(editor),
  });
  return [
    item(_("上方加一行"), icon("row-insert-top"), can.addRowBefore(), (c) => c.addRowBefore()),
    item(_("下方加一行"), icon("row-insert-bottom"), can.addRowAfter(), (c) => c.addRowAfter()),
    item(_("左边加一列"), icon("column-insert-left"), can.addColumnBefore(), (c) => c.addColumnBefore()),
    item(_("右边加一列"), icon("column-insert-right"), can.addColumnAfter(), (c) => c.addColumnAfter()),
    { ...item(_("合并单元格"), icon("arrows-join"), can.mergeCells(), (c) => c.mergeCells()), apart: true },
    item(_("拆分单元格"), icon("arrows-split"), can.splitCell(), (c) => c.splitCell()),
    item(_("首行作表头"), icon("table-row"), can.toggleHeaderRow(), (c) => c.toggleHeaderRow()),
    item(_("首列作表头"), icon("table-column"), can.toggleHeaderColumn(), (c) => c.toggleHeaderColumn()),
    { ...item(_("删除这一行"), icon("row-remove"), can.deleteRow(), (c) => c.deleteRow()), apart: true },
    item(_("删除这一列"), icon("column-remove"), can.deleteColumn(), (c) => c.deleteColumn()),
    { ...item(_("删除表格"), icon("table-off"), can.deleteTable(), (c) => c.deleteTable()), danger: true },
  ];
}
