// Light or dark: as Telegram says, else as chosen on this device, else as the device is.

import { keep, kept } from "../keep.js";

const CHOSEN = "ttboost.scheme";
const root = document.documentElement;
const sheet = document.getElementById("dark");
const asDevice = sheet.media;

/** `light`, `dark`, or empty: as the device is. */
export function paint(scheme) {
  if (scheme) root.dataset.scheme = scheme;
  else delete root.dataset.scheme;
  sheet.media = { light: "not all", dark: "all" }[scheme] ?? asDevice;
}

export const chosen = () => kept("localStorage", CHOSEN) ?? "";

export function choose(scheme) {
  keep("localStorage", CHOSEN, scheme);
  paint(scheme);
}

paint(chosen());
