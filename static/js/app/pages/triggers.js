// The list of triggers: switched on and off, tried, put in order, copied, deleted and taken back, carried elsewhere.

import { copied } from "../copy.js";
import { brought, h, icon } from "../dom.js";
import { save, whileBusy } from "../forms.js";
import { focusBeside } from "../morph.js";
import { toast, undoing } from "../notes.js";
import { blobOf } from "../session.js";
import { Sheet } from "../sheet.js";
import { bringBack, isLeaving, makeRoom, removeNow, takeOff } from "../triggers/deleting.js";
import { inTurn } from "../turns.js";
import { explained, filled, many, words as shared } from "../words.js";

const PAUSE = 250; // milliseconds after the last letter

export function mount(root, app) {
  const words = brought(root, "words");
  const sheet = new Sheet(root.querySelector("#sheet"));
  const list = root.querySelector("#list");
  const reload = () => app.refresh();

  async function attempt(work, control) {
    try {
      return await whileBusy(control, work);
    } catch (error) {
      if (error.code === undefined) throw error;
      if (error.isStranger) app.stranger(error);
      else toast(explained(error), { kind: "bad" });
      return undefined;
    }
  }

  const undo = (run, onGone) => ({ act: undoing(() => takeBack(run), onGone), onGone });
  async function takeBack(run) {
    try {
      await run();
    } finally {
      reload();
    }
  }

  const idOf = (node) => Number(node.closest("[data-id]").dataset.id);
  const nameOf = (node) => node.closest("[data-id]").dataset.name;

  async function switchOn(box, enabled) {
    try {
      await app.call("/triggers", { id: idOf(box), enabled });
      box.defaultChecked = enabled;
    } catch (error) {
      if (box.checked === enabled) box.checked = box.defaultChecked; // else somebody chose anew meanwhile
      throw error;
    }
  }

  async function tryOut(id) {
    const { heard_by: places } = await app.call("/triggers/test", { id });
    if (places.length) toast(words.tested);
    else toast(words.tested_silent, { kind: "bad" });
  }

  // Deleting waits until the note with Undo is gone

  function hideLeaving() {
    for (const row of list?.children ?? []) row.hidden = isLeaving(idOf(row));
  }

  async function remove(row) {
    const [id, { name }] = [idOf(row), row.dataset];
    const off = takeOff(id, row.querySelector("[name=enabled]").checked);
    hideLeaving();
    focusBeside(row, "[data-menu]");
    await off.finally(hideLeaving);
    toast(filled(words.deleted, { name }), undo(() => restore(row), () => attempt(() => removeNow(id)).then(reload)));
  }

  async function restore(row) {
    await bringBack(idOf(row));
    hideLeaving();
    row.querySelector("[data-menu]").focus({ preventScroll: true });
  }

  // Order

  const inSight = () => [...list.children].filter(({ hidden }) => !hidden);
  const shown = () => [...list.children].map((row) => Number(row.dataset.id));

  async function keepOrder(said = words.order_kept) {
    const ids = JSON.parse(root.dataset.ids);
    const visible = shown();
    const places = ids.map((id, place) => (visible.includes(id) ? place : -1)).filter((place) => place >= 0);
    const before = [...ids];
    visible.forEach((id, number) => (ids[places[number]] = id));
    if (ids.every((id, place) => id === before[place])) return;
    await inTurn(() => app.call("/triggers/order", { ids }));
    toast(said, undo(() => app.call("/triggers/order", { ids: before })));
    reload();
  }

  /** What to say of it. */
  function step(row, by) {
    const rows = inSight();
    const place = rows.indexOf(row) + by;
    const other = rows[place];
    if (!other) return "";
    if (by < 0) other.before(row);
    else other.after(row);
    row.querySelector(".handle").focus();
    return filled(words.moved, { name: row.dataset.name, place: place + 1, total: rows.length });
  }

  /** Rows only look moved while the finger is down: one taken out of the page would lose it. */
  function drag(handle, event) {
    const row = handle.closest("[data-id]");
    const rows = inSight();
    const from = rows.indexOf(row);
    const boxes = rows.map((one) => one.getBoundingClientRect());
    const began = event.clientY + scrollY;
    let to = from;
    event.preventDefault();
    app.setDirty(true); // made fresh, the page would let go of the row
    handle.setPointerCapture(event.pointerId);
    row.classList.add("is-dragged");
    const move = ({ clientY }) => {
      const by = clientY + scrollY - began;
      const middle = boxes[from].top + boxes[from].height / 2 + by;
      to = boxes.filter((box, place) => place !== from && box.top + box.height / 2 < middle).length;
      rows.forEach((one, place) => (one.style.transform = `translateY(${place === from ? by : shift(place)}px)`));
    };
    const shift = (place) => {
      if (place > from && place <= to) return -boxes[from].height;
      return place < from && place >= to ? boxes[from].height : 0;
    };
    const drop = ({ type }) => {
      for (const name of ["pointermove", "pointerup", "pointercancel"]) handle.removeEventListener(name, name === "pointermove" ? move : drop);
      row.classList.remove("is-dragged");
      for (const one of rows) one.style.transform = "";
      if (type === "pointercancel" || to === from) return app.setDirty(false);
      if (to > from) rows[to].after(row);
      else rows[to].before(row);
      return attempt(keepOrder).finally(() => app.setDirty(false));
    };
    handle.addEventListener("pointermove", move);
    handle.addEventListener("pointerup", drop);
    handle.addEventListener("pointercancel", drop);
  }

  // More about one

  async function more(button) {
    const [id, name, row] = [idOf(button), nameOf(button), button.closest("[data-id]")];
    const entry = (what, picture) =>
      h("button", { type: "button", class: "row choice", onclick: () => sheet.close(what) }, icon(picture), h("span", { class: "row-main" }, words[what]));
    const rows = inSight();
    const moves = [rows[0] !== row && entry("up", "up"), rows.at(-1) !== row && entry("down", "down")].filter(Boolean);
    const chosen = await sheet.open(name, h("div", { class: "rows" }, entry("edit", "edit"), entry("duplicate", "copy"), ...moves, entry("delete", "delete")));
    if (chosen === "edit") app.go(`/app/triggers/${id}`);
    if (chosen === "duplicate") app.go(`/app/triggers/new?copy=${id}`);
    if (chosen === "delete") attempt(() => remove(row));
    if (chosen === "up" || chosen === "down") {
      const said = step(row, chosen === "up" ? -1 : 1);
      attempt(() => keepOrder(said));
    }
  }

  // Sets and files

  function added({ ids, skipped }, forms, none, before = {}) {
    if (!ids.length && !Object.keys(before).length) return toast(none);
    const back = async () => {
      if (ids.length) await app.call("/triggers/remove", { ids });
      if (Object.keys(before).length) await app.call("/settings", before);
    };
    toast(many(forms, ids.length), undo(back));
    return skipped;
  }

  async function addSet(button) {
    await makeRoom();
    const answer = await app.call("/triggers/sets", { set: button.dataset.set });
    added(answer, words.set_added, words.set_there, answer.settings);
    reload();
  }

  /** Whether it was loaded. `problem`: where to say why not; `strange`: what to say of a text that is none of ours. */
  async function load(text, problem, strange) {
    problem.hidden = true;
    await makeRoom();
    try {
      added(await app.call("/triggers/import", { text }), words.imported, words.imported_none);
    } catch (error) {
      if (error.code === undefined || error.isStranger) throw error;
      problem.textContent = `${unreadable(error, text, strange)} ${words.file_nothing}`;
      problem.hidden = false;
      return false;
    }
    reload();
    return true;
  }

  /** In the reader's words: the message of the server speaks to programmers. */
  function unreadable(error, text, strange) {
    const { code, details } = error;
    if (code === "plan_limit") return many(words.file_limit, details.limit);
    if (code !== "invalid" && code !== "sound_not_found") return explained(error);
    const wrong = whatIsWrong(error, strange);
    const isOneLine = !text.trim().includes("\n");
    return details.line && !isOneLine ? filled(words.file_line, { line: details.line, text: wrong }) : wrong;
  }

  function whatIsWrong({ code, details }, strange) {
    if (details.reason === "version") return words.file_newer;
    if (code === "sound_not_found") return words.file_sound;
    return details.field === "text" ? strange : words.file_unclear;
  }

  async function take(how) {
    await makeRoom();
    const blob = await blobOf("/triggers/export");
    if (how === "file") return save(blob, "ttboost-triggers.json");
    const isCopied = await copied(await blob.text());
    return toast(isCopied ? shared.ui.copied : shared.ui.copy_failed, { kind: isCopied ? "good" : "bad" });
  }

  let timer;
  let ordering; // steps by the keyboard are kept together
  let steppedTo; // how they left the list
  function order() {
    clearTimeout(ordering);
    ordering = undefined;
    attempt(keepOrder);
  }

  root.addEventListener("input", ({ target }) => {
    if (target.id !== "find") return;
    clearTimeout(timer);
    const wanted = target.value.trim();
    timer = setTimeout(() => {
      history.replaceState(history.state, "", wanted ? `/app/triggers?q=${encodeURIComponent(wanted)}` : "/app/triggers");
      reload();
    }, PAUSE);
  });
  root.addEventListener("change", ({ target }) => {
    if (target.name === "enabled") {
      const { checked } = target;
      attempt(() => inTurn(() => switchOn(target, checked))).then(reload);
    }
    if (target.id === "import" && target.files[0]) {
      const problem = root.querySelector("#import-problem");
      target.files[0].text().then((text) => attempt(() => load(text, problem, words.file_wrong)));
      target.value = "";
    }
  });
  root.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (!button) return;
    if (button.dataset.test !== undefined) attempt(() => tryOut(idOf(button)), button);
    if (button.dataset.menu !== undefined) more(button);
    if (button.dataset.set) attempt(() => addSet(button), button);
    if (button.dataset.export) attempt(() => take(button.dataset.export), button);
    if (button.id === "paste") root.querySelector("#paste-sheet").showModal();
  });
  root.addEventListener("pointerdown", (event) => {
    const handle = event.target.closest(".handle");
    if (handle && event.button === 0) drag(handle, event);
  });
  root.addEventListener("keydown", (event) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!by || !event.target.matches(".handle")) return;
    event.preventDefault();
    toast(step(event.target.closest("[data-id]"), by));
    steppedTo = shown();
    clearTimeout(ordering);
    ordering = setTimeout(order, PAUSE * 3);
  });
  root.addEventListener("freshened", () => {
    hideLeaving();
    if (!ordering) return; // else the page came with the order from before the steps
    const held = document.activeElement;
    list.append(...steppedTo.map((id) => list.querySelector(`[data-id="${id}"]`)).filter(Boolean));
    held.focus();
  });
  const paste = root.querySelector("#paste-sheet");
  const pasted = paste.querySelector("#paste-text");
  const pasteProblem = paste.querySelector("#paste-problem");
  paste.addEventListener("submit", (event) => {
    if (event.submitter.value !== "load") return; // it was only closed
    event.preventDefault();
    attempt(() => load(pasted.value, pasteProblem, words.paste_wrong), event.submitter).then((isLoaded) => {
      if (!isLoaded) return;
      pasted.value = "";
      paste.close();
    });
  });
  pasted.addEventListener("input", () => (pasteProblem.hidden = true));
  hideLeaving();
  return () => {
    clearTimeout(timer);
    if (ordering) order();
  };
}
