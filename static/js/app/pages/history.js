// Why?: what a row knows is fetched when it is opened; how much has happened since is said, not pushed in.

import { whileBusy } from "../forms.js";
import { toast } from "../notes.js";
import { viewOf } from "../session.js";
import { explained, many } from "../words.js";

const LOUD = new Set(["chat", "gift", "follow", "share", "subscribe", "effect"]); // likes and joins come in floods

export function mount(root, app) {
  const words = JSON.parse(root.querySelector("[data-words]").textContent);
  const newer = root.querySelector("#newer");
  let came = 0;

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

  async function fetched(details, place) {
    place.setAttribute("aria-busy", "true");
    try {
      const html = await viewOf(`/history/${encodeURIComponent(details.dataset.event)}`);
      if (details.open) place.innerHTML = html;
    } catch (error) {
      details.open = false;
      throw error;
    } finally {
      place.removeAttribute("aria-busy");
    }
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

  root.addEventListener("toggle", ({ target }) => attempt(() => fill(target)), true);
  root.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-replay]");
    if (button) whileBusy(button, () => attempt(() => replay(button)));
  });
  newer.addEventListener("click", renew);
  return app.listen((message) => {
    if (!LOUD.has(message.type) || typeof message.seq !== "number") return;
    came += 1;
    newer.textContent = many(words.newer, came);
    newer.hidden = false;
  });
}
