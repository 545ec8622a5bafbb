// The first steps: opens the one that is next, keeps the guide folded where somebody folded it, tries things out.
// Once all are done before somebody's eyes, what they were about to try and what comes next stands in its place.

import { keep, kept } from "../../../keep.js";
import { h, icon } from "../../dom.js";
import { toast } from "../../notes.js";
import { explained } from "../../words.js";
import { whileBusy } from "../../forms.js";

const NEXT = "ttboost.guide_next"; // as long as the browser is open, until somebody closes it
const FOLDED = "ttboost.guide_folded";
const PATIENCE = 12_000; // milliseconds until a test that nothing played is called silent
const at = (id) => document.getElementById(id);

export class Guide {
  #home;
  #current = null; // the step that was opened last
  #timer = null; // of a test that is waited for
  #isWatched = false;
  #isInSight = false;
  #sight = new IntersectionObserver(([{ isIntersecting, target }]) => target.isConnected && (this.#isInSight = isIntersecting));
  #next = null; // the card in the place of the guide

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
    this.#sight.disconnect();
    clearTimeout(this.#timer);
  }

  #watch(guide) {
    this.#isWatched = true;
    this.#sight.observe(guide);
    guide.open = kept("localStorage", FOLDED) !== "yes";
    guide.addEventListener("toggle", (event) => {
      if (event.target === guide) keep("localStorage", FOLDED, guide.open ? "no" : "yes");
    });
    this.#letTry(guide);
  }

  #letTry(card) {
    card.addEventListener("click", ({ target }) => {
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
    const isHeard = this.#next || document.querySelector('[data-key="step-heard"].is-done');
    this.#say(isHeard ? "" : this.#home.words.try_silent);
  }

  #heard() {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#say(this.#home.words.try_heard);
    toast(this.#home.words.try_heard);
  }

  #over() {
    if (this.#isWatched) {
      toast(this.#home.words.guide_done); // it went before somebody's eyes
      keep("sessionStorage", NEXT, "yes");
    }
    if (kept("sessionStorage", NEXT) === "yes") this.#next ??= this.#cardOfNext();
    this.#isWatched = false;
    clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#next && !this.#next.isConnected) at("live").after(this.#next); // a page made fresh does not know it
    if (this.#isInSight) this.#next?.scrollIntoView({ block: "nearest" }); // else the page jumps under the finger
    this.#isInSight = false;
    this.#sight.disconnect();
  }

  #cardOfNext() {
    const words = this.#home.words.next;
    const close = h("button", { class: "btn plain round", type: "button", "aria-label": words.close, onclick: () => this.#closeNext() }, icon("close"));
    const attempts = words.tries.map(({ icon: picture, label, event }) => h("button", { class: "btn", type: "button", "data-try": JSON.stringify(event) }, icon(picture), label));
    const card = h(
      "section", { class: "card", id: "guide-next" },
      h("div", { class: "card-head" }, h("h2", {}, words.title), close),
      h("p", { class: "muted" }, words.text),
      h("div", { class: "acts" }, ...attempts, h("a", { class: "btn primary", href: "/app/triggers/new" }, words.trigger)),
      h("p", { class: "try-news muted", id: "try-news", role: "status" }),
    );
    this.#letTry(card);
    return card;
  }

  #closeNext() {
    keep("sessionStorage", NEXT, "no");
    this.#next.remove();
    this.#next = null;
  }

  #say(words) {
    const place = at("try-news");
    if (place) place.textContent = words;
  }
}
