// Plays one message's audio after the other. Two media elements take turns, so that the next is ready.

const STALLED = 10_000; // without progress for so long, the clip is given up
const BREATH = 400; // before the next one after a clip that failed, so that many failures are no flood
const STALE = 30_000; // what waited longer behind a locked sound is not played any more
const MAX_WAITING = 200; // messages; the oldest gives way
const MAX_REMEMBERED = 1_000;

/** Names of what is over or must not play, the oldest forgotten first. */
class Memory {
  #names = new Set();

  add(name) {
    this.#names.add(name);
    if (this.#names.size > MAX_REMEMBERED) this.#names.delete(this.#names.values().next().value);
  }

  has(name) {
    return this.#names.has(name);
  }
}

export class AudioQueue {
  isPaused = false;
  isLocked = false; // the browser wants a tap first
  isHeld = false; // no network: the clip is tried again once it is back
  item = null; // `{id, clips, message, at}` that sounds now

  #elements;
  #silence;
  #onPlayed;
  #onChange;
  #isAlive;
  #loudness;
  #waiting = [];
  #known = new Memory();
  #turn = null; // the clip that sounds: `{clip, element, position, movedAt, isInDoubt}`
  #volume = 1;

  /** `isAlive` tells a missing file from a missing network. */
  constructor({ elements, silence, loudness, onPlayed, onChange, isAlive }) {
    this.#elements = elements;
    this.#silence = silence;
    this.#loudness = loudness;
    this.#onPlayed = onPlayed;
    this.#onChange = onChange;
    this.#isAlive = isAlive;
    for (const element of elements) {
      element.addEventListener("ended", () => this.#turn?.element === element && this.#over());
      element.addEventListener("error", () => this.#turn?.element === element && this.#failed(this.#turn));
      element.addEventListener("playing", () => this.#turn?.element === element && this.#prepareNext());
    }
    setInterval(() => this.#watch(), 1_000);
  }

  get waiting() {
    return this.#waiting.length;
  }

  /** Seconds played and to play of the clip that sounds; null where nothing does. */
  get progress() {
    const element = this.#turn?.element;
    return element && Number.isFinite(element.duration) ? [element.currentTime, element.duration] : null;
  }

  add(message, clips) {
    if (clips.length === 0 || this.#known.has(message.id)) return;
    this.#known.add(message.id);
    this.#waiting.push({ id: message.id, clips: [...clips], message, at: performance.now() });
    if (this.#waiting.length > MAX_WAITING) this.#waiting.shift();
    this.#advance();
  }

  /** What must give way; what sounds already is let finish. */
  drop(ids) {
    for (const id of ids) this.#known.add(id);
    this.#forget((item) => ids.includes(item.id));
  }

  /** Leave out `ids`, or what sounds now where none are named. */
  skip(ids = []) {
    const isMeant = (item) => item !== null && (ids.length === 0 || ids.includes(item.id));
    if (ids.length) this.drop(ids);
    if (isMeant(this.item)) this.#leave();
  }

  clear() {
    this.#forget(() => true);
    this.#leave();
  }

  setPaused(isPaused) {
    if (this.isPaused === isPaused) return;
    this.isPaused = isPaused;
    if (isPaused) this.#turn?.element.pause();
    this.#advance();
  }

  setVolume(share) {
    this.#volume = share;
    if (this.#turn) this.#setLoudness(this.#turn);
  }

  /** The network is back. */
  release() {
    if (!this.isHeld) return;
    this.isHeld = false;
    this.#turn?.element.pause();
    this.#turn?.element.load();
    this.#advance();
  }

  /** Ask the browser whether sound may start by itself. */
  async probe() {
    await this.#tryOut(this.#elements[0]);
    this.#onChange();
    return !this.isLocked;
  }

  /** To be called from a tap: every element must be started within it once, or phones keep it locked. */
  async unlock() {
    this.#loudness.resume();
    this.#waiting = this.#waiting.filter((item) => performance.now() - item.at < STALE);
    const idle = this.#elements.filter((element) => element !== this.#turn?.element);
    const tries = idle.map((element) => this.#tryOut(element));
    this.isLocked = false;
    this.#advance();
    await Promise.all(tries);
    this.#onChange();
    return !this.isLocked;
  }

  async #tryOut(element) {
    delete element.dataset.url;
    element.src = this.#silence;
    try {
      await element.play();
    } catch (error) {
      if (error.name === "NotAllowedError") this.isLocked = true;
    }
    if (this.#turn?.element !== element) element.pause();
  }

  #forget(isMeant) {
    this.#waiting = this.#waiting.filter((item) => !isMeant(item));
    this.#onChange();
  }

  #leave() {
    this.#stop();
    this.item = null;
    this.#advance();
  }

  #stop() {
    const element = this.#turn?.element;
    this.#turn = null;
    this.isHeld = false;
    element?.pause();
  }

  #advance() {
    this.#onChange();
    if (this.isPaused || this.isLocked || this.isHeld) return;
    if (this.#turn) {
      this.#turn.movedAt = performance.now();
      this.#play(this.#turn);
      return;
    }
    this.item ??= this.#waiting.shift() ?? null;
    if (this.item) this.#begin(this.item.clips[0]);
  }

  #begin(clip) {
    const element = this.#elements.find((one) => one.dataset.url === clip.url) ?? this.#elements[0];
    this.#load(element, clip);
    this.#turn = { clip, element, position: -1, movedAt: performance.now(), isInDoubt: false };
    this.#setLoudness(this.#turn);
    this.#play(this.#turn);
  }

  #load(element, clip) {
    if (element.dataset.url === clip.url && !element.ended && !element.error) return;
    element.dataset.url = clip.url;
    element.src = clip.url;
  }

  async #play(turn) {
    if (!turn.element.paused) return;
    try {
      await turn.element.play();
    } catch (error) {
      // AbortError: paused or replaced meanwhile. Anything else also comes as the element's `error`.
      if (this.#turn === turn && error.name === "NotAllowedError") {
        this.isLocked = true;
        this.#onChange();
      }
    }
  }

  #setLoudness({ element, clip }) {
    this.#loudness.set(element, (this.#volume * clip.volume) / 100);
  }

  #prepareNext() {
    const next = this.item?.clips[1] ?? this.#waiting[0]?.clips[0];
    const idle = this.#elements.find((element) => element !== this.#turn.element);
    if (next && next.url !== this.#turn.clip.url) this.#load(idle, next);
  }

  /** One clip is over, heard or given up: the next one of its message, or the next message. */
  #over() {
    const { id, clips } = this.item;
    delete this.#turn.element.dataset.url;
    this.#stop();
    clips.shift();
    if (clips.length === 0) {
      this.item = null;
      this.#onPlayed(id);
    }
    this.#advance();
  }

  /** Missing, or refused: the next one. Out of reach: again, once the network is back. */
  async #failed(turn) {
    if (turn.isInDoubt || this.isHeld) return;
    turn.isInDoubt = true;
    const isAlive = await this.#isAlive();
    if (isAlive) await new Promise((resolve) => setTimeout(resolve, BREATH));
    if (this.#turn !== turn) return;
    turn.isInDoubt = false;
    if (isAlive) {
      this.#over();
      return;
    }
    this.isHeld = true;
    this.#onChange();
  }

  #watch() {
    const turn = this.#turn;
    if (!turn || turn.isInDoubt || this.isPaused || this.isLocked || this.isHeld) return;
    if (turn.element.currentTime !== turn.position) {
      turn.position = turn.element.currentTime;
      turn.movedAt = performance.now();
    } else if (performance.now() - turn.movedAt > STALLED) {
      turn.element.pause();
      this.#failed(turn);
    } else {
      this.#play(turn); // a phone call or a media key may have paused it
    }
  }
}
