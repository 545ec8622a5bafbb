// Overlay setup: what is changed in the forms or moved in the preview is seen there at once and saved by itself.

import { whileBusy } from "../forms.js";
import { toast } from "../notes.js";
import { Screen } from "../overlay/screen.js";
import { TRIES, beginning, totalsFor } from "../overlay/samples.js";
import * as telegram from "../telegram.js";
import { inTurn } from "../turns.js";
import { explained, filled, words as said } from "../words.js";

const WAIT = 400; // milliseconds after the last arrow key before its place is saved

const read = (root, selector) => JSON.parse(root.querySelector(selector).textContent);

class Setup {
  #root;
  #app;
  #words;
  #look;
  #screen;
  #timers = new Map();
  #signal = new AbortController();

  constructor(root, app) {
    this.#root = root;
    this.#app = app;
    this.#words = read(root, "[data-words]");
    this.#look = read(root, "#look");
    this.#screen = new Screen(root.querySelector("#screen"), {
      nameOf: (name) => filled(this.#words.move, { name: this.#words.names[name] }),
      placeOf: (name) => this.#look[name],
      moved: (name, place, isDone) => this.#moved(name, place, isDone),
      chosen: (name) => this.#choose(name),
      ready: () => this.#begin(),
    });
    const on = (type, listener) => root.addEventListener(type, listener, { signal: this.#signal.signal });
    on("input", ({ target }) => this.#typed(target));
    on("focusin", ({ target }) => this.#choose(target.closest("[data-widget-form]")?.dataset.widgetForm));
    on("click", ({ target }) => this.#clicked(target));
    on("freshened", () => this.#freshened());
    telegram.holdStill(true);
    this.#begin(); // the frame may have been ready before we were
  }

  close() {
    this.#signal.abort();
    this.#screen.close();
    telegram.holdStill(false);
  }

  #begin() {
    this.#show();
    this.#happen();
  }

  #happen() {
    for (const message of beginning(this.#words)) this.#screen.tell(message);
  }

  #show() {
    this.#screen.tell({ type: "look", look: this.#look });
    this.#screen.tell(totalsFor(this.#look));
  }

  #freshened() {
    if (this.#timers.size > 0) return; // what is being moved here is newer
    this.#look = read(this.#root, "#look");
    this.#show();
  }

  // What is typed

  #typed(field) {
    const [name, key] = field.name?.split(".") ?? [];
    if (!key || !field.validity.valid) return;
    const output = field.closest(".field")?.querySelector("output");
    if (output) output.textContent = `${field.value}%`;
    const isNumber = field.type === "number" || field.type === "range";
    if (isNumber && field.value === "") return;
    this.#change(name, { [key]: field.type === "checkbox" ? field.checked : isNumber ? Number(field.value) : field.value });
  }

  #change(name, values) {
    this.#look = { ...this.#look, [name]: { ...this.#look[name], ...values } };
    this.#markSpots(name);
    this.#show();
    if (name === "feed" && values.on) this.#happen(); // a feed that was just put there would be an empty box
  }

  #choose(name) {
    if (!name) return;
    this.#screen.choose(name);
    for (const form of this.#root.querySelectorAll("[data-widget-form]")) {
      form.classList.toggle("is-chosen", form.dataset.widgetForm === name);
    }
  }

  // What is moved

  #moved(name, place, isDone) {
    this.#change(name, place);
    const form = this.#formOf(name);
    for (const axis of ["x", "y"]) form.elements[`${name}.${axis}`].value = place[axis];
    if (!isDone) return;
    clearTimeout(this.#timers.get(name));
    this.#timers.set(name, setTimeout(() => this.#save(name), WAIT));
  }

  async #save(name) {
    this.#timers.delete(name);
    const { x, y } = this.#look[name];
    try {
      await inTurn(() => this.#app.call("/overlay/look", { [name]: { x, y } }));
      toast(said.ui.saved);
    } catch (error) {
      this.#refused(error);
    }
  }

  #markSpots(name) {
    const { x, y } = this.#look[name];
    for (const spot of this.#formOf(name).querySelectorAll("[data-spot]")) {
      spot.setAttribute("aria-pressed", String(spot.dataset.spot === `${x} ${y}`));
    }
  }

  #formOf(name) {
    return this.#root.querySelector(`[data-widget-form="${name}"]`);
  }

  // Buttons

  #clicked(target) {
    const button = target.closest("button");
    if (!button) return;
    const { spot, shape, try: what } = button.dataset;
    if (spot) {
      const [x, y] = spot.split(" ").map(Number);
      this.#moved(button.closest("[data-widget-form]").dataset.widgetForm, { x, y }, true);
    } else if (shape) this.#turn(shape);
    else if (what) this.#try(what, button);
  }

  #turn(shape) {
    this.#screen.turn(shape);
    for (const button of this.#root.querySelectorAll("button[data-shape]")) {
      button.setAttribute("aria-pressed", String(button.dataset.shape === shape));
    }
  }

  async #try(what, button) {
    const { shown, sent } = TRIES[what](this.#look, this.#words);
    this.#screen.tell(shown);
    if (!this.#root.querySelector("[data-try-for-real]").checked) return;
    try {
      await whileBusy(button, () => this.#app.call("/triggers/test", { event: sent }));
      toast(this.#words.tried);
    } catch (error) {
      this.#refused(error);
    }
  }

  #refused(error) {
    if (error.code === undefined) throw error;
    if (error.isStranger) this.#app.stranger(error);
    else toast(explained(error), { kind: "bad" });
  }
}

export function mount(root, app) {
  const setup = new Setup(root, app);
  return () => setup.close();
}
