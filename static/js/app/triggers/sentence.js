// A trigger as a sentence whose words can be tapped. The server writes the same ones in the list.

import { h } from "../dom.js";
import { filled, many } from "../words.js";

const TEXTS = ["message_contains", "message_equals", "message_starts_with", "message_regex"];
const COUNTED = { min_diamonds: "diamonds", max_diamonds: "diamonds", every: "likes" };
const NUMBERS = ["min_count", "reached", "min_gifter_level"];

/** `[text, slot]` pairs; a slot is what opens when it is tapped. */
function partsOf(state, words) {
  const parts = [];
  const add = (phrase, name, value, slot) => {
    const [before, after] = phrase.split(`{${name}}`);
    parts.push([before], [value, slot], [after ?? ""]);
  };
  add(words.start, "event", words.events[state.event_type], "event");
  if (state.event_type === "gift") {
    const gift = state.conditions.find(({ key }) => key === "gift_name");
    parts.push([" "], [gift?.value || words.any_gift, "gift"]);
  }
  state.conditions.forEach((condition, position) => {
    if (condition.key === "gift_name") return;
    add(words.conditions[condition.key], "value", valueOf(condition, words), `condition-${position}`);
  });
  const [verb] = words.actions[state.action].split("{value}");
  const [, comma, act] = /^(\W*)(.*?)\s*$/u.exec(verb);
  parts.push([comma], [act, "action"], [" "], [doneBy(state, words), "done"]);
  return parts.filter(([text]) => text);
}

function valueOf({ key, value }, words) {
  if (COUNTED[key]) return many(words.amounts[COUNTED[key]], Number(value));
  if (NUMBERS.includes(key)) return Number(value).toLocaleString(document.documentElement.lang);
  if (TEXTS.includes(key)) return filled(words.quoted, { text: value });
  if (key === "role") return words.roles[value];
  if (key === "first_time") return words.first_time;
  if (key === "username") return value.split(",").map((name) => `@${name.trim().replace(/^@/, "")}`).join(", ");
  return value;
}

function doneBy({ action, action_params: given }, words) {
  if (action === "play_sound") return given.sound_filename || words.choose;
  if (action === "tts" || action === "alert") return filled(words.quoted, { text: given.text_template || words.text });
  if (action === "counter") return `${given.add < 0 ? "−" : "+"}${Math.abs(given.add ?? 1)} → ${given.name || words.choose}`;
  return given.url || words.choose;
}

export const textOf = (state, words) => partsOf(state, words).map(([text]) => text).join("");

/** `wrong`: the slot that was refused. */
export function draw(place, state, words, wrong) {
  const focused = document.activeElement?.dataset?.slot;
  place.replaceChildren(
    ...partsOf(state, words).map(([text, slot]) =>
      slot
        ? h("button", { type: "button", class: "slot", "data-slot": slot, "aria-invalid": slot === wrong && "true" }, text)
        : text,
    ),
  );
  if (focused) place.querySelector(`[data-slot="${focused}"]`)?.focus();
}
