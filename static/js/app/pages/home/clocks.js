// How long the LIVE has lasted, and how long until the next try.

import { filled } from "../../words.js";

const MINUTES = 90; // seconds from which on they are told in minutes

function lasting(seconds) {
  const [hours, minutes, left] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(left)}` : `${minutes}:${two(left)}`;
}

export class Clocks {
  #home;
  #until = null; // by `performance.now()`: the next try
  #timer;

  constructor(home) {
    this.#home = home;
    this.#timer = setInterval(() => this.#tick(), 1_000);
  }

  draw() {
    const place = document.getElementById("live-wait");
    this.wait(place ? Number(place.dataset.wait) : null);
  }

  /** So many seconds from now on. */
  wait(seconds) {
    this.#until = typeof seconds === "number" ? performance.now() + seconds * 1_000 : null;
    this.#tick();
  }

  leave() {
    clearInterval(this.#timer);
  }

  #tick() {
    const live = document.querySelector(".live-clock");
    if (live) live.textContent = lasting(Math.max(0, (Date.now() - Date.parse(live.dataset.since)) / 1_000));
    const place = document.getElementById("live-wait");
    if (place) place.textContent = this.#untilWords();
  }

  #untilWords() {
    if (this.#until === null) return "";
    const left = Math.ceil((this.#until - performance.now()) / 1_000);
    const { wait_seconds: seconds, wait_minutes: minutes, wait_over: over } = this.#home.words;
    if (left <= 0) return over;
    return left < MINUTES ? filled(seconds, { count: left }) : filled(minutes, { count: Math.round(left / 60) });
  }
}
