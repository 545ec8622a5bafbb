// What player and overlay share: a connection, a queue of audio, and what the server says about both.

import { AudioQueue } from "./audio.js";
import { clipsOf } from "./clips.js";
import { Connection } from "./connection.js";
import { loudnessOf } from "./loudness.js";

const ECHO = 2_000; // milliseconds in which the server's word about our own button is not news

export class Stage {
  status = null;
  backlog = { pending: 0, seconds: 0 };

  #onMessage;
  #onChange;
  #pressed = new Map(); // action -> when it was pressed here
  #unsentPause = null;

  /** `onMessage` gets what happens in the LIVE, `onChange` is told that anything may look different now. */
  constructor({ onMessage, onChange }) {
    this.#onMessage = onMessage;
    this.#onChange = onChange;
    const elements = [...document.querySelectorAll("audio")];
    this.connection = new Connection({
      onMessage: (message) => this.#take(message),
      onChange: () => this.#connectionChanged(),
    });
    this.audio = new AudioQueue({
      elements,
      silence: document.body.dataset.silence,
      loudness: loudnessOf(elements),
      onPlayed: (id) => this.connection.report(id),
      onChange,
      isAlive: () => this.connection.isAlive(),
    });
  }

  press(action) {
    this.#pressed.set(action, performance.now());
    const id = this.audio.item?.id;
    const isSent = this.connection.send(action === "skip" && id ? { action, id } : { action });
    if (action === "skip") this.audio.skip();
    else if (action === "clear") this.audio.clear();
    else {
      this.#unsentPause = isSent ? null : action;
      this.audio.setPaused(action === "pause");
    }
  }

  #connectionChanged() {
    if (this.connection.state === "open") this.audio.release();
    if (this.connection.state === "stopped") this.audio.clear();
    this.#onChange();
  }

  #take(message) {
    switch (message.type) {
      case "status":
        this.#takeStatus(message);
        break;
      case "queue":
        this.backlog = { pending: message.pending, seconds: message.seconds };
        this.audio.drop(message.dropped ?? []);
        if (!this.#isEcho("pause") && !this.#isEcho("resume")) this.audio.setPaused(message.paused);
        break;
      case "control":
        this.#takeControl(message);
        break;
      default:
        if (typeof message.seq === "number" && this.connection.role !== "monitor") {
          this.audio.add(message, clipsOf(message));
        }
    }
    this.#onMessage(message);
    this.#onChange();
  }

  #takeStatus(status) {
    this.status = status;
    if (this.#unsentPause) this.press(this.#unsentPause);
    else if (!this.#isEcho("pause") && !this.#isEcho("resume")) this.audio.setPaused(status.paused === true);
  }

  #takeControl({ action, ids }) {
    if (action === "skip" && !this.#isEcho("skip")) this.audio.skip(ids);
    if (action === "clear") this.#takeClear(ids ?? []);
    if (action === "pause" || action === "resume") this.audio.setPaused(action === "pause");
  }

  /** What came after the button was pressed is not in `ids` and stays. */
  #takeClear(ids) {
    if (ids.length) this.audio.skip(ids);
    else if (!this.#isEcho("clear")) this.audio.clear();
  }

  #isEcho(action) {
    return performance.now() - (this.#pressed.get(action) ?? -ECHO) < ECHO;
  }
}
