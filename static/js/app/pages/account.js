// The account: paying in Stars, one's data as a file, joining with another account, leaving for good.

import { bodyOf, clearProblems, showProblem, whileBusy } from "../forms.js";
import { confirmed, toast } from "../notes.js";
import * as scheme from "../../scheme.js";
import * as telegram from "../telegram.js";
import { explained, words as shared } from "../words.js";

const SOON = 2_500; // milliseconds until a payment has usually arrived

export function mount(root, app) {
  const words = JSON.parse(root.querySelector("[data-words]").textContent);

  async function tell(work) {
    try {
      await work();
    } catch (error) {
      if (error.code === undefined) throw error;
      toast(explained(error), { kind: "bad" });
    }
  }

  async function buy(plan) {
    const { invoice_link: link } = await app.call("/license/buy", { plan, pay: "stars" });
    const outcome = await telegram.pay(link);
    if (outcome === "opened") return toast(words.opened);
    if (outcome !== "paid") return toast(shared.ui.not_paid, { kind: "bad" });
    toast(shared.ui.paid);
    return setTimeout(app.refresh, SOON);
  }

  /** Sends a form together with Telegram's word of who asks. */
  async function send(form, path, done) {
    clearProblems(form);
    try {
      const body = { ...bodyOf(form), initData: telegram.initData() };
      await whileBusy(form.querySelector("[type=submit]"), () => app.call(path, body));
      app.setDirty(false);
      done();
    } catch (error) {
      if (error.code === undefined) throw error;
      showProblem(form, error);
    }
  }

  async function leave(form) {
    if (!(await confirmed(words.delete_ask, words.delete_yes))) return;
    await send(form, "/account/delete", () => app.leave(words.deleted));
  }

  /** Telegram has its own light and dark. */
  function look() {
    const form = root.querySelector("#look");
    form.hidden = Boolean(telegram.initData());
    form.elements.scheme.value = scheme.chosen();
  }

  look();
  root.addEventListener("freshened", look);
  root.querySelector("#look").addEventListener("change", ({ target }) => scheme.choose(target.value));
  root.addEventListener("click", ({ target }) => {
    const stars = target.closest("[data-stars]");
    if (stars) whileBusy(stars, () => tell(() => buy(stars.dataset.stars)));
  });
  root.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.id === "join-form") {
      event.preventDefault();
      send(form, "/account/link", () => toast(words.confirm_in_telegram));
    } else if (form.id === "delete-form") {
      event.preventDefault();
      leave(form);
    }
  });
}
