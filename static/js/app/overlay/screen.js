// The preview: our own overlay in a frame of its real size, made small, and a handle over each widget to move it by.

const SIZES = { wide: [1920, 1080], tall: [1080, 1920] };
const STEP = 1; // percent, of an arrow key
const LEAP = 10; // with shift
const NEAR = 2.5; // percent within which an edge or the middle draws it in
const LOOK_AGAIN = 300; // milliseconds: widgets grow and shrink with what they show
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const within = (value) => Math.min(100, Math.max(0, Math.round(value)));
const drawn = (value) => [0, 50, 100].find((edge) => Math.abs(value - edge) <= NEAR) ?? value;

export class Screen {
  #root;
  #frame;
  #handles = new Map();
  #scale = 1;
  #size = SIZES.wide;
  #hooks;
  #timer;
  #watch = new ResizeObserver(() => this.#fit());
  #held = null; // {name, pointer, x, y, left, top, roomX, roomY} while dragging

  /** `hooks`: `nameOf(widget)`, `placeOf(widget)` {x, y}, `moved(widget, place, isDone)`, `chosen(widget)`, `ready()`. */
  constructor(root, hooks) {
    this.#root = root;
    this.#hooks = hooks;
    this.#frame = root.querySelector("iframe");
    this.#watch.observe(root);
    addEventListener("message", this.#heard);
    this.#timer = setInterval(() => this.#align(), LOOK_AGAIN);
    this.#fit();
  }

  close() {
    removeEventListener("message", this.#heard);
    clearInterval(this.#timer);
    this.#watch.disconnect();
  }

  /** A message as the overlay's socket would bring it. */
  tell(message) {
    this.#frame.contentWindow?.postMessage(message, location.origin);
    requestAnimationFrame(() => requestAnimationFrame(() => this.#align()));
  }

  /** `shape`: wide or tall. */
  turn(shape) {
    this.#root.dataset.shape = shape;
    this.#size = SIZES[shape];
    this.#fit();
  }

  choose(name) {
    for (const [one, handle] of this.#handles) handle.classList.toggle("is-chosen", one === name);
  }

  #heard = ({ origin, source, data }) => {
    if (origin !== location.origin || source !== this.#frame.contentWindow) return;
    if (data.type === "preview_ready") this.#hooks.ready();
  };

  #fit() {
    const [width, height] = this.#size;
    this.#scale = this.#root.clientWidth / width;
    const style = this.#frame.style;
    style.setProperty("width", `${width}px`);
    style.setProperty("height", `${height}px`);
    style.setProperty("transform", `scale(${this.#scale})`);
    this.#align();
  }

  /** Handles to where the widgets are. */
  #align() {
    const nodes = this.#frame.contentDocument?.querySelectorAll("[data-widget]") ?? [];
    for (const node of nodes) {
      const name = node.dataset.widget;
      const box = node.getBoundingClientRect();
      const handle = this.#handleOf(name);
      handle.hidden = node.hidden || box.width === 0;
      if (!handle.hidden) this.#put(handle, box);
    }
  }

  #put(handle, { left, top, width, height }) {
    const style = handle.style;
    style.setProperty("transform", `translate(${left * this.#scale}px, ${top * this.#scale}px)`);
    style.setProperty("width", `${width * this.#scale}px`);
    style.setProperty("height", `${height * this.#scale}px`);
  }

  #handleOf(name) {
    if (!this.#handles.has(name)) this.#handles.set(name, this.#made(name));
    return this.#handles.get(name);
  }

  #made(name) {
    const handle = document.createElement("button");
    handle.type = "button";
    handle.className = "handle";
    handle.dataset.handle = name;
    handle.setAttribute("aria-label", this.#hooks.nameOf(name));
    handle.addEventListener("pointerdown", (event) => this.#grab(name, handle, event));
    handle.addEventListener("pointermove", (event) => this.#drag(event));
    handle.addEventListener("pointerup", () => this.#drop(handle));
    handle.addEventListener("pointercancel", () => this.#drop(handle));
    handle.addEventListener("keydown", (event) => this.#press(name, event));
    handle.addEventListener("focus", () => this.#hooks.chosen(name));
    this.#root.querySelector(".handles").append(handle);
    return handle;
  }

  #grab(name, handle, event) {
    const node = this.#frame.contentDocument.querySelector(`[data-widget="${name}"]`);
    const plane = node.parentElement.getBoundingClientRect();
    const box = node.getBoundingClientRect();
    handle.setPointerCapture(event.pointerId);
    handle.classList.add("is-held");
    this.#held = {
      name,
      from: [event.clientX, event.clientY],
      at: [box.left - plane.left, box.top - plane.top],
      room: [plane.width - box.width, plane.height - box.height],
      place: this.#hooks.placeOf(name),
      isMoved: false,
    };
    this.#hooks.chosen(name);
  }

  #drag({ clientX, clientY }) {
    const held = this.#held;
    if (!held) return;
    const gone = [(clientX - held.from[0]) / this.#scale, (clientY - held.from[1]) / this.#scale];
    const [x, y] = ["x", "y"].map((axis, index) => {
      // One that fills the screen has nowhere to go.
      if (held.room[index] < 1) return held.place[axis];
      return within(drawn(((held.at[index] + gone[index]) / held.room[index]) * 100));
    });
    held.isMoved ||= Math.abs(clientX - held.from[0]) + Math.abs(clientY - held.from[1]) > 3;
    held.last = { x, y };
    if (held.isMoved) this.#hooks.moved(held.name, held.last, false);
  }

  #drop(handle) {
    const held = this.#held;
    this.#held = null;
    handle.classList.remove("is-held");
    if (held?.isMoved) this.#hooks.moved(held.name, held.last, true);
  }

  #press(name, event) {
    const way = ARROWS[event.key];
    if (!way) return;
    event.preventDefault();
    const { x, y } = this.#hooks.placeOf(name);
    const step = event.shiftKey ? LEAP : STEP;
    this.#hooks.moved(name, { x: within(x + way[0] * step), y: within(y + way[1] * step) }, true);
  }
}
