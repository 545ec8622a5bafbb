// What the LIVE adds up to: the server says it whole, so nothing is counted here and nothing counted twice.
// What a streamer tries out is added for some seconds and goes again.

const TRIED_FOR = 6_000;
const MAX_GIFTERS = 10;

const nothing = () => ({ room_id: null, likes: 0, follows: 0, diamonds: 0, gifters: [] });

function together(said, tried) {
  const sums = new Map(said.map((one) => [one.username, { ...one }]));
  for (const one of tried) {
    const before = sums.get(one.username)?.diamonds ?? 0;
    sums.set(one.username, { ...one, diamonds: before + one.diamonds });
  }
  return [...sums.values()].sort((a, b) => b.diamonds - a.diamonds).slice(0, MAX_GIFTERS);
}

export class Totals {
  #said = nothing();
  #tried = nothing();
  #timer = null;
  #onChange;

  constructor(onChange) {
    this.#onChange = onChange;
  }

  get shown() {
    const [said, tried] = [this.#said, this.#tried];
    return {
      likes: said.likes + tried.likes,
      follows: said.follows + tried.follows,
      diamonds: said.diamonds + tried.diamonds,
      gifters: together(said.gifters, tried.gifters),
    };
  }

  /** Those of a LIVE that is over stay until the next one. */
  say(totals) {
    if (totals.room_id === null && this.#said.room_id !== null) return;
    this.#said = totals;
    this.#onChange();
  }

  try(message) {
    const tried = this.#tried;
    if (message.type === "like") tried.likes += message.count;
    else if (message.type === "follow") tried.follows += 1;
    else if (message.type === "gift") this.#tryGift(message);
    else return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#forget(), TRIED_FOR);
    this.#onChange();
  }

  #tryGift({ user, username, total_diamonds: diamonds }) {
    this.#tried.diamonds += diamonds;
    this.#tried.gifters = together(this.#tried.gifters, [{ user, username, diamonds }]);
  }

  #forget() {
    this.#tried = nothing();
    this.#onChange();
  }
}
