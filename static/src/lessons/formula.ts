/** Formulas in an editor: how they look there, and the dialogue in which they are written. */

import type { Editor, NodeViewRendererProps } from "@tiptap/core";

import { openDialog } from "../shared/dialog";
import { element, settled } from "../shared/dom";
import { _ } from "../shared/words";
import { showFormula } from "./math";

interface Palette {
  readonly name: string;
  /** What the button shows (LaTeX) and what it inserts; `□` is where writing goes on. */
  readonly signs: readonly (readonly [shown: string, inserted: string])[];
}

const palettes: readonly Palette[] = [
  {
    name: _("常用"),
    signs: [
      ["\\frac{a}{b}", "\\frac{□}{}"],
      ["x^2", "^{□}"],
      ["x_1", "_{□}"],
      ["\\sqrt{x}", "\\sqrt{□}"],
      ["\\sqrt[3]{x}", "\\sqrt[3]{□}"],
      ["\\times", "\\times "],
      ["\\div", "\\div "],
      ["\\pm", "\\pm "],
      ["\\cdot", "\\cdot "],
      ["\\neq", "\\neq "],
      ["\\approx", "\\approx "],
      ["\\leqslant", "\\leqslant "],
      ["\\geqslant", "\\geqslant "],
      ["\\because", "\\because "],
      ["\\therefore", "\\therefore "],
      ["\\infty", "\\infty "],
    ],
  },
  {
    name: _("几何"),
    signs: [
      ["\\angle", "\\angle "],
      ["\\triangle", "\\triangle "],
      ["\\parallel", "\\parallel "],
      ["\\perp", "\\perp "],
      ["\\cong", "\\cong "],
      ["\\sim", "\\sim "],
      ["90^\\circ", "^\\circ "],
      ["\\pi", "\\pi "],
      ["\\overset{\\frown}{AB}", "\\overset{\\frown}{□}"],
      ["\\overline{AB}", "\\overline{□}"],
      ["\\vec{a}", "\\vec{□}"],
      ["\\odot", "\\odot "],
    ],
  },
  {
    name: _("函数与式"),
    signs: [
      ["\\sin", "\\sin "],
      ["\\cos", "\\cos "],
      ["\\tan", "\\tan "],
      ["\\log_a", "\\log_{□}"],
      ["\\lim", "\\lim_{x \\to □}"],
      ["\\sum", "\\sum_{i=1}^{□}"],
      ["\\int", "\\int_{a}^{□}"],
      ["\\begin{cases}x\\\\y\\end{cases}", "\\begin{cases} □ \\\\  \\end{cases}"],
      ["|x|", "\\left| □ \\right|"],
      ["\\in", "\\in "],
      ["\\subseteq", "\\subseteq "],
      ["\\cup", "\\cup "],
      ["\\cap", "\\cap "],
    ],
  },
  {
    name: _("理化"),
    signs: [
      ["\\Omega", "\\Omega "],
      ["\\rho", "\\rho "],
      ["\\eta", "\\eta "],
      ["\\Delta", "\\Delta "],
      ["\\lambda", "\\lambda "],
      ["\\mu", "\\mu "],
      ["\\mathrm{kg/m^3}", "\\,\\mathrm{□}"],
      ["\\mathrm{H_2O}", "\\mathrm{H_{□}O}"],
      ["\\xrightarrow{\\triangle}", "\\xrightarrow{□}"],
      ["\\uparrow", "\\uparrow "],
      ["\\downarrow", "\\downarrow "],
      ["\\rightleftharpoons", "\\rightleftharpoons "],
    ],
  },
];

function paletteOf(source: HTMLTextAreaElement): HTMLElement {
  const insert = (inserted: string) => {
    const { selectionStart: from, selectionEnd: to, value } = source;
    const hole = inserted.indexOf("□");
    const text = inserted.replace("□", value.slice(from, to));
    source.setRangeText(text, from, to, "end");
    if (hole >= 0) source.setSelectionRange(from + hole + (to - from), from + hole + (to - from));
    source.focus();
    source.dispatchEvent(new Event("input"));
  };
  return element(
    "div",
    { class: "palette" },
    ...palettes.map(({ name, signs }) =>
      element(
        "div",
        { role: "group", "aria-label": name },
        element("span", { class: "palette-name" }, name),
        element(
          "span",
          { class: "palette-signs" },
          ...signs.map(([shown, inserted]) => {
            const button = element("button", {
              type: "button",
              "aria-label": inserted.replace("□", "").trim(),
              onclick: () => insert(inserted),
            });
            void showFormula(button, shown, false);
            return button;
          }),
        ),
      ),
    ),
  );
}

export interface Formula {
  readonly latex: string;
  readonly display: boolean;
}

/** Asks for a formula; `done` gets what the person wrote. */
export function askFormula(start: Formula, done: (formula: Formula) => void): void {
  const source = element("textarea", { rows: "3", spellcheck: "false", autocapitalize: "off", "aria-label": _("公式的 LaTeX") });
  source.value = start.latex;
  const display = element("input", { type: "checkbox" });
  display.checked = start.display;
  const preview = element("div", { class: "formula-preview", "aria-live": "polite" });
  const show = settled(120, () => {
    preview.replaceChildren();
    if (source.value.trim() === "") preview.textContent = _("这里显示公式的样子");
    else void showFormula(preview, source.value, display.checked);
  });
  source.addEventListener("input", show);
  source.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) source.form?.requestSubmit();
  });
  display.addEventListener("change", show);
  openDialog({
    title: _("公式"),
    accept: start.latex === "" ? _("插入") : _("改好了"),
    body: element(
      "div",
      { class: "formula-dialog" },
      paletteOf(source),
      source,
      preview,
      element("label", { class: "check" }, display, _("独占一行")),
    ),
    accepted: () => {
      const latex = source.value.trim();
      if (latex === "") {
        source.focus();
        return false;
      }
      done({ latex, display: display.checked });
      return true;
    },
  });
  source.focus();
  show();
  show.flush();
}

/** Asks for a formula and puts it where the cursor is, or in place of the formula at `position`. */
export function editFormula(editor: Editor, position?: number): void {
  const node = position === undefined ? null : editor.state.doc.nodeAt(position);
  const start = { latex: String(node?.attrs["latex"] ?? ""), display: node?.type.name === "blockMath" };
  askFormula(start, ({ latex, display }) => {
    const content = { type: display ? "blockMath" : "inlineMath", attrs: { latex } };
    const chain = editor.chain().focus();
    const now = position === undefined ? null : editor.state.doc.nodeAt(position);
    // Others may have written meanwhile: the formula is replaced only where it still stands.
    if (position !== undefined && now && node?.eq(now)) {
      chain.insertContentAt({ from: position, to: position + now.nodeSize }, content).run();
    } else chain.insertContent(content).run();
  });
}

/** How a formula looks and is opened in an editor. */
export function formulaView({ node, editor, getPos }: NodeViewRendererProps) {
  const display = node.type.name === "blockMath";
  const dom = document.createElement(display ? "div" : "span");
  dom.className = "math";
  dom.title = _("点一下修改公式");
  const show = (latex: string) => {
    dom.dataset["latex"] = latex;
    void showFormula(dom, latex, display);
  };
  show(String(node.attrs["latex"]));
  dom.addEventListener("click", () => {
    if (editor.isEditable) editFormula(editor, getPos());
  });
  return {
    dom,
    update(changed: typeof node) {
      if (changed.type !== node.type) return false;
      if (dom.dataset["latex"] !== changed.attrs["latex"]) show(String(changed.attrs["latex"]));
      return true;
    },
    ignoreMutation: () => true,
  };
}
