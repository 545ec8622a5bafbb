// The words of this page in its language: as the server sent them along, or as the page's script was given them.

import { counted } from "./counted.js";

const own = document.getElementById("texts");
let catalogue = own ? JSON.parse(own.textContent) : {};

/** Speak by these words from now on. */
export function speak(words) {
  catalogue = words;
}

function shown(value) {
  return typeof value === "number" ? counted(value) : (value ?? "");
}

/** The text at the dotted `path` as it stands; undefined where there is none. */
export function known(path) {
  return path.split(".").reduce((branch, key) => branch?.[key], catalogue);
}

/** The text at the dotted `path`, its `{fields}` filled in. */
export function text(path, fields = {}) {
  return (known(path) ?? path).replace(/\{(\w+)\}/g, (_, field) => shown(fields[field]));
}
