// Words the scripts say: those of the shell, then those of the account's language that come with the frame.

import { counted } from "../counted.js";

const shell = JSON.parse(document.getElementById("words").textContent);
let refusals = shell.refusals;
let ui = shell.script;

export const words = {
  shell,
  get ui() {
    return ui;
  },
  /** The frame came, in the account's language. */
  speak(nav) {
    refusals = JSON.parse(nav.dataset.refusals);
    ui = JSON.parse(nav.dataset.ui);
    document.documentElement.lang = nav.dataset.lang;
    Object.assign(shell, JSON.parse(nav.dataset.shell));
    for (const node of document.querySelectorAll("[data-shell-word]")) node.textContent = shell[node.dataset.shellWord];
    for (const node of document.querySelectorAll("[data-shell-title]")) node.title = shell[node.dataset.shellTitle];
  },
};

/** What a refusal means for a person, and what to try. */
export function explained({ code, message, details }) {
  const limit = refusals[`${code}.${details?.what}`]; // of a plan
  if (limit) return filled(limit, { ...details, limit: counted(details.limit) });
  return refusals[code] ?? message ?? refusals.offline;
}

/** Fills `{name}`s in. */
export function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** The form of the language's own rule of plurals. */
export function many(forms, count) {
  const language = document.documentElement.lang;
  const form = forms[new Intl.PluralRules(language).select(count)] ?? forms.other;
  return filled(form, { count: counted(count) });
}
