// A trigger as a sentence whose words can be tapped. The server writes the same ones in the list.

import { counted } from "../../counted.js";
import { h } from "../dom.js";
import { filled, many } from "../words.js";

const TEXTS = ["message_contains", "message_equals", "message_starts_with", "message_regex"];
const COUNTED = { min_diamonds: "diamonds", max_diamonds: "diamonds", every: "likes" };
const COMMA = /^,/;
const PRICES = ["min_diamonds", "max_diamonds"];
const FIELD = /\{\{|\}\}|\{\s*(\w+)(?::(\w+))?\s*\}/g; // two braces are one of the text itself
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
  const prices = PRICES.map((wanted) => state.conditions.findIndex(({ key }) => key === wanted));
  const isRange = !prices.includes(-1);
  state.conditions.forEach((condition, position) => {
    if (condition.key === "gift_name") return;
    if (isRange && PRICES.includes(condition.key)) {
      if (position === Math.min(...prices)) parts.push(...rangeOf(state, prices, words));
      return;
    }
    add(words.conditions[condition.key], "value", valueOf(condition, words), `condition-${position}`);
  });
  const [verb] = words.actions[state.action].split("{value}");
  const [, comma, act] = /^(\P{L}*)(.*?)\s*$/u.exec(verb);
  parts.push([comma], [act, "action"], [" "], [doneBy(state, words), "done"]);
  return parts.filter(([text]) => text);
}

/** A least and a most price at once. */
function rangeOf({ conditions }, [least, most], words) {
  const [before, rest] = words.between.split("{least}");
  const [between, after] = rest.split("{most}");
  const number = counted(Number(conditions[least].value));
  const amount = valueOf(conditions[most], words);
  return [[before], [number, `condition-${least}`], [between], [amount, `condition-${most}`], [after]];
}

function valueOf({ key, value }, words) {
  if (COUNTED[key]) return many(words.amounts[COUNTED[key]], Number(value));
  if (NUMBERS.includes(key)) return counted(Number(value));
  if (TEXTS.includes(key)) return filled(words.quoted, { text: value });
  if (key === "role") return words.roles[value];
  if (key === "first_time") return words.first_time;
  if (key === "username") return value.split(",").map((name) => `@${name.trim().replace(/^@/, "")}`).join(", ");
  return value;
}

/** A text with the names of its fields, as their buttons have them. */
function named(text, names) {
  return text.replace(FIELD, (whole, field, counter) => {
    if (!Object.hasOwn(names, field ?? "")) return whole;
    return `[${names[field]}${counter ? ` ${counter}` : ""}]`;
  });
}

function doneBy({ action, action_params: given }, words) {
  if (action === "play_sound") return given.sound_filename || words.choose;
  if (action === "tts" || action === "alert") return filled(words.quoted, { text: named(given.text_template, words.fields) || words.text });
  if (action === "counter") return `${given.add < 0 ? "−" : "+"}${Math.abs(given.add ?? 1)} → ${given.name || words.choose}`;
  return given.url || words.choose;
}

/** `wrong`: the slot that was refused. */
export function draw(place, state, words, wrong) {
  const focused = document.activeElement?.dataset?.slot;
  const parts = partsOf(state, words);
  place.replaceChildren(
    ...parts.map(([text, slot], at) => {
      if (!slot) return parts[at - 1]?.[1] ? text.replace(COMMA, "") : text;
      const comma = COMMA.exec(parts[at + 1]?.[0])?.[0] ?? ""; // within the button, else it may begin the next line
      const word = h("span", { class: "slot-word" }, text);
      return h("button", { type: "button", class: "slot", "data-slot": slot, "aria-invalid": slot === wrong && "true" }, word, comma);
    }),
  );
  if (focused) place.querySelector(`[data-slot="${focused}"]`)?.focus();
}
