// The wallet: an amount, what it costs in Stars, paying, and waiting until the money is there.

import { whileBusy } from "../forms.js";
import { counted } from "../../counted.js";
import { amountOf, money, plain } from "../money.js";
import { canPay, haptic, pay } from "../telegram.js";
import { explained, filled } from "../words.js";

const LOOK_AGAIN = 3_000; // milliseconds; the socket usually says it first
const SLOW = 60_000;

export function mount(root, app) {
  if (!root.querySelector("#top-up form")) return undefined;
  const page = new TopUp(root, app);
  root.addEventListener("freshened", () => page.looked());
  return () => page.close();
}

class TopUp {
  #root;
  #app;
  #form;
  #waiting;
  #said;
  #before = null; // the newest movement before paying, while the money is waited for
  #timer;
  #since = 0;

  constructor(root, app) {
    this.#root = root;
    this.#app = app;
    this.#form = root.querySelector("#top-up form");
    this.#waiting = root.querySelector(".waiting");
    this.#said = JSON.parse(root.querySelector("[data-words]").textContent);
    this.#form.addEventListener("input", () => this.#show());
    this.#form.addEventListener("click", ({ target }) => this.#picked(target.closest("[data-amount]")));
    this.#form.addEventListener("submit", (event) => this.#submitted(event));
    root.querySelector("[data-again]").addEventListener("click", () => this.#begin());
    this.#show();
  }

  close() {
    clearTimeout(this.#timer);
  }

  get #amount() {
    return amountOf(this.#form.elements.amount.value);
  }

  #money(amount) {
    return money(amount, this.#root.dataset.currency);
  }

  /** As the server counts: always rounded up, so that the amount is covered. */
  #stars(amount) {
    return Math.ceil(Number(((amount * Number(this.#root.dataset.rate)) / 100).toFixed(6)));
  }

  #picked(chip) {
    if (!chip) return;
    this.#form.elements.amount.value = plain(Number(chip.dataset.amount));
    this.#show();
  }

  #show() {
    const amount = this.#amount;
    const problem = this.#problemOf(amount);
    const field = this.#form.elements.amount;
    const note = this.#form.querySelector("#amount-problem");
    note.textContent = problem;
    note.hidden = !problem;
    if (problem) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
    for (const chip of this.#form.querySelectorAll("[data-amount]")) {
      chip.setAttribute("aria-pressed", String(Number(chip.dataset.amount) === amount));
    }
    this.#form.querySelector(".problem").hidden = true;
    this.#showPrice(problem ? null : amount);
  }

  #problemOf(amount) {
    if (!this.#form.elements.amount.value.trim()) return "";
    if (amount === null) return this.#said.not_an_amount;
    const most = Number(this.#root.dataset.most);
    return amount > most ? filled(this.#said.too_much, { amount: this.#money(most) }) : "";
  }

  #showPrice(amount) {
    const button = this.#form.querySelector("[type=submit]");
    button.disabled = amount === null;
    const stars = amount === null ? "" : counted(this.#stars(amount));
    button.textContent = amount === null ? this.#said.choose : filled(this.#said.pay, { stars });
    const credited = amount === null ? "" : filled(this.#said.credited, { amount: this.#money(amount) });
    const hint = amount !== null && !canPay() ? ` ${this.#said.outside}` : "";
    this.#form.querySelector("[data-credited]").textContent = credited + hint;
  }

  #submitted(event) {
    event.preventDefault();
    const button = this.#form.querySelector("[type=submit]");
    if (!button.disabled) whileBusy(button, () => this.#pay());
  }

  async #pay() {
    const before = this.#root.dataset.newest;
    let link;
    try {
      ({ invoice_link: link } = await this.#app.call("/wallet/topups", { amount: this.#amount / 100 }));
    } catch (error) {
      if (error.code === undefined) throw error;
      this.#refused(error);
      return;
    }
    const told = await pay(link);
    if (told === "cancelled") return;
    if (told === "failed") this.#app.toast(this.#said.failed, { kind: "bad" });
    else this.#wait(told, before, link);
  }

  #refused(error) {
    if (error.isStranger) return this.#app.stranger(error);
    const place = this.#form.querySelector(".problem");
    place.textContent = explained(error);
    place.hidden = false;
    return undefined;
  }

  /** `told`: Telegram's word, which is no money yet: `paid`, `pending` or `opened`. */
  #wait(told, before, link) {
    this.#before = before;
    this.#since = performance.now();
    this.#form.hidden = true;
    this.#waiting.hidden = false;
    const open = this.#waiting.querySelector("[data-open]");
    open.hidden = told !== "opened";
    open.href = link;
    this.#waiting.querySelector("p").textContent = told === "opened" ? this.#said.outside : this.#said[told];
    this.#lookAgain();
  }

  #lookAgain() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(async () => {
      if (this.#before === null) return;
      if (performance.now() - this.#since > SLOW) this.#waiting.querySelector("p").textContent = this.#said.slow;
      await this.#app.refresh();
      this.#lookAgain();
    }, LOOK_AGAIN);
  }

  /** The page is as the server has it now: is the money there? */
  looked() {
    const { newest, back, available } = this.#root.dataset;
    if (this.#before === null || newest === this.#before) return;
    this.#begin();
    haptic("success");
    this.#app.toast(filled(this.#said.arrived, { amount: this.#money(Number(available)) }));
    if (back) this.#app.go(back);
  }

  #begin() {
    clearTimeout(this.#timer);
    this.#before = null;
    this.#form.hidden = false;
    this.#waiting.hidden = true;
    this.#form.elements.amount.value = "";
    this.#show();
  }
}
