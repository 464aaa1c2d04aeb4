/** One text of the plan: asleep as plain HTML, awake as an editor. Both look the same and take the same room. */

import { Editor, Extension, Node, getSchema, type Extensions, type JSONContent, type NodeViewRenderer } from "@tiptap/core";
import { dropCursor } from "@tiptap/pm/dropcursor";
import { gapCursor } from "@tiptap/pm/gapcursor";
import { DOMSerializer, type Schema } from "@tiptap/pm/model";
import { Plugin, TextSelection, type EditorState } from "@tiptap/pm/state";
import { Decoration, DecorationSet } from "@tiptap/pm/view";
import {
  absolutePositionToRelativePosition,
  initProseMirrorDoc,
  relativePositionToAbsolutePosition,
  ySyncPlugin,
  ySyncPluginKey,
  yXmlFragmentToProseMirrorRootNode,
  type ProsemirrorBinding,
} from "@tiptap/y-tiptap";
import * as Y from "yjs";

import { eachFrame, element } from "../shared/dom";
import { _ } from "../shared/words";
import { caretsPlugin } from "./carets";
import type { Fields } from "./fields";
import { editFormula, formulaView } from "./formula";
import { editLink } from "./link";
import { showFormulas } from "./math";
import { pastePlugin } from "./paste";
import { picturesPlugin, showPictures } from "./pictures";
import type { Cursor } from "./presence";
import { editRuby, rubyView } from "./ruby";
import { schemaExtensions } from "./schema";
import { slashPlugin } from "./slash";

export interface FieldOptions {
  /** Name of the fragment in the document. */
  readonly name: string;
  /** What the text is, for people who do not see where it stands. */
  readonly label: string;
  /** Shown while the text is empty. */
  readonly hint: string;
}

interface SyncState {
  readonly binding: ProsemirrorBinding;
  readonly isChangeOrigin: boolean;
}

const VIEWS: Record<string, NodeViewRenderer> = { inlineMath: formulaView, blockMath: formulaView, ruby: rubyView };

const extensions: Extensions = schemaExtensions.map((extension) => {
  const view = VIEWS[extension.name];
  return view && extension instanceof Node ? extension.extend({ addNodeView: () => view }) : extension;
});
let serializing: { schema: Schema; serializer: DOMSerializer } | undefined;

/** Room left between the cursor and the edges of the window when the page scrolls to it: bars stand there. */
const scrollRoom = { top: 190, bottom: 90, left: 0, right: 0 };

const Shortcuts = Extension.create({
  name: "planShortcuts",
  addKeyboardShortcuts() {
    return {
      "Mod-k": () => (editLink(this.editor), true),
      "Mod-m": () => (editFormula(this.editor), true),
      "Mod-Shift-y": () => (editRuby(this.editor), true),
    };
  },
});

/** The hint in an empty text. */
function hintPlugin(hint: string): Plugin {
  return new Plugin({
    props: {
      decorations({ doc }: EditorState) {
        const only = doc.childCount === 1 ? doc.firstChild : null;
        if (!only?.isTextblock || only.content.size > 0) return null;
        return DecorationSet.create(doc, [Decoration.node(0, only.nodeSize, { class: "is-empty", "data-hint": hint })]);
      },
    },
  });
}

/** For the time in which the page waits anyway: the first editor takes the browser several times as long as the next. */
export function warmUp(): void {
  serializing ??= forSerializing();
  new Editor({ element: document.createElement("div"), injectCSS: false, extensions }).destroy();
}

export class Field {
  readonly name: string;
  /** Stands in the page from the beginning. */
  readonly dom: HTMLElement;
  editor: Editor | null = null;
  private readonly fragment: Y.XmlFragment;
  private readonly redraw = eachFrame(() => this.drawAsleep());

  constructor(
    private readonly options: FieldOptions,
    private readonly fields: Fields,
  ) {
    this.name = options.name;
    this.fragment = fields.shared.plan.fragment(options.name);
    this.dom = element("div", { class: "text", "data-field": options.name });
    this.drawAsleep();
    this.fragment.observeDeep(this.redraw);
    this.dom.addEventListener("pointerdown", () => this.wake());
  }

  /** Makes an editor of the text. Waking an awake text does nothing; one that this page does not understand stays asleep. */
  wake(): void {
    if (this.editor || !understands(this.fragment)) return;
    this.fragment.unobserveDeep(this.redraw);
    const { options, fields } = this;
    const host = element("div");
    let mapping: Parameters<typeof ySyncPlugin>[1] = {};
    const editor = new Editor({
      // The text is there from the first moment: no empty editor is drawn, and nothing is written to the document.
      onBeforeCreate: ({ editor: made }) => {
        if (this.fragment.length === 0) return;
        const initial = initProseMirrorDoc(this.fragment, made.schema);
        made.options.content = initial.doc as unknown as JSONContent; // Tiptap takes a finished document too, and so keeps the mapping true
        mapping = { mapping: initial.mapping as ProsemirrorBinding["mapping"] };
      },
      element: { mount: host },
      injectCSS: false,
      editable: fields.shared.sync.mayWrite,
      extensions: [...extensions, Shortcuts, this.binding(() => mapping)],
      editorProps: {
        attributes: { class: "written", role: "textbox", "aria-multiline": "true", "aria-label": options.label },
        scrollMargin: scrollRoom,
        scrollThreshold: scrollRoom,
      },
    });
    this.editor = editor;
    editor.on("selectionUpdate", () => this.tell());
    editor.on("transaction", ({ transaction }) => {
      if (transaction.docChanged && editor.isFocused) this.tell();
    });
    editor.on("focus", () => this.tell());
    editor.on("blur", () => {
      this.dom.classList.remove("focused");
      fields.compositionEnded();
      fields.shared.presence.leave(this.name);
    });
    // Others' changes must not scroll my page; my own undo scrolls by itself (goTo).
    const { binding } = ySyncPluginKey.getState(editor.state) as SyncState;
    Object.assign(binding, { _isLocalCursorInView: () => false });
    this.dom.replaceChildren(host);
  }

  focus(position: "start" | "end" = "end"): void {
    this.wake();
    this.editor?.commands.focus(position);
  }

  setEditable(editable: boolean): void {
    if (this.editor && this.editor.options.editable !== editable) this.editor.setEditable(editable, false);
  }

  /** Puts the cursor to a place remembered as relative positions, as far as it still exists. */
  goTo(cursor: Cursor): void {
    this.wake();
    if (!this.editor) return;
    const { view, state } = this.editor;
    const { binding } = ySyncPluginKey.getState(state) as SyncState;
    const [anchor, head] = [cursor.anchor, cursor.head].map((relative) =>
      relativePositionToAbsolutePosition(binding.doc, binding.type, Y.createRelativePositionFromJSON(relative), binding.mapping),
    );
    const transaction = state.tr;
    if (typeof anchor === "number" && typeof head === "number") {
      const end = state.doc.content.size;
      const [from, to] = [state.doc.resolve(Math.min(anchor, end)), state.doc.resolve(Math.min(head, end))];
      transaction.setSelection(TextSelection.between(from, to));
    }
    view.focus();
    view.dispatch(transaction.scrollIntoView());
  }

  private tell(): void {
    const { editor, fields } = this;
    if (!editor?.view.hasFocus()) return;
    this.dom.classList.add("focused");
    const cursor = relativeCursor(editor.state);
    if (cursor !== null && !fields.isQuiet(this)) fields.shared.presence.moveTo(this.name, cursor);
    fields.selectionChanged(this);
  }

  private binding(mapping: () => Parameters<typeof ySyncPlugin>[1]): Extension {
    const { fields, fragment, name, options } = this;
    const started = () => fields.compositionStarted(this);
    const { presence, history } = fields.shared;
    return Extension.create({
      name: "binding",
      priority: 1000,
      addProseMirrorPlugins: () => [
        ySyncPlugin(fragment, mapping()) as Plugin,
        caretsPlugin(name, presence, () => fields.isQuiet(this)),
        hintPlugin(options.hint),
        picturesPlugin(() => this.editor, () => history.pause()),
        pastePlugin(),
        slashPlugin(() => this.editor),
        dropCursor({ class: "drop-cursor", color: false, width: 2 }),
        gapCursor(),
        new Plugin({
          // Where I was before I changed something is where undoing brings me back.
          filterTransaction(transaction, state) {
            if (transaction.docChanged && transaction.getMeta(ySyncPluginKey) === undefined) {
              const cursor = relativeCursor(state);
              if (cursor !== null) history.from({ field: name, cursor });
            }
            return true;
          },
          props: {
            handleDOMEvents: {
              compositionstart: () => {
                started();
                return false;
              },
              compositionend: () => {
                fields.compositionEnded();
                return false;
              },
              beforeinput(_view, event) {
                if (event.inputType !== "historyUndo" && event.inputType !== "historyRedo") return false;
                event.preventDefault();
                if (event.inputType === "historyUndo") history.undo();
                else history.redo();
                return true;
              },
            },
          },
        }),
      ],
    });
  }

  private drawAsleep(): void {
    if (this.editor) return;
    serializing ??= forSerializing();
    if (!understands(this.fragment)) {
      const words = _("这里有这个页面还看不懂的内容。为了不弄丢它，暂时不能改；请刷新页面再试。");
      this.dom.replaceChildren(element("p", { class: "not-understood" }, words));
      return;
    }
    const root = yXmlFragmentToProseMirrorRootNode(this.fragment, serializing.schema);
    const prose = element("div", { class: "written", tabindex: "0", role: "textbox", "aria-multiline": "true", "aria-label": this.options.label });
    prose.append(serializing.serializer.serializeFragment(root.content));
    if (prose.childElementCount === 0) prose.append(element("p", { class: "is-empty", "data-hint": this.options.hint }));
    for (const box of prose.querySelectorAll<HTMLInputElement>("input[type=checkbox]")) {
      box.tabIndex = -1;
      box.setAttribute("aria-label", _("任务：{words}", { words: box.closest("li")?.textContent ?? "" }));
    }
    prose.addEventListener("focus", () => this.focus("start"));
    this.dom.replaceChildren(prose);
    showFormulas(prose);
    showPictures(prose);
  }
}

/** Whether an editor may touch the text: it deletes every node and mark whose name it does not know. */
function understands(fragment: Y.XmlFragment): boolean {
  serializing ??= forSerializing();
  const { nodes, marks } = serializing.schema;
  return fragment.toArray().every((child) => {
    if (child instanceof Y.XmlElement) return child.nodeName in nodes && understands(child);
    const delta = (child as Y.XmlText).toDelta() as { attributes?: object }[];
    return delta.every(({ attributes = {} }) => Object.keys(attributes).every((mark) => mark in marks));
  });
}

function forSerializing() {
  const schema = getSchema(schemaExtensions);
  return { schema, serializer: DOMSerializer.fromSchema(schema) };
}

/** The selection as relative positions, or null while the text and the document are not yet the same. */
function relativeCursor(state: EditorState): Cursor | null {
  const { binding } = ySyncPluginKey.getState(state) as SyncState;
  if (binding.mapping.size === 0 && binding.type.length > 0) return null;
  const [anchor, head] = [state.selection.anchor, state.selection.head].map((position): unknown =>
    Y.relativePositionToJSON(absolutePositionToRelativePosition(position, binding.type, binding.mapping) as Y.RelativePosition),
  );
  return { anchor, head };
}

