// What happened, one line each, the newest nearest to the screen's edge. Lines move by transforms alone.

import { gave, lineOf } from "../lines.js";

const SHOWN = ["chat", "gift", "follow", "share", "subscribe"];
const BETWEEN = 90; // milliseconds: nobody reads faster, so a flood is thinned out
const LEAVING = 260; // the CSS transition's length
const HEIGHT = 2.3; // em; that of a line in the style sheet, with its gap

function span(className, words) {
  const node = document.createElement("span");
  node.className = className;
  node.textContent = words;
  return node;
}

function rowOf(message) {
  const { who, what } = lineOf(message);
  const node = document.createElement("li");
  node.className = "feed-row";
  const line = document.createElement("p");
  line.className = "feed-line";
  line.dir = "auto";
  line.append(span("feed-who", who), " ", span("feed-what", what));
  node.append(line);
  return { node, streak: message.streak?.id ?? null, type: message.type };
}

export class Feed {
  #place;
  #rows = []; // the newest first
  #waiting = [];
  #shownAt = -BETWEEN;
  #isPumping = false;
  #count = 0;
  #hasChat = true;
  #growsDown = false;

  constructor(place) {
    this.#place = place;
  }

  dress({ on, rows, chat, y }) {
    this.#count = on ? rows : 0;
    this.#hasChat = chat;
    this.#growsDown = y < 50;
    this.#place.style.setProperty("--rows", String(rows));
    if (!on) this.#waiting = [];
    const gone = this.#rows.filter(({ type }, index) => index >= this.#count || (type === "chat" && !chat));
    for (const { node } of gone) node.remove();
    this.#rows = this.#rows.filter((row) => !gone.includes(row));
    this.#settle();
  }

  take(message) {
    if (this.#count === 0 || !SHOWN.includes(message.type) || (message.type === "chat" && !this.#hasChat)) return;
    if (this.#goesOn(message)) return;
    this.#waiting.push(message);
    if (this.#waiting.length > this.#count) this.#waiting.shift();
    this.#pump();
  }

  clear() {
    this.#waiting = [];
    for (const { node } of this.#rows.splice(0)) node.remove();
  }

  /** More of a streak that has its line already. */
  #goesOn(message) {
    const id = message.streak?.id;
    if (!id) return false;
    const isSame = (one) => one.streak?.id === id;
    const waits = this.#waiting.findIndex(isSame);
    if (waits >= 0) this.#waiting[waits] = message;
    const row = this.#rows.find(({ streak }) => streak === id);
    if (row) row.node.querySelector(".feed-what").textContent = gave(message);
    return waits >= 0 || row !== undefined;
  }

  #pump() {
    if (this.#isPumping) return;
    this.#isPumping = true;
    requestAnimationFrame((now) => {
      this.#isPumping = false;
      if (now - this.#shownAt >= BETWEEN) this.#showNext(now);
      if (this.#waiting.length > 0) this.#pump();
    });
  }

  #showNext(now) {
    const message = this.#waiting.shift();
    if (!message) return;
    this.#shownAt = now;
    const row = rowOf(message);
    this.#rows.unshift(row);
    while (this.#rows.length > this.#count) this.#leave(this.#rows.pop());
    this.#settle();
    this.#place.append(row.node);
  }

  #leave({ node }) {
    node.classList.add("is-leaving");
    node.style.transform = this.#at(this.#count);
    setTimeout(() => node.remove(), LEAVING);
  }

  #settle() {
    this.#rows.forEach(({ node }, age) => (node.style.transform = this.#at(age)));
  }

  #at(age) {
    const place = this.#growsDown ? age : this.#count - 1 - age;
    return `translateY(${(place * HEIGHT).toFixed(2)}em)`;
  }
}
