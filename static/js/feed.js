// The list of what happened, the newest on top. Joins and likes come in floods and share one line above it.

import { gave, lineOf } from "./lines.js";
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
  row.dataset.streak = message.streak?.id ?? "";
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
  #newcomer = null; // who wrote for the first time; the line itself comes next

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
    if (message.type === "viewer_join") this.#joined.textContent = lineOf(message).what;
    else if (message.type === "viewer_first_message") this.#newcomer = message.username;
    else if (!this.#goesOn(message)) this.#addLine(message);
  }

  /** More of a streak that has its row. */
  #goesOn(message) {
    const id = message.streak?.id;
    const row = id && [...this.#list.children].find((one) => one.dataset.streak === id);
    if (!row) return false;
    row.querySelector(".row-what").textContent = gave(message);
    return true;
  }

  #addLine(message) {
    const line = lineOf(message);
    if (!line) return;
    const row = build(message, line);
    if (message.type === "chat" && this.#newcomer !== null && message.username === this.#newcomer) {
      this.#newcomer = null;
      row.append(span("tag", text("newcomer")));
    }
    this.#add(row);
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
