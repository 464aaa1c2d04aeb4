/** Formulas on the page, drawn by KaTeX, which is fetched when the first one comes into sight. */

type Katex = typeof import("katex").default;

let loading: Promise<Katex> | undefined;

function katex(): Promise<Katex> {
  loading ??= Promise.all([import("katex"), import("katex/dist/katex.min.css")]).then(([module]) => module.default);
  return loading;
}

/** Draws a formula into an element. Until KaTeX has come, and where it cannot read the formula, its source is shown. */
export async function showFormula(target: HTMLElement, latex: string, display: boolean): Promise<void> {
  if (target.childElementCount === 0) target.textContent = latex;
  const { render } = await katex();
  target.classList.remove("unreadable");
  try {
    render(latex, target, { displayMode: display, throwOnError: true, strict: false, trust: false, maxExpand: 500 });
  } catch {
    target.textContent = latex;
    target.classList.add("unreadable");
  }
}

/** Draws all formulas of a text that no editor has open. */
export function showFormulas(within: ParentNode): void {
  const formulas = [...within.querySelectorAll<HTMLElement>(".math[data-latex]")];
  const drawn = formulas.map((math) => showFormula(math, math.dataset["latex"] ?? "", math.tagName === "DIV"));
  // Measured only when all are drawn: a look in between would lay out the page for each of them.
  void Promise.all(drawn).then(() => {
    const cutOff = formulas.filter((math) => math.scrollWidth > math.clientWidth);
    for (const math of cutOff) math.tabIndex = 0; // so it can be scrolled to by keyboard
  });
}
