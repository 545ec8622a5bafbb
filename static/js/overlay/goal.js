// How far it is to a number: a title, the number, a bar.

import { text } from "../texts.js";

const numbers = new Intl.NumberFormat(document.documentElement.lang);

export class Goal {
  #place;
  #name;
  #target = 1;
  #value = 0;

  /** `name`: which of the totals it follows. */
  constructor(place) {
    this.#place = place;
    this.#name = place.dataset.widget;
  }

  dress({ title, target }) {
    this.#target = target;
    this.#put(".goal-title", title || text(`goals.${this.#name}`));
    this.#draw();
  }

  show(totals) {
    if (totals[this.#name] === this.#value) return;
    this.#value = totals[this.#name];
    this.#draw();
  }

  #draw() {
    const share = Math.min(1, this.#value / this.#target);
    this.#put(".goal-numbers", `${numbers.format(this.#value)} / ${numbers.format(this.#target)}`);
    this.#place.querySelector(".goal-fill").style.transform = `scaleX(${share.toFixed(4)})`;
    this.#place.classList.toggle("is-reached", share === 1);
  }

  #put(selector, words) {
    const node = this.#place.querySelector(selector);
    if (node.textContent !== words) node.textContent = words;
  }
}
