// The sheet of a session while it is filled in: the server is asked what stands in the way, and what there is to choose from.
//
// The form's `data-checked-at` answers a posted sheet with the whole sheet as it would be; a control with `data-refreshes` renews every
// part of it, any other only the answer. Without this script the sheet has a button for the same.

const PARTS = ["sheet-what", "sheet-ends", "sheet-when", "sheet-check"];
const QUIET_MS = 350;

let timer = 0;
let asked = 0;
let due = false;
let all = false;

function put(part: string, fresh: Document): void {
  const before = document.getElementById(part);
  const after = fresh.getElementById(part);
  if (!before || !after) return;
  const focus = document.activeElement instanceof HTMLElement && before.contains(document.activeElement) ? document.activeElement : null;
  const reason = document.getElementById("anyway");
  if (focus && focus === reason) return;
  before.replaceWith(after);
  if (focus?.id) takeUp(focus, document.getElementById(focus.id));
}

/** The new control is written on where the old one was. */
function takeUp(before: HTMLElement, after: HTMLElement | null): void {
  after?.focus();
  if (!(before instanceof HTMLInputElement && after instanceof HTMLInputElement) || before.selectionStart === null) return;
  after.setSelectionRange(before.selectionStart, before.selectionEnd);
}

/** Asks what stands in the way. What was written or chosen meanwhile makes the answer an old one, and is asked about next. */
async function ask(form: HTMLFormElement): Promise<void> {
  const number = ++asked;
  const parts = all ? PARTS : ["sheet-check"];
  const answer = await fetch(form.dataset["checkedAt"] ?? "", { method: "POST", body: new FormData(form) }).catch(() => null);
  if (!answer?.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (number !== asked) return;
  due = all = false;
  for (const part of parts) put(part, fresh);
}

/** The sheet and the control in it that an event is about, if what it holds counts for the answer. */
function concerned(event: Event): [HTMLFormElement, HTMLElement] | null {
  const control = event.target;
  const form = document.getElementById("session-sheet");
  if (!(control instanceof HTMLElement) || !(form instanceof HTMLFormElement) || !form.contains(control)) return null;
  return control.id === "anyway" || control.closest("#note, #link") ? null : [form, control];
}

function askSoon(form: HTMLFormElement): void {
  window.clearTimeout(timer);
  timer = window.setTimeout(() => void ask(form), QUIET_MS);
}

document.addEventListener("input", (event) => {
  const found = concerned(event);
  if (!found) return;
  asked += 1;
  if (due) askSoon(found[0]);
});

document.addEventListener("change", (event) => {
  const found = concerned(event);
  if (!found) return;
  const [form, control] = found;
  due = true;
  all ||= control.dataset["refreshes"] !== undefined || control.matches("[name=room], [name=helper], [name=lead]");
  askSoon(form);
});
