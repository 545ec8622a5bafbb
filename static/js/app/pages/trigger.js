// The editor: a sentence whose words are tapped, and below it what the chosen action needs.

import { brought, h, icon, pointOut } from "../dom.js";
import { atField, whileBusy } from "../forms.js";
import { hear, hearVoice, hush } from "../hearing.js";
import { GAP, insert } from "../insert.js";
import { toast } from "../notes.js";
import { Sheet } from "../sheet.js";
import { ACTIONS, ACTION_ICONS, CONDITIONS, EVENTS, EVENT_ICONS, FIELDS, REPEATABLE, bodyOf, conditionOf, opened, withCondition, withEvent } from "../triggers/model.js";
import { askValue, pickGift, pickOne, pickSound, pickVoice, voicesOf } from "../triggers/pickers.js";
import { makeRoom } from "../triggers/deleting.js";
import { Saving } from "../triggers/saving.js";
import { draw } from "../triggers/sentence.js";
import { explained, filled } from "../words.js";

const FIELD_WRONG = {
  "action_params.sound_filename": "sound_gone", "action_params.text_template": "template",
  "action_params.voice_id": "voice", "action_params.name": "counter", "action_params.add": "add",
  "action_params.url": "url", "action_params.duration": "duration", "action_params.volume": "volume",
  cooldown_seconds: "seconds", user_cooldown_seconds: "seconds", priority: "priority", name: "name",
};
const SAMPLES = { count: "3", diamonds: "1", total_diamonds: "3", likes: "1000", viewers: "42" };

/** Which input shows which part of the action, by action. */
const INPUTS = {
  play_sound: { sound_volume: "volume" },
  tts: { say: "text_template", say_volume: "volume" },
  alert: { show: "text_template", image: "image", duration: "duration" },
  counter: { counter: "name", add: "add" },
  webhook: { url: "url" },
};
const USUAL = {
  play_sound: { sound_filename: "bell", volume: 100 },
  tts: { text_template: "", volume: 100 },
  alert: { text_template: "", image: "heart", duration: 5 },
  counter: { name: "", add: 1 },
  webhook: { url: "" },
};
const GAP_FIELD = `{counter:${GAP}}`;
const NUMBERS = ["volume", "duration", "add"];
const PLAIN = ["name", "cooldown_seconds", "user_cooldown_seconds", "priority"];

export function mount(root, app) {
  const words = brought(root, "words");
  const { trigger, own, builtin, newest, has_webhooks: hasWebhooks } = brought(root, "state");
  const sentence = { ...words.sentence, text: words.text, choose: words.choose };
  const form = root.querySelector("#editor");
  const saving = new Saving(words, newest);
  const sheet = new Sheet(root.querySelector("#sheet"));
  const given = { ...structuredClone(USUAL), [trigger.action]: { ...USUAL[trigger.action], ...trigger.action_params } };
  let state = { ...opened(trigger), action_params: given[trigger.action] };
  const saved = JSON.stringify(body());

  function change(next, { isTyped = false } = {}) {
    state = next;
    app.setDirty(JSON.stringify(body()) !== saved);
    show({ isTyped });
  }

  function show({ isTyped = false, wrong } = {}) {
    draw(root.querySelector("#sentence"), state, sentence, wrong);
    showAdds();
    for (const part of form.querySelectorAll("[data-act]")) part.hidden = part.dataset.act !== state.action;
    for (const chip of form.querySelectorAll("[data-field]")) chip.hidden = !FIELDS[state.event_type].includes(chip.dataset.field);
    root.querySelector("#when").hidden = state.event_type !== "gift";
    if (!isTyped) fill();
    showExamples();
  }

  /** Conditions that are not there yet, each by one tap. */
  function showAdds() {
    const has = (key) => conditionOf(state, key) && !REPEATABLE.includes(key);
    const [common, rare] = CONDITIONS[state.event_type].map((keys) => keys.filter((key) => !has(key)));
    const add = (key) => h("button", { type: "button", class: "chip", onclick: () => ask(-1, { key }) }, icon("add"), words.keys[key]);
    const more = rare.length > 0 && h("button", { type: "button", class: "chip", onclick: () => pickRare(rare) }, icon("add"), words.picks.condition);
    root.querySelector("#adds").replaceChildren(...common.map(add), ...(more ? [more] : []));
  }

  async function pickRare(keys) {
    const key = await pickOne(sheet, words.picks.condition, [keys, []], { names: words.keys });
    if (key) ask(-1, { key });
  }

  async function ask(position, condition) {
    const value = condition.key === "first_time" && position < 0 ? "true" : await askValue(sheet, words, condition, { isNew: position < 0 });
    if (value === undefined) return;
    change(withCondition(state, position, value === null ? null : { key: condition.key, value }));
    focusCondition(position < 0 ? state.conditions.length - 1 : position);
  }

  /** What was tapped is drawn anew or gone. */
  function focusCondition(position) {
    const slots = [`condition-${position}`, "action"].map((name) => root.querySelector(`[data-slot="${name}"]`));
    slots.find(Boolean).focus({ preventScroll: true });
  }

  // What opens when a word is tapped

  const open = {
    async event() {
      const event = await pickOne(sheet, words.picks.event, EVENTS, { names: words.sentence.events, icons: EVENT_ICONS, chosen: state.event_type, more: words.picks.more });
      if (event) change(withEvent(state, event));
    },
    async gift() {
      const position = state.conditions.findIndex(({ key }) => key === "gift_name");
      const name = await pickGift(sheet, words, state.conditions[position]?.value);
      if (name === undefined) return;
      if (name === null && position < 0) return;
      change(withCondition(state, position, name === null ? null : { key: "gift_name", value: name }));
    },
    async action() {
      const [common, rare] = ACTIONS;
      const known = [common, hasWebhooks ? rare : rare.filter((one) => one !== "webhook")];
      const action = await pickOne(sheet, words.picks.action, known, { names: words.acts, icons: ACTION_ICONS, chosen: state.action, more: words.picks.more });
      if (action) change({ ...state, action, action_params: given[action] });
    },
    async done() {
      if (state.action !== "play_sound") return form.querySelector(`[data-act="${state.action}"] :is(input, textarea)`).focus();
      const name = await pickSound(sheet, words, { own, builtin }, state.action_params.sound_filename);
      if (name) put("sound_filename", name);
      return undefined;
    },
  };

  function put(name, value, options) {
    given[state.action] = { ...state.action_params, [name]: value };
    change({ ...state, action_params: given[state.action] }, options);
  }

  // Inputs

  function fill() {
    for (const [input, name] of Object.entries(INPUTS[state.action])) {
      const field = form.elements[input];
      if (field instanceof RadioNodeList) field.value = state.action_params[name] ?? "";
      else field.value = state.action_params[name] ?? "";
      const told = form.querySelector(`output[data-of="${input}"]`);
      if (told) told.textContent = `${field.value} %`;
    }
    for (const name of PLAIN) form.elements[name].value = state[name] || (name === "name" ? "" : state[name] ?? 0);
    for (const name of ["once_per_stream", "stop"]) form.elements[name].checked = state[name];
    form.elements.when.value = state.when;
    showVoice();
  }

  async function showVoice() {
    const button = root.querySelector("#voice");
    const chosen = state.action_params.voice_id;
    button.textContent = words.own_voice;
    if (!chosen) return;
    const known = await voicesOf().catch(() => []); // without them its id has to do
    button.textContent = known.find(({ id }) => id === chosen)?.name ?? chosen;
  }

  async function chooseVoice(button) {
    await whileBusy(button, voicesOf);
    const id = await pickVoice(sheet, words, state.action_params.voice_id);
    if (id !== undefined) put("voice_id", id);
  }

  function typed({ target }) {
    const name = INPUTS[state.action][target.name];
    const value = target.type === "number" || target.type === "range" ? Number(target.value) : target.value;
    if (name) put(name, NUMBERS.includes(name) ? value : target.value || (name === "image" ? null : ""), { isTyped: true });
    else if (target.type === "checkbox") change({ ...state, [target.name]: target.checked }, { isTyped: true });
    else if (target.name) change({ ...state, [target.name]: value }, { isTyped: true });
    const told = form.querySelector(`output[data-of="${target.name}"]`);
    if (told) told.textContent = `${target.value} %`;
  }

  function exampleOf(text) {
    const gift = conditionOf(state, "gift_name")?.value;
    const samples = { ...SAMPLES, ...words.sample, nickname: words.sample.user, ...(gift ? { gift_name: gift } : {}) };
    return text.replace(/\{(\w+)(:\w+)?\}/g, (whole, name) => samples[name] ?? (name === "counter" ? "7" : whole));
  }

  function showExamples() {
    for (const place of form.querySelectorAll("[data-example]")) {
      const text = exampleOf(form.elements[place.dataset.example].value);
      place.textContent = text ? filled(words.example, { text }) : "";
    }
  }

  function insertField({ insert: text, into }) {
    insert(form.elements[into], text);
    form.elements[into].dispatchEvent(new Event("input", { bubbles: true }));
  }

  // Trying and saving

  /** Without what is empty: the server has its own for that. */
  function body() {
    const made = bodyOf(state);
    const params = Object.entries(made.action_params).filter(([, value]) => value !== null && value !== "");
    return { ...made, action_params: Object.fromEntries(params) };
  }

  async function tryOut() {
    const { id: _id, version: _version, ...draft } = body();
    const { heard_by: places } = await app.call("/triggers/test", { trigger: draft });
    if (places.length) return toast(words.tested);
    if (state.action === "play_sound") await hear([...own, ...builtin].find(({ name }) => name === state.action_params.sound_filename)?.url);
    else if (state.action === "tts") await hearVoice(state.action_params.voice_id, exampleOf(state.action_params.text_template));
    else return toast(words.tested_silent, { kind: "bad" });
    return toast(words.tested_here);
  }

  async function keep() {
    if (!state.id) await makeRoom();
    const trigger = await saving.keep(body());
    if (!trigger) return;
    toast(state.id ? words.saved : words.added);
    if (!root.isConnected) return; // somebody went on meanwhile
    app.setDirty(false);
    await app.go("/app/triggers", { replace: true }); // a step back is not to make another one
    pointOut(`#list [data-id="${trigger.id}"]`);
  }

  function wrongOfText(name) {
    if (name !== "action_params.text_template") return undefined;
    const text = state.action_params.text_template;
    if (!text) return "template_empty";
    return text.includes(GAP_FIELD) ? "template_counter" : undefined;
  }

  function refused(error) {
    if (error.isStranger) return app.stranger(error);
    const name = error.details?.field ?? "";
    const input = Object.entries(INPUTS[state.action]).find(([, part]) => name === `action_params.${part}`)?.[0] ?? name;
    const field = form.elements[input];
    const code = /conditions|condition_/.test(name) ? "unclear" : wrongOfText(name) ?? FIELD_WRONG[name];
    const text = name ? (words.wrong[code] ?? error.message) : explained(error);
    clear();
    if (field instanceof HTMLElement) {
      field.closest("details")?.setAttribute("open", "");
      return atField(field, text);
    }
    const place = root.querySelector(name ? "#sentence-problem" : "#editor > .problem");
    place.textContent = text;
    place.hidden = false;
    return place.scrollIntoView({ block: "center" });
  }

  function clear() {
    for (const one of form.querySelectorAll(".field > .field-problem")) one.remove();
    for (const one of form.querySelectorAll("[aria-invalid]")) one.removeAttribute("aria-invalid");
    for (const one of form.querySelectorAll("#sentence-problem, .problem")) one.hidden = true;
  }

  async function attempt(work, control) {
    clear();
    try {
      await whileBusy(control, work);
    } catch (error) {
      if (error.code === undefined) throw error;
      refused(error);
    }
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(keep, form.querySelector("[type=submit]"));
  });
  form.addEventListener("input", typed);
  form.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (!button) return;
    const slot = button.dataset.slot;
    if (slot?.startsWith("condition-")) ask(Number(slot.slice(10)), state.conditions[Number(slot.slice(10))]);
    else if (slot) open[slot]();
    if (button.dataset.insert) insertField(button.dataset);
    if (button.id === "try") attempt(tryOut, button);
    if (button.id === "voice") attempt(() => chooseVoice(button));
  });
  show();
  const sound = new URLSearchParams(location.search).get("sound");
  if (!state.id && sound) put("sound_filename", sound);
  app.setDirty(false);
  return hush;
}
