// Voices: each can be heard before it is chosen, and every slider once it is let go of.

import { hush, listen } from "../listen.js";
import { playFrom, showAgain, spoken } from "../playing.js";
import { filled } from "../words.js";

export function mount(root, app) {
  const words = JSON.parse(root.querySelector("[data-words]").textContent);
  const tune = root.querySelector("#tune");
  const value = (name) => Number(tune.elements[name].value);
  const speak = (button, body = {}) =>
    playFrom(button, spoken({ speech_rate: value("speech_rate"), speech_pitch: value("speech_pitch"), ...body }), {
      volume: value("tts_volume") / 100,
    });

  root.addEventListener("click", ({ target }) => {
    const button = target.closest(".play");
    if (button) speak(button, { voice_id: button.dataset.voice });
  });
  root.addEventListener("input", ({ target }) => {
    if (target.type === "range") target.closest(".slider").querySelector("output").textContent = shown(target, words);
  });
  root.addEventListener("change", ({ target }) => {
    if (target.id === "language") app.go(`/app/voices?lang=${target.value}`, { replace: true });
    else if (target.name === "gifts_volume") ring(root, target.value / 100);
    else if (target.type === "range") hear(root, speak);
  });
  root.addEventListener("freshened", showAgain);
  return () => hush();
}

/** Signed where it is more or less than the voice's own. */
function shown({ name, value }, words) {
  const sign = name.startsWith("speech_") && Number(value) > 0 ? "+" : "";
  return filled(words.percent, { value: `${sign}${value}` });
}

function hear(root, speak) {
  const button = root.querySelector(".speaking .play");
  hush();
  return speak(button, { voice_id: button.dataset.voice });
}

function ring(root, volume) {
  const { url } = root.querySelector("#gift").dataset;
  if (url) listen(url, { volume });
}
