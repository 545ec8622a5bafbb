// Short notes at the bottom, and the one question before what cannot be undone.

import { copied } from "./copy.js";
import * as telegram from "./telegram.js";
import { explained, words } from "./words.js";

const STAYS = 4_000;
const STAYS_WITH_BUTTON = 9_000;
const MAX = 3;

const leaving = new Map(); // what takes each note away
const list = document.getElementById("toasts");

/**
 * `act`: `{label, run}` puts a button beside the words, such as Undo. `kind`: "good" or "bad".
 * `onGone`: called once it is too late for the button. The same note said again takes the older one's place.
 */
export function toast(text, { kind = "good", act, onGone = () => {} } = {}) {
  if (!text) return;
  const note = document.createElement("div");
  note.className = `toast is-${kind}`;
  note.append(text);
  const leave = (isActedOn) => {
    if (!leaving.delete(note)) return;
    note.remove();
    if (!isActedOn) onGone();
  };
  for (const older of [...list.children]) if (older.textContent === note.textContent) leaving.get(older)(false);
  leaving.set(note, leave);
  if (act) note.append(button(act, () => leave(true)));
  while (list.childElementCount >= MAX) leaving.get(list.firstElementChild)(false);
  list.append(note);
  telegram.haptic(kind === "bad" ? "error" : "success");
  setTimeout(leave, act ? STAYS_WITH_BUTTON : STAYS, false);
}

function button({ label, run }, leave) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = label;
  made.addEventListener("click", () => {
    leave();
    run();
  });
  return made;
}

/** The button of a note that takes something back; where that fails it is not too late yet. */
export function undoing(run) {
  const act = {
    label: words.ui.undo,
    run: async () => {
      try {
        await run();
      } catch (error) {
        if (error.code === undefined) throw error;
        toast(explained(error), { kind: "bad", act });
      }
    },
  };
  return act;
}

/** Resolves to whether the person said yes. */
export function confirmed(text, yes = words.shell.ask_yes) {
  const dialog = document.getElementById("ask");
  document.getElementById("ask-text").textContent = text;
  dialog.querySelector("[value=yes]").textContent = yes;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

/** What can be read this once: shown until the person closes it. Resolves then. */
export function showOnce(value) {
  const dialog = document.getElementById("once");
  const text = Array.isArray(value) ? value.join("\n") : value;
  dialog.querySelector("pre").textContent = text;
  dialog.querySelector("[value=copy]").onclick = async (event) => {
    event.preventDefault();
    if (await copied(text)) toast(words.ui.copied);
    else toast(words.ui.copy_failed, { kind: "bad" });
  };
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(), { once: true }));
}
