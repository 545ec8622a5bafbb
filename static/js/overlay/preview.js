// The overlay within the app's own page: draws what that page tells it. No socket, so no place of the five, and no sound.

import { text } from "../texts.js";
import { Board } from "./board.js";

const board = new Board();

/** Stands where alerts come while there is none, so that they can be arranged. */
function addSample() {
  const words = document.createElement("p");
  words.className = "alert-text";
  words.textContent = `Anna: ${text("gave", { gift: "Rose", count: 5 })}`;
  const sample = document.createElement("article");
  sample.className = "alert is-shown is-sample";
  sample.append(words);
  document.getElementById("alerts").append(sample);
}

addSample();
addEventListener("message", ({ origin, source, data }) => {
  if (origin !== location.origin || source !== parent) return;
  board.take(data);
});
parent.postMessage({ type: "preview_ready" }, location.origin);
