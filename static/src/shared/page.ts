// What every page can do beyond plain HTML: menus that close, dialogs that open, forms that are sent once.
//
// Attributes it reads: data-opens="<id of a dialog>", data-closes-dialog, data-closes (takes its parent away), data-goes-back,
// data-checks="<name>" (ticks all boxes of that name, or clears them), data-prints, data-copies="<text>" (the button says so), data-submits (a filter's control sends its form when changed),
// data-once (a form that must not be sent twice).

function within(target: EventTarget | null, selector: string): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>(selector) : null;
}

function closeMenus(except: Element | null): void {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details.menu[open]")) {
    if (menu !== except) menu.open = false;
  }
}

async function copy(button: HTMLElement): Promise<void> {
  await navigator.clipboard.writeText(button.dataset["copies"] ?? "");
  const said = button.dataset["copied"];
  if (said) button.textContent = said;
}

function checkAll(name: string): void {
  const boxes = [...document.querySelectorAll<HTMLInputElement>(`input[type=checkbox][name="${CSS.escape(name)}"]`)];
  const on = !boxes.every((box) => box.checked);
  for (const box of boxes) box.checked = on;
}

function openDialog(id: string): void {
  const dialog = document.getElementById(id);
  if (dialog instanceof HTMLDialogElement) dialog.showModal();
}

// What a click on something with the attribute does; `value` is the attribute's.
const clicks: Record<string, (clicked: HTMLElement, value: string) => void> = {
  opens: (_clicked, id) => {
    openDialog(id);
  },
  closesDialog: (clicked) => {
    clicked.closest<HTMLDialogElement>("dialog")?.close();
  },
  closes: (clicked) => clicked.parentElement?.remove(),
  goesBack: () => {
    history.back();
  },
  prints: () => {
    window.print();
  },
  checks: (_clicked, name) => {
    checkAll(name);
  },
  copies: (clicked) => void copy(clicked),
};

document.addEventListener("click", ({ target }) => {
  closeMenus(within(target, "details.menu"));
  for (const [name, act] of Object.entries(clicks)) {
    const clicked = within(target, `[data-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}]`);
    if (clicked) act(clicked, clicked.dataset[name] ?? "");
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing) return;
  const menu = document.querySelector<HTMLDetailsElement>("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary")?.focus();
});

document.addEventListener("change", (event) => {
  const control = within(event.target, "[data-submits]");
  control?.closest("form")?.requestSubmit();
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || form.dataset["once"] === undefined) return;
  if (form.dataset["sent"] !== undefined) event.preventDefault();
  form.dataset["sent"] = "";
  for (const button of form.querySelectorAll<HTMLButtonElement>("button:not([type=button])")) {
    button.setAttribute("aria-disabled", "true");
  }
});

// On a phone the sections of Manage are one line that scrolls: the open one is in sight.
function showOpenSection(): void {
  const sections = document.querySelector<HTMLElement>(".manage-sections");
  const current = sections?.querySelector<HTMLElement>("[aria-current]");
  if (!sections || !current) return;
  sections.scrollLeft = current.offsetLeft - sections.offsetLeft - (sections.clientWidth - current.offsetWidth) / 2;
}

showOpenSection();

// A page taken back from the browser's memory may send its form again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-sent]")) {
    delete form.dataset["sent"];
    for (const button of form.querySelectorAll("button[aria-disabled]")) button.removeAttribute("aria-disabled");
  }
});
