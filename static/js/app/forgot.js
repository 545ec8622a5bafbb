// A forgotten password: digits from the bot, then a new one, which signs in.

import { call } from "./session.js";

/** `startsWith`: the username that was tried. */
export function offerReset(place, { entrance, enter, startsWith }) {
  const [ask, reset] = place.querySelectorAll("form");
  const name = ask.elements.username;
  place.addEventListener("toggle", () => {
    if (!place.open) return;
    name.value ||= startsWith();
    showBot(place.querySelector("#bot"));
  });
  entrance(ask, async (fields) => {
    await call("/auth/reset", fields);
    reset.hidden = false;
    reset.elements.code.focus();
  });
  entrance(reset, async (fields) => {
    await call("/auth/reset/confirm", { ...fields, username: name.value });
    await enter("/auth/login", { username: name.value, password: fields.new_password });
  });
}

/** Without an answer the words do without the link. */
async function showBot(link) {
  const { address } = await call("/auth/bot").catch(() => ({}));
  if (!address) return;
  link.href = address;
  link.hidden = false;
}
