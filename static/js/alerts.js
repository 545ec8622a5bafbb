// Alerts on the overlay: one after the other, each for its own time.

const DEFAULT_SECONDS = 5;
const LEAVING = 450; // milliseconds; the CSS transition's length
const BETWEEN = 250;
const MAX_WAITING = 30; // the oldest gives way

export class Alerts {
  #place;
  #images;
  #waiting = [];
  #shown = null; // `{id, node, timer}`

  /** `images` is where built-in pictures lie, with `NAME` for the name. */
  constructor({ place, images }) {
    this.#place = place;
    this.#images = images;
  }

  add(alert) {
    this.#waiting.push(alert);
    if (this.#waiting.length > MAX_WAITING) this.#waiting.shift();
    if (!this.#shown) this.#showNext();
  }

  clear() {
    this.#waiting = [];
    if (this.#shown) this.#leave(this.#shown);
  }

  #showNext() {
    const alert = this.#waiting.shift();
    if (!alert) return;
    const node = this.#build(alert);
    const shown = { id: alert.id, node, timer: null };
    this.#shown = shown;
    this.#place.append(node);
    node.getBoundingClientRect(); // the start of the transition must have been laid out
    node.classList.add("is-shown");
    const seconds = alert.duration > 0 ? alert.duration : DEFAULT_SECONDS;
    shown.timer = setTimeout(() => this.#leave(shown), seconds * 1_000);
  }

  #leave(shown) {
    clearTimeout(shown.timer);
    shown.node.classList.replace("is-shown", "is-leaving");
    shown.timer = setTimeout(() => {
      shown.node.remove();
      this.#shown = null;
      this.#showNext();
    }, LEAVING + BETWEEN);
  }

  #build({ text, image }) {
    const node = document.createElement("article");
    node.className = "alert";
    if (image) node.append(this.#picture(image));
    if (text) {
      const words = document.createElement("p");
      words.className = "alert-text";
      words.dir = "auto";
      words.textContent = text;
      node.append(words);
    }
    return node;
  }

  #picture(image) {
    const picture = document.createElement("img");
    picture.className = "alert-image";
    picture.alt = "";
    picture.src = /^[\w-]+$/.test(image) ? this.#images.replace("NAME", image) : image;
    picture.addEventListener("error", () => picture.remove());
    return picture;
  }
}
