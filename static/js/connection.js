// One WebSocket that comes back by itself and asks for what it missed (contract, section 4).

import { keep, kept } from "./keep.js";

const FIRST_DELAY = 500;
const LONGEST_DELAY = 15_000;
const CONNECT_TIMEOUT = 10_000;
const QUIET = 15_000; // without a message for so long: ask with a ping
const PATIENCE = 9_000; // and no answer to it: the network is gone, whatever the browser believes
const CHECK = 4_000;
const AT_ONCE_EVERY = 5_000; // a server that stops twice in a row is waited for like any other
const MAX_UNSENT = 20; // more at once would be taken for a flood

/** What a close code asks for; every other code means back-off. `stop`: only a person brings us back. */
const AFTER = {
  1001: { wait: 0 },
  4400: { wait: 20_000 },
  4401: { stop: true },
  4403: { wait: 60_000 },
  4409: { stop: true },
  4429: { wait: 20_000 },
};

/** Milliseconds before try number `attempt` (from 0), spread so that many pages do not come at once. */
function backOff(attempt) {
  const longest = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** attempt);
  return longest / 2 + (Math.random() * longest) / 2;
}

/** The last number seen, kept for a reload of this very page. */
function remembered(key) {
  const stored = Number.parseInt(kept("sessionStorage", key) ?? "", 10);
  return Number.isSafeInteger(stored) ? stored : null;
}

export class Connection {
  /** `state`: idle, connecting, open, waiting or stopped. `code`: why it closed, until the server speaks again. */
  state = "idle";
  code = null;
  attempt = 0;
  role = null;

  #address;
  #key; // under which the last number is kept; null: nowhere
  #onMessage;
  #onChange;
  #socket = null;
  #lastSeq;
  #hasStatus = false;
  #heardAt = 0;
  #askedAt = null; // since when a ping waits for its answer
  #wentAtOnceAt = -AT_ONCE_EVERY;
  #timer = null;
  #turns = 0; // of tries: an address that comes late belongs to none
  #unsent = [];
  #checks = [];

  /**
   * `address`: makes the socket's path for each try; else it is the page's own. `isResumed`: what came between this
   * page and its reload is asked for; not where the server draws all there was into the page.
   */
  constructor({ onMessage, onChange, address = async () => `${location.pathname}/ws`, isResumed = true }) {
    this.#address = address;
    this.#key = isResumed ? `seq ${location.pathname}` : null;
    this.#lastSeq = isResumed ? remembered(this.#key) : null;
    this.#onMessage = onMessage;
    this.#onChange = onChange;
    setInterval(() => this.#beat(), 5_000);
    addEventListener("online", () => this.#hurry());
    addEventListener("offline", () => this.isAlive()); // a server on this very machine still answers
    addEventListener("pageshow", () => this.#hurry());
    document.addEventListener("visibilitychange", () => document.hidden || this.#hurry());
  }

  /** Take a place (null: the page's own; "monitor": only watch), leaving the one held before. */
  open(role = null) {
    this.role = role;
    this.code = null;
    this.attempt = 0;
    this.#drop();
    this.#connect();
  }

  send(message) {
    if (this.state !== "open") return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /** Say that a message's audio has been heard, now or once we are back. */
  report(id) {
    if (!this.send({ action: "played", id })) {
      this.#unsent = [...this.#unsent, id].slice(-MAX_UNSENT);
    }
  }

  /** Whether the server answers right now. A dead network is noticed by this, not only by time. */
  async isAlive() {
    if (!this.send({ action: "ping" })) return false;
    const answered = await new Promise((resolve) => {
      this.#checks.push(resolve);
      setTimeout(resolve, CHECK, false);
    });
    if (!answered && this.state === "open") this.#lost(null);
    return answered;
  }

  /** Leave, until `open` is called again. */
  close() {
    this.#drop();
    this.#turn("idle");
  }

  async #connect() {
    clearTimeout(this.#timer);
    const turn = ++this.#turns;
    this.#turn("connecting");
    try {
      const url = new URL(await this.#address(), location.href.replace(/^http/, "ws"));
      if (turn === this.#turns) this.#dial(url);
    } catch (error) {
      if (error.code === undefined) throw error;
      if (turn === this.#turns) this.#lost(error.isStranger ? 4401 : null);
    }
  }

  #dial(url) {
    if (this.#lastSeq !== null) url.searchParams.set("since", this.#lastSeq);
    if (this.role) url.searchParams.set("role", this.role);
    const socket = new WebSocket(url);
    this.#socket = socket;
    this.#hasStatus = false;
    const isMine = () => socket === this.#socket;
    socket.onopen = () => isMine() && this.#opened();
    socket.onmessage = (event) => isMine() && this.#heard(event.data);
    socket.onclose = (event) => isMine() && this.#lost(event.code);
    this.#timer = setTimeout(() => isMine() && this.#lost(null), CONNECT_TIMEOUT);
  }

  #opened() {
    clearTimeout(this.#timer);
    this.#markHeard();
    this.#turn("open");
    for (const id of this.#unsent.splice(0)) this.report(id);
  }

  #heard(text) {
    this.#markHeard();
    for (const resolve of this.#checks.splice(0)) resolve(true);
    const message = JSON.parse(text);
    if (message.type === "status") this.#welcomed(message);
    else if (typeof message.seq === "number" && !this.#isNew(message.seq)) return;
    this.#onMessage(message);
  }

  #markHeard() {
    this.#heardAt = performance.now();
    this.#askedAt = null;
  }

  /** The first status of a socket says where the stream stands. */
  #welcomed(status) {
    if (this.#hasStatus) return;
    this.#hasStatus = true;
    this.attempt = 0;
    this.code = null;
    // Below what we know: another history (a restored database, a new demo), so ours means nothing.
    if (this.#lastSeq === null || status.last_seq < this.#lastSeq) this.#remember(status.last_seq);
    this.#turn("open");
  }

  #isNew(seq) {
    if (this.#lastSeq !== null && seq <= this.#lastSeq) return false;
    this.#remember(seq);
    return true;
  }

  #remember(seq) {
    this.#lastSeq = seq;
    if (this.#key) keep("sessionStorage", this.#key, seq);
  }

  #lost(code) {
    this.#drop();
    const after = AFTER[code] ?? {};
    if (code in AFTER && code !== 1001) this.code = code;
    if (after.stop) return this.#turn("stopped");
    const wait = this.#waitFor(after);
    this.attempt += 1;
    this.#timer = setTimeout(() => this.#connect(), wait);
    return this.#turn("waiting");
  }

  #waitFor({ wait }) {
    const now = performance.now();
    if (wait === 0 && now - this.#wentAtOnceAt > AT_ONCE_EVERY) {
      this.#wentAtOnceAt = now;
      return 0;
    }
    return wait || backOff(this.attempt);
  }

  #drop() {
    this.#turns += 1;
    clearTimeout(this.#timer);
    for (const resolve of this.#checks.splice(0)) resolve(false);
    const socket = this.#socket;
    this.#socket = null;
    if (socket && socket.readyState <= WebSocket.OPEN) socket.close();
  }

  /** Timers of a hidden page are slow, so silence alone proves nothing: only an unanswered ping does. */
  #beat() {
    const now = performance.now();
    if (this.state !== "open" || now - this.#heardAt < QUIET) return;
    if (this.#askedAt === null) {
      this.#askedAt = now;
      this.send({ action: "ping" });
    } else if (now - this.#askedAt > PATIENCE) this.#lost(null);
  }

  /** The page was looked at again, or the network is back: do not sit out a back-off. */
  #hurry() {
    if (this.state === "open") this.isAlive();
    else if (this.state === "waiting" && this.code === null) this.#connect();
  }

  #turn(state) {
    this.state = state;
    this.#onChange();
  }
}
