// What Telegram opened the page with. Its script may come late or, where its host is blocked, never.

import * as scheme from "../scheme.js";

const app = () => window.Telegram?.WebApp;
const isInside = () => Boolean(app()?.initData);
let hooks = {};
let isBackShown = false;
let isClosingGuarded = false;

/** Empty outside of Telegram. Not waited for: the address holds it before the script is there. */
export function initData() {
  return new URLSearchParams(location.hash.slice(1)).get("tgWebAppData") || app()?.initData || "";
}

/** What must stay in the address until Telegram's script, which may come late, has read it. */
export const unread = () => (app() ? "" : location.hash);

/** Tells Telegram that there is something to see, takes on its light or dark, and calls `onInside` once its script is there. */
export function settle({ onBack, onReturn, onInside }) {
  hooks = { onBack, onReturn, onInside };
  if (app()) greet();
  else document.getElementById("telegram").addEventListener("load", greet);
}

function greet() {
  if (!isInside()) return;
  app().ready();
  app().expand();
  app().onEvent("themeChanged", paint);
  app().onEvent("activated", hooks.onReturn);
  app().BackButton?.onClick(hooks.onBack);
  paint();
  showBack(isBackShown);
  guardClosing(isClosingGuarded);
  hooks.onInside();
}

function paint() {
  scheme.paint(app().colorScheme);
}

export function showBack(isShown) {
  isBackShown = isShown;
  if (!isInside()) return;
  if (isShown) app().BackButton?.show();
  else app().BackButton?.hide();
}

export function close() {
  app().close();
}

/** `kind`: success, warning or error. */
export function haptic(kind) {
  if (isInside() && app().isVersionAtLeast?.("6.1")) app().HapticFeedback?.notificationOccurred(kind);
}

/** Asks before the window is closed by a swipe, while something is not saved. */
export function guardClosing(isDirty) {
  isClosingGuarded = isDirty;
  if (!isInside() || !app().isVersionAtLeast?.("6.2")) return;
  if (isDirty) app().enableClosingConfirmation();
  else app().disableClosingConfirmation();
}

/** Whether an invoice opens here; in a plain browser its link opens Telegram. */
export const canPay = () => isInside() && Boolean(app().isVersionAtLeast?.("6.1"));

/** Resolves to `paid`, `cancelled`, `failed` or `pending`; `opened` where Telegram itself was opened for it. */
export function pay(link) {
  if (!canPay()) {
    window.open(link, "_blank", "noopener");
    return Promise.resolve("opened");
  }
  return new Promise((resolve) => app().openInvoice(link, resolve));
}

/** A link of Telegram's own, such as a share. */
export function openLink(url) {
  if (isInside() && url.startsWith("https://t.me/")) app().openTelegramLink(url);
  else window.open(url, "_blank", "noopener");
}

/** While things are dragged a swipe must not close the window. */
export function holdStill(isHeld) {
  if (!isInside() || !app().isVersionAtLeast?.("7.7")) return;
  if (isHeld) app().disableVerticalSwipes();
  else app().enableVerticalSwipes();
}
