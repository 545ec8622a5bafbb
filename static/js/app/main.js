// The Mini App: signing in, then the frame and its pages.

import "./keyboard.js";
import { Forms, clearProblems, showProblem, whileBusy } from "./forms.js";
import { Live } from "./live.js";
import { offerReset } from "./forgot.js";
import { takeAway, toast } from "./notes.js";
import { Router, mark } from "./router.js";
import { call, session, viewOf } from "./session.js";
import * as telegram from "./telegram.js";
import { explained, words } from "./words.js";

const RETRY = 4_000;
const AWAY = 30_000; // milliseconds in the background after which a page is old
const GRACE = 1_500;
const STALE = ["init_data_expired", "init_data_invalid"];
const at = (id) => document.getElementById(id);

let leftAt = null;
let saying = null; // until it is said that nobody answers
let asking = at("sign"); // the form that was sent last

/** What a page's script may use. */
const app = {
  call,
  toast,
  go: (path, options) => router.go(path, options),
  search: (path) => router.search(path),
  refresh: () => (isOpen() ? router.refresh() : undefined), // who has left is shown nothing
  /** The same, later where somebody is typing. */
  renew: (options) => (isOpen() ? router.renew(options) : undefined),
  reframe,
  leave,
  setDirty(isDirty) {
    router.setDirty(isDirty);
    telegram.guardClosing(isDirty);
  },
  stranger: (error) => (isOpen() ? renewed(error) : undefined), // who signs out is not signed in again
  /** Every message of the socket, until the returned function is called. */
  listen: (listener) => live.subscribe(listener),
  control: (action) => live.control(action),
  /** There is a license now: the socket need not wait out its refusal. */
  wake: () => live.wake(),
};
const router = new Router({ app, onStranger: renewed });
const live = new Live({
  onChanged: (what) => router.freshen(what),
  onCut: cut,
});
new Forms(app);

/** Of `sign`, `stale`, `open`, and `leaving`, which shows nothing. */
function show(gate) {
  document.body.dataset.gate = gate;
  at("gate").hidden = gate === "open";
  for (const way of ["sign", "forgot", "begin"]) at(way).hidden = gate !== "sign";
  at("stale").hidden = gate !== "stale";
  at("app").hidden = gate !== "open";
  at("loading").hidden = true;
}

const isOpen = () => document.body.dataset.gate === "open";

async function enter(path, body) {
  await session.open(path, body);
  await open();
}

async function open() {
  const since = performance.now();
  await reframe();
  show("open");
  router.reveal();
  live.open({ since });
}

/** The places to go and every word, in the account's language; and the page again, which needs them. */
async function reframe() {
  const framed = viewOf("/frame").then(frame);
  await Promise.all([framed, router.refresh({ after: framed })]);
}

function frame(html) {
  at("frame").innerHTML = html;
  words.speak(at("frame").firstElementChild);
  mark();
}

/** What waited for no Undo is done in the name of whoever leaves; then their token ends. `said`: a last note. */
async function leave(said) {
  if (!isOpen()) return;
  show("leaving");
  at("loading").hidden = false;
  live.close();
  router.clear();
  takeAway();
  await session.end();
  takeAway(); // what was answered meanwhile offers its Undo to whoever comes next
  history.replaceState({ depth: 0 }, "", "/app");
  show("sign");
  at("sign").elements.username.focus();
  toast(said);
}

async function begin() {
  at("loading").hidden = false;
  telegram.settle({
    onBack: () => router.back(),
    onReturn: returned,
    onInside: () => (at("close").hidden = false),
  });
  const ticket = new URLSearchParams(location.hash.slice(1)).get("ticket");
  const initData = telegram.initData();
  if (ticket) {
    history.replaceState(history.state, "", location.pathname + location.search);
    return enter("/auth/ticket", { ticket });
  }
  if (session.isOf(initData)) return open();
  session.close();
  if (!initData) return show("sign");
  return enter("/auth/telegram", { initData });
}

/** A token that has ended is renewed by Telegram's word, where there is one. */
async function renewed(error) {
  session.close();
  const initData = telegram.initData();
  if (initData) await attempt(() => enter("/auth/telegram", { initData }));
  else explain(error);
}

async function attempt(work) {
  try {
    await work();
  } catch (error) {
    if (error.code === undefined) throw error;
    if (error.isStranger && telegram.initData() && session.isOpen) await renewed(error);
    else explain(error, work);
  }
}

function explain(error, work) {
  if (STALE.includes(error.code)) {
    at("stale-hint").textContent = explained(error);
    return show("stale");
  }
  if (error.isStranger) session.close();
  if (!session.isOpen && error.code !== "offline") show("sign");
  if (document.body.dataset.gate === "opening" && work) setTimeout(() => attempt(work), RETRY);
  if (document.body.dataset.gate === "sign") return showProblem(asking, error);
  return toast(explained(error), { kind: "bad" });
}

/** Looked at again: what stands there may be old. */
function returned() {
  if (isOpen()) router.renew();
}

/** A server that starts anew is away for a moment, which is not worth a word. */
function cut(isCut) {
  clearTimeout(saying);
  if (isCut) saying = setTimeout(() => (at("offline").hidden = false), GRACE);
  else {
    at("offline").hidden = true;
    returned();
  }
}

/** A form of who has no Telegram here: `work` gets its fields. */
function entrance(form, work) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    asking = form;
    clearProblems(form);
    const fields = Object.fromEntries(new FormData(form));
    whileBusy(event.submitter, () => attempt(() => work(fields)));
  });
}

entrance(at("sign"), (fields) => enter("/auth/login", fields));
entrance(at("begin-form"), (fields) => enter("/auth/redeem", { ...fields, language: document.documentElement.lang }));
if (at("forgot-form")) offerReset(at("forgot"), { entrance, enter, startsWith: () => at("sign").elements.username.value });
at("close").addEventListener("click", telegram.close);
document.addEventListener("click", ({ target }) => {
  if (target.closest?.("[data-leave]")) leave();
});
document.addEventListener("focusin", ({ target }) => {
  // Browsers bring the caret into view alone: the rest of a tall field may stay under the bar.
  if (target.localName === "textarea") target.scrollIntoView({ block: "nearest" });
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) leftAt = performance.now();
  else if (leftAt !== null && performance.now() - leftAt > AWAY) returned();
});
addEventListener("offline", () => (at("offline").hidden = false));
addEventListener("online", () => {
  at("offline").hidden = !live.isCut;
  returned();
});
attempt(begin);
