// The page for uploading: its buttons, and the rows of what has arrived.

import { byId } from "../shared/dom";
import { chosen } from "./picking";
import { theUploads, type Picked } from "./uploads";

const form = byId("arrived");

async function take(picked: readonly Picked[]): Promise<void> {
  const uploads = await theUploads();
  for (const each of picked) void uploads.add(each, {});
}

let asked: Promise<void> | undefined;
let again = false;

/** Fetches the page anew and takes the rows out of it that are not here yet: what was typed into the others stays. */
function showArrived(): void {
  again = true;
  asked ??= (async () => {
    while (again) {
      again = false;
      const page = await fetch(location.pathname, { headers: { Accept: "text/html" } });
      const fresh = new DOMParser().parseFromString(await page.text(), "text/html").getElementById("arrived");
      for (const row of fresh?.querySelectorAll<HTMLElement>("[data-arrived]") ?? []) addRow(row);
      form.hidden = form.querySelector("[data-arrived]") === null;
    }
  })().finally(() => (asked = undefined));
}

function addRow(row: HTMLElement): void {
  const code = CSS.escape(row.dataset["arrived"] ?? "");
  if (!form.querySelector(`[data-arrived="${code}"]`)) byId("arrived-rows").append(document.importNode(row, true));
}

/** Another subject or book has other lessons: the server makes the row anew. */
async function remake(row: HTMLElement): Promise<void> {
  const code = row.dataset["arrived"] ?? "";
  const fields = new URLSearchParams();
  for (const field of row.querySelectorAll<HTMLInputElement | HTMLSelectElement>("[name]")) {
    fields.set(field.name, field.value);
  }
  const answer = await fetch(`${location.pathname}/rows/${code}?${fields.toString()}`, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-arrived]");
  const focused = document.activeElement?.id;
  if (fresh) row.replaceWith(document.importNode(fresh, true));
  if (focused) document.getElementById(focused)?.focus();
}

for (const id of ["pick-files", "pick-folder"]) {
  const input = byId(id) as HTMLInputElement;
  input.addEventListener("change", () => {
    const picked = chosen(input);
    input.value = "";
    void take(picked);
  });
}

form.addEventListener("change", ({ target }) => {
  if (!(target instanceof HTMLSelectElement)) return;
  const row = target.closest<HTMLElement>("[data-arrived]");
  if (row && target.dataset["remakes"] !== undefined) void remake(row);
  if (target.dataset["all"] === undefined || !target.value) return;
  for (const each of form.querySelectorAll<HTMLSelectElement>(`[data-arrived] select[data-what="${target.dataset["all"]}"]`)) {
    each.value = target.value;
    if (each.dataset["remakes"] !== undefined) each.dispatchEvent(new Event("change", { bubbles: true }));
  }
});

void theUploads().then((uploads) => {
  let before = uploads.all().filter(({ state }) => state === "done").length;
  uploads.listen(() => {
    const done = uploads.all().filter(({ state }) => state === "done").length;
    if (done > before) showArrived();
    before = done;
  });
});
