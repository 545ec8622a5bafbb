// Statistics: saves tables as files.

import { whileBusy } from "../forms.js";
import { toast } from "../notes.js";
import { blobOf } from "../session.js";
import { saved } from "../files.js";
import { explained } from "../words.js";

export function mount(root) {
  const said = JSON.parse(root.querySelector("[data-words]").textContent);
  root.addEventListener("click", ({ target }) => {
    const button = target.closest("button[data-save]");
    if (button) whileBusy(button, () => save(button.dataset, said));
  });
}

async function save({ save: what, period }, said) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
  try {
    const query = new URLSearchParams({ what, period, zone });
    saved(await blobOf(`/stats/export.csv?${query}`), `ttboost-${what}.csv`);
    toast(said.saved);
  } catch (error) {
    if (error.code === undefined) throw error;
    toast(explained(error), { kind: "bad" });
  }
}
