// Short notes at the bottom, and the one question before what cannot be undone.

import { copied } from "./copy.js";
import * as telegram from "./telegram.js";
import { explained, words } from "./words.js";

const STAYS = 4_000;
const STAYS_WITH_BUTTON = 9_000;
const MAX = 3;

const leaving = new Map(); // what takes each note away
const list = document.getElementById("toasts");
let pointedAt = null;
let cameFrom = null; // what had the focus before a note's button got it

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
  while (list.childElementCount >= MAX) leaving.get([...list.children].find((one) => !isHeld(one)) ?? list.firstElementChild)(false);
  list.append(note);
  telegram.haptic(kind === "bad" ? "error" : "success");
  const wait = () => setTimeout(timeUp, act ? STAYS_WITH_BUTTON : STAYS);
  const timeUp = () => (isHeld(note) ? wait() : leave(false));
  wait();
}

/** Somebody is at it. */
const isHeld = (note) => note === pointedAt || note.matches(":focus-within");

// A mouse that rests where a note happens to come up has not gone to it.
list.addEventListener("pointermove", ({ target, pointerType }) => {
  if (pointerType === "mouse") pointedAt = target.closest(".toast");
});
list.addEventListener("pointerleave", () => (pointedAt = null));

list.addEventListener("focusin", ({ relatedTarget }) => {
  if (!list.contains(relatedTarget)) cameFrom = relatedTarget;
});

/** From wherever somebody is, Tab goes first to the button of a note that came, and from there back. */
document.addEventListener("keydown", (event) => {
  if (event.key !== "Tab" || event.altKey || event.ctrlKey || event.metaKey || document.querySelector("dialog:modal")) return;
  const isThere = list.contains(document.activeElement);
  const button = !event.shiftKey && list.querySelector("button:not([data-offered])");
  if (!button && !(isThere && cameFrom?.isConnected)) return;
  event.preventDefault();
  if (button) button.dataset.offered = "";
  (button || cameFrom).focus();
});

/** All of them go, as if their time were up: another person may sit here next. */
export function takeAway() {
  for (const leave of [...leaving.values()]) leave(false);
}

function button({ label, run }, leave) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = label;
  made.addEventListener("click", () => {
    const hadFocus = document.activeElement === made;
    leave();
    if (hadFocus) focusBack();
    run();
  });
  return made;
}

function focusBack() {
  const place = cameFrom?.getClientRects().length ? cameFrom : document.getElementById("view");
  place.focus({ preventScroll: true });
}

/** The button of a note that takes something back; where that fails it is not too late yet. `onGone`: as a note's. */
export function undoing(run, onGone) {
  const act = {
    label: words.ui.undo,
    run: async () => {
      try {
        await run();
      } catch (error) {
        if (error.code === undefined) throw error;
        toast(explained(error), { kind: "bad", act, onGone });
      }
    },
  };
  return act;
}

let answered = Promise.resolve(); // a dialog tells of its closing late: the next question waits for it

/** Resolves to whether the person said yes. */
export function confirmed(text, yes = words.shell.ask_yes) {
  answered = answered.then(() => ask(text, yes));
  return answered;
}

function ask(text, yes) {
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
