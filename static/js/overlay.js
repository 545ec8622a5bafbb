// The browser source: plays, draws, and speaks of itself only when a person must do something.

import { Board } from "./overlay/board.js";
import { Stage } from "./stage.js";
import { text } from "./texts.js";

const PATIENCE = 10_000; // a short cut is not worth a line that viewers may see
const WORDS_OF = { 4400: "no_username", 4401: "link_over", 4403: "no_license", 4409: "replaced", 4429: "no_place" };

const notice = document.getElementById("notice");
const demo = document.getElementById("demo");
const board = new Board();
const stage = new Stage({ onMessage: (message) => board.take(message), onChange: render });
let openAt = performance.now();

function words() {
  const { connection, audio } = stage;
  if (connection.code in WORDS_OF) return text(WORDS_OF[connection.code]);
  const plays = stage.status?.silent !== true; // else a player does, and the lock matters to nobody
  if (audio.isLocked && plays) return `${text("sound_locked")} ${text("sound_cure")}`;
  const isCut = connection.state !== "open" && performance.now() - openAt > PATIENCE;
  return isCut ? text("reconnecting") : "";
}

function render() {
  if (stage.connection.state === "open") openAt = performance.now();
  const shown = words();
  if (notice.textContent !== shown) notice.textContent = shown;
  notice.hidden = shown === "";
  demo.hidden = stage.status?.demo !== true;
  document.body.dataset.connection = stage.connection.state;
  document.body.dataset.sound = stage.audio.isLocked ? "locked" : "on";
}

function touched() {
  if (stage.audio.isLocked) stage.audio.unlock();
  if (stage.connection.code === 4409) stage.connection.open();
}

document.addEventListener("click", touched);
document.addEventListener("keydown", touched);
setInterval(render, 2_000);
await stage.audio.probe();
stage.connection.open();
