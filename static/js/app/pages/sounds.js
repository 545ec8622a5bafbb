// Sounds: added by choosing or dropping files, heard, renamed, deleted.

import { clearProblems, showProblem, whileBusy } from "../forms.js";
import { hush } from "../listen.js";
import { focusBeside } from "../morph.js";
import { toast } from "../notes.js";
import { playFrom, showAgain } from "../playing.js";
import { call } from "../session.js";
import { Uploads } from "../uploads.js";
import { explained, filled, words as shared } from "../words.js";

const WIDTH = 128; // of a picture

let uploads = null; // of whoever is signed in: they go on while another page is looked at
const leaving = new Set(); // names of sounds that are deleted once it is too late for Undo

export function mount(root, app) {
  const words = JSON.parse(root.querySelector("[data-words]").textContent);
  const page = new SoundsPage(root, app, words);
  return () => page.leave();
}

class SoundsPage {
  #root;
  #app;
  #words;
  #gone = new AbortController();

  constructor(root, app, words) {
    [this.#root, this.#app, this.#words] = [root, app, words];
    const { maxBytes, maxSize, maxSeconds, quota } = root.dataset;
    if (!uploads || uploads.isOver) uploads = new Uploads();
    uploads.showIn(root.querySelector("#uploads"), {
      words,
      limits: { bytes: Number(maxBytes), size: maxSize, seconds: maxSeconds, quota },
      onAdded: () => app.refresh(),
    });
    this.#listenToPage();
    this.#listenToDrops();
    this.#hideLeaving();
  }

  leave() {
    this.#gone.abort();
    uploads.hide();
    hush();
  }

  #on(target, kinds, heard) {
    for (const kind of kinds.split(" ")) target.addEventListener(kind, heard, { signal: this.#gone.signal });
  }

  #listenToPage() {
    const root = this.#root;
    const files = root.querySelector("#files");
    this.#on(root, "click", (event) => this.#clicked(event.target));
    this.#on(root, "submit", (event) => this.#submitted(event));
    this.#on(files, "change", () => {
      uploads.add(files.files);
      files.value = "";
    });
    this.#on(root, "freshened", () => {
      this.#hideLeaving();
      showAgain();
    });
  }

  /** Anywhere on the page: nobody has to aim. */
  #listenToDrops() {
    const zone = this.#root.querySelector("#drop");
    const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
    this.#on(document, "dragenter dragover", (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      zone.classList.add("is-over");
    });
    this.#on(document, "dragleave", (event) => {
      if (event.relatedTarget === null) zone.classList.remove("is-over");
    });
    this.#on(document, "drop", (event) => {
      zone.classList.remove("is-over");
      if (!hasFiles(event)) return;
      event.preventDefault();
      uploads.add(event.dataTransfer.files);
    });
  }

  #clicked(target) {
    if (target.closest("#add")) return this.#root.querySelector("#files").click();
    if (target.closest("[data-close]")) return target.closest("dialog").close();
    const row = target.closest(".sound");
    if (!row) return undefined;
    if (target.closest(".play, .wave")) return this.#play(row);
    if (target.closest(".more")) return turn(target.closest(".more"));
    if (target.closest("[data-rename]")) return this.#askName(row.dataset.name);
    if (target.closest("[data-delete]")) return this.#remove(row);
    return undefined;
  }

  #play(row) {
    const heard = row.querySelector(".wave > svg");
    const onMove = (share) => heard.setAttribute("width", (share * WIDTH).toFixed(2));
    return playFrom(row.querySelector(".play"), async () => row.dataset.url, { onMove });
  }

  // A new name

  #askName(name) {
    const dialog = this.#root.querySelector("#renaming");
    const field = dialog.querySelector("input");
    dialog.dataset.name = name;
    clearProblems(field.form);
    field.value = name;
    dialog.showModal();
    field.focus();
    const dot = name.lastIndexOf(".");
    field.setSelectionRange(0, dot > 0 ? dot : name.length);
  }

  #submitted(event) {
    event.preventDefault();
    if (event.target.matches("#find")) return this.#find(event.target.elements.q.value);
    const dialog = event.target.closest("#renaming");
    return dialog && this.#rename(dialog, event.target, event.submitter);
  }

  #find(text) {
    this.#app.go(text.trim() ? `/app/sounds?q=${encodeURIComponent(text.trim())}` : "/app/sounds", { replace: true });
  }

  async #rename(dialog, form, button) {
    const path = `/sounds/${encodeURIComponent(dialog.dataset.name)}/rename`;
    clearProblems(form);
    try {
      await whileBusy(button, () => call(path, { filename: form.elements.filename.value }));
    } catch (error) {
      if (error.code === undefined) throw error;
      return showProblem(form, error);
    }
    dialog.close();
    toast(this.#words.renamed);
    return this.#app.refresh();
  }

  // Deleting waits until the note with Undo is gone

  #remove(row) {
    const name = row.dataset.name;
    hush();
    leaving.add(name);
    this.#hideLeaving();
    focusBeside(row, ".more");
    const undo = () => {
      leaving.delete(name);
      this.#hideLeaving();
      row.querySelector(".more").focus({ preventScroll: true });
      this.#app.refresh();
    };
    toast(filled(this.#words.deleted, { name }), {
      act: { label: shared.ui.undo, run: undo },
      onGone: () => removeNow(name, () => this.#app.refresh()),
    });
  }

  #hideLeaving() {
    for (const row of this.#root.querySelectorAll("#yours > .sound")) {
      row.hidden = leaving.has(row.dataset.name);
    }
  }
}

function turn(button) {
  button.setAttribute("aria-expanded", String(button.getAttribute("aria-expanded") !== "true"));
}

async function removeNow(name, then) {
  if (!leaving.delete(name)) return;
  try {
    await call(`/sounds/${encodeURIComponent(name)}`, undefined, { method: "DELETE", keepalive: true });
  } catch (error) {
    if (error.code === undefined) throw error;
    toast(explained(error), { kind: "bad" });
  }
  then();
}

// The window is being closed: there will be no Undo.
addEventListener("pagehide", () => {
  for (const name of leaving) removeNow(name, () => {});
});
