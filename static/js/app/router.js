// Pages: fetched as HTML, shown in the one place there is, and kept fresh.
//
// A page's root may say `data-title`, `data-script` (a module of `./pages/`, with `mount(root, app)` that
// returns what to do when the page goes), and `data-fresh` (which changes make it old: see `live.js`).

import { session, viewOf } from "./session.js";
import * as telegram from "./telegram.js";
import { explained, words } from "./words.js";
import { keepingFocus, morph } from "./morph.js";

const SLOW = 150; // milliseconds before waiting is shown
const TITLE = "TTBoost";

export class Router {
  #view = document.getElementById("view");
  #loading = document.getElementById("loading");
  #app;
  #onStranger;
  #leave = () => {};
  #turn = 0; // of loads, so that a slow page never covers a newer one
  #path = "";
  isDirty = false; // somebody is typing what is not saved

  constructor({ app, onStranger }) {
    this.#app = app;
    this.#onStranger = onStranger;
    addEventListener("popstate", () => this.#load({ isNew: true }));
    document.addEventListener("click", (event) => this.#clicked(event));
  }

  /** To a page, such as `/app/triggers`. */
  go(path, { replace = false } = {}) {
    const state = { depth: this.#depth + (replace ? 0 : 1) };
    history[replace ? "replaceState" : "pushState"](state, "", path + telegram.unread());
    return this.#load({ isNew: true });
  }

  back() {
    if (this.#depth > 0) history.back();
    else this.go("/app", { replace: true });
  }

  /** The same page as it is now, without losing what is typed or open. */
  refresh() {
    return this.#load({ isNew: false });
  }

  /** Something changed elsewhere; what is being edited is left alone. */
  freshen(what) {
    const wanted = this.#view.firstElementChild?.dataset.fresh?.split(" ") ?? [];
    if (wanted.includes(what) && !this.isDirty) this.refresh();
  }

  get #depth() {
    return history.state?.depth ?? 0;
  }

  async #load({ isNew }) {
    const turn = ++this.#turn;
    const path = location.pathname.replace(/^\/app/, "").replace(/\/$/, "") + location.search;
    const slow = setTimeout(() => (this.#loading.hidden = false), SLOW);
    try {
      const html = await this.#read(path || "/home", { isNew, turn });
      if (turn !== this.#turn) return; // a newer one is on its way, perhaps to the same page
      const isOther = isNew || path !== this.#path;
      this.#path = path;
      await this.#show(html, isOther);
    } catch (error) {
      if (error.isStranger) this.#onStranger(error);
      else if (turn === this.#turn && (isNew || !this.#view.firstElementChild)) this.#fail(error);
      else if (error.code === undefined) throw error;
    } finally {
      clearTimeout(slow);
      if (turn === this.#turn) this.#loading.hidden = true;
    }
  }

  /** A page made fresh never says what was before a change of its own: that would undo it under the finger. */
  async #read(path, { isNew, turn }) {
    if (isNew) return viewOf(path);
    let html;
    let changes;
    do {
      await session.settled();
      changes = session.changes;
      html = await viewOf(path);
    } while (session.changes !== changes && turn === this.#turn);
    return html;
  }

  async #show(html, isNew) {
    const came = document.createElement("template");
    came.innerHTML = html;
    const root = came.content.firstElementChild;
    if (!isNew && this.#view.firstElementChild) {
      keepingFocus(() => morph(this.#view.firstElementChild, root));
      this.#view.firstElementChild.dispatchEvent(new Event("freshened"));
      return;
    }
    this.#leave();
    this.#leave = () => {};
    this.isDirty = false;
    telegram.guardClosing(false);
    this.#view.replaceChildren(root);
    this.#arrive(root);
    await this.#mount(root);
  }

  #arrive(root) {
    for (const sheet of document.querySelectorAll("link[data-style]")) {
      sheet.disabled = sheet.dataset.style !== root.dataset.style;
    }
    document.title = root.dataset.title ? `${root.dataset.title} · ${TITLE}` : TITLE;
    scrollTo(0, 0);
    if (document.activeElement === document.body) this.#view.focus({ preventScroll: true });
    mark();
    root.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
    telegram.showBack(location.pathname !== "/app");
  }

  async #mount(root) {
    if (!root.dataset.script) return;
    const page = await import(`./pages/${root.dataset.script}.js`);
    if (this.#view.firstElementChild !== root) return;
    this.#leave = page.mount(root, this.#app) ?? (() => {});
  }

  #fail(error) {
    this.#leave();
    this.#leave = () => {};
    this.#path = ""; // what stands there now is no page to be made fresh
    const note = document.createElement("section");
    note.className = "empty";
    const text = document.createElement("p");
    text.textContent = explained(error);
    const again = document.createElement("button");
    again.className = "btn primary";
    again.type = "button";
    again.textContent = words.ui.again;
    again.addEventListener("click", () => this.#load({ isNew: true }));
    const home = document.createElement("a");
    home.className = "btn";
    home.href = "/app";
    home.textContent = words.ui.home;
    const acts = document.createElement("div");
    acts.className = "empty-acts";
    acts.append(again, ...(location.pathname === "/app" ? [] : [home]));
    note.append(text, acts);
    this.#view.replaceChildren(note);
  }

  #clicked(event) {
    const link = event.target.closest?.("a[href]");
    if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey) return;
    if (link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
    if (!(link.pathname === "/app" || link.pathname.startsWith("/app/")) || !session.isOpen) return;
    event.preventDefault();
    this.go(link.pathname + link.search);
  }
}

/** Shows in the frame where one is: the longest address that begins this one's. */
export function mark() {
  const links = [...document.querySelectorAll("#frame a")];
  const isAt = (path) => location.pathname === path || location.pathname.startsWith(`${path}/`);
  const fits = (link) => isAt(link.pathname) || (link.dataset.covers?.split(" ") ?? []).some(isAt);
  const isBelow = (link) => link.pathname !== "/app" || location.pathname === "/app";
  const here = links.filter((link) => fits(link) && isBelow(link) && !link.matches(".more"));
  const more = links.find((link) => link.matches(".more"));
  for (const link of links) link.removeAttribute("aria-current");
  for (const link of here) link.setAttribute("aria-current", "page");
  if (more) more.classList.toggle("is-here", here.every((link) => link.matches(".second")));
}
