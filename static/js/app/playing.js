// A button that plays, shows that it does, and stops when it is pressed again.

import { hush, listen } from "./listen.js";
import { toast } from "./notes.js";
import { blobOf } from "./session.js";
import { explained, words } from "./words.js";

let pressed = null;

/** `source`: resolves to an address; `volume`, `onMove`: see `listen`. */
export async function playFrom(button, source, { volume, onMove = () => {} } = {}) {
  const isPlaying = button.getAttribute("aria-pressed") === "true";
  hush();
  if (isPlaying) return;
  show(button, true);
  try {
    const url = await source();
    if (pressed !== button) return;
    listen(url, { volume, onMove, onEnd: (hasFailed) => ended(button, url, { hasFailed, onMove }) });
  } catch (error) {
    show(button, false);
    if (error.code === undefined) throw error;
    toast(explained(error), { kind: "bad" });
  }
}

function ended(button, url, { hasFailed, onMove }) {
  show(button, false);
  onMove(0);
  if (url.startsWith("blob:")) URL.revokeObjectURL(url);
  if (hasFailed) toast(words.ui.playing_failed, { kind: "bad" });
}

function show(button, isPlaying) {
  if (isPlaying && pressed) pressed.setAttribute("aria-pressed", "false");
  pressed = isPlaying ? button : null;
  button.setAttribute("aria-pressed", String(isPlaying));
}

/** A refresh draws buttons as the server knows them, which knows nothing of what plays here. */
export function showAgain() {
  pressed?.setAttribute("aria-pressed", "true");
}

/** What somebody would say, as `/voices/preview` wants it. */
export const spoken = (body) => async () => URL.createObjectURL(await blobOf("/voices/preview", body));
