// The list of what happened, the newest on top. Joins and likes come in floods and share one line above it.

import { lineOf } from "./lines.js";
import { text } from "./texts.js";

const MAX_ROWS = 120;
const SVG = "http://www.w3.org/2000/svg";

export function iconNode(name) {
  const icon = document.createElementNS(SVG, "svg");
  icon.setAttribute("class", "icon");
  icon.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#icon-${name}`);
  icon.append(use);
  return icon;
}

function span(className, words) {
  const node = document.createElement("span");
  node.className = className;
  node.dir = "auto";
  node.textContent = words;
  return node;
}

function build(message, { icon, who, what }) {
  const row = document.createElement("li");
  row.className = "row";
  row.dataset.id = message.id ?? "";
  row.dataset.type = message.type;
  const words = document.createElement("p");
  words.className = "row-words";
  if (who) words.append(span("row-who", who), " ");
  words.append(span("row-what", what));
  row.append(iconNode(icon), words);
  if (message.test) row.append(span("tag", text("test")));
  return row;
}

export class Feed {
  #list;
  #joined;
  #likes;

  constructor({ list, joined, likes }) {
    this.#list = list;
    this.#joined = joined;
    this.#likes = likes;
  }

  take(message) {
    if (message.type === "like") this.#likes.textContent = text("likes", { count: message.total });
    else if (message.type === "queue") this.#markLeftOut(message.dropped ?? []);
    else if (message.type === "status" && message.gap > 0) this.#note(text("missed", { count: message.gap }));
    else if (message.type === "error") this.#note(message.message);
    else if (typeof message.seq === "number") this.#happened(message);
  }

  #happened(message) {
    const line = lineOf(message);
    if (message.type === "viewer_join") this.#joined.textContent = line.what;
    else if (line) this.#add(build(message, line));
  }

  #note(words) {
    this.#add(build({ type: "note" }, { icon: "effect", who: "", what: words }));
  }

  #add(row) {
    this.#list.prepend(row);
    while (this.#list.childElementCount > MAX_ROWS) this.#list.lastElementChild.remove();
  }

  #markLeftOut(ids) {
    for (const row of this.#list.children) {
      if (ids.includes(row.dataset.id) && !row.classList.contains("is-left-out")) {
        row.classList.add("is-left-out");
        row.append(span("tag", text("left_out")));
      }
    }
  }
}
