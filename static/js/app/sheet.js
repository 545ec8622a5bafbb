// A sheet that comes up over the page and is answered or closed.

export class Sheet {
  #dialog;
  #title;
  #body;
  #answer = () => {};

  constructor(dialog) {
    this.#dialog = dialog;
    this.#title = dialog.querySelector("h2");
    this.#body = dialog.querySelector(".sheet-body");
    dialog.querySelector("[data-close]").addEventListener("click", () => this.close());
    dialog.addEventListener("click", ({ target }) => target === dialog && this.close());
    // It is told late: by then the next question may be asked already.
    dialog.addEventListener("close", () => dialog.open || this.#answer(undefined));
  }

  /** Resolves to what `close` is called with; undefined where it is only closed. */
  open(title, ...children) {
    this.#answer(undefined);
    this.#title.textContent = title;
    this.fill(...children);
    if (!this.#dialog.open) this.#dialog.showModal();
    this.#body.scrollTop = 0;
    return new Promise((resolve) => (this.#answer = resolve));
  }

  fill(...children) {
    this.#body.replaceChildren(...children);
  }

  close(value) {
    this.#answer(value);
    this.#answer = () => {};
    this.#dialog.close();
  }
}
