// One sound at a time, played here in the app.

import { blobOf } from "./session.js";
import { toast } from "./notes.js";
import { explained, words } from "./words.js";

let playing = null;

/** A sound of the server's. */
export async function hear(url) {
  hush();
  const audio = new Audio(url);
  playing = audio;
  try {
    await audio.play();
  } catch (error) {
    if (error.name !== "AbortError") toast(words.ui.playing_failed, { kind: "bad" });
  }
}

/** A text as `voice_id` says it, or as the settings have it. */
export async function hearVoice(voiceId, text) {
  const body = { ...(voiceId ? { voice_id: voiceId } : {}), ...(text ? { text } : {}) };
  try {
    const url = URL.createObjectURL(await blobOf("/voices/preview", body));
    await hear(url);
    playing?.addEventListener("ended", () => URL.revokeObjectURL(url));
  } catch (error) {
    if (error.code === undefined) throw error;
    toast(explained(error), { kind: "bad" });
  }
}

export function hush() {
  playing?.pause();
  playing = null;
}
