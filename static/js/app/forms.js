// What a page declares and this does, so that most pages need no script of their own.
//
//   <form data-call="/settings">            sends its fields as JSON and shows what was refused at the field
//   <form data-call=… data-autosave>        sends each field by itself as soon as it is changed
//   <button data-call=… data-body='{…}'>    sends that
//
// data-method   POST unless said          data-confirm   asks this first, with the form's fields filled in
// data-yes      words of the yes button   data-ask-if    the switch that has to be on for that
// data-said     a note once it is done    data-then      refresh (the default), none, frame, or go:/app/…
// data-undo     {"call", "body"} that takes it back, offered in the note; without a body: what is got from there before
// data-once     a field of the answer that can be read this once: shown until it is closed
// data-idempotent   sent with an idempotency key that stays the same until it has worked
//
//   <form data-go="/app/…">   filters: goes there with its fields in the address, also when a select or a switch changes,
//                             and while a search is typed
//   <button data-download="/admin/users?format=csv" data-as="users.csv">
//   <button data-copy="…">    puts that on the clipboard
//
// Names with dots nest. Numbers and switches keep their type; `data-as="lines"`: a list, a line each;
// `data-as="words"`: a list, with blanks or commas between; `data-wrong`: what to say where its value is refused;
// `data-wrong-password`: what a form that asks for one's password alone says where it is wrong;
// `data-as="number"`: a number of a select; `data-as="null"`: empty means null; `data-skip-empty`: left out when empty.

import { copied, mark } from "./copy.js";
import { blobOf, call } from "./session.js";
import { confirmed, showOnce, toast, undoing } from "./notes.js";
import { isList, itemsOf, joined } from "./lists.js";
import { keyOf, settled } from "./tries.js";
import { inTurn } from "./turns.js";
import { explained, filled, words } from "./words.js";
import * as telegram from "./telegram.js";

const TYPED = 300; // milliseconds without a key after which it is looked for what is typed

/** The value of one field, of the type its server wants. */
function valueOf(field) {
  const kind = field.dataset.as;
  if (field.type === "checkbox") return field.checked;
  if (isList(field)) return itemsOf(field, field.value);
  if (kind === "null" && field.value === "") return null;
  if (field.type === "number" || field.type === "range" || kind === "number") {
    return field.value === "" ? null : Number(field.value);
  }
  return field.value;
}

function put(body, name, value) {
  const steps = name.split(".");
  const last = steps.pop();
  let place = body;
  for (const step of steps) place = place[step] ??= {};
  place[last] = value;
}

/** All fields of a form as a body. */
export function bodyOf(form) {
  const body = {};
  for (const field of form.elements) {
    if (!field.name || field.disabled || (field.type === "radio" && !field.checked)) continue;
    const isEmpty = field.value === "" && field.type !== "checkbox";
    if (isEmpty && (field.dataset.skipEmpty !== undefined || field.type === "number")) continue;
    put(body, field.name, valueOf(field));
  }
  return body;
}

/** All radio buttons of one question, or the one checkbox. */
const choicesOf = ({ form, name, type }) => [...form.elements].filter((one) => one.name === name && one.type === type);

const stateOf = (field) => (field.type === "checkbox" ? field.checked : field.value);

/** Saved in that state: this is what the server says of it from now on. See `morph.js`. */
function settle(field, state) {
  if (field instanceof HTMLSelectElement) for (const one of field.options) one.defaultSelected = one.value === state;
  else if (field.type === "checkbox") field.defaultChecked = state;
  else if (field.type === "radio") for (const one of choicesOf(field)) one.defaultChecked = one.value === state;
  else field.defaultValue = state;
}

/** Somebody changed it, and the server does not know yet. */
function isTouched(field) {
  if (!field.name || field.type === "file") return false;
  if (field instanceof HTMLSelectElement) {
    const given = [...field.options].find((one) => one.defaultSelected) ?? field.options[0];
    return given !== undefined && !given.selected;
  }
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  return field.value !== field.defaultValue;
}

const isUnsaved = () =>
  [...document.querySelectorAll("#view form[data-call]:not([data-autosave])")].some((form) => [...form.elements].some(isTouched));

/** Refused: a choice is again what the server has, unless somebody chose anew meanwhile. What is typed stays. */
function unsettle(field, state) {
  const isStill = field.type === "checkbox" ? field.checked === state : field.type === "radio" && field.checked;
  if (isStill) for (const one of choicesOf(field)) one.checked = one.defaultChecked;
}

/** Shows a refusal where it belongs: at the field it names, else in the form's own place, else as a note. */
export function showProblem(form, error) {
  if (!form.matches("[data-autosave]")) clearProblems(form);
  const name = error.details?.field;
  const field = name && [...form.elements].find((one) => one.name === name || one.name === name.split(/[.[]/)[0]);
  const place = form.querySelector(".problem");
  const said = (error.code === "invalid_credentials" && form.dataset.wrongPassword) || explained(error);
  if (field) atField(field, (error.code === "invalid" && field.dataset.wrong) || said);
  else if (place) {
    place.textContent = said;
    place.hidden = false;
  } else toast(said, { kind: "bad" });
  telegram.haptic("error");
}

/** Says at `field` what is wrong with it, until it is typed in. */
export function atField(field, text) {
  clearProblem(field);
  const note = document.createElement("span");
  note.className = "field-problem";
  note.id = `problem-${field.name}`;
  note.textContent = text;
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", note.id);
  (field.closest(".field, .switch") ?? field).append(note);
  field.focus();
  note.scrollIntoView({ block: "nearest" }); // focus alone may leave it under the bar
}

/** Of one field that is saved by itself: what others of its form were refused for still stands there. */
function clearProblem(field) {
  for (const one of choicesOf(field)) one.removeAttribute("aria-invalid");
  field.form.querySelector(`[id="problem-${field.name}"]`)?.remove();
  for (const place of field.form.querySelectorAll(".problem")) place.hidden = true;
}

export function clearProblems(form) {
  for (const note of form.querySelectorAll(".field-problem")) note.remove();
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  for (const place of form.querySelectorAll(".problem")) place.hidden = true;
}

/** Runs `work` while `control` shows that it is busy. A second click comes to nothing, nor does what would follow it. */
export async function whileBusy(control, work) {
  if (!control) return work();
  if (control.getAttribute("aria-busy") === "true") return new Promise(() => {});
  control.setAttribute("aria-busy", "true");
  try {
    return await work();
  } finally {
    control.removeAttribute("aria-busy");
  }
}

/** Saves `blob` as a file of that name. */
export function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** `button` stands beside the `code` it copies. */
async function copy(button) {
  if (await copied(button.dataset.copy)) return toast(words.ui.copied);
  mark(button.parentElement.querySelector("code"));
  return toast(`${words.ui.copy_failed} ${words.ui.copy_by_hand}`, { kind: "bad" });
}

/** The address of what a form of filters looks for. */
function soughtBy(form) {
  const given = [...new FormData(form)].filter(([, value]) => value !== "");
  const query = new URLSearchParams(given).toString();
  return form.dataset.go + (query ? `?${query}` : "");
}

export class Forms {
  #app;
  #searching = null;

  constructor(app) {
    this.#app = app;
    document.addEventListener("submit", (event) => this.#submitted(event));
    document.addEventListener("click", (event) => this.#clicked(event));
    document.addEventListener("change", (event) => this.#changed(event));
    document.addEventListener("input", ({ target }) => this.#typed(target));
  }

  #submitted(event) {
    const form = event.target;
    if (form.matches("[data-go]")) this.#filter(event, form);
    if (!form.matches("[data-call]")) return;
    event.preventDefault();
    if (form.matches("[data-autosave]")) return;
    this.#send(form, bodyOf(form), event.submitter ?? form.querySelector("[type=submit]"), form);
  }

  #clicked(event) {
    const saving = event.target.closest?.("button[data-download]");
    if (saving) whileBusy(saving, () => this.#download(saving.dataset));
    const copying = event.target.closest?.("button[data-copy]");
    if (copying) copy(copying);
    const button = event.target.closest?.("button[data-call]");
    if (!button) return;
    const body = button.dataset.body ? JSON.parse(button.dataset.body) : {};
    this.#send(button, button.dataset.method === "GET" ? undefined : body, button, null);
  }

  /** Searches as it is typed, and guards what is typed into a form that is saved by hand. */
  #typed(target) {
    if (target.matches?.("form[data-go] [type=search]")) this.#searchSoon(target.form);
    if (target.form && target.getAttribute("aria-invalid")) clearProblem(target);
    const form = target.closest?.("form[data-call]:not([data-autosave])");
    if (form && !form.closest("#gate")) this.#app.setDirty(isUnsaved());
  }

  #filter(event, form) {
    event.preventDefault();
    clearTimeout(this.#searching);
    this.#app.go(soughtBy(form), { replace: true });
  }

  #searchSoon(form) {
    clearTimeout(this.#searching);
    this.#searching = setTimeout(() => form.isConnected && this.#app.search(soughtBy(form)), TYPED);
  }

  async #download({ download, as }) {
    try {
      save(await blobOf(download), as);
    } catch (error) {
      if (error.code === undefined) throw error;
      toast(explained(error), { kind: "bad" });
    }
  }

  #changed({ target }) {
    if (target.matches?.("form[data-go] :is(select, [type=checkbox])")) target.form.requestSubmit();
    const form = target.closest?.("form[data-autosave]");
    if (!form || !target.name) return;
    const body = {};
    put(body, target.name, valueOf(target));
    clearProblem(target);
    inTurn(() => this.#save(form, target, stateOf(target), body));
  }

  async #save(form, field, state, body) {
    try {
      if (isList(field)) put(body, field.name, await joined(form.dataset.call, field, state));
      await call(form.dataset.call, body);
    } catch (error) {
      if (error.code === undefined) throw error;
      unsettle(field, state);
      this.#refused(form, error);
      return;
    }
    settle(field, state);
    toast(form.dataset.said ?? words.ui.saved);
    this.#then(form.dataset.then ?? "none");
  }

  async #send(source, body, control, form) {
    const { confirm, yes, askIf, method, said, undo, then = "refresh", once } = source.dataset;
    const page = source.closest("#view > *");
    const isAsked = confirm && (!askIf || source.elements[askIf].checked);
    if (isAsked && !(await confirmed(filled(confirm, body ?? {}), yes))) return;
    if (form) clearProblems(form);
    let back;
    try {
      const key = keyOf(source);
      const answer = await whileBusy(control, async () => {
        back = undo && (await this.#before(JSON.parse(undo)));
        return call(source.dataset.call, body, { method, key });
      });
      settled(source);
      if (once && answer) await showOnce(answer[once]);
    } catch (error) {
      if (error.code === undefined) throw error;
      if (error.code === "key_reused") settled(source); // the answer got lost: the next try is another thing
      this.#refused(form, error);
      return;
    }
    toast(said, back ? { act: undoing(() => this.#takeBack(back)) } : {});
    const isHere = page?.isConnected; // the answer may come when somebody has long gone on to another page
    if (isHere) this.#sent(form, body);
    if (isHere || !then.startsWith("go:")) this.#then(then);
  }

  /** What was typed on while it was being sent is not lost. */
  #sent(form, body) {
    if (form && JSON.stringify(bodyOf(form)) === JSON.stringify(body)) {
      if (form.dataset.then === undefined) form.reset();
      else for (const field of form.elements) if (field.name) settle(field, stateOf(field));
    }
    this.#app.setDirty(isUnsaved());
  }

  #refused(form, error) {
    if (error.isStranger) this.#app.stranger(error);
    else if (form?.isConnected) showProblem(form, error);
    else toast(explained(error), { kind: "bad" });
  }

  async #before({ call: path, body }) {
    if (body) return { call: path, body };
    const { success, ...before } = await call(path);
    return { call: path, body: before };
  }

  async #takeBack({ call: path, body }) {
    await call(path, body);
    this.#app.refresh();
  }

  #then(then) {
    if (then === "refresh") this.#app.refresh();
    else if (then === "frame") this.#app.reframe();
    else if (then.startsWith("go:")) this.#app.go(then.slice(3));
  }
}
