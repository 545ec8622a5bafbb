// Triggers that are deleted once it is too late for Undo. Until then they are switched off, and the list hides them.

import { takeAway } from "../notes.js";
import { call, session } from "../session.js";

const leaving = new Map(); // by id: whether it was switched on

export const isLeaving = (id) => leaving.has(id);

/** What it does ends at once. */
export async function takeOff(id, isOn) {
  leaving.set(id, isOn);
  try {
    if (isOn) await call("/triggers", { id, enabled: false });
  } catch (error) {
    leaving.delete(id);
    throw error;
  }
}

/** With its place, its count of the day, and all that names it. */
export async function bringBack(id) {
  if (leaving.get(id)) await call("/triggers", { id, enabled: true });
  leaving.delete(id);
}

export async function removeNow(id) {
  if (leaving.delete(id)) await call("/triggers/delete", { id }, { keepalive: true });
}

/** None of them waits any longer: what is added may need their room. */
export async function makeRoom() {
  if (!leaving.size) return;
  takeAway();
  await session.settled();
}

// The window is being closed: there will be no Undo.
addEventListener("pagehide", () => {
  for (const id of leaving.keys()) removeNow(id).catch(() => {});
});
