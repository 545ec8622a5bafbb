// The desk's two forms that declarations do not reach: making keys, and giving Stars back.

import { bodyOf, clearProblems, save, showProblem, whileBusy } from "../forms.js";
import { confirmed, showOnce, toast } from "../notes.js";
import { call } from "../session.js";
import { keyOf, settled } from "../tries.js";

async function issue(form, asFile) {
  const { keys } = await call("/admin/licenses", bodyOf(form), { key: keyOf(form) });
  settled(form);
  const lines = keys.map(({ key }) => key);
  if (asFile) save(new Blob([`${lines.join("\n")}\n`], { type: "text/plain" }), "keys.txt");
  else await showOnce(lines);
}

async function refund(form) {
  const { charge_id: charge, reason } = bodyOf(form);
  if (!(await confirmed(form.dataset.ask, form.dataset.yes))) return;
  await call(`/admin/payments/${encodeURIComponent(charge)}/refund`, { reason });
  form.reset();
  toast(form.dataset.said);
}

export function mount(root, app) {
  root.addEventListener("submit", async (event) => {
    const { target: form, submitter } = event;
    if (!["issue-form", "refund-form"].includes(form.id)) return;
    event.preventDefault();
    clearProblems(form);
    const work = form.id === "issue-form" ? () => issue(form, submitter?.value === "file") : () => refund(form);
    try {
      await whileBusy(submitter, work);
      app.refresh();
    } catch (error) {
      if (error.code === undefined) throw error;
      if (error.code === "key_reused") settled(form); // the keys of the lost answer are in the list
      showProblem(form, error);
    }
  });
}
