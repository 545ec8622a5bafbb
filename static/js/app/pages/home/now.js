// What sounds now, and how much waits. The server says which message it is; who and what it was is known from it.

import { iconNode } from "../../../feed.js";
import { lineOf } from "../../../lines.js";
import { text } from "../../../texts.js";

const MAX_KNOWN = 400;
const at = (id) => document.getElementById(id);

function write(id, words) {
  if (at(id).textContent !== words) at(id).textContent = words;
}

export class Now {
  #home;
  #known = new Map(); // id of a message -> the message, the oldest forgotten first
  #queue = { playing: null, pending: 0, seconds: 0, paused: false };

  constructor(home) {
    this.#home = home;
  }

  draw(queue) {
    this.#queue = queue;
    this.#show();
  }

  know(message) {
    if (!message.id) return;
    this.#known.set(message.id, message);
    if (this.#known.size > MAX_KNOWN) this.#known.delete(this.#known.keys().next().value);
  }

  take(message) {
    this.know(message);
    if (message.type === "queue") this.#queue = message;
    else if (message.type === "status") this.#queue = { ...this.#queue, paused: message.paused };
    else return;
    this.#show();
  }

  #show() {
    if (!at("now")) return;
    const { playing, pending, seconds, paused } = this.#queue;
    const message = playing && this.#known.get(playing);
    const line = message ? lineOf(message) : playing ? { icon: "sound", who: this.#home.words.some_sound, what: "" } : null;
    const state = paused ? "paused" : line ? "playing" : "quiet";
    at("now").dataset.state = state;
    write("now-who", state === "quiet" ? text("quiet") : paused ? text("paused") : line.who || line.what);
    write("now-what", state === "quiet" ? "" : paused ? text("paused_hint") : line.who ? line.what : "");
    this.#icon(paused ? "pause" : (line?.icon ?? "quiet"));
    const waiting = Math.max(0, pending - (playing ? 1 : 0));
    write("now-backlog", waiting ? text("waiting_count", { count: waiting, seconds: Math.round(seconds) }) : "");
    at("now-pause").dataset.control = paused ? "resume" : "pause";
    write("now-pause-words", text(paused ? "resume" : "pause"));
  }

  #icon(name) {
    const place = at("now-icon");
    if (place.dataset.icon === name) return;
    place.dataset.icon = name;
    place.replaceChildren(iconNode(name, this.#home.sprite));
  }
}
