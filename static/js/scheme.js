// Light or dark: as Telegram says, else as chosen in the app on this device, else as the device is.

import { keep, kept } from "./keep.js";

const CHOSEN = "ttboost.scheme";
const root = document.documentElement;

/** What the page has for light or for dark alone, and when the device wants it. */
const parts = [...document.querySelectorAll("[media*=prefers-color-scheme]")].map((node) => [node, node.media]);

/** `light`, `dark`, or empty: as the device is. */
export function paint(scheme) {
  if (scheme) root.dataset.scheme = scheme;
  else delete root.dataset.scheme;
  for (const [node, media] of parts) node.media = scheme ? (media.includes(scheme) ? "all" : "not all") : media;
}

export const chosen = () => kept("localStorage", CHOSEN) ?? "";

export function choose(scheme) {
  keep("localStorage", CHOSEN, scheme);
  paint(scheme);
}

paint(chosen());
