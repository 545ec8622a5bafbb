// The player of a phone's own browser. Until sound is unlocked it only watches, so that it takes nobody's place.

import { Feed, iconNode } from "./feed.js";
import { keep, kept } from "./keep.js";
import { lineOf } from "./lines.js";
import { situationOf } from "./situation.js";
import { Stage } from "./stage.js";
import { text } from "./texts.js";
import { keepAwake } from "./wake.js";

const VOLUME = "volume";
const KEYS = ["clear", "pause", "skip"];
const find = (id) => document.getElementById(id);

const feed = new Feed({ list: find("feed"), joined: find("joined"), likes: find("likes") });
const stage = new Stage({ onMessage: take, onChange: render });
const { audio, connection } = stage;
let isStarted = false; // sound was unlocked once and the player's place asked for
let viewers = null;

function take(message) {
  if (message.type === "viewer") viewers = message.current;
  if (message.type === "status") viewers = message.viewers ?? (message.live ? viewers : null);
  feed.take(message);
}

function write(id, words) {
  const node = find(id);
  if (node.textContent !== words) node.textContent = words;
}

function renderSituation() {
  const { name, tone, action } = situationOf(connection, stage.status, isStarted);
  const fields = { username: stage.status?.username ?? "" };
  const isOpen = connection.state === "open";
  document.body.dataset.tone = tone;
  document.body.dataset.connection = connection.state;
  write("situation-title", text(`situation.${name}`));
  write("situation-hint", (isOpen && stage.status?.error) || text(`situation.${name}_hint`, fields));
  write("viewers", isOpen && viewers !== null ? text("viewers", { count: viewers }) : "");
  find("act").hidden = action === null;
  find("act").dataset.action = action ?? "";
  if (action) write("act", text(`situation.${name}_action`));
  const link = { open: "connected", stopped: "disconnected" }[connection.state] ?? "connecting";
  write("link", text(link));
}

/** What the large card says: `[state, who, what]`. */
function nowWords() {
  if (audio.isHeld || (connection.state === "waiting" && !audio.item)) return ["held", text("held"), text("held_hint")];
  if (audio.isPaused) return ["paused", text("paused"), text("paused_hint")];
  const line = audio.item && lineOf(audio.item.message);
  if (line) return ["playing", line.who || line.what, line.who ? line.what : ""];
  return ["quiet", text("quiet"), text("quiet_hint")];
}

function renderNow() {
  const [state, who, what] = nowWords();
  const line = audio.item && lineOf(audio.item.message);
  const icon = state === "playing" ? line.icon : { paused: "pause", held: "link" }[state] ?? "quiet";
  find("now").dataset.state = state;
  write("now-who", who);
  write("now-what", what);
  if (find("now-icon").dataset.icon !== icon) {
    find("now-icon").dataset.icon = icon;
    find("now-icon").replaceChildren(iconNode(icon));
  }
  const { pending, seconds } = stage.backlog;
  const backlog = { count: pending, seconds: Math.round(seconds) };
  write("backlog", pending > 0 && connection.state === "open" ? text("waiting_count", backlog) : text("nothing_waiting"));
}

function render() {
  renderSituation();
  renderNow();
  const isLocked = !isStarted || audio.isLocked;
  const isOver = connection.state === "stopped"; // nothing plays here any more
  document.body.dataset.sound = isLocked ? "locked" : "on";
  find("unlock").hidden = !isLocked || isOver;
  find("now").hidden = isLocked || isOver;
  for (const key of KEYS) find(key).disabled = isOver;
  find("pause").dataset.action = audio.isPaused ? "resume" : "pause";
  write("pause-words", text(audio.isPaused ? "resume" : "pause"));
  find("demo").hidden = stage.status?.demo !== true;
  find("feed-empty").hidden = isOver || find("feed").childElementCount > 0;
  find("backup-voice").hidden = isOver || stage.status?.speech_engine !== "espeak";
  find("awake").hidden = isOver;
}

function renderProgress() {
  const [played, whole] = audio.progress ?? [0, 1];
  find("progress").style.setProperty("--share", Math.min(1, played / whole));
}

function start() {
  isStarted = true;
  connection.open();
  keepAwake((isAwake) => write("awake", text(isAwake ? "awake" : "not_awake")));
  render();
}

async function unlock() {
  if ((await audio.unlock()) && !isStarted) start();
}

function setVolume(percent) {
  audio.setVolume(percent / 100);
  write("volume-words", `${percent}`);
  keep("localStorage", VOLUME, percent);
}

function act() {
  if (find("act").dataset.action === "take") connection.open();
  else connection.send({ action: "connect_tiktok" });
}

function useMediaKeys() {
  if (!("mediaSession" in navigator)) return;
  navigator.mediaSession.setActionHandler("play", () => stage.press("resume"));
  navigator.mediaSession.setActionHandler("pause", () => stage.press("pause"));
  navigator.mediaSession.setActionHandler("nexttrack", () => stage.press("skip"));
}

document.addEventListener("click", () => {
  if (!isStarted || audio.isLocked) unlock();
});
find("act").addEventListener("click", act);
find("pause").addEventListener("click", () => stage.press(find("pause").dataset.action));
find("skip").addEventListener("click", () => stage.press("skip"));
find("clear").addEventListener("click", () => stage.press("clear"));
find("volume").addEventListener("input", (event) => setVolume(event.target.valueAsNumber));
find("volume").value = kept("localStorage", VOLUME) ?? "100";
setVolume(find("volume").valueAsNumber);
useMediaKeys();
setInterval(renderProgress, 250);

if (await audio.probe()) start();
else connection.open("monitor");
render();
