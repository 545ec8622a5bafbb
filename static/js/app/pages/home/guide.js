// The first steps: opens the one that is next, keeps the guide folded where somebody folded it, tries things out.

import { keep, kept } from "../../../keep.js";
import { toast } from "../../notes.js";
import { explained } from "../../words.js";
import { whileBusy } from "../../forms.js";

const FOLDED = "ttboost.guide_folded";
const PATIENCE = 12_000; // milliseconds until a test that nothing played is called silent
const at = (id) => document.getElementById(id);

export class Guide {
  #home;
  #current = null; // the step that was opened last
  #timer = null; // of a test that is waited for
  #isWatched = false;

  constructor(home) {
    this.#home = home;
  }

  draw() {
    const guide = at("guide");
    if (!guide) return this.#over();
    if (!this.#isWatched) this.#watch(guide);
    const { current } = guide.dataset;
    if (current !== this.#current) this.#open(current);
    if (this.#timer && guide.querySelector('[data-key="step-heard"].is-done')) this.#heard();
    return undefined;
  }

  leave() {
    clearTimeout(this.#timer);
  }

  #watch(guide) {
    this.#isWatched = true;
    guide.open = kept("localStorage", FOLDED) !== "yes";
    guide.addEventListener("toggle", (event) => {
      if (event.target === guide) keep("localStorage", FOLDED, guide.open ? "no" : "yes");
    });
    guide.addEventListener("click", ({ target }) => {
      const button = target.closest("button[data-try]");
      if (button) this.#try(button);
    });
  }

  #open(current) {
    if (this.#current) at(`step-${this.#current}`).open = false;
    this.#current = current;
    if (current) at(`step-${current}`).open = true;
  }

  async #try(button) {
    try {
      const event = JSON.parse(button.dataset.try);
      await whileBusy(button, () => this.#home.app.call("/triggers/test", { event }));
    } catch (error) {
      if (error.code === undefined) throw error;
      toast(explained(error), { kind: "bad" });
      return;
    }
    this.#say(this.#home.words.try_sent);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#silent(), PATIENCE);
  }

  #silent() {
    this.#timer = null;
    const isHeard = document.querySelector('[data-key="step-heard"].is-done');
    this.#say(isHeard ? "" : this.#home.words.try_silent);
  }

  #heard() {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#say(this.#home.words.try_heard);
    toast(this.#home.words.try_heard);
  }

  #over() {
    if (this.#isWatched) toast(this.#home.words.guide_done); // it went before somebody's eyes
    this.#isWatched = false;
    clearTimeout(this.#timer);
    this.#timer = null;
  }

  #say(words) {
    const place = at("try-news");
    if (place) place.textContent = words;
  }
}
