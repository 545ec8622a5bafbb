// What happened, as one line a person reads: an icon, who, and what.

import { text } from "./texts.js";

const SAID = { follow: "followed", share: "shared", subscribe: "subscribed", viewer_first_message: "wrote_first" };

/** What a gift line says; within a streak the running total. */
export function gave({ gift_name: gift, count, streak }) {
  const total = streak?.total ?? count;
  return total === 1 ? text("gave_one", { gift }) : text("gave", { gift, count: total });
}

function effectLine({ action, name, value, text: words }) {
  if (action === "webhook") return null;
  if (action === "counter") return { icon: "effect", who: name, what: String(value) };
  return { icon: "effect", who: "", what: words || text("effect_sound") };
}

/** `{icon, who, what}`, or null for what has no line of its own. */
export function lineOf(message) {
  switch (message.type) {
    case "chat":
      return { icon: "chat", who: message.user, what: message.message };
    case "gift":
      return { icon: "gift", who: message.user, what: gave(message) };
    case "follow":
    case "share":
    case "subscribe":
      return { icon: message.type, who: message.user, what: text(SAID[message.type]) };
    case "viewer_first_message":
      return { icon: "first", who: message.user, what: text(SAID[message.type]) };
    case "viewer_join":
      return { icon: "join", who: "", what: text("joined", { user: message.user }) };
    case "effect":
      return effectLine(message);
    default:
      return null;
  }
}
