// The page of one resource: a file that is picked here becomes its next version.

import { byId } from "../shared/dom";
import { upload } from "./uploads";

const input = document.querySelector<HTMLInputElement>("#new-version");

input?.addEventListener("change", () => {
  const file = input.files?.[0];
  const resource = input.dataset["resource"];
  if (!file || !resource) return;
  byId("new-version-note").hidden = false;
  input.disabled = true;
  upload(file, { resource })
    .then(() => location.reload())
    .catch(() => (input.disabled = false)); // the tray says why
});
