// All widgets of the overlay. Hears messages and draws, at most once a frame; of sound it knows nothing.

import { Alerts } from "../alerts.js";
import { alertsOf } from "../clips.js";
import { Feed } from "./feed.js";
import { Gifters } from "./gifters.js";
import { Goal } from "./goal.js";
import { dress } from "./look.js";
import { Totals } from "./totals.js";

const placeOf = (name) => document.querySelector(`[data-widget="${name}"]`);

export class Board {
  #alerts = new Alerts({ place: placeOf("alerts"), images: document.body.dataset.images });
  #feed = new Feed(placeOf("feed"));
  #counting = new Map(
    ["likes", "follows", "diamonds"].map((name) => [name, new Goal(placeOf(name))]),
  ).set("gifters", new Gifters(placeOf("gifters")));
  #totals = new Totals(() => this.#soon());
  #isDue = false;
  #hasAlerts = true;

  take(message) {
    if (message.type === "look") this.dress(message.look);
    else if (message.type === "totals") this.#totals.say(message);
    else if (message.type === "control" && message.action === "clear") this.#alerts.clear();
    else if (typeof message.seq === "number") this.#happened(message);
  }

  dress(look) {
    for (const [name, widget] of Object.entries(look)) {
      const place = placeOf(name);
      if (place) dress(place, widget);
    }
    this.#hasAlerts = look.alerts.on;
    if (!this.#hasAlerts) this.#alerts.clear();
    this.#feed.dress(look.feed);
    for (const [name, widget] of this.#counting) widget.dress(look[name]);
  }

  #happened(message) {
    if (this.#hasAlerts) for (const alert of alertsOf(message)) this.#alerts.add(alert);
    this.#feed.take(message);
    if (message.test) this.#totals.try(message);
  }

  /** However much came within a frame, it is drawn once. */
  #soon() {
    if (this.#isDue) return;
    this.#isDue = true;
    requestAnimationFrame(() => {
      this.#isDue = false;
      const totals = this.#totals.shown;
      for (const widget of this.#counting.values()) widget.show(totals);
    });
  }
}
