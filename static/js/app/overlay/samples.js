// Made-up viewers for the preview, and the same things as the API wants them for the real overlay.

const ANNA = { user: "Anna", username: "anna" };
const BEN = { user: "Ben", username: "ben.k" };
const CARLA = { user: "Carla 🌻", username: "carla_v" };
const DMITRI = { user: "Дмитрий", username: "dima" };
const MOST = 1_000_000; // what the API takes as one count

let seq = 0;

function event(type, fields) {
  seq += 1;
  return { type, seq, id: `preview-${seq}`, effects: [], ...fields };
}

const gift = (who, gift_name, count, diamonds) =>
  event("gift", { ...who, gift_name, count, diamonds, total_diamonds: count * diamonds });

/** What stands there before anybody tries anything. */
export function beginning(words) {
  return [
    event("follow", CARLA),
    gift(BEN, "Finger Heart", 3, 5),
    event("chat", { ...DMITRI, message: words.chat }),
    event("share", BEN),
    event("chat", { ...CARLA, message: "🔥🔥🔥" }),
    gift(ANNA, "Rose", 5, 1),
  ];
}

/** Numbers that show a goal on its way, whatever it is. */
export function totalsFor(look) {
  const share = (goal) => Math.round(goal.target * 0.62);
  return {
    type: "totals",
    room_id: "preview",
    likes: share(look.likes),
    follows: share(look.follows),
    diamonds: share(look.diamonds),
    gifters: [BEN, ANNA, DMITRI, CARLA, { user: "Эля", username: "elya" }, { user: "Nico", username: "nico" }].map(
      (who, place) => ({ ...who, diamonds: Math.round(1_340 / (place + 1) ** 1.6) }),
    ),
  };
}

function alert(text, image) {
  return [{ trigger_id: 0, action: "alert", text, image, duration: 4 }];
}

/** What the preview shows and what the real overlay is sent. */
export const TRIES = {
  gift: () => ({
    shown: { ...gift(ANNA, "Rose", 5, 1), test: true, effects: alert("Anna: Rose ×5", "gift") },
    sent: { type: "gift", ...ANNA, gift_name: "Rose", count: 5, diamonds: 1 },
  }),
  chat: (_look, words) => ({
    shown: event("chat", { ...DMITRI, message: words.chat, test: true }),
    sent: { type: "chat", ...DMITRI, message: words.chat },
  }),
  follow: () => ({
    shown: event("follow", { ...CARLA, test: true, effects: alert("Carla 🌻", "heart") }),
    sent: { type: "follow", ...CARLA },
  }),
  like: (look) => {
    const count = Math.min(MOST, Math.max(1, Math.round(look.likes.target / 10)));
    return {
      shown: event("like", { ...BEN, count, total: count, test: true }),
      sent: { type: "like", ...BEN, count, total: count },
    };
  },
};
