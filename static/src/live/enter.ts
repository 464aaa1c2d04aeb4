// The six digits of a classroom: one field for fingers and readers, six boxes for the eye.

import { byId } from "../shared/dom";

const DIGITS = 6;

/** The digits in what was typed or pasted; digits of full width count, too. */
export function digitsIn(text: string): string {
  return text.normalize("NFKC").replace(/\D/g, "").slice(0, DIGITS);
}

function begin(): void {
  const form = byId("enter") as HTMLFormElement;
  const field = byId("digits") as HTMLInputElement;
  const boxes = [...form.querySelectorAll<HTMLElement>(".enter-boxes span")];

  const show = () => {
    const digits = digitsIn(field.value);
    if (field.value !== digits) field.value = digits;
    boxes.forEach((box, index) => {
      box.textContent = digits[index] ?? "";
      box.classList.toggle("enter-next", index === Math.min(digits.length, DIGITS - 1));
    });
    return digits;
  };
  field.addEventListener("input", () => {
    if (show().length === DIGITS) form.requestSubmit();
  });
  form.classList.add("enter-boxed");
  if (field.ariaInvalid === "true") field.select(); // what is typed now takes the place of the wrong digits
  // Without a fault an address with digits comes from a QR code: nobody has to press anything.
  if (show().length === DIGITS && form.dataset["begins"] !== undefined) form.requestSubmit();
}

if (typeof document !== "undefined") begin();
