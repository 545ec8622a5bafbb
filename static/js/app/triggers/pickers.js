// What opens when a word of the sentence is tapped. Each resolves to what was chosen, undefined for nothing.

import { h, icon } from "../dom.js";
import { hear, hearVoice } from "../hearing.js";
import { call } from "../session.js";
import { explained, filled, many } from "../words.js";
import { ROLES, NUMBERS } from "./model.js";

const GIFTS = 60;
const COLOURS = 6;
const PAUSE = 250; // milliseconds after the last letter before gifts are looked for

function choice(sheet, value, { picture, title, hint, isChosen }) {
  return h(
    "button",
    { type: "button", class: "row choice", "aria-pressed": isChosen ? "true" : "false", onclick: () => sheet.close(value) },
    picture,
    h("span", { class: "row-main" }, h("strong", {}, title), hint && h("small", { class: "muted" }, hint)),
    isChosen && icon("check"),
  );
}

/** `groups`: what most want, and the rest, which is folded unless it holds the chosen one. */
export function pickOne(sheet, title, groups, { names, icons = {}, chosen, more }) {
  const rows = (values) =>
    h("div", { class: "rows" }, values.map((value) =>
      choice(sheet, value, { picture: icons[value] && icon(icons[value]), title: names[value], isChosen: value === chosen })));
  const [common, rare] = groups;
  const children = common.length ? [rows(common)] : [];
  if (rare.length && !common.length) children.push(rows(rare));
  else if (rare.length) {
    children.push(h("details", { open: rare.includes(chosen), class: "folded" }, h("summary", {}, more), rows(rare)));
  }
  return sheet.open(title, ...children);
}

function pictureOf({ name, image }) {
  if (image && new URL(image, location.href).origin === location.origin) {
    return h("img", { class: "gift-picture", src: image, alt: "", width: 36, height: 36 });
  }
  const colour = [...name].reduce((sum, letter) => sum + letter.codePointAt(0), 0) % COLOURS;
  return h("span", { class: `gift-picture is-${colour}`, "aria-hidden": "true" }, [...name.trim()][0]?.toUpperCase() ?? "?");
}

function searchField(label, onSearch, pause = 0) {
  let timer;
  const input = h("input", { type: "search", placeholder: label, "aria-label": label, enterkeyhint: "search" });
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => onSearch(input.value.trim()), pause);
  });
  return h("label", { class: "search" }, icon("search"), input);
}

/** A gift's name; null: any. */
export function pickGift(sheet, words, chosen) {
  const any = choice(sheet, null, { picture: icon("gift"), title: words.any_gift, isChosen: !chosen });
  const list = h("div", { class: "rows" }, any);
  const foot = h("div", {}, h("p", { class: "muted" }, "…"));
  let turn = 0;
  const show = async (text, offset) => {
    const mine = ++turn;
    let found;
    try {
      found = await call(`/gifts?q=${encodeURIComponent(text)}&limit=${GIFTS}&offset=${offset}`);
    } catch (error) {
      if (error.code === undefined) throw error;
      if (mine === turn) foot.replaceChildren(h("p", { class: "problem", role: "alert" }, explained(error)));
      return;
    }
    if (mine !== turn) return;
    const names = new Map(found.gifts.map((gift) => [gift.name, gift]));
    const rows = [...names.values()].map((gift) =>
      choice(sheet, gift.name, { picture: pictureOf(gift), title: gift.name, hint: many(words.diamonds, gift.diamond_count), isChosen: gift.name === chosen }));
    if (offset) list.append(...rows);
    else list.replaceChildren(...(text ? rows : [any, ...rows]));
    foot.replaceChildren(...footOf(text, names, found.total > offset + GIFTS, () => show(text, offset + GIFTS)));
  };
  const footOf = (text, names, hasMore, onMore) => [
    ...(names.size || !text ? [] : [h("p", { class: "muted" }, words.no_gifts)]),
    ...(text && ![...names.keys()].some((name) => name.toLowerCase() === text.toLowerCase())
      ? [h("button", { type: "button", class: "btn wide", onclick: () => sheet.close(text) }, filled(words.use_name, { text }))]
      : []),
    ...(hasMore ? [h("button", { type: "button", class: "btn wide", onclick: onMore }, words.more_gifts)] : []),
  ];
  const answer = sheet.open(words.picks.gift, searchField(words.gift_search, (text) => show(text, 0), PAUSE), list, foot);
  show("", 0);
  return answer;
}

function audible(sheet, value, { title, hint, isChosen, label, play }) {
  return h(
    "div",
    { class: "audible" },
    h("button", { type: "button", class: "btn plain round", "aria-label": label, onclick: play }, icon("play")),
    choice(sheet, value, { title, hint, isChosen }),
  );
}

/** The name of a sound. */
export function pickSound(sheet, words, { own, builtin }, chosen) {
  const group = (title, sounds) =>
    sounds.length > 0 &&
    h("section", {}, h("h3", {}, title), h("div", { class: "rows" }, sounds.map(({ name, url, lasts }) =>
      audible(sheet, name, { title: name, hint: lasts, isChosen: name === chosen, label: filled(words.play, { name }), play: () => hear(url) }))));
  const upload = h("a", { class: "btn wide", href: "/app/sounds" }, icon("upload"), words.upload);
  const groups = [group(words.own_sounds, own), group(words.builtin_sounds, builtin)].filter(Boolean);
  return sheet.open(words.picks.sound, ...groups, upload);
}

let voices = null;

export async function voicesOf() {
  voices ??= (await call("/voices")).voices;
  return voices;
}

/** The id of a voice; null: that of the settings. */
export async function pickVoice(sheet, words, chosen) {
  const all = await voicesOf();
  const ours = all.some((voice) => voice.available) ? all.filter((voice) => voice.available) : all;
  const here = document.documentElement.lang;
  const names = new Intl.DisplayNames([here], { type: "language" });
  const place = h("div", {});
  const show = (text) => {
    const wanted = text.toLowerCase();
    const groups = new Map();
    for (const voice of ours) {
      const title = names.of(voice.lang);
      if (wanted && !`${title} ${voice.name}`.toLowerCase().includes(wanted)) continue;
      groups.set(title, [...(groups.get(title) ?? []), voice]);
    }
    const isHere = ([, [voice]]) => voice.lang.startsWith(here);
    const ordered = [...groups].sort((one, other) => isHere(other) - isHere(one));
    place.replaceChildren(...ordered.map(([title, some], position) =>
      h("details", { class: "folded", open: position === 0 || Boolean(wanted) || some.some(({ id }) => id === chosen) },
        h("summary", {}, title),
        h("div", { class: "rows" }, some.map(({ id, name }) =>
          audible(sheet, id, { title: name, isChosen: id === chosen, label: filled(words.play, { name }), play: () => hearVoice(id) }))))));
  };
  show("");
  const own = h("div", { class: "rows" }, choice(sheet, null, { picture: icon("voice"), title: words.own_voice, isChosen: !chosen }));
  return sheet.open(words.picks.voice, own, searchField(words.voice_search, show), place);
}

/** The value of a condition; null: it is left out, which one that is new cannot be. */
export function askValue(sheet, words, { key, value }, { isNew }) {
  const field = key === "role" ? roleField(words, value) : key === "first_time" ? null : inputField(words, key, value);
  const problem = h("p", { class: "field-problem", role: "alert", hidden: true });
  const form = h(
    "form",
    { class: "fields", novalidate: true, onsubmit: (event) => {
      event.preventDefault();
      const given = key === "first_time" ? "true" : String(new FormData(form).get("value") ?? "").trim();
      const wrong = wrongIn(key, given, words.wrong);
      if (!wrong) return sheet.close(given);
      problem.textContent = wrong;
      problem.hidden = false;
      return form.elements.value.focus?.();
    } },
    field, problem,
    h("div", { class: "ask-buttons" },
      !isNew && h("button", { type: "button", class: "btn danger", onclick: () => sheet.close(null) }, words.remove),
      h("button", { class: "btn primary" }, words.done)),
  );
  const answer = sheet.open(words.keys[key], form);
  form.querySelector("input")?.focus();
  return answer;
}

function inputField(words, key, value) {
  const isNumber = NUMBERS.includes(key);
  return h("label", { class: "field" }, h("span", {}, words.asks[key]),
    h("input", { name: "value", value: value ?? "", maxlength: 200, autocapitalize: "none", autocomplete: "off", inputmode: isNumber ? "numeric" : "text" }));
}

function roleField(words, value) {
  return h("fieldset", { class: "segments" }, h("legend", {}, words.asks.role), ROLES.map((role) =>
    h("label", {}, h("input", { type: "radio", name: "value", value: role, checked: role === (value || "moderator") }), h("span", {}, words.sentence.roles[role]))));
}

/** What is plainly wrong; the server looks closer when it is saved. */
export function wrongIn(key, value, wrong) {
  if (key === "min_diamonds" || key === "max_diamonds") return /^\d{1,12}$/.test(value) ? null : wrong.number;
  if (NUMBERS.includes(key)) return /^0*[1-9]\d{0,18}$/.test(value) ? null : wrong.number_from_1;
  if (key === "first_time") return null;
  return value ? null : (wrong[key] ?? wrong.text);
}
