// Promotion: the price while one types, the order itself, and the way to more money and back.

import { whileBusy } from "../forms.js";
import { counted } from "../../counted.js";
import { minor, money, plain } from "../money.js";
import { explained, filled } from "../words.js";

const PAUSE = 300; // milliseconds of no typing before the price is asked for
const OF_VIDEO = ["invalid_video_url", "video_not_found"];

/** Makes a repeat of one order the same order, also after a lost answer. */
const newKey = () => [...crypto.getRandomValues(new Uint32Array(4))].map((part) => part.toString(36)).join("-");

export function mount(root, app) {
  const page = new OrderForm(root, app);
  root.addEventListener("freshened", () => page.show());
  return () => page.close();
}

class OrderForm {
  #root;
  #app;
  #form;
  #said;
  #key = newKey();
  #timer;
  #turn = 0; // of questions, so that a slow answer never covers a newer one
  #quote = null; // `{price, unit}` in minor units
  #problem = { video: "", count: "" };

  constructor(root, app) {
    this.#root = root;
    this.#app = app;
    this.#form = root.querySelector("#order-form");
    this.#said = JSON.parse(root.querySelector("[data-words]").textContent);
    this.#form.addEventListener("input", () => this.#typed());
    this.#form.addEventListener("click", ({ target }) => this.#picked(target.closest("[data-count]")));
    this.#form.addEventListener("submit", (event) => this.#submitted(event));
    this.#typed(0);
  }

  close() {
    clearTimeout(this.#timer);
    this.#turn += 1;
  }

  get #video() {
    return this.#form.elements.video_url.value.trim();
  }

  get #count() {
    return Number(this.#form.elements.view_count.value);
  }

  #picked(chip) {
    if (!chip) return;
    this.#form.elements.view_count.value = chip.dataset.count;
    this.#typed(0);
  }

  #typed(pause = PAUSE) {
    clearTimeout(this.#timer);
    this.#turn += 1;
    this.#quote = null;
    this.#problem = { video: "", count: this.#outOfRange() };
    this.#form.querySelector(".problem").hidden = true;
    this.show();
    if (this.#count && !this.#problem.count) this.#timer = setTimeout(() => this.#ask(), pause);
  }

  #outOfRange() {
    const { minimum, maximum } = this.#root.dataset;
    if (!this.#form.elements.view_count.value) return "";
    if (!(this.#count >= Number(minimum))) return filled(this.#said.too_few, { count: counted(Number(minimum)) });
    if (!Number.isInteger(this.#count)) return this.#said.not_whole;
    if (this.#count > Number(maximum)) return filled(this.#said.too_many, { count: counted(Number(maximum)) });
    return "";
  }

  async #ask() {
    const turn = ++this.#turn;
    const problem = { video: "", count: "" };
    let answer;
    try {
      answer = await this.#priced(problem);
    } catch (error) {
      if (error.code === undefined) throw error;
      problem.count = explained(error);
    }
    if (turn !== this.#turn) return;
    this.#quote = answer ? { price: minor(answer.price), unit: minor(answer.unit_price) } : null;
    this.#problem = problem;
    this.show();
  }

  /** With a link its video is looked at, too; what is wrong with it does not hide the price. */
  async #priced(problem) {
    const body = { video_url: this.#video, view_count: this.#count };
    try {
      if (this.#video) return await this.#app.call("/orders/quote", body);
    } catch (error) {
      if (!OF_VIDEO.includes(error.code)) throw error;
      problem.video = explained(error);
    }
    return this.#app.call(`/prices/quote?view_count=${this.#count}`);
  }

  show() {
    const { currency, available } = this.#root.dataset;
    const missing = this.#quote ? this.#quote.price - Number(available) : 0;
    this.#showPrice(currency, Number(available), missing);
    this.#showProblem("video_url", "link-problem", this.#problem.video);
    this.#showProblem("view_count", "views-problem", this.#problem.count);
    for (const chip of this.#form.querySelectorAll("[data-count]")) {
      chip.setAttribute("aria-pressed", String(Number(chip.dataset.count) === this.#count));
    }
    const button = this.#form.querySelector("[type=submit]");
    button.disabled = !this.#quote || !this.#video || Boolean(this.#problem.video) || missing > 0;
    button.hidden = missing > 0;
    button.textContent = this.#quote
      ? filled(this.#said.order, { price: money(this.#quote.price, currency) })
      : this.#said.just_order;
  }

  #showPrice(currency, available, missing) {
    const [price, unit, after] = ["price", "unit", "after"].map((name) => this.#form.querySelector(`[data-${name}]`));
    const way = this.#form.querySelector("[data-top-up]");
    price.hidden = after.hidden = !this.#quote;
    way.hidden = missing <= 0;
    if (!this.#quote) {
      unit.textContent = this.#count && !this.#problem.count ? "…" : this.#said.choose;
      return;
    }
    price.textContent = money(this.#quote.price, currency);
    unit.textContent = filled(this.#said.unit, { price: money(this.#quote.unit, currency) });
    after.textContent = this.#outcome(currency, available, missing);
    way.textContent = filled(this.#said.top_up, { amount: money(missing, currency) });
    way.href = this.#wayToMoney(missing);
  }

  #outcome(currency, available, missing) {
    const values = { available: money(available, currency), missing: money(missing, currency) };
    if (missing > 0) return filled(this.#said.missing, values);
    if (!this.#video) return this.#said.paste;
    return filled(this.#said.after, { amount: money(-missing, currency) });
  }

  /** The wallet, which comes back to this very order. */
  #wayToMoney(missing) {
    const back = `/app/promotion?${new URLSearchParams({ video: this.#video, views: this.#count })}`;
    return `/app/wallet?${new URLSearchParams({ amount: plain(Math.max(missing, 0)), back })}`;
  }

  #showProblem(name, id, text) {
    const note = this.#form.querySelector(`#${id}`);
    note.textContent = text;
    note.hidden = !text;
    if (text) this.#form.elements[name].setAttribute("aria-invalid", "true");
    else this.#form.elements[name].removeAttribute("aria-invalid");
  }

  #submitted(event) {
    event.preventDefault();
    const button = this.#form.querySelector("[type=submit]");
    if (!button.disabled) whileBusy(button, () => this.#order());
  }

  async #order() {
    const body = { video_url: this.#video, view_count: this.#count };
    try {
      const { order } = await this.#app.call("/orders", body, { key: this.#key });
      this.#key = newKey();
      this.#app.toast(this.#said.ordered);
      if (this.#root.isConnected) await this.#app.go(`/app/promotion/${order.order_id}`);
    } catch (error) {
      if (error.code === undefined) throw error;
      this.#refused(error);
    }
  }

  #refused(error) {
    if (error.isStranger) return this.#app.stranger(error);
    const wasSent = error.code === "key_reused"; // the answer to an order with other numbers got lost
    if (wasSent) this.#key = newKey();
    if (wasSent || error.code === "insufficient_funds") this.#app.refresh();
    const place = this.#form.querySelector(".problem");
    place.textContent = wasSent ? this.#said.sent_before : explained(error);
    place.hidden = false;
    return undefined;
  }
}
