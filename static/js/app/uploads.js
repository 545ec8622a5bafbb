// Files on their way to the server, one after the other: how far each is, and why one was refused. They go on
// while another page is looked at, until whoever added them signs out.

import { session, upload } from "./session.js";
import { explained, filled } from "./words.js";

const AGAIN = 5; // seconds, where the server does not say how long to wait
const STAYS = 4_000; // milliseconds an added one is still shown

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export class Uploads {
  #list = null; // where the rows stand; null while another page is looked at
  #words;
  #limits;
  #onAdded = () => {};
  #rows = new Set();
  #waiting = [];
  #isSending = false;
  #began = session.ended;

  /** Whoever added them has gone: nothing more is sent. */
  get isOver() {
    return this.#began !== session.ended;
  }

  /** `limits`: `bytes`, and in words `size`, `seconds`, `quota`. */
  showIn(list, { words, limits, onAdded }) {
    this.#list = list;
    this.#words = words;
    this.#limits = limits;
    this.#onAdded = onAdded;
    list.replaceChildren(...[...this.#rows].map((row) => row.element));
    this.#tidy();
  }

  hide() {
    this.#list = null;
    this.#onAdded = () => {};
  }

  add(files) {
    for (const file of files) this.#waiting.push({ file, row: this.#row(file) });
    this.#tidy();
    if (!this.#isSending) this.#run();
  }

  #tidy() {
    if (this.#list) this.#list.hidden = !this.#rows.size;
  }

  async #run() {
    this.#isSending = true;
    while (this.#waiting.length && !this.isOver) await this.#send(this.#waiting.shift());
    this.#isSending = false;
  }

  async #send({ file, row }) {
    const { bytes, size } = this.#limits;
    if (file.size > bytes) return row.refuse(filled(this.#words.too_big, { size: sizeOf(file.size), max: size }));
    try {
      await upload("/sounds/upload", file, (share) => row.show(share, this.#said(share)));
    } catch (error) {
      if (error.code === undefined) throw error;
      if (error.code !== "rate_limited") return row.refuse(this.#why(error));
      await this.#countDown(row, error.details.retry_after ?? AGAIN);
      return this.isOver ? undefined : this.#send({ file, row });
    }
    row.finish(this.#words.added);
    return this.#onAdded();
  }

  #said(share) {
    return share < 1 ? filled(this.#words.sending, { percent: Math.round(share * 100) }) : this.#words.checking;
  }

  async #countDown(row, seconds) {
    for (let left = seconds; left > 0; left -= 1) {
      row.show(0, filled(this.#words.slowly, { seconds: left }));
      await wait(1_000);
    }
  }

  #why(error) {
    const { seconds, size, quota } = this.#limits;
    const told = {
      unsupported_sound: this.#words[`why_${error.details.why}`],
      sound_exists: this.#words.exists,
      quota_exceeded: this.#words.no_room,
      file_too_large: this.#words.too_big,
    }[error.code];
    return told ? filled(told, { max: error.code === "file_too_large" ? size : seconds, quota, size }) : explained(error);
  }

  #row(file) {
    const row = new UploadRow(file.name, this.#words, () => {
      this.#waiting = this.#waiting.filter((one) => one.row !== row);
      this.#rows.delete(row);
      this.#tidy();
    });
    this.#rows.add(row);
    this.#list?.append(row.element);
    return row;
  }
}

class UploadRow {
  element = document.createElement("li");
  #bar = document.createElement("progress");
  #note = document.createElement("small");
  #name;
  #words;
  #onGone;

  constructor(name, words, onGone) {
    this.#name = name;
    this.#words = words;
    this.#onGone = onGone;
    const title = document.createElement("strong");
    title.textContent = name;
    const main = document.createElement("div");
    main.className = "row-main";
    this.#bar.setAttribute("aria-label", name);
    this.#note.className = "muted";
    main.append(title, this.#bar, this.#note);
    this.element.className = "row";
    this.element.append(main);
    this.show(0, words.waiting);
  }

  show(share, text) {
    if (share < 1) this.#bar.value = share;
    else this.#bar.removeAttribute("value"); // how long the check takes is not known
    if (this.#note.textContent !== text) this.#note.textContent = text;
  }

  finish(text) {
    this.#bar.remove();
    this.#note.textContent = text;
    this.#note.className = "is-good";
    setTimeout(() => this.#leave(), STAYS);
  }

  refuse(text) {
    this.#bar.remove();
    this.#note.textContent = text;
    this.#note.className = "is-bad";
    this.#note.setAttribute("role", "alert");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn round plain";
    button.setAttribute("aria-label", filled(this.#words.dismiss, { name: this.#name }));
    button.textContent = "✕";
    button.addEventListener("click", () => this.#leave());
    this.element.append(button);
  }

  #leave() {
    this.element.remove();
    this.#onGone();
  }
}

function sizeOf(bytes) {
  const language = document.documentElement.lang;
  return `${(bytes / 1_000_000).toLocaleString(language, { maximumFractionDigits: 1 })} MB`;
}
