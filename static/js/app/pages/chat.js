// Chat: fields that belong to a choice, a line to try, names and how they are said.

import { clearProblems, showProblem, whileBusy } from "../forms.js";
import { insert } from "../insert.js";
import { hush } from "../listen.js";
import { toast, undoing } from "../notes.js";
import { playFrom, showAgain, spoken } from "../playing.js";
import { call } from "../session.js";
import { explained, filled, words as shared } from "../words.js";

export function mount(root, app) {
  const words = JSON.parse(root.querySelector("[data-words]").textContent);
  const names = new Names(root, app, words);
  root.addEventListener("submit", (event) => {
    if (event.target.matches("#try")) tryLine(event, root, words);
    else if (event.target.matches("#name-it")) names.submitted(event);
  });
  root.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (button?.dataset.insert) put(root.querySelector("#template"), button.dataset.insert);
    else if (button?.dataset.hear) playFrom(button, spoken({ text: button.dataset.hear }));
    else if (button?.dataset.remove !== undefined) names.remove(button.closest("[data-name]").dataset.name);
  });
  root.addEventListener("change", ({ target }) => {
    if (["silence_enabled", "silence_text"].includes(target.name)) suggest(target);
    unfold(root, target);
  });
  root.addEventListener("freshened", showAgain);
  return () => hush();
}

function unfold(root, { name, value, checked }) {
  const more = (which) => root.querySelector(`[data-for="${which}"]`);
  if (name === "chat_tts_mode") for (const mode of ["prefix", "donor"]) more(mode).hidden = mode !== value;
  if (name === "silence_enabled") more("silence").hidden = !checked;
}

/** Whoever wants something said without having words for it is given ours. */
function suggest(changed) {
  const { silence_enabled: isWanted, silence_text: text } = changed.form.elements;
  if (!isWanted.checked || text.value.trim()) return;
  text.value = text.dataset.suggested;
  if (changed !== text) text.dispatchEvent(new Event("change", { bubbles: true }));
}

/** Saves it as if it had been typed. */
function put(input, text) {
  insert(input, text);
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

async function tryLine(event, root, words) {
  event.preventDefault();
  const form = event.target;
  const { name, text } = form.elements;
  clearProblems(form);
  try {
    const body = { name: name.value, text: text.value };
    show(root.querySelector("#tried"), await whileBusy(event.submitter, () => call("/settings/try-line", body)), words);
  } catch (error) {
    if (error.code === undefined) throw error;
    showProblem(form, error);
  }
}

function show(place, answer, words) {
  if (!answer) return;
  hush();
  const said = document.createElement("p");
  if (!answer.text) {
    said.textContent = `${words.silent} ${words.skipped[answer.skipped_by] ?? ""}`;
    place.replaceChildren(said);
    return;
  }
  said.textContent = filled(words.says, { text: answer.text });
  const button = playButton(words.again);
  const play = () => playFrom(button, async () => answer.tts_url);
  button.addEventListener("click", play);
  place.replaceChildren(button, said);
  play();
}

/** Like those the server draws. */
function playButton(label) {
  const button = document.querySelector("#play-button").content.firstElementChild.cloneNode(true);
  button.setAttribute("aria-label", label);
  return button;
}

class Names {
  #root;
  #app;
  #words;

  constructor(root, app, words) {
    [this.#root, this.#app, this.#words] = [root, app, words];
  }

  get #said() {
    const rows = this.#root.querySelectorAll("#names [data-name]");
    return [...rows].map(({ dataset }) => ({ name: dataset.name, say: dataset.say }));
  }

  async submitted(event) {
    event.preventDefault();
    const form = event.target;
    const added = { name: form.elements.name.value.trim(), say: form.elements.say.value.trim() };
    clearProblems(form);
    try {
      await whileBusy(event.submitter, () => this.#save([...this.#without(added.name), added]));
    } catch (error) {
      if (error.code === undefined) throw error;
      const place = form.querySelector(".problem");
      place.textContent = error.code === "invalid" ? this.#words.write_both : explained(error);
      place.hidden = false;
      return;
    }
    form.reset();
    form.elements.name.focus();
    toast(shared.ui.saved);
  }

  async remove(name) {
    const before = this.#said;
    try {
      await this.#save(this.#without(name));
    } catch (error) {
      if (error.code === undefined) throw error;
      toast(explained(error), { kind: "bad" });
      return;
    }
    toast(filled(this.#words.removed, { name }), { act: undoing(() => this.#save(before)) });
  }

  #without(name) {
    return this.#said.filter((one) => one.name.toLowerCase() !== name.toLowerCase());
  }

  async #save(pronunciations) {
    await call("/settings", { pronunciations });
    await this.#app.refresh();
  }
}
