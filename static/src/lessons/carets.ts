/**
 * Carets and selections of the others in one text.
 *
 * Unlike the usual plug-in, a text is redrawn only when somebody in this very text has moved, so that a hundred people in forty texts
 * stay cheap.
 */

import { Plugin, PluginKey, type EditorState } from "@tiptap/pm/state";
import { Decoration, DecorationSet, type EditorView } from "@tiptap/pm/view";
import { relativePositionToAbsolutePosition, ySyncPluginKey, type ProsemirrorBinding } from "@tiptap/y-tiptap";
import * as Y from "yjs";

import { eachFrame } from "../shared/dom";
import type { Presence, Present } from "./presence";

const key = new PluginKey<DecorationSet>("carets");
const LABEL_TIME = 3_000;

function position(binding: ProsemirrorBinding, relative: unknown): number | null {
  return relativePositionToAbsolutePosition(
    binding.doc,
    binding.type,
    Y.createRelativePositionFromJSON(relative),
    binding.mapping,
  );
}

/** The caret of each window is one element for as long as the text is open; its name shows while it moves. */
class CaretElements {
  private readonly elements = new Map<number, { element: HTMLElement; cursor: string; timer?: ReturnType<typeof setTimeout> }>();

  for(present: Present): HTMLElement {
    const cursor = JSON.stringify(present.cursor);
    const known = this.elements.get(present.client);
    const caret = known ?? { element: make(present), cursor: "" };
    if (caret.cursor !== cursor) {
      caret.cursor = cursor;
      caret.element.classList.add("moving");
      clearTimeout(caret.timer);
      caret.timer = setTimeout(() => caret.element.classList.remove("moving"), LABEL_TIME);
    }
    this.elements.set(present.client, caret);
    return caret.element;
  }
}

function make({ person }: Present): HTMLElement {
  const caret = document.createElement("span");
  caret.className = "caret";
  caret.contentEditable = "false";
  caret.style.setProperty("--person", person.color);
  const label = document.createElement("span");
  label.className = "caret-name";
  label.textContent = person.campus ? `${person.name} · ${person.campus}` : person.name;
  caret.append(label);
  return caret;
}

function draw(state: EditorState, field: string, presence: Presence, elements: CaretElements): DecorationSet {
  const sync = ySyncPluginKey.getState(state) as { binding: ProsemirrorBinding } | undefined;
  if (!sync || sync.binding.mapping.size === 0) return DecorationSet.empty;
  const decorations: Decoration[] = [];
  for (const present of presence.others()) {
    if (present.place !== field || present.cursor === null) continue;
    const anchor = position(sync.binding, present.cursor.anchor);
    const head = position(sync.binding, present.cursor.head);
    if (anchor === null || head === null) continue;
    const end = state.doc.content.size;
    const [from, to] = [Math.min(anchor, head, end), Math.min(Math.max(anchor, head), end)];
    decorations.push(
      Decoration.widget(Math.min(head, end), () => elements.for(present), { key: `caret-${present.client}`, side: 10 }),
    );
    elements.for(present);
    if (from < to) {
      decorations.push(Decoration.inline(from, to, { class: "selected-by", style: `--person: ${present.person.color}` }));
    }
  }
  return DecorationSet.create(state.doc, decorations);
}

/** Shows the others' carets in the text `field`. While `quiet` answers true (somebody composes here) nothing is redrawn. */
export function caretsPlugin(field: string, presence: Presence, quiet: () => boolean): Plugin {
  const elements = new CaretElements();
  return new Plugin<DecorationSet>({
    key,
    state: {
      init: (_config, state) => draw(state, field, presence, elements),
      apply(transaction, carets, _old, state) {
        const sync = ySyncPluginKey.getState(state) as { isChangeOrigin: boolean } | undefined;
        if (transaction.getMeta(key) === "moved" || sync?.isChangeOrigin) return draw(state, field, presence, elements);
        return transaction.docChanged ? carets.map(transaction.mapping, transaction.doc) : carets;
      },
    },
    props: { decorations: (state) => key.getState(state) ?? null },
    view(view: EditorView) {
      const redraw = eachFrame(() => {
        if (!view.isDestroyed && !quiet()) view.dispatch(view.state.tr.setMeta(key, "moved"));
      });
      presence.onChange((fields) => {
        if (fields.has(field)) redraw();
      });
      return {};
    },
  });
}
