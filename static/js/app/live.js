// The one socket of the app: a monitor, which sees all and never takes the player's place. Pages subscribe to it.

import { Connection } from "../connection.js";
import { call } from "./session.js";

const NO_LICENSE = 4403;
const LATE = 1_000; // milliseconds until it says its first word, in which a page grows old: what changed is told for longer
const CHANGES = "changed"; // what was saved, here or elsewhere: makes pages old that show it

/** A ticket for each try: tokens do not belong into addresses. */
async function address() {
  const { ticket } = await call("/ws/ticket", {}, { isChange: false });
  return `/api/ws?ticket=${encodeURIComponent(ticket)}`;
}

/** Whether a page that shows the LIVE is old now. The first status only says what the page says. */
function isOther(now, before) {
  return before !== undefined && (now.state !== before.state || now.error_code !== before.error_code);
}

export class Live {
  #connection;
  #listeners = new Set();
  #onChanged;
  #onCut;
  #since = null; // when the first page was asked for, until a word came
  isCut = false; // nobody answers; a refusal is an answer
  last = new Map(); // the newest `status` and `queue`, for pages that come later

  /** `onCut`: told `true` when the server is lost and `false` when it is back: what changed between is not known. */
  constructor({ onChanged, onCut }) {
    this.#onChanged = onChanged;
    this.#onCut = onCut;
    this.#connection = new Connection({
      onMessage: (message) => this.#heard(message),
      onChange: () => this.#turned(this.#connection),
      address,
      isResumed: false,
    });
  }

  /** `since`: the moment, as `performance.now()`, from which on changes are to be told. */
  open({ since }) {
    this.#since = since;
    if (this.#connection.state === "idle" || this.#connection.state === "stopped") this.#connection.open("monitor");
  }

  /** What was refused for want of a license is tried again at once. */
  wake() {
    if (this.#connection.code === NO_LICENSE && this.#connection.state === "waiting") this.#connection.open("monitor");
  }

  close() {
    this.#connection.close();
    this.last.clear();
  }

  /** Hears every message of the socket until the function it returns is called. */
  subscribe(listener) {
    this.#listeners.add(listener);
    for (const message of this.last.values()) listener(message);
    return () => this.#listeners.delete(listener);
  }

  /** `skip`, `pause`, `resume` or `clear`, for every device of the streamer. */
  control(action) {
    return this.#connection.send({ action });
  }

  #turned({ state, code }) {
    const isCut = (state === "waiting" && code === null) || (this.isCut && state === "connecting");
    if (isCut === this.isCut) return;
    this.isCut = isCut;
    this.#onCut(isCut);
  }

  /** What changed before it could be told is not known. */
  #welcomed() {
    const isLate = this.#since !== null && performance.now() - this.#since > LATE;
    this.#since = null;
    if (isLate) this.#onCut(false);
  }

  #heard(message) {
    this.#welcomed();
    if (message.type === CHANGES) return this.#onChanged(message.what);
    if (message.type === "order_update") this.#onChanged("order");
    if (message.type === "status" && isOther(message, this.last.get("status"))) this.#onChanged("live");
    if (message.type === "status" || message.type === "queue") this.last.set(message.type, message);
    for (const listener of this.#listeners) listener(message);
    return undefined;
  }
}
