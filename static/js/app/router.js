// Pages: fetched as HTML, shown in the one place there is, and kept fresh.
//
// A page's root may say `data-title`, `data-script` (a module of `./pages/`, with `mount(root, app)` that
// returns what to do when the page goes), and `data-fresh` (which changes make it old: see `live.js`).

import { confirmed, toast } from "./notes.js";
import { offline, session, viewOf } from "./session.js";
import * as telegram from "./telegram.js";
import { explained, words } from "./words.js";
import { rootOf } from "./dom.js";
import { focusAgain, keepingFocus, morph } from "./morph.js";

const SLOW = 150; // milliseconds before waiting is shown
const TITLE = "TTBoost";

const placeOf = (path) => path?.split("?")[0];

export class Router {
  #view = document.getElementById("view");
  #loading = document.getElementById("loading");
  #app;
  #onStranger;
  #leave = () => {};
  #turn = 0; // of loads, so that a slow page never covers a newer one
  #path = null; // of what is shown; null where that is no page
  #depthHere = history.state?.depth ?? 0; // of the page that is shown
  #isStepping = false; // in the history, by ourselves
  #isOld = false; // it was to be made fresh while somebody was typing
  isDirty = false; // somebody is typing what is not saved

  constructor({ app, onStranger }) {
    this.#app = app;
    this.#onStranger = onStranger;
    addEventListener("popstate", () => this.#stepped());
    addEventListener("beforeunload", (event) => this.isDirty && event.preventDefault());
    document.addEventListener("click", (event) => this.#clicked(event));
  }

  /** To a page, such as `/app/triggers`. */
  go(path, { replace = false } = {}) {
    const state = { depth: this.#depth + (replace ? 0 : 1) };
    history[replace ? "replaceState" : "pushState"](state, "", path + telegram.unread());
    this.#depthHere = state.depth;
    mark(); // a tap is answered at once, also where the page takes its time
    return this.#load({ isNew: true });
  }

  /** The same page with other words looked for: it stays under the fingers that type them. */
  search(path) {
    history.replaceState(history.state, "", path + telegram.unread());
    return this.#load({ isNew: false });
  }

  back() {
    if (this.#depth > 0) history.back();
    else this.go("/app", { replace: true });
  }

  /** Brings the tab of the page into sight; to be called again where the page came while it could not be seen. */
  reveal() {
    this.#view.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  }

  /**
   * The same page as it is now, without losing what is typed or open. `after`: what it is shown after, if at all.
   * `isQuiet`: nobody waits for it.
   */
  refresh({ after, isQuiet } = {}) {
    return this.#load({ isNew: false, after, isQuiet });
  }

  /** Something changed elsewhere: a page that does not name it is told, where its script can do with less. */
  freshen(what) {
    const root = this.#view.firstElementChild;
    const wanted = root?.dataset.fresh?.split(" ") ?? [];
    if (wanted.includes(what)) this.renew();
    else root?.dispatchEvent(new CustomEvent("elsewhere", { detail: what }));
  }

  /** A refresh that leaves alone what is being edited, until it is saved or given up. */
  async renew({ isQuiet } = {}) {
    if (this.isDirty) this.#isOld = true;
    else await this.refresh({ isQuiet });
  }

  setDirty(isDirty) {
    this.isDirty = isDirty;
    if (!isDirty && this.#isOld) this.refresh();
  }

  /** Nothing of whoever was here stays, nor comes late. */
  clear() {
    this.#turn += 1;
    this.#leave();
    this.#leave = () => {};
    this.#path = null;
    this.#depthHere = 0;
    this.isDirty = false;
    this.#view.replaceChildren();
  }

  get #depth() {
    return history.state?.depth ?? 0;
  }

  /** Back or forward, by the browser or by Telegram. */
  async #stepped() {
    const by = this.#depth - this.#depthHere;
    if (this.#isStepping) this.#isStepping = false;
    else if (this.isDirty && by !== 0) {
      this.#step(-by); // what is typed stands there until it is known that it may go
      if (await this.#mayLeave()) history.go(by);
    } else {
      this.#depthHere = this.#depth;
      this.#load({ isNew: true });
    }
  }

  #step(by) {
    this.#isStepping = true;
    history.go(by);
  }

  async #mayLeave() {
    if (document.getElementById("ask").open) return false; // it is being asked
    if (this.isDirty && !(await confirmed(words.ui.leave_ask, words.ui.leave_yes))) return false;
    this.isDirty = false;
    return true;
  }

  async #load({ isNew, after, isQuiet = false }) {
    this.#isOld = false;
    const turn = ++this.#turn;
    const path = location.pathname.replace(/^\/app/, "").replace(/\/$/, "") + location.search;
    const isElsewhere = placeOf(path) !== placeOf(this.#path); // else only other words are looked for
    const slow = isQuiet ? undefined : setTimeout(() => (this.#loading.hidden = false), SLOW);
    try {
      const reading = this.#read(path || "/home", { isNew, turn });
      const [before] = await Promise.allSettled([after, reading]);
      if (before.status === "rejected") return; // whoever began that tells why
      const root = rootOf(await reading);
      const script = await scriptOf(root); // before the page is there: what is tapped on it must not be lost
      if (turn !== this.#turn) return; // a newer one is on its way, perhaps to the same page
      this.#path = path;
      this.#show(root, script, { isNew: isNew || isElsewhere, isElsewhere });
    } catch (error) {
      if (error.code === undefined) throw error;
      if (turn !== this.#turn) return;
      if (error.isStranger) this.#onStranger(error);
      else if (isNew || isElsewhere) this.#fail(error);
      else if (path !== this.#path) toast(explained(error), { kind: "bad" });
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

  #show(root, script, { isNew, isElsewhere }) {
    if (!isNew && this.#view.firstElementChild) {
      keepingFocus(() => morph(this.#view.firstElementChild, root));
      this.#view.firstElementChild.dispatchEvent(new Event("freshened"));
      return;
    }
    this.#leave();
    this.#leave = () => {};
    this.isDirty = false;
    telegram.guardClosing(false);
    const held = isElsewhere ? null : document.activeElement;
    this.#view.replaceChildren(root);
    if (held) focusAgain(held, root);
    this.#arrive(root);
    this.#leave = script?.mount(root, this.#app) ?? (() => {});
  }

  #arrive(root) {
    for (const sheet of document.querySelectorAll("link[data-style]")) {
      sheet.disabled = sheet.dataset.style !== root.dataset.style;
    }
    document.title = root.dataset.title ? `${root.dataset.title} · ${TITLE}` : TITLE;
    scrollTo(0, 0);
    if (document.activeElement === document.body) this.#view.focus({ preventScroll: true });
    mark();
    this.reveal();
    telegram.showBack(location.pathname !== "/app");
  }

  #fail(error) {
    this.#leave();
    this.#leave = () => {};
    this.#path = null;
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

  async #clicked(event) {
    const link = event.target.closest?.("a[href]");
    if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey) return;
    if (link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
    if (!(link.pathname === "/app" || link.pathname.startsWith("/app/")) || !session.isOpen) return;
    event.preventDefault();
    const path = link.pathname + link.search;
    if (link.hash === "#view") return this.#view.focus();
    if (await this.#mayLeave()) this.go(path);
  }
}

/** The module of a page that has one. */
async function scriptOf(root) {
  const { script } = root.dataset;
  return script && import(`./pages/${script}.js`).catch(() => Promise.reject(offline()));
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
