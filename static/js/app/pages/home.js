// The first page. What the server drew goes on by the socket's messages: figures, what sounds, what happens.

import { Feed } from "../../feed.js";
import { speak } from "../../texts.js";
import { toast } from "../notes.js";
import { Clocks } from "./home/clocks.js";
import { countUp } from "./home/figures.js";
import { Guide } from "./home/guide.js";
import { Now } from "./home/now.js";

const MAX_ROWS = 40;
const FRESH = 60_000; // milliseconds after which the charts of a running LIVE are drawn anew

const at = (id) => document.getElementById(id);

function whenOf({ ts }) {
  const node = document.createElement("time");
  const moment = new Date(ts);
  const isToday = moment.toDateString() === new Date().toDateString();
  node.className = "row-when muted small";
  node.dateTime = ts;
  node.textContent = moment.toLocaleString(document.documentElement.lang, isToday ? { timeStyle: "short" } : { day: "numeric", month: "short" });
  return node;
}

class Home {
  words;
  #root;
  #feed = null;
  #filled = new Set(); // ids of what history brought
  #now;
  #guide;
  #clocks;
  #isTold = false; // how the LIVE stands, by the socket

  constructor(root, app) {
    this.#root = root;
    this.app = app;
    this.sprite = root.dataset.sprite;
    this.#now = new Now(this);
    this.#guide = new Guide(this);
    this.#clocks = new Clocks(this);
    root.addEventListener("freshened", () => this.draw());
    root.addEventListener("click", (event) => this.#clicked(event));
    this.draw();
  }

  /** The page came, or came anew. */
  draw() {
    this.words = JSON.parse(this.#root.querySelector("script[data-words]").textContent);
    speak(this.words.feed);
    if (this.#root.dataset.licensed !== undefined) this.app.wake();
    if (!this.#feed) this.#fill();
    if (this.#feed) at("feed-empty").hidden = !this.#feed.isEmpty;
    this.#now.draw(this.words.queue);
    this.#guide.draw();
    this.#clocks.draw();
  }

  take(message) {
    if (message.type === "status") this.#stands(message);
    this.#now.take(message);
    // What came by the socket while the page was fetched may be in its history already.
    if (this.#filled.has(message.id)) return;
    countUp(message);
    if (!this.#feed) return;
    this.#feed.take(message);
    at("feed-empty").hidden = !this.#feed.isEmpty;
  }

  /** What the server drew is compared once: what changes from then on makes the page old. */
  #stands({ state, expected_wait_seconds: seconds }) {
    this.#clocks.wait(seconds);
    const isOther = !this.#isTold && at("live").dataset.stands !== state;
    this.#isTold = true;
    if (isOther) this.app.renew();
  }

  leave() {
    this.#clocks.leave();
    this.#guide.leave();
  }

  #fill() {
    if (!at("feed")) return;
    this.#feed = new Feed({
      list: at("feed"),
      joined: at("feed-joined"),
      likes: at("feed-likes"),
      max: MAX_ROWS,
      sprite: this.sprite,
      hrefOf: ({ id }) => `/app/history?event=${encodeURIComponent(id)}`,
      endOf: whenOf,
    });
    for (const message of this.words.told) {
      this.#filled.add(message.id);
      this.#now.know(message);
      this.#feed.take(message);
    }
    const leftOut = this.words.told.filter((message) => message.left_out).map((message) => message.id);
    this.#feed.take({ type: "queue", dropped: leftOut });
  }

  #clicked({ target }) {
    const button = target.closest("button[data-control]");
    if (!button) return;
    const action = button.dataset.control;
    if (!this.app.control(action)) toast(this.words.not_sent, { kind: "bad" });
    else if (action === "clear") toast(this.words.cleared);
  }
}

export function mount(root, app) {
  const home = new Home(root, app);
  const stop = app.listen((message) => home.take(message));
  const fresh = setInterval(() => {
    if (!document.hidden && root.querySelector("#figures[data-live]")) app.refresh();
  }, FRESH);
  return () => {
    stop();
    clearInterval(fresh);
    home.leave();
  };
}
