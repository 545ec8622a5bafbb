// Why?: what a row knows is fetched when it is opened; how much has happened since is said, not pushed in.

import { rootOf } from "../dom.js";
import { whileBusy } from "../forms.js";
import { keepingFocus, morph } from "../morph.js";
import { toast } from "../notes.js";
import { viewOf } from "../session.js";
import { explained, many } from "../words.js";

const LOUD = new Set(["chat", "gift", "follow", "share", "subscribe", "effect"]); // likes and joins come in floods
const SOON = 600; // milliseconds: what the socket tells is written down a moment later

export function mount(root, app) {
  const words = JSON.parse(root.querySelector("[data-words]").textContent);
  const newer = root.querySelector("#newer");
  let came = 0;
  let looking = null;

  async function attempt(work) {
    try {
      await work();
    } catch (error) {
      if (error.code === undefined) throw error;
      if (error.isStranger) app.stranger(error);
      else toast(explained(error), { kind: "bad" });
    }
  }

  /** Anew each time: it may have been played meanwhile. */
  async function fill(details) {
    const place = details.querySelector(".event-why");
    if (!details.open) place.replaceChildren();
    else if (!place.firstElementChild) await fetched(details, place);
  }

  const whyOf = ({ dataset }) => viewOf(`/history/${encodeURIComponent(dataset.event)}`);

  async function fetched(details, place) {
    place.setAttribute("aria-busy", "true");
    try {
      const html = await whyOf(details);
      if (details.open) place.innerHTML = html;
    } catch (error) {
      details.open = false;
      throw error;
    } finally {
      place.removeAttribute("aria-busy");
    }
  }

  /** However much is told at once, it is looked once, and only where a row waits for news. */
  function lookSoon() {
    looking ??= setTimeout(() => {
      looking = null;
      look().catch((error) => {
        if (error.code === undefined) throw error; // else the next news bring the next try
      });
    }, SOON);
  }

  async function look() {
    const sent = [...root.querySelectorAll(".event:has([data-outcome=sent]) details")];
    if (!sent.length || document.hidden) return;
    const asked = sent.map(({ dataset }) => dataset.event).join();
    const now = rootOf(await viewOf(`/history/outcomes?of=${encodeURIComponent(asked)}`));
    for (const details of sent) {
      const is = now.querySelector(`#end-${details.dataset.event}:not([data-outcome=sent])`);
      if (is) await become(details, is);
    }
  }

  async function become(details, ending) {
    details.querySelector(".event-end").replaceWith(ending);
    const why = details.querySelector(".why");
    if (!why) return;
    const is = rootOf(await whyOf(details));
    if (why.isConnected) keepingFocus(() => morph(why, is));
  }

  async function replay(button) {
    const { heard_by: places } = await app.call(`/history/${encodeURIComponent(button.dataset.replay)}/replay`, {});
    toast(places.length ? words.replayed : words.replayed_unheard, { kind: places.length ? "good" : "bad" });
  }

  /** The newest of what is being looked for. */
  function renew() {
    const asked = new URLSearchParams(location.search);
    for (const name of ["before", "since", "event"]) asked.delete(name);
    const query = asked.toString();
    app.go(`/app/history${query ? `?${query}` : ""}`, { replace: true });
  }

  function count(message) {
    if (!(message.seq > Number(root.dataset.newest)) || !isLookedFor(message)) return;
    came += 1;
    // Which of them were heard is not known here.
    newer.textContent = new URLSearchParams(location.search).has("missed") ? words.newer_some : many(words.newer, came);
    newer.hidden = false;
  }

  root.addEventListener("toggle", ({ target }) => attempt(() => fill(target)), true);
  root.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-replay]");
    if (button) whileBusy(button, () => attempt(() => replay(button)));
  });
  newer.addEventListener("click", renew);
  root.addEventListener("elsewhere", ({ detail: what }) => what === "heard" && lookSoon());
  root.addEventListener("freshened", () => {
    came = 0;
    lookSoon();
  });
  const stop = app.listen((message) => {
    if (message.dropped?.length || message.type === "control") lookSoon(); // what was sent is left out after all
    count(message);
  });
  lookSoon();
  return () => {
    stop();
    clearTimeout(looking);
  };
}

/** The filters that are in force, as the server means them. */
function isLookedFor({ type, user, username }) {
  const asked = new URLSearchParams(location.search);
  const kind = asked.get("type") ?? "";
  if (["", "all"].includes(kind) ? !LOUD.has(type) : type !== kind) return false;
  const person = (asked.get("person") ?? "").trim().replace(/^@/, "").toLowerCase();
  return [user, username].some((name) => (name ?? "").toLowerCase().includes(person));
}
