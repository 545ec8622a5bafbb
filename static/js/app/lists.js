// A field that holds a list, an item a line or a word each. Two devices may add to one list: what is sent is
// what the server has now, with what was added and taken away here.

import { call } from "./session.js";

const SPLITS = { lines: /\n/, words: /[\s,]+/ };

export const isList = ({ dataset }) => dataset.as in SPLITS;

/** The items of `text`. */
export function itemsOf({ dataset }, text) {
  return text.split(SPLITS[dataset.as]).map((item) => item.trim()).filter(Boolean);
}

/** What the list of `field` becomes where it says `text`; `path`: where all settings are got. */
export async function joined(path, field, text) {
  const [mine, before] = [itemsOf(field, text), itemsOf(field, field.defaultValue)];
  const theirs = (await call(path))[field.name];
  if (JSON.stringify(theirs) === JSON.stringify(before)) return mine;
  const kept = theirs.filter((item) => mine.includes(item) || !before.includes(item));
  return [...kept, ...mine.filter((item) => !before.includes(item) && !theirs.includes(item))];
}
