// Who gave most in this LIVE. Rows change places by transforms alone.

import { text } from "../texts.js";

const LEAVING = 420; // milliseconds; the CSS transition's length
const HEIGHT = 2.2; // em; that of a row in the style sheet

const numbers = new Intl.NumberFormat(document.documentElement.lang);

function part(className, parent) {
  const node = document.createElement("span");
  node.className = className;
  parent.append(node);
  return node;
}

class Row {
  constructor(list) {
    this.node = document.createElement("li");
    this.node.className = "gifter";
    this.rank = part("gifter-rank", this.node);
    this.name = part("gifter-name", this.node);
    this.name.dir = "auto";
    this.sum = part("gifter-sum", this.node);
    list.append(this.node);
  }

  show({ user, diamonds }, place) {
    const words = { rank: String(place + 1), name: user, sum: numbers.format(diamonds) };
    for (const [name, said] of Object.entries(words)) {
      if (this[name].textContent !== said) this[name].textContent = said;
    }
    this.node.style.transform = `translateY(${(place * HEIGHT).toFixed(2)}em)`;
  }

  leave() {
    this.node.classList.add("is-leaving");
    setTimeout(() => this.node.remove(), LEAVING);
  }
}

export class Gifters {
  #place;
  #list;
  #rows = new Map(); // by handle
  #count = 0;
  #gifters = [];

  constructor(place) {
    this.#place = place;
    this.#list = place.querySelector("ol");
  }

  dress({ title, rows }) {
    this.#count = rows;
    this.#place.querySelector(".gifters-title").textContent = title || text("gifters");
    this.#draw();
  }

  show({ gifters }) {
    this.#gifters = gifters;
    this.#draw();
  }

  #draw() {
    const shown = this.#gifters.slice(0, this.#count);
    const names = new Set(shown.map(({ username }) => username));
    for (const [name, row] of this.#rows) {
      if (names.has(name)) continue;
      row.leave();
      this.#rows.delete(name);
    }
    shown.forEach((gifter, place) => this.#rowOf(gifter.username).show(gifter, place));
    this.#place.style.setProperty("--rows", String(Math.max(1, shown.length)));
    this.#place.classList.toggle("is-empty", shown.length === 0);
  }

  #rowOf(name) {
    if (!this.#rows.has(name)) this.#rows.set(name, new Row(this.#list));
    return this.#rows.get(name);
  }
}
