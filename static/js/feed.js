// The list of what happened, the newest on top. Joins and likes come in floods and share one line above it.

import { gave, lineOf } from "./lines.js";
import { known, text } from "./texts.js";

const MAX_ROWS = 120;
const SVG = "http://www.w3.org/2000/svg";

/** `sprite`: what an icon's address is before its name. */
export function iconNode(name, sprite = "#icon-") {
  const icon = document.createElementNS(SVG, "svg");
  icon.setAttribute("class", "icon");
  icon.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${sprite}${name}`);
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

/** Whose streak stands at which total. */
function streakOf({ username, gift_name: gift }, total) {
  return `${username} ${gift} ${total}`;
}

export class Feed {
  #list;
  #joined;
  #likes;
  #max;
  #sprite;
  #endOf;
  #hrefOf;
  #newcomer = null; // who wrote for the first time; the line itself comes next

  /** `hrefOf(message)`: where a row leads; `endOf(message)`: a node at its end. */
  constructor({ list, joined, likes, max = MAX_ROWS, sprite, hrefOf, endOf }) {
    this.#list = list;
    this.#joined = joined;
    this.#likes = likes;
    this.#max = max;
    this.#sprite = sprite;
    this.#hrefOf = hrefOf;
    this.#endOf = endOf;
  }

  get isEmpty() {
    return this.#list.childElementCount === 0;
  }

  take(message) {
    if (message.type === "like") this.#likes.textContent = text("likes", { count: message.total });
    else if (message.type === "queue") this.#markLeftOut(message.dropped ?? []);
    else if (message.type === "status" && message.gap > 0) this.#note(text("missed", { count: message.gap }));
    else if (message.type === "error") this.#note(known(`errors.${message.code}`) ?? message.message);
    else if (typeof message.seq === "number") this.#happened(message);
  }

  #happened(message) {
    if (message.type === "viewer_join") this.#joined.textContent = lineOf(message).what;
    else if (message.type === "viewer_first_message") this.#newcomer = message.username;
    else if (!this.#goesOn(message)) this.#addLine(message);
  }

  /** More of a streak that has its row. What came from history does not know the streak's name. */
  #goesOn(message) {
    if (!message.streak) return false;
    const { id, total } = message.streak;
    const before = streakOf(message, total - message.count);
    const isSame = ({ dataset }) => (id && dataset.streak === id) || (!dataset.streak && dataset.given === before);
    const row = [...this.#list.children].find(isSame);
    if (!row) return false;
    row.querySelector(".row-what").textContent = gave(message);
    row.dataset.given = streakOf(message, total);
    return true;
  }

  #addLine(message) {
    const line = lineOf(message);
    if (!line) return;
    const row = this.#build(message, line);
    if (message.type === "chat" && this.#newcomer !== null && message.username === this.#newcomer) {
      this.#newcomer = null;
      this.#tag(row, "newcomer");
    }
    this.#add(row);
  }

  #note(words) {
    this.#add(this.#build({ type: "note" }, { icon: "effect", who: "", what: words }));
  }

  #build(message, { icon, who, what }) {
    const row = document.createElement("li");
    row.dataset.id = message.id ?? "";
    row.dataset.type = message.type;
    row.dataset.streak = message.streak?.id ?? "";
    row.dataset.given = message.streak ? streakOf(message, message.streak.total) : "";
    const href = message.id && this.#hrefOf?.(message);
    const body = href ? document.createElement("a") : row;
    body.className = "row";
    if (href) {
      body.href = href;
      row.append(body);
    }
    const words = document.createElement("p");
    words.className = "row-words";
    if (who) words.append(span("row-who", who), " ");
    words.append(span("row-what", what));
    body.append(iconNode(icon, this.#sprite), words);
    if (message.test) this.#tag(row, "test");
    const end = message.id && this.#endOf?.(message);
    if (end) body.append(end);
    return row;
  }

  #tag(row, word) {
    row.querySelector(".row-words").after(span("tag", text(word)));
  }

  #add(row) {
    this.#list.prepend(row);
    while (this.#list.childElementCount > this.#max) this.#list.lastElementChild.remove();
  }

  #markLeftOut(ids) {
    for (const row of this.#list.children) {
      if (ids.includes(row.dataset.id) && !row.classList.contains("is-left-out")) {
        row.classList.add("is-left-out");
        this.#tag(row, "left_out");
      }
    }
  }
}
