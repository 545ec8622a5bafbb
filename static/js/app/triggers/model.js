// What a trigger is made of, as the editor sees it: the words of the API.

const VIEWER = ["role", "username", "first_time", "min_gifter_level"];

/** The conditions of each event: those most want, then the rest. */
export const CONDITIONS = {
  gift: [["min_diamonds", "min_count"], ["max_diamonds", "gift_id", ...VIEWER]],
  chat: [["command", "message_contains"], ["message_starts_with", "message_equals", "message_regex", ...VIEWER]],
  follow: [[], VIEWER],
  like: [["every"], ["min_count", ...VIEWER]],
  viewer_join: [["role", "username"], ["first_time", "min_gifter_level"]],
  viewer_first_message: [[], VIEWER],
  share: [[], VIEWER],
  subscribe: [[], VIEWER],
  viewer_count: [["reached"], []],
};
export const EVENTS = [["gift", "chat", "follow", "like", "viewer_join"], ["viewer_first_message", "share", "subscribe", "viewer_count"]];
export const ACTIONS = [["play_sound", "tts", "alert"], ["counter", "webhook"]];
export const EVENT_ICONS = {
  gift: "gift", chat: "chat", follow: "follow", like: "heart", viewer_join: "join",
  viewer_first_message: "first", share: "share", subscribe: "subscribe", viewer_count: "eye",
};
export const ACTION_ICONS = { play_sound: "sound", tts: "voice", alert: "alert", counter: "counter", webhook: "webhook" };
export const ROLES = ["follower", "friend", "subscriber", "moderator", "top_gifter"];
export const NUMBERS = ["min_gifter_level", "gift_id", "min_diamonds", "max_diamonds", "min_count", "every", "reached"];
export const REPEATABLE = ["message_contains", "message_regex", "role"];
const ANYBODY = ["user", "username"];
/** What a text may hold that the event itself tells; the other fields can be typed. */
export const FIELDS = {
  gift: [...ANYBODY, "gift_name", "count", "diamonds", "total_diamonds"],
  chat: [...ANYBODY, "message"],
  follow: ANYBODY,
  like: [...ANYBODY, "likes"],
  viewer_join: ANYBODY,
  viewer_first_message: [...ANYBODY, "message"],
  share: ANYBODY,
  subscribe: ANYBODY,
  viewer_count: ["viewers"],
};
const USUAL = { like: [{ key: "every", value: "1000" }], viewer_count: [{ key: "reached", value: "100" }] };

/** `conditions` holds them all, the one that came by key first. */
export function opened(trigger) {
  const first = trigger.condition_key ? [{ key: trigger.condition_key, value: trigger.condition_value }] : [];
  return { ...trigger, conditions: [...first, ...trigger.conditions] };
}

/** As `/triggers/set` takes it. */
export function bodyOf(state) {
  const [first, ...others] = state.conditions;
  const body = {
    ...state,
    condition_key: first?.key ?? null,
    condition_value: first?.value ?? null,
    conditions: others,
    when: state.event_type === "gift" ? state.when : "start",
  };
  if (!first) delete body.condition_value;
  if (!state.id) {
    delete body.id;
    delete body.version;
  }
  return body;
}

/** Another event: what it cannot be asked goes. */
export function withEvent(state, event) {
  const known = CONDITIONS[event].flat().concat(event === "gift" ? ["gift_name"] : []);
  const kept = state.conditions.filter(({ key }) => known.includes(key));
  return { ...state, event_type: event, conditions: kept.length ? kept : (USUAL[event] ?? []) };
}

export const conditionOf = (state, key) => state.conditions.find((one) => one.key === key);

export function withCondition(state, position, condition) {
  const conditions = [...state.conditions];
  if (!condition) conditions.splice(position, 1);
  else if (position < 0) conditions.push(condition);
  else conditions[position] = condition;
  return { ...state, conditions };
}
